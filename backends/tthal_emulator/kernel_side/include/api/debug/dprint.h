// Printing from kernels, in both of its forms: DPRINT << value << ENDL(), and DPRINT("{}\n", value).
#pragma once

#include "tthal/common.h"
#include "tthal/border/print_records.h"

#define DPRINT ::tthal::Printer()
#define DEVICE_PRINT ::tthal::Printer()

// Only on one processor; the three compute processors are one here. The argument may also be an expression that prints, or
// statements: the kernel's text is changed to TTHAL_STATEMENTS_… then (program/source/kernel_text.py).
namespace tthal {
inline void print_one_of(Printer&) {}
inline void print_one_of() {}
template <typename... Values>
inline void print_one_of(FormatWithOnePlaceholderPerValue<std::type_identity_t<Values>...> format,
                         const Values&... values) {
    Printer()(format, values...);
}
}  // namespace tthal

#define TTHAL_NO_PRINT(...) static_cast<void>(0)

#if PROCESSOR_INDEX == 2
#define DPRINT_UNPACK(...) ::tthal::print_one_of(__VA_ARGS__)
#define TTHAL_STATEMENTS_UNPACK(...) __VA_ARGS__
#define DPRINT_MATH(...) ::tthal::print_one_of(__VA_ARGS__)
#define TTHAL_STATEMENTS_MATH(...) __VA_ARGS__
#define DPRINT_PACK(...) ::tthal::print_one_of(__VA_ARGS__)
#define TTHAL_STATEMENTS_PACK(...) __VA_ARGS__
#else
#define DPRINT_UNPACK TTHAL_NO_PRINT
#define TTHAL_STATEMENTS_UNPACK(...)
#define DPRINT_MATH TTHAL_NO_PRINT
#define TTHAL_STATEMENTS_MATH(...)
#define DPRINT_PACK TTHAL_NO_PRINT
#define TTHAL_STATEMENTS_PACK(...)
#endif

// Which of the two that move data this is, is known where a kernel prints: they share a precompiled prelude.
#define TTHAL_CHOOSE(name, index) TTHAL_CHOOSE_OF(name, index)
#define TTHAL_CHOOSE_OF(name, index) TTHAL_##name##_##index
#define TTHAL_PRINT_0_0(...) ::tthal::print_one_of(__VA_ARGS__)
#define TTHAL_PRINT_0_1(...) TTHAL_NO_PRINT()
#define TTHAL_PRINT_0_2(...) TTHAL_NO_PRINT()
#define TTHAL_PRINT_1_0(...) TTHAL_NO_PRINT()
#define TTHAL_PRINT_1_1(...) ::tthal::print_one_of(__VA_ARGS__)
#define TTHAL_PRINT_1_2(...) TTHAL_NO_PRINT()
#define TTHAL_WHOLE_0_0(...) __VA_ARGS__
#define TTHAL_WHOLE_0_1(...)
#define TTHAL_WHOLE_0_2(...)
#define TTHAL_WHOLE_1_0(...)
#define TTHAL_WHOLE_1_1(...) __VA_ARGS__
#define TTHAL_WHOLE_1_2(...)
#define DPRINT_DATA0(...) TTHAL_CHOOSE(PRINT_0, PROCESSOR_INDEX)(__VA_ARGS__)
#define TTHAL_STATEMENTS_DATA0(...) TTHAL_CHOOSE(WHOLE_0, PROCESSOR_INDEX)(__VA_ARGS__)
#define DPRINT_DATA1(...) TTHAL_CHOOSE(PRINT_1, PROCESSOR_INDEX)(__VA_ARGS__)
#define TTHAL_STATEMENTS_DATA1(...) TTHAL_CHOOSE(WHOLE_1, PROCESSOR_INDEX)(__VA_ARGS__)

#define DEVICE_PRINT_UNPACK DPRINT_UNPACK
#define DEVICE_PRINT_MATH DPRINT_MATH
#define DEVICE_PRINT_PACK DPRINT_PACK
#define DEVICE_PRINT_DATA0 DPRINT_DATA0
#define DEVICE_PRINT_DATA1 DPRINT_DATA1

// ---- values that say how they are to be read, and settings of the stream form

struct F32 {
    float value;
    constexpr F32(float number) : value(number) {}
};
struct U32 {
    uint32_t value;
    constexpr U32(uint32_t number) : value(number) {}
};
struct BF16 {
    uint16_t value;
    constexpr BF16(uint16_t bits) : value(bits) {}
};
struct bf16_t {
    uint16_t val;
    constexpr bf16_t(uint16_t bits) : val(bits) {}
};
struct U32_ARRAY {
    const uint32_t* words;
    uint32_t length;
};
struct TYPED_U32_ARRAY {
    uint16_t type, subtype;
    const uint32_t* words;
    uint32_t length;
};
template <uint16_t length>
struct dp_typed_array_t {
    uint32_t* ptr;
    uint16_t type;
    dp_typed_array_t(uint16_t format, uint32_t* words) : ptr(words), type(format) {}
};

namespace tthal {

template <PrintSetting which>
struct Setting {
    uint8_t value = 0;
};

}  // namespace tthal

struct ENDL : tthal::Setting<tthal::PrintSetting::NEWLINE> {};
struct DEC : tthal::Setting<tthal::PrintSetting::DECIMAL> {};
struct HEX : tthal::Setting<tthal::PrintSetting::HEXADECIMAL> {};
struct OCT : tthal::Setting<tthal::PrintSetting::OCTAL> {};
struct FIXED : tthal::Setting<tthal::PrintSetting::FIXED> {};
struct DEFAULTFLOAT : tthal::Setting<tthal::PrintSetting::DEFAULT_FLOAT> {};
struct SETW : tthal::Setting<tthal::PrintSetting::WIDTH> {
    constexpr SETW(uint8_t width, bool = false) : Setting{width} {}
};
struct SETPRECISION : tthal::Setting<tthal::PrintSetting::PRECISION> {
    constexpr SETPRECISION(uint8_t digits) : Setting{digits} {}
};

