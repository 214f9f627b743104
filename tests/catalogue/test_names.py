import pytest
from sonique_daemon.catalogue.catalogue import shipped
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.catalogue.names import ENGINE, MODEL, EngineName


@pytest.mark.parametrize("name", ["composer", "vlm:qwen3-vl-4b", "vlm:qwen3-vl-4b@nf4", "llm:my.model-1@fp32"])
def test_an_engine_is_named_plainly_or_by_family_model_and_quantisation(name: str) -> None:
    assert ENGINE.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["", "vlm:", ":a", "vlm:a@", "vlm:a@int4", "vlm:../a", "vlm:a/b", "Vlm:a", "vlm:a\n", "vlm:a b", "vlm:.a"]
)
def test_what_could_name_another_file_is_no_engine(name: str) -> None:
    assert ENGINE.fullmatch(name) is None


def test_every_shipped_model_has_a_name_that_can_be_asked_for_and_is_a_folder() -> None:
    for model in shipped():
        assert MODEL.fullmatch(model.name)
        for need in model.needs:
            assert ENGINE.fullmatch(str(EngineName.of(model, need.quantisation)))


def test_one_model_held_in_one_way_is_one_worker_whatever_asks_for_it() -> None:
    model = shipped().model("qwen3-vl-4b")
    assert EngineName.of(model).home == "qwen3-vl-4b@nf4"
    assert str(EngineName.of(model, Quantisation.BF16)) == "vlm:qwen3-vl-4b@bf16"
