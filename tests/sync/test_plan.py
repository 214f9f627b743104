from fractions import Fraction

import pytest
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.tags import Affect, Key, Origin, Tag, TagKind, Tags, Tempo
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.sync.plan import plan

DURATION = Fraction(24)


def tags(arousal: float = 0.0, form: tuple[str, ...] = ()) -> Tags:
    words = tuple(Tag(TagKind.FORM, word, Origin.USER) for word in form)
    return Tags("cinematic", words, Tempo(90, 80, 100), Key(0, "ionian"), Affect(arousal=arousal), hit_strength=0.8)


def cut_every(seconds: Fraction) -> Description:
    spans = [TimeRange(seconds * index, seconds) for index in range(int(DURATION / seconds))]
    shots = tuple(ShotDescription(span, "A shot.", Look(), change=0.6 if span.start else 0.0) for span in spans)
    return Description(DURATION, "", shots)


def test_the_grid_covers_the_cue_and_knows_its_cuts() -> None:
    found = plan(tags(), DURATION, cut_every(Fraction(3)), 0)
    assert found.duration == DURATION
    assert {met.hit.time for met in found.hits} >= {Fraction(3), Fraction(6)}


def test_music_without_a_picture_has_no_hits() -> None:
    assert plan(tags(), DURATION, None, 0).hits == ()


def test_the_same_wish_gets_the_same_grid() -> None:
    first, again = (plan(tags(), DURATION, cut_every(Fraction(3)), 5) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(("metre", "beats"), [("2/4", 2), ("3/4", 3), ("5/4", 5), ("7/4", 7)])
def test_bars_have_the_beats_that_were_asked_for(metre: str, beats: int) -> None:
    for picture in (None, cut_every(Fraction(3))):
        found = plan(tags(form=(metre,)), DURATION, picture, 0)
        bars = [found.bar_beats(bar) for bar in range(len(found.downbeats) - 1)]
        assert bars.count(beats) >= 0.7 * len(bars)


def test_an_excited_cue_does_more_than_a_calm_one() -> None:
    calm, excited = (plan(tags(arousal), DURATION, cut_every(Fraction(2)), 0) for arousal in (-0.9, 0.9))
    energy = [sum(section.energy for section in found.sections) / len(found.sections) for found in (calm, excited)]
    assert energy[1] > energy[0] + 0.2
