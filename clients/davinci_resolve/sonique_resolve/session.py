"""The session: one cue, from the timeline that is open back onto it.

Nothing on the timeline is touched before the music is finished and lies on the disk; whatever ends a session earlier
leaves the timeline as it was.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from sonique_client import scoring
from sonique_client.connection import Connection
from sonique_client.errors import ClientError, JobCancelled, OutputUnwritable
from sonique_client.fetch import fetch

from sonique_resolve.calls import Desk
from sonique_resolve.choosing import Chosen, Which, choose
from sonique_resolve.document import media_folders, to_otio
from sonique_resolve.film_document import film_otio
from sonique_resolve.items import look
from sonique_resolve.levels import can_set, lengthened
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.placer import place
from sonique_resolve.reader import read as read_timeline
from sonique_resolve.rendering import Watch, rendered
from sonique_resolve.sound import NoSound
from sonique_resolve.timeline import OWN_NAME, ReadRange, ReadTimeline, TimelineRange
from sonique_resolve.trimming import trimmed

if TYPE_CHECKING:
    from sonique.v1 import take_pb2, time_pb2
    from sonique.v1.events_pb2 import JobEvent
    from sonique.v1.scoring_pb2 import ScoreRequest

_LOOK_SECONDS = 0.1
_LOUDNESS = (-50.0, -8.0)
_ROOTS = 64
"""Folders of media that one request may name."""
_UNFIT = re.compile(r"[^\w .,()+-]+")
"""What is left out of file names, so that every system takes them."""
_NAME_BYTES = 120
"""Bytes of the timeline's name in those of files: disks take 255 for all, with take, job, stem, levels and rate."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asks for.

    Attributes:
        which: which range, or what was typed.
        prompt: in their own words.
        genres: styles, the first weighs most.
        moods: moods.
        instruments: that must play.
        negatives: what must not be there.
        bpm: tempo, or None.
        key: "D minor", or empty.
        hit_strength: 0 to 1, or None for the daemon's own.
        seed: another seed is another take.
        takes: how many, 1 to 8; all are imported and the first is placed.
        stems: whether the stems are placed, each on a track of its own.
        loudness_lufs: of the music.
        volume_db: of the clip, on top of that.
        fade_in: frames.
        fade_out: frames.
        folder: where the WAV files go; None for the user's folder of music.
        media_roots: folders to look for media in that is not where the timeline says.
        proxy_render: whether Resolve is to render the range first, so that titles and nested timelines are seen.
    """

    which: Which | str = Which.AUTO
    prompt: str = ""
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    bpm: float | None = None
    key: str = ""
    hit_strength: float | None = None
    seed: int = 0
    takes: int = 1
    stems: bool = False
    loudness_lufs: float = -20.0
    volume_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    folder: Path | None = None
    media_roots: tuple[Path, ...] = ()
    proxy_render: bool = False


def _nothing(*_: object) -> None:
    """Says nothing."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Display:
    """What a session tells, from the thread that called ``score``, and how it is stopped.

    Attributes:
        say: is told sentences.
        show: is told every event of the job.
        chosen: is told the range before anything runs.
        cancelled: is asked often whether to stop, from a thread of its own while the job runs.
        working: is told what is done before the job, and how much of it, 0 to 1.
    """

    say: "Callable[[str], None]" = _nothing
    show: "Callable[[JobEvent], None]" = _nothing
    chosen: "Callable[[ReadTimeline, Chosen], None]" = _nothing
    cancelled: Callable[[], bool] = _never
    working: "Callable[[str, float], None]" = _nothing


