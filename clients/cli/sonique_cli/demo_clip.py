"""The demo clip: eighteen seconds of drawn picture in eleven shots, calm, then fast, then calm again, without sound."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

RATE = 24
SIZE = (1280, 720)
_W, _H = 640, 360
"""Shots are drawn at half size, with soft edges, and scaled up."""

_X = np.arange(_W, dtype=np.float32)[None, :]
_Y = np.arange(_H, dtype=np.float32)[:, None]


class Canvas:
    """A picture in the planes of YUV 4:2:0 (BT.709, limited range) that colours are laid over."""

    def __init__(self, top: Colour, bottom: Colour, bend: float = 1.0) -> None:
        """Begins with a gradient from ``top`` to ``bottom``."""
        ramp = (_Y / (_H - 1)) ** np.float32(bend)
        planes = [low + (high - low) * ramp for low, high in zip(_yuv(top), _yuv(bottom), strict=True)]
        self.luma: Plane = np.repeat(planes[0], _W, axis=1)
        self.chroma: tuple[Plane, Plane] = tuple(np.repeat(plane[::2], _W // 2, axis=1) for plane in planes[1:])  # type: ignore[assignment]

    def copy(self) -> "Canvas":
        """The same picture, to paint on."""
        result = Canvas.__new__(Canvas)
        result.luma = self.luma.copy()
        result.chroma = (self.chroma[0].copy(), self.chroma[1].copy())
        return result

    def paint(self, cover: Plane, colour: Colour, row: int = 0, column: int = 0) -> None:
        """Lays ``colour`` over the picture where ``cover`` (0..1) says; its corner lies at an even row and column."""
        luma, *chroma = _yuv(colour)
        rows, columns = cover.shape
        part = self.luma[row : row + rows, column : column + columns]
        part += cover * (np.float32(luma) - part)
        small = cover[::2, ::2]
        for plane, value in zip(self.chroma, chroma, strict=True):
            half = plane[row // 2 : row // 2 + small.shape[0], column // 2 : column // 2 + small.shape[1]]
            half += small * (np.float32(value) - half)

    def frame(self, light: float) -> av.VideoFrame:
        """The picture at full size; ``light`` 0 is black, 1 is as painted."""
        frame = av.VideoFrame(_W, _H, "yuv420p")
        luma = 16 + (self.luma - 16) * np.float32(light) + _DITHER
        chroma = (128 + (plane - 128) * np.float32(light) + np.float32(0.5) for plane in self.chroma)
        for plane, values in zip(frame.planes, (luma, *chroma), strict=True):
            lines = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)  # type: ignore[call-overload]
            lines[:, : plane.width] = values
        return frame.reformat(*SIZE, interpolation="BILINEAR")


def _yuv(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = (value / 255 for value in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748


def _noise(*seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([1897, *seed])))


_DITHER = _noise(0).random((_H, _W), np.float32)


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot: its length in frames, and what paints its picture at a time 0..1 within it."""

    frames: int
    draw: Callable[[float], Canvas]


def make_demo_clip(path: Path) -> None:
    """Writes the clip to ``path`` (.mp4, .mov or .mkv): 1280×720, 24 fps, H.264, the same pictures every time.

    Where FFmpeg was built without x264, MPEG-4 part 2 is written instead.
    """
    with av.open(path, "w") as container:
        stream = _picture_stream(container)
        for index, frame in enumerate(_frames()):
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def shots() -> tuple[Shot, ...]:
    """The shots in order; their first frames are the clip's cuts."""
    return (
        Shot(72, _ridges(1, ((112, 160, 214), (255, 216, 178)), ((150, 130, 160), (96, 88, 126), (46, 44, 74)), 60)),
        Shot(60, _sea(2, ((255, 214, 150), (236, 120, 92)), (38, 70, 110), (255, 236, 190))),
        Shot(48, _forest(3, ((206, 226, 170), (84, 128, 84)), ((110, 146, 96), (60, 96, 66), (24, 46, 36)))),
        Shot(30, _road(((96, 176, 230), (220, 236, 240)), (86, 140, 70), 5.0)),
        Shot(24, _city(5, ((26, 24, 60), (120, 50, 110)))),
        Shot(18, _rays((232, 60, 70), (255, 206, 84))),
        Shot(18, _streaks(7, (10, 14, 34), ((255, 90, 60), (255, 220, 150), (90, 200, 255)))),
        Shot(18, _rings((18, 120, 130), (230, 250, 220))),
        Shot(24, _road(((70, 40, 90), (255, 140, 70)), (40, 34, 58), 9.0)),
        Shot(54, _ridges(10, ((60, 60, 120), (236, 140, 130)), ((110, 76, 120), (70, 52, 96), (30, 26, 56)), -44)),
        Shot(66, _sea(11, ((8, 12, 34), (40, 62, 110)), (10, 22, 50), (236, 240, 255))),
    )


