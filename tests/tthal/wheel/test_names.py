"""Our public names, signatures and enumeration members against those of ttnn 0.81.1, as its table has them.

What is left is listed with its reason; ``python tests/tthal/wheel/compare.py`` prints all of it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import compare

from tthal.ttnn.layers import LAYERS, vendor_names

LEFT = {
    r"Arch\.QUASAR": "no board of that generation",
    r"CoreRange(Set)?\.contains\(.*": "one parameter here, called other; by position all three of the vendor's work",
    r"CoreRangeSet\.ranges is no method": "a tuple that can be called; tests/tthal/test_coordinates.py",
    r"(Mesh)?Device\.id": "a number that can be called; tests/tthal/test_device_facts.py",
    r"(Mesh)?Device\.get_fabric_node_id": "several devices",
    r"KernelDescriptor\..*blaze_named.*": "the vendor's own text: experimental, will be deleted, do not build on it",
    r"MemoryConfig\.experimental_.*": "experimental allocation modes",
    r"ProgramDescriptor\.reload_.*": "for the vendor's own runtime",
    r"Tensor\.(tensor_topology|update_tensor_topology)": "several devices",
    r"Tensor\.experimental_.*": "experimental allocation modes",
    r"Tensor\.(extract_shard|to\(self, target_layout\)).*": "other parameter names",
    r"TensorToMesh\.config": "several devices",
    r"create_mesh_mapper\(mesh_shape.*": "by position both of the vendor's forms work",
    r"(reshape|typecast)\(.*": "forms for the operations library",
}
"""Differences that are meant, by pattern, and why."""

INNER = """
    CONFIG CONFIG_OVERRIDES CONFIG_PATH ChunkGdnWyInverse DispatchAlgorithm DistributedLayerNormStage EmbeddingsType
    GeluVariant LayerNormType LossReductionMode MMSignalAggregatorMode ModuleType OverlappedTensor PaddingMode
    PagedCacheGeometryOverride ReduceType ReplicateTensorToMeshWrapper RoutedExpertActivation SetRootDir SigmoidMode
    SparseKVFormat TileReshapeMapMode UNIFIED_ROUTED_EXPERT_CORE_GRID WorkerMode _ _get_arch_name _is_editable
    _trace_allocation_tracker _ttnn _ttnn_cleanup _ttnn_execute_trace cluster create_sharded_memory_config_ device
    disable_asynchronous_slow_dispatch enable_asynchronous_slow_dispatch get_current_command_queue_id_for_thread
    get_optimal_worker_cores_for_sharded_tensor ispkg load_config_from_dictionary load_config_from_json_file logger
    manage_config name prepare_grid_sample_grid save_config_to_json_file submodule tools ttnn
    ttnn_dtype_to_torch_dtype types
"""
"""Names that belong to no layer: enumerations of single operations, settings, and what importing left behind. The alias
has the settings and the submodules."""


def test_what_both_have_is_called_and_shaped_alike() -> None:
    unexpected = [each for each in compare.differences() if not any(re.fullmatch(pattern, each) for pattern in LEFT)]
    assert not unexpected


def test_every_reason_has_its_difference() -> None:
    found = list(compare.differences())
    assert not [pattern for pattern in LEFT if not any(re.fullmatch(pattern, each) for each in found)]


def test_every_name_that_is_missing_belongs_to_a_layer() -> None:
    missing = compare.missing()
    nobodys = {name for name, layer in missing.items() if not layer}
    assert nobodys <= set(INNER.split())
    print("left:", dict(Counter(missing.values())))


def test_the_names_that_the_package_ships_are_those_of_the_table() -> None:
    assert vendor_names() == {name: each["kind"] for name, each in compare.table()["names"].items()}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layer_has_names(layer: object) -> None:
    assert [name for name, whose in compare.missing().items() if whose == layer.name]  # type: ignore[attr-defined]


def test_the_comparison_finds_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        def __init__(self, core: object) -> None: ...

        def append(self, core: object, values: object) -> None: ...

    monkeypatch.setattr(compare.tthal, "RuntimeArgs", Other)
    found = [each for each in compare.differences() if each.startswith("RuntimeArgs.")]
    assert "RuntimeArgs.append(self, coord, values)" in found
    assert "RuntimeArgs.clear" in found
    assert "RuntimeArgs.__init__(self)" in found
