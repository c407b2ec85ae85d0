"""Fixtures for the metal backend: the vendor's wheel, a runtime root for its mock device, opened mock devices."""

from __future__ import annotations

import importlib.util
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from platformdirs import user_cache_dir

from tthal.buffer_distribution import BufferDistributionSpec
from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.device_interface import DeviceDriver, DeviceProperties, Event, ShardLayout
from tthal.errors import InvalidArgument
from tthal.sharding import ShardSpecBuffer, shard_layout
from tthal.types import BufferType, ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout
from tthal_metal.backend import MetalBackend
from tthal_metal.settings import FROZEN_VARIABLES

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from differential.wheel import NoWheel, Wheel  # noqa: E402
from mock_root import make_root  # noqa: E402

RELEASE = "0.81.1"
_PLATFORM = "manylinux_2_34_x86_64"

# Of the wheel's 350 MB only the library, what it loads, and what it compiles kernels with.
_WANTED = re.compile(
    r"ttnn\.libs/|ttnn/tt_metal/|ttnn/runtime/|ttnn-[^/]*\.dist-info/METADATA$"
    r"|ttnn/build/lib/lib(tt_metal|tt-umd|tracy|tt_stl)\.so"
)


def _download(version: str, folder: Path, python: str) -> Path:
    command = [
        sys.executable, "-m", "pip", "download", f"ttnn=={version}", "--no-deps", "--only-binary=:all:", "--quiet",
        "--python-version", python, "--implementation", "cp", "--platform", _PLATFORM, "--dest", str(folder),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    wheels = list(folder.glob(f"ttnn-{version}-*.whl"))
    if done.returncode != 0 or not wheels:
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        pytest.skip(f"the vendor's wheel ttnn {version} could not be downloaded: {reason}")
    return wheels[0]


def unpacked_wheel(version: str, python: str = "3.12") -> Path:
    """Return the unpacked parts of a ``ttnn`` wheel, from the cache or downloaded; skips when that fails."""
    target = Path(user_cache_dir("tthal")) / "test-wheels" / f"ttnn-{version}"
    if not (target / "ttnn").is_dir():
        work = target.with_name(f".{target.name}.{os.getpid()}")
        work.mkdir(parents=True)
        wheel = _download(version, work, python)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(work, [name for name in archive.namelist() if _WANTED.match(name)])
        wheel.unlink()
        try:
            work.rename(target)
        except OSError:
            assert target.is_dir(), "neither this process nor another one could unpack the wheel"
    return target


@pytest.fixture(scope="session")
def vendor_wheel() -> Path:
    """The unpacked wheel of the newest checked release: TTHAL_METAL_LIBRARY, else downloaded (100 MB)."""
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        pytest.skip("the vendor's wheel exists for x86-64 Linux only")
    given = os.environ.get("TTHAL_METAL_LIBRARY")
    if given and (Path(given) / "ttnn/build/lib/libtt_metal.so").is_file():
        return Path(given)
    return unpacked_wheel(RELEASE)


@pytest.fixture(scope="session")
def unpacked() -> Callable[..., Path]:
    """The unpacked wheel of any release: ``unpacked("0.75.0", "3.10")``, the second being the wheel's Python."""
    return unpacked_wheel


@pytest.fixture(scope="session")
def vendor_library(vendor_wheel: Path) -> Path:
    """The vendor's libtt_metal.so."""
    return vendor_wheel / "ttnn/build/lib/libtt_metal.so"


@pytest.fixture(scope="module")
def wheel() -> Iterator[Wheel]:
    """The vendor's Python library on a mock n150, to be asked about host programs."""
    try:
        opened = Wheel()
    except NoWheel as missing:
        pytest.skip(str(missing))
    with opened:
        yield opened


@dataclass(frozen=True)
class MockCard:
    """A runtime root with a stand-in for the vendor's compiler, and the variables that open a mock device on it."""

    root: Path
    cache: Path
    wheel: Path

    @property
    def compiler(self) -> Path:
        return self.root / "runtime/sfpi/compiler/bin/riscv-tt-elf-g++"

    @property
    def commands(self) -> list[str]:
        """The command lines that the library gave to its compiler."""
        log = self.compiler.with_name("commands.log")
        return log.read_text().splitlines() if log.is_file() else []

    def environment(self, board: str = "n150") -> dict[str, str]:
        return {
            "TTHAL_METAL_LIBRARY": str(self.wheel),
            "TTHAL_CACHE_DIR": str(self.cache / "tthal"),
            "TT_METAL_MOCK_CLUSTER_DESC_PATH": str(HERE / "boards" / f"{board}.yaml"),
            "TT_METAL_RUNTIME_ROOT": str(self.root),
            "TT_METAL_CACHE": str(self.cache / "tt-metal"),
        }


@pytest.fixture(scope="session")
def make_mock_card(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], MockCard]:
    """Make a mock card of any unpacked wheel."""

    def make(wheel: Path) -> MockCard:
        folder = tmp_path_factory.mktemp("mock-card")
        make_root(wheel, folder / "root")
        (folder / "cache").mkdir()
        return MockCard(folder / "root", folder / "cache", wheel)

    return make


@pytest.fixture(scope="session")
def mock_card(vendor_wheel: Path, make_mock_card: Callable[[Path], MockCard]) -> MockCard:
    """The vendor's mock device, ready to be opened."""
    return make_mock_card(vendor_wheel)


