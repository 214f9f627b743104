"""An autoencoder that attends to its neighbours works in chunks, with the same result as a whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from sonique_daemon.engines.diffusion.chunks import Chunks, chunks_of, encode_in_chunks, sparing_chunks_of
from sonique_daemon.engines.diffusion.decoding import sounding
from sonique_daemon.engines.transformers.libraries import make_ready

from bench.tiny import diffusion

_FRAMES = 300


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The autoencoder of the tiny Stable Audio 3."""
    make_ready()
    from diffusers import AutoencoderSAME

    folder: Path = tmp_path_factory.mktemp("same") / "model"
    diffusion.stable_audio_3(folder)
    return AutoencoderSAME.from_pretrained(str(folder / "vae")).eval()


@pytest.mark.parametrize("frames", [1, 127, 128, 129, 300, 4096])
def test_chunks_cover_all_once_and_are_of_one_width(frames: int) -> None:
    chunks = list(Chunks(128, 12).of(frames))
    assert [chunk.start for chunk in chunks] == [0, *(chunk.end for chunk in chunks[:-1])]
    assert chunks[-1].end == frames
    assert len({chunk.last - chunk.first for chunk in chunks}) == 1
    for chunk in chunks:
        assert chunk.first in {0, chunk.start - 12} or chunk.last == frames
        assert chunk.last == frames or chunk.last >= chunk.end + 12
        assert chunk.last - chunk.first <= 128 + 2 * 12


@pytest.mark.parametrize(("chunks_for", "count"), [(chunks_of, 3), (sparing_chunks_of, 10)])
def test_decoded_in_chunks_it_sounds_the_same(vae: Any, chunks_for: Callable[[Any], Chunks], count: int) -> None:
    latents = torch.randn((2, vae.config.latent_dim, _FRAMES), generator=torch.Generator().manual_seed(1))
    whole = sounding(vae, latents, chunks=None, check=lambda: None)
    widths: list[int] = []
    plain = vae.decode

    def decode(chunk: Any) -> Any:
        widths.append(chunk.shape[-1])
        return plain(chunk)

    vae.decode = decode
    try:
        made = sounding(vae, latents, chunks=chunks_for(vae), check=lambda: None)
    finally:
        del vae.decode
    assert len(widths) == count
    assert len(set(widths)) == 1
    assert made.shape == whole.shape
    assert float((made - whole).abs().max()) < 1e-4 * float(whole.abs().max())


def test_encoded_in_chunks_it_means_the_same(vae: Any) -> None:
    samples = _FRAMES * vae.downsampling_ratio - 77
    audio = torch.randn((2, vae.config.audio_channels, samples), generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        whole = vae.encode(audio).latents
        encode_in_chunks(vae)
        try:
            made = vae.encode(audio).latents
            assert torch.equal(vae.encode(audio, return_dict=False)[0], made)
        finally:
            del vae.encode
    assert made.shape == whole.shape
    assert float((made - whole).abs().max()) < 1e-4 * float(whole.abs().max())
