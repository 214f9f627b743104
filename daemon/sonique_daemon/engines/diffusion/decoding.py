"""Decoding: latents become audio, whole or in chunks, which take less memory and can be stopped between."""

from collections.abc import Callable
from typing import Any

from sonique_daemon.domain.audio import Block
from sonique_daemon.engines.diffusion.chunks import Chunk, Chunks


def decoded(vae: Any, latents: Any, *, chunks: Chunks | None, check: Callable[[], None]) -> list[Block]:
    """Audio ``[channels, n]`` of each of ``latents`` ``[batch, dim, frames]``, quieter where it exceeds full scale.

    Args:
        vae: an autoencoder of diffusers.
        latents: what it decodes.
        chunks: in which it is decoded, one by one; None for all of it at once.
        check: called before each chunk; what it raises ends the decoding.
    """
    import torch

    with torch.inference_mode():
        audio = sounding(vae, latents, chunks=chunks, check=check)
        audio /= audio.abs().amax(dim=(1, 2), keepdim=True).clamp_min(1.0)
        return list(audio.cpu().numpy())


def sounding(vae: Any, latents: Any, *, chunks: Chunks | None, check: Callable[[], None]) -> Any:
    """Audio ``[batch, channels, n]`` of ``latents`` as loud as it is, float32, where they are; see ``decoded``."""
    import torch

    frames = latents.shape[-1]
    parts = []
    with torch.inference_mode():
        for chunk in (chunks or Chunks(frames, 0)).of(frames):
            check()
            parts.append(_decoded(vae, latents, chunk))
        return torch.cat(parts, dim=-1)


def _decoded(vae: Any, latents: Any, chunk: Chunk) -> Any:
    """A chunk, decoded among its neighbours."""
    given = latents[..., chunk.first : chunk.last].to(vae.dtype)
    audio = vae.decode(given).sample
    ratio = audio.shape[-1] // given.shape[-1]
    return audio[..., (chunk.start - chunk.first) * ratio : (chunk.end - chunk.first) * ratio].float()
