import subprocess
import sys

import pytest
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.embedded import COMPOSER, DESK, LEXICON, SIGNAL, STUDIO
from sonique_daemon.engines.engine import TagEngine
from sonique_daemon.engines.fake import FAKES, LiteralTagger, fakes
from sonique_daemon.engines.registry import EMBEDDED, Offer, Registry, Shelf, embedded, registry_named
from sonique_daemon.errors import EngineNotFound


class Workshop:
    """Makes literal taggers, and counts them."""

    def __init__(self) -> None:
        self.made = 0

    def make(self) -> TagEngine:
        self.made += 1
        return LiteralTagger()


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
def registry(workshop: Workshop) -> Registry:
    fake = fakes()
    literal = Offer(fake.descriptor(Stage.TAG, ""), workshop.make)
    taggers: Shelf[TagEngine] = Shelf(Stage.TAG, {"literal": literal, "other": literal})
    return Registry(fake.describers, taggers, fake.generators)


def test_an_empty_name_is_the_profiles_engine(registry: Registry) -> None:
    assert registry.tag_engine("") is registry.tag_engine("literal")
    assert registry.descriptor(Stage.TAG, "") == registry.descriptor(Stage.TAG, "literal")


def test_an_engine_is_made_once_and_kept(registry: Registry, workshop: Workshop) -> None:
    assert registry.tag_engine("literal") is registry.tag_engine("literal")
    assert workshop.made == 1


def test_asking_what_engines_are_makes_none(registry: Registry, workshop: Workshop) -> None:
    assert [descriptor.name for descriptor in registry.descriptors()] == [
        "unseeing",
        "literal",
        "drummer",
        "mimic",
        "tone",
    ]
    assert registry.descriptor(Stage.TAG, "other").name == "literal"
    assert workshop.made == 0


def test_an_unknown_engine_is_told_with_the_choices(registry: Registry) -> None:
    with pytest.raises(EngineNotFound, match="literal, other"):
        registry.tag_engine("oracle")
    with pytest.raises(EngineNotFound, match="literal, other"):
        registry.descriptor(Stage.TAG, "oracle")


def test_a_stage_without_engines_is_told(registry: Registry) -> None:
    with pytest.raises(EngineNotFound, match="deliver"):
        registry.descriptor(Stage.DELIVER, "tone")


@pytest.mark.parametrize(("source", "first"), [(FAKES, "unseeing"), (EMBEDDED, "signal")])
def test_a_registry_is_found_by_its_name(source: str, first: str) -> None:
    assert registry_named(source).descriptor(Stage.DESCRIBE, "").name == first


def test_the_embedded_engines_are_what_they_say_before_they_are_made() -> None:
    registry = embedded()
    assert registry.descriptors() == (SIGNAL, LEXICON, COMPOSER)
    made = (registry.describe_engine(""), registry.tag_engine(""), registry.generate_engine(""))
    assert tuple(engine.descriptor for engine in made) == registry.descriptors()


def test_the_embedded_engines_share_two_workers() -> None:
    assert [each.worker for each in embedded().descriptors()] == [DESK, STUDIO, STUDIO]


def test_what_engines_are_is_known_without_the_libraries_that_they_need() -> None:
    heavy = "{'numpy', 'scipy', 'av', 'opentimelineio', 'pedalboard', 'mido'}"
    look = "registry.embedded().descriptors(); from sonique_daemon.engines.lexicon import vocabulary"
    code = (
        f"import sys; from sonique_daemon.engines import registry; {look}; print(sorted({heavy} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