// ---- tiles

using dprint_tslice_ptr_t = bool;
using dprint_tslice_cb_t = bool;
#define TSLICE_RD_PTR true
#define TSLICE_WR_PTR false
#define TSLICE_INPUT_CB true
#define TSLICE_OUTPUT_CB false

// Rows h0, h0 + hs, … below h1 and columns w0, w0 + ws, … below w1 of a tile.
struct SliceRange {
    uint8_t h0, h1, hs, w0, w1, ws;

    static constexpr SliceRange hw0_32_16() { return {0, 32, 16, 0, 32, 16}; }
    static constexpr SliceRange hw0_32_8() { return {0, 32, 8, 0, 32, 8}; }
    static constexpr SliceRange hw0_32_4() { return {0, 32, 4, 0, 32, 4}; }
    static constexpr SliceRange h0_w0_32() { return {0, 1, 1, 0, 32, 1}; }
    static constexpr SliceRange h0_32_w0() { return {0, 32, 1, 0, 1, 1}; }
    static constexpr SliceRange h0_32_w1() { return {0, 32, 1, 1, 2, 1}; }
    static constexpr SliceRange hw041() { return {0, 4, 1, 0, 4, 1}; }
};

template <int MAX_BYTES = 64>
struct TileSlice {
    tthal::TileSliceRecord record;

#if defined(COMPILE_FOR_TRISC)
    TileSlice(uint8_t cb, int tile, const SliceRange& range, bool end_rows = true, bool untilized = true) {
        fill(cb, tile, range, TSLICE_RD_PTR, end_rows, untilized);
    }
#else
    TileSlice(uint8_t cb, int tile, const SliceRange& range, dprint_tslice_cb_t, dprint_tslice_ptr_t pointer,
              bool end_rows = true, bool untilized = true) {
        fill(cb, tile, range, pointer, end_rows, untilized);
    }
    // Reading kernels fill buffers and look at the back by default, writing kernels look at the front.
    template <typename Program = tthal_program>
    TileSlice(uint8_t cb, int tile, const SliceRange& range, dprint_tslice_cb_t = TSLICE_INPUT_CB) {
        fill(cb, tile, range, Program::processor_index == 1 ? TSLICE_WR_PTR : TSLICE_RD_PTR, true, true);
    }
#endif

private:
    void fill(uint8_t cb, int tile, const SliceRange& range, bool front, bool end_rows, bool untilized) {
        const tthal::TileFormat& format = tthal::processor().tiles[cb];
        const tthal::LocalCBInterface& ring = tthal::processor().circular_buffers[cb];
        const uint32_t base = front ? ring.fifo_rd_ptr : ring.fifo_wr_ptr;
        record = {(base + tile * ring.fifo_page_size) << cb_addr_shift,
                  format.format,
                  format.rows,
                  format.columns,
                  range.h0,
                  range.h1,
                  range.hs,
                  range.w0,
                  range.w1,
                  range.ws,
                  end_rows,
                  untilized,
                  0};
    }
};
using TSLICE = TileSlice<64>;

namespace tthal {

template <>
struct Printed<F32> {
    static void put(PrintBuffer& out, F32 value) { out.record(PrintKind::FLOAT, value.value); }
};
template <>
struct Printed<U32> {
    static void put(PrintBuffer& out, U32 value) { out.record(PrintKind::UINT32, value.value); }
};
template <>
struct Printed<BF16> {
    static void put(PrintBuffer& out, BF16 value) { out.record(PrintKind::BFLOAT16, value.value); }
};
template <>
struct Printed<bf16_t> {
    static void put(PrintBuffer& out, bf16_t value) { out.record(PrintKind::BFLOAT16, value.val); }
};

template <typename T>
    requires requires(T value) { []<PrintSetting which>(Setting<which>) {}(value); }
struct Printed<T> {
    template <PrintSetting which>
    static void put(PrintBuffer& out, const Setting<which>& setting) {
        out.setting(which, setting.value);
    }
};

inline void put_words(PrintBuffer& out, uint16_t format, const uint32_t* words, uint32_t length) {
    constexpr uint32_t most = PRINT_CAPACITY / 8;
    const auto count = static_cast<uint16_t>(length < most ? length : most);
    out.need(4 + 4 * count);
    out.raw(PrintKind::ARRAY);
    out.raw(static_cast<uint8_t>(format));
    out.raw(count);
    out.bytes(words, 4 * count);
}

template <>
struct Printed<U32_ARRAY> {
    static void put(PrintBuffer& out, const U32_ARRAY& array) {
        put_words(out, static_cast<uint16_t>(DataFormat::UInt32), array.words, array.length);
    }
};
template <>
struct Printed<TYPED_U32_ARRAY> {
    static void put(PrintBuffer& out, const TYPED_U32_ARRAY& array) {
        put_words(out, array.subtype, array.words, array.length);
    }
};
template <uint16_t length>
struct Printed<dp_typed_array_t<length>> {
    static void put(PrintBuffer& out, const dp_typed_array_t<length>& array) {
        put_words(out, array.type, array.ptr, length);
    }
};
template <int MAX_BYTES>
struct Printed<TileSlice<MAX_BYTES>> {
    static void put(PrintBuffer& out, const TileSlice<MAX_BYTES>& slice) { out.record(PrintKind::TILE, slice.record); }
};

}  // namespace tthal
