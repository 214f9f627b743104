"""Chunks: an autoencoder works on a few seconds at a time, each with as much beside it as it listens to.

Stable Audio 3's autoencoder (SAME) attends to one latent on each side in every layer, so that what lies further away
than it has layers changes nothing. The library makes it attend to everything and masks the rest, for which time and
memory grow with the square of the length: 380 s want 38 GB for a mask. Chunks give the same numbers but for rounding,
in a time that grows with the length.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

_ATTENDING_LATENTS = 128
"""Of a chunk of what attends: shorter ones listen to their neighbours for too much of their time."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """How long chunks are.

    Attributes:
        latents: that one chunk makes at the most.
        margin: latents on each side that it listens to besides.
    """

    latents: int
    margin: int

    def of(self, frames: int) -> Iterator["Chunk"]:
        """The chunks of ``frames`` latents: as even as may be, and all of one width, as compiled networks like them."""
        size = -(-frames // -(-frames // self.latents))
        width = min(frames, size + 2 * self.margin)
        for start in range(0, frames, size):
            first = max(0, min(start - self.margin, frames - width))
            yield Chunk(start, min(start + size, frames), first, first + width)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk, in latents.

    Attributes:
        start: where what it makes begins.
        end: where that ends.
        first: where what it listens to begins.
        last: where that ends.
    """

    start: int
    end: int
    first: int
    last: int


SPARING = Chunks(256, 32)
"""For autoencoders of convolutions, where memory is short; they listen less far than that."""

_SPARING_LATENTS = 32
"""Of a chunk of what attends, where memory is short."""


def chunks_of(vae: Any) -> Chunks | None:
    """The chunks in which ``vae``, of diffusers, works exactly and sooner; None for one that does so as a whole."""
    window = getattr(vae.config, "sliding_window", None)
    if window is None:
        return None
    return Chunks(_ATTENDING_LATENTS, int(window) * sum(vae.config.encoder_transformer_depths))


def sparing_chunks_of(vae: Any) -> Chunks:
    """The chunks in which ``vae`` takes less memory than in those of ``chunks_of``, and more time."""
    chunks = chunks_of(vae)
    return SPARING if chunks is None else replace(chunks, latents=_SPARING_LATENTS)


def encode_in_chunks(vae: Any) -> None:
    """Has ``vae`` encode in chunks from now on, where it works exactly so; its pipelines call it as before."""
    chunks = chunks_of(vae)
    if chunks is not None:
        vae.encode = _encoding(vae.encode, chunks, int(vae.downsampling_ratio))


def _encoding(plain: Callable[..., Any], chunks: Chunks, ratio: int) -> Callable[..., Any]:
    import torch
    from diffusers.models.autoencoders.autoencoder_same import AutoencoderSAMEOutput

    def encode(sample: Any, return_dict: bool = True) -> Any:
        frames = -(-sample.shape[-1] // ratio)
        padded = torch.nn.functional.pad(sample, (0, frames * ratio - sample.shape[-1]))
        parts = []
        for chunk in chunks.of(frames):
            (made,) = plain(padded[..., chunk.first * ratio : chunk.last * ratio], return_dict=False)
            parts.append(made[..., chunk.start - chunk.first : chunk.end - chunk.first])
        latents = torch.cat(parts, dim=-1)
        return AutoencoderSAMEOutput(latents=latents) if return_dict else (latents,)

    return encode
