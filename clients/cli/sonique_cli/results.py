"""What a job made becomes files: fetched from the daemon, named, and told to the user."""

import json
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sonique.v1 import scoring_pb2, take_pb2
from sonique_client.fetch import Existing, fetch

from sonique_cli.display import open_display
from sonique_cli.exits import CommandError, Exit
from sonique_cli.following import Request, Result, run, submitted
from sonique_cli.manner import Manner
from sonique_cli.outputs import Outputs, require_free
from sonique_cli.printable import printable
from sonique_cli.session import Session, open_session

_MEANT = 0.4
"""Weight from which the music means to meet a hit point; lighter ones are phrase boundaries that it merely respects."""

_MET_SECONDS = 0.040

_RUNGS = {
    take_pb2.RUNG_TEMPO: "asking for the tempo",
    take_pb2.RUNG_GUIDE: "a draft to start from",
    take_pb2.RUNG_CANDIDATES: "the best of several",
    take_pb2.RUNG_SHIFT: "a shift",
    take_pb2.RUNG_STRETCH: "stretching",
    take_pb2.RUNG_INPAINT: "making the cuts' surroundings anew",
}

_KEYS = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


@dataclass(frozen=True, slots=True)
class Film:
    """A film that is to carry the music: where it is, and where the scored one goes."""

    picture: Path
    out: Path


def run_job(request: scoring_pb2.DescribeRequest | scoring_pb2.TagRequest, manner: Manner) -> Result | None:
    """Runs a job that makes no files, and returns what it made; None where the command leaves it to itself."""
    with open_display(json_lines=manner.json_lines, quiet=manner.quiet) as display, open_session(display) as session:
        if manner.detach:
            detach(session, request, manner)
            return None
        return run(session, request, manner)


def make_takes(
    request: scoring_pb2.ScoreRequest | scoring_pb2.GenerateRequest,
    outputs: Outputs,
    manner: Manner,
    *,
    film: Film | None,
    force: bool,
) -> None:
    """Runs a job that makes takes, and writes every file of each.

    Raises:
        CommandError: an output exists, or the job failed.
    """
    named = names_of(outputs, film, request.takes)
    seen = _state(film)
    if not manner.detach:
        require_free((path for take in named for path in take.all()), force=force)
    with (
        open_display(json_lines=manner.json_lines, quiet=manner.quiet) as display,
        open_session(display) as session,
    ):
        if manner.detach:
            detach(session, request, manner)
            return
        result = run(session, request, manner)
        save_takes(session, result, named, force=force)
        if film is not None and _state(film) != seen:
            change = f"“{film.picture}” has changed since its music was begun, which is for what it was"
            display.say(f"Note: {change}; score it again.")
    finish_takes(result, named, film, manner, force=force)


