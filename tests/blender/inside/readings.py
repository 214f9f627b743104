"""Scenes as editors make them, read, and rendered where a test wants to see what Blender shows."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, snapshot
from sonique_blender.core.errors import BlenderError
from sonique_blender.core.ranges import Which, Wish
from sonique_blender.core.reading import Reading, read
from sonique_blender.core.strips import Span
from sonique_blender.rendering import Rendering

from tests.blender.inside.building import add_movie, in_sequencer, new_scene, render, select_only
from tests.blender.inside.sounding import mixdown

Case = Callable[[Any, Path, str], tuple[int, ...]]


def main(folder: Path, part: str, *words: str) -> Any:
    parts: dict[str, Callable[..., Any]] = {
        "shown": shown,
        "reasons": reasons,
        "rendered": rendered,
        "sound": sound,
        "ranges": ranges,
        "crowd": crowd,
    }
    return parts[part](folder, *words)


def told(reading: Reading) -> dict[str, Any]:
    return {
        "document": reading.document,
        "start": reading.span.start,
        "end": reading.span.end,
        "needs_render": [str(reason) for reason in reading.needs_render],
        "needs_mixdown": reading.needs_mixdown,
        "notes": reading.notes,
        "cues": [[cue.name, cue.span.start, cue.span.end] for cue in reading.cues],
        "roots": reading.media_roots,
        "way": reading.way,
    }


def asked(scene: Any, wish: Wish) -> dict[str, Any]:
    """What reading gives, or the sentence that it refuses with."""
    try:
        return told(read(snapshot.take(scene), wish))
    except BlenderError as error:
        return {"refused": f"{error.code}: {error.sentence}"}


def shown(folder: Path, film: str, images: str) -> list[dict[str, Any]]:
    """Every arrangement that files alone can show."""
    cases: dict[str, Case] = {
        "layers": _layers,
        "metas": _metas,
        "muted": _muted,
        "held": _held,
        "images": lambda scene, _, __: _images(scene, Path(images)),
        "still": lambda scene, _, __: _still(scene, Path(images)),
    }
    found = []
    for name, build in cases.items():
        scene = new_scene()
        frames = build(scene, folder, film)
        answer = asked(scene, Wish(span=Span(1, 121)))
        answer["frames"] = {frame: render(scene, frame, folder / f"{name}-{frame}.png") for frame in frames}
        found.append({"case": name, **answer})
    return found


def _layers(scene: Any, _: Path, film: str) -> tuple[int, ...]:
    """Three movies over each other, a hole, and one that begins before the range."""
    add_movie(scene, film, 1, -30)
    compat.set_span(scene.sequence_editor.active_strip, Span(-30, 90))
    compat.set_span(add_movie(scene, film, 2, 20), Span(30, 60))
    compat.set_span(add_movie(scene, film, 3, 40), Span(50, 70))
    compat.set_span(add_movie(scene, film, 4, 100), Span(100, 130))
    return (1, 29, 30, 49, 50, 69, 70, 89, 90, 99, 100, 120)


def _metas(scene: Any, _: Path, film: str) -> tuple[int, ...]:
    """A meta in a meta, trimmed and moved, over a movie."""
    add_movie(scene, film, 1, 1)
    inner = add_movie(scene, film, 3, 11)
    compat.set_span(inner, Span(21, 80))
    select_only(scene, inner)
    for _each in range(2):
        with in_sequencer():
            bpy.ops.sequencer.meta_make()
        select_only(scene, scene.sequence_editor.active_strip)
    meta = scene.sequence_editor.active_strip
    compat.set_span(meta, Span(31, 70))
    compat.move_content(meta, round(compat.content_start(meta)) + 10)
    return (1, 40, 41, 60, 79, 80, 120)


def _muted(scene: Any, _: Path, film: str) -> tuple[int, ...]:
    """A muted strip, a muted channel, and a muted channel inside a meta, over a movie."""
    add_movie(scene, film, 1, 1)
    add_movie(scene, film, 2, 5).mute = True
    add_movie(scene, film, 3, 9)
    scene.sequence_editor.channels[3].mute = True
    strip = add_movie(scene, film, 4, 13)
    channel = strip.channel
    select_only(scene, strip)
    with in_sequencer():
        bpy.ops.sequencer.meta_make()
    scene.sequence_editor.active_strip.channels[channel].mute = True
    return (1, 60, 120)


def _held(scene: Any, _: Path, film: str) -> tuple[int, ...]:
    """A movie whose handles lie outside of its content, forwards and backwards."""
    strip = add_movie(scene, film, 1, 20)
    strip = strip.split(frame=50, split_method="HARD")
    scene.sequence_editor.strips.remove(next(s for s in scene.sequence_editor.strips if s.name != strip.name))
    compat.set_span(strip, Span(30, 60))
    other = add_movie(scene, film, 2, -160)
    other.use_reverse_frames = True
    compat.set_span(other, Span(61, 121))
    return (30, 49, 50, 51, 59, 61, 79, 80, 90, 120)


def _images(scene: Any, folder: Path) -> tuple[int, ...]:
    names = sorted(path.name for path in folder.iterdir())
    strips = scene.sequence_editor.strips
    strip = strips.new_image(name="images", filepath=str(folder / names[0]), channel=1, frame_start=1)
    for name in names[1:]:
        strip.elements.append(name)
    compat.set_span(strip, Span(5, 60))
    back = strips.new_image(name="back", filepath=str(folder / names[0]), channel=2, frame_start=61)
    for name in names[1:]:
        back.elements.append(name)
    back.use_reverse_frames = True
    compat.set_span(back, Span(61, 121))
    return (5, 6, 30, 59, 61, 80, 100)


def _still(scene: Any, folder: Path) -> tuple[int, ...]:
    path = sorted(folder.iterdir())[37]
    strip = scene.sequence_editor.strips.new_image(name="still", filepath=str(path), channel=1, frame_start=1)
    compat.set_span(strip, Span(1, 121))
    return (1, 60, 120)


def reasons(_: Path, film: str, images: str) -> dict[str, dict[str, Any]]:
    """Why Blender must render: one scene for each reason."""
    return {name: _with(film, images, change) for name, change in _CHANGES.items()}


def _with(film: str, images: str, change: Callable[..., None]) -> dict[str, Any]:
    scene = new_scene()
    strip = add_movie(scene, film, 1, 1)
    change(scene, strip, sorted(Path(images).iterdir()))
    return asked(scene, Wish(span=Span(1, 121)))


def _retime(scene: Any, strip: Any, *_: Any) -> None:
    select_only(scene, strip)
    with in_sequencer():
        bpy.ops.sequencer.retiming_key_add(timeline_frame=compat.span(strip).start + 60)


def _effect(kind: str) -> Callable[..., None]:
    def change(scene: Any, strip: Any, *_: Any) -> None:
        compat.new_effect(scene.sequence_editor.strips, kind, Span(1, 121), name=kind, channel=5, input1=strip)

    return change


def _generated(kind: str) -> Callable[..., None]:
    def change(scene: Any, *_: Any) -> None:
        compat.new_effect(scene.sequence_editor.strips, kind, Span(1, 121), name=kind, channel=5)

    return change


def _scene_strip(scene: Any, *_: Any) -> None:
    other = bpy.data.scenes.new("Shot")
    scene.sequence_editor.strips.new_scene(name="scene", scene=other, channel=5, frame_start=1)


def _setting(name: str, value: Any) -> Callable[..., None]:
    return lambda _scene, strip, *_: setattr(strip, name, value)


def _rotated(_scene: Any, strip: Any, *_: Any) -> None:
    strip.transform.rotation = 0.5


def _faded(_scene: Any, strip: Any, *_: Any) -> None:
    for frame, value in ((1, 0.0), (24, 1.0)):
        strip.blend_alpha = value
        strip.keyframe_insert("blend_alpha", frame=frame)


def _modified(_scene: Any, strip: Any, *_: Any) -> None:
    strip.modifiers.new("Bright", "BRIGHT_CONTRAST")


def _logo(scene: Any, _strip: Any, images: list[Path]) -> None:
    logo = scene.sequence_editor.strips.new_image(name="logo", filepath=str(images[0]), channel=5, frame_start=1)
    compat.set_span(logo, Span(1, 121))
    logo.transform.scale_x = logo.transform.scale_y = 0.3


def _shuffled(scene: Any, strip: Any, images: list[Path]) -> None:
    scene.sequence_editor.strips.remove(strip)
    mixed = scene.sequence_editor.strips.new_image(name="mixed", filepath=str(images[3]), channel=1, frame_start=1)
    for image in (images[0], images[7]):
        mixed.elements.append(image.name)


def _backwards(scene: Any, strip: Any, *_: Any) -> None:
    select_only(scene, strip)
    with in_sequencer():
        bpy.ops.sequencer.meta_make()
    scene.sequence_editor.active_strip.use_reverse_frames = True


def _muted_for_a_while(scene: Any, strip: Any, *_: Any) -> None:
    over = add_movie(scene, strip.filepath, 2, 1)
    for frame, muted in ((60, False), (1, True)):
        over.mute = muted
        over.keyframe_insert("mute", frame=frame)


def _hidden(scene: Any, strip: Any, *_: Any) -> None:
    """Changed, and covered by a movie that is not."""
    strip.color_saturation = 0.0
    add_movie(scene, strip.filepath, 2, 1)


_CHANGES: dict[str, Callable[..., None]] = {
    "plain": lambda *_: None,
    "retimed": _retime,
    "speed": _effect("SPEED"),
    "glow": _effect("GLOW"),
    "text": _generated("TEXT"),
    "adjustment": _generated("ADJUSTMENT"),
    "scene": _scene_strip,
    "blend": _setting("blend_type", "MULTIPLY"),
    "opacity": _setting("blend_alpha", 0.5),
    "faded": _faded,
    "saturation": _setting("color_saturation", 0.0),
    "modifier": _modified,
    "strobe": _setting("strobe", 4.0),
    "rotated": _rotated,
    "logo": _logo,
    "shuffled": _shuffled,
    "hidden": _hidden,
    "upside down": _setting("use_flip_y", value=True),
    "backwards": _backwards,
    "muted for a while": _muted_for_a_while,
}


def rendered(folder: Path, film: str, wav: str) -> dict[str, Any]:
    """A range with a retimed strip, a cross, a text and music of our own, by a child, with a look at each frame."""
    scene = new_scene()
    first, second = add_movie(scene, film, 1, 1), add_movie(scene, film, 2, 50)
    compat.set_span(first, Span(1, 61))
    strips = scene.sequence_editor.strips
    compat.new_effect(strips, "CROSS", Span(50, 61), name="cross", channel=3, input1=first, input2=second)
    third = add_movie(scene, film, 4, 91)
    _retime(scene, third)
    strips.new_sound(name="talk", filepath=wav, channel=9, frame_start=25).sound.pack()
    music = strips.new_sound(name="music", filepath=wav, channel=10, frame_start=1)
    music["sonique_job"] = "job-0"
    reading = read(snapshot.take(scene), Wish(span=Span(1, 121)))
    rendering = Rendering(reading, folder / "renders")
    shares, ticks, done = [], [], None
    while done is None:
        began = time.perf_counter()
        done = rendering.poll()
        ticks.append(time.perf_counter() - began)
        shares.append(rendering.share)
        time.sleep(0.02)
    frames = (1, 20, 49, 61, 80, 90, 91, 92, 119, 120)
    pictures = {frame: render(scene, frame, folder / f"child-{frame}.png") for frame in frames}
    stopped = Rendering(reading, folder / "renders")
    stopped.stop().remove()
    return {
        **told(done),
        "before": told(reading),
        "frames": pictures,
        "shares": shares,
        "polls": len(ticks),
        "cuts": reading.cuts,
        "folders": [path.name for path in (folder / "renders").iterdir()],
        "kept": rendering.folder.name,
        "unsaved": bpy.data.filepath,
        "failure": _failing(scene, folder),
    }


def _failing(scene: Any, folder: Path) -> str:
    """A child whose scene is not in the file any longer."""
    reading = read(snapshot.take(scene), Wish(span=Span(1, 121)))
    rendering = Rendering(reading, folder / "failing")
    rendering._child._process.kill()  # as the system does when memory runs out
    try:
        while rendering.poll() is None:
            time.sleep(0.02)
    except BlenderError as error:
        rendering.stop().remove()
        return f"{error.code}: {error.sentence} {len(list((folder / 'failing').iterdir()))}"
    return ""


def sound(folder: Path, wav: str) -> dict[str, Any]:
    """Sound strips in every way that an editor cuts them, and how they sound."""
    scene = new_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "sound.blend"))
    scene.frame_start, scene.frame_end = 1, 240
    compat.new_effect(scene.sequence_editor.strips, "COLOR", Span(1, 241), name="colour", channel=1)
    strips = scene.sequence_editor.strips
    first = strips.new_sound(name="first", filepath=wav, channel=2, frame_start=1)
    second = first.split(frame=49, split_method="SOFT")
    compat.move_content(second, round(compat.content_start(second)) + 24)
    third = second.split(frame=121, split_method="HARD")
    compat.move_content(third, round(compat.content_start(third)) + 24)
    compat.set_span(third, Span(145, 193))
    quiet = strips.new_sound(name="quiet", filepath=wav, channel=5, frame_start=1)
    quiet.mute = True
    opened = strips.new_sound(name="opened", filepath=wav, channel=7, frame_start=-47)
    opened = opened.split(frame=25, split_method="HARD")
    left = next(strip for strip in strips if strip.channel == 7 and strip != opened)
    strips.remove(left)
    compat.set_span(opened, Span(13, 37))
    compat.set_span(opened.split(frame=31, split_method="HARD"), Span(37, 40))
    compat.set_span(opened, Span(13, 35))
    late = strips.new_sound(name="late", filepath=wav, channel=6, frame_start=200)
    late.sound_offset = 0.5
    return {**asked(scene, Wish(span=Span(1, 241))), "mix": mixdown(scene, folder / "sound-mix.wav")}


def ranges(_: Path, film: str) -> dict[str, Any]:
    scene = new_scene()
    scene.frame_start, scene.frame_end = 1, 240
    strips = [add_movie(scene, film, 1, 1), add_movie(scene, film, 2, 60)]
    compat.set_span(strips[0], Span(11, 91))
    compat.set_span(strips[1], Span(80, 160))
    for name, frame in (("cue: chase", 20), ("hit", 40), ("F_60", 60), ("cue: calm", 100), ("end", 180)):
        scene.timeline_markers.new(name, frame=frame)
    select_only(scene, *strips)
    answers = {which.value: asked(scene, Wish(which)) for which in Which if which is not Which.PREVIEW}
    answers["unset"] = asked(scene, Wish(Which.PREVIEW))
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 30, 109
    answers["PREVIEW"], answers["previewed"] = asked(scene, Wish(Which.PREVIEW)), asked(scene, Wish())
    scene.use_preview_range = False
    select_only(scene)
    answers["unselected"] = asked(scene, Wish(Which.SELECTION))
    select_only(scene, *strips)
    with in_sequencer():
        bpy.ops.sequencer.meta_make()
        bpy.ops.sequencer.meta_toggle()
        select_only(scene, strips[1])
        answers["inside"] = asked(scene, Wish(Which.SELECTION))
        bpy.ops.sequencer.meta_toggle()
    select_only(scene, scene.sequence_editor.active_strip)
    answers["meta"] = asked(scene, Wish(Which.SELECTION))
    answers["cue"] = asked(scene, Wish(Which.SCENE, cue="Calm"))
    answers["no cue"] = asked(scene, Wish(Which.SCENE, cue="storm"))
    answers["empty"] = asked(scene, Wish(span=Span(20, 20)))
    answers["short"] = asked(scene, Wish(span=Span(20, 40)))
    answers["long"] = asked(scene, Wish(span=Span(1, 24 * 1801 + 1)))
    answers["dark"] = asked(scene, Wish(span=Span(400, 500)))
    answers["bare"] = asked(bpy.data.scenes.new("Bare"), Wish())
    return answers


def crowd(_: Path, film: str, wav: str) -> dict[str, Any]:
    """A thousand strips; the seconds that reading took are for a benchmark."""
    scene = new_scene()
    strips = scene.sequence_editor.strips
    for index in range(500):
        movie = strips.new_movie(name="m", filepath=film, channel=1 + index % 4, frame_start=1 + index * 20)
        compat.set_span(movie, Span(1 + index * 20, 21 + index * 20))
        strips.new_sound(name="s", filepath=wav, channel=9 + index % 4, frame_start=1 + index * 20)
    scene.frame_end = 500 * 20
    began = time.perf_counter()
    reading = read(snapshot.take(scene), Wish(Which.SCENE))
    return {"seconds": time.perf_counter() - began, "strips": len(strips), **told(reading)}
