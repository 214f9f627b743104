"""What a job made becomes files: fetched from the daemon, named, and told to the user."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from sonique.v1 import scoring_pb2, take_pb2

from sonique_cli.display import open_display
from sonique_cli.exits import CommandError, Exit
from sonique_cli.outputs import Outputs, require_free
from sonique_cli.session import Result, Session, open_session

_MEANT = 0.4
"""Weight from which the music means to meet a hit point; lighter ones are phrase boundaries that it merely respects."""

_KEYS = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


@dataclass(frozen=True, slots=True)
class Film:
    """A film that is to carry the music: where it is, and where the scored one goes."""

    picture: Path
    out: Path


def run_job(request: scoring_pb2.DescribeRequest | scoring_pb2.TagRequest, *, json_lines: bool, quiet: bool) -> Result:
    """Runs a job that makes no files, and returns what it made."""
    with open_display(json_lines=json_lines, quiet=quiet) as display, open_session(display) as session:
        return session.run(request)


def make_takes(
    request: scoring_pb2.ScoreRequest | scoring_pb2.GenerateRequest,
    outputs: Outputs,
    *,
    film: Film | None,
    force: bool,
    json_lines: bool,
    quiet: bool,
) -> None:
    """Runs a job that makes takes, and writes every file of each.

    Raises:
        CommandError: an output exists, or the job failed.
    """
    named = [_outputs(outputs, film, number) for number in range(1, max(1, request.takes) + 1)]
    require_free((path for take in named for path in take.all()), force=force)
    with open_display(json_lines=json_lines, quiet=quiet) as display, open_session(display) as session:
        result = session.run(request)
        for take, names in zip(result.takes, named, strict=True):
            _save(session, take, names, force=force)
    for take, names in zip(result.takes, named, strict=True):
        if film is not None and names.film is not None:
            _score_film(film.picture, names, result.start, force=force)
        if not quiet and not json_lines:
            _tell(take, names, result)


def _outputs(first: Outputs, film: Film | None, number: int) -> Outputs:
    return replace(first, film=None if film is None else film.out).numbered(number)


def _save(session: Session, take: take_pb2.Take, names: Outputs, *, force: bool) -> None:
    session.save(take, "mix", names.wav, force=force)
    if names.midi is not None:
        session.save(take, "score", names.midi, force=force)
    if names.stems is not None:
        names.stems.mkdir(exist_ok=True)
        for file in take.files:
            if file.name not in ("mix", "score"):
                session.save(take, file.name, names.stems / f"{file.name}.wav", force=force)


def _score_film(picture: Path, names: Outputs, start: Fraction, *, force: bool) -> None:
    from sonique_cli.film import FilmError, write_scored_film

    assert names.film is not None
    try:
        with _replaceable(names.film, force=force) as target:
            write_scored_film(picture, names.wav, target, start)
    except FilmError as error:
        raise CommandError(error.sentence, Exit.OUTPUT) from error


@contextmanager
def _replaceable(path: Path, *, force: bool) -> Iterator[Path]:
    """A name to write to: the path itself, or where it exists and may be replaced, one beside it that replaces it."""
    if not (force and path.exists()):
        yield path
        return
    fresh = path.with_name(f".{path.stem}.new{path.suffix}")
    fresh.unlink(missing_ok=True)
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _tell(take: take_pb2.Take, names: Outputs, result: Result) -> None:
    """One line for each file, and one about the music, on standard error."""
    console = Console(stderr=True, highlight=False)
    facts = [f"{take.samples / 48_000:.3f} s", f"{take.tempo_map.bpm:.1f} bpm"]
    if result.tags is not None:
        key = result.tags.key
        facts = [result.tags.style, f"{_KEYS[key.tonic % 12]} {key.mode}", *facts]
    console.print(f"[bold]{names.wav}[/]  {', '.join(facts)}{_hits(take)}", soft_wrap=True)
    for path in names.all()[1:]:
        console.print(f"[bold]{path}[/]", soft_wrap=True)


def _hits(take: take_pb2.Take) -> str:
    hits = [hit for hit in take.tempo_map.hits if hit.weight >= _MEANT]
    met = [hit for hit in hits if hit.HasField("beat")]
    return f", {len(met)} of {len(hits)} hit points met" if hits else ""


def print_result(text: str) -> None:
    """Prints a document on standard output."""
    sys.stdout.write(text + "\n")
