// Moves the pages of large buffers between host memory and banks. What is written is not read again soon, so it bypasses
// the caches. Banks are read page by page: their equal addresses would drive each other out of a cache.
#include "compiled.h"

namespace {

typedef long long Vector __attribute__((vector_size(16), may_alias));

constexpr uint64_t GROUP = 16;  // pages of tiles that are put together on their way to the host, at most
constexpr uint64_t LINE = 64;   // bytes of a cache line
constexpr uint64_t AHEAD = 4;   // lines of a row that are fetched before their turn: processors follow few rows at once
#ifdef _WIN32
constexpr uint64_t STAGE = 1 << 11;  // a larger frame needs a function of the system's that is not linked
#else
constexpr uint64_t STAGE = 1 << 16;  // bytes of them
#endif

template <class Byte>
struct Runs {
    Byte* first;
    int64_t step;
};

// Moves runs, which are of `known` bytes if that is not 0. Streaming, it may fetch lines of what it reads before their turn.
template <uint64_t known, bool streams>
void move_runs(Runs<uint8_t> to, Runs<const uint8_t> from, uint64_t count, uint64_t size, bool fetch) {
    for (uint64_t i = 0; i < count; i++, to.first += to.step, from.first += from.step) {
        if (streams && fetch && reinterpret_cast<uintptr_t>(from.first) % LINE == 0)
            __builtin_prefetch(from.first + AHEAD * LINE);
        for (uint64_t at = 0; at < (known ? known : size); at += sizeof(Vector)) {
            const Vector vector = *reinterpret_cast<const Vector*>(from.first + at);
            Vector* const there = reinterpret_cast<Vector*>(to.first + at);
            if constexpr (streams) __builtin_nontemporal_store(vector, there);
            else *there = vector;
        }
    }
}

// The usual sizes of a row of a face are known when this is compiled.
template <bool streams>
auto mover_of(uint64_t size) {
    return size == 32 ? move_runs<32, streams> : size == 64 ? move_runs<64, streams> : move_runs<0, streams>;
}

struct Place {
    uint8_t* device;
    uint8_t* host;
};

inline Place place_of(const tthal_pages& pages, uint64_t page) {
    return {
        pages.banks[page % pages.bank_count] + page / pages.bank_count * pages.slot_step,
        pages.host + int64_t(page / pages.across) * pages.row_step + int64_t(page % pages.across) * pages.column_step};
}

// Calls what moves the runs of the innermost axis, for all of a page, with offsets in device memory and by steps elsewhere.
template <class Move>
inline void all_runs(const tthal_pages& pages, const int64_t (&step)[3], Move move) {
    uint64_t run = 0;
    for (uint64_t a = 0; a < pages.count[0]; a++)
        for (uint64_t b = 0; b < pages.count[1]; b++, run += pages.count[2] * pages.run)
            move(run, int64_t(a) * step[0] + int64_t(b) * step[1]);
}

// Whether pages beside each other are so in host memory too, row by row.
inline bool beside(const tthal_pages& pages) {
    return pages.column_step == int64_t(pages.count[1] * pages.run) &&
           (pages.count[1] == 1 || pages.step[1] == int64_t(pages.run));
}

void one_by_one(const tthal_pages& pages) {
    const bool fetch = pages.to_device && beside(pages) && pages.count[0] * pages.count[2] > 1;
    const auto stream = mover_of<true>(pages.run);
    const int64_t run_step = pages.run, host_step = pages.step[2];
    for (uint64_t page = pages.first; page < pages.last; page++) {
        const Place at = place_of(pages, page);
        all_runs(pages, pages.step, [&](uint64_t run, int64_t step) {
            uint8_t *const device = at.device + run, *const host = at.host + step;
            if (pages.to_device) stream({device, run_step}, {host, host_step}, pages.count[2], pages.run, fetch);
            else stream({host, host_step}, {device, run_step}, pages.count[2], pages.run, false);
        });
    }
}

// Pages of tiles to the host: those beside each other are put together first, so that whole rows of them go out.
void rows_to_host(const tthal_pages& pages, uint64_t group) {
    alignas(64) uint8_t stage[STAGE];
    const uint64_t line = pages.count[1] * pages.run, width = group * line, inner = pages.count[2];
    const int64_t step[3] = {int64_t(inner * width), int64_t(pages.run), int64_t(width)};
    const auto copy = mover_of<false>(pages.run), stream = mover_of<true>(0);
    for (uint64_t page = pages.first; page < pages.last;) {
        const uint64_t row_end = (page / pages.across + 1) * pages.across;
        uint64_t end = page + group < row_end ? page + group : row_end;
        if (end > pages.last) end = pages.last;
        for (uint64_t each = page; each < end; each++) {
            const uint8_t* const device = place_of(pages, each).device;
            uint8_t* const column = stage + (each - page) * line;
            all_runs(pages, step, [&](uint64_t run, int64_t at) {
                copy({column + at, step[2]}, {device + run, int64_t(pages.run)}, inner, pages.run, false);
            });
        }
        uint8_t* const host = place_of(pages, page).host;
        for (uint64_t a = 0; a < pages.count[0]; a++)
            stream({host + int64_t(a) * pages.step[0], pages.step[2]}, {stage + a * inner * width, step[2]}, inner,
                   (end - page) * line, false);
        page = end;
    }
}

}  // namespace

extern "C" void tthal_move_pages(const tthal_pages* given) {
    const tthal_pages pages = *given;  // what is written may be anything, but not this
    const uint64_t rows = pages.count[0] * pages.count[2], line = pages.count[1] * pages.run;
    const uint64_t room = STAGE / (rows * line), group = room < GROUP ? room : GROUP;
    if (!pages.to_device && beside(pages) && rows > 1 && group > 1) rows_to_host(pages, group);
    else one_by_one(pages);
#if defined(__x86_64__)
    __builtin_ia32_sfence();  // other threads see what bypassed the caches
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}
