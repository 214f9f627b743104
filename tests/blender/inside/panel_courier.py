"""The process that speaks to the daemon is killed while a job runs, and Start goes on with another one."""

import os
import signal
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import state
from sonique_blender.core.courier_gateway import CourierGateway
from sonique_blender.core.job import Phase
from sonique_blender.core.link import State

from tests.blender.inside.operating import enabled, film_scene, loaded, music, pumped, without_waiting


def main(folder: Path, film: str) -> dict[str, Any]:
    enabled()
    link = state.get().book.link
    scene = film_scene(film, path=folder / "trip.blend")
    (job,) = without_waiting(scene, prompt="calm")
    pumped(lambda: job.phase is Phase.RUNNING)
    gateway = link.gateway
    assert isinstance(gateway, CourierGateway)
    first = gateway.courier
    os.kill(first.pid, signal.SIGKILL)
    pumped(lambda: link.view.state is State.REFUSED)
    said, live = link.view.sentence, not job.ended
    started = bpy.ops.sonique.start_daemon()
    pumped(lambda: bool(job.ended))
    return {
        "said": said,
        "live": live,
        "started": sorted(started),
        "phase": job.phase.name,
        "music": len(music(scene)),
        "loaded": loaded(),
    }
