"""Demands: what a job asks of its generate engine, held against what that can; and the melody, made ready for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.options import EngineOptions
from sonique_daemon.domain.request import GenerateJob, ScoreJob
from sonique_daemon.domain.time import sample_count
from sonique_daemon.engines.engine import Descriptor, InitAudio
from sonique_daemon.engines.registry import Registry
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.stages.report import StageReport
from sonique_daemon.workers.executor import Executor
from sonique_daemon.workers.task import HEAR, HearRequest

_MOST_NAMED = 3
"""Engines that an error names."""


def require_able(job: GenerateJob | ScoreJob, engine: Descriptor, registry: Registry) -> None:
    """Raises ``InvalidRequest`` where ``job`` names a melody and its generate engine cannot start from one."""
    if job.melody is None or engine.melody:
        return
    able = [each.name for each in registry.descriptors() if each.stage is Stage.GENERATE and each.melody]
    named = ", ".join(able[:_MOST_NAMED]) + (" …" if len(able) > _MOST_NAMED else "")
    way = f"choose one that can ({named})" if able else "leave the melody out"
    raise InvalidRequest(f"The engine “{engine.name}” cannot start from a melody; {way}.")


def unheeded(options: EngineOptions, engine: Descriptor) -> str:
    """The sentence about options that ``engine`` does not heed; "" where it heeds all that are given."""
    ignored = [option for option in options.given() if option not in engine.options]
    if not ignored:
        return ""
    named = ", ".join(option.replace("_", " ") for option in ignored)
    return f"The engine “{engine.name}” has no {named}, so that plays no part."


def _longest(job: GenerateJob) -> Fraction:
    """Seconds of the longest of the takes that ``job`` and its changes make, one after the other."""
    return max([job.duration, *(change.duration for change in job.changes if change.duration is not None)])


@dataclass(frozen=True, slots=True)
class MelodyReader:
    """Makes the melody of a job ready.

    Attributes:
        executor: runs the work.
        scratch: an existing folder for audio on its way.
        uploads: folder that holds uploaded media, each file named by its SHA-256.
        media_roots: folders under which media may be opened besides the defaults.
    """

    executor: Executor
    scratch: Path
    uploads: Path
    media_roots: tuple[Path, ...]

    @contextmanager
    def read(self, job: GenerateJob, report: StageReport) -> Iterator[tuple[GenerateJob, InitAudio | None]]:
        """For the body of a ``with``: ``job`` with its melody's digest, and its audio; None where it has no melody.

        Raises:
            MediaNotFound: the file is not there, or is another one than the job means.
            MediaUnreadable: it holds no sound.
            PathRefused: it may not be opened.
        """
        if job.melody is None:
            yield job, None
            return
        with TemporaryDirectory(dir=self.scratch, prefix="melody-", ignore_cleanup_errors=True) as folder:
            target = Path(folder) / "melody.raw"
            request = HearRequest(job.melody, self.uploads, self.media_roots, sample_count(_longest(job)), target)
            heard = self.executor.run(HEAR, "", request, report)
            melody = replace(job.melody, sha256=heard.sha256)
            yield replace(job, melody=melody), InitAudio(heard.audio, melody.noise)
