from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sonique_daemon.domain.tags import Affect, Key, TagKind
from sonique_daemon.domain.tempo import HitKind
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.chords import MODES
from sonique_daemon.engines.composer.writing.endings import BRIEF, tail
from sonique_daemon.engines.composer.writing.grid import bars
from sonique_daemon.engines.composer.writing.instruments import NATURES

UNIT = st.floats(-1, 1)
WORDS = [one.value for one in Instrument] + ["drums", "bass", "melody", "synth", "reverb", "sad", "loud"]


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_map_and_any_tags_give_a_sound_piece(studio: Any, data: st.DataObject) -> None:
    bpm = data.draw(st.floats(40, 200))
    duration = data.draw(st.floats(2, 45))
    first = data.draw(st.sampled_from([0.0, -0.3, -1.1]))
    kinds = st.tuples(st.integers(0, 60), st.sampled_from(list(HitKind)), st.floats(0, 1), st.sampled_from([0, 0.5]))
    drawn = data.draw(st.lists(kinds, max_size=12))
    hits = [
        studio.met(beat + half, bpm, kind, weight)
        for beat, kind, weight, half in drawn
        if (beat + half) * 60 / bpm < duration
    ]
    words = [
        (kind, data.draw(st.sampled_from(WORDS)))
        for kind in data.draw(st.lists(st.sampled_from([TagKind.INSTRUMENT, TagKind.NEGATIVE]), max_size=5))
    ]
    request = studio.request(
        data.draw(st.sampled_from(sorted(styles()))),
        duration,
        data.draw(st.integers(0, 2**63 - 1)),
        bpm=bpm,
        key=Key(data.draw(st.integers(0, 11)), data.draw(st.sampled_from(sorted(MODES)))),
        words=list(dict.fromkeys(words)),
        affect=Affect(data.draw(UNIT), data.draw(UNIT), data.draw(UNIT)),
        density=data.draw(st.floats(0, 1)),
        energies=data.draw(st.lists(st.floats(0, 1), min_size=1, max_size=6)),
        metres=data.draw(st.lists(st.integers(2, 5), min_size=1, max_size=4)),
        hits=hits,
        speech=data.draw(st.sampled_from([(), ((0.0, 5.0),), ((3.0, 4.0), (8.0, 30.0))])),
        first=first,
    )
    piece = compose(request)
    refused = {Instrument(word) for kind, word in words if kind is TagKind.NEGATIVE and word in set(Instrument)}
    assert piece.notes
    assert not refused & {part.instrument for part in piece.parts}
    for note in piece.notes:
        nature = NATURES[piece.parts[note.part].instrument]
        assert nature.low <= note.pitch <= nature.high
        assert note.start >= -0.13
        assert note.start + note.duration <= piece.duration + 1e-6
        assert 0 < note.velocity <= 1
    room = tail(piece.duration, piece.room.decay)
    latest = piece.duration - (room if piece.duration >= BRIEF and piece.stop is None else min(room, 0.5))
    assert max(note.start for note in piece.notes) <= max(latest, request.tempo_map.beats[2]) + 0.3


def test_bars_that_lie_before_the_cue_are_left_out(studio: Any) -> None:
    tempo_map = studio.tempo_map(20, 120, first=-2.5)
    found = bars(tempo_map, 30)
    assert found[0].time > -2.0
    assert found[0].time + found[0].seconds > 0
    assert [bar.index for bar in found] == list(range(len(found)))


def test_the_bar_that_holds_the_final_chord_is_cut_there(studio: Any) -> None:
    found = bars(studio.tempo_map(20, 120), 14)
    assert found[-1].start == 12
    assert found[-1].end == 14
    assert found[-1].beats == 4
