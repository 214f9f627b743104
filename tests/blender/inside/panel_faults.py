"""Bad input of every kind, each met with what the status bar says of it."""

import os
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, host, preferences, state

from tests.blender.inside.operating import enabled, failure, film_scene, music, pumped, without_waiting


def main(folder: Path, film: str) -> dict[str, Any]:
    enabled()
    path = folder / "trip.blend"
    scene = film_scene(film, path=path)
    score = bpy.ops.sonique.score_range
    found: dict[str, Any] = {}
    search, os.environ["PATH"] = os.environ["PATH"], str(folder)
    preferences._Usual.command = 'soniqued "--verbose'
    found["an open quote"] = failure(score, which="SCENE")
    preferences._Usual.command = ""
    found["no daemon installed"] = failure(score, which="SCENE")
    preferences._Usual.start_daemon = False
    found["no daemon runs"] = failure(score, which="SCENE")
    preferences._Usual.start_daemon = True
    os.environ["PATH"] = search
    for name, folder_named in (("output in a file", f"{film}/music"), ("output nowhere", "music")):
        preferences._Usual.output_folder = folder_named
        found[name] = failure(score, which="SCENE")
    preferences._Usual.output_folder = ""
    found["preview range off"] = failure(score, which="PREVIEW")
    found["unknown style"] = failure(score, which="SCENE", genres="zzqx")
    found["no music selected"] = failure(bpy.ops.sonique.vary)
    found["nothing to cancel"] = failure(bpy.ops.sonique.cancel, job="none")
    found["nothing to place"] = failure(bpy.ops.sonique.place_here, job="none")
    found["address"] = _address(folder)
    found["still without music"] = music(scene)
    found.update(_deleted_scene(scene, film))
    found.update(_without_sequence(folder, film))
    found.update(_linked(folder, film))
    found["told"] = _told_without_a_sequencer()
    found["live"] = state.get().book.live
    found["online"] = bpy.app.online_access
    return found


def _deleted_scene(scene: Any, film: str) -> dict[str, Any]:
    (job,) = without_waiting(scene, prompt="calm")
    other = bpy.data.scenes.new("Other")
    other.sequence_editor_create()
    compat.show_in_sequencer(bpy.context, other)
    bpy.context.window.scene = other
    bpy.data.scenes.remove(scene)
    pumped(lambda: bool(job.ended))
    kept = [job.phase.name, job.sentence]
    bpy.ops.sonique.place_here(job=job.id)
    pumped(lambda: bool(job.ended))
    return {"scene deleted": kept, "placed here": [job.phase.name, len(music(other))], "film": film}


def _without_sequence(folder: Path, film: str) -> dict[str, Any]:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bare_scene = bpy.data.scenes.new("Bare")
    compat.show_in_sequencer(bpy.context, bare_scene)
    bpy.context.window.scene = bare_scene
    bare = failure(bpy.ops.sonique.score_range)
    scene = film_scene(film)
    scene.sequence_editor.strips[0].filepath = "//film.mp4"
    relative = failure(bpy.ops.sonique.score_range, which="SCENE")
    preferences._Usual.output_folder = "//music"
    scene.sequence_editor.strips[0].filepath = film
    output = failure(bpy.ops.sonique.score_range, which="SCENE")
    preferences._Usual.output_folder = str(folder)
    return {"no sequence": bare, "relative media, unsaved": relative, "relative output, unsaved": output}


def _told_without_a_sequencer() -> str:
    """What is printed where a window is open that shows no sequencer."""
    (window,) = bpy.context.window_manager.windows
    assert not any(area.type == "SEQUENCE_EDITOR" for area in window.screen.areas)
    with redirect_stdout(StringIO()) as out:
        host.tell("The music is there.", bad=False)
    return out.getvalue()


def _linked(folder: Path, film: str) -> dict[str, Any]:
    """A scene of another file, of the same name as one of this file."""
    film_scene(film, path=folder / "library.blend")
    own = film_scene(film)
    with bpy.data.libraries.load(str(folder / "library.blend"), link=True) as (_, wanted):
        wanted.scenes = ["Scene"]
    (linked,) = [scene for scene in bpy.data.scenes if scene.library is not None]
    desk = state.get().placer.desk()
    compat.show_in_sequencer(bpy.context, linked)
    bpy.context.window.scene = linked
    said = failure(bpy.ops.sonique.score_range, which="SCENE")
    return {"linked scene": said, "scenes": [[name for name, _ in desk.scenes], desk.scenes[0][1] == own.session_uid]}


def _address(folder: Path) -> list[str | None]:
    """Where the daemon is looked for, with an address in the preferences and without one again."""
    found = []
    for named in (str(folder / "elsewhere"), ""):
        preferences._Usual.runtime_folder = named
        state.apply_preferences()
        found.append(os.environ.get("SONIQUE_RUNTIME_DIR"))
    return found
