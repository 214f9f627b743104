"""How long Blender stands still: the ticks of its client over whole jobs, placing apart, and at a killed daemon.

Run as a script (``python blender_ticks.py FILM SECONDS FOLDER``) it measures in the Python at hand, which needs grpcio,
protobuf and this repository's clients. ``SONIQUE_BPY_50`` and the like name Pythons that are Blenders: inside of these
the extension is enabled, and what is measured is all that its timer does, with real music placed in a real scene.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.table import Row

SECONDS = 18
JOBS = 3
BLENDERS = {"Blender 4.5": "SONIQUE_BPY_45", "Blender 5.0": "SONIQUE_BPY_50", "Blender 5.2": "SONIQUE_BPY_52"}
TICK_MS, DEAD_MS = 5.0, 20.0
_ROOT = Path(__file__).resolve().parent.parent
_PAUSE_SECONDS = 0.05
"""Between ticks: four times as often as Blender's timer while jobs run, so that more of them are seen."""


def rows(folder: Path) -> Iterator["Row"]:
    """Three jobs with two takes, in plain Python and in every Blender that the environment names.

    All of them fetch their stems, but for the first one in a Blender, so that its mix alone is placed.
    """
    from sonique_cli.demo_clip import make_demo_clip

    from bench.processes import own_daemon

    film = folder / "film.mp4"
    make_demo_clip(film)
    pythons = {"plain Python": sys.executable}
    pythons |= {name: os.environ[variable] for name, variable in BLENDERS.items() if os.environ.get(variable)}
    for name, python in pythons.items():
        place = folder / name.replace(" ", "-")
        place.mkdir()
        with own_daemon(place) as environment:
            found = _measured(python, film, place, environment)
        yield from _rows_of(name, found)


def _rows_of(name: str, found: dict[str, list[float]]) -> Iterator["Row"]:
    from bench.table import Row

    ticks, many = found["ticks"], len(found["ticks"])
    beside = (
        f"for {found['waited'][0]:.2f} ms of it no processor was free; {many} ticks, median {ticks[many // 2]:.2f} ms, "
        f"99 in 100 ≤ {ticks[int(many * 0.99)]:.2f} ms; most processor time {found['work'][-1]:.2f} ms; the click that "
        f"starts the courier {found['press'][0]:.1f} ms"
    )
    longest = f"longest tick over {JOBS} jobs, {name}"
    yield Row(longest, f"{ticks[-1]:.2f} ms", "≤ 5 ms", ticks[-1] <= TICK_MS, beside)
    if found["placing"]:
        placing, many = found["placing"], len(found["placing"])
        beside = (
            f"for {found['placing waited'][0]:.2f} ms of it no processor was free; {many} ticks, "
            f"median {placing[many // 2]:.2f} ms; most processor time {found['placing work'][-1]:.2f} ms"
        )
        worst = placing[-1]
        yield Row(f"longest tick while music is placed, {name}", f"{worst:.2f} ms", "≤ 5 ms", worst <= TICK_MS, beside)
    dead = max(found["dead"])
    yield Row(f"the tick that meets a killed daemon, {name}", f"{dead:.2f} ms", "≤ 20 ms", dead <= DEAD_MS, "")


def _measured(python: str, film: Path, folder: Path, environment: dict[str, str]) -> dict[str, list[float]]:
    packages = os.pathsep.join(str(_ROOT / each) for each in ("protos", "clients/common", "clients/blender_vse"))
    more = {
        "PYTHONPATH": packages,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "BLENDER_USER_RESOURCES": str(folder / "user"),
    }
    command = [python, str(Path(__file__).resolve()), str(film), str(SECONDS), str(folder)]
    done = subprocess.run(
        command, env={**environment, **more}, capture_output=True, text=True, timeout=280, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, list[float]] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@dataclass
class Ticks:
    """Milliseconds of ticks, by the clock and by processor time.

    Of the longest one it is known besides for how much of it the system had no processor for it.
    """

    clock: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    longest: tuple[float, float] = (0.0, 0.0)

    def take(self, tick: Callable[[], object]) -> None:
        """Takes one."""
        waited = _waited()
        begun, worked = time.perf_counter(), time.thread_time()
        tick()
        took, work = (time.perf_counter() - begun) * 1000, (time.thread_time() - worked) * 1000
        self.clock.append(took)
        self.work.append(work)
        self.longest = max(self.longest, (took, _waited() - waited))


def _waited() -> float:
    """Milliseconds for which this process was ready to run and had no processor so far; told on Linux only."""
    told = Path("/proc/self/schedstat")
    return int(told.read_text(encoding="ascii").split()[1]) / 1e6 if told.exists() else 0.0


