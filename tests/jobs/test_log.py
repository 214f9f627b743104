import asyncio
from collections.abc import AsyncIterator

from sonique_daemon.domain.events import Done, Warned
from sonique_daemon.jobs.log import Entry, Log


async def read_all(entries: AsyncIterator[Entry]) -> list[int]:
    return [entry.seq async for entry in entries]


def test_sixty_four_watchers_read_one_log_whole_and_in_order() -> None:
    async def scenario() -> list[list[int]]:
        log = Log()
        watchers = [asyncio.create_task(read_all(log.follow(0))) for _ in range(64)]
        for number in range(100):
            log.append(Warned(str(number)))
            await asyncio.sleep(0)
        log.append(Done())
        return await asyncio.gather(*watchers)

    assert asyncio.run(scenario()) == [list(range(1, 102))] * 64


def test_a_watcher_that_stops_reading_blocks_neither_the_log_nor_others() -> None:
    async def scenario() -> tuple[list[int], int]:
        log = Log()
        slow = log.follow(0)
        log.append(Warned("first"))
        assert (await anext(slow)).seq == 1
        for number in range(1000):
            log.append(Warned(str(number)))
        log.append(Done())
        fast = await read_all(log.follow(0))
        return fast, (await anext(slow)).seq

    fast, slow_next = asyncio.run(scenario())
    assert fast == list(range(1, 1003))
    assert slow_next == 2


def test_a_watcher_that_leaves_does_not_disturb_the_others() -> None:
    async def scenario() -> list[int]:
        log = Log()
        leaving = asyncio.create_task(read_all(log.follow(0)))
        staying = asyncio.create_task(read_all(log.follow(0)))
        await asyncio.sleep(0)
        leaving.cancel()
        log.append(Done())
        return await staying

    assert asyncio.run(scenario()) == [1]


def test_nothing_follows_the_terminal_event() -> None:
    async def scenario() -> tuple[int, bool]:
        log = Log()
        log.append(Done())
        log.append(Warned("too late"))
        return log.last_seq, log.closed

    assert asyncio.run(scenario()) == (1, True)


def test_a_watcher_that_comes_after_the_end_gets_what_it_lacks_and_then_the_end() -> None:
    async def scenario() -> tuple[list[int], list[int]]:
        log = Log()
        log.append(Warned("one"))
        log.append(Done())
        return await read_all(log.follow(1)), await read_all(log.follow(7))

    assert asyncio.run(scenario()) == ([2], [])


def test_times_never_run_backwards() -> None:
    async def scenario() -> list[int]:
        log = Log()
        for _ in range(50):
            log.append(Warned(""))
        return [entry.time_ns for entry in log.since(0, 50)]

    times = asyncio.run(scenario())
    assert times == sorted(times)
