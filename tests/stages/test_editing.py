"""Edited takes, through the chain, with engines that run in this process."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sonique_daemon.domain.edit import Bars, Change, Swap
from sonique_daemon.domain.events import Event, Fitted, TakeReady
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import Key, Origin, Tag, TagKind, Tags, Tempo
from sonique_daemon.domain.take import Take
from sonique_daemon.errors import InvalidBrief, InvalidRequest
from sonique_daemon.stages.chain import Chain
from sonique_daemon.stages.editing import played

PAD = Tag(TagKind.INSTRUMENT, "pad")
JOB = GenerateJob(Tags("ambient", (PAD,), Tempo(120.0, 120.0, 120.0), Key(0, "ionian")), Fraction(24), seed=5)


@pytest.fixture
def made(chain: Chain) -> Callable[..., Take]:
    """The take of a job with these changes, with a recipe of its own for each."""
    chain = replace(chain, cues=replace(chain.cues, recipe=lambda job: repr(job).encode()))

    def make(*changes: Change, events: list[Event] | None = None) -> Take:
        told = events if events is not None else []
        chain.run(replace(JOB, changes=changes), told.append, lambda: None)
        return next(event.take for event in told if isinstance(event, TakeReady))

    return make


def frames(take: Take) -> bytes:
    import wave

    with wave.open(str(take.files[0].path), "rb") as file:
        return file.readframes(file.getnframes())


def test_bars_are_kept_in_the_delivered_file_and_the_rest_is_another_take(made: Callable[..., Take]) -> None:
    first = made()
    again = made(Change(keep=(Bars(2, 3),), seed=6))
    start, end = (first.tempo_map.beats[first.tempo_map.downbeats[bar]] for bar in (2, 4))
    here = slice(round(start * 48_000) * 6, round(end * 48_000) * 6)
    assert frames(again)[here] == frames(first)[here]
    assert frames(again)[: here.start - 20_000] != frames(first)[: here.start - 20_000]
    assert again.seed == 6


@pytest.mark.parametrize("seconds", [Fraction(41), Fraction(33, 2)])
def test_a_new_length_is_exact_and_the_beginning_stays(made: Callable[..., Take], seconds: Fraction) -> None:
    first, again = made(), made(Change(duration=seconds))
    assert again.samples == round(seconds * 48_000)
    assert len(frames(again)) == again.samples * 6
    assert frames(again)[: 48_000 * 6] == frames(first)[: 48_000 * 6]


def test_changes_follow_each_other_and_only_the_last_grid_is_told(made: Callable[..., Take]) -> None:
    keep, longer = Change(keep=(Bars(0, 1),), seed=6), Change(duration=Fraction(30))
    kept = made(keep)
    events: list[Event] = []
    both = made(keep, longer, events=events)
    assert frames(both)[: 48_000 * 6] == frames(kept)[: 48_000 * 6]
    assert [event.tempo_map.duration for event in events if isinstance(event, Fitted)] == [30]
    assert both.seed == 6


def test_a_swap_is_the_users_word() -> None:
    tags = played(replace(JOB, changes=(Change(swaps=(Swap("pad", "felt piano"),)),))).tags
    assert Tag(TagKind.INSTRUMENT, "felt piano", Origin.USER) in tags.tags
    assert {tag.text for tag in tags.tags if tag.kind is TagKind.NEGATIVE} == {"pad", "glass pad"}
    assert PAD not in tags.tags
    within = played(replace(JOB, changes=(Change(swaps=(Swap("piano", "felt piano"),)),))).tags
    assert "felt piano" not in within.texts(TagKind.NEGATIVE)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Change(keep=(Bars(0, 400),)), InvalidRequest),
        (Change(calm_from=Fraction(24)), InvalidRequest),
        (Change(swaps=(Swap("pad", "kazoo"),)), InvalidBrief),
    ],
)
def test_what_the_take_has_not_is_told(made: Callable[..., Take], change: Change, error: Any) -> None:
    with pytest.raises(error) as caught:
        made(change)
    assert caught.value.sentence.endswith(".")
