"""Placing: music onto a channel, and another take in its place.

All of it is one undo step. Whatever goes wrong leaves the timeline as it was.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from . import busy, compat, provenance
from .core.channels import free_channels
from .core.errors import NotPlaced, SceneGone, StripGone
from .core.levels import keys
from .core.placement import Placement, Take
from .core.strips import Span


def place(scene: Any, placement: Placement) -> Any:
    """Puts music on a free, unlocked channel of ``scene``, and returns its strip; of stems, the lowest.

    Raises:
        Busy: Blender renders or saves; try again later.
        NoChannel: no channel is free.
        NotPlaced: a file is not there, or Blender takes it for no sound.
    """
    busy.check()
    parts = placement.take.stems or (("", placement.take.mix),)
    for _, path in parts:
        _check_file(path)
    editor = scene.sequence_editor or scene.sequence_editor_create()
    lowest = _channel(editor, placement, len(parts))
    made: list[Any] = []
    try:
        for index, (stem, path) in enumerate(parts):
            made.append(_new_strip(editor, placement, stem, path, lowest + index))
            _furnish(scene, made[-1], placement, stem)
    except Exception:
        for strip in made:
            editor.strips.remove(strip)
        raise
    bpy.ops.ed.undo_push(message="Add Sonique Music")
    return made[0]


def swap(strip: Any, take: Take) -> None:
    """Plays another take in the place of the one that ``strip`` plays; its handles, fades and channel stay.

    Where ``strip`` is a stem, its fellows are swapped too.

    Raises:
        Busy: Blender renders or saves; try again later.
        StripGone: the strip is no music of Sonique.
        NotPlaced: the take's file is no longer there, or it has no such stem.
    """
    busy.check()
    held = provenance.takes_of(strip)
    if not held:
        raise StripGone(f"“{strip.name}” is no music of Sonique; select a strip that Sonique placed.")
    fellows = list(_fellows(strip, held[0]))
    files = [_file_of(take, each) for each in fellows]
    others = tuple(each for each in held if each != take)
    for each, path in zip(fellows, files, strict=True):
        each.sound = bpy.data.sounds.load(_as_blender_keeps(path), check_existing=True)
        provenance.write(each, take, others, provenance.stem_of(each))
    bpy.ops.ed.undo_push(message="Swap Sonique Take")


def scene_of(uid: int) -> Any:
    """The scene of that session id.

    Raises:
        SceneGone: it was deleted, or another file is open.
    """
    for scene in bpy.data.scenes:
        if scene.session_uid == uid:
            return scene
    raise SceneGone("The scene that the music was made for is no longer there; place it into another one.")


def strip_of(scene: Any, identity: str) -> Any:
    """The strip of that id (``provenance.id_of``) in ``scene``.

    Raises:
        StripGone: it was deleted.
    """
    for strip in placed(scene):
        if provenance.id_of(strip) == identity:
            return strip
    raise StripGone(f"The music was deleted from “{scene.name}”; place it anew.")


def placed(scene: Any, job: str = "") -> list[Any]:
    """The strips of Sonique's music in ``scene``, in metas too; of one job, or of all."""
    editor = scene.sequence_editor
    strips = editor.strips_all if editor else ()
    return [strip for strip in strips if provenance.job_of(strip) and job in ("", provenance.job_of(strip))]


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise NotPlaced(f"The music “{path}” is not there; make it again with Redo.")


def _file_of(take: Take, strip: Any) -> Path:
    """The file that ``strip`` is to play of ``take``: beside the one that it plays, as the project may have moved
    since, else where it was made.
    """
    stem = provenance.stem_of(strip)
    path = dict(take.stems).get(stem) if stem else take.mix
    if path is None:
        raise NotPlaced(f"The other take has no stem “{stem}”; score the range again with stems.")
    moved = Path(bpy.path.abspath(strip.sound.filepath)).with_name(path.name) if strip.sound else path
    if moved.is_file():
        return moved
    _check_file(path)
    return path


def _fellows(strip: Any, playing: Take) -> Iterator[Any]:
    """All strips that play stems of the same take in the same place."""
    if not provenance.stem_of(strip):
        yield strip
        return
    where = compat.span(strip)
    for each in placed(strip.id_data, provenance.job_of(strip)):
        if compat.span(each) == where and provenance.takes_of(each)[:1] == (playing,):
            yield each


def _channel(editor: Any, placement: Placement, count: int) -> int:
    taken = ((strip.channel, compat.span(strip)) for strip in editor.strips)
    closed = [index for index, channel in enumerate(editor.channels) if channel.lock or channel.mute]
    return free_channels(taken, closed, placement.span, count, placement.channel)


def _new_strip(editor: Any, placement: Placement, stem: str, path: Path, channel: int) -> Any:
    name = f"{placement.name} {stem}".strip()
    try:
        return editor.strips.new_sound(
            name=name, filepath=_as_blender_keeps(path), channel=channel, frame_start=placement.span.start
        )
    except RuntimeError as error:
        raise NotPlaced(f"Blender cannot use “{path}” as a sound ({error}); choose another output folder.") from error


def _as_blender_keeps(path: Path) -> str:
    """The path as the user has Blender keep them: from the blend file on, where that was saved; else from the root."""
    if not (bpy.data.filepath and bpy.context.preferences.filepaths.use_relative_paths):
        return str(path)
    try:
        return str(bpy.path.relpath(str(path)))
    except ValueError:  # on another drive of Windows
        return str(path)


def _furnish(scene: Any, strip: Any, placement: Placement, stem: str) -> None:
    """Everything of a strip but its place on a channel."""
    span = placement.span
    if compat.content_frames(strip) < min(span.frames, 2):
        raise NotPlaced(f"Blender reads no sound in “{strip.sound.filepath}”; make the music again with Redo.")
    compat.set_span(strip, Span(span.start, span.end))
    strip.color_tag, strip.show_waveform, strip.volume = placement.color, True, placement.volume
    strip.select = False
    provenance.write(strip, placement.take, placement.others, stem)
    wanted = keys(placement, compat.frame_rate(scene))
    for key in wanted:
        strip.volume = key.volume
        strip.keyframe_insert("volume", frame=key.frame)
    if wanted:
        compat.straighten(scene, strip.path_from_id("volume"))
