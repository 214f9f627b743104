import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.domain.picture import Picture, Shot, SoundClip, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.timeline.fingerprint import fingerprints

Film = Callable[..., Path]
Scene = Callable[[int], Any]

SPAN = TimeRange(Fraction(0), Fraction(1))


def picture(*sources: Source | None, sound: tuple[Source, ...] = ()) -> Picture:
    shots = tuple(Shot(SPAN, "", source) for source in sources)
    return Picture(Fraction(24), Fraction(0), Fraction(1), shots, sound=tuple(SoundClip(SPAN, s) for s in sound))


def of(path: Path) -> bytes:
    [found] = fingerprints(picture(Source(str(path), Fraction(0))))
    return found.digest


def test_every_file_has_one_in_the_order_of_first_use(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.mov", "b.mov", "c.wav")]
    for path in paths:
        path.write_bytes(path.name.encode())
    first, second, third = (Source(str(path), Fraction(0)) for path in paths)
    found = fingerprints(picture(second, None, first, second, sound=(third, first)))
    assert [each.path for each in found] == [second.path, first.path, third.path]
    assert len({each.digest for each in found}) == 3
    assert {len(each.digest) for each in found} == {32}


@pytest.mark.parametrize("place", [0, 500_000, 999_999])
def test_a_file_whose_content_changed_under_the_same_stamp_has_another(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(bytes(1_000_000))
    stamp, before = path.stat().st_mtime_ns, of(path)
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"x")
    os.utime(path, ns=(stamp, stamp))
    assert of(path) != before


def test_a_file_that_was_written_again_has_another(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(bytes(10))
    before = of(path)
    os.utime(path, ns=(1, 1))
    assert of(path) != before


def test_a_file_that_was_moved_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(b"film")
    before = of(path)
    (tmp_path / "folder").mkdir()
    assert of(path.rename(tmp_path / "folder" / "a.mov")) == before


def test_a_file_that_is_gone_is_unlike_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(b"film")
    before = of(path)
    path.unlink()
    assert of(path) != before


def test_an_image_sequence_has_one_that_each_of_its_images_changes(film: Film, scene: Scene, tmp_path: Path) -> None:
    images = [film(f"shot.{number:04d}.png", [scene(1)], codec="png", pixels="rgb24") for number in (1, 2, 3)]
    source = Source(str(tmp_path / "shot.%04d.png"), Fraction(0), Fraction(1), Fraction(24), 1)
    [before] = fingerprints(picture(source))
    os.utime(images[1], ns=(1, 1))
    [changed] = fingerprints(picture(source))
    images[2].unlink()
    [shorter] = fingerprints(picture(source))
    assert len({before.digest, changed.digest, shorter.digest}) == 3
