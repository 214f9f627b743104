"""What is said in German, French and Spanish: who plays when, and everything else."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.tags import TagKind, Tags
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.concept import abroad, data
from sonique_daemon.engines.lexicon.reading import read
from sonique_daemon.engines.lexicon.tongues import in_english

Tag = Callable[..., Tags]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Kein Schlagzeug bis zum Schluss", ("drums from 75 %",)),
        ("Schlagzeug erst am Ende", ("drums from 75 %",)),
        ("Streicher ab der Hälfte", ("strings from 50 %",)),
        ("les tambours entrent à la moitié", ("drums from 50 %",)),
        ("la batería entra en la segunda mitad", ("drums from 50 %",)),
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
        ("Klavier, endet nur mit Streichern", ("all but strings until 75 %",)),
        ("piano, finit avec le piano seul", ("all but piano until 75 %",)),
        ("guitarra y piano, termina solo con guitarra", ("all but steel guitar until 75 %",)),
        ("Klavier, dann Streicher, am Ende leise", ("quiet ending", "strings from 50 %")),
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


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("beginnt leise, wird größer, großes Finale", ("quiet start", "building", "big ending")),
        ("steigert sich, abruptes Ende", ("building", "dead stop")),
        ("langsam ausblenden", ("fade-out ending",)),
        ("commence doucement, monte en puissance, fin grandiose", ("quiet start", "building", "big ending")),
        ("fondu à la fin", ("fade-out ending",)),
        ("empieza suave, va creciendo, final grandioso", ("quiet start", "building", "big ending")),
        ("cada vez más tranquilo, final suave", ("winding down", "quiet ending")),
    ],
)
def test_how_a_cue_runs_is_understood(tag: Tag, prompt: str, expected: tuple[str, ...]) -> None:
    tags = tag(prompt=prompt)
    assert tags.texts(TagKind.FORM) == expected
    assert not [note for note in tags.notes if "not understood" in note]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Trompeten, Harfe und Chor", {"brass", "harp", "choir"}),
        ("Geigen, Pauken, Glocken", {"strings", "timpani", "bells"}),
        ("trompettes, harpe et chœur", {"brass", "harp", "choir"}),
        ("contrebasse, clarinette, cloches", {"upright bass", "brass", "bells"}),
        ("trompetas, arpa y coro", {"brass", "harp", "choir"}),
        ("violonchelo, campanas, tambores", {"strings", "bells", "drums"}),
    ],
)
def test_instruments_go_by_their_names(tag: Tag, prompt: str, expected: set[str]) -> None:
    assert expected <= set(tag(prompt=prompt).texts(TagKind.INSTRUMENT))


def test_every_name_is_read_as_its_entry() -> None:
    for file, entries in abroad().items():
        for name, words in entries.items():
            assert name in (styles() if file == "styles" else data(file))
            for word in words:
                assert name in {found.concept.name for found in read(word).findings}, word


# Prompt, styles that fit, moods that are among the tags.
PROMPTS: list[tuple[str, set[str], set[str]]] = [
    ("ruhige Klaviermusik für ein Hochzeitsvideo", {"piano"}, {"calm", "romantic"}),
    ("düster und bedrohlich, tiefe Töne", {"tension", "horror"}, {"dark", "menacing"}),
    ("Imagefilm, motivierend, nicht zu laut", {"uplifting"}, {"inspiring"}),
    ("lustige Musik für ein Katzenvideo", {"comedy"}, {"funny"}),
    ("Dokumentation über die Alpen, weit und erhaben", {"cinematic", "orchestral"}, {"majestic"}),
    ("sportlich, dynamisch, E-Gitarren", {"rock"}, {"energetic"}),
    ("elektronisch, treibend", {"electronic"}, {"energetic"}),
    ("vidéo d'entreprise, optimiste, moderne", {"uplifting"}, {"hopeful"}),
    ("douce et mélancolique, piano et violoncelle", {"piano", "cinematic"}, {"tender", "melancholic"}),
    ("ambiance mystérieuse, film noir", {"jazz"}, {"mysterious"}),
    ("musique d’ascenseur", {"jazz"}, {"relaxed"}),
    ("terror, sonidos oscuros", {"horror"}, {"scary", "dark"}),
    ("vídeo corporativo, inspirador", {"uplifting"}, {"inspiring"}),
    ("lluvia, nostalgia, piano suave", {"piano"}, {"nostalgic"}),
]


@pytest.mark.parametrize(("prompt", "fitting", "moods"), PROMPTS, ids=[row[0] for row in PROMPTS])
def test_moods_genres_and_scenes_go_by_their_names(tag: Tag, prompt: str, fitting: set[str], moods: set[str]) -> None:
    tags = tag(prompt=prompt)
    assert tags.style in fitting
    assert moods <= set(tags.texts(TagKind.MOOD))


@pytest.mark.parametrize(
    ("prompt", "slower"),
    [
        ("langsamer Walzer", "Walzer"),
        ("sehr langsam", "langsam"),
        ("pas trop rapide", "rapide"),
        ("muy lento, triste", "triste"),
    ],
)
def test_tempi_go_by_their_names(tag: Tag, prompt: str, slower: str) -> None:
    assert (tag(prompt=prompt).tempo.bpm or 0) < (tag(prompt=slower).tempo.bpm or 0)


@pytest.mark.parametrize(
    ("prompt", "gone", "kept"),
    [
        ("ohne Schlagzeug und Bass", {"drums", "electric bass"}, set()),
        ("kein Schlagzeug, Bass oder Chor, Harfe", {"drums", "electric bass", "choir"}, {"harp"}),
        ("sans batterie ni basse, piano", {"drums", "electric bass"}, {"piano"}),
        ("pas d’orgue, piano", {"organ"}, {"piano"}),
        ("sin batería y bajo eléctrico", {"drums", "electric bass"}, set()),
        ("nicht traurig, Klavier", {"sad"}, {"piano"}),
        ("keine Melodie", {"melody"}, set()),
    ],
)
def test_a_negation_reaches_over_the_small_words(tag: Tag, prompt: str, gone: set[str], kept: set[str]) -> None:
    tags = tag(prompt=prompt)
    assert gone <= set(tags.texts(TagKind.NEGATIVE))
    assert kept <= set(tags.texts(TagKind.INSTRUMENT))


@pytest.mark.parametrize("english", ["household chores", "oregano", "madras", "old bases", "blaster"])
def test_an_english_word_is_no_instrument_of_another_tongue(tag: Tag, english: str) -> None:
    assert tag(prompt=f"calm, {english}").texts(TagKind.INSTRUMENT) == tag(prompt="calm").texts(TagKind.INSTRUMENT)
