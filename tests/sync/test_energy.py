from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.description import Curve, CurveKind, Description
from sonique_daemon.domain.tags import Affect, Key, Origin, Tag, TagKind, Tags, Tempo
from sonique_daemon.sync.energy import STEP, energy_curve

DURATION = Fraction(60)


def tags(arousal: float = 0.0, density: float = 0.5, form: tuple[str, ...] = ()) -> Tags:
    words = tuple(Tag(TagKind.FORM, word, Origin.USER) for word in form)
    return Tags("cinematic", words, Tempo(80, 70, 90), Key(0, "ionian"), Affect(arousal=arousal), density)


def moving(values: list[float]) -> Description:
    step = DURATION / len(values)
    return Description(DURATION, "", (), (Curve(CurveKind.MOTION, step, tuple(values)),))


def test_music_rises_where_the_picture_moves() -> None:
    energy = energy_curve(tags(), DURATION, moving([0.1] * 30 + [0.9] * 30))
    half = len(energy) // 2
    assert np.mean(energy[half:]) > np.mean(energy[:half]) + 0.2


def test_without_a_picture_the_height_is_at_two_thirds() -> None:
    energy = energy_curve(tags(), DURATION, None)
    assert np.argmax(energy) * float(STEP) / 60 == pytest.approx(0.66, abs=0.05)


def test_an_excited_mood_lies_above_a_calm_one() -> None:
    calm, excited = (energy_curve(tags(arousal), DURATION, None) for arousal in (-0.8, 0.8))
    assert np.mean(excited) > np.mean(calm) + 0.3


@pytest.mark.parametrize("arousal", [-0.8, 0.0, 0.8])
@pytest.mark.parametrize(
    ("form", "rises"),
    [
        (("building",), 0.35),
        (("quiet start", "big ending"), 0.35),
        (("quiet start",), 0.15),
        (("big ending",), 0.15),
        (("winding down",), -0.35),
        (("big start", "quiet ending"), -0.35),
    ],
)
def test_a_course_that_was_asked_for_outweighs_the_picture(form: tuple[str, ...], rises: float, arousal: float) -> None:
    against = [0.9] * 30 + [0.1] * 30 if rises > 0 else [0.1] * 30 + [0.9] * 30
    for picture in (None, moving(against)):
        energy = energy_curve(tags(arousal, form=form), DURATION, picture)
        rise = float(np.mean(energy[-15:]) - np.mean(energy[:15]))
        assert rise > rises if rises > 0 else rise < rises


def test_an_even_course_hardly_moves() -> None:
    energy = energy_curve(tags(form=("even",)), DURATION, moving([0.1] * 30 + [0.9] * 30))
    assert max(energy) - min(energy) < 0.2


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(-1, 1), st.floats(0, 1))
def test_energy_lies_between_nothing_and_everything(values: list[float], arousal: float, density: float) -> None:
    energy = energy_curve(tags(arousal, density), DURATION, moving(values))
    assert len(energy) == int(DURATION / STEP) + 1
    assert all(0 < value <= 1 for value in energy)
