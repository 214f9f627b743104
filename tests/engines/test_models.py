import os
import subprocess
import sys
from pathlib import Path

import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.catalogue.places import WEIGHTS
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.pretend import PretendTagger, pretenders
from sonique_daemon.engines.registry import Registry, everything
from sonique_daemon.errors import EngineNotFound, EngineUnavailable, WeightsMissing

from tests.weights_here import put


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    monkeypatch.setenv(WEIGHTS, str(tmp_path / "weights"))
    return Weights.here()


@pytest.fixture
def registry(weights: Weights) -> Registry:
    assert not weights.root.exists()
    return pretenders()


def test_a_model_is_offered_for_each_of_its_stages_in_each_way_of_holding_it(registry: Registry) -> None:
    names = {(each.stage, each.name) for each in registry.descriptors() if each.model == "seer"}
    ways = ("pretend:seer@nf4", "pretend:seer@bf16")
    assert names == {(stage, name) for stage in (Stage.DESCRIBE, Stage.TAG) for name in ways}


def test_without_a_quantisation_the_usual_one_is_meant(registry: Registry) -> None:
    assert registry.descriptor(Stage.TAG, "pretend:seer").name == "pretend:seer@nf4"


def test_one_model_held_in_one_way_lives_in_one_worker(registry: Registry) -> None:
    homes = {registry.descriptor(stage, "pretend:seer").worker for stage in (Stage.DESCRIBE, Stage.TAG)}
    assert homes == {"seer@nf4"}
    assert registry.descriptor(Stage.TAG, "pretend:seer@bf16").worker == "seer@bf16"


def test_an_engine_says_what_its_model_allows_and_needs(registry: Registry) -> None:
    player = registry.descriptor(Stage.GENERATE, "pretend:player@bf16")
    assert (player.model, player.terms.commercial, player.sample_rate) == ("player", "no", 48_000)
    assert player.memory_bytes > registry.descriptor(Stage.GENERATE, "pretend:player@nf4").memory_bytes


def test_absent_weights_are_told_and_refused_with_the_way_to_get_them(registry: Registry) -> None:
    assert not registry.descriptor(Stage.TAG, "pretend:seer").weights_present
    with pytest.raises(WeightsMissing, match="sonique models pull seer"):
        registry.tag_engine("pretend:seer")


def test_weights_that_come_are_noticed_and_change_the_version(registry: Registry, weights: Weights) -> None:
    before = registry.descriptor(Stage.TAG, "pretend:seer")
    put(weights, "seer")
    after = registry.descriptor(Stage.TAG, "pretend:seer")
    assert after.weights_present
    assert after.version != before.version
    put(weights, "seer", b"others\n")
    assert registry.descriptor(Stage.TAG, "pretend:seer").version != after.version


def test_an_engine_is_made_of_its_model_and_runs(registry: Registry, weights: Weights) -> None:
    put(weights, "seer")
    engine = registry.tag_engine("pretend:seer@bf16")
    assert isinstance(engine, PretendTagger)
    assert (engine.quantisation, engine.device, engine.folder.name) == (Quantisation.BF16, "auto", "seer")
    assert engine.descriptor.name == "pretend:seer@bf16"
    assert engine.run(TagRequest(Brief(bpm=90.0), None), RecordedReport()).tempo.bpm == 90.0


def test_a_library_that_is_not_installed_is_told_with_the_way_to_get_it(registry: Registry, weights: Weights) -> None:
    put(weights, "lost")
    with pytest.raises(EngineUnavailable, match=r"sonique_nowhere.*pip install 'sonique\[models\]'"):
        registry.tag_engine("absent:lost")


def test_an_unknown_model_is_told_without_a_list_of_all(registry: Registry) -> None:
    with pytest.raises(EngineNotFound, match="literal, and what `sonique models list` shows"):
        registry.tag_engine("pretend:nobody")


@pytest.mark.usefixtures("weights")
def test_the_daemon_has_the_embedded_engines_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SONIQUE_MODELS", str(tmp_path / "none.toml"))
    registry = everything()
    assert [registry.descriptor(stage, "").name for stage in (Stage.DESCRIBE, Stage.TAG, Stage.GENERATE)] == [
        "signal",
        "lexicon",
        "composer",
    ]


def test_what_models_are_is_known_without_any_library_of_theirs() -> None:
    heavy = "{'torch', 'transformers', 'diffusers', 'numpy', 'huggingface_hub'}"
    look = "from sonique_daemon.engines import models; from sonique_daemon.catalogue import catalogue, weights"
    code = f"import sys; {look}; catalogue.shipped(); print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_interpreter_of_its_own_needs_no_library_to_know_the_engines(tmp_path: Path) -> None:
    names = ("SONIQUE_WEIGHTS", "SONIQUE_MODELS", "SONIQUE_PROFILES", "SONIQUE_ENGINES", "SONIQUE_CONFIG")
    told = {**os.environ, **{name: str(tmp_path / name) for name in names}}
    code = (
        "import sys; sys.modules['platformdirs'] = None; from sonique_daemon.engines.registry import everything; "
        "print(len(everything().descriptors()))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 3
