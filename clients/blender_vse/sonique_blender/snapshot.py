"""Snapshots: a scene's sequence read into plain values, quickly and without changing anything that shows."""

import os
from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import bpy

from . import compat, provenance
from .core.strips import Look, Marker, Media, Snapshot, Span, Strip

_PLAIN = Look()
_HEARD_CHANGING = Look(animated=frozenset({"mute"}))


def take(scene: Any) -> Snapshot:
    """The sequence of ``scene`` as it is now.

    A scene without a sequencer gives one without strips.
    """
    render, editor = scene.render, scene.sequence_editor
    share = render.resolution_percentage / 100
    reader, opened = _Reader(scene), editor.meta_stack if editor else ()
    return Snapshot(
        scene=scene.name,
        scene_uid=scene.session_uid,
        rate=compat.frame_rate(scene),
        scene_span=Span(scene.frame_start, scene.frame_end + 1),
        preview_span=Span(scene.frame_preview_start, scene.frame_preview_end + 1) if scene.use_preview_range else None,
        size=(round(render.resolution_x * share), round(render.resolution_y * share)),
        strips=tuple(reader.strip(strip, shown=not opened) for strip in editor.strips) if editor else (),
        muted_channels=_channels(editor.channels, "mute") if editor else frozenset(),
        locked_channels=_channels(editor.channels, "lock") if editor else frozenset(),
        markers=_markers(scene),
        file=bpy.data.filepath,
    )


class _Reader:
    """Reads strips; asks the disk once for each file."""

    def __init__(self, scene: Any) -> None:
        self._rate = compat.frame_rate(scene)
        self._saved = bool(bpy.data.filepath)
        self._animated = _animated(scene)
        self._present: dict[str, bool] = {}
        editor = scene.sequence_editor
        self._opened = editor.meta_stack[-1] if editor and len(editor.meta_stack) else None

    def strip(self, strip: Any, *, shown: bool) -> Strip:
        """One strip, and what it holds; ``shown`` says whether the sequencer shows it by itself, to be selected."""
        kind = strip.type
        is_meta = kind == "META"
        return Strip(
            name=strip.name,
            kind=kind,
            channel=strip.channel,
            span=compat.span(strip),
            content_start=compat.content_start(strip),
            content_frames=compat.content_frames(strip),
            trim=compat.hard_trim(strip),
            muted=strip.mute and not self._changes(strip, "mute"),
            selected=shown and strip.select,
            reversed=bool(getattr(strip, "use_reverse_frames", False)),
            retimed=len(getattr(strip, "retiming_keys", ())) > 0,
            media=self._media(strip, kind),
            look=self._look(strip),
            silent=getattr(strip, "volume", 1.0) <= 0 and not self._changes(strip, "volume"),
            sound_offset=Fraction(strip.sound_offset).limit_denominator(48_000) if kind == "SOUND" else Fraction(0),
            inputs=_inputs(strip),
            strips=tuple(self.strip(each, shown=strip == self._opened) for each in strip.strips) if is_meta else (),
            muted_channels=_channels(strip.channels, "mute") if is_meta else frozenset(),
            job=provenance.job_of(strip),
        )

    def _changes(self, strip: Any, name: str) -> bool:
        """Whether a property is animated: then, what it is now says nothing of other frames."""
        return name in self._animated.get(strip.name, _PLAIN.animated)

    def _media(self, strip: Any, kind: str) -> Media | None:
        if kind == "MOVIE":
            return self._movie(strip)
        if kind == "IMAGE":
            names = tuple(element.filename for element in strip.elements)
            folder = self._absolute(strip.directory)
            first = os.path.join(folder, names[0]) if folder and names else ""  # noqa: PTH118 - ten times as fast
            return Media(folder, present=self._is_there(first), size=_size(strip), images=names)
        if kind == "SOUND" and strip.sound is not None:
            path, packed = self._absolute(strip.sound.filepath), strip.sound.packed_file is not None
            return Media(path, present=packed or self._is_there(path), packed=packed)
        return None

    def _movie(self, strip: Any) -> Media:
        path = self._absolute(strip.filepath)
        present = self._is_there(path)
        rate = compat.source_rate(strip) if present else None
        frames = _length(path) if rate is not None and rate != self._rate else None
        return Media(path, present=present, rate=rate, frames=frames, size=_size(strip))

    def _look(self, strip: Any) -> Look:
        if strip.type == "SOUND":
            return _HEARD_CHANGING if self._changes(strip, "mute") else _PLAIN
        moved, cut = getattr(strip, "transform", None), getattr(strip, "crop", None)
        return Look(
            blend=strip.blend_type,
            opacity=strip.blend_alpha,
            saturation=getattr(strip, "color_saturation", 1.0),
            brightness=getattr(strip, "color_multiply", 1.0),
            modifiers=any(not modifier.mute for modifier in strip.modifiers),
            strobe=getattr(strip, "strobe", 0.0),
            upside_down=getattr(strip, "use_flip_y", False),
            scale=(moved.scale_x, moved.scale_y) if moved else _PLAIN.scale,
            offset=(moved.offset_x, moved.offset_y) if moved else _PLAIN.offset,
            rotation=moved.rotation if moved else 0.0,
            crop=(cut.min_x, cut.max_x, cut.min_y, cut.max_y) if cut else _PLAIN.crop,
            animated=self._animated.get(strip.name, _PLAIN.animated),
        )

    def _absolute(self, path: str) -> str:
        """``path`` as an absolute one; "" where it is relative to a file that was never saved."""
        if not path or (path.startswith("//") and not self._saved):
            return ""
        return str(os.path.abspath(bpy.path.abspath(path)))  # noqa: PTH100 - the same

    def _is_there(self, path: str) -> bool:
        if path not in self._present:
            self._present[path] = os.path.isfile(path)  # noqa: PTH113 - the same
        return self._present[path]


