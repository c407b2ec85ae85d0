#!/usr/bin/env bash
# gcc 12.2 and clang (ziglang 0.17.1) for the same target, riscv32-unknown-elf with -mabi=ilp32, disagree about the
# fixed-width types, so objects of the two do not fit together:
#
#                      gcc              clang
#   uint32_t           unsigned long    unsigned int     void take(uint32_t) is _Z4takem and _Z4takej
#   uint_fast8_t       unsigned int     unsigned char    4 bytes and 1: structures differ in size
#
# Seen: "_Z4takem 8 bytes; _Z4takej 2 bytes". Needs Debian's gcc-riscv64-unknown-elf.
. "$(dirname "$0")/common.sh"
if ! command -v riscv64-unknown-elf-g++ > /dev/null; then
    echo "apt-get install gcc-riscv64-unknown-elf" >&2
    exit 2
fi
environment "${PYTHON:-python3}" ziglang==0.17.1
zig=$(echo "$FOLDER"/venv/lib/python3*/site-packages/ziglang/zig)
cat > "$FOLDER/types.cpp" << 'CPP'
struct Pair { __UINT_FAST8_TYPE__ one, other; };
void take(__UINT32_TYPE__) {}
static_assert(sizeof(__UINT32_TYPE__) == 4 && sizeof(int) == 4 && sizeof(long) == 4, "ILP32");
char size[sizeof(Pair)];
CPP
names() { # names COMPILER...: the mangled function, and the size of the structure
    ZIG_LOCAL_CACHE_DIR=$FOLDER ZIG_GLOBAL_CACHE_DIR=$FOLDER \
        "$@" -march=rv32im -mabi=ilp32 -c "$FOLDER/types.cpp" -o "$FOLDER/types.o"
    riscv64-unknown-elf-nm -S "$FOLDER/types.o" | awk '$4 ~ /take/ { name = $4 } $4 == "size" { bytes = $2 }
        END { sub(/^0+/, "", bytes); print name, bytes, "bytes" }'
}
gcc=$(names riscv64-unknown-elf-g++)
clang=$(names "$zig" clang --target=riscv32-unknown-elf)
echo "$gcc; $clang"
[ "$gcc" = "_Z4takem 8 bytes" ] && [ "$clang" = "_Z4takej 2 bytes" ]
echo "as found"
