import pytest
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.fake import LiteralTagger, ToneGenerator, UnseeingDescriber
from sonique_daemon.engines.registry import Registry, Shelf
from sonique_daemon.errors import EngineNotFound


@pytest.fixture
def registry() -> Registry:
    return Registry(
        Shelf(Stage.DESCRIBE, {"unseeing": UnseeingDescriber}),
        Shelf(Stage.TAG, {"literal": LiteralTagger, "other": LiteralTagger}),
        Shelf(Stage.GENERATE, {"tone": ToneGenerator}),
    )


def test_an_empty_name_is_the_profiles_engine(registry: Registry) -> None:
    assert registry.tag_engine("") is registry.tag_engine("literal")


def test_an_engine_is_made_once_and_kept(registry: Registry) -> None:
    assert not registry.loaded(Stage.GENERATE, "tone")
    assert registry.generate_engine("tone") is registry.generate_engine("tone")
    assert registry.loaded(Stage.GENERATE, "tone")


def test_an_engine_that_is_let_go_is_made_anew(registry: Registry) -> None:
    first = registry.generate_engine("tone")
    registry.unload(Stage.GENERATE, "tone")
    assert not registry.loaded(Stage.GENERATE, "tone")
    assert registry.generate_engine("tone") is not first


def test_an_unknown_engine_is_told_with_the_choices(registry: Registry) -> None:
    with pytest.raises(EngineNotFound, match="literal, other"):
        registry.tag_engine("oracle")


def test_a_stage_without_engines_is_told(registry: Registry) -> None:
    with pytest.raises(EngineNotFound, match="deliver"):
        registry.load(Stage.DELIVER, "tone")
