"""From an exception to the event that tells of it."""

import errno
import logging

from sonique_daemon.domain.events import Done, Failed, JobCancelled, Terminal
from sonique_daemon.errors import Cancelled, SoniqueError, StoreFull

_logger = logging.getLogger(__name__)

_SENTENCE = "Something inside Sonique broke while this job ran; the daemon's log tells more. Other jobs go on."


def ending(job_id: str, error: BaseException | None) -> Terminal:
    """The terminal event of a job that ended with ``error``, or well. What nobody foresaw goes to the log."""
    if error is None:
        return Done()
    if isinstance(error, Cancelled):
        return JobCancelled()
    if isinstance(error, SoniqueError):
        return Failed(error.code, error.status, error.sentence)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        sentence = f"The disk of the store is full or cannot be written ({error.strerror}); make room and try again."
        return Failed(StoreFull.code, StoreFull.status, sentence)
    _logger.error("Job %s broke", job_id, exc_info=error)
    return Failed(SoniqueError.code, SoniqueError.status, _SENTENCE)
