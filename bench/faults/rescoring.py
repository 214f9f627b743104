"""Re-scoring: an editor changes one thing and asks again; what of the work is done again, and how long it takes.

Two bases stand beside the whole command: the command ``sonique generate`` with the same tags and description, which
starts a process, connects and copies the result too; and the generate and deliver stages' own time, by the events.
"""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sonique.v1 import events_pb2, jobs_pb2

from bench import media
from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.home import Home, home
from bench.processes import SONIQUE, timed
from bench.table import Row

CLIPS, SECONDS, RUNS = 30, 60, 3
DESCRIBE_SHARE, COMMAND_SHARE = 0.1, 1.15
NOTHING_SECONDS = 0.02
"""Where so little is left there is nothing to be a share of: a film of a few small shots."""
_PIECE = 48
"""Frames of each clip: 2 s."""

Event = events_pb2.JobEvent


@dataclass(frozen=True, slots=True)
class Scored:
    """One command.

    Attributes:
        seconds: how long it took, from outside.
        events: of its job.
    """

    seconds: float
    events: tuple[Event, ...]

    def ran(self) -> set[str]:
        """The stages that were not known already."""
        started = (event.stage_started for event in self.events if kind(event) == "stage_started")
        return {events_pb2.Stage.Name(each.stage).removeprefix("STAGE_").lower() for each in started if not each.cached}

    def looked_at(self) -> int:
        """How many shots were described anew."""
        return sum(kind(event) == "shot_described" and not event.shot_described.cached for event in self.events)

    def between(self, stage: "events_pb2.Stage.ValueType", last: str) -> float:
        """Seconds from the start of a stage to the latest event of the kind ``last``."""
        begins = [_time(event) for event in self.events if event.stage_started.stage == stage]
        ends = [_time(event) for event in self.events if kind(event) == last]
        return max(ends) - min(begins)

    @property
    def describing(self) -> float:
        """Seconds of the describe stage."""
        return self.between(events_pb2.STAGE_DESCRIBE, "description")

    @property
    def making(self) -> float:
        """Seconds of the generate and deliver stages."""
        return self.between(events_pb2.STAGE_GENERATE, "take_ready")


class Edit:
    """A timeline of clips of one film, and the commands that an editor gives."""

    def __init__(self, here: Home, caller: Caller, film: Path, clips: int) -> None:
        self._here, self._caller, self._film = here, caller, film
        self._folder = film.parent
        self.pieces = [asks.clip(film.as_uri(), index * _PIECE, _PIECE) for index in reversed(range(clips))]

    def score(self, *options: str, pieces: Sequence[dict[str, object]] = ()) -> Scored:
        """Scores the timeline, or the one of other ``pieces``."""
        path = self._folder / "edit.otio"
        path.write_text(asks.otio(list(pieces or self.pieces)), encoding="utf-8")
        return self._run("score", str(path), "-o", str(self._folder / "cue.wav"), "--force", "--quiet", *options)

    def trimmed(self, index: int) -> list[dict[str, object]]:
        """The pieces, one of them shorter by a second."""
        pieces = list(self.pieces)
        first = (len(pieces) - 1 - index) * _PIECE
        pieces[index] = asks.clip(self._film.as_uri(), first, _PIECE - asks.RATE)
        return pieces

    def prepare(self, *wishes: str) -> None:
        """Writes description and tags for ``generate``."""
        path, description = str(self._folder / "edit.otio"), str(self._folder / "description.json")
        self._run("describe", path, "-o", description, "--force", "--quiet")
        tags = str(self._folder / "tags.json")
        self._run("tag", "-d", description, "-o", tags, "--force", "--quiet", *wishes)

    def generate(self, seed: int) -> Scored:
        """Makes music alone, from what ``prepare`` wrote."""
        names = {"-t": "tags.json", "-d": "description.json", "-o": "alone.wav"}
        options = [part for flag, name in names.items() for part in (flag, str(self._folder / name))]
        return self._run("generate", *options, "--seed", str(seed), "--force", "--quiet")

    def _run(self, *words: str) -> Scored:
        seconds = timed([SONIQUE, *words], self._here.variables)
        jobs = self._caller.jobs.List(jobs_pb2.ListRequest(limit=1), timeout=30).jobs
        return Scored(seconds, tuple(self._caller.log(jobs[0].id)))


