"""What the vendor's names that tthal lacks belong to, and whether they are planned.

The names are those of ttnn 0.81.1 (``vendor_names.txt``, which ``tests/tthal/wheel/record_names.py`` prints).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of the vendor's package: what it is, whether tthal will have it, what to do without."""

    name: str
    planned: bool
    advice: str
    pattern: re.Pattern[str]


def _layer(name: str, planned: bool, advice: str, patterns: str) -> Layer:
    return Layer(name, planned, advice, re.compile("|".join(f"(?:{each})" for each in patterns.split())))


LAYERS = (
    _layer(
        "several devices, their fabric and their sockets",
        False,
        "a program here runs on one device, a mesh of 1x1",
        r"""
        \w*[fF]abric\w* \w*[sS]ocket\w* D2D\w* D2H\w* H2D\w* distributed\w* distribute Mesh(Id|CoreCoord)
        \w*stream_service counter_channel layer_ack_service layer_completion
        Mesh(Composer|Mapper)Config Placement\w+ get_num_links get_usable_topology Topology \w*mesh_(mapper|composer)
        compute_distribution_to_mesh_mapping from_host_shards Cpp\w+ Rank Size Subcontext\w* InterProcess\w*
        LayerAckService init_distributed\w* using_distributed_env get_physical_mesh_shapes get_forwarding_link_indices
        get_eth_\w+ setup_routing\w* disaggregation TensorTopology visualize_(mesh_device|system_mesh) get_all_mgd\w*
        \w*(all_gather|all_reduce|reduce_scatter|all_broadcast|all_to_all\w*|point_to_point|reduce_to_root)\w*
        """,
    ),
    _layer(
        "senders and receivers that span cores",
        True,
        "until then, move the pages between cores with a kernel of your own",
        r"""
        create_global_circular_buffer CreateGlobalCircularBuffer [gG]lobal_?[cC]ircular_?[bB]uffer \w*[mM]cast\w*
        TransferMode _?prefetcher_pipe PrefetcherPipe\w*
        """,
    ),
    _layer(
        "tensors in files",
        True,
        "until then, numpy.save(file, ttnn.to_numpy(tensor)) and ttnn.from_numpy(numpy.load(file)) keep the values",
        r"(dump|load)_(tensor|overlapped_tensors)(_flatbuffer)? DumpTensorMode",
    ),
    _layer(
        "the profiler, reports and recorded command streams",
        False,
        "`tthal run --record` keeps a run, and the plugins tell about it",
        r"""
        \w*[pP]rofiler\w* \w*tracy\w* graph\w* LightMetal\w* light_metal\w* \w*perf_data \w*[tT]racer\w* \w*[dD]ump\w*
        visualize_tensor reports apply_device_delay stack_trace_source database
        """,
    ),
    _layer(
        "the registry of the operations library",
        False,
        "call your kernels with ttnn.generic_op",
        r"""
        register_\w+ query_registered\w* \w*golden_function get_fallback_function decorators reflection auto_register\w*
        create_module_if_not_exists config_serialization experimental_loader comparison
        """,
    ),
    _layer(
        "the operations library",
        False,
        "run your own kernel with ttnn.generic_op, and compute expected values with torch or numpy",
        r"""
        operations experimental _experimental prim activation deprecated transformer
        kv_cache core model_preprocessing \w*_bw \w*conv\w* Op2D\w+
        \w*(ProgramConfig|DeviceOperation|ProgramFactory|Inputs|Params|Config) Conv\w+ \w*group_norm\w* UnaryOpType
        UnaryWithParam BinaryOpType Bcast\w+ \w*layer_?norm\w* \w*(RGB|rgb|YUV|yuv)\w* moreh_\w+ \w*matmul\w*
        \w*[mM]oe\w* \w*rmsnorm\w* \w*pool\w*
        """,
    ),
)
"""The layers, the first that fits counts; what fits none is an operation or an inner name."""

OPERATIONS = LAYERS[-1]


@cache
def vendor_names() -> dict[str, str]:
    """Return the names of the vendor's package with their kinds: operation, function, class, enum, module, value."""
    text = (files("tthal.ttnn") / "vendor_names.txt").read_text(encoding="utf-8")
    rows = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: kind for kind, _, names in rows for name in names.split()}


def layer_of(name: str) -> Layer | None:
    """Return the layer of one of the vendor's names; None for a name that is not the vendor's, or its own affair."""
    for layer in LAYERS:
        if layer.pattern.fullmatch(name):
            return layer
    return OPERATIONS if vendor_names().get(name) == "operation" else None
