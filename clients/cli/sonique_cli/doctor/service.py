"""The daemon: its runtime folder, whether it answers, and what it holds."""

import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sonique.runtime_file import CONTRACT, RuntimeFile, is_held, runtime_folder, runtime_path

from sonique_cli.doctor.finding import Finding, Findings, note, well, wrong
from sonique_cli.doctor.machine import disk
from sonique_cli.quantities import size_text, span_text

if TYPE_CHECKING:
    from sonique.v1.jobs_pb2_grpc import JobsStub

    from sonique_cli.session import Session

_SKEW_SECONDS = 5.0


def runtime() -> Findings:
    """The runtime folder, its file and its lock, whether or not a daemon answers."""
    folder = runtime_folder()
    yield disk("Runtime", folder)
    yield from _private(folder, 0o700)
    yield from _private(runtime_path(), 0o600)
    held, named = is_held(folder), _named()
    if named is None and runtime_path().exists():
        yield wrong("Runtime file", "it cannot be read", "Stop the daemon (sonique daemon stop) and start it again.")
    elif named is not None and not held:
        text = f"it speaks of a daemon that is gone (process {named.pid})"
        yield note("Runtime file", text, "Nothing to do; the next start replaces it.")
    elif held and named is None:
        yield note("Lock", "a daemon holds it that does not listen yet", "Try again; if it stays so, end the process.")
    elif held:
        yield well("Lock", "held by the running daemon")


def daemon(session: "Session") -> Findings:
    """Who answers, where it writes, and where it may read."""
    info = session.connection.info
    text = f"release {info.version}, contract {info.contract}, process {info.pid}, up {span_text(info.uptime_seconds)}"
    if info.contract != CONTRACT:
        yield wrong("Daemon", text, "Restart it: sonique daemon restart")
    elif info.draining:
        yield note("Daemon", f"{text}, on its way out", "The next command starts a fresh one.")
    else:
        yield well("Daemon", text)
    yield _same_release(info.version)
    yield well("Daemon runs on", info.platform or "not told")
    yield well(
        "Media folders", ", ".join(f"“{root}”" for root in info.media_roots) or "none beside those that a request names"
    )
    yield well("Place", session.connection.whereabouts)
    yield from clock(session.connection.jobs, info.pid if session.connection.local else None, info.uptime_seconds)


def store(session: "Session") -> Findings:
    """What the store holds, and the room round it."""
    from sonique.v1 import store_pb2

    folder = Path(session.connection.info.store)
    if session.connection.local:
        yield disk("Store", folder)
        yield from _set_aside(folder)
    usage = session.store.Usage(store_pb2.UsageRequest())
    budget = size_text(usage.budget_bytes) if usage.budget_bytes else "no limit"
    text = f"{size_text(usage.bytes)} held (may hold: {budget})"
    if usage.budget_bytes and usage.bytes > usage.budget_bytes:
        yield note("Store size", f"{text}, over its budget", "sonique prune clears it.")
    else:
        yield well("Store size", text)


def workers(session: "Session") -> Findings:
    """The worker processes and their memory."""
    from sonique.v1 import engines_pb2

    from sonique_cli.workers import state_of

    found = session.connection.engines.ListWorkers(engines_pb2.ListWorkersRequest())
    shown = (f"{worker.name} ({state_of(worker)}, {size_text(worker.memory_bytes)})" for worker in found.workers)
    held = sum(worker.memory_bytes for worker in found.workers)
    text = f"{', '.join(shown) or 'none now'}; they may hold {size_text(found.memory_budget_bytes)}"
    if found.memory_budget_bytes and held > found.memory_budget_bytes:
        yield note("Workers", text, "They hold more than they may; idle ones are let go as others need room.")
    else:
        yield well("Workers", text)


def engines(session: "Session") -> Findings:
    """The engines that can run, with their versions, and how many more there are whose weights are not here."""
    listed = session.engines().engines
    here = dict.fromkeys(f"{engine.name} {engine.version}" for engine in listed if engine.weights_present)
    missing = {engine.name for engine in listed if not engine.weights_present}
    if not here:
        yield wrong("Engines", "there are none", "Reinstall Sonique: pip install --force-reinstall sonique")
        return
    more = f"; {len(missing)} more without weights here (sonique models list)" if missing else ""
    yield well("Engines", ", ".join(here) + more)


def queue(session: "Session") -> Findings:
    """Jobs that run, wait, or failed last."""
    from itertools import islice

    from sonique.v1 import jobs_pb2

    from sonique_cli.choosing import pages

    info = session.connection.info
    text = f"{info.running_jobs} running, {info.queued_jobs} waiting"
    failed = list(islice(pages(session.connection, [jobs_pb2.JOB_STATE_FAILED], page=3), 3))
    codes = ", ".join(f"{job.id[:8]} {job.failure.code}" for job in failed)
    yield well("Jobs", text + (f"; the last that failed: {codes}" if codes else ""))


def clock(jobs: "JobsStub", pid: int | None, uptime_seconds: float) -> Findings:
    """Whether the clock went as time does, since the daemon began and since the newest job came in."""
    import psutil
    from sonique.v1 import jobs_pb2

    newest = jobs.List(jobs_pb2.ListRequest(limit=1)).jobs
    ahead = max((job.created.seconds - time.time() for job in newest), default=0.0)
    try:
        skew = 0.0 if pid is None else (time.time() - uptime_seconds) - psutil.Process(pid).create_time()
    except psutil.Error:
        skew = 0.0
    if ahead > _SKEW_SECONDS:
        text = f"the newest job came in {span_text(ahead)} in the future"
        yield note("Clock", text, "Set the clock; ages of jobs are wrong until then.")
    elif abs(skew) > _SKEW_SECONDS + 0.01 * uptime_seconds:
        yield note("Clock", f"it was moved by {span_text(abs(skew))} since the daemon began", "Restart the daemon.")
    else:
        yield well("Clock", "as it should be")


def _named() -> RuntimeFile | None:
    try:
        return RuntimeFile.from_json(runtime_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _private(path: Path, mode: int) -> Findings:
    """Whether a file or folder is this user's alone; nothing where it is not there."""
    if sys.platform == "win32" or not path.exists():
        return
    found = path.stat()
    if found.st_uid != os.getuid():
        yield wrong("Owner", f"“{path}” is another user's", "Name another folder with SONIQUE_RUNTIME_DIR.")
    elif stat.S_IMODE(found.st_mode) & 0o077:
        yield wrong("Permissions", f"others may read “{path}”", f"chmod {mode:o} “{path}”, then sonique daemon restart")


def _same_release(running: str) -> Finding:
    from importlib.metadata import version

    ours = version("sonique")
    if running == ours:
        return well("Same release", f"this command and the daemon are both {ours}")
    text = f"this command is {ours}, the running daemon {running}"
    return note("Same release", text, "sonique daemon restart starts the installed one.")


def _set_aside(folder: Path) -> Findings:
    """Databases that were found broken and set aside."""
    kept = sorted(path.name for path in folder.glob("*.broken*")) if folder.is_dir() else []
    if kept:
        text = f"a broken database was set aside ({', '.join(kept[:3])})"
        yield note(
            "Store health", text, "Its jobs are gone, new ones are well; keep the file for a report, or delete it."
        )
    else:
        yield well("Store health", "the daemon found its database whole when it opened it")
