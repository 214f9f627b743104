"""Ten jobs in two scenes, five cancelled, and the file reloaded in the middle."""

import threading
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import state
from sonique_blender.core.job import Phase

from tests.blender.inside.operating import enabled, film_scene, music, opened, pumped, without_waiting


def main(folder: Path, film: str) -> dict[str, Any]:
    enabled()
    path = folder / "trip.blend"
    scene = film_scene(film, path=path)
    second = scene.copy()
    second.name = "Second"
    second.use_fake_user = True
    bpy.ops.wm.save_mainfile()
    jobs = [*without_waiting(scene, 5, prompt="first"), *without_waiting(second, 5, prompt="second")]
    pumped(lambda: any(job.phase is Phase.RUNNING for job in jobs))
    for job in jobs[::2]:
        state.get().book.cancel(job.id)
    scene = opened(path)
    pumped(lambda: state.get().book.live == 0)
    gateway = state.get().book.link.gateway
    assert gateway is not None
    threads = [thread.name for thread in threading.enumerate()]
    rows = bpy.context.window_manager.sonique_jobs
    return {
        "phases": [job.phase.name for job in jobs],
        "first": [strip["name"] for strip in music(scene)],
        "second": [strip["name"] for strip in music(bpy.data.scenes["Second"])],
        "said": [type(gateway.poll(job.id, 0, 2.0).words[-1]).__name__ for job in jobs if job.sent],
        "rows": [[row.title, row.phase] for row in rows],
        "threads": threads,
    }
