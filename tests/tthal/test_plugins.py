from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import tthal.plugins
from tthal.cli.root import tthal as command
from tthal.device import open_device
from tthal.device_interface import Backend, Capability
from tthal.errors import BackendError, BackendUnavailable, PluginError, SelectionError
from tthal.plugins import facade, loader
from tthal.plugins.facade import Plugins
from tthal.plugins.loader import BACKENDS, PLUGINS
from tthal.selection import Selection

Install = Callable[..., Path]

BACKEND = """
from tthal.device_interface import Availability, Backend
from tthal.plugins import hookimpl

class Mine(Backend):
    name = "mine"
    summary = "a backend for a test"
    option_help = {}

    def probe(self):
        return Availability(False, "the cable is out", "plug it in")

    def open(self, device_id, argument, options, events):
        raise RuntimeError("boom")

@hookimpl
def tthal_backend():
    return Mine()
"""

WRAPPER = """
from tests.null_backend import tthal_null
from tthal.device_interface import Backend, Capability
from tthal.plugins import hookimpl

class Wrapped(Backend):
    def __init__(self, inner):
        self.inner = inner
        self.name = inner.name
        self.summary = inner.summary + " < {tag}"
        self.option_help = inner.option_help

    def probe(self):
        return self.inner.probe()

    def open(self, *arguments):
        return self.inner.open(*arguments)

@hookimpl{order}
def tthal_wrap_backend(backend, selection):
    return Wrapped(backend)
"""


def wrapper(tag: str, order: str = "") -> str:
    return WRAPPER.replace("{tag}", tag).replace("{order}", order)


def hook(body: str) -> str:
    return f"from tthal.plugins import hookimpl\n\n@hookimpl\n{body}\n"


