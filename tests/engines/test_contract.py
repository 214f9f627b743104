"""What every engine promises, the real ones and the fakes alike."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.picture import Picture, Shot, Source
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import (
    DescribeEngine,
    DescribeRequest,
    GenerateEngine,
    GenerateRequest,
    RecordedReport,
    TagEngine,
    TagRequest,
)
from sonique_daemon.engines.fake import LiteralTagger, MimicGenerator, ToneGenerator, UnseeingDescriber
from sonique_daemon.engines.registry import embedded
from sonique_daemon.errors import Cancelled

from bench.tiny.shelf import tiny_model

SECONDS = Fraction(6)
TAGS = Tags("cinematic", (), Tempo(80.0, 70.0, 90.0), Key(2, "aeolian"))


@pytest.fixture(params=["fake", "embedded", "model"])
def describer(request: pytest.FixtureRequest) -> DescribeEngine:
    if request.param == "model":
        from sonique_daemon.engines.transformers.vlm import VlmEngine

        return VlmEngine(tiny_model("tiny", "vlm"), request.getfixturevalue("weights"), Quantisation.FP32, "cpu")
    return UnseeingDescriber() if request.param == "fake" else embedded().describe_engine("")


@pytest.fixture(params=["fake", "embedded", "model"])
def tagger(request: pytest.FixtureRequest) -> TagEngine:
    if request.param == "model":
        from sonique_daemon.engines.transformers.llm import LlmEngine

        return LlmEngine(tiny_model("tiny", "vlm"), request.getfixturevalue("weights"), Quantisation.FP32, "cpu")
    return LiteralTagger() if request.param == "fake" else embedded().tag_engine("")


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model that sees; where its libraries are not installed, the test is skipped."""
    pytest.importorskip("torch").set_num_threads(1)
    pytest.importorskip("transformers")
    from bench.tiny.seeing import save_seeing

    return save_seeing("qwen3-vl", tmp_path_factory.mktemp("weights"))


@pytest.fixture(params=["fake", "able fake", "embedded"])
def generator(request: pytest.FixtureRequest) -> GenerateEngine:
    if request.param == "embedded":
        return embedded().generate_engine("")
    return ToneGenerator() if request.param == "fake" else MimicGenerator()


@pytest.fixture
def picture(demo_clip: Path) -> Picture:
    first, second = TimeRange(Fraction(0), Fraction(2)), TimeRange(Fraction(2), SECONDS - 2)
    source = Source(str(demo_clip), Fraction(0))
    shots = (Shot(first, "a", source), Shot(second, "b", replace(source, start=Fraction(2))))
    return Picture(Fraction(24), Fraction(0), SECONDS, shots)


@pytest.fixture
def request_for_music(tmp_path: Path) -> GenerateRequest:
    beats = tuple(index * 0.75 for index in range(13))
    tempo_map = TempoMap(SECONDS, beats, (0, 4, 8), 80.0, (Section(0, 3, 0.5),))
    return GenerateRequest(TAGS, tempo_map, int(SECONDS * 48_000), 7, tmp_path)


def test_a_description_fills_the_range_without_holes(describer: DescribeEngine, picture: Picture) -> None:
    description = describer.run(DescribeRequest(picture, detect_cuts=False), RecordedReport())
    assert description.duration == SECONDS
    assert description.shots[0].record.start == 0
    assert all(before.record.end == after.record.start for before, after in pairwise(description.shots))
    assert description.shots[-1].record.end == SECONDS


def test_every_shot_is_told_as_it_is_described(describer: DescribeEngine, picture: Picture) -> None:
    report = RecordedReport()
    description = describer.run(DescribeRequest(picture, detect_cuts=False), report)
    assert [shot for _, shot in sorted(report.shots, key=lambda told: told[0])] == list(description.shots)


@pytest.mark.parametrize("detect", [True, False])
def test_a_description_from_the_engines_own_notes_is_the_same(
    describer: DescribeEngine, picture: Picture, detect: bool
) -> None:
    first, again = RecordedReport(), RecordedReport()
    description = describer.run(DescribeRequest(picture, detect), first)
    assert describer.run(DescribeRequest(picture, detect, tuple(first.notes)), again) == description
    assert not again.notes


def test_a_users_tempo_stands(tagger: TagEngine) -> None:
    tags = tagger.run(TagRequest(Brief(bpm=91.0), None), RecordedReport())
    assert tags.tempo.bpm == 91.0
    assert tags.tempo.low <= 91.0 <= tags.tempo.high


def test_tags_are_the_same_for_the_same_wishes(tagger: TagEngine) -> None:
    request = TagRequest(Brief(prompt="warm and slow, no drums"), None)
    assert tagger.run(request, RecordedReport()) == tagger.run(request, RecordedReport())


def test_audio_has_exactly_the_samples_asked_for(generator: GenerateEngine, request_for_music: GenerateRequest) -> None:
    rendering = generator.run(request_for_music, RecordedReport())
    assert rendering.mix.samples == request_for_music.samples
    assert all(stem.samples == request_for_music.samples for _, stem in rendering.stems)


def test_stems_add_up_to_the_mix(generator: GenerateEngine, request_for_music: GenerateRequest) -> None:
    rendering = generator.run(request_for_music, RecordedReport())
    layers = [stem.whole() for _, stem in rendering.stems] or [rendering.mix.whole()]
    total = np.sum(layers, axis=0)
    assert np.abs(total - rendering.mix.whole()).max() < 1e-4


def test_stems_have_the_names_that_the_descriptor_says(
    generator: GenerateEngine, request_for_music: GenerateRequest
) -> None:
    rendering = generator.run(request_for_music, RecordedReport())
    assert bool(rendering.stems) == bool(generator.descriptor.stems)
    assert {name for name, _ in rendering.stems} <= set(generator.descriptor.stems)


def test_the_same_seed_gives_the_same_audio(generator: GenerateEngine, request_for_music: GenerateRequest) -> None:
    first = _audio(generator.run(_in(request_for_music, "a"), RecordedReport()).mix)
    again = _audio(generator.run(_in(request_for_music, "b"), RecordedReport()).mix)
    other = _audio(generator.run(replace(_in(request_for_music, "c"), seed=8), RecordedReport()).mix)
    assert first == again
    assert first != other


def test_a_cancelled_describer_stops(describer: DescribeEngine, picture: Picture) -> None:
    with pytest.raises(Cancelled):
        describer.run(DescribeRequest(picture, detect_cuts=True), RecordedReport(cancelled=True))


def test_a_cancelled_tagger_stops(tagger: TagEngine) -> None:
    with pytest.raises(Cancelled):
        tagger.run(TagRequest(Brief(), None), RecordedReport(cancelled=True))


def test_a_cancelled_generator_stops(generator: GenerateEngine, request_for_music: GenerateRequest) -> None:
    with pytest.raises(Cancelled):
        generator.run(request_for_music, RecordedReport(cancelled=True))


def test_descriptors_name_their_stage() -> None:
    registry = embedded()
    stages = [descriptor.stage for descriptor in registry.descriptors()]
    assert stages == [Stage.DESCRIBE, Stage.TAG, Stage.GENERATE]


def _in(request: GenerateRequest, name: str) -> GenerateRequest:
    folder = request.workspace / name
    folder.mkdir()
    return replace(request, workspace=folder)


def _audio(audio: RawAudio) -> bytes:
    return audio.path.read_bytes()
