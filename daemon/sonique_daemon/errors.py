"""Every error that a user can meet.

::

    SoniqueError
    ├── InvalidRequest          a field is missing, malformed or over its limit
    │   ├── InvalidRange        the range is empty, reversed or outside the timeline
    │   ├── InvalidBrief        an unknown style, instrument, key, or a tempo out of bounds
    │   └── TimelineUnreadable  the OTIO document cannot be understood
    ├── NothingToSee            no picture at all could be read
    ├── MediaNotFound           a named file is not there
    ├── MediaUnreadable         a file is there, but holds no picture that can be decoded
    ├── PathRefused             a path lies outside the allowed roots, or is no regular file
    ├── JobNotFound             no job of that id
    ├── JobExists               that id was used for another request
    ├── JobRunning              the job must end before it can be forgotten
    ├── TakeNotFound            no take, stem or format of that name
    ├── EngineNotFound          no engine of that name for that stage
    ├── EngineUnavailable       the engine is known, and cannot run here: a library or a card is missing
    ├── ModelNotFound           no model of that name in the catalogue
    ├── ProfileNotFound         no profile of that name
    ├── LicenceRefused          only engines for commercial use are wanted, and this one is for none
    ├── CatalogueUnreadable     an entry of the catalogue or of the user's own file makes no sense
    ├── WeightsMissing          a model's weights are not on this machine, or not all of them
    ├── WeightsDamaged          a model's weights are not what was pulled
    ├── WeightsRefused          the weights are in a form that can carry code, or do carry some
    ├── WeightsGated            the hub asks for terms to be accepted, or for a token, first
    ├── HubUnreachable          the hub does not answer, or is not to be asked
    ├── EngineFailed            an engine broke; the sentence says how
    │   ├── WorkerCrashed       the worker process ended in its work, or before it
    │   ├── UnusableOutput      what an engine made is noise or no answer, and is not passed on
    │   ├── WorkerHung          the worker process gave no sign of life and was ended
    │   └── OutOfMemory         the work needs more memory than there is, or than it may have
    ├── JobAbandoned            the daemon ended several times while this job ran
    ├── QueueFull               too many jobs wait
    ├── StoreFull               the disk that holds the store is full or cannot be written
    ├── LimitExceeded           a size, count or duration over the stated limit
    ├── DaemonStopping          the daemon is on its way out and takes no new job
    └── Unauthenticated         no token, or a wrong one

``Cancelled`` is no error: it is how a job that was told to stop unwinds.

Each class has one stable ``code``, one gRPC ``status`` by name, and carries one sentence for the user that names the
thing and the way out.
"""

from typing import ClassVar


class SoniqueError(Exception):
    """One sentence for a user, with a stable code.

    Attributes:
        code: stable, machine-readable, upper snake case; never reused for another meaning.
        status: the name of the gRPC status that carries it.
        sentence: what happened, the thing's name, and the way out.
    """

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[str] = "INTERNAL"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class InvalidRequest(SoniqueError):
    """A field of a request is missing, malformed or over its limit."""

    code = "INVALID_REQUEST"
    status = "INVALID_ARGUMENT"


class InvalidRange(InvalidRequest):
    """The range is empty, reversed, or does not lie inside the timeline."""

    code = "INVALID_RANGE"
    status = "OUT_OF_RANGE"


class InvalidBrief(InvalidRequest):
    """The brief names an unknown style, instrument or key, or a tempo out of bounds."""

    code = "INVALID_BRIEF"


class TimelineUnreadable(InvalidRequest):
    """The OTIO document is broken, of an unknown schema, or nested too deeply."""

    code = "TIMELINE_UNREADABLE"


class NothingToSee(SoniqueError):
    """Of all that the range shows, nothing could be read."""

    code = "NOTHING_TO_SEE"
    status = "FAILED_PRECONDITION"


class MediaNotFound(SoniqueError):
    """A named file is not there."""

    code = "MEDIA_NOT_FOUND"
    status = "NOT_FOUND"


class MediaUnreadable(SoniqueError):
    """A file is there, but no picture in it can be decoded."""

    code = "MEDIA_UNREADABLE"
    status = "FAILED_PRECONDITION"


class PathRefused(SoniqueError):
    """A path lies outside the allowed roots, or is not a regular file."""

    code = "PATH_REFUSED"
    status = "PERMISSION_DENIED"


class JobNotFound(SoniqueError):
    """There is no job of that id."""

    code = "JOB_NOT_FOUND"
    status = "NOT_FOUND"


class JobExists(SoniqueError):
    """That job id was used for another request."""

    code = "JOB_EXISTS"
    status = "ALREADY_EXISTS"


class JobRunning(SoniqueError):
    """The job waits or runs, and must end before it can be forgotten."""

    code = "JOB_RUNNING"
    status = "FAILED_PRECONDITION"


