"""Music whose strip was trimmed, cut or copied, and then gets another take."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, placing, provenance, swapping
from sonique_blender.core.placement import Provenance, Take
from sonique_blender.core.strips import Span

from tests.blender.inside.building import in_sequencer, new_scene, select_only
from tests.blender.inside.sounding import mixdown, placement


def main(folder: Path, part: str, *words: str) -> Any:
    parts: dict[str, Callable[..., Any]] = {"handles": handles, "copies": copies, "files": files, "names": names}
    return parts[part](folder, *words)


def handles(folder: Path, long: str, short: str) -> dict[str, Any]:
    """Trimmed, cut softly and cut hard; then what was made anew for what is left of it, and the first take again."""
    return {how: _remade(folder, how, long, short) for how in ("trimmed", "SOFT", "HARD")}


def _remade(folder: Path, how: str, long: str, short: str) -> dict[str, Any]:
    scene = new_scene()
    scene.frame_start, scene.frame_end = 1, 240
    strip = placing.place(scene, placement(long, 120, fade_in=12, fade_out=12))
    if how == "trimmed":
        compat.set_span(strip, Span(97, 145))
    else:
        right = strip.split(frame=97, split_method=how)
        scene.sequence_editor.strips.remove(strip)
        strip = right
    span = compat.span(strip)
    first = provenance.takes_of(strip)[0]
    begins = first.begins + (span.start - compat.file_start(strip)) / 24
    keys, mixes = [_keyed(scene)], [mixdown(scene, folder / f"{how}-0.wav")]
    for number, take in enumerate((Take(Path(short), Provenance("job-2", "take-2", 8), (), begins), first), start=1):
        swapping.swap(strip, take)
        mixes.append(mixdown(scene, folder / f"{how}-{number}.wav"))
        keys.append(_keyed(scene))
    kept = compat.span(strip)
    return {"mixes": mixes, "keys": keys, "span": [span.start, span.end], "kept": [kept.start, kept.end]}


def _keyed(scene: Any) -> list[list[float]]:
    data = scene.animation_data
    return [[key.co[0], key.co[1]] for curve in compat._curves(data) for key in curve.keyframe_points] if data else []


def copies(_: Path, wav: str, other: str) -> dict[str, list[str]]:
    """Music that was duplicated, and music that was cut: the second of the two gets another take."""
    return {deed.__name__: _second_changed(deed, wav, other) for deed in (_duplicated, _cut)}


def _second_changed(deed: Callable[[Any], None], wav: str, other: str) -> list[str]:
    scene = new_scene()
    strip = placing.place(scene, placement(wav, 120, name="Cue"))
    ordered = provenance.id_of(strip)
    deed(strip)
    provenance.tell_apart(placing.placed(scene))
    assert placing.strip_of(scene, ordered) == strip
    second = next(each for each in placing.placed(scene) if each != strip)
    swap = swapping.Swap(scene.session_uid, provenance.id_of(second), Take(Path(other), Provenance("job-2")))
    while not swap.step():
        pass
    return [Path(each.sound.filepath).name for each in (strip, second)]


def _duplicated(strip: Any) -> None:
    select_only(strip.id_data, strip)
    with in_sequencer():
        bpy.ops.sequencer.duplicate()


def _cut(strip: Any) -> None:
    strip.split(frame=97, split_method="SOFT")


def files(_: Path, wav: str, other: str) -> dict[str, str]:
    """A take whose path is another system's, and one of which a later release says more."""
    scene = new_scene()
    strip = placing.place(scene, placement(wav, 120))
    foreign = Take(Path(f"C:\\Films\\Sonique\\{Path(other).name}"), Provenance("job-2"))
    swapping.swap(strip, foreign)
    found = {"foreign": Path(strip.sound.filepath).name}
    told = json.loads(strip.sonique_provenance)
    told["playing"]["provenance"]["mastered"] = True
    strip.sonique_provenance = json.dumps(told)
    found["later"] = provenance.takes_of(strip)[0].provenance.job
    return found


def names(_: Path, wav: str) -> dict[str, Any]:
    """The name of a stem in a long one of many bytes; and how takes are counted as others come and are swapped in."""
    scene = new_scene()
    stems = tuple((stem, Path(wav)) for stem in ("drums", "bass"))
    placed = placement(wav, 120, name="Sonique: " + "音楽" * 25)
    placing.place(scene, replace(placed, take=replace(placed.take, stems=stems)))
    found: dict[str, Any] = {"strips": [strip.name for strip in scene.sequence_editor.strips], "takes": []}
    strip = placing.place(scene, placement(wav, 120, others=(Take(Path(wav), Provenance("b")),)))
    for job in "da":
        swapping.swap(strip, Take(Path(wav), Provenance(job)))
    swapping.swap(strip, provenance.takes_of(strip)[2])
    found["takes"] = [[take.provenance.job, take.number] for take in provenance.takes_of(strip)]
    return found
