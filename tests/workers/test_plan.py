from dataclasses import replace

import pytest
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.embedded import COMPOSER, LEXICON, SIGNAL
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.workers.plan import at_once, plan, spare
from sonique_daemon.workers.room import Room, card_budget

GB = 10**9


def engine(name: str, stage: Stage, gigabytes: float) -> Descriptor:
    need = int(gigabytes * GB)
    return Descriptor(f"f:{name}", stage, "", "MIT", "1", memory_bytes=need, home=name, model=name)


SEES = engine("eyes", Stage.DESCRIBE, 5)
TAGS = replace(SEES, stage=Stage.TAG)
PLAYS = engine("hands", Stage.GENERATE, 7)


def card(gigabytes: float) -> Room:
    return Room("card", int(gigabytes * GB) + 2**30, int(gigabytes * GB))


def test_embedded_engines_need_no_model() -> None:
    planned = plan((SIGNAL, LEXICON, COMPOSER), card(8))
    assert (planned.peak_bytes, planned.sentences, planned.fits) == (0, ("No model is needed.",), True)
    assert all(each.resident for each in planned.engines)


def test_where_there_is_room_all_stay() -> None:
    planned = plan((SEES, TAGS, PLAYS), card(14))
    assert [each.resident for each in planned.engines] == [True, True, True]
    assert planned.peak_bytes == 12 * GB
    assert planned.sentences == ("“eyes” and “hands” stay together in 12.0 GB of the 14.0 GB that models may hold.",)


def test_one_model_of_two_stages_is_counted_once() -> None:
    assert plan((SEES, TAGS), card(8)).peak_bytes == 5 * GB


def test_where_there_is_too_little_the_one_that_is_done_goes_before_the_next_comes() -> None:
    planned = plan((SEES, TAGS, PLAYS), card(8))
    assert [each.resident for each in planned.engines] == [False, False, True]
    assert planned.peak_bytes == 7 * GB
    assert planned.fits
    assert "“eyes” goes before “hands” comes" in planned.sentences[0]


def test_a_card_that_has_no_bfloat16_is_told_to_be_slow_with_the_models_that_take_it() -> None:
    exact = replace(PLAYS, home="hands@fp32")
    told = plan((SEES, TAGS, exact), replace(card(14), bfloat=False)).sentences
    assert len(told) == 2
    assert told[1].startswith("This card has no bfloat16 of its own")
    assert "so “eyes” will be slow" in told[1]
    assert len(plan((SIGNAL, LEXICON, exact), replace(card(14), bfloat=False)).sentences) == 1


def test_an_embedded_engine_between_them_changes_nothing() -> None:
    planned = plan((SEES, LEXICON, PLAYS), card(8))
    assert [each.resident for each in planned.engines] == [False, True, True]


def test_what_can_never_fit_is_told_with_numbers() -> None:
    planned = plan((SEES, TAGS, PLAYS), card(6))
    assert not planned.fits
    assert any("“f:hands” needs 7.0 GB, and models may hold 6.0 GB on the card" in each for each in planned.sentences)


def test_without_a_card_the_machine_is_named() -> None:
    planned = plan((PLAYS,), Room("machine", 8 * GB, 4 * GB))
    assert "this machine, which has no card" in planned.sentences[0]


@pytest.mark.parametrize(("gigabytes", "free"), [(14, 2), (12.5, 0.5), (8, 1), (7, 0), (6, 0)])
def test_what_is_free_is_counted_beside_those_that_stay(gigabytes: float, free: float) -> None:
    assert spare((SEES, TAGS, PLAYS), card(gigabytes)) == int(free * GB)


@pytest.mark.parametrize(
    ("seconds", "free", "count"),
    [
        (120, 0, 1),
        (120, 1.9, 1),
        (120, 2, 2),
        (120, 6, 4),
        (120, 60, 4),
        (30, 0, 4),
        (2, 0, 4),
        (60, 1, 3),
        (380, 18, 3),
        (1800, 18, 3),
    ],
)
def test_as_many_takes_go_together_as_their_length_and_the_room_allow(seconds: float, free: float, count: int) -> None:
    engine = replace(PLAYS, batch=4, take_bytes=2 * GB, take_seconds=120.0, piece_seconds=380.0)
    assert at_once(engine, seconds, int(free * GB)) == count


def test_takes_of_one_length_need_the_same_whatever_is_asked() -> None:
    engine = replace(PLAYS, batch=4, take_bytes=2 * GB)
    assert [at_once(engine, seconds, 3 * GB) for seconds in (2, 120, 1800)] == [2, 2, 2]


def test_an_engine_whose_takes_nobody_counts_makes_its_most() -> None:
    assert [at_once(replace(PLAYS, batch=batch), 60, 0) for batch in (0, 1, 4)] == [1, 1, 4]


def test_a_profile_may_hold_less_than_there_is() -> None:
    room = card(80).within(8 * GB)
    assert (room.budget_bytes, room.total_bytes) == (8 * GB, 80 * GB + 2**30)
    assert card(4).within(8 * GB).budget_bytes == 4 * GB
    assert card(4).within(0) == card(4)


def test_a_share_of_a_card_is_the_editors() -> None:
    assert card_budget(8 * 2**30) == 7 * 2**30
    assert card_budget(80 * 2**30) == 72 * 2**30
    assert card_budget(0) == 0
