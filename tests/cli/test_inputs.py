"""Timelines in every form that the command reads."""

import os
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input
from sonique_cli.options import CutsChoice

FORMS: dict[str, dict[str, Any]] = {
    "edit.otio": {},
    "edit.otioz": {},
    "edit.otiod": {},
    "edit.edl": {"adapter_name": "cmx_3600", "rate": 25},
    "edit.xml": {"adapter_name": "fcp_xml"},
    "edit.fcpxml": {},
    "edit.aaf": {"adapter_name": "AAF", "use_empty_mob_ids": True},
}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))


def read_otio(text: str) -> otio.schema.Timeline:
    return otio.adapters.read_from_string(text, "otio_json")


def frames(start: int, count: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, 25), otio.opentime.RationalTime(count, 25))


FCPXML = """<fcpxml version="1.11"><resources><format id="r1" frameDuration="1/25s"/>
<asset id="r2" start="0s" duration="8s" hasVideo="1" format="r1" src="{url}"/></resources>
<project name="edit"><sequence format="r1" tcStart="3600s"><spine>
<asset-clip ref="r2" offset="3600s" start="4s" duration="3s"/><asset-clip ref="r2" offset="3603s" duration="3s"/>
</spine></sequence></project></fcpxml>
"""


def write_edit(film: Path, path: Path) -> None:
    """Two clips of the film: seconds 4 to 7, then 0 to 3."""
    if path.suffix == ".fcpxml":
        path.write_text(FCPXML.format(url=film.as_uri()))
        return
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for start in (100, 0):
        reference = otio.schema.ExternalReference(target_url=film.as_uri(), available_range=frames(0, 200))
        track.append(otio.schema.Clip(film.stem, reference, frames(start, 75)))
    timeline = otio.schema.Timeline("edit", global_start_time=otio.opentime.RationalTime(90_000, 25))
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(path), **FORMS[path.name])


@pytest.mark.parametrize("name", list(FORMS))
def test_a_timeline_of_any_form_becomes_otio_with_its_clips(film: Path, tmp_path: Path, name: str) -> None:
    write_edit(film, tmp_path / name)
    sent = read_input(tmp_path / name, Timeline(rate=25.0))
    timeline = otio.adapters.read_from_string(sent.otio_json)
    lengths = [clip.source_range.duration.to_seconds() for clip in timeline.find_clips()]
    assert lengths == [3.0, 3.0]


def test_a_zipped_bundle_is_unpacked_once_with_its_media(film: Path, tmp_path: Path) -> None:
    write_edit(film, tmp_path / "edit.otioz")
    first, second = (read_input(tmp_path / "edit.otioz", Timeline()) for _ in range(2))
    assert first == second
    assert (Path(first.folder) / "media" / film.name).read_bytes() == film.read_bytes()
    assert [path.name for path in Path(first.folder).parent.iterdir()] == [Path(first.folder).name]


