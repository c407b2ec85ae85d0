// The state that init calls leave behind: selection, packer, and the formats that the units are set up for.
#include "units.h"

namespace tthal::tensix {

Selection selection{.set_up = set_up_for(SetUp::NONE)};
Packer packer;
uint8_t started = 0;
SetUp unpacker = SetUp::NONE;
uint8_t set_up[3] = {NOT_CONFIGURED, NOT_CONFIGURED, NOT_CONFIGURED};

namespace {

// A card sets the unit up for whatever its tables hold of a buffer that is not there: no operand of an operation fits it.
void configure_unit(FormatUnit unit, uint32_t cb) {
    const bool there = cb < MAX_CIRCULAR_BUFFERS && processor().circular_buffers[cb].fifo_num_pages != 0;
    set_up[static_cast<uint32_t>(unit)] = there ? hardware_format(cb) : NO_BUFFERS_FORMAT;
    if (is_announced(MonitorEvent::FORMAT_SET)) announce(MonitorEvent::FORMAT_SET, 0, static_cast<uint32_t>(unit));
}

}  // namespace

void select(const Selection& wanted) {
    selection = wanted;
    if (is_announced(MonitorEvent::SET_UP)) announce(MonitorEvent::SET_UP, 0, 0, 0, wanted.set_up);
}

void configure(uint32_t srca_cb, uint32_t srcb_cb, uint32_t pack_cb) {
    if (is_announced(MonitorEvent::SET_UP)) announce(MonitorEvent::SET_UP, 0, 0, 0, set_up_for(SetUp::STARTUP));
    start_unpack(srca_cb, srcb_cb);
    start_pack(pack_cb);
    packer.set_up = 0;
}
void start_unpack(uint32_t srca_cb, uint32_t srcb_cb) {
    started |= UNPACK_STARTED;
    unpacker = SetUp::NONE;
    configure_srca(srca_cb);
    configure_srcb(srcb_cb);
}
void start_pack(uint32_t cb) {
    started |= PACK_STARTED;
    mask_reductions(EdgeMask::NONE);
    configure_pack(cb);
}
void configure_srca(uint32_t cb) { configure_unit(FormatUnit::SRC_A, cb); }
void configure_srcb(uint32_t cb) { configure_unit(FormatUnit::SRC_B, cb); }
void configure_pack(uint32_t cb) { configure_unit(FormatUnit::PACKER, cb); }
bool same_format(uint32_t cb, uint32_t other) { return hardware_format(cb) == hardware_format(other); }

bool dst_holds_float16() {
    return !processor().fp32_dest && has_five_bit_exponent(set_up[static_cast<uint32_t>(FormatUnit::SRC_A)]);
}

}  // namespace tthal::tensix
