"""``sonique blender``: what goes into a zip, what is refused, and what is said of it."""

import json
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from sonique_cli.blender import archive, finding, index, installing, lock, own_wheel, wheels
from sonique_cli.blender.finding import Blender
from sonique_cli.blender.lock import LockedWheel, missing_for, read_lock, wheels_for
from sonique_cli.blender.platforms import PLATFORMS, PYTHONS, platform_named
from sonique_cli.exits import CommandError
from sonique_cli.main import app
from typer.testing import CliRunner

LINUX = platform_named("linux-x64")


@pytest.fixture
def stock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small files in place of the wheels, and a lock that names these."""
    folder = tmp_path / "stock"
    folder.mkdir()
    made = []
    for wheel in read_lock():
        path = folder / wheel.file
        path.write_bytes(wheel.file.encode())
        made.append(LockedWheel(wheel.project, wheel.version, wheel.file, wheels.digest(path), wheel.tag, wheel.python))
    monkeypatch.setattr(archive, "read_lock", lambda: tuple(made))
    return folder


def test_every_platform_has_all_that_it_needs_in_the_lock() -> None:
    for platform in PLATFORMS:
        assert missing_for(platform, read_lock()) == ()
        assert len(wheels_for(platform, read_lock())) == 4


def test_what_the_lock_lacks_is_named() -> None:
    without = [wheel for wheel in read_lock() if wheel.python != "3.13"]
    assert missing_for(LINUX, without) == ("grpcio for Python 3.13",)


def test_the_manifest_has_the_release_of_the_package() -> None:
    text = (own_wheel.source_of("sonique_blender") / "blender_manifest.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["version"] == version("sonique")


def test_a_zip_holds_the_extension_its_presets_and_the_wheels_that_its_manifest_names(
    stock: Path, tmp_path: Path
) -> None:
    path = archive.build(LINUX, tmp_path / "zips", stock)
    assert path.name == f"sonique-{version('sonique')}-linux-x64.zip"
    with zipfile.ZipFile(path) as opened:
        names = set(opened.namelist())
        manifest = tomllib.loads(opened.read("blender_manifest.toml").decode())
    assert {"__init__.py", "core/book.py", "render_child.py", "presets/sonique/wishes/Comedy.py"} <= names
    assert manifest["platforms"] == ["linux-x64"]
    assert {name.removeprefix("./") for name in manifest["wheels"]} == {
        name for name in names if name.startswith("wheels/")
    }
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)


def test_the_same_makes_the_same_bytes(stock: Path, tmp_path: Path) -> None:
    one, other = (archive.build(LINUX, tmp_path / name, stock).read_bytes() for name in ("a", "b"))
    assert one == other


def test_the_shared_client_travels_as_a_wheel_whose_record_is_right(tmp_path: Path) -> None:
    name, data = own_wheel.own_wheel()
    path = tmp_path / name
    path.write_bytes(data)
    with zipfile.ZipFile(path) as opened:
        names = opened.namelist()
        (record,) = (entry for entry in names if entry.endswith("/RECORD"))
        told = [line.split(",")[0] for line in opened.read(record).decode().splitlines()]
    assert sorted(told) == sorted(names)
    assert {"sonique/v1/scoring_pb2.py", "sonique_client/connection.py"} <= set(names)


def test_a_wheel_that_is_not_the_one_of_the_lock_is_refused(stock: Path, tmp_path: Path) -> None:
    next(stock.glob("grpcio*cp311*manylinux*")).write_bytes(b"another")
    with pytest.raises(CommandError, match="not the file that the lock names"):
        archive.build(LINUX, tmp_path / "zips", stock)
    assert not (tmp_path / "zips").exists()


def test_a_wheel_that_is_missing_is_named(stock: Path, tmp_path: Path) -> None:
    next(stock.glob("typing_extensions*")).unlink()
    with pytest.raises(CommandError, match="lacks typing_extensions"):
        archive.build(LINUX, tmp_path / "zips", stock)


@pytest.mark.parametrize("name", ["windows-arm64", "linux-arm64", "amiga"])
def test_a_platform_without_grpc_is_told_in_a_sentence(name: str) -> None:
    told = CliRunner().invoke(app, ["blender", "build", "--platform", name])
    assert isinstance(told.exception, CommandError)
    assert "gRPC is not there" in told.exception.sentence


def test_a_blender_whose_python_has_no_wheels_is_told_in_a_sentence() -> None:
    blender = Blender(Path("/usr/bin/blender"), (5, 2, 2), "3.14", "linux", "x86_64")
    with pytest.raises(CommandError, match=r"runs Python 3\.14, for which the extension carries no gRPC"):
        installing.platform_of(blender)


@pytest.mark.parametrize("python", PYTHONS)
def test_the_platform_is_that_of_the_blender(python: str) -> None:
    assert installing.platform_of(Blender(Path("b"), (5, 0, 1), python, "darwin", "arm64")).name == "macos-arm64"


def program(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def test_a_blender_says_what_it_is_and_one_that_is_too_old_is_refused(tmp_path: Path) -> None:
    path = program(tmp_path / "blender", "echo Blender quit", "echo SONIQUE 5 0 1 3 11 linux x86_64")
    assert finding.find(path) == Blender(path, (5, 0, 1), "3.11", "linux", "x86_64")
    program(path, "echo SONIQUE 4 2 0 3 11 linux x86_64")
    with pytest.raises(CommandError, match=r"is Blender 4\.2\.0; Sonique needs 4\.5"):
        finding.find(path)


def test_what_is_no_blender_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="does not answer as Blender does"):
        finding.find(program(tmp_path / "blender", "echo hello"))
    with pytest.raises(CommandError, match="does not run"):
        finding.find(tmp_path / "nowhere")


def test_without_a_blender_one_is_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_places", list)
    with pytest.raises(CommandError, match="name its program with --blender"):
        finding.find(None)


def test_what_blender_says_when_it_cannot_install_is_passed_on(tmp_path: Path) -> None:
    path = program(tmp_path / "blender", "echo SONIQUE: the zip is damaged")
    with pytest.raises(CommandError, match="SONIQUE: the zip is damaged"):
        installing.install(Blender(path, (5, 0, 1), "3.11", "linux", "x86_64"), tmp_path / "sonique.zip")


def test_an_index_lists_each_zip_with_its_digest(stock: Path, tmp_path: Path) -> None:
    paths = [archive.build(platform, tmp_path / "zips", stock) for platform in PLATFORMS]
    path, count = index.write_index(tmp_path / "zips")
    entries = json.loads(path.read_text())["data"]
    assert count == len(paths) == 4
    assert {entry["archive_hash"] for entry in entries} == {f"sha256:{wheels.digest(each)}" for each in paths}
    assert {entry["platforms"][0] for entry in entries} == {platform.name for platform in PLATFORMS}


def test_a_folder_without_zips_or_with_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no zip"):
        index.write_index(tmp_path)
    (tmp_path / "holiday.zip").write_bytes(b"PK")
    with pytest.raises(CommandError, match="no zip of an extension"):
        index.write_index(tmp_path)


def test_the_lock_pins_every_wheel_by_a_whole_digest() -> None:
    assert all(len(wheel.sha256) == 64 and wheel.file.endswith(".whl") for wheel in lock.read_lock())