class TestFinding:
    def test_names_are_listed_without_importing(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", "raise SystemExit('imported')")
        assert {"acme", "emulator", "metal", "replay"} <= set(facade.backend_names())
        assert "acme_card" not in sys.modules

    def test_only_the_selected_backend_is_imported(self, null_backend: Backend, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", BACKEND)
        assert facade.load_backend("null") is null_backend
        assert "acme_card" not in sys.modules

    def test_an_unknown_name_gets_a_suggestion_and_the_list(self, null_backend: Backend) -> None:
        with pytest.raises(SelectionError) as caught:
            open_device(backend="nul")
        message = str(caught.value)
        assert "there is no backend 'nul'. Did you mean 'null'?" in message
        listed = message.partition("Installed: ")[2].partition(". ")[0].split(", ")
        assert listed == sorted(listed)
        assert {"emulator", "metal", "null", "replay"} <= set(listed)
        assert "selected by the backend argument" in message

    def test_an_unknown_name_in_the_variable_names_the_variable(
        self, null_backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "Null")
        with pytest.raises(SelectionError, match=r"Did you mean 'null'\?.*TTHAL_BACKEND"):
            open_device()

    def test_two_distributions_with_one_name_are_both_named(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", BACKEND)
        install_plugin("other-acme", BACKENDS, "acme", BACKEND)
        with pytest.raises(PluginError) as caught:
            open_device(backend="acme")
        message = str(caught.value)
        assert "backend name 'acme' is claimed by 2 distributions" in message
        assert "acme-card 1.0 (acme_card)" in message
        assert "other-acme 1.0 (other_acme)" in message
        assert "pip uninstall" in message

    def test_a_distribution_installed_meanwhile_is_found(self, install_plugin: Install, tmp_path: Path) -> None:
        site = install_plugin("first-one", BACKENDS, "first", BACKEND)
        assert loader.find(BACKENDS, "second") is None
        info = site / "second-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: second\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{BACKENDS}]\nsecond = second\n")
        found = loader.find(BACKENDS, "second")
        assert found is not None
        assert found.distribution == "second"


class TestLoading:
    def load(self, name: str) -> Backend:
        return facade.load_backend(name)

    def test_a_missing_requirement_gets_its_pip_line(self, install_plugin: Install) -> None:
        source = "import warp_drive.core"
        requirements = ("numpy", "Warp.Drive>=2; python_version >= '3'")
        install_plugin("acme-card", BACKENDS, "acme", source, requirements=requirements)
        with pytest.raises(BackendUnavailable) as caught:
            self.load("acme")
        message = str(caught.value)
        assert "needs the module 'warp_drive', which is not installed" in message
        assert "entry point acme_card of acme-card 1.0" in message
        assert "pip install 'Warp.Drive>=2'" in message
        assert isinstance(caught.value.__cause__, ModuleNotFoundError)

    def test_a_missing_requirement_of_an_extra_gets_the_extra(self, install_plugin: Install) -> None:
        requirements = ("warp-drive; extra == 'fast'",)
        install_plugin("acme-card", BACKENDS, "acme", "import warp_drive", requirements=requirements)
        with pytest.raises(BackendUnavailable, match=r"pip install 'acme-card\[fast\]'"):
            self.load("acme")

    def test_a_module_nobody_requires_names_the_distribution(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", "import warp_drive")
        with pytest.raises(BackendUnavailable, match=r"--force-reinstall acme-card .it should bring .* 'warp_drive'"):
            self.load("acme")

    def test_an_entry_point_without_module_says_so(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", "")
        with pytest.raises(PluginError, match="points at a module that does not exist: acme_card"):
            self.load("acme")

    def test_a_module_that_exits_is_a_failing_import(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", "raise SystemExit('bye')")
        with pytest.raises(PluginError, match=r"acme-card.* cannot be imported: SystemExit: bye"):
            self.load("acme")

    def test_a_failing_import_names_the_plugin_and_chains(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", "1 / 0")
        with pytest.raises(PluginError) as caught:
            self.load("acme")
        message = str(caught.value)
        assert "backend 'acme' (entry point acme_card of acme-card 1.0) cannot be imported" in message
        assert "ZeroDivisionError: division by zero" in message
        assert "pip install --upgrade acme-card" in message
        assert isinstance(caught.value.__cause__, ZeroDivisionError)

    @pytest.mark.parametrize(
        ("source", "complaint"),
        [
            (
                hook("def tthal_backends(): ..."),
                "'tthal_backends', which does not exist. Did you mean 'tthal_backend'?",
            ),
            (hook("def tthal_backend(board): ..."), "has a hook with a wrong signature"),
            ("def tthal_backend(): ...", "defines tthal_backend without @hookimpl"),
            (
                BACKEND.replace("@hookimpl", "@hookimpl(wrapper=True)").replace("return Mine", "yield Mine"),
                "be wrapped",
            ),
            ("x = 1", "has no hook tthal_backend"),
            (hook("def tthal_backend(): return None"), "has no hook tthal_backend"),
            (BACKEND.replace("Mine()", "Mine"), "returned the class Mine; return an instance of it"),
            (hook("def tthal_backend(): return 3"), "returned 3, which is no tthal.device_interface.Backend"),
            (
                BACKEND.replace("    option_help", "    interface_version = 99\n    option_help"),
                "version 99 of the dev",
            ),
            (hook("def tthal_backend(): return 1 / 0"), "failed in tthal_backend: ZeroDivisionError"),
        ],
    )
    def test_what_is_wrong_with_a_backend_module(self, install_plugin: Install, source: str, complaint: str) -> None:
        install_plugin("acme-card", BACKENDS, "acme", source)
        with pytest.raises(BackendError) as caught:
            self.load("acme")
        assert complaint in str(caught.value)
        assert "acme-card" in str(caught.value)

    def test_an_imported_hook_name_needs_no_mark(self, install_plugin: Install) -> None:
        source = BACKEND + "\nfrom tthal.plugins.hookspecs import tthal_caches\n"
        install_plugin("acme-card", BACKENDS, "acme", source)
        assert self.load("acme").name == "mine"


class TestExplicitChoice:
    def test_it_never_falls_back(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", BACKEND)
        with pytest.raises(BackendUnavailable) as caught:
            open_device(backend="acme")
        assert "cannot be used here: the cable is out. To fix it: plug it in." in str(caught.value)

    def test_a_failing_probe_or_open_is_wrapped_and_chained(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", BACKEND.replace("Availability(False", "Availability(True"))
        with pytest.raises(BackendError, match="'acme' failed to open device 0: RuntimeError: boom") as caught:
            open_device(backend="acme")
        assert isinstance(caught.value.__cause__, RuntimeError)

        broken = BACKEND.replace('return Availability(False, "the cable is out", "plug it in")', "return {}['x']")
        install_plugin("bad-probe", BACKENDS, "bad", broken)
        with pytest.raises(BackendError, match="'bad' failed in probe: KeyError: 'x'") as caught:
            open_device(backend="bad")
        assert isinstance(caught.value.__cause__, KeyError)

    def test_a_backend_must_open_a_driver(self, install_plugin: Install) -> None:
        source = BACKEND.replace("Availability(False", "Availability(True").replace(
            'raise RuntimeError("boom")', "return 7"
        )
        install_plugin("acme-card", BACKENDS, "acme", source)
        with pytest.raises(BackendError, match="opened 7, which is no tthal DeviceDriver"):
            open_device(backend="acme")


class TestAuto:
    @pytest.fixture(autouse=True)
    def _preference(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tthal.opening.AUTO_PREFERENCE", ("acme", "gone", "null"))

    def test_it_says_what_it_chose_and_why(
        self, null_backend: Backend, install_plugin: Install, caplog: pytest.LogCaptureFixture
    ) -> None:
        install_plugin("acme-card", BACKENDS, "acme", BACKEND)
        with caplog.at_level("INFO", "tthal"), open_device(backend="auto") as device:
            assert device.selection == Selection("null")
            assert "acme: the cable is out" in device.selection_reason
            assert "there is no backend 'gone'" in device.selection_reason
            assert "null is available" in device.selection_reason
        assert "backend auto chose null" in caplog.text

    def test_none_available_lists_every_reason(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", BACKEND)
        with pytest.raises(BackendUnavailable, match=r"acme: the cable is out; gone: .*; null: there is no backend"):
            open_device(backend="auto")

    def test_it_takes_no_options(self, null_backend: Backend) -> None:
        with pytest.raises(SelectionError, match="takes neither argument nor options"):
            open_device(backend="auto?seed=1")


class TestPlugins:
    def wrapped_summary(self) -> str:
        plugins = Plugins.for_open("null")
        return plugins.wrap_backend(facade.load_backend("null"), Selection("null")).summary.partition(" < ")[2]

    @pytest.fixture(autouse=True)
    def _null(self, null_backend: Backend) -> None:
        pass

    def test_wrappers_go_on_in_name_order_the_first_innermost(self, install_plugin: Install) -> None:
        install_plugin("dist-b", PLUGINS, "b_second", wrapper("b"))
        install_plugin("dist-a", PLUGINS, "a_first", wrapper("a"))
        assert self.wrapped_summary() == "a < b"

    def test_tryfirst_goes_innermost(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a_first", wrapper("a"))
        install_plugin("dist-b", PLUGINS, "b_second", wrapper("b", "(tryfirst=True)"))
        assert self.wrapped_summary() == "b < a"

    @pytest.mark.parametrize(
        ("variable", "expected"), [("b_second,a_first", "b < a"), (" a_first ", "a"), ("off", ""), ("OFF", "")]
    )
    def test_the_variable_chooses_and_orders(
        self, install_plugin: Install, monkeypatch: pytest.MonkeyPatch, variable: str, expected: str
    ) -> None:
        install_plugin("dist-a", PLUGINS, "a_first", wrapper("a"))
        install_plugin("dist-b", PLUGINS, "b_second", wrapper("b"))
        monkeypatch.setenv("TTHAL_PLUGINS", variable)
        assert self.wrapped_summary() == expected

    def test_the_variable_names_a_plugin_that_is_not_there(
        self, install_plugin: Install, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install_plugin("dist-a", PLUGINS, "a_first", wrapper("a"))
        monkeypatch.setenv("TTHAL_PLUGINS", "a_frist")
        with pytest.raises(PluginError, match=r"Did you mean 'a_first'\?"):
            open_device(backend="null")

    def test_the_wrapped_backend_is_what_opens(self, install_plugin: Install) -> None:
        source = wrapper("a").replace("return self.inner.open(*arguments)", "raise KeyError('from the wrapper')")
        install_plugin("dist-a", PLUGINS, "a_first", source)
        with pytest.raises(BackendError, match="from the wrapper"):
            open_device(backend="null")

    def test_a_broken_plugin_stops_open_and_says_how_to_go_on(
        self, install_plugin: Install, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install_plugin("dist-a", PLUGINS, "a_first", "1 / 0")
        with pytest.raises(PluginError, match=r"plugin 'a_first' .*dist-a 1.0.* TTHAL_PLUGINS=off"):
            open_device(backend="null")
        monkeypatch.setenv("TTHAL_PLUGINS", "off")
        open_device(backend="null").close()

    def test_a_wrapper_that_returns_something_else_is_named(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a_first", hook("def tthal_wrap_backend(backend): return 'no'"))
        with pytest.raises(PluginError, match=r"dist-a.*returned 'no'"):
            open_device(backend="null")

    def test_one_module_may_be_a_backend_and_a_plugin(self, install_plugin: Install) -> None:
        site = install_plugin("dist-a", PLUGINS, "a_first", wrapper("a") + BACKEND.replace('"mine"', '"both"'))
        with (site / "dist_a-1.0.dist-info" / "entry_points.txt").open("a") as file:
            file.write(f"[{BACKENDS}]\nboth = dist_a\n")
        loader.rescan()
        with pytest.raises(BackendUnavailable, match="the cable is out"):
            open_device(backend="both")
        assert self.wrapped_summary() == "a"

    def test_a_wrapper_may_decline(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a_first", hook("def tthal_wrap_backend(backend): return None"))
        assert self.wrapped_summary() == ""

    def test_event_sinks_hear_the_device(self, install_plugin: Install) -> None:
        source = "heard = []\n" + hook("def tthal_event_sink(device_id, selection): return heard.append")
        install_plugin("dist-a", PLUGINS, "a_first", source)
        install_plugin("dist-b", PLUGINS, "b_deaf", hook("def tthal_event_sink(): return None"))
        from tthal.program import Program

        with open_device(1, backend="null") as device:
            device.command_queue().launch(Program(), blocking=True)
        heard = sys.modules["dist_a"].heard
        assert [type(event).__name__ for event in heard] == ["Progress", "LaunchFinished"]
        assert {event.device_id for event in heard} == {1}

    def test_an_event_sink_must_be_callable(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a_first", hook("def tthal_event_sink(): return 3"))
        with pytest.raises(PluginError, match=r"dist-a.*returned 3, which cannot be called"):
            open_device(backend="null")

    def test_conformance_profiles_go_by_backend_name(self, install_plugin: Install) -> None:
        body = "def tthal_conformance_profile(backend_name): return 'its' if backend_name == 'null' else None"
        install_plugin("dist-a", PLUGINS, "a_first", hook(body))
        plugins, _ = Plugins.for_commands()
        assert plugins.conformance_profile("null") == "its"
        assert plugins.conformance_profile("other") is None

    def test_commands_of_a_broken_plugin_do_not_hide_the_others(self, install_plugin: Install) -> None:
        good = hook("def tthal_cli_commands():\n    import click\n    return [click.Command('hello')]")
        install_plugin("dist-a", PLUGINS, "a_first", "1 / 0")
        install_plugin("dist-b", PLUGINS, "b_bad", hook("def tthal_cli_commands(): return 1 / 0"))
        install_plugin("dist-c", PLUGINS, "c_worse", hook("def tthal_cli_commands(): return 1"))
        install_plugin("dist-d", PLUGINS, "d_good", good)
        plugins, problems = Plugins.for_commands()
        commands, failures = plugins.cli_commands()
        assert "hello" in [command.name for _, command in commands]
        assert any("dist-a" in str(problem) for problem in problems)
        assert [str(failure).count("dist-b") + 2 * str(failure).count("dist-c") for failure in failures] == [1, 2]


def test_the_public_face() -> None:
    assert sorted(tthal.plugins.__all__) == ["CacheInfo", "cache_info", "hookimpl"]


LISTENER = """
from tthal.errors import SelectionError
from tthal.plugins import hookimpl

heard = []

@hookimpl
def tthal_device_options():
    return {"probe": "what to look for: races or nothing"}

@hookimpl
def tthal_event_sink(device_id, selection):
    wanted = selection.option_values.get("probe", "nothing")
    if wanted not in ("races", "nothing"):
        raise SelectionError(f"probe={wanted}: races or nothing")
    if wanted == "races":
        heard.append(str(selection))
        return heard.append
"""
SEALED = (
    BACKEND.replace("Availability(False, ", "Availability(True, ").replace(
        'raise RuntimeError("boom")',
        """
        from dataclasses import replace
        from tests.null_backend import tthal_null
        inner = tthal_null.NullBackend().open(device_id, argument, options, events)
        inner._properties = replace(inner.properties, capabilities=frozenset())
        opened.append((dict(options), inner))
        return inner
""",
    )
    + "\nopened = []\n"
)


class TestDeviceOptions:
    """A plugin adds option keys to every device that can be observed."""

    @pytest.fixture(autouse=True)
    def _installed(self, null_backend: Backend, install_plugin: Install) -> None:
        install_plugin("acme-probe", PLUGINS, "probe", LISTENER)

    def test_the_plugin_gets_the_key_and_the_backend_does_not(
        self, null_backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        module = sys.modules[type(null_backend).__module__]
        observable = replace(module.PROPERTIES, capabilities=frozenset({Capability.OBSERVABLE}))
        monkeypatch.setattr(module, "PROPERTIES", observable)
        with open_device(backend="null?probe=races&memory=4096&check=off") as device:
            assert str(device.selection) == "null?probe=races&memory=4096&check=off"
        assert sys.modules["acme_probe"].heard[0] == "null?probe=races&memory=4096&check=off"

    def test_a_wrong_value_is_the_plugins_to_refuse(self) -> None:
        with pytest.raises(SelectionError, match="probe=speed: races or nothing"):
            open_device(backend="null?probe=speed")

    def test_a_misspelt_key_is_suggested_with_the_backends_own(self) -> None:
        with pytest.raises(SelectionError, match=r"'prob'\. Did you mean 'probe'\? It takes: check, dump, fail"):
            open_device(backend="null?prob=races")

    def test_a_device_that_cannot_be_observed_says_so(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", SEALED)
        open_device(backend="acme").close()
        with pytest.raises(SelectionError) as caught:
            open_device(backend="acme?probe=nothing")
        assert "option 'probe' belongs to plugin 'probe' (entry point acme_probe" in str(caught.value)
        assert "does not declare the capability 'observable'" in str(caught.value)
        options, second = sys.modules["acme_card"].opened[1]
        assert options == {}
        assert second.is_closed, "nothing is left open"

    def test_two_plugins_or_a_plugin_and_the_backend_cannot_share_a_key(self, install_plugin: Install) -> None:
        install_plugin("other-check", PLUGINS, "other", LISTENER)
        with pytest.raises(PluginError, match=r"plugin 'probe' .* and plugin 'other' .* both claim the option 'probe'"):
            open_device(backend="null")
        install_plugin("third-check", PLUGINS, "a_third", hook("def tthal_device_options(): return {'memory': 'x'}"))
        with pytest.raises(PluginError, match=r"plugin 'a_third' .* and the backend both claim the option 'memory'"):
            open_device(backend="null")

    def test_what_is_no_mapping_is_named(self, install_plugin: Install) -> None:
        install_plugin("bad-check", PLUGINS, "bad", hook("def tthal_device_options(): return ['probe']"))
        with pytest.raises(PluginError, match=r"tthal_device_options returned \['probe'\]; return a mapping"):
            open_device(backend="null")

    def test_backends_and_doctor_know_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "null?probe=races")
        environment = {"COLUMNS": "200"}
        listed = CliRunner(env=environment).invoke(command, ["backends"])
        row = r"\?probe=\s+what to look for: races or nothing \(plugin\s+probe\)"
        assert re.search(row, listed.output)
        assert "error" not in CliRunner(env=environment).invoke(command, ["doctor"]).stderr
