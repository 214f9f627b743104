"""The command ``soniqued``."""

import asyncio
import errno
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sonique_daemon.app.crashlog import CrashLog
from sonique_daemon.app.logbook import open_log
from sonique_daemon.app.runtime import AlreadyRunning, FolderRefused, RuntimeFolder
from sonique_daemon.app.settings import USAGE, Settings, read_settings

if TYPE_CHECKING:
    from sonique_daemon.jobs.store.store import Store

STOPPED, FAILED, ALREADY_RUNNING, STORE_FULL, STORE_LOCKED, STORE_TOO_NEW = 0, 1, 3, 4, 5, 6
"""Exit codes; 2 is settings that make no sense."""

NO_HOME = "Nobody knows the home folder of this user; set HOME to the folder under which Sonique may keep its files."

_SWITCH_SECONDS = 0.0005
"""How long one thread may hold the interpreter while others want it: the loop answers calls between those of jobs."""

_FULL = {errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}


def run() -> None:
    """Runs the daemon until it is told to stop, and ends the process."""
    code = main(sys.argv[1:])
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a process without a console has none
            stream.flush()
    # Threads of jobs that did not stop in time must not hold the process, nor be torn out of an interpreter that ends.
    os._exit(code)


def main(arguments: Sequence[str]) -> int:
    """Runs the daemon.

    Returns:
        The exit code.
    """
    if not _has_home():
        return _told(NO_HOME, USAGE)
    settings = read_settings(arguments)
    os.umask(0o077)  # nothing that it or its workers write is for others
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC's own core writes past the log
    try:
        with RuntimeFolder(settings.runtime) as folder:
            log = open_log(settings.logs, settings.log_level)
            with CrashLog(settings.logs) as crash:
                return _keep_store(settings, folder, log, crash)
    except AlreadyRunning as error:
        return _told(str(error), ALREADY_RUNNING)
    except FolderRefused as error:
        return _told(str(error), FAILED)
    except OSError as error:
        return _told(f"The Sonique daemon cannot start: {error}.", STORE_FULL if error.errno in _FULL else FAILED)


def _keep_store(settings: Settings, folder: RuntimeFolder, log: Path, crash: CrashLog) -> int:
    from sonique_daemon.errors import StoreFull
    from sonique_daemon.jobs.store.store import Store
    from sonique_daemon.jobs.store.values import StoreLocked, StoreTooNew

    try:
        store = Store.open(settings.store)
    except StoreLocked as error:
        return _told(str(error), STORE_LOCKED)
    except StoreTooNew as error:
        return _told(str(error), STORE_TOO_NEW)
    except StoreFull as error:
        return _told(error.sentence, STORE_FULL)
    try:
        return _serve(settings, folder, store, log, crash)
    finally:
        store.close()


def _serve(settings: Settings, folder: RuntimeFolder, store: "Store", log: Path, crash: CrashLog) -> int:
    from sonique_daemon.app.metrics import MetricsMissing
    from sonique_daemon.app.staff import staffed
    from sonique_daemon.app.surroundings import surroundings
    from sonique_daemon.errors import CatalogueUnreadable, ProfileNotFound
    from sonique_daemon.workers.importing import importing

    sys.setswitchinterval(_SWITCH_SECONDS)
    loop = asyncio.new_event_loop()
    try:
        with surroundings(settings), staffed(settings) as pool:
            with importing():
                from sonique_daemon.app.service import House, serve  # gRPC: long to load, so workers begin before

            loop.run_until_complete(serve(House(settings, folder, store, log, pool)))
    except MetricsMissing as error:
        return _told(str(error), FAILED)
    except (CatalogueUnreadable, ProfileNotFound) as error:
        return _told(error.sentence, USAGE)
    except OSError:
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("The daemon broke")
        crash.tell(type(error), error, error.__traceback__)
        return _told(f"The Sonique daemon broke; “{log}” tells more.", FAILED)
    finally:
        loop.close()
    return STOPPED


def _has_home() -> bool:
    """Whether the system knows one; where it does not, “~” would be a folder like any other."""
    try:
        return bool(Path.home())
    except RuntimeError:
        return False


def _told(sentence: str, code: int) -> int:
    if logging.getLogger().hasHandlers():  # else the log is not open yet
        logging.getLogger(__name__).error("%s", sentence)
    print(sentence, file=sys.stderr)  # noqa: T201 - the command's own words
    return code


if __name__ == "__main__":
    run()