def test_a_bundle_that_is_named_from_its_own_folder_finds_its_media(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_edit(film, tmp_path / "edit.otiod")
    monkeypatch.chdir(tmp_path)
    sent = read_input(Path("edit.otiod"), Timeline())
    for clip in otio.adapters.read_from_string(sent.otio_json).find_clips():
        assert (Path(sent.folder) / clip.media_reference.target_url).is_file()
    assert Path(sent.folder) == tmp_path / "edit.otiod"


DEEP = '{"OTIO_SCHEMA": "Timeline.1", "metadata": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}"


@pytest.mark.parametrize("name", ["edit.otioz", "edit.otiod"])
def test_a_bundle_nested_without_reason_is_left_to_the_daemon_to_refuse(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "edit.otiod":
        path.mkdir()
        (path / "content.otio").write_text(DEEP)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("content.otio", DEEP)
    assert read_input(path, Timeline()).otio_json == DEEP


def test_a_bundle_that_unpacks_to_far_more_than_it_is_stays_packed(tmp_path: Path) -> None:
    path = tmp_path / "edit.otioz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.otio", "{}")
        archive.writestr("media/a.mov", bytes(64 * 2**20))
    with pytest.raises(CommandError, match="would unpack to 67 MB") as told:
        read_input(path, Timeline())
    assert told.value.exit_code is Exit.INPUT
    assert not [found for found in (tmp_path / "cache").rglob("*") if found.is_file()]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")
@pytest.mark.parametrize("name", ["edit.otio", "edit.edl", "edit.xml", "edit.aaf"])
def test_a_pipe_or_a_device_named_like_a_timeline_is_not_waited_for(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("/dev/zero")
    os.mkfifo(tmp_path / f"pipe.{name}")
    for path in (tmp_path / name, tmp_path / f"pipe.{name}"):
        with pytest.raises(CommandError, match="is no file that can be read"):
            read_input(path, Timeline())


def test_an_address_on_the_network_is_no_file_here() -> None:
    with pytest.raises(CommandError, match="of this machine alone; download it first") as told:
        read_input(Path("https://example.org/trip.mp4"), Timeline())
    assert told.value.exit_code is Exit.INPUT


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "edit.prproj",
            "is a project of Premiere Pro, which Sonique does not read; export its sequence as OTIO or Final",
        ),
        (
            "edit.DRP",
            "is a project of DaVinci Resolve, which Sonique does not read; export its timeline as OTIO, or score",
        ),
        ("edit.kdenlive", "export it as OTIO"),
    ],
)
def test_a_project_is_told_with_what_to_export_of_it(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(CommandError, match=sentence) as told:
        read_input(tmp_path / name, Timeline())
    assert told.value.exit_code is Exit.INPUT


def test_a_film_becomes_a_timeline_of_one_clip(film: Path) -> None:
    sent = read_input(film, Timeline("1-3", [film.parent], CutsChoice.DETECT))
    (clip,) = otio.adapters.read_from_string(sent.otio_json).find_clips()
    assert clip.media_reference.target_url.endswith("trip.mp4")
    assert (sent.range_text, sent.folder, list(sent.media_roots)) == ("1-3", str(film.parent), [str(film.parent)])


@pytest.mark.parametrize("name", [name for name in FORMS if name not in ("edit.otio", "edit.otiod")])
def test_a_broken_timeline_gets_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\xffnot a timeline")
    with pytest.raises(CommandError) as told:
        read_input(tmp_path / name, Timeline())
    assert told.value.exit_code is Exit.INPUT
    assert name in told.value.sentence
    assert "\n" not in told.value.sentence


EDL = """TITLE: Reel
FCM: NON-DROP FRAME

001  AX       V     C        00:00:01{0}00 00:00:03{0}00 00:59:59{0}00 01:00:01{0}00
* FROM CLIP NAME: Übung.mov
"""


def write_edl(path: Path, divider: str = ":", encoding: str = "utf-8") -> Path:
    path.write_bytes(EDL.format(divider).encode(encoding))
    return path


def rate_of(path: Path, rate: float | None) -> float:
    (clip,) = read_otio(read_input(path, Timeline(rate=rate)).otio_json).find_clips()
    return float(clip.source_range.start_time.rate)


@pytest.mark.parametrize(
    ("rate", "divider", "exact"),
    [
        (None, ":", 24.0),
        (25.0, ":", 25.0),
        (23.976, ":", 24_000 / 1001),
        (29.97, ":", 30_000 / 1001),
        (None, ";", 30_000 / 1001),
        (59.94, ";", 60_000 / 1001),
    ],
)
def test_an_edl_is_read_at_the_rate_that_people_write_else_at_its_timecodes_own(
    tmp_path: Path, rate: float | None, divider: str, exact: float
) -> None:
    assert rate_of(write_edl(tmp_path / "edit.edl", divider), rate) == exact


@pytest.mark.parametrize(("rate", "sentence"), [(12.0, "No timecode counts 12 frames"), (0.0, "is not a frame rate")])
def test_a_rate_that_no_timecode_counts_is_told(tmp_path: Path, rate: float, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as told:
        rate_of(write_edl(tmp_path / "edit.edl"), rate)
    assert told.value.exit_code is Exit.USAGE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_names_in_an_edl_are_read_in_the_encodings_that_programs_write(tmp_path: Path, encoding: str) -> None:
    sent = read_input(write_edl(tmp_path / "edit.edl", encoding=encoding), Timeline())
    assert [clip.name for clip in read_otio(sent.otio_json).find_clips()] == ["Übung.mov"]


def test_an_empty_timeline_file_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "empty.otio").write_text(" \n")
    with pytest.raises(CommandError, match=r"empty\.otio” is empty") as told:
        read_input(tmp_path / "empty.otio", Timeline())
    assert told.value.exit_code is Exit.INPUT


@pytest.mark.parametrize(("held", "read"), [(1, True), (17 * 2**20, False)])
def test_a_timeline_that_its_indentation_alone_makes_large_is_read_as_it_is(
    tmp_path: Path, held: int, read: bool
) -> None:
    timeline = otio.schema.Timeline("lang", metadata={"note": "ü" * held, "numbers": [1, 2.0, 1e-9]})
    (tmp_path / "long.otio").write_text(timeline.to_json_string() + " " * 17 * 2**20, encoding="utf-8")
    if read:
        sent = read_otio(read_input(tmp_path / "long.otio", Timeline()).otio_json)
        assert sent.is_equivalent_to(timeline)
    else:
        with pytest.raises(CommandError, match="larger than 16 MiB; trim the timeline"):
            read_input(tmp_path / "long.otio", Timeline())


def test_an_aaf_that_lost_a_clips_source_says_nothing_where_documents_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aaf2: Any = import_module("aaf2")
    with aaf2.open(str(tmp_path / "lost.aaf"), "w") as file:
        edit = file.create.CompositionMob("edit")
        edit.usage = "Usage_TopLevel"
        file.content.mobs.append(edit)
        edit.create_timeline_slot(25).segment = file.create.Sequence(media_kind="picture")
        clip = file.create.SourceClip(media_kind="picture", start=0, length=50)
        clip["SourceID"].value, clip["SourceMobSlotID"].value = file.create.MasterMob("gone").mob_id, 1
        edit.slots[0].segment.components.append(clip)
    read_input(tmp_path / "lost.aaf", Timeline())
    assert capsys.readouterr().out == ""
