"""Decoding: latents become audio, whole or in pieces, which take less memory and can be stopped between."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.audio import Block

PIECE_LATENTS = 256
_MARGIN_LATENTS = 32
"""What a piece hears of its neighbours; autoencoders look less far."""


def decoded(vae: Any, latents: Any, *, in_pieces: bool, check: Callable[[], None]) -> list[Block]:
    """Audio ``[channels, n]`` of each of ``latents`` ``[batch, dim, frames]``, quieter where it exceeds full scale.

    Args:
        vae: an autoencoder of diffusers.
        latents: what it decodes.
        in_pieces: whether pieces of ``PIECE_LATENTS`` are decoded one by one.
        check: called before each piece; what it raises ends the decoding.
    """
    audio = sounding(vae, latents, in_pieces=in_pieces, check=check)
    peaks = np.maximum(np.abs(audio).max(axis=(1, 2), keepdims=True), 1.0)
    return list(np.asarray(audio / peaks, np.float32))


def sounding(vae: Any, latents: Any, *, in_pieces: bool, check: Callable[[], None]) -> NDArray[np.float32]:
    """Audio ``[batch, channels, n]`` of ``latents`` as loud as it is; see ``decoded``."""
    import torch

    frames = latents.shape[-1]
    size = PIECE_LATENTS if in_pieces else frames
    parts = []
    with torch.inference_mode():
        for start in range(0, frames, size):
            check()
            parts.append(_piece(vae, latents, start, min(start + size, frames)))
    return np.asarray(np.concatenate(parts, axis=-1), np.float32)


def _piece(vae: Any, latents: Any, start: int, end: int) -> Any:
    """Frames ``start`` to ``end``, decoded among their neighbours."""
    before = min(start, _MARGIN_LATENTS)
    chunk = latents[..., start - before : end + _MARGIN_LATENTS].to(vae.dtype)
    audio = vae.decode(chunk).sample
    ratio = audio.shape[-1] // chunk.shape[-1]
    return audio[..., before * ratio : (before + end - start) * ratio].float().cpu().numpy()
