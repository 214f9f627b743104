from fractions import Fraction

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Curve, CurveKind, Description
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.vocabulary import instrument_names
from sonique_daemon.engines.transformers.tagprompt import curve_in_words, question

FILM = Description(
    Fraction(8),
    "A day at the sea.",
    (),
    curves=(Curve(CurveKind.MOTION, Fraction(1), (0.0, 0.1, 0.2, 0.2, 0.9, 0.9, 0.4, 0.4)),),
    speech=(TimeRange(Fraction(0), Fraction(2)),),
)


def test_a_curve_is_told_in_four_parts() -> None:
    assert curve_in_words(FILM.curves[0]) == "Motion: still, calm, frantic, lively."


def test_a_curve_that_stays_is_told_once() -> None:
    assert curve_in_words(Curve(CurveKind.LIGHT, Fraction(1), (0.2, 0.2, 0.21, 0.2))) == "Light: dark."


@pytest.mark.parametrize("values", [(), (0.5,), (0.5, 0.6)])
def test_short_curves_are_told_too(values: tuple[float, ...]) -> None:
    words = curve_in_words(Curve(CurveKind.MOTION, Fraction(1), values))
    assert words.count(",") == max(0, len(values) - 1)


def test_the_question_holds_film_speech_brief_and_words_to_choose_from() -> None:
    text = question(Brief(prompt="no drums", bpm=90.0, moods=("warm",)), FILM, ["0.0 s: A boat."])
    for part in ("A day at the sea.", "Motion:", "25 % of it", "0.0 s: A boat.", "no drums", "90 bpm", "Moods: warm"):
        assert part in text
    assert all(word in text for word in (*styles(), *instrument_names()))


def test_without_a_film_and_a_brief_there_are_only_the_words() -> None:
    text = question(Brief(), None, [])
    assert "film" not in text.replace("film score", "")
    assert "editor" not in text
