// Text that is known when a kernel is compiled: literals, and what std::string_view holds. That class itself takes longer
// to parse than all else that most kernels need of the standard library.
#pragma once

#include <concepts>
#include <cstddef>

namespace tthal {

class Text {
public:
    constexpr Text(const char* letters) : letters_(letters) {
        while (letters[size_] != 0) size_++;
    }
    constexpr Text(const char* letters, std::size_t size) : letters_(letters), size_(size) {}
    template <typename View>
        requires requires(const View& view) {
            typename View::traits_type;
            { view.data() } -> std::convertible_to<const char*>;
        }
    constexpr Text(const View& view) : Text(view.data(), view.size()) {}

    constexpr const char* data() const { return letters_; }
    constexpr std::size_t size() const { return size_; }
    constexpr char operator[](std::size_t place) const { return letters_[place]; }
    constexpr bool operator==(Text other) const {
        if (size_ != other.size_) return false;
        for (std::size_t i = 0; i < size_; i++)
            if (letters_[i] != other.letters_[i]) return false;
        return true;
    }

private:
    const char* letters_;
    std::size_t size_ = 0;
};

}  // namespace tthal
