"""Finding media files, and what may not be opened."""

import os
import sys
from pathlib import Path

import opentimelineio as otio
import pytest
from sonique_daemon.domain.request import Timeline
from sonique_daemon.errors import Cancelled, MediaNotFound, PathRefused
from sonique_daemon.timeline import folders
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.roots import Roots

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX paths")


def made(path: Path, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path.resolve()


def locator(folder: Path, *media_roots: Path, allowed: tuple[Path, ...] = ()) -> MediaLocator:
    return MediaLocator(Roots(allowed), folder, media_roots)


@pytest.mark.parametrize(
    "url",
    [
        "{folder}/my clip.mov",
        "file://{folder}/my%20clip.mov",
        "file://localhost{folder}/my%20clip.mov",
        "FILE://{folder}/my clip.mov",
        "file:{folder}/my%20clip.mov",
        "my clip.mov",
        "./my clip.mov",
        "my%20clip.mov",
        "sub/../my clip.mov",
        "file:my%20clip.mov",
        "file://./my%20clip.mov",
    ],
)
@posix
def test_a_file_is_found_however_it_is_written(tmp_path: Path, url: str) -> None:
    clip = made(tmp_path / "my clip.mov")
    made(tmp_path / "sub" / "x")
    assert locator(tmp_path).locate(url.format(folder=tmp_path)) == clip


@pytest.mark.parametrize("name", ["100%.mov", "a#1.mov", "what?.mov", "a%20b.mov", "ä ö.mov", "a:b.mov"])
@posix
def test_odd_characters_in_names_survive(tmp_path: Path, name: str) -> None:
    clip = made(tmp_path / name)
    assert locator(tmp_path).locate(str(clip)) == clip
    assert locator(tmp_path).locate(clip.as_uri()) == clip
    assert locator(tmp_path).locate(f"file://{clip}") == clip


@posix
def test_backslashes_of_a_relative_windows_path_are_folders(tmp_path: Path) -> None:
    clip = made(tmp_path / "day 1" / "a.mov")
    assert locator(tmp_path).locate("day 1\\a.mov") == clip


@pytest.mark.parametrize(
    "url",
    [
        "C:\\footage\\day1\\A003.MOV",
        "file://localhost/C%3a/footage/day1/A003.mov",
        "file:///C:/footage/day1/A003.mov",
        "file://C:/footage/day1/A003.mov",
        "\\\\nas\\footage\\day1\\A003.mov",
        "//nas/footage/A003.mov",
        "file://nas/footage/A003.mov",
        "/Volumes/Raid/day1/A003.mov",
        "/somewhere/else/A003.mov",
        "gone/A003.mov",
    ],
)
@posix
def test_what_is_not_where_the_timeline_says_is_found_by_name_in_the_media_roots(tmp_path: Path, url: str) -> None:
    clip = made(tmp_path / "media" / "deep" / "day1" / "A003.mov")
    assert locator(tmp_path / "project", tmp_path / "media").locate(url) == clip


def test_among_files_of_one_name_the_folders_decide(tmp_path: Path) -> None:
    made(tmp_path / "day1" / "cam" / "A003.mov", "one")
    second = made(tmp_path / "day2" / "cam" / "A003.mov", "two.")
    assert locator(tmp_path, tmp_path).locate("/raid/day2/cam/A003.mov") == second


def test_different_files_of_one_name_are_ambiguous_and_copies_are_not(tmp_path: Path) -> None:
    first = made(tmp_path / "x" / "A003.mov", "same")
    other = made(tmp_path / "y" / "A003.mov", "more")
    assert locator(tmp_path, tmp_path).locate("/raid/A003.mov") == first
    other.write_text("different")
    with pytest.raises(MediaNotFound, match="2 different files of that name"):
        locator(tmp_path, tmp_path).locate("/raid/A003.mov")


def test_names_written_in_another_unicode_form_are_the_same(tmp_path: Path) -> None:
    clip = made(tmp_path / "caf\u00e9.mov")
    assert locator(tmp_path / "p", tmp_path).locate("/raid/cafe\u0301.mov") == clip


def test_a_lost_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound) as caught:
        locator(tmp_path).locate("file:///raid/my%20A003.mov")
    assert caught.value.sentence == (
        "Clip “my A003.mov” was not found at /raid/my A003.mov; relink it or pass --media-root."
    )
    with pytest.raises(MediaNotFound, match="no media root holds a file of that name"):
        locator(tmp_path, tmp_path).locate("/raid/A003.mov")


def test_a_search_that_was_cut_short_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_ENTRIES", 5)
    for number in range(10):
        made(tmp_path / f"{number}.mov")
    with pytest.raises(MediaNotFound, match="pass a narrower --media-root"):
        locator(tmp_path / "p", tmp_path).locate("/raid/9.mov")


