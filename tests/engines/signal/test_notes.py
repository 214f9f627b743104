"""What the signal engine notes, and that a description from notes is the very one that a look at the media gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.domain.picture import JoinKind, Picture, Shot, SoundClip, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import DescribeRequest, RecordedReport
from sonique_daemon.engines.signal.engine import SignalEngine

Film = Callable[..., Path]
Scene = Callable[[int], NDArray[np.uint8]]

_RATE = 24
_SECONDS = 4


@dataclass(frozen=True)
class Clip:
    """A span of one of the films, or black."""

    film: int
    first: int
    frames: int
    speed: Fraction = Fraction(1)
    join: JoinKind = JoinKind.CUT


def _voice(seed: int) -> NDArray[np.float32]:
    """Something that rises, falls and glides, unlike that of any other seed."""
    time = np.arange(_SECONDS * 48_000) / 48_000
    phase = 2 * np.pi * (110 + 40 * seed) * time + 6 * np.sin(2 * np.pi * 3 * time)
    buzz = sum(np.sin(phase * harmonic) / harmonic for harmonic in range(1, 12))
    return np.asarray(0.1 * buzz * (np.sin(2 * np.pi * 4 * time) > -0.2), np.float32)


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory, scene: Scene) -> list[Path]:
    """Two films of four seconds: pans, with a cut in the middle of the first, and sound."""
    folder = tmp_path_factory.mktemp("films")
    paths = []
    for number in range(2):
        wide = [np.concatenate([scene(seed), scene(seed)[:, ::-1]], axis=1) for seed in (number, 7 - number)]
        images = [np.roll(wide[frame // 48 if number == 0 else 0], 2 * frame, axis=1) for frame in range(96)]
        paths.append(_written(folder / f"{number}.mp4", [image[:, :160] for image in images], _voice(number)))
    return paths


def _written(path: Path, images: Sequence[NDArray[np.uint8]], sound: NDArray[np.float32]) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=_RATE, options={"g": "24"})
        track: Any = container.add_stream("aac", rate=48_000, layout="mono")
        stream.height, stream.width, stream.pix_fmt = 90, 160, "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")))
        container.mux(stream.encode())
        for start in range(0, len(sound), 1024):
            block = av.AudioFrame.from_ndarray(sound[None, start : start + 1024].copy(), format="fltp", layout="mono")
            block.sample_rate, block.pts = 48_000, start
            container.mux(track.encode(block))
        container.mux(track.encode())
    return path


def _source(films: Sequence[Path], clip: Clip) -> Source | None:
    if clip.film == len(films):
        return None
    start = Fraction(clip.first, _RATE)
    backwards = max(Fraction(0), -Fraction(clip.frames, _RATE) * clip.speed)
    return Source(str(films[clip.film]), start + backwards, clip.speed)


def picture_of(films: Sequence[Path], clips: Sequence[Clip]) -> Picture:
    ends = list(accumulate(Fraction(clip.frames, _RATE) for clip in clips))
    shots, sound = [], []
    for clip, end in zip(clips, ends, strict=True):
        record = TimeRange(end - Fraction(clip.frames, _RATE), Fraction(clip.frames, _RATE))
        source = _source(films, clip)
        joined = Fraction(1, 4) if clip.join is not JoinKind.CUT else Fraction(0)
        shots.append(Shot(record, "", source, clip.join, joined))
        if source is not None and source.speed != 0:
            sound.append(SoundClip(record, source))
    return Picture(Fraction(_RATE), Fraction(0), ends[-1], tuple(shots), (), tuple(sound), name="edit")


def look(picture: Picture, *, detect: bool, known: tuple[Note, ...] = ()) -> tuple[Description, RecordedReport]:
    report = RecordedReport()
    return SignalEngine().run(DescribeRequest(picture, detect, known), report), report


def spans(picture: Picture) -> dict[tuple[NoteKind, int], tuple[object, ...]]:
    """What each note of ``picture`` holds for: nothing of the record clock is in it."""
    shots = ((shot.source, shot.record.duration, shot.join_duration) for shot in picture.shots)
    sounds = ((clip.source, clip.record.duration) for clip in picture.sound)
    found: dict[tuple[NoteKind, int], tuple[object, ...]] = {}
    found.update(((NoteKind.SHOT, index), span) for index, span in enumerate(shots))
    found.update(((NoteKind.SOUND, index), span) for index, span in enumerate(sounds))
    return found


def carried(notes: Sequence[Note], before: Picture, after: Picture) -> tuple[Note, ...]:
    """``notes`` of one picture for all that shows the same in another."""
    old = spans(before)
    held = {(note.kind, *old[note.kind, note.index]): note for note in notes}
    found = ((key, held.get((key[0], *span))) for key, span in spans(after).items())
    return tuple(replace(note, index=key[1]) for key, note in found if note is not None)


clip_choices = st.builds(
    Clip,
    st.integers(0, 2),
    st.integers(0, 24),
    st.integers(1, 34),
    st.sampled_from([Fraction(1), Fraction(1), Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(0)]),
    st.sampled_from([JoinKind.CUT, JoinKind.CUT, JoinKind.DISSOLVE]),
)
edits = st.lists(clip_choices, min_size=1, max_size=4).filter(lambda clips: any(clip.film < 2 for clip in clips))
few = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@few
@given(edits, st.booleans(), st.data())
def test_a_description_from_notes_is_the_one_from_media(
    films: list[Path], clips: list[Clip], detect: bool, data: st.DataObject
) -> None:
    picture = picture_of(films, clips)
    cold, told = look(picture, detect=detect)
    kept = data.draw(st.sets(st.integers(0, max(0, len(told.notes) - 1))))
    some = tuple(note for number, note in enumerate(told.notes) if number in kept)
    warm, again = look(picture, detect=detect, known=some)
    assert warm == cold
    assert again.shots == told.shots
    assert len(again.notes) == len(told.notes) - len(some)


@few
@given(edits, st.booleans(), clip_choices, st.integers(0, 4))
def test_notes_hold_wherever_a_shot_stands_and_whatever_stands_beside_it(
    films: list[Path], clips: list[Clip], detect: bool, another: Clip, place: int
) -> None:
    before = picture_of(films, clips)
    _, told = look(before, detect=detect)
    changed = [*clips[:place], another, *clips[place + 1 :]]
    after = picture_of(films, changed if place % 2 else changed[::-1])
    if any(shot.source for shot in after.shots):
        warm, _ = look(after, detect=detect, known=carried(told.notes, before, after))
        assert warm == look(after, detect=detect)[0]


@pytest.mark.parametrize("detect", [True, False])
def test_one_trimmed_clip_is_all_that_is_looked_at(films: list[Path], detect: bool) -> None:
    clips = [Clip(number % 2, 12 * number, 24) for number in range(6)]
    before = picture_of(films, clips)
    _, told = look(before, detect=detect)
    after = picture_of(films, [*clips[:2], replace(clips[2], frames=12), *clips[3:]])
    warm, again = look(after, detect=detect, known=carried(told.notes, before, after))
    assert sorted((note.kind, note.index) for note in again.notes) == [(NoteKind.SHOT, 2), (NoteKind.SOUND, 2)]
    assert warm == look(after, detect=detect)[0]


@pytest.mark.parametrize("detect", [True, False])
def test_what_is_known_needs_no_media(films: list[Path], detect: bool) -> None:
    here = picture_of(films, [Clip(0, 0, 80), Clip(1, 5, 40, Fraction(-1)), Clip(2, 0, 10)])
    there = picture_of([film.with_suffix(".gone") for film in films], [Clip(0, 0, 80), Clip(1, 5, 40, Fraction(-1))])
    there = replace(there, duration=here.duration, shots=(*there.shots, here.shots[2]))
    cold, told = look(here, detect=detect)
    warm, again = look(there, detect=detect, known=tuple(told.notes))
    assert warm == cold
    assert (again.warnings, again.notes) == ([], [])


def test_progress_reaches_the_end_where_all_is_known(films: list[Path]) -> None:
    picture = picture_of(films, [Clip(0, 0, 48), Clip(1, 0, 48)])
    _, told = look(picture, detect=False)
    _, again = look(picture, detect=False, known=tuple(told.notes))
    assert again.steps[-1] == (4.0, 4.0, "seconds of picture")


def test_black_needs_no_note(films: list[Path]) -> None:
    _, told = look(picture_of(films, [Clip(0, 0, 24), Clip(2, 0, 24)]), detect=False)
    assert [(note.kind, note.index) for note in told.notes if note.kind is NoteKind.SHOT] == [(NoteKind.SHOT, 0)]


@pytest.mark.parametrize("detect", [True, False])
def test_what_could_not_be_read_in_full_is_not_noted(film: Film, scene: Scene, tmp_path: Path, detect: bool) -> None:
    good = film("good.mp4", [scene(1)] * 96)
    cut_off = film("cut.ts", [scene(2)] * 96, options={"g": "12"})
    cut_off.write_bytes(cut_off.read_bytes()[: cut_off.stat().st_size // 4])
    gone = tmp_path / "gone.mp4"
    _, told = look(picture_of([good, cut_off], [Clip(0, 0, 48), Clip(1, 60, 30)]), detect=detect)
    assert told.warnings
    assert [(note.kind, note.index) for note in told.notes if note.kind is NoteKind.SHOT] == [(NoteKind.SHOT, 0)]
    _, told = look(picture_of([good, gone], [Clip(0, 0, 48), Clip(1, 0, 48)]), detect=detect)
    assert [note.index for note in told.notes if note.kind is NoteKind.SOUND] == [0]


@pytest.mark.parametrize("data", [b"", b"\xff\x00", b"\x91\x90", b"\x90"])
def test_a_broken_note_is_as_good_as_none(films: list[Path], data: bytes) -> None:
    picture = picture_of(films, [Clip(0, 0, 48), Clip(1, 0, 48)])
    broken = tuple(Note(kind, 0, data) for kind in NoteKind)
    assert look(picture, detect=False, known=broken)[0] == look(picture, detect=False)[0]


def test_notes_are_compact(films: list[Path]) -> None:
    _, told = look(picture_of(films, [Clip(0, 0, 96)]), detect=True)
    assert sum(len(note.data) for note in told.notes) < 5000
