"""When who plays, said in German, French and Spanish."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.tags import TagKind, Tags
from sonique_daemon.engines.lexicon.tongues import in_english

Tag = Callable[..., Tags]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Kein Schlagzeug bis zum Schluss", ("drums from 75 %",)),
        ("Schlagzeug erst am Ende", ("drums from 75 %",)),
        ("Streicher ab der Hälfte", ("strings from 50 %",)),
        ("Schlagzeug setzt erst in der zweiten Hälfte ein", ("drums from 50 %",)),
        ("nur Klavier am Anfang", ("piano until 25 %",)),
        ("warm, Gitarre ab 0:20", ("steel guitar from 0:20",)),
        ("beginnt mit Klavier, dann Schlagzeug", ("all but piano from 15 %", "drums from 50 %")),
        ("pas de batterie jusqu'à la fin", ("drums from 75 %",)),
        ("cordes à partir de la moitié", ("strings from 50 %",)),
        ("commence avec le piano, puis la batterie", ("all but piano from 15 %", "drums from 50 %")),
        ("sin batería hasta el final", ("drums from 75 %",)),
        ("cuerdas desde la mitad", ("strings from 50 %",)),
        ("empieza con piano, luego batería", ("all but piano from 15 %", "drums from 50 %")),
        ("ruhig, ohne Schlagzeug", ()),
        ("doux, pas de batterie", ()),
    ],
)
def test_who_plays_when_is_understood(tag: Tag, prompt: str, expected: tuple[str, ...]) -> None:
    tags = tag(prompt=prompt)
    assert tags.texts(TagKind.FORM) == expected
    assert not [note for note in tags.notes if "Schlagzeug" in note or "batter" in note]


@pytest.mark.parametrize("prompt", ["pas de batterie", "ohne Schlagzeug", "sin batería", "keinerlei Schlagzeug"])
def test_what_is_ruled_out_is_no_wish(tag: Tag, prompt: str) -> None:
    tags = tag(prompt=prompt)
    assert "drums" in tags.texts(TagKind.NEGATIVE)
    assert "drums" not in tags.texts(TagKind.INSTRUMENT)


@pytest.mark.parametrize(
    "english",
    [
        "guitar solo, final hit, then drums",
        "the fin of a shark",
        "no drums until the end",
        "ending on a solo, grand final",
    ],
)
def test_english_stays_as_it_is(english: str) -> None:
    assert in_english(english) == english
