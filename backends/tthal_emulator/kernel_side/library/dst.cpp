// DST sections between MATH and PACK (device-api.md §4, tile_regs_*).
#include "dst.h"

#include "tthal/border/noc_queue.h"

namespace tthal::tensix {

Dst dst;
bool in_pack_thread = false;

namespace {

uint8_t dirty[DST_TILES];
uint32_t reduced_slots;  // a bit each

// With half sync there are two sections, so MATH may own one while PACK owns the other; numbers count sections since the
// kernel began.
struct Sections {
    uint32_t acquired, committed, released;
    bool waited;  // by PACK for the section after the released ones
    bool math_owns() const { return acquired != committed; }
    bool pack_owns() const { return waited && committed != released; }
} sections;

bool shared;    // between acquire_dst and release_dst
bool products;  // the host may still be at matrix products of the section that MATH owns

uint32_t section_count() { return processor().dst_full_sync ? 1 : 2; }
uint32_t section_tiles() { return DST_TILES / section_count(); }

[[noreturn]] void dst_misuse(DstCall call) {
    misuse(Misuse::DST_STATE, static_cast<uint32_t>(call), sections.math_owns() | sections.pack_owns() << 1);
}

void announce_section(MonitorEvent event, DstCall call, uint32_t place) {
    if (is_announced(event))
        announce_often(event, place, static_cast<uint32_t>(call), reinterpret_cast<uintptr_t>(&dst), 0);
}

uint32_t slot(uint32_t section, uint32_t index, uint32_t count) {
    const uint32_t capacity = dst_capacity();
    if (index >= capacity || count > capacity - index) misuse(Misuse::DST_INDEX, index + count - 1, capacity);
    return section % section_count() * section_tiles() + index;
}

void finish_products() {
    if (!products) return;
    products = false;
    wait_until_changed(Wait::PRODUCTS, 0, 0);
}

void clear(uint32_t tile) {
    __builtin_memset(dst.bits[tile], 0, sizeof dst.bits[tile]);
    __builtin_memset(dst.fresh[tile], 1, sizeof dst.fresh[tile]);
    dirty[tile] = 0;
}

}  // namespace

uint32_t dst_capacity() { return section_tiles() >> processor().fp32_dest; }

uint32_t math_slot(uint32_t index, uint32_t count) {
    finish_products();
    return product_slot(index, count);
}

uint32_t product_slot(uint32_t index, uint32_t count) {
    if (!sections.math_owns()) dst_misuse(DstCall::MATH);
    const uint32_t first = slot(sections.committed, index, count);
    for (uint32_t tile = first; tile < first + count; tile++) dirty[tile] = 1;
    return first;
}

uint32_t pack_slot(uint32_t index, uint32_t count) {
    finish_products();
    if (!sections.pack_owns() && !shared) dst_misuse(DstCall::PACK);
    return slot(sections.released, index, count);
}

void multiply(uint32_t in0, uint32_t stride0, uint32_t in1, uint32_t stride1, uint32_t slot, uint32_t shape) {
    products = true;
    tthal_host_matmul(in0, stride0, in1, stride1, dst.bits[slot], shape);
}

void reduced(uint32_t tile) { reduced_slots |= 1u << tile; }

bool is_reduced(uint32_t tile) {
    const uint32_t first = tile / section_tiles() * section_tiles();
    return reduced_slots >> first & ((1u << section_tiles()) - 1);
}

void written(uint32_t tile) { __builtin_memset(dst.fresh[tile], 0, sizeof dst.fresh[tile]); }

void clear_dst() {
    finish_products();
    for (uint32_t tile = 0; tile < DST_TILES; tile++) clear(tile);
}

uint32_t* math_tile(uint32_t index) {
    if (in_pack_thread) return pack_thread_tile(index);
    const uint32_t tile = math_slot(index);
    written(tile);
    return dst.bits[tile];
}

const uint32_t* look_at_tile(uint32_t index) { return dst.bits[math_slot(index)]; }

// PACK's section is one that MATH has given away, so it is dirty already and cleared on release.
uint32_t* pack_thread_tile(uint32_t index) {
    const uint32_t tile = pack_slot(index);
    dirty[tile] = 1;
    written(tile);
    return dst.bits[tile];
}

uint32_t* math_section() {
    const uint32_t capacity = dst_capacity(), first = math_slot(0, capacity);
    for (uint32_t tile = first; tile < first + capacity; tile++) written(tile);
    return dst.bits[first];
}

uint32_t pack_section_row() {
    constexpr uint32_t ROWS_PER_TILE = TILE_ELEMENTS / 16;
    return sections.released % section_count() * section_tiles() * ROWS_PER_TILE;
}

void tile_regs_acquire(uint32_t place) {
    announce_section(MonitorEvent::DST_SECTION, DstCall::ACQUIRE, place);
    if (sections.math_owns() || sections.acquired - sections.released >= section_count()) dst_misuse(DstCall::ACQUIRE);
    reduced_slots &= ~(((1u << section_tiles()) - 1) << sections.acquired % section_count() * section_tiles());
    if (sections.acquired < section_count())
        for (uint32_t index = 0; index < section_tiles(); index++) clear(sections.acquired * section_tiles() + index);
    sections.acquired++;
}

void tile_regs_commit(uint32_t place) {
    announce_section(MonitorEvent::DST_HANDED, DstCall::COMMIT, place);
    if (!sections.math_owns()) dst_misuse(DstCall::COMMIT);
    finish_products();
    sections.committed++;
}

// PACK's wait is for a semaphore and takes nothing: kernels wait twice, or in the text before MATH commits, when PACK's
// thread would only wait longer. Here the section is PACK's from the commit on.
void tile_regs_wait(uint32_t place) {
    announce_section(MonitorEvent::DST_HANDED, DstCall::WAIT, place);
    if (sections.acquired == sections.released) dst_misuse(DstCall::WAIT);
    sections.waited = true;
}

void tile_regs_release(uint32_t place) {
    announce_section(MonitorEvent::DST_SECTION, DstCall::RELEASE, place);
    if (!sections.pack_owns()) dst_misuse(DstCall::RELEASE);
    const uint32_t first = sections.released % section_count() * section_tiles();
    for (uint32_t tile = first; tile < first + section_tiles(); tile++)
        if (dirty[tile]) clear(tile);
    sections.waited = false;
    sections.released++;
}

// MATH and PACK own the section together.
void acquire_dst(uint32_t place) {
    tile_regs_acquire(place);
    shared = true;
}

void release_dst(uint32_t place) {
    // Kernels call it behind tile_regs_release, too: on hardware both sides pass one more section, an empty one.
    if (!shared) {
        if (sections.math_owns() || sections.pack_owns()) dst_misuse(DstCall::RELEASE);
        tile_regs_acquire(place);
    }
    shared = false;
    tile_regs_commit(place);
    tile_regs_wait(place);
    tile_regs_release(place);
}

}  // namespace tthal::tensix
