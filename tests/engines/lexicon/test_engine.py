"""The engine as a whole: it never breaks, never wavers, and keeps its promises on any text."""

import os
import string
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Origin, TagKind, Tags
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.engine import RecordedReport, TagEngine, TagRequest
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, concepts, data
from sonique_daemon.engines.lexicon.engine import LexiconEngine
from sonique_daemon.engines.lexicon.vocabulary import genre_names, instrument_names, mood_names, parse_key
from sonique_daemon.errors import Cancelled, SoniqueError

Tag = Callable[..., Tags]

INSTRUMENTS = sorted(
    {word for concept in concepts() if concept.kind is ConceptKind.INSTRUMENT for word in concept.words}
)
STEERS = ("excluders", "deniers", "softeners", "neutral", "only", "contrasts", "joiners")
GRAMMAR = [word for name in STEERS for word in data("grammar")[name]]
NUMBERS = ["90 bpm", "60-80bpm", "under 70 bpm", "in D minor", "key of A", "allegro", "slow"]
WORDS = [*INSTRUMENTS, *genre_names(), *mood_names(), *GRAMMAR, *NUMBERS, ",", ".", "and", "free", "zzz"]


def some(words: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), max_size=4).map(tuple)


PHRASES = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
TEXTS = st.text(max_size=200) | st.text(string.printable, max_size=200) | PHRASES
WILD_ITEMS = st.lists(st.text(max_size=30), max_size=3).map(tuple)
WILD_BRIEFS = st.builds(
    Brief,
    TEXTS,
    WILD_ITEMS,
    WILD_ITEMS,
    WILD_ITEMS,
    WILD_ITEMS,
    st.floats() | st.none(),
    st.text(max_size=20),
    st.floats(),
)
TAME_BRIEFS = st.builds(
    Brief,
    PHRASES,
    some(genre_names()),
    some(mood_names()),
    some(INSTRUMENTS),
    some(WORDS),
    st.floats(20, 300) | st.none(),
    st.sampled_from(["", "D minor", "F# dorian", "Bb"]),
)


def run(brief: Brief) -> Tags:
    return LexiconEngine().run(TagRequest(brief, None), RecordedReport())


def attempt(brief: Brief) -> Tags | None:
    """The tags, or None where the brief is refused in a sentence; any other exception passes."""
    try:
        return run(brief)
    except SoniqueError:
        return None


def holds(tags: Tags) -> bool:
    """Asserts what is true of every tag set."""
    assert tags.style in styles()
    assert 20 <= tags.tempo.low <= tags.tempo.bpm <= tags.tempo.high <= 300
    assert 0 <= tags.key.tonic <= 11
    assert all(-1 <= value <= 1 for value in (tags.affect.valence, tags.affect.arousal, tags.affect.tension))
    assert 0 <= tags.density <= 1
    assert len(tags.tags) <= 200
    assert all(
        found.text and len(found.text) <= 100 and found.text == found.text.strip().lower() for found in tags.tags
    )
    negative = set(tags.texts(TagKind.NEGATIVE))
    for kind in (TagKind.GENRE, TagKind.MOOD, TagKind.INSTRUMENT):
        texts = tags.texts(kind)
        assert len(texts) == len(set(texts))
        assert not negative & set(texts)
    return True


def test_the_engine_is_a_tag_engine_that_heeds_negatives() -> None:
    engine: TagEngine = LexiconEngine()
    assert engine.descriptor.name == "lexicon"
    assert engine.descriptor.stage is Stage.TAG
    assert engine.descriptor.negatives


def test_a_cancelled_job_stops() -> None:
    with pytest.raises(Cancelled):
        LexiconEngine().run(TagRequest(Brief(), None), RecordedReport(cancelled=True))


def test_the_same_request_gives_the_same_tags(describe: Callable[..., Description]) -> None:
    brief = Brief("tense, no drums, 90 bpm, in D minor, wedding", ("jazz",), ("sad",), ("piano",), ("choir",))
    request = TagRequest(brief, describe(summary="The sea at sunrise."))
    first, second = (LexiconEngine().run(request, RecordedReport()) for _ in range(2))
    assert repr(first) == repr(second)


SCRIPT = """
from sonique_daemon.domain.brief import Brief
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.lexicon.engine import LexiconEngine
brief = Brief("only strings and harp, sad, beatless, no choir, wedding", ("folk",), negatives=("synths", "jazz"))
print(LexiconEngine().run(TagRequest(brief, None), RecordedReport()))
"""


def test_tags_do_not_depend_on_the_order_of_sets() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1


@given(TEXTS)
@settings(max_examples=300)
def test_no_prompt_breaks_the_engine(prompt: str) -> None:
    tags = attempt(Brief(prompt=prompt))
    assert tags is None or holds(tags)


@given(WILD_BRIEFS)
@settings(max_examples=200)
def test_no_brief_breaks_the_engine(brief: Brief) -> None:
    tags = attempt(brief)
    assert tags is None or holds(tags)


@given(TAME_BRIEFS)
@settings(max_examples=400)
def test_no_positive_tag_is_ever_a_negative_one(brief: Brief) -> None:
    tags = attempt(brief)
    assert tags is None or holds(tags)


@given(TAME_BRIEFS)
@settings(max_examples=200)
def test_what_the_user_gives_in_fields_is_what_comes_out(brief: Brief) -> None:
    tags = attempt(brief)
    if tags is not None and brief.bpm is not None:
        assert tags.tempo.bpm == pytest.approx(brief.bpm, abs=0.01)
        assert tags.tempo.origin is Origin.USER
    if tags is not None and brief.key:
        assert tags.key == parse_key(brief.key)


@given(st.sampled_from(INSTRUMENTS), PHRASES, some(INSTRUMENTS))
@settings(max_examples=300)
def test_a_negated_instrument_never_comes_back(word: str, prompt: str, asked: tuple[str, ...]) -> None:
    tags = attempt(Brief(prompt=prompt, instruments=asked, negatives=(word,)))
    assert tags is None or not _removes(word) & set(tags.texts(TagKind.INSTRUMENT))


@given(st.sampled_from(instrument_names()), st.sampled_from(["no", "without", "avoid", "don't use", "less", "not"]))
def test_an_instrument_negated_in_the_prompt_never_comes_back(name: str, negation: str) -> None:
    tags = run(Brief(prompt=f"{name}. {negation} {name}", instruments=(name,)))
    assert name not in tags.texts(TagKind.INSTRUMENT)
    assert name in tags.texts(TagKind.NEGATIVE)


def test_a_full_brief_stays_within_what_the_wire_carries() -> None:
    words = tuple(INSTRUMENTS[:40]) + mood_names()[:24]
    prompt = ", ".join(mood_names())[:4000]
    assert holds(run(Brief(prompt=prompt, genres=genre_names()[:64], moods=mood_names()[:64], negatives=words)))


def _removes(word: str) -> set[str]:
    """What ruling out the word takes away, by the first meaning that it has as an instrument."""
    found: list[Concept] = [
        concept for concept in concepts() if concept.kind is ConceptKind.INSTRUMENT and word in concept.words
    ]
    return set(found[0].removes)
