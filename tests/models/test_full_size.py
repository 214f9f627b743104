"""The catalogue's language models at full size, built without memory: their parameters and the memory planned for."""

import pytest
from sonique_daemon.catalogue.catalogue import shipped
from sonique_daemon.catalogue.model import Model, Quantisation

from bench.full.language import LANGUAGE, outline, parameters, quantised

MODELS = [model for model in shipped() if model.language is not None]
NF4_BYTES = 0.5 + 1 / 64 + 4 / 64 / 256
"""Of one number: its half byte, an eight-bit scale for each block of 64, and a float for each 256 of the scales."""
BYTES = {Quantisation.NF4: NF4_BYTES, Quantisation.INT8: 1.0, Quantisation.BF16: 2.0, Quantisation.FP32: 4.0}


def test_every_language_model_of_the_catalogue_is_built() -> None:
    assert {model.name for model in MODELS} == set(LANGUAGE)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_parameters_and_planned_memory_are_those_of_the_network(model: Model) -> None:
    network = outline(model.name)
    assert {weights.device.type for weights in network.parameters()} == {"meta"}
    total, packed = parameters(network), quantised(network)
    assert total == pytest.approx(model.parameters, rel=0.002)
    for need in model.needs:
        whole = BYTES[need.quantisation] if need.quantisation in {Quantisation.BF16, Quantisation.FP32} else 2.0
        expected = packed * BYTES[need.quantisation] + (total - packed) * whole
        assert 0.97 * expected <= need.weights_bytes <= 1.05 * expected, need
