"""Reasons: what Blender does with a picture that the daemon cannot make of the files alone."""

import re
from enum import StrEnum

from .strips import SHOWN_KINDS, TWO_SIDED_KINDS, Look, Media, Strip


class Reason(StrEnum):
    """Why Blender itself must render the range."""

    RETIMING = "retiming"
    BACKWARDS = "a meta strip that plays backwards"
    MUTE = "a strip that is muted for a while"
    SPEED = "a speed effect"
    EFFECT = "an effect"
    SCENE = "a scene strip"
    TEXT = "text"
    BLEND = "a blend or transparency"
    COLOUR = "changed colours"
    MOVED = "moved or overlaid pictures"
    STROBE = "a strobe"
    MASK = "a mask or clip strip"
    IMAGES = "images without running numbers"


_KINDS = {
    "SPEED": Reason.SPEED,
    "SCENE": Reason.SCENE,
    "TEXT": Reason.TEXT,
    "MASK": Reason.MASK,
    "MOVIECLIP": Reason.MASK,
}
"""Reasons that a kind of strip is by itself; all other effects are ``EFFECT``."""

_FILLING_KINDS = SHOWN_KINDS | TWO_SIDED_KINDS | {"SCENE", "COLOR"}
"""Kinds whose picture fills its whole size."""

_OPAQUE_BLENDS = frozenset({"REPLACE", "ALPHA_OVER", "CROSS"})
_MOVES = frozenset({"offset_x", "offset_y", "scale_x", "scale_y", "rotation", "min_x", "max_x", "min_y", "max_y"})
_CLEAR_SUFFIXES = (".png", ".tif", ".tiff", ".exr", ".webp", ".tga", ".psd", ".dpx", ".gif", ".svg")
"""Images that may be transparent in places."""

_NEAR = 1e-4
_EDGE = 0.01
"""Share of the frame that a picture may leave free at its edges and still cover it."""

_HALF = 0.5
_DIGITS = re.compile(r"(?P<head>.*?)(?P<number>\d+)(?P<tail>\D*)", re.DOTALL)


def reasons_of(strip: Strip, size: tuple[int, int]) -> frozenset[Reason]:
    """Why the picture of ``strip`` by itself must be rendered at ``size``; empty where its file shows it."""
    found = set(_look_reasons(strip.look))
    if strip.kind not in SHOWN_KINDS | {"META"}:
        found.add(_KINDS.get(strip.kind, Reason.EFFECT))
    if strip.retimed:
        found.add(Reason.RETIMING)
    if strip.kind == "META" and strip.reversed:
        found.add(Reason.BACKWARDS)
    if strip.media is not None and strip.media.images and not is_numbered(strip.media):
        found.add(Reason.IMAGES)
    if _is_moved(strip, size):
        found.add(Reason.MOVED)
    return frozenset(found)


def covers(strip: Strip, size: tuple[int, int]) -> bool:
    """Whether nothing below ``strip`` shows."""
    if strip.kind == "ADJUSTMENT" or "mute" in strip.look.animated:
        return False
    if strip.look.blend == "REPLACE":
        return True
    if strip.kind not in _FILLING_KINDS or Reason.BLEND in _look_reasons(strip.look):
        return False
    if strip.media is not None and any(name.lower().endswith(_CLEAR_SUFFIXES) for name in strip.media.images):
        return False
    return _shares(strip, size)[0] >= 1 - _EDGE


def is_numbered(media: Media) -> bool:
    """Whether the images of ``media`` are one image, or files with running numbers, one after the other."""
    matches = [_DIGITS.fullmatch(name) for name in media.images]
    if len(matches) < 2:
        return True
    first = matches[0]
    if first is None:
        return False
    start, padding = int(first["number"]), len(first["number"])
    wanted = (f"{first['head']}{start + index:0{padding}d}{first['tail']}" for index in range(len(matches)))
    return all(name == expected for name, expected in zip(media.images, wanted, strict=True))


def numbering(name: str) -> tuple[str, int, int, str]:
    """What stands before the number in an image's name, the number, its digits, and what stands after it."""
    match = _DIGITS.fullmatch(name)
    assert match is not None, name
    return match["head"], int(match["number"]), len(match["number"]), match["tail"]


def _look_reasons(look: Look) -> frozenset[Reason]:
    told = {
        Reason.BLEND: look.blend not in _OPAQUE_BLENDS or look.opacity < 1 or "blend_alpha" in look.animated,
        Reason.COLOUR: look.modifiers
        or abs(look.saturation - 1) > _NEAR
        or abs(look.brightness - 1) > _NEAR
        or bool(look.animated & {"color_saturation", "color_multiply"}),
        Reason.STROBE: look.strobe > 1,
        Reason.MUTE: "mute" in look.animated,
        Reason.MOVED: bool(look.animated & _MOVES),
    }
    return frozenset(reason for reason, holds in told.items() if holds)


def _is_moved(strip: Strip, size: tuple[int, int]) -> bool:
    """Whether the frame is so unlike the file's picture that looking at the file would mislead."""
    if abs(strip.look.rotation) > _NEAR or strip.look.upside_down:
        return True
    covered, seen = _shares(strip, size)
    return covered < _HALF or seen < _HALF


def _shares(strip: Strip, size: tuple[int, int]) -> tuple[float, float]:
    """Shares, 0 to 1: of the frame that the picture covers, and of the picture that the frame shows."""
    own = strip.media.size if strip.media is not None else None
    look = strip.look
    if own is None:
        plain = max(abs(value - 1) for value in look.scale) < _NEAR and max(map(abs, look.offset)) < _NEAR
        return (1.0, 1.0) if plain and not any(look.crop) else (0.0, 1.0)
    left, right, bottom, top = look.crop
    across = _axis(own[0], (left, right), look.scale[0], look.offset[0], size[0])
    up = _axis(own[1], (bottom, top), look.scale[1], look.offset[1], size[1])
    return across[0] * up[0], across[1] * up[1]


def _axis(own: int, crop: tuple[int, int], scale: float, offset: float, frame: int) -> tuple[float, float]:
    """The same along one axis: the picture lies centred on the frame, then scaled and moved."""
    half = own * abs(scale) / 2
    start, end = offset - half + crop[0] * abs(scale), offset + half - crop[1] * abs(scale)
    shown = max(0.0, min(end, frame / 2) - max(start, -frame / 2))
    return shown / max(frame, 1), shown / max(2 * half, 1e-9)
