from io import BytesIO
from typing import Any

import mido
import pytest
from sonique_daemon.domain.tags import TagKind
from sonique_daemon.domain.tempo import HitKind
from sonique_daemon.engines.composer.midi import instruments, score
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose


def _file(data: bytes) -> Any:
    return mido.MidiFile(file=BytesIO(data))


def _notes(file: Any) -> list[tuple[float, int]]:
    """Onsets in seconds, read back through the file's own tempo map, with pitch."""
    time, found = 0.0, []
    for message in file:
        time += message.time
        if message.type == "note_on" and message.velocity:
            found.append((time, message.note))
    return sorted(found)


@pytest.mark.parametrize("style", sorted(styles()))
def test_the_notes_come_back_at_their_times(studio: Any, style: str) -> None:
    request = studio.request(style, 20)
    composition = compose(request)
    read = _notes(_file(score(composition, request.tempo_map)))
    written = sorted((max(note.start, 0.0), note.pitch) for note in composition.notes)
    assert len(read) == len(written)
    assert all(abs(one[0] - two[0]) < 0.003 for one, two in zip(read, written, strict=True))


@pytest.mark.parametrize("style", sorted(styles()))
def test_a_score_tells_who_plays(studio: Any, style: str) -> None:
    request = studio.request(style, 20)
    composition = compose(request)
    assert set(instruments(score(composition, request.tempo_map))) == {part.instrument for part in composition.parts}
    assert instruments(b"MThd score") == ()


def test_the_same_piece_gives_the_same_bytes(studio: Any) -> None:
    request = studio.request("jazz", 20)
    assert score(compose(request), request.tempo_map) == score(compose(request), request.tempo_map)


def test_each_part_has_a_track_of_its_name_after_the_conductor(studio: Any) -> None:
    request = studio.request("lofi", 20)
    composition = compose(request)
    file = _file(score(composition, request.tempo_map))
    assert file.type == 1
    assert [track.name for track in file.tracks[1:]] == [part.name for part in composition.parts]


@pytest.mark.parametrize(("metre", "beats"), [("6/8", 2), ("9/8", 3), ("12/8", 4)])
def test_beats_of_three_parts_are_dotted_quarter_notes(studio: Any, metre: str, beats: int) -> None:
    request = studio.request("acoustic", 20, bpm=80, metres=(beats,), words=[(TagKind.FORM, metre)])
    composition = compose(request)
    file = _file(score(composition, request.tempo_map, threes=True))
    signs = [message for message in file.tracks[0] if message.type == "time_signature"]
    assert [(sign.numerator, sign.denominator) for sign in signs] == [(3 * beats, 8)]
    tempi = {round(mido.tempo2bpm(message.tempo)) for message in file.tracks[0] if message.type == "set_tempo"}
    assert tempi == {120}
    read, written = _notes(file), sorted((max(note.start, 0.0), note.pitch) for note in composition.notes)
    assert all(abs(one[0] - two[0]) < 0.003 for one, two in zip(read, written, strict=True))


def test_sections_and_hits_are_markers_at_their_times(studio: Any) -> None:
    hits = [studio.met(16, 120), studio.met(24, 120, HitKind.TURN)]
    request = studio.request("rock", 20, bpm=120, hits=hits)
    file = _file(score(compose(request), request.tempo_map))
    time, markers = 0, {}
    for message in file.tracks[0]:
        time += message.time
        if message.type == "marker":
            markers[message.text] = time / 480
    assert markers["Hit"] == 16
    assert markers["Turn"] == 24
    assert markers["Section 1"] == 0
    assert "Section 5" in markers


def test_changing_metres_are_written_as_time_signatures(studio: Any) -> None:
    request = studio.request("piano", 30, metres=(4, 4, 3))
    file = _file(score(compose(request), request.tempo_map))
    metres = [message.numerator for message in file.tracks[0] if message.type == "time_signature"]
    assert metres[:4] == [4, 3, 4, 3]


def test_kits_play_on_the_drum_channel_and_nobody_else(studio: Any) -> None:
    request = studio.request("rock", 30)
    composition = compose(request)
    file = _file(score(composition, request.tempo_map))
    for part, track in zip(composition.parts, file.tracks[1:], strict=True):
        channels = {message.channel for message in track if message.type == "note_on"}
        assert channels == {9} if part.stem.value == "drums" else 9 not in channels


def test_a_map_that_begins_before_the_cue_starts_the_file_at_the_cue(studio: Any) -> None:
    request = studio.request("electronic", 20, bpm=100, first=-0.9)
    composition = compose(request)
    read = _notes(_file(score(composition, request.tempo_map)))
    written = sorted((max(note.start, 0.0), note.pitch) for note in composition.notes)
    assert abs(read[-1][0] - written[-1][0]) < 0.003


def test_no_note_hangs(studio: Any) -> None:
    request = studio.request("ambient", 60)
    file = _file(score(compose(request), request.tempo_map))
    for track in file.tracks:
        held: set[int] = set()
        for message in track:
            if message.type == "note_on":
                assert message.note not in held
                held.add(message.note)
            elif message.type == "note_off":
                held.discard(message.note)
        assert not held
