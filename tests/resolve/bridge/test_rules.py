"""What may run inside Resolve, and what may not."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import sonique_resolve.bridge
from sonique_resolve.bridge.interpreter import METHODS, NEWER
from sonique_resolve.calls import RESOLVE, Call
from sonique_resolve.fake.world import World

BRIDGE = Path(sonique_resolve.bridge.__file__).parent
INSIDE = ("interpreter.py", "window.py", "external.py", "menu.py")
WIRED = ("external", "menu", "mailbox-luajit21")


def imported(tree: ast.AST) -> set[str]:
    """The top-level names of the modules that a file imports, wherever it does."""
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("file", INSIDE)
def test_what_resolves_python_runs_is_python_3_6(file: str) -> None:
    ast.parse((BRIDGE / file).read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("file", INSIDE)
def test_what_resolves_python_runs_needs_the_standard_library_alone(file: str) -> None:
    assert imported(ast.parse((BRIDGE / file).read_text(encoding="utf-8"))) <= sys.stdlib_module_names


@pytest.mark.parametrize("file", sorted(BRIDGE.glob("*.py")), ids=lambda path: str(path.stem))
def test_no_bridge_speaks_over_a_network(file: Path) -> None:
    assert not imported(ast.parse(file.read_text(encoding="utf-8"))) & {
        "grpc",
        "socket",
        "socketserver",
        "http",
        "asyncio",
    }


def test_the_transports_load_no_grpc() -> None:
    look = "import sys, sonique_resolve.transports; sys.exit('grpc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("name", WIRED)
def test_no_transport_listens_on_a_port(name: str, sit_down: Callable[..., Any]) -> None:
    before = listening()
    desk = sit_down(name, World())
    desk.do([Call(RESOLVE, "GetVersion")])
    assert listening() == before


def listening() -> set[Any]:
    """The ports that this process and its children listen on."""
    ours = psutil.Process(os.getpid())
    ports = [port for each in (ours, *ours.children(recursive=True)) for port in each.net_connections("inet")]
    return {port.laddr for port in ports if port.status == psutil.CONN_LISTEN}


def test_newer_names_are_in_one_list_and_no_other() -> None:
    assert not METHODS & NEWER


def test_nothing_that_ends_or_rewrites_the_users_resolve_may_be_called() -> None:
    harmful = {"Quit", "ArchiveProject", "RestoreProject", "SetCurrentDatabase", "DeleteAllRenderJobs", "SetPreset"}
    assert not (METHODS | NEWER) & harmful
