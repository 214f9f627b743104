"""Kills of the daemon: at random moments of its whole life, starting included, while clients keep jobs running."""

import hashlib
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from sonique.runtime_file import RuntimeFile

from bench.faults import asks
from bench.faults.calls import ENDED, Caller, code
from bench.faults.home import Home, home
from bench.faults.ledger import Ledger
from bench.faults.orphans import Orphanage
from bench.table import Row

KILLS = 500
CLIENTS = 4
_LIFE_SECONDS = (0.002, 2.5)
"""Shortest and longest life after the daemon listens; lives between are as likely on a logarithmic scale."""
_DURING_START = 0.25
"""Share of the kills that come before the daemon listens."""
_START_SECONDS = 0.35
_PATIENCE = 120.0


@dataclass
class Siege:
    """One daemon that is killed again and again, and its clients.

    Attributes:
        here: the daemon.
        film: what jobs look at.
        ledger: what the clients saw.
        runtime: where the daemon listens now; None while it does not.
        over: set once no new jobs are to be begun.
    """

    here: Home
    film: Path
    ledger: Ledger = field(default_factory=Ledger)
    runtime: RuntimeFile | None = None
    over: threading.Event = field(default_factory=threading.Event)
    asked: dict[str, asks.Request] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311 - which logs, and no secret
    _hashed: set[Path] = field(default_factory=set)

    def client(self, number: int) -> None:
        """Begins one job after the other, and follows each to its end however often the daemon goes away."""
        count = 0
        while not self.over.is_set():
            count += 1
            request = self._request(number, count)
            self.asked[request.job_id] = request
            self._follow(request, lambda: not self.over.is_set())
            self.over.wait(_PAUSE)

    def _request(self, number: int, count: int) -> asks.Request:
        job_id, client = f"c{number}-{count}", f"client {number}"
        match (number + count) % 4:
            case 0:
                return asks.tag(job_id, client, prompt=f"calm {job_id}")
            case 1:
                return asks.describe(job_id, self.film, client)
            case 2:
                return asks.generate(job_id, 2 + count % 5, seed=1000 * number + count, client=client)
            case _:
                return asks.score(job_id, self.film, seed=1000 * number + count, client=client)

    def _follow(self, request: asks.Request, wanted: Callable[[], bool]) -> None:
        """Asks for a job and watches it, again where the daemon went away; gives up where it is not ``wanted``."""
        while request.job_id not in self.ledger.ends and wanted():
            runtime = self.runtime
            if runtime is None:
                time.sleep(0.005)
                continue
            try:
                with Caller(runtime) as caller:
                    self._watch(caller, request)
            except grpc.RpcError as error:
                if code(error) not in _GONE:
                    self.ledger.breach(f"{request.job_id}: {code(error)}: {error.details()}")
                    return
                time.sleep(0.005)

    def _watch(self, caller: Caller, request: asks.Request) -> None:
        """From the first event on by asking again, or from the last one that was seen by watching."""
        seen = self.ledger.seen.get(request.job_id)
        if seen and len(seen) % 2:
            last = max(list(seen))  # the other thread may add to it
            self.ledger.note_all(caller.watch(request.job_id, last), last)
        else:
            self.ledger.note_all(caller.begin(request))

    def check_logs(self) -> None:
        """Holds the logs of the latest jobs, and of some earlier ones, against what was seen; the daemon must run."""
        seen = list(self.ledger.seen)
        earlier = self.dice.sample(seen[:-_LATEST], min(_EARLIER, len(seen[:-_LATEST])))
        self.check((*earlier, *seen[-_LATEST:]))

    def check(self, jobs: Iterable[str]) -> None:
        """Holds the logs of ``jobs`` against what was seen of them; the daemon must run."""
        assert self.runtime is not None
        with Caller(self.runtime) as caller:
            for job_id in jobs:
                try:
                    self.ledger.verify(job_id, caller.log(job_id))
                except grpc.RpcError as error:
                    self.ledger.breach(f"{job_id}: {code(error)}, and it was seen before")

    def check_files(self) -> None:
        """Every finished file is what its name says; the daemon must be dead."""
        audio = self.here.store / "audio"
        for path in audio.iterdir() if audio.is_dir() else ():
            if path in self._hashed:
                continue
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
                self.ledger.breach(f"{path.name} is not what its name says")
            self._hashed.add(path)

    def check_database(self, folder: Path) -> None:
        """A copy of the database opens and is whole; the daemon must be dead."""
        for source in self.here.store.glob("sonique.db*"):
            shutil.copy2(source, folder / source.name)
        for path in folder.glob("sonique.db"):
            with closing(sqlite3.connect(path)) as database:
                verdict = database.execute("PRAGMA integrity_check").fetchall()
            if verdict != [("ok",)]:
                self.ledger.breach(f"the database is broken: {verdict[:3]}")


