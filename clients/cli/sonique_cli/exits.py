"""Exit codes, and the one way in which a command ends badly: one sentence on standard error."""

from enum import IntEnum


class Exit(IntEnum):
    """What the command's exit code means; README and docs/cli.md list them."""

    DONE = 0
    """All that was asked for is there."""
    FAILED = 1
    """The job failed."""
    USAGE = 2
    """The command, its range or its wishes make no sense."""
    INPUT = 3
    """A file is not there or cannot be read."""
    OUTPUT = 4
    """A file exists already, or cannot be written."""
    DAEMON = 5
    """The daemon cannot be started or reached, ended twice while it worked, or speaks another version."""
    CANCELLED = 130
    """Ctrl-C; the job was cancelled."""
    UNREAD = 141
    """Whoever read standard output left before its end."""


class CommandError(Exception):
    """Ends the command: one sentence for the user and an exit code."""

    def __init__(self, sentence: str, exit_code: Exit = Exit.FAILED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code


_BY_CODE = {
    "INVALID_REQUEST": Exit.USAGE,
    "INVALID_RANGE": Exit.USAGE,
    "INVALID_BRIEF": Exit.USAGE,
    "LIMIT_EXCEEDED": Exit.USAGE,
    "ENGINE_NOT_FOUND": Exit.USAGE,
    "MODEL_NOT_FOUND": Exit.USAGE,
    "PROFILE_NOT_FOUND": Exit.USAGE,
    "LICENCE_REFUSED": Exit.USAGE,
    "CATALOGUE_UNREADABLE": Exit.USAGE,
    "WEIGHTS_MISSING": Exit.INPUT,
    "WEIGHTS_DAMAGED": Exit.INPUT,
    "WEIGHTS_REFUSED": Exit.INPUT,
    "WEIGHTS_GATED": Exit.INPUT,
    "HUB_UNREACHABLE": Exit.INPUT,
    "TIMELINE_UNREADABLE": Exit.INPUT,
    "NOTHING_TO_SEE": Exit.INPUT,
    "MEDIA_NOT_FOUND": Exit.INPUT,
    "MEDIA_UNREADABLE": Exit.INPUT,
    "PATH_REFUSED": Exit.INPUT,
    "STORE_FULL": Exit.OUTPUT,
    "OUTPUT_EXISTS": Exit.OUTPUT,
    "OUTPUT_UNWRITABLE": Exit.OUTPUT,
    "JOB_ABANDONED": Exit.FAILED,
    "WORKER_CRASHED": Exit.FAILED,
    "WORKER_HUNG": Exit.FAILED,
    "OUT_OF_MEMORY": Exit.FAILED,
    "DAEMON_GONE": Exit.DAEMON,
    "DAEMON_UNREACHABLE": Exit.DAEMON,
    "DAEMON_VERSION": Exit.DAEMON,
    "UNAUTHENTICATED": Exit.DAEMON,
}


def exit_for(code: str) -> Exit:
    """The exit code for an error's stable code."""
    return _BY_CODE.get(code, Exit.FAILED)
