"""Further names of the device headers: what kernels include, and the header of ours that has its content.

The include folder holds only headers with content. Names that moved as whole folders are rules of
:mod:`tthal.older_headers`; the others are rows here (device-api.md §5, include spellings).
"""

from __future__ import annotations

from tthal.older_headers import MOVED_HEADERS

_PROFILERS = ("internal/profiler", "tools/profiler", "tt_metal/tools/profiler")
_PROFILER = (
    "event_metadata",
    "kernel_profiler",
    "noc_debugging_metadata",
    "noc_debugging_profiler",
    "noc_event_profiler",
    "perf_counters",
    "synchronization_event_profiler",
)
"""The profiler's headers, and the folders that releases kept them in."""

_NAMES = {
    # By their older or newer place in the device API.
    "api/compute/add_int_sfpu.h": ("api/compute/add_int32_sfpu.h",),
    "api/compute/binary_fmod.h": ("api/compute/fmod_int32.h",),
    "api/compute/mul_int_sfpu.h": ("api/compute/mul_int32_sfpu.h",),
    "api/compute/eltwise_unary/rounding.h": (
        "api/compute/eltwise_unary/ceil.h",
        "api/compute/eltwise_unary/floor.h",
    ),
    "api/compute/sentinel/compute_kernel_sentinel.h": (
        "api/compute/sentinel/sentinel_core.h",
        "api/compute/sentinel/testing_spy.h",
    ),
    "api/remote_circular_buffer.h": ("remote_circular_buffer_api.h",),
    "api/compute/binary_remainder.h": ("api/compute/remainder_int32.h",),
    "api/compute/common.h": (
        "api/compute/blank.h",
        "llk_math_common_api.h",
        "llk_math_eltwise_binary.h",
        "llk_pack_common_api.h",
        "llk_unpack_common_api.h",
    ),
    "api/compute/copy_dest_values.h": ("ckernel_sfpu_copy_dest_values.h",),
    "api/compute/eltwise_unary/bitwise.h": (
        "api/compute/eltwise_unary/bitwise_and.h",
        "api/compute/eltwise_unary/bitwise_or.h",
        "api/compute/eltwise_unary/bitwise_xor.h",
    ),
    "api/compute/eltwise_unary/logical_not.h": ("api/compute/eltwise_unary/logical_not_noti.h",),
    "api/compute/eltwise_unary/shift.h": (
        "api/compute/eltwise_unary/left_shift.h",
        "api/compute/eltwise_unary/right_shift.h",
    ),
    "api/dataflow/circular_buffer.h": ("circular_buffer.h",),
    "api/debug/dprint.h": ("api/debug/device_print.h", "api/debug/dprint_tile.h"),
    "api/debug/kernel_profiler.hpp": tuple(f"{folder}/{name}.hpp" for folder in _PROFILERS for name in _PROFILER),
    "api/debug/waypoint.h": ("api/debug/pause.h", "debug/debug.h", "debug/pause.h"),
    "api/semaphore.h": ("api/dataflow/noc_semaphore.h", "noc_semaphore.h"),
    "api/tensor/tensor_accessor.h": ("accessor/tensor_accessor.h",),
    "api/tensor/tensor_accessor_args.h": ("accessor/tensor_accessor_args.h",),
    "internal/tt-1xx/dev_mem_map.h": (
        "dev_mem_map.h",
        "internal/tt-1xx/blackhole/dev_mem_map.h",
        "internal/tt-1xx/wormhole/dev_mem_map.h",
    ),
    "internal/tt-1xx/risc_common.h": ("c_tensix_core.h", "core_config.h", "risc_common.h"),
    "noc/noc_parameters.h": (
        "internal/tt-1xx/blackhole/noc/noc_parameters.h",
        "internal/tt-1xx/wormhole/noc/noc_parameters.h",
        "noc_parameters.h",
    ),
    "sfpi.h": ("ckernel_sfpu.h",),
    "tracy/Tracy.hpp": (
        "third_party/tracy/public/tracy/Tracy.hpp",
        "tt_metal/third_party/tracy/public/tracy/Tracy.hpp",
    ),
    # Parts of the vendor's implementation that kernels include, by where ours has what they want of it.
    "tthal/border/formats.h": ("internal/llk_metadata.h", "tensix_types.h"),
    "tthal/ckernel_runtime.h": ("ckernel.h", "ckernel_defs.h"),
    "tthal/common.h": (
        "defines_generated.h",
        "hostdevcommon/common_values.hpp",
        "hostdevcommon/kernel_structs.h",
        "dataflow_api_common.h",
        "internal/dataflow/dataflow_api_common.h",
        "tt-metalium/circular_buffer_constants.h",
        "tt-metalium/constants.hpp",
    ),
    "tthal/dataflow/addresses.h": (
        "api/alignment.h",
        "dataflow_api_addrgen.h",
        "internal/dataflow/dataflow_api_addrgen.h",
    ),
    "tthal/dataflow/circular_buffers.h": ("internal/circular_buffer_interface.h",),
    "tthal/dataflow/noc_driver.h": ("noc_nonblocking_api.h",),
    "tthal/dataflow/sharded_addresses.h": (
        "cpp/ttnn/operations/ccl/kernel_common/sharding_addrgen.hpp",
        "ttnn/operations/ccl/kernel_common/sharding_addrgen.hpp",
    ),
    "tthal/language/attributes.h": ("internal/risc_attribs.h", "risc_attribs.h"),
    "tthal/language/compile_time_args.h": ("api/compile_time_args.h", "compile_time_args.h"),
    "tthal/language/division.h": ("internal/mod_div_lib.h", "mod_div_lib.h"),
    "tthal/language/llk_defs.h": ("llk_defs.h",),
    "tthal/vector/llk_functions.h": (
        "ckernel_sfpu_binary.h",
        "ckernel_sfpu_conversions.h",
        "ckernel_sfpu_exp.h",
        "ckernel_sfpu_gelu.h",
        "ckernel_sfpu_recip.h",
        "ckernel_sfpu_sigmoid.h",
        "ckernel_sfpu_silu.h",
        "sfpu/ckernel_sfpu_converter.h",
        "sfpu/ckernel_sfpu_polyval.h",
    ),
    "tthal/vector/llk_sfpu.h": (
        "llk_math_eltwise_binary_sfpu_macros.h",
        "llk_math_eltwise_binary_sfpu_params.h",
        "llk_math_eltwise_ternary_sfpu_params.h",
        "llk_math_eltwise_unary_sfpu.h",
        "llk_math_eltwise_unary_sfpu_macros.h",
        "llk_math_eltwise_unary_sfpu_params.h",
    ),
}  # fmt: skip

WHOLE_FOLDERS = ("hw/inc", "tt_metal/hw/inc")
"""Where a checkout of the vendor's keeps the device API: kernels that include from above it find ours by these, too."""

_BELOW_HW_INC = {name: header for header, names in _NAMES.items() for name in names}
_FROM_ABOVE = {
    f"{folder}/{name}": header
    for folder in WHOLE_FOLDERS
    for name, header in _BELOW_HW_INC.items()
    if name.startswith(("api/", "internal/"))
}

FURTHER_NAMES = MOVED_HEADERS | _BELOW_HW_INC | _FROM_ABOVE
"""Name to header, both relative to the include folder."""
