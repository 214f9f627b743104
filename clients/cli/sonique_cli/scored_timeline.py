"""``sonique score edit.otio -o scored.otio``: the timeline again, with the music on a track of its own."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rich.console import Console
from sonique.v1 import scoring_pb2, take_pb2, time_pb2
from sonique_resolve.errors import ResolveError
from sonique_resolve.otio import (
    Cue,
    Json,
    begins,
    is_resolves,
    media_paths,
    moved,
    read_document,
    unheard,
    with_cue,
)
from sonique_resolve.otio import write_document as document_text
from sonique_resolve.otio_ducking import Key, gain_keys
from sonique_resolve.otio_record import on_record_clock
from sonique_resolve.otio_sound import hold_frames

from sonique_cli.display import open_display
from sonique_cli.documents import to_json
from sonique_cli.exits import CommandError, Exit
from sonique_cli.following import Result, run
from sonique_cli.groups import TakeFiles
from sonique_cli.manner import Manner
from sonique_cli.outputs import Outputs, require_free, write_text
from sonique_cli.printable import printable
from sonique_cli.results import finish_takes, names_of, save_takes
from sonique_cli.session import open_session

SUFFIX = ".otio"
"""What the name of a scored timeline ends in."""

_SPARE_FRAMES = 1
"""Frames that the file holds beyond its place, so that an editor which rounds down still fills it."""

_MANY = 3
"""How many missing files are named."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the music stands: frames from the timeline's beginning."""

    start_frame: int
    frames: int
    rate: Fraction


def score_timeline(
    request: scoring_pb2.ScoreRequest, out: Path, manner: Manner, files: TakeFiles, *, force: bool
) -> None:
    """Runs the job, and writes the music beside a copy of the timeline that plays it, once for each take.

    The gain under speech that a take tells becomes keyframes of the clip's volume, unless its file holds it.

    The files' time reference is zero, and so are the ranges that the timeline counts in them: Resolve imports nothing
    where the two differ.

    Raises:
        CommandError: an output exists, the timeline cannot carry the music, or the job failed.
    """
    if manner.detach:
        raise CommandError("--detach leaves before there is music for the timeline; name a .wav with -o.", Exit.USAGE)
    with _refusing():
        read = read_document(request.timeline.otio_json)
        if unheard(read) != read:
            request.timeline.otio_json = document_text(unheard(read))
        document = on_record_clock(read)
        document = moved(document, Path(request.timeline.folder), out.parent)
    outputs = Outputs.beside(out.with_suffix(".wav"), files)
    named = names_of(outputs, None, request.takes)
    targets = [take.wav.with_suffix(SUFFIX) if number else out for number, take in enumerate(named)]
    require_free([*targets, *(path for take in named for path in take.all())], force=force)
    request.delivery.record_start.CopyFrom(time_pb2.RationalTime(value=0, rate_numerator=1, rate_denominator=1))
    with (
        open_display(json_lines=manner.json_lines, quiet=manner.quiet) as display,
        open_session(display) as session,
    ):
        result = run(session, request, manner)
        save_takes(session, result, named, force=force)
    place = place_of(result, begins(document))
    gain: tuple[Key, ...] = ()
    for take, names, target in zip(result.takes, named, targets, strict=True):
        gain, facts = speech_gain(take, place), provenance(request.job_id, take, result)
        _write(document, _cue(names.wav, place, gain, facts), target, force=force)
    finish_takes(result, named, None, manner, force=force)
    _tell(document, targets, place, gain, manner, Path(request.timeline.folder))


def place_of(result: Result, begin: Fraction) -> Place:
    """The whole frames of the range; where it lies between frames, the nearest."""
    if result.description is None:
        raise CommandError("The daemon told nothing of the timeline's rate; update it.", Exit.DAEMON)
    described = result.description
    rate = Fraction(described.rate.numerator or 24, described.rate.denominator or 1)
    start = round((result.start - begin) * rate)
    end = round((result.start - begin + _seconds(described.duration)) * rate)
    return Place(start, max(1, end - start), rate)


def speech_gain(take: take_pb2.Take, place: Place) -> tuple[Key, ...]:
    """The keys of a take's gain under what is said in the range; none where its file holds it already."""
    points = () if take.speech_gain.baked else take.speech_gain.points
    return gain_keys([(point.seconds, point.db) for point in points], place.frames, place.rate)


def provenance(job_id: str, take: take_pb2.Take, result: Result) -> dict[str, Any]:
    """Where a take comes from, as the clip's metadata carry it."""
    return {
        "machine_made": True,
        "job": job_id,
        "take": take.id,
        "seed": take.seed,
        "engine": take.engine,
        "tags": None if result.tags is None else json.loads(to_json(result.tags)),
    }


def _seconds(time: time_pb2.RationalTime) -> Fraction:
    return Fraction(time.value * (time.rate_denominator or 1), time.rate_numerator or 1)


def _cue(wav: Path, place: Place, gain: tuple[Key, ...], facts: dict[str, Any]) -> Cue:
    with _refusing():
        try:
            held = hold_frames(wav, place.frames + _SPARE_FRAMES, place.rate)
        except OSError as error:
            raise CommandError(f"“{wav}” cannot be written: {error.strerror}.", Exit.OUTPUT) from error
    return Cue(wav.resolve(), place.start_frame, place.frames, held, place.rate, gain, facts)


def _write(document: Json, cue: Cue, target: Path, *, force: bool) -> None:
    with _refusing():
        text = document_text(with_cue(document, cue))
    write_text(target, text, force=force)


@contextmanager
def _refusing() -> Iterator[None]:
    """Makes a refusal of the timeline a sentence with its exit code."""
    try:
        yield
    except ResolveError as error:
        raise CommandError(error.sentence, Exit.INPUT) from error


def _tell(
    document: Json, targets: list[Path], place: Place, gain: tuple[Key, ...], manner: Manner, folder: Path
) -> None:
    """A line for each timeline, and what an editor should know of it, on standard error."""
    if manner.json_lines:
        return
    console = Console(stderr=True, highlight=False)
    for target in targets if not manner.quiet else ():
        ducked = ", with room for speech" if gain else ""
        told = f"{target}: “Sonique” from frame {place.start_frame}, {place.frames} frames{ducked}"
        console.print(printable(told), soft_wrap=True, markup=False)
    for note in _notes(document, gain, folder):
        console.print(f"[yellow]Note:[/] {note}", soft_wrap=True)


def _notes(document: Json, gain: tuple[Key, ...], folder: Path) -> Iterator[str]:
    from rich.markup import escape

    if gain and not is_resolves(document):
        yield "The gain under speech is in the clip's metadata; only a timeline of Resolve's carries it as volume."
    missing = [url for url in media_paths(document) if _is_missing(url, folder)] if is_resolves(document) else []
    if missing:
        names = ", ".join(f"“{escape(printable(url))}”" for url in missing[:_MANY])
        more = f" and {len(missing) - _MANY} more" if len(missing) > _MANY else ""
        yield f"Resolve imports no timeline of which a file is missing; here it is {names}{more}."


def _is_missing(url: str, folder: Path) -> bool:
    """Whether a path on this system leads nowhere; another system's paths and other URLs are not judged."""
    plain = unquote(url.removeprefix("file://")) if url.startswith("file:") else url
    if "://" in plain or (sys.platform != "win32" and plain[1:2] == ":"):
        return False
    return not (folder / plain).exists()