@posix
def test_a_search_shows_at_every_folder_that_it_goes_on_and_ends_where_it_is_told_to(tmp_path: Path) -> None:
    for name in "abc":
        made(tmp_path / name / f"{name}.mov")
    looks: list[int] = []

    def stopped() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise Cancelled

    request = Timeline("", media_roots=(str(tmp_path),))
    with pytest.raises(Cancelled):
        MediaLocator.for_request(request, Roots(()), stopped).locate("/gone/b.mov")


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    clip = made(tmp_path / "deep" / "A.mov")
    assert locator(tmp_path / "p", tmp_path).locate("/raid/A.mov") == clip
    assert folders.FolderIndex([tmp_path]).named("A.mov") == [clip]
    with pytest.raises(MediaNotFound):
        locator(tmp_path).locate(str(tmp_path / "self"))


@posix
@pytest.mark.parametrize("url", ["file://localhost/C%3a/day1/A003.mov", "file://C%3A/day1/A003.mov"])
def test_a_windows_path_in_a_url_is_told_as_windows_writes_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(MediaNotFound, match="was not found at C:/day1"):
        locator(tmp_path).locate(url)


@pytest.mark.parametrize(
    "url", ["https://example.org/a.mov", "rtsp://x/a", "smb://nas/a.mov", "concat://a|b", "data://text/plain,x"]
)
def test_urls_of_the_network_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(PathRefused, match="no file on this computer"):
        locator(tmp_path).locate(url)


@pytest.mark.parametrize("url", ["//nas/a.mov", "\\\\nas\\share\\a.mov", "file://nas/a.mov", "\\\\.\\PhysicalDrive0"])
def test_network_paths_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(PathRefused, match="is a network path"):
        locator(tmp_path).locate(url)


def test_a_file_outside_the_roots_is_refused(tmp_path: Path) -> None:
    outside = made(tmp_path / "outside" / "a.mov")
    (tmp_path / "project").mkdir()
    with pytest.raises(PathRefused, match="lies outside the folders"):
        locator(tmp_path / "project").locate(str(outside))
    with pytest.raises(PathRefused, match="lies outside the folders"):
        locator(tmp_path / "project").locate("../outside/a.mov")
    assert locator(tmp_path / "project", allowed=(tmp_path,)).locate(str(outside)) == outside


@posix
def test_a_link_out_of_the_roots_is_refused(tmp_path: Path) -> None:
    outside = made(tmp_path / "outside" / "secret")
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.mov").symlink_to(outside)
    (project / "folder").symlink_to(outside.parent)
    for name in ("a.mov", "folder/secret"):
        with pytest.raises(PathRefused):
            locator(project).locate(name)
    with pytest.raises(PathRefused):
        locator(tmp_path / "p", project).locate("/raid/secret")


@posix
def test_a_folder_reached_through_a_link_is_a_root(tmp_path: Path) -> None:
    clip = made(tmp_path / "real" / "a.mov")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert locator(tmp_path / "link").locate("a.mov") == clip


@posix
def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mov")
    (tmp_path / "folder.mov").mkdir()
    with pytest.raises(PathRefused, match="is a pipe and no file"):
        locator(tmp_path).locate("pipe.mov")
    with pytest.raises(PathRefused, match="is a folder and no file"):
        locator(tmp_path).locate("folder.mov")


@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/zero", "/sys/kernel/uevent_seqnum"])
@pytest.mark.skipif(sys.platform != "linux", reason="Linux paths")
def test_the_systems_own_files_are_refused_whatever_the_roots(tmp_path: Path, path: str) -> None:
    if not Path(path).exists():
        pytest.skip(f"no {path} here")
    with pytest.raises(PathRefused):
        locator(tmp_path, Path("/"), allowed=(Path("/"), Path("/proc"))).locate(path)


@pytest.mark.parametrize(
    "url", ["", "\x00", "a\x00b.mov", "x" * 100_000, "/" * 5000, "file://", "a/" * 3000, ".", "C:"]
)
def test_paths_that_are_none_are_errors_and_no_crash(tmp_path: Path, url: str) -> None:
    with pytest.raises((MediaNotFound, PathRefused)) as caught:
        locator(tmp_path, tmp_path).locate(url)
    assert len(caught.value.sentence) < 1000


def test_a_request_names_its_own_roots(tmp_path: Path) -> None:
    clip = made(tmp_path / "media" / "a.mov")
    request = Timeline("", folder=str(tmp_path / "project"), media_roots=(str(tmp_path / "media"), ""))
    assert MediaLocator.for_request(request, Roots(())).locate("a.mov") == clip
    with pytest.raises(PathRefused):
        MediaLocator.for_request(Timeline("", media_roots=("media",)), Roots(())).locate(str(clip))


def test_the_default_roots_hold_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    clip = made(tmp_path / "videos" / "a.mov")
    assert MediaLocator(Roots.default()).locate(str(clip)) == clip


def test_a_home_that_is_the_whole_disk_is_no_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", tmp_path.anchor)
    monkeypatch.setenv("USERPROFILE", tmp_path.anchor)
    assert Path(tmp_path.anchor) not in Roots.default().allowed
    with pytest.raises(PathRefused):
        MediaLocator(Roots.default()).locate(str(made(tmp_path / "videos" / "a.mov")))


