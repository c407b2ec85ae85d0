"""Random kernels: calls and memory accesses as programs have them, with numbers that may be right, odd or absurd."""

from __future__ import annotations

import random

L1_SIZE = 1_499_136
_INTERESTING = (0, 1, 2, 3, 4, 16, 31, 32, 64, 255, 1024, 2048, 0x30000, 0x30010, 0x40000, L1_SIZE - 32, L1_SIZE,
                0x1C0000, 0x1F0000, 0x200000, 0x3FFFFF, 0x400000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0,
                0xFFFFFFFF)  # fmt: skip
_STATEMENTS = (
    "cb_reserve_back({c}, {s});", "cb_push_back({c}, {s});", "cb_wait_front({c}, {s});", "cb_pop_front({c}, {s});",
    "noc_async_read(get_noc_addr({x}, {x}, {n}), {n}, {n});", "noc_async_read(get_noc_addr({a}), {a}, {s} * 32);",
    "noc_async_write({n}, get_noc_addr({x}, {x}, {n}), {n});", "noc_async_write({a}, get_noc_addr({a}), {s} * 32);",
    "noc_async_read_barrier();", "noc_async_write_barrier();", "noc_async_writes_flushed();",
    "noc_async_atomic_barrier();",
    "noc_semaphore_inc(get_noc_addr({x}, {x}, {a}), {n});", "noc_semaphore_inc(get_noc_addr({n}), {s});",
    "noc_inline_dw_write(get_noc_addr({n}), {n});",
    "noc_async_write_multicast({a}, get_noc_multicast_addr({x}, {x}, {x}, {x}, {n}), {s} * 32, {s});",
    "*(volatile uint32_t*){n} = {n};", "sum += *(volatile uint32_t*){n};", "*(volatile uint8_t*){a} = sum;",
    "sum = sum / {n};", "sum += get_arg_val<uint32_t>({s});", "sum ^= get_common_arg_val<uint32_t>({s});",
    "DPRINT << sum << ' ' << {n} << ENDL();", "DPRINT << {n};",
    "for (volatile uint32_t i = 0; i < {n}; i = i + 1) sum += i;", "if (sum & 1) {{ {more} }}",
    "for (uint32_t i = 0; i < {s}; i++) {{ {more} }}", "while (sum != {n}) {{ sum++; {more} }}",
    "((void (*)()){n})();", "sum += deep({n});", "__builtin_memset((void*){n}, 1, {n});",
    "noc_semaphore_set((volatile uint32_t*){a}, {n});", "noc_semaphore_wait((volatile uint32_t*){a}, {s});",
)  # fmt: skip
_BEFORE = (
    "uint32_t deep(uint32_t n) { volatile uint32_t room[64]; room[n % 64] = n; return n ? deep(n - 1) + room[1] : 0; }"
)


class KernelMaker:
    """Makes kernels, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def number(self) -> str:
        """A number that means something somewhere, or one near to it, or any."""
        if self._chance.random() < 0.6:
            return f"{self._chance.choice((32, 64, 0x30000 + 32 * self._chance.randint(0, 4096)))}u"
        value = self._chance.choice(_INTERESTING)
        if self._chance.random() < 0.3:
            value += self._chance.randint(-4, 4)
        if self._chance.random() < 0.1:
            value = self._chance.getrandbits(32)
        return f"{value % 2**32}u"

    def statements(self, count: int, depth: int = 0) -> str:
        """So many statements, some with others inside."""
        return "\n".join(self._statement(depth) for _ in range(count))

    def _statement(self, depth: int) -> str:
        form = self._chance.choice(_STATEMENTS if depth < 3 else _STATEMENTS[:12])
        more = self.statements(self._chance.randint(1, 3), depth + 1) if "{more}" in form else ""
        while "{n}" in form:
            form = form.replace("{n}", self.number(), 1)
        while "{x}" in form:
            form = form.replace("{x}", str(self._chance.choice((0, 1, 2, 17, 18, 19, 20, 25, 63))), 1)
        small, place = self._chance.choice((0, 1, 2, 3, 40)), 0x30000 + 32 * self._chance.randint(0, 4096)
        text = form.replace("{s}", str(small)).replace("{c}", str(self._chance.choice((0, 0, 1, 5, 31, 32))))
        return text.replace("{a}", f"{place}u").replace("{{", "{").replace("}}", "}").replace("{more}", more)

    def kernel(self) -> str:
        """A whole kernel."""
        body = self.statements(self._chance.randint(2, 10))
        return f"{_BEFORE}\nvoid kernel_main() {{\nvolatile uint32_t sum = 1;\n{body}\n}}\n"
