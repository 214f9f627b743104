"""What an editor does while music is being placed, strip by strip."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy
import sonique_blender
from sonique_blender import busy, compat, placing, provenance, state, unfinished
from sonique_blender.core.book import Book
from sonique_blender.core.errors import BlenderError
from sonique_blender.core.job import Job
from sonique_blender.core.layback import Placing
from sonique_blender.core.link import Link
from sonique_blender.core.orders import Score, Wishes
from sonique_blender.core.placement import Provenance, Take
from sonique_blender.core.rehearsal import Rehearsal
from sonique_blender.core.strips import Span
from sonique_blender.core.targets import Target
from sonique_blender.swapping import Swap

from tests.blender.inside.building import new_scene, render
from tests.blender.inside.operating import enabled, opened
from tests.blender.inside.sounding import mixdown, placement


def main(folder: Path, part: str, *words: str) -> Any:
    parts: dict[str, Callable[..., Any]] = {
        "operations": operations,
        "undone": undone,
        "saved": saved,
        "caught": caught,
        "failing": failing,
        "handled": handled,
        "rendered": rendered,
        "swapped": swapped,
        "jobs": jobs,
    }
    enabled()
    return parts[part](folder, *words)


def operations(_: Path, *wavs: str) -> dict[str, Any]:
    """An operation of the editor's after each number of steps, and then undo and redo up and down."""
    found = {}
    for count in range(12):
        scene = _scene()
        music = _begun(scene, wavs)
        _steps(music, count)
        _colour(scene, "between")
        bpy.ops.ed.undo_push(message="between")
        found[str(count)] = [_end(music), *_up_and_down("undo", "redo", "undo", "undo", "redo", "redo")]
    return found


def undone(_: Path, *wavs: str) -> dict[str, Any]:
    """The editor takes an operation of their own back after each number of steps."""
    found = {}
    for count in range(12):
        scene = _scene()
        _colour(scene, "before")
        bpy.ops.ed.undo_push(message="before")
        music = _begun(scene, wavs)
        _steps(music, count)
        bpy.ops.ed.undo()
        there = _shown()
        found[str(count)] = [there, _end(music), *_up_and_down("undo", "redo")]
    return found


def saved(folder: Path, *wavs: str) -> dict[str, Any]:
    """The file is saved in the midst; and it goes on."""
    scene, path = _scene(), folder / "midst.blend"
    music = _begun(scene, wavs)
    _steps(music, 6)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    end = _end(music)
    state.unregister()  # so that nothing is cleared: what the file itself holds
    opened(path)
    found = {"end": end, "file": _shown()}
    state.register()
    return found


def caught(folder: Path, *wavs: str) -> dict[str, Any]:
    """A file that caught half of it, because it was written by something that tells nobody."""
    scene, path = _scene(), folder / "caught.blend"
    state.unregister()
    _steps(_begun(scene, wavs), 6)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    opened(path)
    found = {"file": _shown()}
    state.register()
    opened(path)
    return {**found, "opened": _shown(), "sounds": len(bpy.data.sounds)}


def failing(_: Path, text: str, *wavs: str) -> dict[str, Any]:
    """The third stem cannot be read, is not there, or Blender refuses something."""
    found: dict[str, Any] = {}
    for name, third in (("text", text), ("gone", f"{text}.gone")):
        scene = _scene()
        sounds = len(bpy.data.sounds)
        music = _begun(scene, (*wavs[:2], third, *wavs[3:]))
        found[name] = [_refusal(music), _shown(), len(bpy.data.sounds) - sounds]
    return found


def handled(_: Path, *wavs: str) -> dict[str, Any]:
    """What the editor's hand may do to the strips and channels in the midst."""
    found: dict[str, Any] = {}
    for deed in (_delete, _rename, _lock, _fill, _copy, _lock_all, _delete_scene):
        scene = _scene()
        music = _begun(scene, wavs)
        _steps(music, 6)
        deed(scene)
        try:
            end: Any = _end(music)
        except BlenderError as error:
            end = [error.code, _shown()]
        found[deed.__name__] = [end, sum(1 for _ in unfinished.strips())]
    return found


def rendered(folder: Path, *wavs: str) -> dict[str, Any]:
    """A mixdown and a render begin in the midst."""
    scene = _scene()
    scene.frame_start, scene.frame_end = 1, 120
    music = _begun(scene, wavs)
    _steps(music, 6)
    said: list[str] = []

    def during(*_: object) -> None:
        said.append(_refusal(music))

    bpy.app.handlers.render_pre.append(during)
    render(scene, 1, folder / "frame.png")
    bpy.app.handlers.render_pre.remove(during)
    return {"busy": said, "mix": mixdown(scene, folder / "midst.wav"), "end": _end(music), "doing": busy.doing()}


def swapped(_: Path, *wavs: str) -> dict[str, Any]:
    """Another take swapped in: to the end and back, stopped, with a stem that is not there, and its strip deleted."""
    scene = _scene()
    _end(_begun(scene, wavs[:2]))
    strip = placing.placed(scene)[0]
    uid, identity, (take, *_others) = scene.session_uid, provenance.id_of(strip), provenance.takes_of(strip)
    other = replace(take, stems=tuple((name, Path(wav)) for (name, _), wav in zip(take.stems, wavs[2:], strict=True)))
    gone = replace(other, stems=(other.stems[0], (other.stems[1][0], Path("/nowhere.wav"))))
    before, sounds = _plays(), len(bpy.data.sounds)
    failed = _refusal(Swap(uid, identity, gone))
    stopped = Swap(uid, identity, other)
    assert not stopped.step()
    read = len(bpy.data.sounds) - sounds
    stopped.stop()
    found: dict[str, Any] = {"failed": failed, "read": read, "left": len(bpy.data.sounds) - sounds}
    found["as before"] = _plays() == before
    last = Swap(uid, identity, other)
    between = []
    while not last.step():
        between.append(_plays() == before)
    found["between"], found["after"] = between, _plays()
    bpy.ops.ed.undo()
    found["undone"] = _plays() == before
    late = Swap(uid, identity, other)
    late.step()
    for strip in placing.placed(bpy.context.scene):
        unfinished.remove(strip)
    return {**found, "deleted": _refusal(late), "shown": _shown()}


