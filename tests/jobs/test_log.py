import asyncio
from collections.abc import AsyncIterator

import pytest
from sonique_daemon.domain.events import Done, Event, Warned
from sonique_daemon.errors import DaemonStopping
from sonique_daemon.jobs.log import Entry, Log


def say(log: Log, event: Event) -> None:
    log.append(Entry(log.last_seq + 1, log.last_seq, event))


async def read_all(entries: AsyncIterator[Entry]) -> list[int]:
    return [entry.seq async for entry in entries]


def test_sixty_four_watchers_read_one_log_whole_and_in_order() -> None:
    async def scenario() -> list[list[int]]:
        log = Log()
        watchers = [asyncio.create_task(read_all(log.follow(0))) for _ in range(64)]
        for number in range(100):
            say(log, Warned(str(number)))
            await asyncio.sleep(0)
        say(log, Done())
        return await asyncio.gather(*watchers)

    assert asyncio.run(scenario()) == [list(range(1, 102))] * 64


def test_a_watcher_that_stops_reading_blocks_neither_the_log_nor_others() -> None:
    async def scenario() -> tuple[list[int], int]:
        log = Log()
        slow = log.follow(0)
        say(log, Warned("first"))
        assert (await anext(slow)).seq == 1
        for number in range(1000):
            say(log, Warned(str(number)))
        say(log, Done())
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
        say(log, Done())
        return await staying

    assert asyncio.run(scenario()) == [1]


def test_nothing_follows_the_terminal_event() -> None:
    async def scenario() -> tuple[int, bool]:
        log = Log()
        say(log, Done())
        say(log, Warned("too late"))
        return log.last_seq, log.closed

    assert asyncio.run(scenario()) == (1, True)


def test_a_watcher_that_comes_after_the_end_gets_what_it_lacks_and_then_the_end() -> None:
    async def scenario() -> tuple[list[int], list[int]]:
        log = Log()
        say(log, Warned("one"))
        say(log, Done())
        return await read_all(log.follow(1)), await read_all(log.follow(7))

    assert asyncio.run(scenario()) == ([2], [])


def test_a_log_that_is_left_gives_what_is_there_and_then_the_reason() -> None:
    async def scenario() -> tuple[list[int], str]:
        log = Log([Entry(1, 1, Warned("one"))])
        seen: list[int] = []

        async def read() -> None:
            async for entry in log.follow(0):
                seen.append(entry.seq)  # noqa: PERF401 - what came before the reason counts

        reading = asyncio.create_task(read())
        await asyncio.sleep(0)
        log.leave(DaemonStopping("Later."))
        with pytest.raises(DaemonStopping, match="Later") as left:
            await reading
        return seen, left.value.sentence

    assert asyncio.run(scenario()) == ([1], "Later.")


def test_a_log_goes_on_from_what_was_written_before() -> None:
    async def scenario() -> list[int]:
        log = Log([Entry(1, 1, Warned("one")), Entry(2, 2, Warned("two"))])
        say(log, Done())
        return await read_all(log.follow(1))

    assert asyncio.run(scenario()) == [2, 3]
