from __future__ import annotations

from dataclasses import replace

import pytest

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.device import open_device
from tthal.device_interface import (
    Backend,
    Capability,
    CircularBufferFormat,
    CircularBufferImage,
    ComputeSettings,
    DataMovementSettings,
    DeviceProperties,
    EthernetSettings,
    KernelContent,
    KernelImage,
    Limits,
    ProgramImage,
    SemaphoreImage,
)
from tthal.errors import LimitExceeded, PlacementError, Unsupported
from tthal.kit.image_checks import check_image
from tthal.types import (
    NOC,
    NOC_MODE,
    CoreType,
    DataFormat,
    DataMovementProcessor,
    DispatchMode,
    Eth,
    KernelBuildOptLevel,
    MathFidelity,
)

DATA_MOVEMENT = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)
COMPUTE = ComputeSettings(MathFidelity.HiFi4, False, False, (), False, False)
ETHERNET = EthernetSettings(Eth.SENDER, NOC.NOC_0, DataMovementProcessor.RISCV_0)


@pytest.fixture
def properties(null_backend: Backend) -> DeviceProperties:
    with open_device(backend="null") as device:
        return replace(device.properties, limits=Limits(4, 2, 1))


def cores(*corners: int) -> CoreRangeSet:
    x, y, to_x, to_y = corners
    return CoreRangeSet([CoreRange(CoreCoord(x, y), CoreCoord(to_x, to_y))])


def kernel(where: CoreRangeSet, **settings: object) -> ProgramImage:
    content = KernelContent("reader", "void kernel_main() {}")
    settings = settings or {"data_movement": DATA_MOVEMENT}
    return ProgramImage((KernelImage(content, where, KernelBuildOptLevel.O2, **settings),))  # type: ignore[arg-type]


def test_the_last_core_fits_and_the_next_does_not(properties: DeviceProperties) -> None:
    check_image(kernel(cores(0, 0, 7, 7)), properties)
    for past in (cores(0, 0, 8, 7), cores(0, 0, 7, 8)):
        with pytest.raises(
            PlacementError, match=r"kernel 'reader' is placed on cores up to .* 8 x 8 cores \(0-0 to 7-7"
        ):
            check_image(kernel(past), properties)
    circular_buffer = CircularBufferImage(cores(9, 9, 9, 9), (CircularBufferFormat(0, DataFormat.Float32),))
    with pytest.raises(PlacementError, match="circular buffer 0 is placed on cores up to 9-9"):
        check_image(ProgramImage(circular_buffers=(circular_buffer,)), properties)
    with pytest.raises(PlacementError, match="semaphore 0 is placed"):
        check_image(ProgramImage(semaphores=(SemaphoreImage(0, cores(9, 9, 9, 9), 0),)), properties)


@pytest.mark.parametrize(
    ("settings", "capability"),
    [
        ({"data_movement": DATA_MOVEMENT}, Capability.DATA_MOVEMENT_KERNELS),
        ({"compute": COMPUTE}, Capability.COMPUTE_KERNELS),
        ({"ethernet": ETHERNET}, Capability.ETHERNET),
    ],
)
def test_kinds_of_kernels_are_capabilities(
    properties: DeviceProperties, settings: dict[str, object], capability: Capability
) -> None:
    image = kernel(cores(0, 0, 0, 0), **settings)
    check_image(image, replace(properties, capabilities=frozenset([capability])))
    with pytest.raises(Unsupported, match=f"needs the capability {capability.value!r}"):
        check_image(image, replace(properties, capabilities=frozenset(Capability) - {capability}))


def test_runtime_arguments_count_with_the_common_ones(properties: DeviceProperties) -> None:
    core = CoreCoord(0, 0)
    fits = kernel(cores(0, 0, 0, 0), data_movement=DATA_MOVEMENT, runtime_arg_counts=((core, 4),))
    check_image(fits, properties)
    too_many = kernel(
        cores(0, 0, 0, 0), data_movement=DATA_MOVEMENT, runtime_arg_counts=((core, 4),), common_runtime_arg_count=1
    )
    with pytest.raises(LimitExceeded, match="has 5 runtime arguments on one core, common ones included; null takes 4"):
        check_image(too_many, properties)


def test_circular_buffer_indices_have_a_limit(properties: DeviceProperties) -> None:
    def image(index: int) -> ProgramImage:
        formats = (CircularBufferFormat(index, DataFormat.Float32),)
        return ProgramImage(circular_buffers=(CircularBufferImage(cores(0, 0, 0, 0), formats),))

    check_image(image(1), properties)
    with pytest.raises(LimitExceeded, match="uses index 2; null has indices 0 to 1"):
        check_image(image(2), properties)


def test_a_number_is_used_once_on_a_core(properties: DeviceProperties) -> None:
    def buffers(*places: CoreRangeSet) -> ProgramImage:
        formats = (CircularBufferFormat(1, DataFormat.Float32),)
        return ProgramImage(circular_buffers=tuple(CircularBufferImage(place, formats) for place in places))

    check_image(buffers(cores(0, 0, 0, 3), cores(1, 0, 7, 3)), properties)
    with pytest.raises(PlacementError, match="circular buffer index 1 is already in use on core 0-3"):
        check_image(buffers(cores(0, 0, 0, 3), cores(0, 3, 7, 3)), properties)
    twice = (SemaphoreImage(0, cores(0, 0, 0, 0), 0),) * 2
    with pytest.raises(PlacementError, match="semaphore id 0 is already in use on core 0-0"):
        check_image(ProgramImage(semaphores=twice), replace(properties, limits=Limits(semaphores=2)))


def test_semaphore_ids_have_a_limit(properties: DeviceProperties) -> None:
    check_image(ProgramImage(semaphores=(SemaphoreImage(0, cores(0, 0, 0, 0), 0),)), properties)
    with pytest.raises(LimitExceeded, match="there is a semaphore 1; null has 0 to 0 on each core"):
        check_image(ProgramImage(semaphores=(SemaphoreImage(1, cores(0, 0, 0, 0), 0),)), properties)


def test_semaphores_of_ethernet_cores_need_some(properties: DeviceProperties) -> None:
    image = ProgramImage(semaphores=(SemaphoreImage(0, cores(20, 20, 20, 20), 0, CoreType.ETH),))
    with pytest.raises(Unsupported, match="semaphore 0 on ETH cores needs the capability 'ethernet'"):
        check_image(image, properties)
    check_image(image, replace(properties, capabilities=frozenset(Capability)))


def test_the_grid_depends_on_who_dispatches(properties: DeviceProperties) -> None:
    outside = kernel(cores(0, 0, 0, 8))
    with pytest.raises(PlacementError, match=r"in fast dispatch \(slow dispatch leaves more\); place it inside"):
        check_image(outside, replace(properties, dispatch_mode=DispatchMode.FAST))
    with pytest.raises(PlacementError, match="in slow dispatch; place it inside"):
        check_image(outside, replace(properties, dispatch_mode=DispatchMode.SLOW))


def test_semaphores_count_per_core(properties: DeviceProperties) -> None:
    apart = (SemaphoreImage(0, cores(0, 0, 0, 0), 0), SemaphoreImage(0, cores(1, 0, 1, 0), 0))
    check_image(ProgramImage(semaphores=apart), properties)
    together = (SemaphoreImage(0, cores(0, 0, 1, 0), 0), SemaphoreImage(1, cores(1, 0, 1, 0), 0))
    with pytest.raises(LimitExceeded, match="core 1-0 has 2 semaphores; null has 1 per core"):
        check_image(ProgramImage(semaphores=together), properties)