def score(desk: Desk, connection: Connection, wishes: Wishes, display: Display = Display()) -> Placed:
    """Reads the range, has it scored, and places the music.

    Args:
        desk: Resolve.
        connection: to the daemon; one elsewhere is sent small copies of the media that it does not see.
        wishes: what the user asks for.
        display: what is told meanwhile, and whether to stop.

    Raises:
        NothingMarked: there is no range, or it is too short or too long; nothing ran.
        NotRendered: a proxy was asked for and could not be rendered; nothing ran.
        JobCancelled: it was cancelled, by ``display`` or Ctrl-C; the timeline is as it was.
        ClientError: the daemon refused the request, failed, or is gone; the timeline is as it was.
        NotPlaced: the music is finished and could not be placed; the sentence says where it lies.
        ResolveBusy: Resolve does not answer; the same.
        ResolveGone: Resolve ended; the same.
    """
    read = read_timeline(desk)
    chosen = choose(desk, read, wishes.which)
    display.chosen(read, chosen)
    found = look(desk, read, chosen.range)
    for note in found.notes:
        display.say(note)
    cue = _Cue(connection, read, chosen)
    if not wishes.proxy_render:
        for note in found.unseen:
            display.say(note)
        return _scored(desk, cue, found, wishes, display)
    with rendered(desk, read, chosen.range, Watch(display.working, display.cancelled)) as film:
        for note in film.notes:
            display.say(note)
        return _scored(desk, cue, replace(found, film=film), wishes, display)


def _scored(desk: Desk, cue: "_Cue", found: ReadRange, wishes: Wishes, display: Display) -> Placed:
    """Has what was found scored, and places the music."""
    read, connection = cue.read, cue.connection
    folder = _folder(wishes)
    settable = can_set(desk, read.timeline)
    request = _request(found, wishes, settable=settable)
    if not connection.local:
        _send(connection, request, found, display)
    made = _made(connection, request, display)
    takes = tuple(
        _saved(cue, folder / _name(read, cue.chosen, request, number), take)
        for number, take in enumerate(made, start=1)
    )
    if display.cancelled():
        raise JobCancelled(f"Cancelled; the timeline is as it was. The finished music lies in “{folder}”.")
    placement = _placement(read, found.range, request, takes)
    wished = replace(
        placement,
        stems=wishes.stems,
        engine=made[0].engine,
        fade_in=wishes.fade_in,
        fade_out=wishes.fade_out,
        volume_db=wishes.volume_db if settable else 0.0,
    )
    placed = place(desk, read, wished)
    for note in placed.notes:
        display.say(note)
    return placed


def music_folder() -> Path:
    """Where WAV files go unless the user says otherwise: “Sonique” in their folder of music."""
    named = os.environ.get("XDG_MUSIC_DIR", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / "Music") / OWN_NAME


def _folder(wishes: Wishes) -> Path:
    """The folder of the WAV files, made before anything runs."""
    folder = (wishes.folder or music_folder()).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(
            f"The folder “{folder}” cannot be made ({error.strerror or error}); choose another one for the music."
        ) from error
    return folder


def _request(found: ReadRange, wishes: Wishes, *, settable: bool) -> "ScoreRequest":
    from sonique.v1 import brief_pb2, scoring_pb2, take_pb2, time_pb2, timeline_pb2

    span = found.range
    fps = found.read.rate.fps
    own = [str(root) for root in wishes.media_roots][:_ROOTS]
    # Where clips have no volume of their own, the music itself is made louder or softer.
    loudness = wishes.loudness_lufs + (0.0 if settable else wishes.volume_db)
    return scoring_pb2.ScoreRequest(
        job_id=scoring.new_job_id(),
        timeline=timeline_pb2.Timeline(
            otio_json=to_otio(found) if found.film is None else film_otio(found, found.film),
            range=time_pb2.TimeRange(start=_time(span.start_frame, fps), duration=_time(span.frames, fps)),
            media_roots=[*own, *media_folders(found, _ROOTS - len(own))],
            cuts=timeline_pb2.CUT_SOURCE_AUTO if found.film is None else timeline_pb2.CUT_SOURCE_DETECT,
        ),
        brief=brief_pb2.Brief(
            prompt=wishes.prompt,
            genres=wishes.genres,
            moods=wishes.moods,
            instruments=wishes.instruments,
            negatives=wishes.negatives,
            bpm=wishes.bpm,
            key=wishes.key,
            hit_strength=wishes.hit_strength,
        ),
        seed=wishes.seed,
        takes=wishes.takes,
        delivery=take_pb2.Delivery(
            loudness_lufs=min(_LOUDNESS[1], max(_LOUDNESS[0], loudness)),
            pad_to_frames=time_pb2.FrameRate(numerator=fps.numerator, denominator=fps.denominator),
            stems=wishes.stems,
            record_start=_time(span.start_frame, fps),
        ),
    )


