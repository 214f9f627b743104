"""Orders, from what lies open in Blender: a range scored, and more of a cue that stands on the timeline."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
from sonique_client.recipe import read_recipe

from . import compat, preferences, provenance, state, swapping
from .core.errors import BlenderError, NotPlaced, StripGone
from .core.folder import output_folder
from .core.gateway import Gone, Refused, Unanswered
from .core.job import Job
from .core.link import State
from .core.orders import Again, Order, Wishes
from .core.ranges import Which, Wish, sections
from .core.reading import Reading, read
from .core.strips import Span
from .core.targets import Target
from .placing import placed
from .preparing import Rendered, to_order
from .snapshot import take as take_snapshot

_MEMORY_SECONDS = 2.0


class NoDaemon(BlenderError):
    """No daemon can be asked."""

    code = "NO_DAEMON"


def score(scene: Any, wishes: Wishes, which: Which, *, each_cue: bool = False) -> list[Job]:
    """Orders music for a range of ``scene``; one job, or one for each cue that its markers make.

    Raises:
        BlenderError: there is nothing to score, nowhere to write, or no daemon.
    """
    return _score(scene, wishes, Wish(which), each_cue=each_cue)


def again(strip: Any) -> list[Job]:
    """Scores the range of a strip of Sonique's anew, as it looks now, with the wishes that the strip was made from.

    Raises:
        BlenderError: as ``score``; or the strip is no music of Sonique, or is retimed.
    """
    wishes, span = wishes_of(strip), compat.span(strip)
    if len(strip.retiming_keys):
        raise NotPlaced(
            f"“{strip.name}” is retimed, and new music would be too; reset its retiming, or score the range."
        )
    later = (span.start - compat.file_start(strip)) / compat.frame_rate(strip.id_data)
    begins = provenance.takes_of(strip)[0].begins + float(later)
    return [_for_strip(job, strip, begins) for job in _score(strip.id_data, wishes, Wish(span=span))]


def vary(strip: Any, seed: int, takes: int, tags: str = "") -> Job:
    """Orders other takes of a strip of Sonique's, from its file alone: another seed, or edited tags.

    Raises:
        BlenderError: the strip is no music of Sonique, its file is gone, there is nowhere to write, or no daemon.
    """
    wishes = replace(wishes_of(strip), seed=seed, takes=takes, stems=bool(provenance.stem_of(strip)))
    order = Again(recipe_of(strip), wishes, tags)
    folder = _ready()
    job = _job(strip.id_data, compat.span(strip), wishes, folder, order)
    job.way = "The daemon plays the same cue again; the picture is not looked at."
    state.get().book.add(job)
    return _for_strip(job, strip, provenance.takes_of(strip)[0].begins)


def wishes_of(strip: Any) -> Wishes:
    """What a strip of Sonique's was asked for with.

    Raises:
        StripGone: it is no music of Sonique.
    """
    held = provenance.takes_of(strip)
    if not held:
        raise StripGone(f"“{strip.name}” is no music of Sonique; select a strip that Sonique placed.")
    try:
        return Wishes.from_json(held[0].provenance.brief)
    except ValueError:
        return Wishes(prompt=held[0].provenance.prompt, seed=held[0].provenance.seed)


def recipe_of(strip: Any) -> bytes:
    """What the music of a strip was made from, as its own file carries it.

    Raises:
        BlenderError: the file is gone, or carries nothing.
    """
    path = _own_file(strip)
    try:
        return read_recipe(path)
    except (OSError, ValueError) as error:
        raise StripGone(
            f"“{path.name}” does not say what it was made from ({error}); use Redo, which scores the range anew."
        ) from error


def _own_file(strip: Any) -> Path:
    """A file that says what a strip's music was made from: its mix, wherever that lies now, else what it plays."""
    mixes = [take.mix for take in provenance.takes_of(strip)[:1]]
    beside = [swapping.beside(strip, mix) for mix in mixes]
    there = next((path for path in (*mixes, *beside) if path is not None and path.is_file()), None)
    if there is None and strip.sound is None:
        raise StripGone(f"“{strip.name}” plays no file any more; use Redo, which scores the range anew.")
    return there or _unpacked(strip.sound)


def _unpacked(sound: Any) -> Path:
    """The file of a sound; one that is packed into the blend file is written out for as long as Blender runs."""
    path = Path(bpy.path.abspath(sound.filepath))
    if sound.packed_file is None or path.is_file():
        return path
    written = Path(bpy.app.tempdir, f"{sound.session_uid}.wav")
    written.write_bytes(sound.packed_file.data)
    return written


def free_memory() -> str:
    """Has the daemon let its idle models go; a sentence that says what it holds then."""
    here = state.get()
    gateway = here.book.link.gateway
    if gateway is None:
        return "No daemon is connected."
    try:
        gateway.free_memory(_MEMORY_SECONDS)
        here.memory = gateway.memory(_MEMORY_SECONDS)
    except Gone:
        here.book.link.lose()
        return "The daemon stopped, and so it holds nothing."
    except Unanswered:
        return "The daemon is busy and did not answer; try again."
    except Refused as refusal:
        return refusal.sentence
    return f"The daemon holds {here.memory.in_use / 2**20:.0f} MB in {here.memory.workers} workers."


def _score(scene: Any, wishes: Wishes, wish: Wish, *, each_cue: bool = False) -> list[Job]:
    taken = take_snapshot(scene)
    readings = [read(taken, Wish(span=cue.span)) for cue in sections(taken, wish)] if each_cue else [read(taken, wish)]
    folder = _ready()
    jobs = [_ordered(scene, reading, wishes, folder) for reading in readings]
    for job in jobs:
        state.get().book.add(job)
    return jobs


def _for_strip(job: Job, strip: Any, begins: float) -> Job:
    """The job, whose takes are to be swapped into that strip, and into none of its copies."""
    if provenance.tell_apart(placed(strip.id_data)):
        bpy.ops.ed.undo_push(message="New Sonique Take")  # so that taking back what is done next leaves them apart
    job.strip, job.begins = provenance.id_of(strip), begins
    return job


def _ordered(scene: Any, reading: Reading, wishes: Wishes, folder: Path) -> Job:
    job = _job(scene, reading.span, wishes, folder, None)
    job.way = reading.way
    if reading.notes:
        job.sentence = " ".join(reading.notes)
    if reading.needs_render or reading.needs_mixdown:
        job.preparation = Rendered(reading, wishes)
    else:
        job.order = to_order(reading, wishes)
    return job


def _job(scene: Any, span: Span, wishes: Wishes, folder: Path, order: Order | None) -> Job:
    from sonique_client.scoring import new_job_id

    desk = state.get().placer.desk()
    target = Target(desk.opening, desk.file, scene.name, scene.session_uid, span)
    return Job(new_job_id(), target, wishes, folder, order)


def _ready() -> Path:
    """The output folder, and a daemon that is there or starts.

    Raises:
        OutputUnwritable: nothing can be written.
        NoDaemon: none runs, and none is or can be started.
    """
    own = preferences.of(bpy.context)
    folder = output_folder(own.output_folder, bpy.data.filepath)
    state.apply_preferences()
    link = state.get().book.link
    link.seek(start=own.start_daemon)
    if link.view.state is State.REFUSED:
        raise NoDaemon(link.view.sentence)
    if link.view.state is State.ABSENT:
        raise NoDaemon("No Sonique daemon runs; start it with Start Daemon, or by “soniqued” in a terminal.")
    return folder