def _places(book: Any) -> bool:
    """Whether music is being placed."""
    return any(job.phase.name == "PLACING" for job in book._jobs)  # noqa: SLF001 - views take time to make


def measure(film: Path, seconds: int, folder: Path) -> dict[str, list[float]]:
    """What ``rows`` shows, of this Python."""
    from sonique.runtime_file import RuntimeFile, runtime_path

    book, tick, order = _blender(film, seconds) if find_spec("bpy") is not None else _plain(film, seconds, folder)
    pressed = time.perf_counter()
    book.link.start()
    press = (time.perf_counter() - pressed) * 1000
    while book.link.gateway is None:
        tick()
        time.sleep(_PAUSE_SECONDS)
        if not (book.link.starting or book.link.gateway):
            raise RuntimeError(str(book.link.view))
    for number in range(JOBS):
        order(number)
        time.sleep(_PAUSE_SECONDS)
    seen, placing, dead = Ticks(), Ticks(), Ticks()
    _run(seen, placing, tick, book, lambda: book.live == 0)
    if not all(view.phase.name == "PLACED" for view in book.views):
        raise RuntimeError(str(book.views))
    order(JOBS)
    time.sleep(_PAUSE_SECONDS)
    _run(seen, placing, tick, book, lambda: book.views[0].phase.name == "RUNNING")
    os.kill(RuntimeFile.from_json(runtime_path().read_text(encoding="utf-8")).pid, signal.SIGKILL)
    for _ in range(20):
        dead.take(tick)
        time.sleep(_PAUSE_SECONDS)
    in_blender = find_spec("bpy") is not None
    return {
        "ticks": sorted(seen.clock),
        "placing": sorted(placing.clock) if in_blender else [],
        "placing work": sorted(placing.work),
        "placing waited": [placing.longest[1]],
        "work": sorted(seen.work),
        "dead": dead.clock,
        "press": [press],
        "waited": [seen.longest[1]],
    }


def _run(seen: Ticks, placing: Ticks, tick: Callable[[], object], book: Any, over: Callable[[], bool]) -> None:
    while not over():
        (placing if _places(book) else seen).take(tick)
        time.sleep(_PAUSE_SECONDS)


def _plain(film: Path, seconds: int, folder: Path) -> tuple[Any, Callable[[], object], Callable[[int], object]]:
    """The book, its pump, and what orders music, where there is no Blender."""
    from sonique_blender.core.book import Book
    from sonique_blender.core.doors import OwnDoors
    from sonique_blender.core.fakes import FakeBlender
    from sonique_blender.core.link import Link

    book = Book(Link(OwnDoors(tuple)), FakeBlender())
    return book, book.pump, lambda number: book.add(_job(number, film, seconds, folder))


def _job(number: int, film: Path, seconds: int, folder: Path) -> Any:
    from sonique_blender.core.job import Job
    from sonique_blender.core.orders import Score, Wishes
    from sonique_blender.core.strips import Span
    from sonique_blender.core.targets import Target
    from sonique_client.otio import one_clip_timeline
    from sonique_client.scoring import new_job_id

    wishes, frames = Wishes(prompt="tense", seed=number, takes=2, stems=True), seconds * 24
    order = Score(one_clip_timeline(film), Fraction(24), 0, frames, (str(film.parent),), wishes)
    return Job(new_job_id(), Target(1, "", "Scene", 11, Span(1, 1 + frames)), wishes, folder, order)


def _blender(film: Path, seconds: int) -> tuple[Any, Callable[[], object], Callable[[int], object]]:
    """The same in Blender: the extension's own state, all that its timer does, and what *Score Range* does."""
    import bpy
    import sonique_blender
    from sonique_blender import scoring, state
    from sonique_blender.core.orders import Wishes
    from sonique_blender.core.ranges import Which

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    sonique_blender.register()
    scene = bpy.context.scene
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene
    scene.render.fps, scene.frame_end = 24, seconds * 24
    scene.render.resolution_x, scene.render.resolution_y = 1280, 720
    editor = scene.sequence_editor_create()
    editor.strips.new_movie(name="Film", filepath=str(film), channel=1, frame_start=1)
    bpy.ops.wm.save_as_mainfile(filepath=str(film.parent / f"film-{os.getpid()}.blend"))
    here = state.get()

    def order(number: int) -> object:
        wishes = Wishes(prompt="tense", seed=number, takes=2, stems=number != 0)
        return scoring.score(bpy.context.scene, wishes, Which.SCENE)

    return here.book, here.tick, order


if __name__ == "__main__":
    told = measure(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps(told), flush=True)
    os._exit(0)
