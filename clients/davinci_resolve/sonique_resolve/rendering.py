"""Proxy renders: the range as Resolve shows it, titles and nested timelines with it, in a small film.

Only where the user asks for one. Our own music is muted meanwhile, so that it is not taken for the production's sound;
it, the marks, the page and all that the Deliver page was set to are as they were afterwards, in every ending.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from sonique_client.errors import JobCancelled

from sonique_resolve import deliver
from sonique_resolve.batch import Batch, as_number, as_text, as_whole
from sonique_resolve.calls import Argument, Desk, Value
from sonique_resolve.custody import give_back, take_over
from sonique_resolve.errors import NotRendered, ResolveError, ResolveGone
from sonique_resolve.exporting import writable_folders
from sonique_resolve.ground import Ground, stand
from sonique_resolve.timeline import Film, ReadTimeline, TimelineRange

_LONGEST_SIDE = 640
_CODECS = ("h264", "h265", "prores422p", "proresproxy", "prores", "dnxhrlb", "dnxhr", "dnxhd", "mjpeg", "photojpeg")
"""Names of codecs without what sets them apart, the smallest and quickest first."""
_FORMATS = ("mp4", "mov", "mxf", "mxf_op1a")
_LOOK_SECONDS = 0.5
_STALLED = 20
"""Looks in a row at which nothing is being rendered and nothing is finished, until that is taken for a failure."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is told while a range is rendered, and whether to stop; ``pause`` waits for so many seconds."""

    working: Callable[[str, float], None] = lambda title, share: None  # noqa: ARG005 says nothing
    cancelled: Callable[[], bool] = lambda: False
    pause: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class _Page:
    """The Deliver page while it is ours."""

    desk: Desk
    ground: Ground
    kept: deliver.Kept
    muted: list[int] = field(default_factory=list)
    job: str = ""
    runs: bool = False


@contextmanager
def rendered(desk: Desk, read: ReadTimeline, span: TimelineRange, watch: Watch = Watch()) -> Iterator[Film]:
    """The film of ``span``, up to the end of the timeline, which is gone again afterwards.

    Raises:
        NotRendered: it could not be rendered; everything is as it was, or the sentence says what is not.
        JobCancelled: ``watch`` said so; the same.
        ResolveBusy: Resolve does not answer.
        ResolveGone: it ended.
    """
    folder = Path(tempfile.mkdtemp(prefix="sonique-render-", dir=writable_folders()[-1]))
    try:
        yield _made(desk, read, span, folder, watch)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(desk: Desk, read: ReadTimeline, span: TimelineRange, folder: Path, watch: Watch) -> Film:
    custody = take_over(desk)
    try:
        ground = stand(desk, read)
        page = _Page(desk, ground, deliver.keep(desk, ground.project))
        notes = _on_the_page(page, span, folder, watch)
    except (ResolveError, JobCancelled) as error:
        give_back(desk, custody)
        raise type(error)(" ".join([error.sentence, *custody.notes])) from error
    except BaseException:
        give_back(desk, custody)
        raise
    give_back(desk, custody)
    film = _film(folder)
    return replace(film, notes=(*notes, *custody.notes))


def _on_the_page(page: _Page, span: TimelineRange, folder: Path, watch: Watch) -> list[str]:
    """Renders, and gives the page back in every ending; says what could not be put back."""
    try:
        _add(page, span, folder)
        _run(page, watch)
    except (ResolveError, JobCancelled) as error:
        raise type(error)(" ".join([error.sentence, *_returned(page)])) from error
    except BaseException:
        _returned(page)
        raise
    return _returned(page)


def _add(page: _Page, span: TimelineRange, folder: Path) -> None:
    """Mutes our music and adds the job, its marks proved. The files' name stays: no script can take one away again."""
    _mute(page)
    _choose_codec(page)
    wanted: dict[str, Argument] = {
        "SelectAllFrames": False,
        "TargetDir": str(folder),
        "ExportVideo": True,
        "ExportAudio": True,
        **_size(page),
    }
    first, last = span.start_frame, min(span.end_frame, page.ground.read.end_frame) - 1
    for base in (0, page.ground.read.start_frame):
        job = _job(page, {**wanted, "MarkIn": first - base, "MarkOut": last - base})
        if (as_whole(job.get("MarkIn")), as_whole(job.get("MarkOut"))) == (first, last):
            return
        _delete_job(page)
    raise NotRendered("DaVinci Resolve does not take the range for a render; set the Deliver page to a single clip.")


def _job(page: _Page, settings: dict[str, Argument]) -> dict[str, Value]:
    """Adds the job, which is the page's own from then on; what it tells."""
    project = page.ground.project
    batch = Batch()
    batch.call(project, "SetCurrentRenderMode", 1)
    batch.call(project, "SetRenderSettings", settings)
    batch.surely(page.desk)
    page.job = deliver.add_job(page.desk, project)
    batch = Batch()
    listed = batch.call(project, "GetRenderJobList")
    return deliver.find_job(batch.surely(page.desk), listed, page.job)


def _mute(page: _Page) -> None:
    """Mutes the tracks with our own music."""
    own = [track.index for track in page.ground.read.tracks if track.own]
    batch = Batch()
    refs = {index: batch.call(page.ground.timeline, "GetIsTrackEnabled", "audio", index) for index in own}
    answers = batch.surely(page.desk)
    page.muted = [index for index, ref in refs.items() if answers.yes(ref)]
    _enable(page, enabled=False)


