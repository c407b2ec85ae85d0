"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg", CELL = 46;
const COLORS = { "issues commands": "#3b6fb6", "own instructions": "#7a9ccf", "computes": "#2f8f5b",
  "waits for the NoC to take a command": "#b58a2b", "waits for reads": "#d2a03a", "waits for writes": "#e0bd6c",
  "waits for pages": "#b5483f", "waits for space": "#d27a6a", "waits for a semaphore": "#8a4a8f",
  "waits for another engine": "#b39ab8" };
const VIEWS = {
  busy: ["busy", "busiest processor of each core at work, share of the launch"],
  waiting: ["waiting", "processor of each core that waits most for others, share of the launch"],
  noc0: ["NoC 0", "time each link carried flits: right and down"],
  noc1: ["NoC 1", "time each link carried flits: left and up"],
  dram: ["DRAM", "time each bank was at work"],
};
const byId = (id) => document.getElementById(id);
const percent = (share) => (100 * share).toFixed(share < 0.1 ? 1 : 0) + " %";
const state = { launch: data.launches.length ? data.launches.reduce((a, b) => (b.cycles > a.cycles ? b : a)) : null,
  view: "busy" };

function element(name, attributes, parent, text) {
  const made = name === "svg" || parent instanceof SVGElement ? document.createElementNS(SVG, name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

// From pale to dark, one way: readable without telling red from green.
function color(share) {
  const t = Math.min(1, Math.max(0, share)), mix = (from, to) => Math.round(from + (to - from) * t);
  return `rgb(${mix(222, 150)},${mix(231, 30)},${mix(243, 50)})`;
}

function clear(...ids) { for (const id of ids) byId(id).replaceChildren(); }

function part(shape, attributes, share, title, show) {
  const made = element(shape, { class: "part", tabindex: 0, "data-share": share, ...attributes }, byId("map"));
  element("title", {}, made, title);
  const choose = () => {
    for (const other of document.querySelectorAll(".chosen")) other.classList.remove("chosen");
    made.classList.add("chosen");
    clear("detail");
    show(byId("detail"));
  };
  made.addEventListener("click", choose);
  made.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(); });
}

function bar(parent, spent) {
  const made = element("div", { class: "bar" }, parent);
  for (const [cause, share] of Object.entries(spent))
    element("span", { style: `width:${100 * share}%;background:${COLORS[cause]}`, title: `${cause} ${percent(share)}` }, made);
}

function label(x, y, text, share) {
  element("text", { x: (x + 0.5) * CELL, y: (y + 0.5) * CELL, class: share > 0.55 ? "on" : "" }, byId("map"), text);
}

function drawCores(launch, what) {
  byId("map").setAttribute("viewBox", `0 0 ${launch.grid[0] * CELL} ${launch.grid[1] * CELL}`);
  for (let y = 0; y < launch.grid[1]; y++)
    for (let x = 0; x < launch.grid[0]; x++)
      element("rect", { class: "node", x: x * CELL + 1, y: y * CELL + 1, width: CELL - 2, height: CELL - 2, rx: 5 }, byId("map"));
  for (const core of launch.cores) {
    const share = Math.max(...core.threads.map((thread) => thread[what]));
    const box = { x: core.x * CELL + 1, y: core.y * CELL + 1, width: CELL - 2, height: CELL - 2, rx: 5, fill: color(share) };
    part("rect", box, share, `core (${core.x},${core.y}) ${percent(share)}`, (aside) => {
      element("h2", {}, aside, `core (${core.x},${core.y})`);
      for (const thread of core.threads) {
        element("div", {}, aside, `${thread.label} ${thread.kernel}: at work ${percent(thread.busy)}, waits ${percent(thread.waiting)}`);
        bar(aside, thread.spent);
        const sent = thread.sent ? `${thread.sent.toLocaleString("en")} bytes; ` : "";
        element("div", {}, aside, `${sent}ends at cycle ${thread.finish.toLocaleString("en")}${thread.line ? "; longest: " + thread.line : ""}`);
      }
    });
    label(core.x, core.y, Math.round(100 * share), share);
  }
}

function drawTorus(launch) {
  const [width, height] = launch.torus;
  byId("map").setAttribute("viewBox", `0 0 ${width * CELL} ${height * CELL}`);
  const cores = new Map(launch.nodes.map(([x, y, a, b]) => [x + y * width, `${a},${b}`]));
  const banks = new Map();
  launch.banks.forEach((bank, index) => banks.set(bank.x + bank.y * width, `D${index}`));
  for (let node = 0; node < width * height; node++) {
    const x = node % width, y = Math.floor(node / width), name = cores.get(node) ?? banks.get(node);
    element("rect", { class: "node", x: (x + 0.25) * CELL, y: (y + 0.25) * CELL, width: CELL / 2, height: CELL / 2, rx: 4 }, byId("map"));
    if (name !== undefined) label(x, y, name, 0);
  }
}

