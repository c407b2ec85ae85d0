# Sourced by the scripts: a folder of their own that goes away, and virtual environments with pinned packages.
set -euo pipefail
FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT

python_312() {
    local each
    for each in ${PYTHON:-} "$HOME"/.pyenv/versions/3.12*/bin/python python3.12; do
        if command -v "$each" > /dev/null && "$each" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2> /dev/null; then
            echo "$each"
            return
        fi
    done
    echo "this needs Python 3.12; set PYTHON" >&2
    exit 2
}

# environment PYTHON PACKAGE...: makes $FOLDER/venv with exactly these packages and what they need.
environment() {
    "$1" -m venv "$FOLDER/venv"
    shift
    "$FOLDER/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# with_ttnn: an environment with ttnn 0.81.1 (without torch), and the vendor's mock n150 in place of a card.
with_ttnn() {
    environment "$(python_312)" 'numpy==1.26.4' loguru networkx graphviz pyyaml click 'pandas<3' 'ml_dtypes==0.5.4' seaborn
    "$FOLDER/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps ttnn==0.81.1
    cat > "$FOLDER/n150.yaml" << 'YAML'
arch: {0: wormhole_b0}
chips: {0: [0, 0, 0, 0]}
chip_unique_ids: {0: 72059269369839682}
ethernet_connections: []
chips_with_mmio: [{0: 0}]
harvesting: {0: {noc_translation: true, harvest_mask: 32}}
boards: [[{board_id: 72059269369839682}, {board_type: n150}, {chips: [0]}]]
YAML
    export TT_METAL_MOCK_CLUSTER_DESC_PATH=$FOLDER/n150.yaml TT_METAL_LOGGER_LEVEL=FATAL TT_METAL_CACHE=$FOLDER/cache
    mkdir -p "$FOLDER/cache"
}

# with_standin_compiler: after with_ttnn; opening the mock device asks for a compiler, and nothing of it is ever run.
with_standin_compiler() {
    local package release
    package=$(echo "$FOLDER"/venv/lib/python3.12/site-packages/ttnn)
    mkdir -p "$package/runtime/sfpi/compiler/bin"
    release=$(sed -n "s/^sfpi_version='\(.*\)'/\1/p" "$package/tt_metal/sfpi-version")
    release="$release[$(sed -n "s/^sfpi_build='\(.*\)'/\1/p" "$package/tt_metal/sfpi-version")]"
    "$FOLDER/venv/bin/python" - "$FOLDER/linked" << 'PYTHON'
import struct, sys

# The smallest RISC-V executable that the library accepts as a kernel: one instruction (ret), a symbol table, relocations.
text, address = struct.pack("<I", 0x8067), 0x5000
names = b"\0.text\0.shstrtab\0.symtab\0.strtab\0.rela.text\0"
strings = 84 + len(text)
symbols = -(-(strings + len(names)) // 4) * 4
table = -(-(symbols + 17) // 4) * 4
head = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 243, 1, address, 52, table, 0, 52, 32, 1, 40, 6, 2)
head += struct.pack("<8I", 1, 84, address, address, len(text), len(text), 5, 4)
body = ((head + text + names).ljust(symbols, b"\0") + bytes(17)).ljust(table, b"\0") + bytes(40)
for row in ((1, 1, 6, address, 84, len(text), 0, 0, 4, 0), (7, 3, 0, 0, strings, len(names), 0, 0, 1, 0),
            (17, 2, 0, 0, symbols, 16, 4, 1, 4, 16), (25, 3, 0, 0, symbols + 16, 1, 0, 0, 1, 0),
            (33, 4, 0, 0, symbols, 0, 3, 1, 4, 12)):
    body += struct.pack("<10I", *row)
open(sys.argv[1], "wb").write(body)
PYTHON
    cat > "$package/runtime/sfpi/compiler/bin/riscv-tt-elf-g++" << SHELL
#!/bin/sh
[ "\$1" = --version ] && { echo 'riscv-tt-elf-g++ (tenstorrent/sfpi:$release) 15.1.0'; exit 0; }
links=yes
while [ \$# -gt 0 ]; do
    case \$1 in
        -c) links=no ;;
        -o) output=\$2; shift ;;
        -MF) depends=\$2; shift ;;
    esac
    shift
done
[ -z "\$depends" ] || echo "\$output:" > "\$depends"
if [ \$links = yes ]; then cp "$FOLDER/linked" "\$output"; else : > "\$output"; fi
SHELL
    chmod +x "$package/runtime/sfpi/compiler/bin/riscv-tt-elf-g++"
}

# run SCRIPT: Python from the standard input in the environment; the library's own log goes nowhere.
run() { (cd "$FOLDER" && "$FOLDER/venv/bin/python" - 2> "$FOLDER/log") || { grep -v "^ ---" "$FOLDER/log" | tail -8 >&2; exit 1; }; }
