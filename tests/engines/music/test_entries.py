"""A cue is made in parts, each asked for the players that play in it."""

import pytest
from sonique_daemon.domain.tags import Key, Tag, TagKind, Tags, Tempo
from sonique_daemon.engines.music.entries import parts

BARS = [index * 2.0 for index in range(40)]
PLAYERS = ("piano", "drums", "taiko", "strings")


def tags(*form: str) -> Tags:
    named = (Tag(TagKind.INSTRUMENT, text) for text in PLAYERS)
    return Tags(
        "ambient", (*named, *(Tag(TagKind.FORM, text) for text in form)), Tempo(90.0, 85.0, 95.0), Key(2, "aeolian")
    )


def players(*form: str, duration: float = 60.0) -> list[tuple[float, tuple[str, ...]]]:
    """Where parts end, and who plays in them."""
    return [(part.end, tuple(part.tags.texts(TagKind.INSTRUMENT))) for part in parts(tags(*form), duration, BARS)]


def test_without_entries_all_of_it_is_one_part() -> None:
    assert players("building") == [(60.0, PLAYERS)]


def test_a_group_enters_at_the_nearest_bar_line_and_is_away_before() -> None:
    assert players("drums from 0:21") == [(20.0, ("piano", "strings")), (60.0, PLAYERS)]
    assert parts(tags("drums from 0:21"), 60.0, BARS)[0].away == ("drums", "taiko")


def test_who_leaves_is_away_after() -> None:
    assert players("strings until 50 %") == [(30.0, PLAYERS), (60.0, ("piano", "drums", "taiko"))]


def test_all_others_are_away_while_some_play_alone() -> None:
    assert players("all but piano, strings from 0:20") == [(20.0, ("piano", "strings")), (60.0, PLAYERS)]
    assert players("all but piano until 0:40") == [(40.0, PLAYERS), (60.0, ("piano",))]


def test_several_come_and_go() -> None:
    assert players("piano until 0:20", "drums from 0:40") == [
        (20.0, ("piano", "strings")),
        (40.0, ("strings",)),
        (60.0, ("drums", "taiko", "strings")),
    ]


@pytest.mark.parametrize("form", ["drums from 0:01", "drums from 0 %", "drums until 0:58", "drums until 3:00"])
def test_what_is_almost_all_of_it_is_all_of_it(form: str) -> None:
    assert players(form) == [(60.0, PLAYERS)]


def test_what_comes_after_the_end_is_never_there() -> None:
    assert players("drums from 3:00") == [(60.0, ("piano", "strings"))]


def test_entries_close_together_are_one() -> None:
    assert players("drums from 0:20", "strings from 0:22") == [(20.0, ("piano",)), (60.0, PLAYERS)]


def test_without_bars_an_entry_lies_where_it_is_asked_for() -> None:
    assert [part.end for part in parts(tags("drums from 0:21"), 60.0, [])] == [21.0, 60.0]
