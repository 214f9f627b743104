"""Players begin and end where tags of form say so."""

from typing import Any

import pytest
from sonique_daemon.domain.tags import TagKind
from sonique_daemon.engines.composer.composition import Composition, Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose

EVERY = sorted(styles())


PIANOS = {Instrument.PIANO, Instrument.FELT_PIANO, Instrument.ELECTRIC_PIANO}


def starts(piece: Composition, *instruments: Instrument) -> list[float]:
    """When those instruments begin notes."""
    return sorted(note.start for note in piece.notes if piece.parts[note.part].instrument in instruments)


def written(studio: Any, style: str, *forms: str, asked: tuple[str, ...] = (), **more: Any) -> Composition:
    words = [(TagKind.INSTRUMENT, name) for name in asked] + [(TagKind.FORM, text) for text in forms]
    piece: Composition = compose(studio.request(style, more.pop("duration", 48.0), bpm=100, words=words, **more))
    return piece


BAR = 2.4
"""Seconds of a bar at 100 bpm."""


@pytest.mark.parametrize("style", EVERY)
@pytest.mark.parametrize(("tag", "begins"), [("drums from 50 %", 24.0), ("drums from 0:20", 20.0)])
def test_drums_begin_where_they_are_to_and_go_on_from_there(studio: Any, style: str, tag: str, begins: float) -> None:
    hits = [studio.met(beat, 100) for beat in (8, 20, 32, 60)]
    heard = starts(written(studio, style, tag, asked=("drums",), hits=hits), Instrument.DRUM_KIT)
    assert heard[0] == pytest.approx(begins, abs=BAR * 1.6)
    assert heard[0] > begins - BAR / 2 - 0.05
    assert heard[-1] > 40
    assert len(heard) > 12


@pytest.mark.parametrize("style", ["cinematic", "rock", "jazz", "piano"])
def test_an_instrument_ends_where_it_is_to(studio: Any, style: str) -> None:
    heard = starts(written(studio, style, "flute until 50 %", asked=("flute",)), Instrument.FLUTE)
    assert heard
    assert heard[-1] < 24 + BAR / 2 + 0.05


@pytest.mark.parametrize("style", EVERY)
def test_who_opens_alone_is_heard_alone_until_the_others_come(studio: Any, style: str) -> None:
    piece = written(studio, style, "all but piano from 25 %", asked=("piano",))
    first = {piece.parts[note.part].instrument for note in piece.notes if note.start < 12 - BAR / 2 - 0.1}
    assert first
    assert first <= PIANOS
    assert min(note.start for note in piece.notes) < 2 * BAR
    assert len({piece.parts[note.part].instrument for note in piece.notes if note.start > 14}) > 1


@pytest.mark.parametrize("style", ["cinematic", "rock", "jazz", "ambient"])
def test_who_closes_alone_is_heard_alone_at_last(studio: Any, style: str) -> None:
    piece = written(studio, style, "all but piano until 75 %", asked=("piano",))
    last = {piece.parts[note.part].instrument for note in piece.notes if note.start > 36 + BAR / 2 + 0.1}
    assert last
    assert last <= PIANOS


def test_both_edges_make_a_stretch(studio: Any) -> None:
    heard = starts(
        written(studio, "cinematic", "brass from 25 %", "brass until 0:30", asked=("brass",)), Instrument.BRASS
    )
    assert heard[0] > 12 - BAR / 2 - 0.1
    assert heard[-1] < 30 + BAR / 2


def test_a_group_means_all_of_it(studio: Any) -> None:
    piece = written(studio, "orchestral", "percussion from 75 %", asked=("taiko", "drums"))
    assert min(starts(piece, Instrument.TAIKO, Instrument.DRUM_KIT, Instrument.TIMPANI)) > 36 - BAR


@pytest.mark.parametrize("style", EVERY)
def test_somebody_always_plays(studio: Any, style: str) -> None:
    everybody = {part.instrument.value for part in written(studio, style).parts}
    late = written(studio, style, *(f"{name} from 50 %" for name in everybody))
    assert min(note.start for note in late.notes) < BAR


def test_what_begins_after_the_end_never_plays(studio: Any) -> None:
    assert not starts(written(studio, "rock", "drums from 2:00", asked=("drums",)), Instrument.DRUM_KIT)


def test_what_contradicts_itself_is_not_kept_to(studio: Any) -> None:
    plain = written(studio, "rock", asked=("drums",))
    assert written(studio, "rock", "drums from 75 %", "drums until 25 %", asked=("drums",)).notes == plain.notes


@pytest.mark.parametrize(
    "text", ["drums from the moon", "drums from 5", "from 50 %", "nobody from 50 %", "drums until 1:75"]
)
def test_a_tag_that_says_no_such_thing_changes_nothing(studio: Any, text: str) -> None:
    assert written(studio, "rock", text).notes == written(studio, "rock").notes


@pytest.mark.parametrize("duration", [2.0, 5.0])
def test_a_short_cue_has_its_entries_too(studio: Any, duration: float) -> None:
    piece = written(studio, "rock", "drums from 75 %", asked=("drums",), duration=duration)
    assert piece.notes


def test_drums_that_a_style_does_not_know_have_a_groove(studio: Any) -> None:
    heard = starts(written(studio, "piano", asked=("drums",), energies=(0.2,)), Instrument.DRUM_KIT)
    assert len(heard) > 40
