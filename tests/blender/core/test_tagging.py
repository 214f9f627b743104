"""Tags as lines of text, and back."""

import json
from dataclasses import replace

import pytest
from sonique_blender.core.tagging import TagText, UnfitTags, edited, to_text

TAGS = json.dumps(
    {
        "style": "jazz",
        "tempo": {"bpm": 92.0, "low": 88.0, "high": 96.0, "origin": "ORIGIN_ENGINE"},
        "key": {"tonic": 2, "mode": "aeolian"},
        "tags": [
            {"kind": "TAG_KIND_MOOD", "text": "calm", "origin": "ORIGIN_ENGINE"},
            {"kind": "TAG_KIND_MOOD", "text": "warm", "origin": "ORIGIN_ENGINE"},
            {"kind": "TAG_KIND_INSTRUMENT", "text": "piano", "origin": "ORIGIN_ENGINE"},
        ],
        "density": 0.4,
    }
)


def test_tags_are_shown_as_text() -> None:
    assert to_text(TAGS) == TagText("jazz", 92.0, "D aeolian", "", "calm, warm", "piano", "")
    assert to_text("") == to_text("[]") == to_text("{") == TagText()


def test_what_is_not_changed_stays_as_it_was() -> None:
    assert json.loads(edited(TAGS, to_text(TAGS))) == json.loads(TAGS)


def test_what_is_changed_is_the_users_own_and_the_rest_keeps_its_origin() -> None:
    told = json.loads(edited(TAGS, replace(to_text(TAGS), bpm=120.0, key="F# minor", moods="Warm, dark")))
    assert told["tempo"] == {"bpm": 120.0, "origin": "ORIGIN_USER"}
    assert told["key"] == {"tonic": 6, "mode": "minor", "origin": "ORIGIN_USER"}
    moods = [(tag["text"], tag["origin"]) for tag in told["tags"] if tag["kind"] == "TAG_KIND_MOOD"]
    assert moods == [("warm", "ORIGIN_ENGINE"), ("dark", "ORIGIN_USER")]
    assert told["density"] == 0.4


@pytest.mark.parametrize(("key", "tonic"), [("Bb", 10), ("db lydian", 1), ("C", 0), ("G# minor", 8)])
def test_keys_are_read_as_musicians_write_them(key: str, tonic: int) -> None:
    assert json.loads(edited(TAGS, replace(to_text(TAGS), key=key)))["key"]["tonic"] == tonic


@pytest.mark.parametrize("changes", [{"key": "H minor"}, {"bpm": 3.0}, {"bpm": 900.0}])
def test_what_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UnfitTags, match=r"is no (key|tempo); write"):
        edited(TAGS, replace(to_text(TAGS), **changes))  # type: ignore[arg-type]
