"""Placing: music onto channels of a scene that are free.

``core.entry`` does it in many small steps and one undo step; here is what each of them does to Blender's data.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from . import busy, compat, provenance, unfinished
from .core.channels import free_channels
from .core.entry import Entry, Part, Place
from .core.errors import NotPlaced, SceneGone, StripGone
from .core.levels import keys
from .core.placement import Placement
from .core.strips import Span

_NAME_BYTES = 57
"""Of a strip's name: Blender keeps 61, and wants four of them for a number where there is another one of that name."""


class SceneTimeline:
    """The timeline of a scene.

    Args:
        uid: the scene's session id.
    """

    def __init__(self, uid: int) -> None:
        self._uid = uid

    def check(self) -> None:
        """Raises ``Busy`` where it must not be touched now, and ``SceneGone`` where it is no longer there."""
        busy.check()
        scene_of(self._uid)

    def lowest(self, placement: Placement, count: int) -> int:
        """The lowest of ``count`` adjoining channels that are free, unlocked and unmuted."""
        editor = _editor(scene_of(self._uid))
        closed = [index for index, channel in enumerate(editor.channels) if channel.lock or channel.mute]
        taken = ((channel, Span(start, end)) for channel, start, end in compat.whereabouts(editor.strips))
        return free_channels(taken, closed, placement.span, count, placement.channel)

    def put(self, place: Place, index: int, part: Part) -> str:
        """Puts a strip there, unfinished and muted; its name."""
        scene, (stem, path) = scene_of(self._uid), part
        check_file(path)
        strip = _new_strip(_editor(scene), place.placement, stem, path, place.lowest + index)
        try:
            unfinished.mark(strip)
            strip.mute = True
            _lay(strip, place.placement.span)
        except Exception:
            unfinished.remove(strip)
            raise
        return str(strip.name)

    def furnish(self, place: Place, name: str, part: Part) -> None:
        """Gives the strip of that name its look, where it is from, its fades and ducking."""
        scene, (stem, _) = scene_of(self._uid), part
        _furnish(scene, _editor(scene).strips[name], place.placement, stem)

    def warm(self, part: Part) -> None:
        """Has Blender read a file: with the first one of a session, it loads what it reads sound with."""
        _, path = part
        try:
            sound = bpy.data.sounds.load(str(path))
        except RuntimeError:
            return
        bpy.data.sounds.remove(sound)

    def settle(self) -> None:
        """Has Blender open the sounds, which it else does for all of them at once where the undo step is pushed."""
        bpy.context.view_layer.update()

    def stands(self, place: Place, names: Sequence[str]) -> bool:
        """Whether the strips of those names stand there as they were put, and nothing else came there."""
        editor, span = _editor(scene_of(self._uid)), place.placement.span
        channels = range(place.lowest, place.lowest + place.count)
        if any(editor.channels[channel].lock or editor.channels[channel].mute for channel in channels):
            return False
        there = sorted(
            (channel, start, end)
            for channel, start, end in compat.whereabouts(editor.strips)
            if channel in channels and span.meets(Span(start, end))
        )
        mine = [editor.strips.get(name) for name in names]
        return (
            there == [(channel, span.start, span.end) for channel in channels[: len(names)]]
            and all(strip is not None and unfinished.marked(strip) for strip in mine)
            and [strip.channel for strip in mine] == list(channels[: len(names)])
        )

    def unfinished(self) -> int:
        """How many unfinished strips there are in all scenes."""
        return sum(1 for _ in unfinished.strips())

    def sound(self, names: Sequence[str]) -> None:
        """Unmutes them."""
        editor = _editor(scene_of(self._uid))
        for name in names:
            editor.strips[name].mute = False

    def finish(self, names: Sequence[str]) -> None:
        """Takes the mark off them, and pushes the undo step."""
        editor = _editor(scene_of(self._uid))
        for name in names:
            unfinished.unmark(editor.strips[name])
        bpy.ops.ed.undo_push(message="Add Sonique Music")

    def clear(self) -> None:
        """Takes all unfinished strips away, in all scenes."""
        unfinished.clear()


def place(scene: Any, placement: Placement) -> Any:
    """Puts music on free, unlocked channels of ``scene`` at once, and returns its strip; of stems, the lowest.

    Raises:
        Busy: Blender renders or saves; try again later.
        NoChannel: no channel is free.
        NotPlaced: a file is not there, or Blender takes it for no sound.
    """
    entry = Entry(SceneTimeline(scene.session_uid), placement)
    while not entry.step():
        pass
    return scene.sequence_editor.strips[entry.names[0]]


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
    strip = provenance.first_named(each for each in placed(scene) if provenance.id_of(each) == identity)
    if strip is None:
        raise StripGone(f"The music was deleted from “{scene.name}”; place it anew.")
    return strip


def placed(scene: Any, job: str = "") -> list[Any]:
    """The strips of Sonique's music in ``scene``, in metas too; of one job, or of all."""
    editor = scene.sequence_editor
    strips = editor.strips_all if editor else ()
    music = (strip for strip in strips if provenance.job_of(strip) and not unfinished.marked(strip))
    return [strip for strip in music if job in ("", provenance.job_of(strip))]


def check_file(path: Path) -> None:
    """Raises ``NotPlaced`` where a file is not there."""
    if not path.is_file():
        raise NotPlaced(f"The music “{path}” is not there; make it again with Redo.")


def _editor(scene: Any) -> Any:
    return scene.sequence_editor or scene.sequence_editor_create()


def _new_strip(editor: Any, placement: Placement, stem: str, path: Path, channel: int) -> Any:
    try:
        return editor.strips.new_sound(
            name=_named(placement.name, stem),
            filepath=as_blender_keeps(path),
            channel=channel,
            frame_start=placement.span.start,
        )
    except RuntimeError as error:
        raise NotPlaced(f"Blender cannot use “{path}” as a sound ({error}); choose another output folder.") from error


def _named(name: str, stem: str) -> str:
    """A strip's name with its stem's, which would fall victim first where Blender cuts names off."""
    room = _NAME_BYTES - len(f" {stem}".encode())
    return f"{name.encode()[:room].decode(errors='ignore').strip()} {stem}".strip()


def as_blender_keeps(path: Path) -> str:
    """The path as the user has Blender keep them: from the blend file on, where that was saved; else from the root."""
    if not (bpy.data.filepath and bpy.context.preferences.filepaths.use_relative_paths):
        return str(path)
    try:
        return str(bpy.path.relpath(str(path)))
    except ValueError:  # on another drive of Windows
        return str(path)


def _lay(strip: Any, span: Span) -> None:
    """Where it stands in time; unselected, for the editor's selection is none of its business."""
    if compat.content_frames(strip) < min(span.frames, 2):
        raise NotPlaced(f"Blender reads no sound in “{strip.sound.filepath}”; make the music again with Redo.")
    compat.set_span(strip, Span(span.start, span.end))
    strip.select = False


def _furnish(scene: Any, strip: Any, placement: Placement, stem: str) -> None:
    """Everything of a strip but its place."""
    strip.color_tag, strip.show_waveform, strip.volume = placement.color, True, placement.volume
    provenance.write(strip, placement.take, placement.others, stem)
    wanted = keys(placement, compat.frame_rate(scene))
    for key in wanted:
        strip.volume = key.volume
        strip.keyframe_insert("volume", frame=key.frame)
    if wanted:
        compat.straighten(scene, strip.path_from_id("volume"))
