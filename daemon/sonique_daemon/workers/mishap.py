"""Mishaps: what became of a worker, told to a user."""

import errno
import os
import signal
import sys
from collections.abc import Callable

from sonique_daemon.errors import (
    DaemonStopping,
    EngineFailed,
    OutOfMemory,
    SoniqueError,
    StoreFull,
    WorkerCrashed,
    WorkerHung,
)

Doom = Callable[[str], SoniqueError]
"""Why a worker was ended; told with who was at work there, as ``doer`` says it."""

_NEXT = "the next job runs on a new worker"
_LOG = "`sonique logs` tells more"

_CAUSES = {
    "SIGKILL": ("was killed", ", from outside or by the system for want of memory"),
    "SIGSEGV": ("crashed", " (segmentation fault)"),
    "SIGBUS": ("crashed", " (bus error; a file that it had open may have become shorter)"),
    "SIGILL": ("crashed", " (this processor lacks an instruction that it uses)"),
    "SIGFPE": ("crashed", " (arithmetic error)"),
    "SIGABRT": ("gave up", " (abort)"),
}
"""By the name of the signal, what happened, and how it came to that."""
_WINDOWS_CAUSES = {0xC0000005: " (access violation)", 0xC00000FD: " (stack overflow)"}


def doer(task: str, engine: str) -> str:
    """Who does ``task``, to begin a sentence with; ``engine`` is "" where it has none."""
    return f"The engine “{engine}”" if engine else f"The step “{task}”"


def crashed(doer: str, code: int) -> WorkerCrashed:
    """The process of ``doer`` ended by itself with exit code ``code``, negative for a signal."""
    what, how = _cause(code)
    return WorkerCrashed(f"{doer} {what} in the middle of its work{how}; {_NEXT}, and {_LOG}.")


def ended_untaken(doer: str, code: int) -> WorkerCrashed:
    """The process that ``doer`` was to work in ended by itself before it took the work up."""
    what, how = _cause(code)
    return WorkerCrashed(f"{doer} did not begin, for its worker {what}{how}; {_NEXT}, and {_LOG}.")


def not_started(name: str, cause: str) -> WorkerCrashed:
    """The worker ``name`` came to nothing."""
    return WorkerCrashed(f"The worker “{name}” cannot be started ({cause}); reinstall Sonique, or see: {_LOG}.")


def ended_early(name: str, code: int) -> WorkerCrashed:
    """The worker ``name`` ended before it listened."""
    return not_started(name, "it " + "".join(_cause(code)))


def unforeseen(error: BaseException, doer: str, ceiling: int = 0) -> SoniqueError:
    """What ``doer`` raised that is none of our errors; ``ceiling`` as in ``starved``."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, MemoryError) or number == errno.ENOMEM:
        return starved(doer, ceiling)
    if number in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
        cause = os.strerror(number) if number else ""
        return StoreFull(f"The disk of the store is full or cannot be written ({cause}); make room and try again.")
    return broke(doer, type(error).__name__)


def misunderstood(doer: str) -> WorkerCrashed:
    """What came from the worker of ``doer`` is no message."""
    return WorkerCrashed(
        f"{doer} made its worker send what cannot be understood, so it was ended; {_NEXT}, and {_LOG}."
    )


def deaf(doer: str) -> EngineFailed:
    """``doer`` did not stop when it was told to."""
    return EngineFailed(f"{doer} did not stop when it was cancelled, so its worker was ended; {_NEXT}.")


def stopping(_: str = "") -> DaemonStopping:
    """The pool was closed."""
    return DaemonStopping("Sonique is stopping; ask again when it runs.")


def hung(doer: str, seconds: float) -> WorkerHung:
    """``doer`` was silent for ``seconds``."""
    return WorkerHung(f"{doer} gave no sign of life for {seconds:.0f} s, so its worker was ended; {_NEXT}, and {_LOG}.")


def late(doer: str, seconds: float) -> WorkerHung:
    """The worker of ``doer`` was not ready in ``seconds``."""
    return WorkerHung(f"{doer} had no worker after {seconds:.0f} s, for that does not start here; {_LOG}.")


def overweight(doer: str, held: int, ceiling: int) -> OutOfMemory:
    """``doer`` held more than its worker may."""
    return OutOfMemory(
        f"{doer} took {_size(held)} of memory, more than the {_size(ceiling)} that its worker may have, so it was "
        "ended; try a shorter range, or raise the memory budget."
    )


def starved(doer: str, ceiling: int = 0) -> OutOfMemory:
    """``doer`` was refused memory by the system; ``ceiling`` is what its worker may have, 0 where that is unlimited."""
    allowed = f", or than the {_size(ceiling)} that its worker may have" if ceiling else ""
    return OutOfMemory(
        f"{doer} needs more memory than there is{allowed}; try a shorter range, or raise the memory budget."
    )


def too_heavy(name: str, need: int, budget: int) -> OutOfMemory:
    """The worker ``name`` can never have a place."""
    return OutOfMemory(
        f"The worker “{name}” needs {_size(need)} of memory, and all workers together may have {_size(budget)}; "
        "choose a smaller engine, or raise the memory budget."
    )


def broke(doer: str, kind: str) -> EngineFailed:
    """``doer`` raised what nobody foresaw."""
    return EngineFailed(f"{doer} broke ({kind}); the job that it ran failed, others go on, and {_LOG}.")


def unreadable(doer: str) -> EngineFailed:
    """``doer`` returned what is no result of its task."""
    return EngineFailed(f"{doer} gave a result that cannot be read; {_LOG}.")


def _cause(code: int) -> tuple[str, str]:
    if code < 0 and sys.platform != "win32":
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return _CAUSES.get(name, ("was ended", f" by {name}"))
    if (how := _WINDOWS_CAUSES.get(code & 0xFFFFFFFF)) is not None:
        return "crashed", how
    return "ended", f" with exit code {code}"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