def rows(folder: Path, clips: int = CLIPS, seconds: int = SECONDS, runs: int = RUNS) -> Iterator[Row]:
    """``clips`` clips of two seconds, each change ``runs`` times; below the full minute the film is small too."""
    folder.mkdir(parents=True, exist_ok=True)
    film = (folder / "film.mp4").resolve()
    if seconds >= SECONDS:
        media.make_film(film, seconds)
    else:
        asks.make_film(film, [2.0] * (seconds // 2))
    with home(folder / "rescoring", "--log-level", "info") as here, Caller(here.start()) as caller:
        edit = Edit(here, caller, film, clips)
        _warm(edit, folder)
        cold = edit.score("--seed", "1")
        edit.prepare()
        alone = [edit.generate(1000 + number) for number in range(runs)]
        seeds = [edit.score("--seed", str(100 + number)) for number in range(runs)]
        words = [edit.score("--seed", str(200 + number), *_wish(number)) for number in range(runs)]
        trims = [edit.score("--seed", str(300 + n), pieces=edit.trimmed(n * 2 + 1)) for n in range(runs)]
        same = [_with_wish(edit, number) for number in range(runs)]
    yield from _work(cold, seeds, words, trims)
    yield from _time_of("another seed", seeds, alone)
    yield from _time_of("another brief", words, same)
    yield from _time_of("one clip trimmed", trims, alone)


def _wish(number: int) -> tuple[str, str]:
    """What the brief says anew: another tempo, which is other music to play."""
    return "--bpm", str(90 + number)


def _with_wish(edit: Edit, number: int) -> Scored:
    """Generating alone what the other brief asks for."""
    edit.prepare(*_wish(number))
    return edit.generate(2000 + number)


def _warm(edit: Edit, folder: Path) -> None:
    """Another film first, so that the workers are warm, and what is measured is the work."""
    film = asks.make_film((folder / "other.mp4").resolve(), [2.5] * 4)
    for seed in ("1", "2"):
        edit.score("--seed", seed, pieces=[asks.clip(film.as_uri(), start, 40) for start in (0, 60, 120)])


def _work(cold: Scored, seeds: list[Scored], words: list[Scored], trims: list[Scored]) -> Iterator[Row]:
    ran = {stage for scored in seeds for stage in scored.ran()}
    wanted = {"conform", "fit", "generate", "deliver"}
    yield Row(
        "another seed: what runs", ", ".join(sorted(ran)), "no describe, no tag", "generate" in ran and ran <= wanted
    )
    ran = {stage for scored in words for stage in scored.ran()}
    yield Row("another brief: what runs", ", ".join(sorted(ran)), "no describe", "describe" not in ran and "tag" in ran)
    looked = [scored.looked_at() for scored in trims]
    shots = cold.looked_at()
    yield Row(
        f"one clip of {shots} trimmed: shots that are looked at",
        str(looked),
        "1 each",
        set(looked) == {1},
        f"cold {shots}",
    )
    spent = statistics.median(scored.describing for scored in trims)
    share = spent / cold.describing
    beside = f"cold {cold.describing:.2f} s, the whole command {cold.seconds:.2f} s"
    met = share <= DESCRIBE_SHARE or spent < NOTHING_SECONDS
    yield Row("the same, its describe stage", f"{share:.3f} × cold", "≤ 0.1 ×", met, beside)


def _time_of(name: str, changed: list[Scored], alone: list[Scored]) -> Iterator[Row]:
    whole = statistics.median(scored.seconds for scored in changed)
    command = statistics.median(scored.seconds for scored in alone)
    making = statistics.median(scored.making for scored in changed)
    share = whole / command
    yield Row(
        f"{name}: the whole command against generate and delivery alone",
        f"{share:.2f} × ({whole:.2f} s)",
        "≤ 1.15 ×",
        share <= COMMAND_SHARE,
        f"`sonique generate` {command:.2f} s; the two stages by themselves {making:.2f} s, {whole / making:.2f} ×",
    )


def _time(event: Event) -> float:
    return event.time.ToNanoseconds() / 1e9