def _length(path: str) -> int | None:
    """Frames of a movie; Blender tells them of clips and not of strips. A file that stays as it is is asked once."""
    seen = os.stat(path)  # noqa: PTH116 - as above
    return _movie_frames(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=4096)
def _movie_frames(path: str, *_: int) -> int | None:
    try:
        clip = bpy.data.movieclips.load(path)
    except RuntimeError:
        return None
    try:
        return int(clip.frame_duration) or None
    finally:
        bpy.data.movieclips.remove(clip)


def _size(strip: Any) -> tuple[int, int] | None:
    """Width and height of the first picture of a strip's files, where Blender has looked at it."""
    for element in strip.elements:
        return (element.orig_width, element.orig_height) if element.orig_width else None
    return None


def _inputs(strip: Any) -> tuple[str, ...]:
    given = (getattr(strip, name, None) for name in ("input_1", "input_2"))
    return tuple(each.name for each in given if each is not None)


def _channels(channels: Any, fact: str) -> frozenset[int]:
    return frozenset(index for index, channel in enumerate(channels) if getattr(channel, fact))


def _markers(scene: Any) -> tuple[Marker, ...]:
    found = (Marker(mark.name, mark.frame, mark.select) for mark in scene.timeline_markers)
    return tuple(sorted(found, key=lambda mark: mark.frame))


def _animated(scene: Any) -> Mapping[str, frozenset[str]]:
    """The names of the animated properties of each strip, by the strip's name."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in compat.animated_paths(scene):
        head, quote, rest = path.partition('strips_all["')
        if not quote:
            head, quote, rest = path.partition('sequences_all["')
        name, quote, tail = rest.rpartition('"]')
        if quote and head == "sequence_editor.":
            found[bpy.utils.unescape_identifier(name)].add(tail.rpartition(".")[2])
    return {name: frozenset(names) for name, names in found.items()}
