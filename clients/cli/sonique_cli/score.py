"""``sonique score``: music for a film or for a range of a timeline."""

from pathlib import Path
from typing import TYPE_CHECKING

from sonique_cli import groups, options
from sonique_cli.ducking import Ducking
from sonique_cli.manner import Manner
from sonique_cli.model_options import Generator, ModelOptions

if TYPE_CHECKING:
    from sonique.v1.scoring_pb2 import ScoreRequest

_FILM_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".mts", ".m2ts", ".avi", ".flv", ".3gp")


def score(
    file: options.Input,
    *,
    timeline: groups.Timeline,
    brief: groups.Brief,
    cue: groups.Cue,
    out: options.Out = None,
    film: options.FilmToo = None,
    files: groups.TakeFiles,
    delivery: groups.Delivery,
    ducking: Ducking,
    generate_engine: Generator = "",
    model: ModelOptions,
    engines: groups.Engines,
    force: options.Force = False,
    manner: Manner,
) -> None:
    """Make music for a film, or for a range of a timeline.

    FILE.wav lands beside the input: exactly as long as the range, its beats on the cuts.
    For a film, FILE.scored.mp4 too; with -o NAME.otio, a copy of the timeline that plays the music.

      sonique score trip.mp4 --prompt "warm, acoustic, no drums" --range 0:10-1:05

      sonique score edit.otio --range 01:00:10:00-01:00:42:12 --bpm 90 --hit-strength 1 --seed 3 -o cue.wav
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.inputs import read_input
    from sonique_cli.wishes import read_brief, read_delivery

    onto_timeline = out is not None and out.suffix.lower() == ".otio"
    room = ducking.asked(keyframes=onto_timeline)
    request = scoring_pb2.ScoreRequest(
        timeline=read_input(file, timeline),
        brief=read_brief(brief),
        delivery=read_delivery(delivery, stems=files.stems, ducking=room),
        generate_engine=generate_engine,
    )
    for group in (model, cue, engines):
        group.put(request)
    if out is not None and onto_timeline:
        _score_timeline(request, manner, out, film, files, force=force)
    else:
        _make_sound(request, manner, file, out, film, files, force=force)


def _score_timeline(
    request: "ScoreRequest", manner: Manner, out: Path, film: bool | None, files: groups.TakeFiles, *, force: bool
) -> None:
    """Makes the takes of ``request``, each on a timeline.

    Raises:
        CommandError: a scored film is wanted beside a timeline, which no command writes at once.
    """
    from sonique_cli.exits import CommandError, Exit
    from sonique_cli.scored_timeline import score_timeline

    if film:
        raise CommandError(f"“{out}” is a timeline; for a scored film name a .wav with -o.", Exit.USAGE)
    score_timeline(request, out, manner, files, force=force)


def _make_sound(
    request: "ScoreRequest",
    manner: Manner,
    file: Path,
    out: Path | None,
    film: bool | None,
    files: groups.TakeFiles,
    *,
    force: bool,
) -> None:
    """Makes the takes of ``request``, and the scored film where one is wanted."""
    from sonique_client.discovery import start_ahead

    from sonique_cli.outputs import Outputs, can_be_written

    scored = _scored_film(file, out, film)
    outputs = Outputs.beside(out or file.with_suffix(".wav"), files)
    if can_be_written(outputs.all(), force=force):  # else no daemon is needed, which is told in a moment
        start_ahead()
    from sonique_cli.results import Film, make_takes  # which takes as long to load as half of a daemon

    make_takes(request, outputs, manner, film=None if scored is None else Film(file, scored), force=force)


def _scored_film(file: Path, out: Path | None, wanted: bool | None) -> Path | None:
    """``trip.scored.mp4`` beside the film, or beside the music where that was named; None where none is written.

    A film of a kind that cannot be written is packed into another, see ``scored_name``.

    Raises:
        CommandError: a scored film is wanted of a timeline.
    """
    from sonique_cli.exits import CommandError, Exit
    from sonique_cli.inputs import is_timeline

    if is_timeline(file):
        if wanted:
            raise CommandError(f"“{file}” is a timeline; --film needs a film to put the music under.", Exit.USAGE)
        return None
    if not (out is None if wanted is None else wanted):
        return None
    return scored_name(file, file if out is None else out)


def scored_name(film: Path, beside: Path) -> Path:
    """``NAME.scored.mp4`` after the file ``beside``, of the film's kind where that can be written, else Matroska.

    An animated GIF becomes QuickTime, for Matroska has no place for it.
    """
    own = film.suffix.lower()
    suffix = film.suffix if own in _FILM_SUFFIXES else ".mov" if own == ".gif" else ".mkv"
    return beside.with_name(f"{beside.stem}.scored{suffix}")
