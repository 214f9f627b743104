"""The built zip: Blender's own tool takes it, and Blender installs it without a window and makes music with it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.blender.conftest import RELEASES, ROOT, Blender

Painted = Callable[[str, Fraction, int], Path]
BROUGHT = ("grpc", "google", "protobuf", "sonique")
"""What the zip brings along and the Blender that it is tried in must not have; typing_extensions is in some."""


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip for Linux, as the command builds it; its wheels are fetched by pip where they are not kept yet.

    They are fetched for a Blender alone: whoever has none needs no network for these tests.
    """
    if not any(os.environ.get(f"SONIQUE_BPY_{release}") for release in RELEASES):
        pytest.skip("no Blender is here; python .ci/blenders.py makes it")
    folder = tmp_path_factory.mktemp("zips")
    command = [sys.executable, "-m", "sonique_cli.main", "blender", "build", "-o", str(folder), "--platform"]
    done = subprocess.run([*command, "linux-x64"], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.zip")
    return path


@pytest.fixture(scope="session")
def newer(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A later build of the same release, whose shared client is another one."""
    packages, folder = tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("newer")
    shutil.copytree(ROOT / "clients" / "common" / "sonique_client", packages / "sonique_client")
    with (packages / "sonique_client" / "__init__.py").open("a") as out:
        out.write("\nNEWER = True\n")
    command = [sys.executable, "-m", "sonique_cli.main", "blender", "build", "-o", str(folder), "--platform"]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    subprocess.run([*command, "linux-x64"], env=environment, capture_output=True, timeout=280, check=True)
    return folder / archive.name


@pytest.fixture
def bare(blender: Blender) -> dict[str, str]:
    """The environment of a Blender that has its own packages and none of those that the zip brings."""
    packages = blender.folder / "bare"
    packages.mkdir()
    (site,) = (blender.python.parent.parent / "lib").glob("python3.*/site-packages")
    for entry in site.iterdir():
        if not entry.name.startswith((*BROUGHT, "__pycache__")):
            (packages / entry.name).symlink_to(entry)
    return {**blender.environment(), "PYTHONPATH": str(packages)}


def tool(blender: Blender) -> Path:
    """Blender's own tool for extensions, which needs no Blender to run."""
    (found,) = (blender.python.parent.parent / "lib").rglob("bl_pkg/cli/blender_ext.py")
    return found


def test_blenders_own_tool_finds_nothing_wrong(blender: Blender, archive: Path) -> None:
    command = [str(blender.python), str(tool(blender)), "validate", str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_our_index_is_the_one_that_blenders_own_tool_writes(blender: Blender, archive: Path, tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / archive.name).write_bytes(archive.read_bytes())
    ours = [sys.executable, "-m", "sonique_cli.main", "blender", "index", str(tmp_path / "ours")]
    theirs = [str(blender.python), str(tool(blender)), "server-generate", "--repo-dir", str(tmp_path / "theirs")]
    for command in (ours, theirs):
        subprocess.run(command, capture_output=True, timeout=60, check=True)
    one, other = (json.loads((tmp_path / name / "index.json").read_text()) for name in ("ours", "theirs"))
    assert one == other
    assert one["data"][0]["python_versions"] == ["3.11", "3.13"]


def test_where_the_wheels_are_missing_a_panel_says_so_and_nothing_breaks(
    blender: Blender, bare: dict[str, str]
) -> None:
    command = blender.command("unfit")
    command.insert(1, "-S")
    extension = os.pathsep.join((bare["PYTHONPATH"], str(ROOT / "clients" / "blender_vse")))
    done = subprocess.run(
        command, env={**bare, "PYTHONPATH": extension}, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads((blender.folder / "unfit.json").read_text())
    assert found == {"panel": True, "operators": False, "gone": True}
    assert "Sonique lacks grpc, google.protobuf, sonique_client, sonique for this Blender's Python 3." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.usefixtures("daemon")
def test_it_installs_without_a_window_and_scores_with_nothing_but_what_it_brought(
    blender: Blender, bare: dict[str, str], archive: Path, painted: Painted
) -> None:
    film = painted("bars24.mp4", Fraction(24), 240)
    command = blender.command("installed", str(archive), str(film))
    command.insert(1, "-S")  # without the packages of its own environment
    done = subprocess.run(command, env=bare, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads((blender.folder / "installed.json").read_text())
    assert found["before"] == []
    assert found["addons"] == ["bl_ext.user_default.sonique"]
    assert not found["grpc_loaded_at_start"]
    assert f"{os.sep}.local{os.sep}" in found["grpc"]
    assert found["protobuf"] == "upb"
    assert (found["scored"], found["music"]) == (["FINISHED"], ["Sonique: calm"])
    assert found["files"] == [".wav"]
    assert found["disabled"]


def test_a_later_build_that_is_installed_over_an_older_one_is_all_there_at_once(
    blender: Blender, bare: dict[str, str], archive: Path, newer: Path
) -> None:
    command = blender.command("updated", str(archive), str(newer))
    command.insert(1, "-S")
    done = subprocess.run(command, env=bare, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads((blender.folder / "updated.json").read_text())
    assert found == {"newer": [False, True], "enabled": [1, 1], "same": True}
