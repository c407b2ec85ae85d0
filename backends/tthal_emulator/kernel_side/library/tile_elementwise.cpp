// Elementwise operations of the FPU, on two tiles or on one and DST.
#include "units.h"

namespace tthal::tensix {

alignas(16) uint32_t operand_a[TILE_ELEMENTS], operand_b[TILE_ELEMENTS];

namespace {

// What is kept of the operands when they are unpacked.
struct Masks {
    uint32_t a, b;
};

Masks masks_for(BinaryOperation operation) {
    if (is_exact() || operation != BinaryOperation::MUL) return {~0u, ~0u};
    const Passes passes = passes_of(processor().math_fidelity);
    return {passes.mask_a(), passes.mask_b()};
}

void simd_binary(BinaryOperation operation, Arithmetic combine, Broadcast broadcast, uint32_t row, const Tile& a,
                 const Tile& b, uint32_t* dst, bool accumulate, bool fresh) {
    const Masks mask = masks_for(operation);
    unpack_operand(a.format, a.address, operand_a, mask.a);
    unpack_operand(b.format, b.address, operand_b, mask.b);
    simd_spread(broadcast, row, operand_b);
    combine(operation, dst, accumulate, fresh);
}

// On its way to SrcA or SrcB, DST is cut to the format that SrcA is set up for (numerics.md §4.8).
bool moves_tf32(uint32_t cb) {
    const uint8_t srca = set_up[static_cast<uint32_t>(FormatUnit::SRC_A)];
    return processor().fp32_dest && (srca == NOT_CONFIGURED ? hardware_format(cb) : srca) == FLOAT32;
}

void simd_reuse_dest(BinaryOperation operation, Arithmetic combine, ReuseDest reuse, const Tile& tile, bool wide,
                     uint32_t* dst) {
    const bool dst_to_srcb = reuse == ReuseDest::DEST_TO_SRCB;
    const Masks mask = masks_for(operation);
    uint32_t *from_dst = dst_to_srcb ? operand_b : operand_a, *from_l1 = dst_to_srcb ? operand_a : operand_b;
    const v128_t kept = splat((wide ? TF32 : BFLOAT16) & (dst_to_srcb ? mask.b : mask.a));
    unpack_operand(tile.format, tile.address, from_l1, dst_to_srcb ? mask.a : mask.b);
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        wasm_v128_store(from_dst + i, wasm_v128_and(flush_denormals(wasm_v128_load(dst + i)), kept));
        wasm_v128_store(dst + i, splat(0));
    }
    combine(operation, dst, false, true);
}

}  // namespace

void binary_tiles(BinaryOperation operation, Arithmetic combine, Broadcast broadcast, uint32_t cb0, uint32_t cb1,
                  uint32_t tile0, uint32_t tile1, uint32_t index, bool accumulate, uint32_t row, uint32_t place) {
    require(FormatUnit::SRC_A, cb0);
    require(FormatUnit::SRC_B, cb1);
    const uint32_t address0 = front_tile_address(cb0, tile0), address1 = front_tile_address(cb1, tile1),
                   target = math_slot(index);
    needs(set_up_for(SetUp::BINARY, operation, broadcast), place);
    announce_operand(TileOperation::BINARY, place, cb0, address0, index);
    announce_operand(TileOperation::BINARY, place, cb1, address1, index);
    if (!unpacks(cb0) || !unpacks(cb1) || row >= TILE_ROWS)
        return host_binary(cb0, address0, cb1, address1, target, {operation, broadcast, accumulate, row});
    simd_binary(operation, combine, broadcast, row, tile_at(cb0, address0), tile_at(cb1, address1), dst.bits[target],
                accumulate, is_fresh(target));
    written(target);
}

void reuse_dest(BinaryOperation operation, Arithmetic combine, ReuseDest reuse, uint32_t cb, uint32_t tile,
                uint32_t index, uint32_t place) {
    require_either(cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    needs(set_up_for(SetUp::REUSE_DEST, operation, reuse), place);
    announce_operand(TileOperation::BINARY_REUSE_DEST, place, cb, address, index);
    if (!unpacks(cb)) return host_binary_reuse_dest(cb, address, target, operation, reuse, moves_tf32(cb));
    simd_reuse_dest(operation, combine, reuse, tile_at(cb, address), moves_tf32(cb), dst.bits[target]);
    written(target);
}

}  // namespace tthal::tensix