function drawLinks(launch, noc) {
  drawTorus(launch);
  const [width] = launch.torus, step = noc === 0 ? 1 : -1;
  for (const side of [0, 1])
    launch.links[noc][side].forEach((share, node) => {
      if (!share) return;
      const x = node % width + 0.5, y = Math.floor(node / width) + 0.5, shift = noc === 0 ? -0.12 : 0.12;
      const from = side === 0 ? [x + 0.25 * step, y + shift] : [x + shift, y + 0.25 * step];
      const to = side === 0 ? [x + 0.75 * step, y + shift] : [x + shift, y + 0.75 * step];
      const line = { x1: from[0] * CELL, y1: from[1] * CELL, x2: to[0] * CELL, y2: to[1] * CELL,
        style: `stroke:${color(share)};stroke-width:${2 + 7 * share}` };
      const name = `NoC ${noc}, link from (${node % width},${Math.floor(node / width)}) along ${side === 0 ? "x" : "y"}`;
      part("line", line, share, `${name} ${percent(share)}`, (aside) => {
        element("h2", {}, aside, name);
        element("div", {}, aside, `carries flits ${percent(share)} of the time (coordinates of NoC 0)`);
      });
    });
}

function drawBanks(launch) {
  drawTorus(launch);
  launch.banks.forEach((bank, index) => {
    const box = { x: (bank.x + 0.08) * CELL, y: (bank.y + 0.08) * CELL, width: CELL * 0.84, height: CELL * 0.84, rx: 5, fill: color(bank.busy) };
    part("rect", box, bank.busy, `bank ${index} ${percent(bank.busy)}`, (aside) => {
      element("h2", {}, aside, `DRAM bank ${index}`);
      element("div", {}, aside, `at work ${percent(bank.busy)}; ${bank.read.toLocaleString("en")} bytes read, ${bank.written.toLocaleString("en")} written`);
    });
    label(bank.x, bank.y, `D${index}`, bank.busy);
  });
}

function drawTable(launch) {
  const table = byId("kernels"), head = element("tr", {}, element("thead", {}, table));
  for (const title of ["kernel", "on", "cores", "spends its time", "bytes", "of limit", "tiles", "cycles each", "ideal"])
    element("th", {}, head, title);
  const body = element("tbody", {}, table);
  for (const row of launch.rows) {
    const line = element("tr", {}, body), number = (value) => (value ? value.toLocaleString("en") : "");
    element("td", {}, line, row.kernel);
    element("td", {}, line, row.label);
    element("td", {}, line, row.cores);
    bar(element("td", {}, line), row.spent);
    for (const text of [number(row.sent), row.sent ? percent(row.limit) : "", number(row.tiles), number(row.each), number(row.ideal)])
      element("td", {}, line, text);
  }
}

function drawLegend() {
  const legend = byId("legend");
  legend.append(VIEWS[state.view][1] + ": 0 % ");
  for (let share = 0; share <= 1; share += 0.125) element("span", { style: `background:${color(share)}` }, legend);
  legend.append(" 100 %");
}

function draw() {
  clear("map", "legend", "kernels", "notes", "detail");
  const launch = state.launch;
  if (!launch) return void (byId("bound").textContent = "No launch was profiled.");
  byId("detail").textContent = "Click a core, a link or a bank.";
  byId("bound").textContent = `${launch.time} = ${launch.cycles.toLocaleString("en")} cycles, bound by ${launch.bound}`;
  for (const button of byId("views").children) button.setAttribute("aria-selected", button.dataset.view === state.view);
  if (state.view === "busy" || state.view === "waiting") drawCores(launch, state.view);
  else if (state.view === "dram") drawBanks(launch);
  else drawLinks(launch, state.view === "noc0" ? 0 : 1);
  drawLegend();
  drawTable(launch);
  for (const note of launch.notes) element("li", {}, byId("notes"), note);
}

byId("sum").textContent = `device time ${data.total} in ${data.count} launch${data.count === 1 ? "" : "es"}, modelled`;
for (const launch of data.launches) {
  const option = element("option", { value: launch.number }, byId("launch"), `${launch.number}: ${launch.time} ${launch.name}`);
  option.selected = launch === state.launch;
}
byId("launch").addEventListener("change", (event) => {
  state.launch = data.launches.find((launch) => String(launch.number) === event.target.value);
  draw();
});
for (const [view, [name]] of Object.entries(VIEWS)) {
  const button = element("button", { role: "tab", "data-view": view }, byId("views"), name);
  button.addEventListener("click", () => { state.view = view; draw(); });
}
draw();
