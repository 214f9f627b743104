"""The book of jobs, and the pump that brings them on, a little at each tick.

``pump`` needs no timer: Blender's timer calls it, and so may a script in a loop. It uses no thread and waits for
nothing: what takes long is done by the courier, and a tick asks for it, or finds the answer of an earlier one.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from .errors import BlenderError
from .folder import file_name
from .gateway import End, Ends, Gateway, Gone, Pending, Refused, Unanswered
from .job import Fetch, Job, JobView, Phase, view_of
from .layback import MIX, Layback, Placer
from .leftovers import Leftovers
from .link import Link, LinkView, State
from .targets import Desk
from .tick import Tick

_RETRY_SECONDS = 2.0
_MOST_ENDED = 50
"""So many of the jobs that have ended stay on the list: the panel is told of each of them again and again."""


class Book:
    """All jobs of this Blender.

    Args:
        link: to the daemon.
        placer: to Blender.
        clock: seconds that only ever grow.
    """

    def __init__(self, link: Link, placer: Placer, clock: Callable[[], float] = time.monotonic) -> None:
        self.link = link
        self._clock = clock
        self._jobs: list[Job] = []
        self._turn, self._awaiting = 0, False
        self._layback = Layback(placer, clock)
        self._leftovers = Leftovers(link.discard)
        self._steps: dict[Phase, Callable[[Job], None]] = {
            Phase.PREPARING: self._prepare,
            Phase.SENDING: self._send,
            Phase.RUNNING: self._follow,
            Phase.FETCHING: self._fetch,
            Phase.PLACING: self._layback.step,
        }

    @property
    def views(self) -> tuple[JobView, ...]:
        """The jobs as a list shows them, the newest first."""
        return tuple(view_of(job) for job in reversed(self._jobs))

    @property
    def link_view(self) -> LinkView:
        """The link as a panel shows it."""
        return self.link.view

    @property
    def live(self) -> int:
        """Jobs that have not ended."""
        return sum(not job.ended for job in self._jobs)

    @property
    def awaiting(self) -> bool:
        """Whether an answer is on its way, or music about to be placed, so that the next tick should come soon."""
        now = self._clock()
        return (
            self._awaiting
            or self.link.calling
            or any(job.phase is Phase.PLACING and job.not_before <= now for job in self._jobs)
        )

    def add(self, job: Job) -> None:
        """Takes in a job; it begins with the next tick. Of those that have ended, the oldest leave the list."""
        job.phase = Phase.SENDING if job.preparation is None else Phase.PREPARING
        ended = [each.id for each in self._jobs if each.ended and each.phase is not Phase.KEPT]
        gone = set(ended[:-_MOST_ENDED])
        self._jobs = [*(each for each in self._jobs if each.id not in gone), job]

    def find(self, job_id: str) -> Job | None:
        """The job of that id."""
        return next((job for job in self._jobs if job.id == job_id), None)

    def cancel(self, job_id: str) -> bool:
        """Asks a job to stop; False where there is nothing to stop. The timeline stays as it is."""
        job = self.find(job_id)
        if job is None or job.ended or job.cancelling:
            return False
        job.cancelling, job.not_before = True, 0.0
        return True

    def clear_ended(self) -> None:
        """Takes the ended jobs off the list; their music stays where it is."""
        self._jobs = [job for job in self._jobs if not job.ended]

    def place_at(self, job_id: str, desk: Desk, scene: str) -> Job | None:
        """Has music that could not be placed go to another scene of what is open; None where there is none such."""
        job, uid = self.find(job_id), dict(desk.scenes).get(scene)
        if job is None or job.phase is not Phase.KEPT or uid is None or not job.files:
            return None
        job.target = replace(job.target, opening=desk.opening, file=desk.file, scene=scene, scene_uid=uid)
        job.strip = ""
        job.sentence = ""
        job.move(Phase.PLACING)
        return job

    def opened(self, desk: Desk) -> None:
        """Another blend file, or the same one anew, lies open: scenes are looked up again by name and file."""
        self._layback.forget()
        for job in self._jobs:
            uid = desk.where(job.target)
            if uid is not None:
                job.target = replace(job.target, opening=desk.opening, scene_uid=uid)
            job.not_before = 0.0

    def saved(self, desk: Desk) -> None:
        """The open blend file was saved, perhaps under another path."""
        for job in self._jobs:
            if job.target.opening == desk.opening:
                job.target = job.target.in_file(desk.file)

    def pump(self, tick: Tick | None = None) -> None:
        """Brings the jobs on, each in its turn, as far as the tick lasts; never raises for what a job meets."""
        tick = Tick() if tick is None else tick
        self._leftovers.step()
        live = [job for job in self._jobs if self._wants_a_turn(job)]
        self.link.step(wanted=any(job.phase is not Phase.PREPARING for job in live))
        self._awaiting = False
        for count in range(len(live)):
            job = live[(self._turn + count) % len(live)]
            if count and (tick.spent or job.phase is Phase.PLACING):
                self._turn += count
                return
            goes_on = self._advance(job)
            self._let_go(job)
            if not goes_on:
                self._turn += count + 1
                return

    def close(self) -> None:
        """Blender ends: what is prepared or placed is stopped, and the daemon is told to cancel what runs."""
        self._layback.close()
        for job in self._jobs:
            if job.ended:
                continue
            gateway = self.link.gateway
            if gateway is not None and job.sent:
                _quietly(partial(gateway.cancel, job.id))
            self._take_back(job)
            job.end(Phase.CANCELLED)
            self._let_go(job)
        self._leftovers.close()
        self.link.close()

    def _wants_a_turn(self, job: Job) -> bool:
        return not (job.ended or job.not_before > self._clock() or self._layback.keeps_waiting(job))

    def _advance(self, job: Job) -> bool:
        """A step of one job; False where nothing more should be tried in this tick."""
        placing = job.phase is Phase.PLACING
        try:
            self._steps[job.phase](job)
        except Pending:
            self._awaiting = True
        except Unanswered:
            self.link.missed()
        except Gone as gone:
            self.link.lose(gone.sentence)
            return False
        except Refused as refusal:
            self._refused(job, refusal)
        except BlenderError as error:
            job.end(Phase.FAILED, error.sentence)
        except Exception as fault:  # noqa: BLE001 - one job must never stop the others, nor Blender's timer
            job.end(Phase.FAILED, _fault(fault))
        return not placing  # of that, a step alone is as long as Blender makes it

    def _refused(self, job: Job, refusal: Refused) -> None:
        self.link.patience.met()
        if refusal.retry_seconds is not None and not job.cancelling:
            job.not_before = self._clock() + max(_RETRY_SECONDS, refusal.retry_seconds)
            job.text = "Waiting for room in the queue"
        else:
            job.end(Phase.CANCELLED if job.cancelling else Phase.FAILED, refusal.sentence)

    def _prepare(self, job: Job) -> None:
        assert job.preparation is not None
        if job.cancelling:
            job.end(Phase.CANCELLED)
            return
        job.order = job.preparation.look()
        if job.order is not None:
            job.move(Phase.SENDING)

    def _send(self, job: Job) -> None:
        assert job.order is not None
        if job.cancelling and not job.sent:
            job.end(Phase.CANCELLED)
            return
        gateway = self._gateway(job)
        if gateway is None:
            return
        job.sent = True
        gateway.submit(job.id, job.order)
        self.link.patience.met()
        job.move(Phase.RUNNING)

    def _follow(self, job: Job) -> None:
        gateway = self._gateway(job)
        if gateway is None:
            return
        if job.cancelling and not job.told_to_stop:
            gateway.cancel(job.id)
            job.told_to_stop = True
            self.link.patience.met()
            return
        told = gateway.poll(job.id, job.seq)
        self.link.patience.met()
        job.seq = told.seq
        last = job.hear(told.words)
        if last is not None:
            _ended(job, last)

    def _fetch(self, job: Job) -> None:
        if job.cancelling:
            self._take_back(job)
            job.end(Phase.CANCELLED, f"The music that was finished lies in “{job.folder}”." if job.files else "")
            return
        gateway = self._gateway(job)
        if gateway is None:
            return
        fetch = job.fetches[0]
        job.files[fetch.take, fetch.file.name] = gateway.fetch(job.takes[fetch.take].id, fetch.file, fetch.target)
        self.link.patience.met()
        del job.fetches[0]
        job.share = 1.0 - len(job.fetches) / (len(job.fetches) + len(job.files))
        if not job.fetches:
            job.move(Phase.PLACING)

    def _take_back(self, job: Job) -> None:
        """The file that was on its way is not wanted any more; those that were fetched before stay."""
        if job.phase is Phase.FETCHING:
            self.link.take_back(job.fetches[0].target)

    def _let_go(self, job: Job) -> None:
        """What was rendered for a job is not needed once the daemon has made its music, or it has ended."""
        done = job.ended or job.phase in {Phase.FETCHING, Phase.PLACING}
        preparation = job.preparation
        if done and preparation is not None:
            job.preparation = None
            self._leftovers.take(preparation.stop())

    def _gateway(self, job: Job) -> Gateway | None:
        """The daemon; None where there is none now, and then the job says so, or fails where none will come."""
        if self.link.gateway is None:
            view = self.link.view
            job.text = "" if view.state is State.READY else view.state.value
            if view.state is State.REFUSED and not job.sent:
                job.end(Phase.FAILED, view.sentence)
        return self.link.gateway


def _ended(job: Job, last: Ends) -> None:
    """What the daemon's last word means here."""
    if last.how is End.CANCELLED or (job.cancelling and last.how is End.DONE):
        job.end(Phase.CANCELLED)
    elif last.how is End.FAILED:
        job.end(Phase.FAILED, last.sentence)
    else:
        job.move(Phase.FETCHING)
        job.fetches = _fetches(job)


def _fetches(job: Job) -> list[Fetch]:
    """The files to be fetched: each take's mix, and its stems where they are wanted."""
    return [
        Fetch(index, file, job.folder / _name(job, index, file.name))
        for index, take in enumerate(job.takes)
        for file in take.files
        if file.name == MIX or job.wishes.stems
    ]


def _name(job: Job, index: int, file: str) -> str:
    return file_name(job.target.scene, job.wishes.prompt, index + 1, job.id, "" if file == MIX else file)


def _fault(fault: Exception) -> str:
    """What is said of a fault that nobody foresaw; all of it is printed, for whoever mends it."""
    traceback.print_exception(fault)
    return f"Sonique met a fault of its own ({type(fault).__name__}: {fault}); score again, and report it."


def _quietly(deed: Callable[[], object]) -> None:
    """Does what may fail where nobody is left to be told."""
    try:
        deed()
    except (Unanswered, Gone, Refused, BlenderError, OSError):
        return