def _enable(page: _Page, *, enabled: bool) -> None:
    batch = Batch()
    for index in page.muted:
        batch.call(page.ground.timeline, "SetTrackEnable", "audio", index, enabled)
    batch.surely(page.desk)


def _choose_codec(page: _Page) -> None:
    """The quickest of the codecs that this Resolve has; that of the page where none is known."""
    project = page.ground.project
    batch = Batch()
    refs = {name: batch.call(project, "GetRenderCodecs", name) for name in _FORMATS}
    answers = batch.surely(page.desk)
    found = [
        (wanted, form, as_text(codec))
        for form, ref in refs.items()
        for codec in answers.table(ref).values()
        for wanted, known in enumerate(_CODECS)
        if known in "".join(letter for letter in as_text(codec).casefold() if letter.isalnum())
    ]
    if found:
        _, form, codec = min(found, key=lambda each: (each[0], _FORMATS.index(each[1])))
        batch = Batch()
        batch.call(project, "SetCurrentRenderFormatAndCodec", form, codec)
        batch.surely(page.desk)


def _size(page: _Page) -> dict[str, Argument]:
    """A small picture of the timeline's shape."""
    batch = Batch()
    names = ("timelineResolutionWidth", "timelineResolutionHeight")
    refs = [batch.call(page.ground.timeline, "GetSetting", name) for name in names]
    answers = batch.surely(page.desk)
    width, height = (answers.whole(ref) or 0 for ref in refs)
    if width <= 0 or height <= 0:
        return {}
    shrink = min(Fraction(1), Fraction(_LONGEST_SIDE, max(width, height)))
    return {"FormatWidth": _even(width * shrink), "FormatHeight": _even(height * shrink)}


def _even(pixels: Fraction) -> int:
    return max(2, 2 * round(pixels / 2))


def _run(page: _Page, watch: Watch) -> None:
    project = page.ground.project
    batch = Batch()
    started = batch.call(project, "StartRendering", [page.job], False)  # noqa: FBT003 Resolve's own order
    page.runs = True  # it may run though its answer is lost
    page.runs = batch.surely(page.desk).yes(started)
    if not page.runs:
        raise NotRendered("DaVinci Resolve did not begin to render; render the range by hand, or score without.")
    idle = 0
    while True:
        batch = Batch()
        status = batch.call(project, "GetRenderJobStatus", page.job)
        busy = batch.call(project, "IsRenderingInProgress")
        answers = batch.surely(page.desk)
        told = answers.table(status)
        why = as_text(told.get("Error")) or as_text(answers.value(status))
        # The word for the state is in the user's language; the number and the error are not.
        share = (as_number(told.get("CompletionPercentage")) or 0.0) / 100
        if why:
            raise NotRendered(f"DaVinci Resolve could not render the range ({why}); score without a proxy render.")
        if share >= 1 and not answers.yes(busy):
            page.runs = False
            return
        watch.working("Rendering a proxy in DaVinci Resolve", min(1.0, share))
        if watch.cancelled():
            raise JobCancelled("Cancelled; the timeline is as it was.")
        idle = 0 if answers.yes(busy) else idle + 1
        if idle > _STALLED:
            raise NotRendered("DaVinci Resolve stopped rendering before the end; score without a proxy render.")
        watch.pause(_LOOK_SECONDS)


def _returned(page: _Page) -> list[str]:
    """Gives the page and the tracks back; says what could not be. One that fails keeps no other from its turn."""
    steps: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        ("The render was not stopped", lambda: _stop(page)),
        ("The proxy's job was left in the queue", lambda: _delete_job(page)),
        ("Sonique's tracks were left muted", lambda: _heard_again(page)),
        ("The Deliver page was not put back", lambda: _put_back(page)),
    )
    notes: list[str] = []
    for what, step in steps:
        try:
            notes += deliver.steadily(step)
        except ResolveGone as error:
            return [*notes, f"{what}: {error.sentence}"]
        except ResolveError as error:
            notes.append(f"{what}: {error.sentence}")
    return notes


def _stop(page: _Page) -> list[str]:
    """Stops the render that was begun and has not come to its end."""
    if page.runs:
        batch = Batch()
        batch.call(page.ground.project, "StopRendering")
        batch.surely(page.desk)
        page.runs = False
    return []


def _delete_job(page: _Page) -> list[str]:
    deliver.delete_job(page.desk, page.ground.project, page.job)
    page.job = ""
    return []


def _heard_again(page: _Page) -> list[str]:
    _enable(page, enabled=True)
    return []


def _put_back(page: _Page) -> list[str]:
    return deliver.put_back(page.desk, page.ground.project, page.kept, page.ground.read.whole)


def _film(folder: Path) -> Film:
    """The film that was written, by what it holds: an answer of Resolve's proves no file."""
    for path in sorted(folder.iterdir()):
        try:
            with av.open(str(path)) as container:
                length = _length(container)
                if length:
                    return Film(path, length, bool(container.streams.audio))
        except (OSError, av.FFmpegError):
            continue
    raise NotRendered("DaVinci Resolve rendered the range and wrote no film that can be read; score without.")


def _length(container: InputContainer) -> Fraction:
    """Seconds of its picture; 0 where it has none."""
    picture = next(iter(container.streams.video), None)
    if picture is None or picture.time_base is None:
        return Fraction(0)
    if picture.duration is not None:
        return picture.duration * Fraction(picture.time_base)
    return Fraction(container.duration or 0, av.time_base)
