import asyncio

from sonique_daemon.server.turns import Turns


async def _rounds(asking: int, at_once: int) -> list[int]:
    """In which round of the loop each of ``asking`` went on."""
    turns, went, rounds = Turns(at_once), [], 0

    async def ask() -> None:
        await turns.take()
        went.append(rounds)

    waiting = [asyncio.ensure_future(ask()) for _ in range(asking)]
    while len(went) < asking:
        await asyncio.sleep(0)
        rounds += 1
    await asyncio.gather(*waiting)
    return went


def test_few_who_ask_go_on_at_once() -> None:
    assert len(set(asyncio.run(_rounds(4, 4)))) == 1


def test_of_many_who_ask_only_a_few_go_on_in_one_round() -> None:
    went = asyncio.run(_rounds(64, 4))
    assert max(went.count(number) for number in set(went)) == 4
    assert went == sorted(went)


def test_one_who_is_gone_takes_no_turn() -> None:
    async def scenario() -> int:
        turns = Turns(1)
        await turns.take()
        gone, stays = (asyncio.ensure_future(turns.take()) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        rounds = 0
        while not stays.done():
            await asyncio.sleep(0)
            rounds += 1
        return rounds

    assert asyncio.run(scenario()) <= 3


async def _went_while(turns: Turns, seconds: float) -> int:
    """How many of ten who ask went on within ``seconds``; the others stop asking."""
    asking = [asyncio.ensure_future(turns.take()) for _ in range(10)]
    await asyncio.sleep(seconds)
    went = sum(ask.done() for ask in asking)
    for ask in asking:
        ask.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    return went


def test_nobody_goes_on_while_a_call_waits_for_its_answer() -> None:
    async def scenario() -> int:
        turns = Turns(4, patience=60.0)
        turns.step_back()
        return await _went_while(turns, 0.05)

    assert asyncio.run(scenario()) == 0


def test_all_go_on_once_the_answer_is_given() -> None:
    async def scenario() -> int:
        turns = Turns(4, patience=60.0)
        turns.step_back()
        asking = [asyncio.ensure_future(turns.take()) for _ in range(10)]
        await asyncio.sleep(0.01)
        turns.go_on()
        await asyncio.wait_for(asyncio.gather(*asking), 60)
        return len(asking)

    assert asyncio.run(scenario()) == 10


def test_an_answer_that_is_never_given_holds_up_nobody_for_long() -> None:
    async def scenario() -> None:
        turns = Turns(4, patience=0.01)
        turns.step_back()
        await asyncio.wait_for(asyncio.gather(*(turns.take() for _ in range(10))), 60)

    asyncio.run(scenario())


def test_calls_without_end_leave_a_turn_between_them() -> None:
    async def scenario() -> None:
        turns = Turns(1, patience=60.0)
        turns.step_back()
        asking = [asyncio.ensure_future(turns.take()) for _ in range(10)]
        while not all(ask.done() for ask in asking):
            turns.go_on()
            turns.step_back()
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(scenario(), 60))
