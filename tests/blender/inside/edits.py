"""Timelines cut by a hand of chance, each with the document that is read of it and frames rendered."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import bpy
from sonique_blender import compat, snapshot
from sonique_blender.core.errors import NoPicture
from sonique_blender.core.ranges import Wish
from sonique_blender.core.reading import read
from sonique_blender.core.strips import Span

from tests.blender.inside.building import add_movie, in_sequencer, new_scene, render, select_only

RATES = ((24, 1.0), (30, 1.001), (60, 1.0))
FRAMES, LOOKS = 150, 10

Hand = Callable[[Any, Random, Any], None]


def main(folder: Path, seed: str, count: str, images: str, *films: str) -> list[dict[str, Any]]:
    return [_case(folder, int(seed) + number, images, films) for number in range(int(count))]


def _case(folder: Path, number: int, images: str, films: tuple[str, ...]) -> dict[str, Any]:
    chance = Random(number)  # noqa: S311 - the same cuts with each run
    scene, deeds = new_scene(*chance.choice(RATES)), []
    for channel in chance.sample(range(1, 9), chance.randint(2, 4)):
        select_only(scene, _added(scene, chance, channel, images, films))
        for deed in chance.choices(DEEDS, k=chance.randint(0, 3)):
            deeds.append(f"{scene.sequence_editor.active_strip.name}{deed.__name__}")
            deed(scene, chance, scene.sequence_editor.active_strip)
    start = chance.choice((1, 1, -40, 100_000))
    for strip in scene.sequence_editor.strips:
        compat.move_content(strip, round(compat.content_start(strip)) + start - 1)
    span = Span(start, start + FRAMES)
    return {"case": number, "deeds": deeds, **_looked_at(scene, chance, folder / str(number), span)}


def _looked_at(scene: Any, chance: Random, path: Path, span: Span) -> dict[str, Any]:
    try:
        reading = read(snapshot.take(scene), Wish(span=span))
    except NoPicture:
        return {"frames": {}, "needs_render": []}
    frames = _at_edges(scene, chance, span) | set(chance.sample(range(span.start, span.end), LOOKS // 2))
    return {
        "document": reading.document,
        "needs_render": list(map(str, reading.needs_render)),
        "start": span.start,
        "frames": {frame: _shown(scene, frame, path.with_name(f"{path.name}{frame}.png")) for frame in sorted(frames)},
    }


def _at_edges(scene: Any, chance: Random, span: Span) -> set[int]:
    """Some of the frames before and after which something may change."""
    found = set()
    for strip in scene.sequence_editor.strips_all:
        shown = compat.span(strip)
        for edge in (shown.start, shown.end, round(compat.content_start(strip))):
            found |= {frame for frame in (edge - 1, edge) if span.start <= frame < span.end}
    return set(chance.sample(sorted(found), min(len(found), LOOKS // 2)))


def _shown(scene: Any, frame: int, path: Path) -> str:
    """A frame, without what 5.x keeps of those before: where a film is slower than the timeline, it shows that."""
    with in_sequencer():
        bpy.ops.sequencer.refresh_all()
    return render(scene, frame, path)


def _added(scene: Any, chance: Random, channel: int, images: str, films: tuple[str, ...]) -> Any:
    frame = chance.randint(-60, 120)
    if chance.random() < 0.25:
        return _images(scene, chance, Path(images), channel, frame)
    return add_movie(scene, chance.choice(films), channel, frame, adjusted=chance.random() < 0.6)


def _images(scene: Any, chance: Random, folder: Path, channel: int, frame: int) -> Any:
    first = chance.randint(0, 30)
    names = sorted(each.name for each in folder.iterdir())[first : first + chance.choice((1, 20, 30))]
    strip = scene.sequence_editor.strips.new_image(
        name="plates", filepath=str(folder / names[0]), channel=channel, frame_start=frame
    )
    for name in names[1:]:
        strip.elements.append(name)
    return strip


def _trimmed(_: Any, chance: Random, strip: Any) -> None:
    span = compat.span(strip)
    start = span.start + chance.randint(-20, 30)
    compat.set_span(strip, Span(start, max(start + 1, span.end + chance.randint(-60, 20))))


def _split(scene: Any, chance: Random, strip: Any) -> None:
    """In two, one of which is moved, or goes."""
    span = compat.span(strip)
    if span.frames < 3:
        return
    how = chance.choice(("SOFT", "HARD"))
    right = strip.split(frame=chance.randint(span.start + 1, span.end - 1), split_method=how)
    if chance.random() < 0.5:
        compat.move_content(right, round(compat.content_start(right)) + chance.randint(0, 10))
        select_only(scene, right)
    else:
        gone, stays = chance.choice(((strip, right), (right, strip)))
        select_only(scene, stays)
        scene.sequence_editor.strips.remove(gone)


def _reversed(_: Any, __: Random, strip: Any) -> None:
    if strip.type != "META":
        strip.use_reverse_frames = True


def _muted(scene: Any, chance: Random, strip: Any) -> None:
    if chance.random() < 0.5:
        strip.mute = True
    else:
        scene.sequence_editor.channels[strip.channel].mute = True


def _in_meta(scene: Any, chance: Random, strip: Any) -> None:
    """With some of the strips that are there."""
    select_only(scene, *(each for each in scene.sequence_editor.strips if chance.random() < 0.4), strip)
    with in_sequencer():
        bpy.ops.sequencer.meta_make()
    select_only(scene, scene.sequence_editor.active_strip)


def _moved(_: Any, chance: Random, strip: Any) -> None:
    compat.move_content(strip, round(compat.content_start(strip)) + chance.randint(-15, 15))


def _blended(_: Any, chance: Random, strip: Any) -> None:
    strip.blend_type = chance.choice(("REPLACE", "ALPHA_OVER", "CROSS"))


def _slipped(scene: Any, chance: Random, strip: Any) -> None:
    select_only(scene, strip)
    with in_sequencer():
        bpy.ops.sequencer.slip(offset=chance.randint(-20, 20))


DEEDS: tuple[Hand, ...] = (
    *(_trimmed, _trimmed, _trimmed, _split, _split, _in_meta, _in_meta),
    *(_reversed, _muted, _moved, _blended, _slipped),
)