@pytest.mark.parametrize("name", ["A003.mov", "a003.MOV", "A003"])
def test_a_bare_name_is_found_with_or_without_its_extension(tmp_path: Path, name: str) -> None:
    clip = made(tmp_path / "reels" / "A003.mov")
    assert locator(tmp_path, tmp_path).named(name) == clip
    assert locator(tmp_path, tmp_path).named("A004") is None


def test_a_bare_name_is_found_beside_the_timeline(tmp_path: Path) -> None:
    clip = made(tmp_path / "A003.mov")
    assert locator(tmp_path).named("A003.mov") == clip
    assert locator(tmp_path).named("../A003.mov") is None


@pytest.mark.parametrize("name", ["GREEN.MOV", "Green", "green"])
def test_a_film_beside_the_timeline_is_found_in_any_case_and_without_its_extension(tmp_path: Path, name: str) -> None:
    clip = made(tmp_path / "green.mov")
    made(tmp_path / "green.edl")
    made(tmp_path / "below" / "green.mov")
    assert locator(tmp_path).named(name) == clip


def test_a_document_beside_the_timeline_is_no_clip_of_that_name(tmp_path: Path) -> None:
    made(tmp_path / "Title.txt")
    assert locator(tmp_path).named("Title") is None


def test_a_bare_name_of_two_files_is_neither(tmp_path: Path) -> None:
    made(tmp_path / "A003.mov")
    made(tmp_path / "A003.wav")
    assert locator(tmp_path / "p", tmp_path).named("A003") is None


def reference(base: Path | str, **more: object) -> otio.schema.ImageSequenceReference:
    fields = {"start_frame": 8, "rate": 24.0, "frame_zero_padding": 4, **more}
    return otio.schema.ImageSequenceReference(str(base), "s.", ".png", **fields)


@posix
def test_an_image_sequence_is_found_by_url_path_and_name(tmp_path: Path) -> None:
    for number in (8, 9, 10, 12):
        made(tmp_path / "a b" / f"s.{number:04d}.png")
    made(tmp_path / "a b" / "s.11.png")
    made(tmp_path / "a b" / "s.0007.png")
    folder = (tmp_path / "a b").resolve()
    for base in (folder, folder.as_uri(), f"{folder.as_uri()}/", "a b", "/raid/gone"):
        found = locator(tmp_path, tmp_path).sequence(reference(base))
        assert found.pattern == f"{folder}/s.%04d.png"
        assert (found.first.name, found.last_number, found.missing) == ("s.0008.png", 12, 1)


@posix
def test_per_cent_signs_in_a_sequences_path_are_doubled(tmp_path: Path) -> None:
    made(tmp_path / "50%d" / "s.0008.png")
    pattern = locator(tmp_path).sequence(reference("50%d")).pattern
    assert pattern % 8 == f"{tmp_path.resolve()}/50%d/s.0008.png"


@posix
def test_a_sequence_with_an_image_outside_the_roots_is_refused(tmp_path: Path) -> None:
    project = tmp_path / "project"
    made(project / "s.0008.png")
    (project / "s.0009.png").symlink_to(made(tmp_path / "secret.png"))
    with pytest.raises(PathRefused):
        locator(project).sequence(reference(project))


@pytest.mark.parametrize("prefix", ["../", "a/b", "\\\\nas\\", "\x00"])
def test_a_sequence_whose_name_holds_a_path_is_refused(tmp_path: Path, prefix: str) -> None:
    held = reference(tmp_path)
    held.name_prefix = prefix
    with pytest.raises((PathRefused, MediaNotFound)):
        locator(tmp_path).sequence(held)


@posix
def test_a_link_that_leads_nowhere_is_passed_over_when_relinking(tmp_path: Path) -> None:
    clip = made(tmp_path / "raid" / "new" / "a.mov")
    (tmp_path / "raid" / "a.mov").symlink_to(tmp_path / "gone.mov")
    found = locator(tmp_path, tmp_path / "raid")
    assert found.locate("/old/a.mov") == clip
    assert found.named("a") == clip


@posix
def test_a_media_root_that_leads_round_in_a_circle_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path / "round")
    clip = made(tmp_path / "a.mov")
    with pytest.raises(PathRefused, match="outside the folders"):
        MediaLocator(Roots((tmp_path / "round",)), None, (tmp_path / "round",)).locate(str(clip))


def sequence(folder: str) -> otio.schema.ImageSequenceReference:
    return otio.schema.ImageSequenceReference(folder, "a.", ".png", 1, 1, 24, 4)


@posix
def test_a_sequence_in_a_folder_that_no_system_can_name_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound):
        locator(tmp_path).sequence(sequence("/" + "a" * 300))


@posix
@pytest.mark.parametrize("name", ["a.0001.png", "b"])
def test_nothing_is_told_of_a_sequence_outside_the_roots(tmp_path: Path, name: str) -> None:
    made(tmp_path / "secret" / name)
    with pytest.raises(PathRefused, match="outside the folders"):
        locator(tmp_path / "edit", allowed=(tmp_path / "edit",)).sequence(sequence(str(tmp_path / "secret")))


@posix
def test_a_sequence_whose_folder_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(PathRefused, match="cannot be looked into"):
        locator(tmp_path).sequence(sequence(str(tmp_path)))
