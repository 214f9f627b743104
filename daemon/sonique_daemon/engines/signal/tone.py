"""Tone: light, contrast, saturation and warmth of pictures, and the colours that make most of them."""

import numpy as np
from numpy.typing import NDArray

LIGHT, CONTRAST, SATURATION, WARMTH = range(4)
"""Columns of tones."""

Tones = NDArray[np.float32]
"""``[n, 4]``: light, contrast and saturation 0..1, warmth -1 (blue) to 1 (orange)."""

_COLOURS = 5
_ROUNDS = 8
_NEAR = 30.0
_LEAST_SHARE = 0.04
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32) / 255


def tones(images: NDArray[np.uint8]) -> Tones:
    """The tones of ``images`` ``[n, height, width, 3]``; every fourth pixel counts."""
    pixels = _picked(images, 4).astype(np.float32)
    light = pixels @ _LUMA
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    chroma = (most - least).mean(axis=1) / 255
    warmth = (red - blue).mean(axis=1) / 255
    columns = (
        light.mean(axis=1),
        np.minimum(1, 2.5 * light.std(axis=1)),
        np.minimum(1, 1.5 * chroma),
        np.clip(2.5 * warmth, -1, 1),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def swatches(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels ``[n, p, 3]`` that stand for the colours of each of ``images``."""
    return _picked(images, 8)


def palette(pixels: NDArray[np.uint8]) -> tuple[str, ...]:
    """Up to five main colours of ``pixels`` ``[n, 3]`` as ``#rrggbb``, the largest first.

    k-means, started from the fullest cells of a coarse colour cube, so that the same pixels give the same colours.
    """
    if not len(pixels):
        return ()
    values = pixels[:: max(1, len(pixels) // 4000)].astype(np.float32)
    centres = _first_centres(values)
    for _ in range(_ROUNDS):
        nearest = _nearest(values, centres)
        counts = np.bincount(nearest, minlength=len(centres))
        sums = np.stack([np.bincount(nearest, values[:, c], len(centres)) for c in range(3)], axis=1)
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres).astype(np.float32)
    counts = np.bincount(_nearest(values, centres), minlength=len(centres))
    return _named(_distinct(centres, counts), len(values))


def _picked(images: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    rows, columns = (min(step // 2, (side - 1) // 2) for side in images.shape[1:3])
    return images[:, rows::step, columns::step].reshape(len(images), -1, 3)


def _first_centres(values: NDArray[np.float32]) -> NDArray[np.float32]:
    cells = (values // 52).astype(np.int64) @ np.array([25, 5, 1])
    counts = np.bincount(cells, minlength=125)
    order = np.argsort(-counts, kind="stable")[: _COLOURS + 3]
    return np.stack([values[cells == cell].mean(axis=0) for cell in order if counts[cell]])


def _nearest(values: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.intp]:
    distances = np.square(values[:, None, :] - centres[None]).sum(axis=2)
    return np.asarray(distances.argmin(axis=1), np.intp)


def _distinct(centres: NDArray[np.float32], counts: NDArray[np.intp]) -> list[tuple[int, NDArray[np.float32]]]:
    """Centres with their counts, the largest first; one that is close to a larger one is counted with it."""
    kept: list[tuple[int, NDArray[np.float32]]] = []
    for index in np.argsort(-counts, kind="stable"):
        centre, count = centres[index], int(counts[index])
        near = next((k for k, (_, other) in enumerate(kept) if np.linalg.norm(other - centre) < _NEAR), None)
        if near is None:
            kept.append((count, centre))
        else:
            kept[near] = (kept[near][0] + count, kept[near][1])
    return sorted(kept, key=lambda pair: -pair[0])


def _named(colours: list[tuple[int, NDArray[np.float32]]], total: int) -> tuple[str, ...]:
    large = [centre for count, centre in colours if count >= _LEAST_SHARE * total]
    return tuple("#{:02x}{:02x}{:02x}".format(*(round(float(c)) for c in centre)) for centre in large[:_COLOURS])
