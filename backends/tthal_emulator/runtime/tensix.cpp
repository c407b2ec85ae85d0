// DST sections and the dispatch of tile operations: SIMD for the formats it knows, the host for the rest.
#include "tthal/tensix.h"

#include "tthal/circular_buffers.h"
#include "tile_math.h"

namespace tthal::tensix {

Selection selection;

namespace {

Dst dst;
uint8_t dirty[DST_TILES];

// The sections between MATH and PACK (device-api.md §4, tile_regs_*): with half sync there are two, so MATH may own one
// while PACK owns the other; numbers count sections since the kernel began.
struct Sections {
    uint32_t acquired, committed, waited, released;
    bool math_owns() const { return acquired != committed; }
    bool pack_owns() const { return waited != released; }
} sections;

bool shared;  // between acquire_dst and release_dst

uint32_t section_count() { return processor().dst_full_sync ? 1 : 2; }
uint32_t section_tiles() { return DST_TILES / section_count(); }
uint32_t capacity() { return section_tiles() >> processor().fp32_dest; }

[[noreturn]] void dst_misuse(DstCall call) {
    misuse(Misuse::DST_STATE, static_cast<uint32_t>(call), sections.math_owns() | sections.pack_owns() << 1);
}

uint32_t slot(uint32_t section, uint32_t index) {
    if (index >= capacity()) misuse(Misuse::DST_INDEX, index, capacity());
    return section % section_count() * section_tiles() + index;
}

uint32_t math_slot(uint32_t index) {
    if (!sections.math_owns()) dst_misuse(DstCall::MATH);
    const uint32_t tile = slot(sections.committed, index);
    dirty[tile] = 1;
    return tile;
}

void clear(uint32_t tile) {
    __builtin_memset(dst.bits[tile], 0, sizeof dst.bits[tile]);
    __builtin_memset(dst.fresh[tile], 1, sizeof dst.fresh[tile]);
    dirty[tile] = 0;
}

void written(uint32_t tile) { __builtin_memset(dst.fresh[tile], 0, sizeof dst.fresh[tile]); }

const TileFormat& format_of(uint32_t cb) {
    circular_buffer(cb);
    const TileFormat& tile = processor().tiles[cb];
    if (tile.format == 0xFF) misuse(Misuse::TILE_FORMAT, cb, tile.format);
    return tile;
}

uint32_t front_tile(uint32_t cb, uint32_t index) {
    const LocalCBInterface& interface = circular_buffer(cb);
    return interface.fifo_rd_ptr + interface.fifo_page_size * index;
}

bool simd(const TileFormat& tile) {
    const bool full = tile.rows == TILE_ROWS && tile.columns == TILE_COLUMNS;
    return !processor().math_on_host && full && !tile.unpack_to_dest && simd_knows(tile.format);
}

void on_host(TileOperation operation, uint32_t a, uint32_t b, uint32_t c, uint32_t d = 0, uint32_t e = 0, uint32_t f = 0) {
    compiler_barrier();
    tthal_host_tile(static_cast<uint32_t>(operation), reinterpret_cast<uintptr_t>(&dst), a, b, c, d, e, f);
    compiler_barrier();
}

}  // namespace

void tile_regs_acquire() {
    if (sections.math_owns() || sections.acquired - sections.released >= section_count()) dst_misuse(DstCall::ACQUIRE);
    if (sections.acquired < section_count())
        for (uint32_t index = 0; index < section_tiles(); index++) clear(sections.acquired * section_tiles() + index);
    sections.acquired++;
}

void tile_regs_commit() {
    if (!sections.math_owns()) dst_misuse(DstCall::COMMIT);
    sections.committed++;
}

void tile_regs_wait() {
    if (sections.pack_owns() || sections.waited == sections.committed) dst_misuse(DstCall::WAIT);
    sections.waited++;
}

void tile_regs_release() {
    if (!sections.pack_owns()) dst_misuse(DstCall::RELEASE);
    const uint32_t first = sections.released % section_count() * section_tiles();
    for (uint32_t tile = first; tile < first + section_tiles(); tile++)
        if (dirty[tile]) clear(tile);
    sections.released++;
}

// MATH and PACK own the section together.
void acquire_dst() {
    tile_regs_acquire();
    shared = true;
}

void release_dst() {
    if (!shared) dst_misuse(DstCall::RELEASE);
    shared = false;
    sections.committed++;
    sections.waited++;
    tile_regs_release();
}

void select(const Selection& wanted) { selection = wanted; }

// Operations read the format of the circular buffer they are given; what is checked here is that it has one.
void configure(uint32_t srca_cb, uint32_t srcb_cb, uint32_t pack_cb) {
    configure_srca(srca_cb);
    configure_srcb(srcb_cb);
    configure_pack(pack_cb);
}
void configure_srca(uint32_t cb) { format_of(cb); }
void configure_srcb(uint32_t cb) { format_of(cb); }
void configure_pack(uint32_t cb) { format_of(cb); }

void copy_tile(uint32_t cb, uint32_t tile, uint32_t index) {
    const TileFormat& format = format_of(cb);
    const uint32_t address = front_tile(cb, tile), target = math_slot(index);
    if (!simd(format)) return on_host(TileOperation::COPY, cb, address, target);
    simd_copy(format.format, address, dst.bits[target]);
    written(target);
}

void binary_tiles(BinaryOperation operation, Broadcast broadcast, uint32_t cb0, uint32_t cb1, uint32_t tile0,
                  uint32_t tile1, uint32_t index, bool accumulate) {
    const TileFormat &format0 = format_of(cb0), &format1 = format_of(cb1);
    const uint32_t address0 = front_tile(cb0, tile0), address1 = front_tile(cb1, tile1), target = math_slot(index);
    if (!simd(format0) || !simd(format1) || broadcast != Broadcast::NONE) {
        const uint32_t flags = static_cast<uint32_t>(operation) |
                               static_cast<uint32_t>(broadcast) << BINARY_BROADCAST_SHIFT |
                               (accumulate ? BINARY_ACCUMULATE : 0);
        return on_host(TileOperation::BINARY, cb0, address0, cb1, address1, target, flags);
    }
    simd_binary(operation, format0.format, address0, format1.format, address1, dst.bits[target], accumulate);
    written(target);
}

void matmul_tiles(uint32_t cb0, uint32_t cb1, uint32_t tile0, uint32_t tile1, uint32_t index, bool transpose) {
    const TileFormat &format0 = format_of(cb0), &format1 = format_of(cb1);
    const uint32_t address0 = front_tile(cb0, tile0), address1 = front_tile(cb1, tile1), target = math_slot(index);
    if (!simd(format0) || !simd(format1))
        return on_host(TileOperation::MATMUL, cb0, address0, cb1, address1, target, transpose);
    simd_matmul(format0.format, address0, format1.format, address1, dst.bits[target], transpose);
    written(target);
}

void pack_tile(uint32_t index, uint32_t cb, bool out_of_order, uint32_t tile) {
    if (!sections.pack_owns() && !shared) dst_misuse(DstCall::PACK);
    const TileFormat& format = format_of(cb);
    LocalCBInterface& interface = circular_buffer(cb);
    const uint32_t source = slot(sections.released, index);
    uint32_t address = interface.fifo_wr_ptr;
    if (out_of_order) {
        address += interface.fifo_page_size * tile;
    } else {
        address += interface.fifo_wr_tile_ptr;
        interface.fifo_wr_tile_ptr += interface.fifo_page_size;
    }
    if (!simd(format)) return on_host(TileOperation::PACK, cb, address, source);
    simd_pack(format.format, dst.bits[source], address);
}

}  // namespace tthal::tensix
