"""A full disk: the store on a small one of its own, which is filled at random moments and emptied again."""

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from sonique.v1 import jobs_pb2

from bench.faults import asks
from bench.faults.calls import Caller, code, kind
from bench.faults.daemon_kills import Siege
from bench.faults.home import home
from bench.table import Row

TIMES = 40
MEGABYTES = 48
_LONGEST_SECONDS = 0.6


@dataclass
class Shortage:
    """What came of it.

    Attributes:
        refused: jobs and calls that were refused because the disk was full.
        ended: jobs that ended well although it was.
        faults: what should not have happened.
    """

    refused: int = 0
    ended: int = 0
    faults: list[str] = field(default_factory=list)


def reason_not_to() -> str:
    """Why a small disk cannot be made here; "" where it can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "only root may mount a small disk"
    mount = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", tempfile.gettempdir()]  # which nobody else sees
    if shutil.which("unshare") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        return "this machine lets nobody mount a disk"
    return ""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk in memory of ``megabytes`` MB, mounted at ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "sonique-faults", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def rows(folder: Path, times: int = TIMES) -> Iterator[Row]:
    """The disk is filled ``times`` times while jobs run."""
    folder.mkdir(parents=True, exist_ok=True)
    reason = reason_not_to()
    if reason:
        yield Row("a full disk", f"not tried: {reason}", "STORE_FULL, intact, works again", True)  # noqa: FBT003
        return
    film = asks.make_film(folder / "film.mp4", [4.5])
    with small_disk(folder / "disk" / "store", MEGABYTES), home(folder / "disk") as here:
        siege = Siege(here, film, runtime=here.start())
        shortage = Shortage()
        for number in range(times):
            _fill_once(siege, number, shortage)
        breaches = [*shortage.faults, *siege.ledger.breaches, *_intact(siege)]
        yield Row(
            f"a full disk at {times} random moments",
            f"{shortage.refused} jobs and calls refused in words, {shortage.ended} ended well; {len(breaches)} faults",
            "STORE_FULL, store intact, works again",
            not breaches and shortage.refused > 0,
            "; ".join(breaches[:3]),
        )


def _fill_once(siege: Siege, number: int, shortage: Shortage) -> None:
    """Fills the disk while jobs run; then makes room, and a job must end well."""
    dice = random.Random(number)  # noqa: S311 - moments, and no secret
    assert siege.runtime is not None
    filler = siege.here.store / "filler"
    with Caller(siege.runtime) as caller:
        _submit(caller, asks.generate(f"before-{number}", dice.randint(2, 8), seed=number), shortage)
        _submit(caller, asks.score(f"also-{number}", siege.film, seed=number), shortage)
        time.sleep(dice.uniform(0, _LONGEST_SECONDS))
        _fill(filler, dice.choice((0, 0, 4096, 200_000, 1_000_000)))
        _submit(caller, asks.generate(f"during-{number}", 4, seed=1000 + number), shortage)
        for name in ("before", "also", "during"):
            _follow(siege, caller, f"{name}-{number}", shortage)
        filler.unlink()
        end = caller.run(asks.generate(f"after-{number}", 2, seed=number % 3))[-1]
        if kind(end) != "done":
            shortage.faults.append(f"with room again: {end.failed.code}: {end.failed.sentence}")
        siege.check_logs()
        _make_room(siege, caller, number)


def _submit(caller: Caller, request: asks.Request, shortage: Shortage) -> None:
    try:
        caller.submit(request)
    except grpc.RpcError as error:
        _judge_call(error, shortage)


def _follow(siege: Siege, caller: Caller, job_id: str, shortage: Shortage) -> None:
    try:
        events = list(caller.watch(job_id))
    except grpc.RpcError as error:
        if code(error) is not grpc.StatusCode.NOT_FOUND:
            _judge_call(error, shortage)
        return
    siege.ledger.verify(job_id, events)
    end = events[-1]
    if kind(end) == "done":
        shortage.ended += 1
    elif kind(end) == "failed" and end.failed.code == "STORE_FULL":
        shortage.refused += 1
    else:
        shortage.faults.append(f"{job_id}: {kind(end)} {end.failed.code} {end.failed.sentence}")


def _judge_call(error: grpc.RpcError, shortage: Shortage) -> None:
    if code(error) is grpc.StatusCode.RESOURCE_EXHAUSTED and "full" in (error.details() or ""):
        shortage.refused += 1
    else:
        shortage.faults.append(f"a call: {code(error)}: {error.details()}")


def _fill(filler: Path, leave: int) -> None:
    """Writes until nothing more fits, then gives ``leave`` bytes back."""
    with filler.open("wb", buffering=0) as file:
        with suppress(OSError):
            while file.write(bytes(65_536)):
                pass
        with suppress(OSError):
            while file.write(bytes(512)):
                pass
        file.truncate(max(0, file.tell() - leave))


def _make_room(siege: Siege, caller: Caller, number: int) -> None:
    """Forgets the jobs of this round, so that the next finds room."""
    for name in ("before", "also", "during", "after"):
        with suppress(grpc.RpcError):
            caller.jobs.Delete(jobs_pb2.DeleteRequest(job_id=f"{name}-{number}"), timeout=30)
            siege.ledger.seen.pop(f"{name}-{number}", None)


def _intact(siege: Siege) -> list[str]:
    """Ends the daemon, looks at what lies in the store, and starts it once more."""
    siege.here.kill()
    siege.check_files()
    copy = siege.here.folder / "copy"
    copy.mkdir()
    siege.check_database(copy)
    siege.runtime = siege.here.start()
    with Caller(siege.runtime) as caller:
        end = caller.run(asks.generate("last", 2))[-1]
    broken = [path.name for path in siege.here.store.iterdir() if "broken" in path.name]
    return [f"{name} was set aside" for name in broken] + ([] if kind(end) == "done" else [f"at last: {end}"])
