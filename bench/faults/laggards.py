"""Laggards: clients that read slowly, stop in the middle, or die; nobody else is to notice."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from sonique.runtime_file import RuntimeFile
from sonique.v1 import jobs_pb2

from bench.faults import asks, http2
from bench.faults.calls import Caller, kind
from bench.faults.gauge import Gauge, Reading
from bench.faults.home import REPOSITORY, home
from bench.table import Row

EACH = 12
"""How many laggards of each kind."""
DAY_SECONDS = 3.0

_SHOTS = 200
_SLACK = 1.5
_SLACK_SECONDS = 0.5

_KILLED = """
import sys
from bench.faults import asks
from bench.faults.calls import Caller
from sonique.runtime_file import RuntimeFile
runtime = RuntimeFile.from_json(sys.stdin.readline())
with Caller(runtime) as caller:
    for event in caller.begin(asks.generate(sys.argv[1], 20, seed=5)):
        print(event.seq, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Day:
    """How things went for a client that behaves.

    Attributes:
        seconds: that its job took.
        polls: how its polls went.
    """

    seconds: float
    polls: Reading


def rows(folder: Path, each: int = EACH, seconds: float = DAY_SECONDS) -> Iterator[Row]:
    """A day of at least ``seconds`` s without laggards, and one with ``each`` of every kind."""
    folder.mkdir(parents=True, exist_ok=True)
    film = asks.make_film(folder / "film.mp4", [4.5])
    with home(folder / "laggards") as here:
        runtime = here.start()
        with Caller(runtime) as caller, ExitStack() as stack:
            caller.run(asks.score("warm", film))
            caller.run(_long("long", film))
            plain = _day(runtime, caller, film, "plain", seconds=seconds)
            killed = [_killed(runtime, f"killed-{number}") for number in range(min(each, 3))]
            for _ in range(each):
                stack.enter_context(closing(_slow_reader(runtime, "long")))
                stack.enter_context(closing(_half_open(runtime)))
            disturbed = _day(runtime, caller, film, "disturbed", seconds=seconds)
            ends = {kind(list(caller.watch(name))[-1]) for name in killed}
        wanted = plain.seconds * _SLACK + _SLACK_SECONDS
        yield Row(
            f"a job beside {each} slow readers, {each} half-open connections and {len(killed)} killed clients",
            f"{disturbed.seconds:.2f} s",
            f"≤ {wanted:.2f} s",
            disturbed.seconds <= wanted,
            f"{plain.seconds:.2f} s without",
        )
        slowest = disturbed.polls.at(0.99)
        yield Row("polls beside them", disturbed.polls.words, "p99 ≤ 20 ms", slowest <= 20, plain.polls.words)
        yield Row("the jobs of killed clients", ", ".join(sorted(ends)), "done", ends == {"done"})


def _day(runtime: RuntimeFile, caller: Caller, film: Path, name: str, *, seconds: float) -> Day:
    gauge = Gauge(runtime, ["long", "warm"], seconds=seconds)
    started = time.monotonic()
    for number in range(3):
        events = caller.run(_long(f"{name}-{number}", film, seed=number))
        assert kind(events[-1]) == "done", events[-1]
    return Day((time.monotonic() - started) / 3, gauge.read())


def _long(job_id: str, film: Path, seed: int = 0) -> asks.Request:
    """A job with many events: pieces of a film that overlap, a different set for each seed."""
    request = asks.describe(job_id, film)
    clips = [asks.clip(film.as_uri(), (number + seed) % 80, 10) for number in range(_SHOTS // 4)]
    request.timeline.otio_json = asks.otio(clips)
    return request


def _slow_reader(runtime: RuntimeFile, job_id: str) -> socket.socket:
    """Watches a job, and gives the daemon room for no byte of it; the connection stays."""
    room = b"\x00\x04" + bytes(4)
    body = jobs_pb2.WatchRequest(job_id=job_id).SerializeToString()
    words = http2.PREFACE + http2.frame(http2.SETTINGS, 0, 0, room)
    return _said(runtime, words + http2.call("/sonique.v1.Jobs/Watch", runtime.token, body))


def _half_open(runtime: RuntimeFile) -> socket.socket:
    """Begins a call and never finishes it."""
    whole = http2.call("/sonique.v1.Media/Upload", runtime.token, bytes(1000))
    return _said(runtime, http2.PREFACE + http2.frame(http2.SETTINGS, 0, 0, b"") + whole[:-500])


def _said(runtime: RuntimeFile, words: bytes) -> socket.socket:
    host, _, port = runtime.address.rpartition(":")
    connection = socket.create_connection((host, int(port)), 30)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    connection.sendall(words)
    return connection


def _killed(runtime: RuntimeFile, job_id: str) -> str:
    """Starts a client that begins a job, and kills it once the job runs; the job's id."""
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, job_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(runtime.to_json().replace("\n", "") + "\n")
    process.stdin.flush()
    process.stdout.readline()
    process.kill()
    process.communicate()
    return job_id
