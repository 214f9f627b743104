"""Keys and modes."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.description import Description, Look
from sonique_daemon.domain.tags import Key, Origin, Tags
from sonique_daemon.engines.lexicon.vocabulary import key_name, parse_key
from sonique_daemon.errors import InvalidBrief

Tag = Callable[..., Tags]


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("D minor", 2, "aeolian"),
        ("d MINOR", 2, "aeolian"),
        ("F# dorian", 6, "dorian"),
        ("F♯ Dorian", 6, "dorian"),
        ("Bb", 10, "ionian"),
        ("bb", 10, "ionian"),
        ("B", 11, "ionian"),
        ("B flat major", 10, "ionian"),
        ("b-flat minor", 10, "aeolian"),
        ("Dm", 2, "aeolian"),
        ("DM", 2, "ionian"),
        ("am", 9, "aeolian"),
        ("C#m", 1, "aeolian"),
        ("key of E", 4, "ionian"),
        ("Cb", 11, "ionian"),
        ("G harmonic minor", 7, "aeolian"),
        ("  A   lydian ", 9, "lydian"),
    ],
)
def test_a_key_is_read_in_any_writing(text: str, tonic: int, mode: str) -> None:
    assert parse_key(text) == Key(tonic, mode, Origin.USER)


@pytest.mark.parametrize("text", ["", "minor", "H", "C##", "dmaj7", "D minor or so", "5", "x" * 100])
def test_what_is_no_key_is_none(text: str) -> None:
    assert parse_key(text) is None


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("mode", ["ionian", "aeolian", "dorian", "locrian"])
def test_a_keys_name_reads_back_as_the_key(tonic: int, mode: str) -> None:
    key = Key(tonic, mode, Origin.USER)
    assert parse_key(key_name(key)) == key


@pytest.mark.parametrize(
    ("prompt", "tonic", "mode"),
    [
        ("something sad in D minor, please", 2, "aeolian"),
        ("F# dorian groove", 6, "dorian"),
        ("in the key of a minor", 9, "aeolian"),
        ("piano in A minor", 9, "aeolian"),
        ("B flat major fanfare", 10, "ionian"),
        ("in Bb, 90 bpm", 10, "ionian"),
        ("in Em", 4, "aeolian"),
    ],
)
def test_a_key_in_the_prompt_is_taken(tag: Tag, prompt: str, tonic: int, mode: str) -> None:
    assert tag(prompt=prompt).key == Key(tonic, mode, Origin.USER)


@pytest.mark.parametrize("prompt", ["A minor setback", "I am sad", "the major battle", "be a major hit", "a flat tire"])
def test_prose_is_no_key(tag: Tag, prompt: str) -> None:
    assert tag(prompt=prompt).key.origin is Origin.ENGINE


def test_the_briefs_key_outranks_mood_and_prompt_and_that_is_told(tag: Tag) -> None:
    tags = tag(key="Eb major", prompt="sad, in D minor")
    assert tags.key == Key(3, "ionian", Origin.USER)
    assert any("Eb major" in note and "D minor" in note for note in tags.notes)


def test_a_mode_word_beside_another_key_is_told(tag: Tag) -> None:
    tags = tag(key="D major", prompt="minor key")
    assert tags.key.mode == "ionian"
    assert any("contradicts D major" in note for note in tags.notes)


def test_a_mode_word_alone_sets_the_mode(tag: Tag) -> None:
    assert tag(prompt="happy, in a minor key").key.mode == "aeolian"
    assert tag(prompt="sad, major").key.mode == "ionian"


def test_an_unknown_key_is_refused_with_what_is_near(tag: Tag) -> None:
    with pytest.raises(InvalidBrief, match=r"“D miner” is no key\. Did you mean “D minor”.*sonique styles"):
        tag(key="D miner")


def test_the_tonic_follows_the_picture_and_not_the_clock(tag: Tag, describe: Callable[..., Description]) -> None:
    looks = [Look(palette=(f"#{shade:02x}0000",)) for shade in range(24)]
    tonics = [tag(genres=("cinematic",), description=describe(look=look)).key.tonic for look in looks]
    assert set(tonics) == {2, 9, 0, 4}
    assert tonics == [tag(genres=("cinematic",), description=describe(look=look)).key.tonic for look in looks]


def test_dark_moods_are_minor_and_bright_ones_major(tag: Tag) -> None:
    assert tag(genres=("orchestral",), prompt="menacing").key.mode in {"aeolian", "phrygian"}
    assert tag(genres=("orchestral",), prompt="joyful").key.mode == "ionian"
