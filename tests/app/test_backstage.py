import asyncio
import threading
from dataclasses import dataclass

import pytest
from sonique_daemon.app.backstage import Backstage, NotReady
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Event, Warned
from sonique_daemon.domain.request import TagJob
from sonique_daemon.engines.registry import Registry, embedded
from sonique_daemon.errors import Cancelled
from sonique_daemon.jobs.runner import FakeRunner

JOB = TagJob(Brief())


@dataclass(frozen=True)
class Ensemble:
    chain: FakeRunner
    registry: Registry

    def warm(self) -> None:
        raise RuntimeError("cold")


def ready() -> Ensemble:
    return Ensemble(FakeRunner(lambda _: (Warned("played"),)), embedded())


def go_on() -> None:
    return


def test_a_job_runs_as_soon_as_the_engines_are_there_even_where_warming_fails() -> None:
    gate = threading.Event()

    def assemble() -> Ensemble:
        gate.wait(20)
        return ready()

    backstage, said = Backstage(assemble), list[Event]()
    backstage.begin()
    runner = threading.Thread(target=backstage.run, args=(JOB, said.append, go_on))
    runner.start()
    gate.set()
    runner.join(20)
    assert said == [Warned("played")]


def test_a_job_can_be_cancelled_while_it_waits_for_the_engines() -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Backstage(ready).run(JOB, go_on_with, stop)


def go_on_with(_: Event) -> None:
    return


def test_engines_that_cannot_be_loaded_fail_the_job_in_one_sentence() -> None:
    def broken() -> Ensemble:
        raise ImportError("secret path")

    backstage = Backstage(broken)
    backstage.begin()
    with pytest.raises(NotReady) as caught:
        backstage.run(JOB, go_on_with, go_on)
    assert "secret" not in caught.value.sentence
    assert caught.value.sentence.endswith(".")


def test_giving_up_waiting_for_the_registry_leaves_it_to_others() -> None:
    gate = threading.Event()

    def assemble() -> Ensemble:
        gate.wait(20)
        return ready()

    async def scenario() -> Registry | object:
        backstage = Backstage(assemble)
        backstage.begin()
        leaving = asyncio.create_task(backstage.registry())
        staying = asyncio.create_task(backstage.registry())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        gate.set()
        return await staying

    assert isinstance(asyncio.run(scenario()), Registry)
