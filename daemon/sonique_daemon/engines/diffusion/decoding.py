"""Decoding: latents become audio, whole or in pieces, which take less memory and can be stopped between."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.audio import Block
from sonique_daemon.engines.diffusion.pieces import Piece, Pieces


def decoded(vae: Any, latents: Any, *, pieces: Pieces | None, check: Callable[[], None]) -> list[Block]:
    """Audio ``[channels, n]`` of each of ``latents`` ``[batch, dim, frames]``, quieter where it exceeds full scale.

    Args:
        vae: an autoencoder of diffusers.
        latents: what it decodes.
        pieces: in which it is decoded, one by one; None for all of it at once.
        check: called before each piece; what it raises ends the decoding.
    """
    audio = sounding(vae, latents, pieces=pieces, check=check)
    peaks = np.maximum(np.abs(audio).max(axis=(1, 2), keepdims=True), 1.0)
    return list(np.asarray(audio / peaks, np.float32))


def sounding(vae: Any, latents: Any, *, pieces: Pieces | None, check: Callable[[], None]) -> NDArray[np.float32]:
    """Audio ``[batch, channels, n]`` of ``latents`` as loud as it is; see ``decoded``."""
    import torch

    frames = latents.shape[-1]
    parts = []
    with torch.inference_mode():
        for piece in (pieces or Pieces(frames, 0)).of(frames):
            check()
            parts.append(_decoded(vae, latents, piece))
    return np.asarray(np.concatenate(parts, axis=-1), np.float32)


def _decoded(vae: Any, latents: Any, piece: Piece) -> Any:
    """A piece, decoded among its neighbours."""
    chunk = latents[..., piece.first : piece.last].to(vae.dtype)
    audio = vae.decode(chunk).sample
    ratio = audio.shape[-1] // chunk.shape[-1]
    made = audio[..., (piece.start - piece.first) * ratio : (piece.end - piece.first) * ratio]
    return made.float().cpu().numpy()