def _plays() -> list[str]:
    """The files that music plays."""
    return sorted(Path(bpy.path.abspath(strip.sound.filepath)).name for strip in placing.placed(bpy.context.scene))


def jobs(folder: Path) -> dict[str, Any]:
    """Jobs in the book, whose daemon alone is a stand-in: reloaded, cancelled, their scene deleted, disabled."""
    found = {}
    for deed in (_nothing, _reload, _cancel, _scene_deleted, _disable):
        place = folder / deed.__name__
        place.mkdir()
        scene = _scene()
        bpy.ops.wm.save_as_mainfile(filepath=str(place / "film.blend"))
        here, rehearsal = state.get(), Rehearsal(place)
        here.book = Book(Link(rehearsal.doors, rehearsal.clock), here.placer, rehearsal.clock)
        ordered = [_job(number, scene, place) for number in range(2)]
        for job in ordered:
            here.book.add(job)
        for _ in range(200):
            if sum(1 for _ in unfinished.strips()) == 2:
                break
            _tick(rehearsal)
        deed(ordered)
        for _ in range(100):
            _tick(rehearsal)
        found[deed.__name__] = [[job.phase.name for job in ordered], _shown(), *_up_and_down("undo", "undo")]
        sonique_blender.unregister()
        sonique_blender.register()
    return found


def _delete(_: Any) -> None:
    unfinished.remove(_first())


def _rename(_: Any) -> None:
    _first().name = "mine"


def _lock(scene: Any) -> None:
    scene.sequence_editor.channels[_first().channel].lock = True


def _fill(scene: Any) -> None:
    _colour(scene, "filled", _first().channel + 2)


def _copy(scene: Any) -> None:
    scene.copy().use_fake_user = True


def _lock_all(scene: Any) -> None:
    for channel in scene.sequence_editor.channels:
        channel.lock = True


def _delete_scene(scene: Any) -> None:
    other = bpy.data.scenes.new("Other")
    bpy.context.window.scene = other
    compat.show_in_sequencer(bpy.context, other)
    bpy.data.scenes.remove(scene)


def _first() -> Any:
    return next(iter(unfinished.strips()))


def _nothing(_: list[Job]) -> None:
    """Both jobs are placed, one after the other."""


def _reload(_: list[Job]) -> None:
    opened(Path(bpy.data.filepath))


def _cancel(ordered: list[Job]) -> None:
    state.get().book.cancel(ordered[0].id)


def _scene_deleted(_: list[Job]) -> None:
    _delete_scene(bpy.context.scene)


def _disable(_: list[Job]) -> None:
    sonique_blender.unregister()
    assert not list(unfinished.strips())
    sonique_blender.register()


def _tick(rehearsal: Rehearsal) -> None:
    state.get().tick()
    rehearsal.clock.now += 0.2


def _job(number: int, scene: Any, folder: Path) -> Job:
    desk, wishes = state.get().placer.desk(), Wishes(prompt=f"cue {number}", stems=True)
    target = Target(desk.opening, desk.file, scene.name, scene.session_uid, Span(1, 25))
    return Job(f"job-{number}", target, wishes, folder, Score("{}", Fraction(24), 0, 24, (), wishes))


def _scene() -> Any:
    scene = new_scene()
    _colour(scene, "film")
    bpy.ops.ed.undo_push(message="film")
    return scene


def _colour(scene: Any, name: str, channel: int = 1) -> None:
    count = len(scene.sequence_editor.strips)
    start = 49 if channel > 1 else 1 + count * 10
    compat.new_effect(scene.sequence_editor.strips, "COLOR", Span(start, start + 10), name=name, channel=channel)


def _begun(scene: Any, wavs: tuple[str, ...]) -> Placing:
    stems = tuple((f"stem {index}", Path(wav)) for index, wav in enumerate(wavs))
    take = Take(Path(wavs[0]), Provenance("job-1", "take-1", 7), stems)
    wanted = replace(placement(wavs[0], 120, name="Cue", fade_in=12), take=take)
    return state.get().placer.begin(scene.session_uid, "", wanted)


def _steps(music: Placing, count: int) -> None:
    for _ in range(count):
        assert not music.step()


def _end(music: Placing) -> list[str]:
    for _ in range(100):
        if music.step():
            return _shown()
    raise AssertionError(_shown())


def _refusal(music: Placing) -> str:
    try:
        while not music.step():
            pass
    except BlenderError as error:
        return f"{error.code}: {error.sentence}"
    return ""


def _up_and_down(*ways: str) -> list[list[str]]:
    found = []
    for way in ways:
        if getattr(bpy.ops.ed, way).poll():
            getattr(bpy.ops.ed, way)()
            found.append(_shown())
    return found


def _shown() -> list[str]:
    """The strips of the scene, with a word for what is none of an editor's: music that is muted or marked."""
    scene = bpy.context.scene
    found = []
    for strip in scene.sequence_editor.strips if scene.sequence_editor else ():
        odd = " unfinished" if unfinished.marked(strip) else " muted" if strip.mute else ""
        found.append(strip.name + odd)
    return sorted(found)
