import asyncio
import subprocess
import sys
from fractions import Fraction

import pytest
from sonique.v1.events_pb2 import JobEvent
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Described, Warned
from sonique_daemon.domain.picture import Marker
from sonique_daemon.jobs.log import Entry
from sonique_daemon.server.messages import Messages
from sonique_daemon.server.turns import Turns


def warned(seq: int, text: str = "x", time_ns: int = 1) -> Entry:
    return Entry(seq, time_ns, Warned(text))


def test_an_event_is_written_once_however_many_ask() -> None:
    async def ask() -> bool:
        messages = Messages(Turns())
        first, second = await messages.of("a", warned(1)), await messages.of("a", warned(1))
        return first is second

    assert asyncio.run(ask())


def long_description() -> Entry:
    markers = tuple(Marker(Fraction(number), str(number), "") for number in range(500))
    return Entry(1, 1, Described(Description(Fraction(500), "x", (), markers=markers)))


def test_what_is_short_is_written_without_waiting_for_anybody() -> None:
    async def ask() -> str:
        asking = Messages(Turns()).of("a", Entry(1, 1, Described(Description(Fraction(1), "x", ()))))
        with pytest.raises(StopIteration) as answer:
            asking.send(None)
        message: JobEvent = answer.value.value
        return message.description.summary

    assert asyncio.run(ask()) == "x"


def test_what_may_take_long_is_written_once_for_all_who_wait_for_it() -> None:
    async def ask() -> int:
        messages, entry = Messages(Turns()), long_description()
        return len({id(message) for message in await asyncio.gather(*(messages.of("a", entry) for _ in range(20)))})

    assert asyncio.run(ask()) == 1


def test_one_who_gives_up_waiting_takes_it_from_nobody() -> None:
    async def ask() -> str:
        messages, entry = Messages(Turns()), long_description()
        impatient = asyncio.ensure_future(messages.of("a", entry))
        patient = asyncio.ensure_future(messages.of("a", entry))
        await asyncio.sleep(0)
        impatient.cancel()
        return (await patient).description.summary

    assert asyncio.run(ask()) == "x"


def test_a_job_that_is_asked_for_again_is_another() -> None:
    async def ask() -> list[str]:
        messages = Messages(Turns())
        entries = (warned(1, "old", 1), warned(1, "new", 2))
        return [(await messages.of("a", entry)).warning.sentence for entry in entries]

    assert asyncio.run(ask()) == ["old", "new"]


def test_only_so_much_is_kept_and_what_is_used_stays() -> None:
    async def ask() -> tuple[bool, bool]:
        messages = Messages(Turns(), bound_bytes=4_000)
        first, second = await messages.of("a", warned(1)), await messages.of("a", warned(2))
        for seq in range(3, 9):
            await messages.of("a", warned(seq))
            await messages.of("a", warned(1))
        return first is await messages.of("a", warned(1)), second is await messages.of("a", warned(2))

    assert asyncio.run(ask()) == (True, False)


def test_the_words_of_a_brief_are_told_without_anything_heavy() -> None:
    code = "import sys; from sonique_daemon.server.vocabulary import write_vocabulary as w; w(); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not set(said.stdout.split()) & {"numpy", "scipy", "av", "pedalboard"}
