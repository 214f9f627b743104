from pathlib import Path

import pytest
from sonique_daemon.catalogue.catalogue import Catalogue, read_catalogue, shipped
from sonique_daemon.catalogue.entries import read_entries
from sonique_daemon.catalogue.places import MODELS
from sonique_daemon.domain.events import Stage
from sonique_daemon.errors import CatalogueUnreadable, ModelNotFound

WANTED = """
qwen3-vl-2b qwen3-vl-4b qwen3-vl-8b qwen2.5-vl-7b smolvlm2-2.2b smolvlm2-500m llava-onevision-0.5b
llava-onevision-7b videollama3-2b videollama3-7b mistral-7b-instruct-v0.3 qwen1.5-14b-chat qwen2.5-14b-instruct
qwen3-4b qwen3-8b qwen3-14b gemma-7b-it smollm2-135m stable-audio-3-small stable-audio-3-small-base
stable-audio-3-medium stable-audio-3-medium-base stable-audio-open-1.0 stable-audio-open-small sonique
ace-step-1.5-turbo ace-step-1.5-base musicgen-small musicgen-medium musicgen-melody
"""

ENTRY = """
[[model]]
name = "mine"
family = "llm"
stages = ["tag"]
summary = "Mine."
parameters = 10
checked = "No."
hub = "me/mine"
terms = { licence = "MIT" }
[model.memory]
bf16 = [20, 10]
[model.language]
context_tokens = 100
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "models.toml"
    monkeypatch.setenv(MODELS, str(path))
    return path


def test_every_promised_model_stands_in_the_catalogue() -> None:
    assert set(shipped().models) == set(WANTED.split())


def test_every_model_has_an_origin_a_licence_and_says_what_was_checked() -> None:
    for model in shipped():
        assert bool(model.hub) != bool(model.obtain), model.name
        assert all((model.terms.licence, model.checked)), model.name


def test_every_model_needs_at_least_the_memory_of_its_numbers() -> None:
    bytes_each = {"nf4": 0.5, "int8": 1.0, "bf16": 2.0, "fp32": 4.0}
    for model in shipped():
        for need in model.needs:
            assert need.weights_bytes >= 0.97 * bytes_each[need.quantisation] * model.parameters, model.name


def test_what_a_user_wrote_stands_beside_what_ships(own: Path) -> None:
    own.write_text(ENTRY)
    assert read_catalogue().model("mine").stages == (Stage.TAG,)
    assert read_catalogue().model("qwen3-vl-4b")


def test_an_unknown_model_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ModelNotFound, match="did you mean “qwen3-vl-4b”"):
        shipped().model("qwen3-vl-4")
    with pytest.raises(ModelNotFound, match="sonique models list"):
        shipped().model("zzz")


def test_a_name_that_is_taken_is_refused(own: Path) -> None:
    own.write_text(ENTRY.replace("mine", "qwen3-4b"))
    with pytest.raises(CatalogueUnreadable, match="Two models are called “qwen3-4b”"):
        read_catalogue()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('name = "mine"', 'name = "../mine"', "no name that will do"),
        ('summary = "Mine."', "", "summary"),
        ('summary = "Mine."', 'summary = "Mine."\nweight = 3', "unknown key “weight”"),
        ("bf16 = [20, 10]", "int3 = [20, 10]", "int3"),
        ("bf16 = [20, 10]", "bf16 = 20", "mine"),
        ("bf16 = [20, 10]", "", "nothing of its memory"),
        ("context_tokens = 100", "context = 100", "unknown key “context”"),
        ('stages = ["tag"]', 'stages = ["sing"]', "sing"),
        ('stages = ["tag"]', 'stages = ["generate"]', r"\[model.music\]"),
        ('stages = ["tag"]', "stages = []", "serves no stage"),
        ("[[model]]", "[model]", r"\[\[model\]\]"),
        ("[[model]]", "[[model", "is no TOML"),
        ("[[model]]", f"[[model]]\nterms = {'[' * 5000}{']' * 5000}", "is no TOML"),
        ("[model.memory]", "[model.memories]", "unknown key “memories”"),
        ("[model.memory]\nbf16 = [20, 10]", "memory = 3", "makes no sense"),
        ("[model.memory]\nbf16 = [20, 10]", "", "nothing of its memory"),
    ],
)
def test_an_entry_that_makes_no_sense_is_told_with_its_file(tmp_path: Path, before: str, after: str, told: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(ENTRY.replace(before, after))
    with pytest.raises(CatalogueUnreadable, match=told) as caught:
        Catalogue.of(read_entries(path))
    assert str(path) in caught.value.sentence