def _state(film: Film | None) -> tuple[int, ...]:
    """What tells a film from another that takes its place, as a repeated export does; () where there is none."""
    try:
        found = None if film is None else film.picture.stat()
    except OSError:
        return ()
    return () if found is None else (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def detach(session: Session, request: Request, manner: Manner) -> None:
    """Hands the job in, prints its id on standard output, and leaves it to itself."""
    following = submitted(session, request, manner)
    following.begin()
    job_id = following.job_id
    print_result(json.dumps({"job_id": job_id}) if manner.json_lines else job_id)
    if not manner.quiet and not manner.json_lines:
        short = job_id[:8]
        session.display.say(f"The job runs by itself: sonique watch {short}, sonique fetch {short} -o cue.wav")


def names_of(outputs: Outputs, film: Film | None, takes: int) -> list[Outputs]:
    """The names of each take's files."""
    return [_outputs(outputs, film, number) for number in range(1, max(1, takes) + 1)]


def save_takes(session: Session, result: Result, named: list[Outputs], *, force: bool) -> None:
    """Fetches the files of every take."""
    with naming_what_is_there(named):
        for take, names in zip(result.takes, named, strict=True):
            _save(session, take, names, force=force)


def finish_takes(result: Result, named: list[Outputs], film: Film | None, manner: Manner, *, force: bool) -> None:
    """Puts the music under the film where one is wanted, and tells what was written.

    Raises:
        CommandError: the film cannot be written, or a take has no score or no stems where they were asked for.
    """
    for take, names in zip(result.takes, named, strict=True):
        left: tuple[str, ...] = ()
        if film is not None and names.film is not None:
            shown = open_display(json_lines=manner.json_lines, quiet=manner.quiet)
            with naming_what_is_there(named), shown as display:
                told = partial(display.working, f"Writing {names.film.name}")
                left = _score_film(film.picture, names, result.start, told, force=force)
        if not manner.quiet and not manner.json_lines:
            _tell(take, names, result, left)
    if len(result.takes) > 1 and not manner.quiet and not manner.json_lines:
        Console(stderr=True, highlight=False).print(Text(_ranking(result, named)), soft_wrap=True)
    for take, names in zip(result.takes, named, strict=True):
        _require_whole(take, names)


@contextmanager
def naming_what_is_there(named: list[Outputs]) -> Iterator[None]:
    """Around the writing of takes.

    Raises:
        CommandError: Ctrl-C; it names the files that are there already.
    """
    try:
        yield
    except KeyboardInterrupt:
        there = [f"“{path}”" for names in named for path in names.all() if path.exists()]
        sentence = f"Cancelled; written already: {', '.join(there)}." if there else "Cancelled; nothing was written."
        raise CommandError(sentence, Exit.CANCELLED) from None


def _ranking(result: Result, named: list[Outputs]) -> str:
    """The takes by what is heard, the best first: hits above chance, and how the loudness follows the picture."""

    def merit(take: take_pb2.Take) -> float:
        energy = take.measures.energy
        return take.measures.hit_share - take.measures.chance_share + 0.5 * (energy.value - energy.chance)

    pairs = sorted(zip(result.takes, named, strict=True), key=lambda pair: -merit(pair[0]))
    return f"Ranked by what is heard: {', '.join(printable(names.wav.name) for _, names in pairs)}"


def _outputs(first: Outputs, film: Film | None, number: int) -> Outputs:
    return replace(first, film=None if film is None else film.out).numbered(number)


def _save(session: Session, take: take_pb2.Take, names: Outputs, *, force: bool) -> None:
    _fetch(session, take, "mix", names.wav, force=force)
    if names.midi is not None and _has_score(take):
        _fetch(session, take, "score", names.midi, force=force)
    if names.stems is not None and _stems(take):
        names.stems.mkdir(exist_ok=True)
        for name in _stems(take):
            _fetch(session, take, name, names.stems / f"{name}.wav", force=force)


def _stems(take: take_pb2.Take) -> list[str]:
    return [file.name for file in take.files if file.name not in ("mix", "score")]


def _has_score(take: take_pb2.Take) -> bool:
    return any(file.name == "score" for file in take.files)


def _require_whole(take: take_pb2.Take, names: Outputs) -> None:
    """Raises ``CommandError`` where a take has not all that was asked for, which is told once all else is there."""
    if names.midi is not None and not _has_score(take):
        raise CommandError(f"“{names.wav}” has no score: the engine that made it writes no notes.", Exit.FAILED)
    if names.stems is not None and not _stems(take):
        way = f"“sonique again {names.wav} --stems” makes it with them, where its engine plays any"
        raise CommandError(f"“{names.wav}” was made without stems; {way}.", Exit.FAILED)


def _fetch(session: Session, take: take_pb2.Take, name: str, path: Path, *, force: bool) -> None:
    fetch(session.connection, take, name, path, Existing.REPLACE if force else Existing.KEEP)


def _score_film(
    picture: Path, names: Outputs, start: Fraction, told: Callable[[float], None], *, force: bool
) -> tuple[str, ...]:
    """Writes the scored film, and returns what of the film its kind of file cannot hold."""
    from sonique_cli.film import FilmError, write_scored_film

    assert names.film is not None
    try:
        with _replaceable(names.film, force=force) as target:
            return write_scored_film(picture, names.wav, target, start, told)
    except FilmError as error:
        raise CommandError(error.sentence, Exit.OUTPUT) from error


@contextmanager
def _replaceable(path: Path, *, force: bool) -> Iterator[Path]:
    """A name to write to: the path itself, or where it exists and may be replaced, one beside it that replaces it."""
    if not (force and path.exists()):
        yield path
        return
    fresh = path.with_name(f".sonique-{secrets.token_hex(6)}{path.suffix}")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _tell(take: take_pb2.Take, names: Outputs, result: Result, left: tuple[str, ...]) -> None:
    """One line for each file, and one about the music, on standard error; ``left`` is what the film has lost."""
    console = Console(stderr=True, highlight=False)
    facts = [f"{take.samples / 48_000:.3f} s", f"{take.tempo_map.bpm:.1f} bpm"]
    if result.tags is not None:
        key = result.tags.key
        facts = [printable(result.tags.style), f"{_KEYS[key.tonic % 12]} {printable(key.mode)}", *facts]
    console.print(_named(names.wav).append(f"  {', '.join(facts)}{_hits(take)}", ""), soft_wrap=True)
    if take.HasField("alignment"):
        console.print(_rungs(take.alignment), soft_wrap=True)
    for path in names.all()[1:]:
        if path.exists():
            console.print(_named(path), soft_wrap=True)
    if left:
        console.print(Text(printable(f"  without what such a file cannot hold: {', '.join(left)}")), soft_wrap=True)


def _named(path: Path) -> Text:
    """A file's name in bold, whatever it holds: brackets are no markup of ours."""
    return Text.assemble((printable(str(path)), "bold"))


def _hits(take: take_pb2.Take) -> str:
    """How many of the hit points that are meant are met in the sound, and the share above chance."""
    hits = [hit for hit in take.measures.hits if hit.weight >= _MEANT]
    met = [hit for hit in hits if hit.HasField("error_seconds") and abs(hit.error_seconds) <= _MET_SECONDS]
    above = 100 * (take.measures.hit_share - take.measures.chance_share)
    return f", {len(met)} of {len(hits)} hit points met ({above:.0f} of 100 above chance)" if hits else ""


def _rungs(alignment: take_pb2.Alignment) -> str:
    """What brought a model's music to the cuts."""
    names = [_RUNGS.get(rung, "more") for rung in alignment.rungs]
    before, after = (round(100 * share) for share in (alignment.excess_before, alignment.excess_after))
    return f"  brought to the cuts by {', '.join(names)}: {before} of 100 above chance before, {after} after"


def print_result(text: str) -> None:
    """Prints a document on standard output."""
    sys.stdout.write(text + "\n")
