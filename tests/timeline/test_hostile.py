"""Hostile media: whatever a file claims or names, nothing but that file is read, and every error is one sentence."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.domain.picture import Source
from sonique_daemon.errors import PathRefused
from sonique_daemon.timeline.imagefiles import find_images
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.roots import Roots
from sonique_daemon.timeline.sequence import sequence_file, sequence_numbers

from bench.faults.asks import make_film
from bench.faults.damage import Case, bombs, damaged
from bench.faults.home import REPOSITORY
from bench.faults.hostile import Bait, hostile
from bench.faults.witness import Listener, Watch, connections, opened, strace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches and traces of Linux")

SEVERAL_FRAMES_BYTES = 1200 * 2**20


@dataclass(frozen=True)
class Seen:
    """What looking at some files came to, and what else was touched meanwhile."""

    results: dict[str, dict[str, Any]]
    opened: set[str]
    connections: set[str]
    bait_touched: set[str]
    visits: int


def look(cases: Sequence[Case], trace: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """What each file came to, in a process of its own that must outlive all of them."""
    done = subprocess.run(
        [*trace, sys.executable, "-m", "bench.faults.looking"],
        input="\0".join(str(case.path) for case in cases),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        cwd=REPOSITORY,
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{cases[min(len(results), len(cases) - 1)].name}: {done.stderr[-500:]}"
    return {result["path"]: result for result in results}


@pytest.fixture(scope="module")
def lured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Every hostile file looked at, with watches over the bait."""
    folder = tmp_path_factory.mktemp("hostile").resolve()
    bait_folder, traces = folder / "bait", folder / "trace"
    bait_folder.mkdir()
    film = make_film(bait_folder / "film.mp4", [1])
    secret, pipe = bait_folder / "secret.txt", bait_folder / "pipe"
    secret.write_text("secret")
    os.mkfifo(pipe)
    with Listener() as listener:
        cases = list(hostile(folder / "lures", Bait(film, secret, pipe, listener.address)))
        with Watch([bait_folder]) as watch:
            results = look(cases, strace(traces))
            touched = watch.touched()
        found = {path for path in opened(traces) if path.startswith(str(folder))}
        yield Seen(results, found - {str(case.path) for case in cases}, connections(traces), touched, listener.visits)


def test_a_playlist_under_any_name_opens_no_file_and_no_address(lured: Seen) -> None:
    assert lured.bait_touched == set()
    assert lured.opened == set()
    assert (lured.visits, lured.connections) == (0, set())


def test_what_names_other_files_is_no_media_and_films_with_odd_names_are(lured: Seen) -> None:
    for path, result in lured.results.items():
        wanted = {"MEDIA_UNREADABLE", "no picture"} if _is_lure(path) else {"seen"}
        assert result["result"] in wanted, result


def _is_lure(path: str) -> bool:
    name = Path(path).name
    return name[0].isdigit() or name.endswith(("movie.mov", "reference.mov", "alias.mov", ".wav"))


def test_the_watches_themselves_see_a_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with Watch([tmp_path]) as watch:
        assert watch.touched() == set()
        (tmp_path / "x").read_text()
        assert watch.touched() == {"x"}


def test_a_trace_itself_sees_what_is_opened(tmp_path: Path) -> None:
    command = strace(tmp_path / "trace")
    if not command:
        pytest.skip("no strace")
    (tmp_path / "x y").write_text("x")
    subprocess.run([*command, "cat", str(tmp_path / "x y")], check=True, capture_output=True)
    assert str(tmp_path / "x y") in opened(tmp_path / "trace")


def test_damaged_files_are_refused_in_a_sentence_or_seen_as_far_as_they_go(tmp_path: Path) -> None:
    cases = list(damaged(tmp_path, 96, seed=5))
    for result in look(cases).values():
        assert result["result"] in {"seen", "no picture", "MEDIA_UNREADABLE"}, result


def test_small_files_that_unfold_into_much_stay_within_the_memory_of_a_few_frames(tmp_path: Path) -> None:
    small = [case for case in bombs(tmp_path) if "16000" not in case.name and "gif" not in case.name]
    for result in look(small).values():
        assert result["result"] == "MEDIA_UNREADABLE", result
        assert result["peak_bytes"] < SEVERAL_FRAMES_BYTES


def _images(prefix: str, suffix: str, padding: int, step: int = 1) -> otio.schema.ImageSequenceReference:
    return otio.schema.ImageSequenceReference("", prefix, suffix, 1, step, 24, padding)


def test_the_image_that_is_opened_is_the_one_that_was_checked_whatever_per_cent_signs_say(tmp_path: Path) -> None:
    (tmp_path / "x0001%05d.png").write_bytes(b"1")
    found = find_images(_images("x", "%05d.png", 4), tmp_path, Roots((tmp_path,)).check)
    assert sequence_file(found.pattern, 1) == found.first
    assert sequence_numbers(Source(found.pattern, Fraction(0), rate=Fraction(24), first_frame=1)) == (1,)


def test_images_in_a_folder_with_a_per_cent_sign_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "100% final"
    folder.mkdir()
    (folder / "x0001.png").write_bytes(b"1")
    found = find_images(_images("x", ".png", 4), folder, Roots((tmp_path,)).check)
    assert sequence_numbers(Source(found.pattern, Fraction(0), rate=Fraction(24), first_frame=1)) == (1,)
    assert sequence_file(found.pattern, 1) == folder / "x0001.png"


@pytest.mark.parametrize("step", [1, 2])
def test_no_image_of_a_sequence_may_be_a_link_to_elsewhere_even_between_the_steps(tmp_path: Path, step: int) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out.png"
    inside.mkdir()
    outside.write_bytes(b"secret")
    for number in (1, 3):
        (inside / f"x000{number}.png").write_bytes(b"1")
    (inside / "x0002.png").symlink_to(outside)
    with pytest.raises(PathRefused):
        find_images(_images("x", ".png", 4, step), inside, Roots((inside,)).check)


def test_a_pipe_among_the_images_is_refused_unopened(tmp_path: Path) -> None:
    (tmp_path / "x0001.png").write_bytes(b"1")
    os.mkfifo(tmp_path / "x0002.png")
    with pytest.raises(PathRefused, match="a pipe"):
        find_images(_images("x", ".png", 4), tmp_path, Roots((tmp_path,)).check)


def test_the_systems_own_folders_are_not_searched_for_media(tmp_path: Path) -> None:
    (tmp_path / "process").symlink_to("/proc")
    roots = [Path("/proc"), Path("/sys"), Path("/dev"), tmp_path / "process", Path("\0")]
    locator = MediaLocator(Roots(()), None, roots)
    assert locator.named("environ") is None
    assert locator.named("null") is None
    assert MediaLocator(Roots(()), None, [Path("/proc/self")]).named("status") is None
