"""The catalogue's music models at full size, built without memory: their numbers and the memory planned for them.

Configurations are data of the benchmark (``bench/full/music.json``), which measures the same on a card. Models whose
configuration is not known here are named, and their entries say in ``checked`` where their numbers come from.
"""

import pytest
from sonique_daemon.catalogue.catalogue import shipped
from sonique_daemon.catalogue.model import Quantisation

from bench.full.music import MUSIC, musicgen_outline, outline, pipeline_of

pytestmark = pytest.mark.usefixtures("ready")
UNKNOWN = {"stable-audio-3-small", "stable-audio-3-small-base", "stable-audio-open-small", "sonique"}
BYTES = {Quantisation.BF16: 2, Quantisation.FP32: 4}


def counted(network: object) -> int:
    """How many numbers it holds on the device that holds nothing."""
    parameters = list(network.parameters())  # type: ignore[attr-defined]
    assert {weights.device.type for weights in parameters} == {"meta"}
    return sum(weights.numel() for weights in parameters)


def test_every_music_model_of_the_catalogue_is_counted_or_named_as_unknown() -> None:
    assert set(MUSIC) | UNKNOWN == {model.name for model in shipped() if model.music is not None}
    assert not set(MUSIC) & UNKNOWN


@pytest.mark.parametrize("name", MUSIC)
def test_parameters_and_planned_memory_are_those_of_the_parts(name: str) -> None:
    numbers, model = sum(counted(outline(part)) for part in MUSIC[name]), shipped().model(name)
    assert model.parameters == pytest.approx(numbers, rel=0.002)
    for need in model.needs:
        assert need.weights_bytes == pytest.approx(numbers * BYTES[need.quantisation], rel=0.03), need


@pytest.mark.parametrize("name", [name for name in MUSIC if not name.startswith("musicgen")])
def test_the_parts_make_a_pipeline_that_the_engine_plays(name: str) -> None:
    from sonique_daemon.engines.diffusion.engine import player_of

    facts = shipped().model(name).music
    assert facts is not None
    player = player_of(pipeline_of(name, {part["role"]: outline(part) for part in MUSIC[name]}), facts)
    assert (player.sample_rate, player.channels) == (facts.sample_rate, facts.channels)


@pytest.mark.parametrize("name", [name for name in MUSIC if name.startswith("musicgen")])
def test_the_parts_make_a_musicgen(name: str) -> None:
    parts = sum(counted(outline(part)) for part in MUSIC[name])
    assert counted(musicgen_outline(name)) == pytest.approx(parts, rel=0.002)