_PAUSE = 0.05
"""Seconds that a client waits before its next job, or there are tens of thousands to check."""
_LATEST, _EARLIER = 40, 20
"""How many logs are checked after each kill; all of them are at the end."""

_GONE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED}
_GONE |= {grpc.StatusCode.UNAUTHENTICATED}  # another daemon listens there by now


def rows(folder: Path, kills: int = KILLS) -> Iterator[Row]:
    """``kills`` kills of a daemon with ``CLIENTS`` clients."""
    folder.mkdir(parents=True, exist_ok=True)
    film = asks.make_film(folder / "film.mp4", [4.5])
    with Orphanage() as orphanage, home(folder / "kills") as here:
        siege = Siege(here, film)
        started = time.monotonic()
        _besiege(siege, orphanage, kills, random.Random(11))  # noqa: S311 - moments, and no secret
        each = (time.monotonic() - started) / kills
        settled = _settle(siege)
        breaches = [*siege.ledger.breaches, *orphanage.left(), *_set_aside(here)]
        yield Row(
            f"{kills} kills of the daemon at random moments",
            f"{len(breaches)} breaches; {len(siege.ledger.ends)} jobs: {siege.ledger.tally()}; {each:.2f} s a kill",
            "none lost, doubled, altered or open; no half file; no orphan",
            not breaches and settled,
            "; ".join(breaches[:3]) or ("" if settled else "jobs did not end"),
        )


def _besiege(siege: Siege, orphanage: Orphanage, kills: int, dice: random.Random) -> None:
    clients = [threading.Thread(target=siege.client, args=(number,), daemon=True) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for number in range(kills):
        _live_and_die(siege, dice)
        siege.check_files()
        if number % 10 == 0:
            copy = siege.here.folder / "copy"
            copy.mkdir(exist_ok=True)
            siege.check_database(copy)
            shutil.rmtree(copy)
        orphanage.reap()
    siege.over.set()
    for client in clients:
        client.join(_PATIENCE)


def _live_and_die(siege: Siege, dice: random.Random) -> None:
    """One life of the daemon."""
    process = siege.here.spawn()
    if dice.random() < _DURING_START:
        time.sleep(dice.uniform(0, _START_SECONDS))
    else:
        siege.runtime = siege.here.listening(process)
        if dice.random() < 0.1:
            siege.check_logs()
        low, high = _LIFE_SECONDS
        time.sleep(low * (high / low) ** dice.random())
    siege.runtime = None
    siege.here.kill()


def _settle(siege: Siege) -> bool:
    """Lets every job end under a last daemon that nobody kills, and checks everything; whether all ended."""
    siege.runtime = siege.here.start()
    deadline = time.monotonic() + _PATIENCE
    for request in siege.asked.values():
        siege._follow(request, lambda: time.monotonic() < deadline)  # noqa: SLF001 - of this module
    siege.check(list(siege.ledger.seen))
    with Caller(siege.runtime) as caller:
        states = {job_id: caller.state(job_id) for job_id in siege.ledger.seen}
    for job_id, state in states.items():
        if state not in ENDED:
            siege.ledger.breach(f"{job_id} is still {state}")
    with suppress(FileNotFoundError):
        for path in (siege.here.store / "scratch").iterdir():
            siege.ledger.breach(f"{path} was left in the scratch folder")
    siege.here.stop()
    siege.check_files()
    return set(siege.ledger.ends) == set(siege.asked)


def _set_aside(here: Home) -> list[str]:
    """Databases that a daemon took for broken."""
    return [f"{path.name} was set aside" for path in here.store.iterdir() if "broken" in path.name]