class TakeNotFound(SoniqueError):
    """There is no take, stem or format of that name."""

    code = "TAKE_NOT_FOUND"
    status = "NOT_FOUND"


class EngineNotFound(SoniqueError):
    """No engine of that name serves that stage."""

    code = "ENGINE_NOT_FOUND"
    status = "NOT_FOUND"


class EngineUnavailable(SoniqueError):
    """The engine is known, and cannot run here: a library, a card or its environment is missing."""

    code = "ENGINE_UNAVAILABLE"
    status = "FAILED_PRECONDITION"


class ModelNotFound(SoniqueError):
    """No model of that name stands in the catalogue."""

    code = "MODEL_NOT_FOUND"
    status = "NOT_FOUND"


class ProfileNotFound(SoniqueError):
    """There is no profile of that name."""

    code = "PROFILE_NOT_FOUND"
    status = "NOT_FOUND"


class LicenceRefused(SoniqueError):
    """Only engines whose music may be used commercially are wanted, and this one's may not."""

    code = "LICENCE_REFUSED"
    status = "FAILED_PRECONDITION"


class CatalogueUnreadable(SoniqueError):
    """An entry of the catalogue or of the user's own file makes no sense."""

    code = "CATALOGUE_UNREADABLE"
    status = "FAILED_PRECONDITION"


class WeightsMissing(SoniqueError):
    """A model's weights are not on this machine, or not all of them."""

    code = "WEIGHTS_MISSING"
    status = "FAILED_PRECONDITION"


class WeightsDamaged(SoniqueError):
    """A model's weights are not what was pulled."""

    code = "WEIGHTS_DAMAGED"
    status = "FAILED_PRECONDITION"


class WeightsRefused(SoniqueError):
    """The weights are in a form that can carry code, or do carry some."""

    code = "WEIGHTS_REFUSED"
    status = "FAILED_PRECONDITION"


class WeightsGated(SoniqueError):
    """The hub asks for a model's terms to be accepted, or for a token, first."""

    code = "WEIGHTS_GATED"
    status = "FAILED_PRECONDITION"


class HubUnreachable(SoniqueError):
    """The hub that publishes weights does not answer, or is not to be asked."""

    code = "HUB_UNREACHABLE"
    status = "UNAVAILABLE"


class EngineFailed(SoniqueError):
    """An engine broke while it ran."""

    code = "ENGINE_FAILED"
    status = "INTERNAL"


class WorkerCrashed(EngineFailed):
    """The worker process ended in the middle of its work, or did not come to begin it."""

    code = "WORKER_CRASHED"


class UnusableOutput(EngineFailed):
    """What an engine made is noise, or no answer to what it was asked; it is told, and never passed on."""

    code = "UNUSABLE_OUTPUT"


class WorkerHung(EngineFailed):
    """The worker process gave no sign of life and was ended."""

    code = "WORKER_HUNG"


class OutOfMemory(EngineFailed):
    """The work needs more memory than there is, or than it may have."""

    code = "OUT_OF_MEMORY"
    status = "RESOURCE_EXHAUSTED"


class JobAbandoned(SoniqueError):
    """The daemon ended several times while this job ran, so it is not tried again."""

    code = "JOB_ABANDONED"
    status = "ABORTED"


class QueueFull(SoniqueError):
    """Too many jobs wait already.

    Attributes:
        retry_seconds: when it is worth trying again, estimated; 0 where that cannot be told.
    """

    code = "QUEUE_FULL"
    status = "RESOURCE_EXHAUSTED"

    def __init__(self, sentence: str, retry_seconds: float = 0.0) -> None:
        super().__init__(sentence)
        self.retry_seconds = retry_seconds


class StoreFull(SoniqueError):
    """The disk that holds the store is full or cannot be written."""

    code = "STORE_FULL"
    status = "RESOURCE_EXHAUSTED"


class LimitExceeded(SoniqueError):
    """A size, count or duration is over the stated limit."""

    code = "LIMIT_EXCEEDED"
    status = "INVALID_ARGUMENT"


class DaemonStopping(SoniqueError):
    """The daemon is on its way out and takes no new job."""

    code = "DAEMON_STOPPING"
    status = "UNAVAILABLE"


class Unauthenticated(SoniqueError):
    """The call carried no token, or a wrong one."""

    code = "UNAUTHENTICATED"
    status = "UNAUTHENTICATED"


class Cancelled(Exception):
    """The job was told to stop; raised at the next check, never shown as an error."""


def error_of(code: str) -> type[SoniqueError]:
    """The class whose code that is; ``SoniqueError`` itself where there is none."""
    waiting = [SoniqueError]
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return kind
        waiting.extend(kind.__subclasses__())
    return SoniqueError