def _picture_stream(container: av.container.OutputContainer) -> VideoStream:
    known = "libx264" in av.codecs_available
    options = {"preset": "ultrafast", "crf": "24"} if known else {"q": "4"}
    stream = container.add_stream("libx264" if known else "mpeg4", rate=RATE, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
    for name, value in (("color_primaries", 1), ("color_trc", 1), ("colorspace", 1), ("color_range", 1)):
        setattr(stream.codec_context, name, value)
    return stream


def _frames() -> Iterator[av.VideoFrame]:
    """All frames; the first ones come up from black and the last ones go down to it."""
    listed = shots()
    total, position = sum(shot.frames for shot in listed), 0
    for shot in listed:
        for index in range(shot.frames):
            light = min(1.0, (position + 1) / 16, (total - position - 1) / 30)
            yield shot.draw(index / shot.frames).frame(light)
            position += 1


def _disc(x: float, y: float, radius: float, edge: float) -> tuple[Plane, int, int]:
    """The cover of a disc with a soft edge, with the even row and column of its corner."""
    reach = radius + edge
    left, top = (max(0, int(value - reach) // 2 * 2) for value in (x, y))
    columns, rows = _X[:, left : int(x + reach) + 1], _Y[top : int(y + reach) + 1]
    distance = np.hypot(columns - np.float32(x), rows - np.float32(y))
    return np.clip((reach - distance) / np.float32(2 * edge), 0, 1), top, left


def _outline(seed: int, roughness: float, length: int) -> NDArray[np.float32]:
    """A skyline of hills: sines of growing frequency and falling height."""
    noise, x = _noise(seed), np.arange(length)
    waves = (
        np.sin(2 * math.pi * (x * 2**octave / 520 + noise.random())) * roughness / 1.9**octave for octave in range(6)
    )
    return np.asarray(np.sum(list(waves), axis=0), np.float32)


def _ridges(
    seed: int, sky: tuple[Colour, Colour], layers: tuple[Colour, ...], travel: float
) -> Callable[[float], Canvas]:
    """Hills behind hills under a low sun; the camera glides past."""
    base = Canvas(*sky)
    outlines = [_outline(seed * 10 + index, 22 + 8 * index, _W + 400) for index in range(len(layers))]

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        for radius, edge in ((30.0, 60.0), (34.0, 2.0)):
            canvas.paint(*_covered(_disc(430 - 0.1 * travel * time, 150, radius, edge), (255, 238, 206), 0.9))
        for index, colour in enumerate(layers):
            shift = 200 + travel * time * (index + 1) ** 1.6 / 2.2
            heights = np.interp(np.arange(_W) + shift, np.arange(_W + 400), outlines[index]) + 200 + 52 * index
            top = int(heights.min()) // 2 * 2 - 2
            canvas.paint(np.clip(_Y[top:] - heights[None, :].astype(np.float32) + 0.5, 0, 1), colour, top)
        return canvas

    return draw


def _covered(disc: tuple[Plane, int, int], colour: Colour, strength: float) -> tuple[Plane, Colour, int, int]:
    """The arguments that paint ``disc`` in ``colour``."""
    cover, row, column = disc
    return cover * np.float32(strength), colour, row, column


def _sea(seed: int, sky: tuple[Colour, Colour], water: Colour, light: Colour) -> Callable[[float], Canvas]:
    """A disc of light over water; its path glitters."""
    base = Canvas(*sky, bend=1.5)
    horizon = 210
    base.paint(np.ones((_H - horizon, _W), np.float32), water, horizon)
    depth = (_Y[horizon:] - horizon + 2) / (_H - horizon)
    phases = _noise(seed).random((2, _H - horizon, 1)).astype(np.float32) * np.float32(6.2832)

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        x, y = 300 + 30 * time, 130 - 14 * time
        canvas.paint(*_covered(_disc(x, y, 44, 56), light, 0.4))
        canvas.paint(*_covered(_disc(x, y, 36, 1.5), light, 1.0))
        waves = np.sin(_X / (6 + 60 * depth) + phases[0] + 9 * np.float32(time)) + np.sin(
            _X / (9 + 100 * depth) + phases[1] - 7 * np.float32(time)
        )
        path = np.exp(-np.square((_X - np.float32(x)) / (26 + 190 * depth)))
        canvas.paint(np.clip(waves - 0.5, 0, 1) * (0.12 + 0.88 * path), light, horizon)
        return canvas

    return draw


def _forest(seed: int, air: tuple[Colour, Colour], layers: tuple[Colour, ...]) -> Callable[[float], Canvas]:
    """Trunks in three depths; the camera walks past, the near ones fastest."""
    base = Canvas(*air)
    noise = _noise(seed)
    rows = [np.sort(noise.random(16 - 4 * index)) * (_W + 300) for index in range(len(layers))]
    lean = (_Y - _H / 2) / _H

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        for index, colour in enumerate(layers):
            width = 7.0 + 9 * index
            cover = np.zeros((_H, _W), np.float32)
            for trunk, place in enumerate(rows[index]):
                middle = np.float32(place - 40 - 190 * time * (index + 0.4)) + 14 * ((trunk % 3) - 1) * lean
                left = max(0, int(middle.min() - width) - 2)
                right = min(_W, int(middle.max() + width) + 3)
                if left < right:
                    part = np.clip(width + 0.5 - np.abs(_X[:, left:right] - middle), 0, 1)
                    np.maximum(cover[:, left:right], part, out=cover[:, left:right])
            canvas.paint(cover, colour)
        return canvas

    return draw


def _road(sky: tuple[Colour, Colour], land: Colour, speed: float) -> Callable[[float], Canvas]:
    """A road that runs to the horizon, its stripes coming on."""
    base, horizon = Canvas(*sky), 160
    base.paint(np.ones((_H - horizon, _W), np.float32), land, horizon)
    near = (_Y[horizon:] - horizon + 1) / (_H - horizon)
    across = np.abs(_X - _W / 2) / (near * 260)
    base.paint(np.clip((1 - across) * near * 130 + 0.5, 0, 1), (52, 54, 62), horizon)
    distance = 3.0 / near
    lane, verge = (
        np.clip((width - np.abs(across - at)) * near * 260 + 0.5, 0, 1) for at, width in ((0, 0.03), (1.16, 0.1))
    )

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        phase = distance + np.float32(speed * time * 2)
        stripe = np.clip(np.sin(phase * np.float32(2.2)) * near * 24 + 0.5, 0, 1)
        canvas.paint(lane * stripe, (250, 236, 190), horizon)
        canvas.paint(verge * stripe, (240, 244, 248), horizon)
        canvas.paint(verge * (1 - stripe), (214, 70, 60), horizon)
        return canvas

    return draw


def _city(seed: int, sky: tuple[Colour, Colour]) -> Callable[[float], Canvas]:
    """Houses at night, windows lit, seen from a train."""
    base, noise = Canvas(*sky), _noise(seed)
    columns = np.arange(_W + 500) // 46
    heights = (90 + 170 * noise.random(columns[-1] + 1)).astype(np.float32)[columns]
    houses = np.clip(_Y - (_H - heights[None, :]) + 0.5, 0, 1)
    lit = noise.random((_H // 16 + 1, len(columns) // 11 + 1)) < 0.42
    rows, places = np.arange(_H), np.arange(_W + 500)
    panes = ((rows % 16 > 5) & (rows % 16 < 13))[:, None] & ((places % 11 > 3) & (places % 11 < 9))[None, :]
    windows = (lit[rows[:, None] // 16, places[None, :] // 11] & panes).astype(np.float32) * houses

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        shift = int(420 * time) // 2 * 2
        canvas.paint(houses[:, shift : shift + _W], (18, 16, 34))
        canvas.paint(windows[:, shift : shift + _W], (255, 206, 120))
        return canvas

    return draw


def _rays(ground: Colour, ray: Colour) -> Callable[[float], Canvas]:
    """Rays that turn about the middle."""
    base = Canvas(ground, ground)
    angle = np.arctan2(_Y - _H / 2, _X - _W / 2)
    distance = np.hypot(_Y - _H / 2, _X - _W / 2)

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        canvas.paint(np.clip(np.sin(angle * 9 + np.float32(5 * time)) * distance / 9 + 0.5, 0, 1), ray)
        canvas.paint(*_covered(_disc(_W / 2, _H / 2, 46 + 30 * time, 1.5), (255, 250, 236), 1.0))
        return canvas

    return draw


def _streaks(seed: int, ground: Colour, colours: tuple[Colour, ...]) -> Callable[[float], Canvas]:
    """Lights that rush by, drawn out by their speed."""
    base, noise = Canvas(ground, ground), _noise(seed)
    lights = [(int(noise.integers(8, _H // 2 - 8)) * 2, noise.random(), 1.5 + 2.5 * noise.random()) for _ in range(42)]

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        for index, (row, place, speed) in enumerate(lights):
            head = ((place + speed * time) % 1.5) * _W
            size = 2 + index % 3 * 2
            along = np.clip((head - _X) / 200, 0, 1) * (head > _X)
            tail = np.where(along > 0, np.square(1 - along), 0).astype(np.float32)
            canvas.paint(np.repeat(tail, size, axis=0), colours[index % len(colours)], row)
        return canvas

    return draw


def _rings(ground: Colour, ring: Colour) -> Callable[[float], Canvas]:
    """Rings that run outwards."""
    base = Canvas(ground, (10, 60, 90))
    distance = np.hypot(_Y - _H / 2, _X - _W / 2)

    def draw(time: float) -> Canvas:
        canvas = base.copy()
        canvas.paint(np.clip(np.sin(distance / 14 - np.float32(7 * time)) * 5 - 1.5, 0, 1), ring)
        return canvas

    return draw
