// How packets move; see network.h.
#include "network.h"

namespace timing {
namespace {

// Of every link: requests and replies never wait for each other, and neither do those before and behind the date line.
constexpr uint32_t CHANNELS_OF_LINK = 4;
enum Direction : uint32_t { X, Y, OUT, IN };

constexpr double HELD = 1e300;

bool is_reply(Load load) { return load == Load::READ_DATA || load == Load::ACKNOWLEDGEMENT; }

uint32_t head_event(const Packet& packet) {
    return HEAD | static_cast<uint32_t>(packet.way[packet.taken]) << WHAT_BITS;
}

}  // namespace

Network::Network(Job& job, Agenda& agenda)
    : job(job),
      chip(*job.chip),
      agenda(agenda),
      nodes(chip.width * chip.height),
      packets(job),
      unused(job),
      channels(job),
      places(job),
      links(job) {
    for (uint32_t i = 0; i < nodes; i++) places.push({i % chip.width, i / chip.width});
    for (uint32_t i = 0; i < 2 * 4 * nodes; i++) links.push({0, 0});
    for (uint32_t i = 0; i < 2 * 4 * nodes * CHANNELS_OF_LINK; i++)
        channels.push({0, NONE, NONE});
}

// NoC 0 goes right and down, NoC 1 left and up.
uint32_t Network::hops(uint32_t noc, uint32_t from, uint32_t to) const {
    const uint32_t w = chip.width, h = chip.height;
    const Place a = places.items[from], b = places.items[to];
    const uint32_t x = b.x >= a.x ? b.x - a.x : b.x + w - a.x, y = b.y >= a.y ? b.y - a.y : b.y + h - a.y;
    return noc == 0 ? x + y : (w - x) % w + (h - y) % h;
}

// What a head will ask for soon.
void Network::foresee(const Event& event) const {
    __builtin_prefetch(&packets.items[event.index]);
    __builtin_prefetch(&channels.items[event.what >> WHAT_BITS]);
}

void Network::announce(double start, double next, const Packet& packet, uint32_t index, double time) {
    if (start > time) agenda.add(next, head_event(packet), index);
    else agenda.add_head(next, head_event(packet), index);
}

void Network::hand_over() const {
    for (size_t i = 0; job.link_flits && i < links.size; i++) job.link_flits[i] = links.items[i].flits;
}

// A packet to be filled in, or NONE.
uint32_t Network::make() {
    if (unused.size) return unused[--unused.size];
    return packets.push({}) ? static_cast<uint32_t>(packets.size - 1) : NONE;
}

// Channels along a ring until the packet is in its column or row. Behind the date line it takes others.
uint16_t* Network::along(uint16_t* way, const Packet& packet, uint32_t direction, uint32_t& at) const {
    const uint32_t size = direction == X ? chip.width : chip.height, step = direction == X ? 1 : chip.width;
    const Place here = places.items[at], there = places.items[packet.to];
    const uint32_t from = direction == X ? here.x : here.y, to = direction == X ? there.x : there.y;
    const bool is_up = packet.noc == 0;
    const uint32_t hops = ((is_up ? to - from : from - to) + size) % size, before = is_up ? size - 1 - from : from;
    const uint32_t stride = is_up ? step : 0 - step, whole = is_up ? size * step : 0 - size * step;
    uint32_t node = at, shared = is_reply(packet.load) ? 2 : 0;
    for (uint32_t hop = 0; hop < hops; hop++) {
        *way++ = static_cast<uint16_t>(link(packet.noc, node, direction) * CHANNELS_OF_LINK + shared);
        node += stride;
        if (hop != before) continue;
        node -= whole;
        shared |= 1;
    }
    at = node;
    return way;
}

// A packet sets out from its node: along x and y, on NoC 1 along y and x.
void Network::send(uint32_t index, double time) {
    Packet& packet = packets[index];
    const uint32_t reply = is_reply(packet.load) ? 2 : 0;
    uint32_t at = packet.from;
    uint16_t* way = packet.way;
    *way++ = static_cast<uint16_t>(link(packet.noc, at, OUT) * CHANNELS_OF_LINK + reply);
    way = along(way, packet, packet.noc == 0 ? X : Y, at);
    way = along(way, packet, packet.noc == 0 ? Y : X, at);
    *way++ = static_cast<uint16_t>(link(packet.noc, at, IN) * CHANNELS_OF_LINK + reply);
    packet.hops = static_cast<uint32_t>(way - packet.way);
    packet.taken = packet.held = 0;
    while (packet.held < packet.hops && packet.flits > (packet.held + 1) * chip.buffer_flits) packet.held++;
    head(index, packet.way[0], time);
}

// Moves heads as long as nothing else is to happen before them. Most are on their way and find nobody there: the same
// as `head`, without what cannot be.
void Network::move_heads() {
    Line& line = agenda.heads;
    for (; agenda.head_is_next(); job.events++) {
        const Event event = line.first();
        line.drop();
        foresee(line.ahead(2));
        Packet& packet = packets[event.index];
        const uint32_t which = event.what >> WHAT_BITS;
        Channel& channel = channels[which];
        const double time = event.time;
        job.time = time;
        if ((channel.first != NONE) | !(channel.until <= time) | (packet.taken + 1 == packet.hops)) {
            head(event.index, which, time);
            continue;
        }
        Link& link = links[which / CHANNELS_OF_LINK];
        const uint32_t hop = packet.taken++;
        const double start = later(time, link.free), tail = start + packet.flits;
        link.free = tail;
        link.flits += packet.flits;
        announce(start, start + chip.hop, packet, event.index, time);
        if (packet.held == 0) {
            channel.until = tail;
        } else {
            channel.until = HELD;
            packet.start[hop] = start;
            if (hop >= packet.held) let_go(packet, hop - packet.held, tail);
        }
    }
}

// The packet's head is ready for its next channel.
void Network::head(uint32_t index, uint32_t channel, double time) {
    const Channel& wanted = channels[channel];
    if (wanted.first == NONE && wanted.until <= time) grant(index, channel, time);
    else wait(index, channel);
}

void Network::wait(uint32_t index, uint32_t channel) {
    Channel& wanted = channels[channel];
    packets[index].next = NONE;
    packets[index].is_late = 1;
    if (wanted.first != NONE) {
        packets[wanted.last].next = index;
        wanted.last = index;
    } else {
        wanted.first = wanted.last = index;
        if (wanted.until < HELD) agenda.add(wanted.until, RELEASE, channel);
    }
}

// The head goes over a link as soon as no other packet's flits do; the rest follows.
void Network::grant(uint32_t index, uint32_t channel, double time) {
    Packet& packet = packets[index];
    if (packet.taken == 0) return leave(index, packet, channel, time);
    if (packet.taken + 1 == packet.hops) return enter(index, packet, channel, time);
    const double start = take(packet, channel, packet.flits, time);
    announce(start, start + chip.hop, packet, index, time);
    if (packet.taken > packet.held) let_go(packet, packet.taken - packet.held - 1, start + packet.flits);
}

double Network::take(Packet& packet, uint32_t channel, double length, double time) {
    Link& link = links[channel / CHANNELS_OF_LINK];
    const double start = later(time, link.free);
    link.free = start + length;
    link.flits += length;
    channels[channel].until = HELD;
    packet.start[packet.taken++] = start;
    return start;
}

void Network::leave(uint32_t index, Packet& packet, uint32_t channel, double time) {
    const double start = take(packet, channel, packet.absorb, time);
    if (!is_reply(packet.load)) {
        if (start > time || packet.is_late) agenda.add(start, THREAD, packet.owner);
        else packet.is_taken = 1;
    }
    agenda.add(start + chip.niu, head_event(packet), index);
    if (packet.held == 0) let_go(packet, 0, start + packet.absorb);
}

void Network::enter(uint32_t index, Packet& packet, uint32_t channel, double time) {
    const double start = take(packet, channel, packet.absorb, time);
    agenda.add(start + packet.absorb + chip.niu, ARRIVED, index);
    const uint32_t still = packet.taken > packet.held + 1 ? packet.taken - packet.held - 1 : 0;
    for (uint32_t hop = still; hop < packet.taken; hop++) let_go(packet, hop, start + packet.absorb);
}

// The last flit is past a channel of the packet's way: one that routers before its head have room for, or at its end.
void Network::let_go(const Packet& packet, uint32_t hop, double tail) {
    const uint32_t behind = packet.taken - 1 - hop, which = packet.way[hop];
    Channel& channel = channels[which];
    channel.until = later(packet.start[hop] + packet.flits, tail - behind * chip.hop);
    if (channel.first != NONE) agenda.add(channel.until, RELEASE, which);
}

void Network::release(uint32_t channel, double time) {
    Channel& freed = channels[channel];
    const uint32_t index = freed.first;
    freed.first = packets[index].next;
    if (freed.first == NONE) freed.last = NONE;
    grant(index, channel, time);
}

}  // namespace timing
