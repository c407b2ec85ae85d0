"""What kernels print reaches the host: in both forms, in order, with the place in front, to the log and to a file."""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import CompileError, DeadlockError, KernelError
from tthal.observer import EventObserver, Observer
from tthal_emulator.device import EmulatedDevice
from tthal_emulator.options import Options

CORE = ttnn.CoreCoord(0, 0)


@pytest.fixture
def printed(run, make_program, caplog: pytest.LogCaptureFixture) -> Callable[..., list[str]]:
    """Run a kernel body; return the lines it logged, without the place in front."""

    def launch(body: str, *, before: str = "", **options: object) -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.INFO, "tthal.dprint"):
            run(make_program(f'#include "debug/dprint.h"\n{before}\nvoid kernel_main() {{ {body} }}', **options))
        return [record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint"]

    return launch


STREAM = {
    'DPRINT << "x = " << 5 << " " << -7 << ENDL();': "x = 5 -7",
    "DPRINT << HEX() << 255 << ' ' << 16u << DEC() << ' ' << 16 << OCT() << ' ' << 8 << ENDL();": "ff 10 16 10",
    "DPRINT << SETW(6) << 42 << 43 << ENDL();": "    4243",
    "DPRINT << F32(1.5f) << ' ' << 0.1f << ' ' << 2.0 << ENDL();": "1.5 0.1 2",
    "DPRINT << FIXED() << SETPRECISION(2) << 3.14159f << DEFAULTFLOAT() << ' ' << 3.14159f << ENDL();": "3.14 3.1",
    "DPRINT << BF16(0x3FC0) << ' ' << U32(7) << ' ' << true << ENDL();": "1.5 7 1",
    "DPRINT << uint8_t(65) << ' ' << int8_t(-1) << ' ' << char(65) << ' ' << uint64_t(1) << 40 << ENDL();": "65 -1 A 140",
    "uint32_t words[] = {1, 2, 3}; DPRINT << U32_ARRAY{words, 3} << ENDL();": "1 2 3",
    "uint32_t words[] = {0x40003F80}; DPRINT << TYPED_U32_ARRAY{0, 5, words, 1} << ENDL();": "1 2",
    'std::string_view text = "view"; const char* plain = "plain"; DPRINT << text << plain << ENDL();': "viewplain",
    "enum class Kind : uint8_t { B = 4 }; DPRINT << Kind::B << ENDL();": "4",
    "volatile uint32_t word = 9; volatile float number = 2.5f; DPRINT << word << ' ' << number << ENDL();": "9 2.5",
}


@pytest.mark.parametrize("body", STREAM)
def test_stream_form(printed: Callable[..., list[str]], body: str) -> None:
    assert printed(body) == [STREAM[body]]


FORMATS = {
    'DPRINT("plain\\n");': "plain",
    'DPRINT("{} {}\\n", 1, -2);': "1 -2",
    'DPRINT("{1} {0}\\n", 1, 2);': "2 1",
    'DPRINT("{{{}}}\\n", 3);': "{3}",
    'DPRINT("{:#x} {:08b} {:>5} {:<3}|\\n", 255, 5, 42, 7);': "0xff 00000101    42 7  |",
    'DPRINT("{:.3f} {} {:e}\\n", 3.14159f, 0.1f, 1000.0f);': "3.142 0.1 1.000000e+03",
    'DPRINT("{} {} {:d}\\n", true, false, true);': "true false 1",
    "DPRINT(\"{} {}\\n\", uint8_t(65), 'A');": "65 A",
    'DPRINT("{} {}\\n", bf16_t(0x4049), bf16_t(0xBF80));': "3.14062 -1",
    'DPRINT("{}\\n", reinterpret_cast<uint32_t*>(0x1234));': "0x1234",
    'uint32_t w[] = {7, 8}; DPRINT("{}\\n", dp_typed_array_t<2>(24, w));': "7 8",
    'DEVICE_PRINT("{}\\n", 5);': "5",
    'DPRINT_DATA0("zero {}\\n", 1); DPRINT_DATA1("one {}\\n", 1); DPRINT_DATA0(DPRINT << "");': "zero 1",
}


@pytest.mark.parametrize("body", FORMATS)
def test_format_form(printed: Callable[..., list[str]], body: str) -> None:
    assert printed(body) == [FORMATS[body]]


@pytest.mark.parametrize("body", ['DPRINT("{} {}", 1);', 'DPRINT("{}", 1, 2);', 'DPRINT("{", 1);', 'DPRINT("}", 1);'])
def test_a_format_that_does_not_fit_its_values_does_not_compile(printed: Callable[..., list[str]], body: str) -> None:
    with pytest.raises(CompileError, match="FormatWithOnePlaceholderPerValue"):
        printed(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('DPRINT("{:q}", 1);', "cannot be shown"),
        ('DPRINT("{:999999d}", 1);', "too wide"),
        ('DPRINT("{0.real}", 1);', "no value"),
    ],
)
def test_a_format_that_cannot_be_shown(printed: Callable[..., list[str]], body: str, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        printed(body)


def test_lines_are_cut_at_their_ends(printed: Callable[..., list[str]]) -> None:
    body = 'DPRINT("a"); DPRINT << "b" << ENDL() << "c"; DPRINT("d\\ne\\n\\nf");'
    assert printed(body) == ["ab", "cd", "e", "", "f"]


def test_long_prints_are_kept_whole(printed: Callable[..., list[str]]) -> None:
    body = 'DPRINT << 0; for (int i = 1; i < 3000; i++) DPRINT << " " << i; DPRINT << ENDL();'
    assert printed(body) == [" ".join(map(str, range(3000)))]


def test_ring_buffer_words_are_printed(printed: Callable[..., list[str]]) -> None:
    assert printed("WATCHER_RING_BUFFER_PUSH(0xAB);", before='#include "api/debug/ring_buffer.h"') == [
        "ring buffer: 0xab"
    ]


def test_printed_pages(printed: Callable[..., list[str]]) -> None:
    body = """
        auto* words = reinterpret_cast<volatile uint32_t*>(0x40000);
        for (uint32_t i = 0; i < 8; i++) words[i] = 0x3F80 * (i % 2) << 16 | i;
        using namespace tt::data_movement::common;
        print_u32_pages(0x40000, 2, 1); print_u16_pages(0x40000, 4, 2, 1); print_u8_pages(0x40008, 4, 1);
        print_bf16_pages(0x40004, 2, 1); print_f32_pages(0x40004, 1, 1);
    """
    assert printed(body, before='#include "api/debug/dprint_pages.h"') == [
        "0: 0 1065353217 ", "1: 2 0 3 16256 ", "2: 4 0 5 16256 ", "0: 2 0 0 0 ", "0: 9.18355e-41 1 ", "0: 1 ",
    ]  # fmt: skip


def test_the_state_of_a_circular_buffer(printed: Callable[..., list[str]], device: ttnn.Device) -> None:
    begin = device.properties.l1_base
    before = '#include "api/debug/dprint_pages.h"'
    assert printed("print_cb_details(0);", before=before, circular_buffers=[(0, 2)]) == [
        f"cb_id 0: {{ size: 4096, limit: {begin + 4096}, page_size: 2048, num_pages: 2, rd_ptr: {begin}, "
        f"wr_ptr: {begin}, wr_tile_ptr: 0 }}"
    ]


def test_rows_of_tiles(printed: Callable[..., list[str]], device: ttnn.Device) -> None:
    """From a compute kernel, row by row, in the order of the datums in L1 unless untilized."""
    values = np.arange(1024, dtype=np.float32).reshape(32, 32) % 251
    ttnn.WriteToDeviceL1(device, CORE, device.properties.l1_base, ttnn.pack_tiles(values, ttnn.DataFormat.Float16_b))
    body = "using namespace tt::compute::common; print_tile_rows(0, 0, true, 1, 3, 4, 6); print_full_tile(0, 0, true);"
    before = '#include "api/compute/common.h"\n#include "api/debug/dprint_pages.h"'
    found = printed(body, before=before, config=ttnn.ComputeConfig(), circular_buffers=[(0, 1)])
    rows = [f"{row} : {' '.join(f'{value:g}' for value in values[row])}" for row in range(32)]
    few = [f"{row} : {values[row, 4]:g} {values[row, 5]:g}" for row in (1, 2)]
    lines = [line for line in found if line]
    assert lines == ["cb_idx: 0 tile_idx: 0", "======", *few, "++++++", "======", *rows, "++++++"]


@pytest.mark.parametrize("by_face", [False, True])
def test_a_tile_of_dst(by_face: bool, printed: Callable[..., list[str]], device: ttnn.Device) -> None:
    """Row by row of each face, and only looked at: what was never written is packed as such afterwards."""
    values = np.arange(1024, dtype=np.float32).reshape(32, 32) % 251
    ttnn.WriteToDeviceL1(device, CORE, device.properties.l1_base, ttnn.pack_tiles(values, ttnn.DataFormat.Float16_b))
    call = f"dprint_tensix_dest_reg{'<true>' if by_face else ''}"
    body = f"unary_op_init_common(0, 0); tile_regs_acquire(); copy_tile(0, 0, 1); {call}(1); tile_regs_commit();"
    body += " tile_regs_wait(); tile_regs_release();"
    before = "".join(f'#include "{name}"\n' for name in (
        "api/compute/eltwise_unary/eltwise_unary.h", "api/compute/tile_move_copy.h", "debug/dprint_tensix.h"))  # fmt: skip
    found = printed(body, before=before, config=ttnn.ComputeConfig(), circular_buffers=[(0, 1)])
    faces = values.reshape(2, 16, 2, 16).swapaxes(1, 2).reshape(4, 16, 16)
    end = [""] if by_face else []
    lines = [line for face in faces for line in (*("".join(f"{v:8.4f} " for v in row) for row in face), *end)]
    assert found == ["Tile ID = 1", *lines]


# ---- tiles


@pytest.fixture
def tile_program(make_program) -> Callable[..., ttnn.Program]:
    """A program whose circular buffer 0 holds one tile of a format at its front; the tile counts up."""

    def make(body: str, data_format: ttnn.DataFormat, size: int) -> ttnn.Program:
        program = ttnn.CreateProgram()
        config = ttnn.CircularBufferConfig(size, {0: data_format}).set_page_size(0, size)
        ttnn.CreateCircularBuffer(program, CORE, config)
        # The tile is laid down in L1 by the host; the kernel's buffer is where the program's first one always is.
        source = f'#include "api/debug/dprint.h"\nvoid kernel_main() {{ {body} }}'
        ttnn.CreateKernelFromString(program, source, CORE, ttnn.DataMovementConfig())
        return program

    return make


TILES = {
    "bfloat16": (ttnn.DataFormat.Float16_b, 2048),
    "float32": (ttnn.DataFormat.Float32, 4096),
    "uint32": (ttnn.DataFormat.UInt32, 4096),
    "bfp8": (ttnn.DataFormat.Bfp8_b, 1088),
}


@pytest.mark.parametrize("name", TILES)
def test_tile_slices(device: ttnn.Device, run, tile_program, caplog: pytest.LogCaptureFixture, name: str) -> None:
    data_format, size = TILES[name]
    values = (np.arange(1024) % 128).reshape(32, 32).astype(np.uint32 if name == "uint32" else np.float32)
    packed = ttnn.pack_tiles(values, data_format)
    ttnn.WriteToDeviceL1(device, CORE, device.properties.l1_base, packed)
    slice_of = "TSLICE(0, 0, SliceRange{0, 32, 16, 0, 32, 8}, TSLICE_INPUT_CB, TSLICE_RD_PTR, true, true)"
    other = "TileSlice<128>(0, 0, SliceRange::h0_w0_32(), TSLICE_INPUT_CB, TSLICE_RD_PTR, false)"
    body = (
        f'DPRINT << {slice_of} << ENDL(); DPRINT("row: {{}}\\n", {other}); DPRINT << TSLICE(0, 0, SliceRange::hw041());'
    )
    with caplog.at_level(logging.INFO, "tthal.dprint"):
        run(tile_program(body, data_format, size))
    lines = [record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint"]

    def shown(rows: np.ndarray) -> list[str]:
        return [" ".join(f"{value:g}" for value in row) for row in rows.tolist()]

    corner = shown(values[0:4, 0:4])
    assert lines == [*shown(values[::16, ::8]), "", "row: " + shown(values[:1])[0], *corner]


def test_tile_slice_of_row_major_data(device: ttnn.Device, run, tile_program, caplog: pytest.LogCaptureFixture) -> None:
    values = np.arange(1024).astype(ml_dtypes.bfloat16)
    ttnn.WriteToDeviceL1(device, CORE, device.properties.l1_base, values)
    ranges = "SliceRange::h0_32_w1()"
    body = f"DPRINT << TSLICE(0, 0, {ranges}, TSLICE_OUTPUT_CB, TSLICE_WR_PTR, false, false) << ENDL();"
    with caplog.at_level(logging.INFO, "tthal.dprint"):
        run(tile_program(body, ttnn.DataFormat.Float16_b, 2048))
    (line,) = [record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint"]
    assert line == " ".join(f"{float(value):.6g}" for value in values.reshape(32, 32)[:, 1])


@pytest.mark.parametrize(
    ("config", "body", "first"),
    [
        # A reading kernel looks at what it fills, a writing kernel at what it drains, each by itself.
        (ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_1, noc=ttnn.NOC.NOC_1), "TSLICE(0, 0, {})", 7),
        (ttnn.DataMovementConfig(), "TSLICE(0, 0, {})", 3),
        # In a compute kernel what follows the range are the settings of the output.
        (ttnn.ComputeConfig(), "TSLICE(0, 0, {}, false, true)", 3),
    ],
)  # fmt: skip
def test_which_side_of_a_buffer_a_tile_slice_shows(
    device: ttnn.Device, run, make_program, caplog: pytest.LogCaptureFixture, config: object, body: str, first: int
) -> None:
    values = np.repeat(np.array([3, 7], ml_dtypes.bfloat16), 1024)
    ttnn.WriteToDeviceL1(device, CORE, device.properties.l1_base, values)
    line = (
        f"cb_reserve_back(0, 1); cb_push_back(0, 1); DPRINT << {body.format('SliceRange{0, 1, 1, 0, 1, 1}')} << ENDL();"
    )
    compute = "" if isinstance(config, ttnn.DataMovementConfig) else '#include "api/compute/cb_api.h"\n'
    source = f'#include "debug/dprint.h"\n{compute}void kernel_main() {{ {line} }}'
    with caplog.at_level(logging.INFO, "tthal.dprint"):
        run(make_program(source, config=config, circular_buffers=[(0, 2)]))
    shown, *_ = [record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint"]
    assert shown == str(first)


def test_tile_without_a_format(printed: Callable[..., list[str]]) -> None:
    with pytest.raises(KernelError, match="no data format"):
        printed("DPRINT << TSLICE(9, 0, SliceRange::hw0_32_16()) << ENDL();")


# ---- where it goes


@pytest.fixture
def with_file(tmp_path: Path) -> Iterator[tuple[ttnn.Device, Path]]:
    """A device that also prints into a file."""
    path = tmp_path / "prints.txt"
    with ttnn.open_device(0, backend=f"emulator?dprint={path}") as device:
        yield device, path


def test_file_names_device_core_and_processor(with_file: tuple[ttnn.Device, Path]) -> None:
    device, path = with_file
    program = ttnn.CreateProgram()
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
    source = (
        '#include "api/debug/dprint.h"\nvoid kernel_main() { for (int i = 0; i < 3; i++) DPRINT("line {}\\n", i); }'
    )
    for processor in (0, 1):
        config = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor(processor), noc=ttnn.NOC(processor))
        ttnn.CreateKernelFromString(program, source, cores, config)
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    lines = path.read_text().splitlines()
    assert len(lines) == 12
    for place in ("0-0:BRISC", "0-0:NCRISC", "1-0:BRISC", "1-0:NCRISC"):
        assert [line for line in lines if place in line] == [f"0:{place}: line {i}" for i in range(3)]


def test_what_was_printed_before_a_failure_is_kept(
    printed: Callable[..., list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(KernelError):
        printed('DPRINT("before"); ASSERT(my_x[0] == 0);')
    assert [record.getMessage() for record in caplog.records if record.name == "tthal.dprint"] == [
        "device 0 core 0-0 BRISC: before"
    ]


def test_waypoint_is_shown_when_a_kernel_cannot_go_on(printed: Callable[..., list[str]]) -> None:
    with pytest.raises(DeadlockError, match="waypoint ABC"):
        printed('WAYPOINT("ABC"); cb_wait_front(0, 1);', circular_buffers=[(0, 2)])


class Lines(Observer):
    """Hears what kernels print, and nothing else."""

    def __init__(self) -> None:
        self.heard: list[tuple[ttnn.CoreCoord, str, str]] = []

    def printed(self, core: ttnn.CoreCoord, processor: str, text: str) -> None:
        self.heard.append((core, processor, text))


def test_an_observer_hears_what_kernels_print() -> None:
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(2, 1)
    body = '#include "debug/dprint.h"\nvoid kernel_main() { DPRINT << "a" << ENDL() << "b"; }'
    ttnn.CreateKernelFromString(program, body, core)
    lines = Lines()
    with ttnn.open_device() as device:
        device.observe(lines)
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    assert lines.heard == [(core, "BRISC", "a"), (core, "BRISC", "b")]


def test_launches_are_observed_when_more_than_prints_is_heard() -> None:
    device = EmulatedDevice(0, "n150", Options(), lambda event: None)
    observers = device._launches.observers
    device.observe(Lines())
    assert not observers
    device.observe(EventObserver(Counter()))  # type: ignore[arg-type]
    assert observers
    device.close()
