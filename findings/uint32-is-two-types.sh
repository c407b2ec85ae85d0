#!/usr/bin/env bash
# Two 32-bit little-endian targets on which kernels of this field are compiled: RISC-V with newlib (the cards' processors)
# and wasm32 with WASI (emulators). Both have 32-bit int, long and pointers, and the fixed-width names swap the two:
#
#               uint32_t         size_t
#   riscv32     unsigned long    unsigned int     (gcc-riscv64-unknown-elf, -march=rv32im -mabi=ilp32)
#   wasm32      unsigned int     unsigned long    (clang of ziglang 0.17.1)
#
# So an overload for `unsigned long` is chosen for a uint32_t on one and for a size_t on the other, and
# std::max(uint32_t, 5u) compiles on the second only. Needs Debian's gcc-riscv64-unknown-elf.
. "$(dirname "$0")/common.sh"
if ! command -v riscv64-unknown-elf-g++ > /dev/null; then
    echo "apt-get install gcc-riscv64-unknown-elf" >&2
    exit 2
fi
environment "${PYTHON:-python3}" ziglang==0.17.1
cat > "$FOLDER/types.cpp" << 'CPP'
template <class One, class Other> struct Same { static constexpr bool value = false; };
template <class One> struct Same<One, One> { static constexpr bool value = true; };
static_assert(sizeof(int) == 4 && sizeof(long) == 4 && sizeof(void*) == 4, "ILP32");
static_assert(Same<__UINT32_TYPE__, UINT32>::value, "uint32_t");
static_assert(Same<decltype(sizeof(0)), SIZE>::value, "size_t");
CPP
zig=$(echo "$FOLDER"/venv/lib/python3*/site-packages/ziglang/zig)
check() { # check UINT32 SIZE COMPILER...
    local uint32=$1 size=$2
    shift 2
    "$@" -std=c++17 -fsyntax-only "-DUINT32=$uint32" "-DSIZE=$size" "$FOLDER/types.cpp" 2> "$FOLDER/log"
}
riscv=(riscv64-unknown-elf-g++ -march=rv32im -mabi=ilp32 -x c++)
wasm=("$zig" clang --target=wasm32-wasi -x c++)
check "unsigned long" "unsigned int" "${riscv[@]}"
check "unsigned int" "unsigned long" "${wasm[@]}"
! check "unsigned int" "unsigned long" "${riscv[@]}"
! check "unsigned long" "unsigned int" "${wasm[@]}"
riscv64-unknown-elf-g++ --version | head -1
"$zig" clang --version | head -1
echo "riscv32: uint32_t is unsigned long, size_t is unsigned int; wasm32: the other way round"
echo "as found"
