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

inline void stream(uint8_t* to, const uint8_t* from, uint64_t size) {
    for (uint64_t at = 0; at < size; at += sizeof(Vector))
        __builtin_nontemporal_store(*reinterpret_cast<const Vector*>(from + at), reinterpret_cast<Vector*>(to + at));
}

inline void copy(uint8_t* to, const uint8_t* from, uint64_t size) {
    for (uint64_t at = 0; at < size; at += sizeof(Vector))
        *reinterpret_cast<Vector*>(to + at) = *reinterpret_cast<const Vector*>(from + at);
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

// Calls what moves a run for all runs of a page, with the offsets of the run in device memory and by steps elsewhere.
template <class Move>
inline void every_run(const tthal_pages& pages, const int64_t (&step)[3], Move move) {
    uint64_t run = 0;
    for (uint64_t a = 0; a < pages.count[0]; a++)
        for (uint64_t b = 0; b < pages.count[1]; b++)
            for (uint64_t c = 0; c < pages.count[2]; c++, run += pages.run)
                move(run, int64_t(a) * step[0] + int64_t(b) * step[1] + int64_t(c) * step[2]);
}

// Whether pages beside each other are so in host memory too, row by row.
inline bool beside(const tthal_pages& pages) {
    return pages.column_step == int64_t(pages.count[1] * pages.run) &&
           (pages.count[1] == 1 || pages.step[1] == int64_t(pages.run));
}

template <class Size>
void one_by_one(const tthal_pages& pages, Size size) {
    const bool fetch = pages.to_device && beside(pages) && pages.count[0] * pages.count[2] > 1;
    for (uint64_t page = pages.first; page < pages.last; page++) {
        const Place at = place_of(pages, page);
        every_run(pages, pages.step, [&](uint64_t run, int64_t step) {
            uint8_t* const device = at.device + run;
            uint8_t* const host = at.host + step;
            if (fetch && step % LINE == 0) __builtin_prefetch(host + AHEAD * LINE);
            if (pages.to_device) stream(device, host, size(pages));
            else stream(host, device, size(pages));
        });
    }
}

// Pages of tiles to the host: those beside each other are put together first, so that whole rows of them go out.
template <class Size>
void rows_to_host(const tthal_pages& pages, Size size, uint64_t group) {
    alignas(64) uint8_t stage[STAGE];
    const uint64_t line = pages.count[1] * pages.run, width = group * line;
    const int64_t step[3] = {int64_t(pages.count[2] * width), int64_t(pages.run), int64_t(width)};
    for (uint64_t page = pages.first; page < pages.last;) {
        const uint64_t row_end = (page / pages.across + 1) * pages.across;
        uint64_t end = page + group < row_end ? page + group : row_end;
        if (end > pages.last) end = pages.last;
        for (uint64_t each = page; each < end; each++) {
            const uint8_t* const device = place_of(pages, each).device;
            uint8_t* const column = stage + (each - page) * line;
            every_run(pages, step, [&](uint64_t run, int64_t at) { copy(column + at, device + run, size(pages)); });
        }
        uint8_t* const host = place_of(pages, page).host;
        for (uint64_t a = 0; a < pages.count[0]; a++)
            for (uint64_t c = 0; c < pages.count[2]; c++)
                stream(host + int64_t(a) * pages.step[0] + int64_t(c) * pages.step[2],
                       stage + (a * pages.count[2] + c) * width, (end - page) * line);
        page = end;
    }
}

template <class Size>
void move(const tthal_pages& given, Size size) {
    const tthal_pages pages = given;  // what is written may be anything, but not this
    const uint64_t rows = pages.count[0] * pages.count[2], line = pages.count[1] * pages.run;
    const uint64_t room = STAGE / (rows * line), group = room < GROUP ? room : GROUP;
    if (!pages.to_device && beside(pages) && rows > 1 && group > 1) return rows_to_host(pages, size, group);
    one_by_one(pages, size);
}

}  // namespace

extern "C" void tthal_move_pages(const tthal_pages* pages) {
    // The usual sizes of a row of a face are known when this is compiled.
    if (pages->run == 32) move(*pages, [](const tthal_pages&) { return uint64_t(32); });
    else if (pages->run == 64) move(*pages, [](const tthal_pages&) { return uint64_t(64); });
    else move(*pages, [](const tthal_pages& each) { return each.run; });
#if defined(__x86_64__)
    __builtin_ia32_sfence();  // other threads see what bypassed the caches
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}
