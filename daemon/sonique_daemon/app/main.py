"""The command ``soniqued``."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sonique_daemon.app.logbook import open_log
from sonique_daemon.app.runtime import AlreadyRunning, FolderRefused, RuntimeFolder
from sonique_daemon.app.settings import Settings, read_settings

if TYPE_CHECKING:
    from sonique_daemon.app.backstage import Ensemble

STOPPED, FAILED, ALREADY_RUNNING = 0, 1, 3
"""Exit codes; 2 is a command line that makes no sense."""


def run() -> None:
    """Runs the daemon until it is told to stop, and ends the process."""
    code = main(sys.argv[1:])
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a process without a console has none
            stream.flush()
    # Threads of jobs that did not stop in time must not hold the process, nor be torn out of an interpreter that ends.
    os._exit(code)


def main(arguments: Sequence[str], assemble: "Callable[[Settings], Ensemble] | None" = None) -> int:
    """Runs the daemon; ``assemble`` puts together what runs the jobs, by default the stages with their engines.

    Returns:
        The exit code.
    """
    settings = read_settings(arguments)
    chosen = assemble or _stages
    try:
        with RuntimeFolder(settings.runtime) as folder:
            open_log(settings.logs, settings.log_level)
            return _serve(settings, folder, lambda: chosen(settings))
    except AlreadyRunning as error:
        return _told(str(error), ALREADY_RUNNING)
    except FolderRefused as error:
        return _told(str(error), FAILED)
    except OSError as error:
        return _told(f"The Sonique daemon cannot start: {error}.", FAILED)


def _serve(settings: Settings, folder: RuntimeFolder, assemble: "Callable[[], Ensemble]") -> int:
    from sonique_daemon.app.service import serve

    try:
        asyncio.run(serve(settings, folder, assemble))
    except OSError:
        raise
    except Exception:
        logging.getLogger(__name__).exception("The daemon broke")
        return _told("The Sonique daemon broke; its log tells more.", FAILED)
    return STOPPED


def _stages(settings: Settings) -> "Ensemble":
    from sonique_daemon.server.wire.requests import encode_recipe
    from sonique_daemon.stages.assembly import assemble

    return assemble(settings.store, settings.media_roots, encode_recipe)


def _told(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - the command's own words
    return code


if __name__ == "__main__":
    run()