def set_environment(patch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Set these variables, and unset all others that the vendor's library would look at."""
    for name in FROZEN_VARIABLES:
        patch.delenv(name, raising=False)
    for name, value in variables.items():
        patch.setenv(name, value)


@pytest.fixture
def mock_environment(mock_card: MockCard, monkeypatch: pytest.MonkeyPatch) -> MockCard:
    """The variables that open a mock n150."""
    set_environment(monkeypatch, mock_card.environment())
    return mock_card


@pytest.fixture
def open_mock(mock_card: MockCard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., DeviceDriver]]:
    """Open a mock device in a process of its own: ``open_mock("p150", dispatch="slow")``."""
    opened: list[DeviceDriver] = []

    def open_(
        board: str = "n150", *, events: Callable[[Event], None] = lambda event: None, **options: str
    ) -> DeviceDriver:
        set_environment(monkeypatch, mock_card.environment(board))
        device = MetalBackend().open(0, "", {"isolate": "yes", **options}, events)
        opened.append(device)
        return device

    yield open_
    for device in opened:
        device.close()


@pytest.fixture(scope="module")
def mock_device(mock_card: MockCard) -> Iterator[DeviceDriver]:
    """One mock n150 for all tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        set_environment(patch, mock_card.environment())
        device = MetalBackend().open(0, "", {"isolate": "yes"}, lambda event: None)
    yield device
    device.close()


def prepare_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prepare", HERE / "simulated_card" / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def simulated_card(vendor_wheel: Path) -> dict[str, str]:
    """The variables that make libtt_metal open a simulated Wormhole; prepared once per user."""
    prepare = prepare_module()
    problem = prepare.missing_parts()
    if problem:
        pytest.skip(problem)
    given = os.environ.get("TTHAL_SIMULATED_CARD")
    target = Path(given) if given else Path(user_cache_dir("tthal")) / "simulated-card"
    variables: dict[str, str] = prepare.prepare(vendor_wheel, target)
    return {**variables, "TTHAL_METAL_LIBRARY": str(vendor_wheel)}


def _shard_cores(random_: random.Random, banks: int) -> CoreRangeSet:
    """A rectangle, sometimes with a row apart, in the L1 grid; with ``banks``, neighbouring banks of DRAM."""
    if banks:
        first = random_.randint(0, banks - 1)
        return CoreRangeSet([CoreRange(CoreCoord(first, 0), CoreCoord(random_.randint(first, banks - 1), 0))])
    x, y = random_.randint(0, 3), random_.randint(0, 3)
    box = CoreRange(CoreCoord(x, y), CoreCoord(x + random_.randint(0, 3), y + random_.randint(0, 2)))
    apart = CoreRange(CoreCoord(0, 6), CoreCoord(random_.randint(0, 2), 6))
    return CoreRangeSet(random_.choice(([box], [box], [box, apart], [apart, box])))


Form = tuple[TensorMemoryLayout, ShardDistributionStrategy]

_FORMS: list[Form] = [
    *((TensorMemoryLayout.ND_SHARDED, strategy) for strategy in ShardDistributionStrategy),
    *(
        (kind, ShardDistributionStrategy.ROUND_ROBIN_1D)
        for kind in (
            TensorMemoryLayout.HEIGHT_SHARDED, TensorMemoryLayout.WIDTH_SHARDED, TensorMemoryLayout.BLOCK_SHARDED
        )
    ),
]  # fmt: skip


def _random_layout(random_: random.Random, form: Form, cores: CoreRangeSet) -> ShardLayout:
    """A layout whose last shards may be cut off at the tensor's edge.

    Raises:
        InvalidArgument: it is none; draw again.
    """
    kind, strategy = form
    orientation = random_.choice(list(ShardOrientation))
    if kind is TensorMemoryLayout.ND_SHARDED:
        rank = 2 if strategy is ShardDistributionStrategy.GRID_2D else random_.randint(1, 4)
        tensor = [random_.randint(1, 6) for _ in range(random_.randint(rank, 4))]
        shard = [random_.randint(1, 3) for _ in range(rank)]
        return BufferDistributionSpec(tensor, shard, cores, orientation, strategy).shard_layout()
    high, wide = random_.randint(1, 3), random_.randint(1, 3)
    rows = high if kind is TensorMemoryLayout.WIDTH_SHARDED else random_.randint(1, 9)
    columns = wide if kind is TensorMemoryLayout.HEIGHT_SHARDED else random_.randint(1, 9)
    return shard_layout(kind, ShardSpecBuffer(cores, (high, wide), orientation, (1, 1), (rows, columns)))


RandomShards = Callable[[random.Random, DeviceProperties], tuple[BufferType, TensorMemoryLayout, ShardLayout]]


@pytest.fixture(scope="session")
def random_shards() -> RandomShards:
    """Draw where a sharded buffer is to lie, its kind and its layout, from all that a program may ask for."""

    def draw(
        random_: random.Random, properties: DeviceProperties
    ) -> tuple[BufferType, TensorMemoryLayout, ShardLayout]:
        where = random_.choice((BufferType.L1, BufferType.L1, BufferType.DRAM))
        banks = len(properties.dram_banks) if where is BufferType.DRAM else 0
        form = random_.choice(_FORMS)
        while True:
            try:
                return where, form[0], _random_layout(random_, form, _shard_cores(random_, banks))
            except InvalidArgument:
                continue

    return draw


@pytest.fixture(scope="session")
def shard_forms() -> list[Form]:
    """The kinds of sharding, with the strategies that each knows."""
    return list(_FORMS)
