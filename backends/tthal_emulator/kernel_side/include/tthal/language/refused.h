// Names of constructs that cannot work here: kernels may mention them where they are never reached (the discarded branch
// of an `if constexpr`, a template that nobody uses); any other use is a compile error that names them.
#pragma once

namespace tthal {

template <auto...>
inline constexpr bool works_here = false;

}  // namespace tthal

#define TTHAL_REFUSED_CALL(name, reason) \
    template <auto... settings, typename... Arguments> \
    inline void name(const Arguments&...) { \
        static_assert(tthal::works_here<sizeof...(Arguments), settings...>, #name " is not emulated: " reason); \
    }