def _send(connection: Connection, request: "ScoreRequest", found: ReadRange, display: Display) -> None:
    """Gives a daemon elsewhere what it does not see of the range's media."""
    from sonique_sending.sending import prepared

    timeline = request.timeline
    if found.exported and found.film is None:
        timeline.otio_json = trimmed(timeline.otio_json, found)
    try:
        timeline.CopyFrom(prepared(connection, timeline, _Sending(display)))
    except KeyboardInterrupt:
        raise JobCancelled("Cancelled; the timeline is as it was.") from None


@dataclass(frozen=True, slots=True)
class _Sending:
    """What sending tells, and how it is stopped."""

    display: Display

    def say(self, sentence: str) -> None:
        """Passes it on."""
        self.display.say(sentence)

    def working(self, title: str, share: float) -> None:
        """Passes it on, and stops where that was asked for."""
        if self.display.cancelled():
            raise JobCancelled("Cancelled; the timeline is as it was.")
        self.display.working(title, share)


def _time(frames: int, fps: Fraction) -> "time_pb2.RationalTime":
    from sonique.v1 import time_pb2

    return time_pb2.RationalTime(value=frames, rate_numerator=fps.numerator, rate_denominator=fps.denominator)


def _made(connection: Connection, request: "ScoreRequest", display: Display) -> "list[take_pb2.Take]":
    """Runs the job, and returns its takes."""
    takes: list[take_pb2.Take] = []
    try:
        with _watched(connection, request.job_id, display):
            for event in scoring.run(connection, request):
                display.show(event)
                if event.WhichOneof("event") == "take_ready":
                    takes.append(event.take_ready.take)
    except KeyboardInterrupt:
        _cancel(connection, request.job_id)
        raise JobCancelled("Cancelled; the timeline is as it was.") from None
    except JobCancelled:
        raise JobCancelled("Cancelled; the timeline is as it was.") from None
    return takes


@contextmanager
def _watched(connection: Connection, job_id: str, display: Display) -> Iterator[None]:
    """Cancels the job as soon as the display says so, between its events too."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            if display.cancelled() and _cancel(connection, job_id):
                return

    watcher = threading.Thread(target=look, name="cancel", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _cancel(connection: Connection, job_id: str) -> bool:
    """Tells the job to stop; False where the daemon does not know it yet, or is gone."""
    try:
        scoring.request_cancel(connection, job_id)
    except ClientError:
        return False
    return True


def _name(read: ReadTimeline, chosen: Chosen, request: "ScoreRequest", number: int) -> str:
    """``Edit 01.00.10.00 take 1 [job]``, to which a stem's name is added."""
    kept = _UNFIT.sub("", read.name)[:60].encode("utf-8", "ignore")[:_NAME_BYTES].decode("utf-8", "ignore")
    timeline = kept.strip(" .") or OWN_NAME
    timecode = re.sub(r"[:;]", ".", read.timecode(chosen.range.start_frame))
    return f"{timeline} {timecode} take {number} [{request.job_id}]"


@dataclass(frozen=True, slots=True)
class _Cue:
    """Where a cue comes from, and where it goes."""

    connection: Connection
    read: ReadTimeline
    chosen: Chosen


def _saved(cue: _Cue, base: Path, take: "take_pb2.Take") -> Take:
    """The take's files on the disk: the mix, and every stem that there is."""
    names = [file.name for file in take.files if file.name not in {"mix", "score"}]
    stems = {name: _fetched(cue, take, name, base) for name in names}
    return Take(_fetched(cue, take, "mix", base), stems, take.seed)


def _fetched(cue: _Cue, take: "take_pb2.Take", name: str, base: Path) -> Path:
    stem = "" if name == "mix" else f" {name}"
    path = fetch(cue.connection, take, name, base.with_name(f"{base.name}{stem}.wav"))
    try:
        lengthened(path, cue.read, cue.chosen.range)
    except (NoSound, OSError) as error:
        raise OutputUnwritable(f"“{path}” cannot be made longer ({error}); choose another folder.") from error
    return path


def _placement(read: ReadTimeline, span: TimelineRange, request: "ScoreRequest", takes: tuple[Take, ...]) -> Placement:
    words = [f"{read.span(span)}, job {request.job_id}, seed {takes[0].seed}", request.brief.prompt]
    return Placement(range=span, takes=takes, job=request.job_id, note="\n".join(word for word in words if word))
