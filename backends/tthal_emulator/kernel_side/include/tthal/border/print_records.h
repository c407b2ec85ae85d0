// How printing reaches the host: records in the processor block, which the host formats (diagnostics/print_records.py).
#pragma once

#include <concepts>
#include <cstring>

#include "tthal/border/abi.h"
#include "tthal/border/print_codes.h"
#include "tthal/language/text.h"

namespace tthal {

// Collects the records of one expression and hands them over when it ends.
class PrintBuffer {
public:
    ~PrintBuffer() { flush(); }

    void flush() {
        const uint32_t size = processor().print_count;
        if (size == 0) return;
        compiler_barrier();
        tthal_host_print(0, size);
        compiler_barrier();
        processor().print_count = 0;
    }

    // Room for a record; what does not fit beside the earlier ones waits for the next hand-over.
    void need(uint32_t size) {
        if (processor().print_count + size > PRINT_CAPACITY) flush();
    }

    void bytes(const void* data, uint32_t size) {
        uint32_t& count = processor().print_count;
        if (count + size > PRINT_CAPACITY) return;
        std::memcpy(processor().print + count, data, size);
        count += size;
    }

    template <typename T>
    void raw(const T& value) {
        bytes(&value, sizeof(value));
    }

    template <typename T>
    void record(PrintKind kind, const T& value) {
        need(1 + sizeof(value));
        raw(kind);
        raw(value);
    }

    void text(PrintKind kind, Text text) {
        constexpr std::size_t longest = PRINT_CAPACITY / 4;
        const auto size = static_cast<uint16_t>(text.size() < longest ? text.size() : longest);
        need(3 + size);
        raw(kind);
        raw(size);
        bytes(text.data(), size);
    }

    void setting(PrintSetting which, uint8_t value = 0) {
        record(PrintKind::SETTING, static_cast<uint16_t>(static_cast<uint8_t>(which) | value << 8));
    }
};

template <typename T>
constexpr PrintKind integer_kind() {
    constexpr bool is_signed = std::is_signed_v<T>;
    if constexpr (sizeof(T) == 1) return is_signed ? PrintKind::INT8 : PrintKind::UINT8;
    else if constexpr (sizeof(T) == 2) return is_signed ? PrintKind::INT16 : PrintKind::UINT16;
    else if constexpr (sizeof(T) == 4) return is_signed ? PrintKind::INT32 : PrintKind::UINT32;
    else return is_signed ? PrintKind::INT64 : PrintKind::UINT64;
}

// How a value of a type is printed; the debug types specialise it.
template <typename T>
struct Printed {
    static void put(PrintBuffer& out, const T& value) {
        if constexpr (std::is_same_v<T, bool>) out.record(PrintKind::BOOL, static_cast<uint8_t>(value));
        else if constexpr (std::is_same_v<T, char>) out.record(PrintKind::CHAR, value);
        else if constexpr (std::is_enum_v<T>)
            Printed<std::underlying_type_t<T>>::put(out, static_cast<std::underlying_type_t<T>>(value));
        else if constexpr (std::is_integral_v<T>) out.record(integer_kind<T>(), value);
        else if constexpr (std::is_same_v<T, float>) out.record(PrintKind::FLOAT, value);
        else if constexpr (std::is_same_v<T, double>) out.record(PrintKind::DOUBLE, value);
        else if constexpr (std::is_convertible_v<T, Text>) out.text(PrintKind::TEXT, value);
        else if constexpr (std::is_pointer_v<T>) out.record(PrintKind::POINTER, reinterpret_cast<uintptr_t>(value));
        else static_assert(sizeof(T) == 0, "DPRINT does not know how to print this type");
    }
};

template <typename T>
inline void print_value(PrintBuffer& out, const T& value) {
    using Value = std::decay_t<const T&>;
    if constexpr (std::is_volatile_v<T>) Printed<Value>::put(out, static_cast<Value>(value));
    else Printed<Value>::put(out, value);
}

// No constant expression: reached when a format string does not fit its values.
void format_string_needs_another_number_of_values();

constexpr int placeholders_in(Text text) {
    int next = 0, highest = 0;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] != '{' && text[i] != '}') continue;
        if (i + 1 < text.size() && text[i + 1] == text[i]) {
            i++;
            continue;
        }
        if (text[i] == '}') return -1;
        std::size_t end = i + 1;
        int number = 0;
        bool numbered = false;
        for (; end < text.size() && text[end] >= '0' && text[end] <= '9'; end++) {
            number = 10 * number + (text[end] - '0');
            numbered = true;
        }
        if (!numbered) number = next++;
        highest = number + 1 > highest ? number + 1 : highest;
        while (end < text.size() && text[end] != '}') end++;
        if (end == text.size()) return -1;
        i = end;
    }
    return highest;
}

// Its name is what the compiler says when the format does not fit.
template <typename... Values>
struct FormatWithOnePlaceholderPerValue {
    Text text;

    template <std::size_t size>
    consteval FormatWithOnePlaceholderPerValue(const char (&literal)[size]) : text(literal, size - 1) {
        if (placeholders_in(text) != static_cast<int>(sizeof...(Values)))
            format_string_needs_another_number_of_values();
    }
};

class Printer {
public:
    template <typename... Values>
    void operator()(FormatWithOnePlaceholderPerValue<std::type_identity_t<Values>...> format, const Values&... values) {
        out_.flush();
        out_.text(PrintKind::FORMAT, format.text);
        out_.raw(static_cast<uint8_t>(sizeof...(Values)));
        (print_value(out_, values), ...);
    }

    template <typename T>
    Printer& operator<<(const T& value) {
        print_value(out_, value);
        return *this;
    }

private:
    PrintBuffer out_;
};

}  // namespace tthal
