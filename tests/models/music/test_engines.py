"""What every music model of the daemon's own libraries does, each on tiny random weights of its real classes."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.audio import RawAudioWriter
from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.domain.tags import Tag, TagKind, Tags
from sonique_daemon.engines.diffusion.base import PipelinePlayer
from sonique_daemon.engines.diffusion.engine import IN_TURN
from sonique_daemon.engines.engine import GenerateRequest, InitAudio, RecordedReport
from sonique_daemon.engines.families import FAMILIES
from sonique_daemon.engines.music.engine import MusicEngine
from sonique_daemon.engines.music.player import Piece
from sonique_daemon.engines.music.prompts import Fields, Prompt
from sonique_daemon.engines.stableaudio import shims
from sonique_daemon.engines.stableaudio.player import StableAudioPlayer
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.errors import Cancelled

from bench.tiny.stableaudio import save_clap

torch.set_num_threads(1)

Ask = Callable[..., GenerateRequest]
Audio = NDArray[np.float32]

NAMES = (
    "tiny-sa3",
    "tiny-sa3-base",
    "tiny-sao",
    "tiny-ace",
    "tiny-musicgen",
    "tiny-musicgen-melody",
)
_made: dict[tuple[str, str], MusicEngine] = {}


def built(home: Any, name: str, device: str = "cpu") -> MusicEngine:
    """The engine of that model in this very process, loaded once for all tests."""
    model = home.catalogue.model(name)
    if (name, device) not in _made:
        from importlib import import_module

        module, _, kind = FAMILIES[model.family].makers["generate"].partition(":")  # type: ignore[index]
        make = getattr(import_module(module), kind)
        _made[name, device] = make(model, home.weights.require(model), Quantisation.FP32, device)
    return _made[name, device]


@pytest.fixture(params=NAMES)
def engine(request: pytest.FixtureRequest, home: Any) -> MusicEngine:
    return built(home, request.param)


def audio(engine: MusicEngine, request: GenerateRequest, report: RecordedReport | None = None) -> Audio:
    return engine.run(request, report or RecordedReport()).mix.whole()


def with_tags(request: GenerateRequest, *tags: Tag) -> GenerateRequest:
    return replace(request, tags=replace(request.tags, tags=tags))


def test_audio_has_the_length_that_is_asked_for_and_each_step_is_told(engine: MusicEngine, ask: Ask) -> None:
    report = RecordedReport()
    rendering = engine.run(ask(2), report)
    assert (rendering.mix.samples, rendering.mix.channels) == (2 * 48_000, 2)
    assert np.abs(rendering.mix.whole()).max() > 0.005
    done = [step for step, _, _ in report.steps]
    (total,) = {total for _, total, _ in report.steps}
    assert engine.facts.steps in {total, 0}
    assert sorted({round(step) for step in done}) == list(range(int(total) + 1))
    assert {unit for _, _, unit in report.steps} == {"steps"}


def test_more_than_a_window_is_made_of_several(engine: MusicEngine, ask: Ask) -> None:
    report = RecordedReport()
    made = audio(engine, ask(13), report)
    assert made.shape == (2, 13 * 48_000)
    assert report.steps[-1][0] == report.steps[-1][1]
    seconds = np.square(made.reshape(2, 13, -1)).mean(axis=(0, 2))
    assert seconds.min() > 0.0


def test_who_enters_later_changes_what_is_made_from_there_on(engine: MusicEngine, ask: Ask) -> None:
    tags = (Tag(TagKind.INSTRUMENT, "piano"), Tag(TagKind.INSTRUMENT, "drums"))
    whole, later = (
        audio(engine, with_tags(ask(12), *tags, Tag(TagKind.FORM, f"drums from {share} %"))) for share in (50, 0)
    )
    assert whole.shape == later.shape == (2, 12 * 48_000)
    assert np.abs(whole - later)[:, : 4 * 48_000].max() > 1e-6
    assert np.abs(whole).max() > 0.005


def test_one_seed_repeats_and_another_differs(engine: MusicEngine, ask: Ask) -> None:
    first, again, other = (audio(engine, ask(2, seed=seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-5


def test_a_take_of_a_batch_is_that_seed_alone_but_for_rounding(engine: MusicEngine, ask: Ask) -> None:
    together = engine.run_batch([ask(2, seed=seed) for seed in (5, 6)], RecordedReport())
    for seed, rendering in zip((5, 6), together, strict=True):
        alone = audio(engine, ask(2, seed=seed))
        assert np.abs(rendering.mix.whole() - alone).max() < 1e-4


def test_the_prompt_changes_what_is_made(engine: MusicEngine, ask: Ask) -> None:
    one = audio(engine, with_tags(ask(2), Tag(TagKind.GENRE, "jazz")))
    other = audio(engine, with_tags(ask(2), Tag(TagKind.GENRE, "techno"), Tag(TagKind.MOOD, "dark")))
    assert np.abs(one - other).max() > 1e-7


def test_a_negative_prompt_changes_what_is_made_or_is_told_to_be_ignored(engine: MusicEngine, ask: Ask) -> None:
    report, genre = RecordedReport(), Tag(TagKind.GENRE, "jazz")
    without = audio(engine, with_tags(ask(2), genre))
    banned = audio(engine, with_tags(ask(2), genre, Tag(TagKind.NEGATIVE, "drums")), report)
    if engine.facts.negatives:
        assert np.abs(without - banned).max() > 1e-7
        assert not report.warnings
    else:
        np.testing.assert_array_equal(without, banned)
        assert "does not heed what must not be there" in report.warnings[0]


class Impatient(RecordedReport):
    """Cancels after the first step."""

    def progress(self, done: float, total: float, unit: str) -> None:
        super().progress(done, total, unit)
        self.cancelled = done >= 1


def test_it_stops_within_a_step_and_works_again(engine: MusicEngine, ask: Ask) -> None:
    report = Impatient()
    with pytest.raises(Cancelled):
        engine.run(ask(2), report)
    assert report.steps[-1][0] < report.steps[-1][1]
    assert audio(engine, ask(2)).shape == (2, 2 * 48_000)


def test_a_melody_changes_what_is_made(engine: MusicEngine, ask: Ask) -> None:
    if not engine.facts.melody:
        pytest.skip("It takes none.")
    request = ask(2)
    times = np.arange(2 * 48_000) / 48_000
    with RawAudioWriter(request.workspace / "melody.raw", 2) as writer:
        writer.write(np.stack([0.3 * np.sin(2 * np.pi * 440 * times)] * 2).astype(np.float32))
    from_it = audio(engine, replace(request, init=InitAudio(writer.result, 0.3)))
    assert np.abs(from_it - audio(engine, ask(2))).max() > 1e-7


def test_spans_are_made_anew_and_the_rest_stays(engine: MusicEngine, ask: Ask) -> None:
    if not engine.facts.inpainting:
        pytest.skip("It makes none.")
    before = engine.run(ask(4), RecordedReport()).mix
    spans = ((1.0, 1.5), (2.0, 3.0))
    made = audio(engine, ask(4, seed=9, init=InitAudio(before, 1.0), inpaint=spans))
    changed = np.flatnonzero((made != before.whole()).any(axis=0)) / 48_000
    assert {int(second * 2) for second in changed} == {2, 4, 5}


@pytest.mark.parametrize("option", [Option.STEPS, Option.GUIDANCE, Option.SIGMA_MAX])
def test_options_that_it_heeds_change_what_is_made(engine: MusicEngine, ask: Ask, option: Option) -> None:
    if option not in engine.descriptor.options or not _applies(engine, option):
        pytest.skip("It does not heed it.")
    options = {
        Option.STEPS: EngineOptions(steps=6),
        Option.GUIDANCE: EngineOptions(guidance=9.0),
        Option.SIGMA_MAX: EngineOptions(sigma_max=5.0),
    }
    report = RecordedReport()
    changed = audio(engine, ask(2, options=options[option]), report)
    assert np.abs(changed - audio(engine, ask(2))).max() > 1e-7
    if option is Option.STEPS:
        assert report.steps[-1][1] == 6


def _applies(engine: MusicEngine, option: Option) -> bool:
    """What a family heeds need not hold for each of its models: the distilled are not guided."""
    if option is Option.GUIDANCE:
        return engine.facts.guidance > 1.0
    return option is not Option.SIGMA_MAX or engine.model.name == "tiny-sao"


OTHERS = {
    Option.STEPS: EngineOptions(steps=2),
    Option.GUIDANCE: EngineOptions(guidance=2.5),
    Option.GUIDANCE_RESCALE: EngineOptions(guidance_rescale=0.9),
    Option.SIGMA_MIN: EngineOptions(sigma_min=0.5),
    Option.SIGMA_MAX: EngineOptions(sigma_max=20.0),
}


def test_an_option_changes_what_is_made_or_is_told_to_play_no_part(engine: MusicEngine, ask: Ask) -> None:
    plain = audio(engine, ask(2))
    for option in engine.descriptor.options:
        report = RecordedReport()
        same = np.abs(audio(engine, ask(2, options=OTHERS[option]), report) - plain).max() < 1e-7
        told = any("plays no part" in warning for warning in report.warnings)
        assert same == told, option


def test_several_spans_are_told_as_one_work_and_hear_each_other_without_gradients(
    home: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = built(home, "tiny-ace")
    workspace = ask(1).workspace
    with RawAudioWriter(workspace / "given.raw", 2) as writer:
        writer.write(np.random.default_rng(0).normal(0.0, 0.1, (2, 4 * 48_000)).astype(np.float32))
    given = InitAudio(writer.result, 1.0)
    vae = engine._ready(RecordedReport()).pipeline.vae  # type: ignore[attr-defined]
    plain, graphs = vae.decode, []

    def decode(latents: Any) -> Any:
        made = plain(latents)
        graphs.append(made.sample.requires_grad)
        return made

    monkeypatch.setattr(vae, "decode", decode)
    report = RecordedReport()
    audio(engine, ask(4, init=given, inpaint=((0.5, 1.5), (2.5, 3.5))), report)
    assert graphs == [False, False]
    shares = [done / total for done, total, _ in report.steps]
    assert shares == sorted(shares)


@pytest.mark.parametrize("name", ["tiny-sa3", "tiny-ace"])
def test_what_is_made_anew_reaches_to_its_end_though_that_lies_within_a_latent(
    home: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import AceStepPipeline, StableAudio3InpaintPipeline

    masks: list[Any] = []
    plain_sa3, plain_ace = StableAudio3InpaintPipeline._build_local_add_cond, AceStepPipeline._build_chunk_mask

    def conditioned(self: Any, latents: Any, mask: Any, length: int) -> Any:
        masks.append(1 - mask[0, 0])
        return plain_sa3(self, latents, mask, length)

    def masked(self: Any, *given: Any, **named: Any) -> Any:
        masks.append(plain_ace(self, *given, **named)[0, :, 0])
        return plain_ace(self, *given, **named)

    monkeypatch.setattr(StableAudio3InpaintPipeline, "_build_local_add_cond", conditioned)
    monkeypatch.setattr(AceStepPipeline, "_build_chunk_mask", masked)
    player = built(home, name)._ready(RecordedReport())
    seconds = 2.987
    init = np.zeros((2, round(seconds * player.sample_rate)), np.float32)
    prompt = Prompt("calm", Fields(90, "D minor", 4))
    piece = Piece(prompt, "", seconds, 0.0, seconds, 1, init, spans=((1.0, seconds),))
    (block,) = player.play([piece], EngineOptions(), lambda _done, _total: None)
    (mask,) = masks
    assert block.shape[1] >= init.shape[1]
    assert mask[-1] == 1
    assert mask[0] == 0


def test_what_is_kept_off_a_card_comes_back_to_that_card() -> None:
    asked: list[dict[str, Any]] = []
    pipeline = SimpleNamespace(
        transformer=None,
        vae=SimpleNamespace(config=None),
        device=torch.device("cuda:1"),
        enable_model_cpu_offload=lambda **named: asked.append(named),
    )
    PipelinePlayer(pipeline, cast("Any", None)).spare(IN_TURN)
    assert asked == [{"device": torch.device("cuda:1")}]


def test_little_memory_changes_nothing_but_rounding(engine: MusicEngine, ask: Ask) -> None:
    plenty = audio(engine, ask(2))
    engine.spare(len(FAMILIES[engine.model.family].savings))
    try:
        spared = audio(engine, ask(2))
    finally:
        engine.spare(0)
    assert np.abs(spared - plenty).max() < 1e-4


def test_tags_that_the_text_encoder_cannot_hold_are_left_out_and_told(home: Any, ask: Ask) -> None:
    engine = built(home, "tiny-sa3")
    many = tuple(Tag(TagKind.INSTRUMENT, f"instrument number {index}") for index in range(20))
    report = RecordedReport()
    tags: Tags = replace(ask(2).tags, tags=many)
    audio(engine, ask(2, tags=tags), report)
    assert "reads 300 tokens at the most; “instrument number 19”" in report.warnings[0]


def test_a_prompt_that_clap_would_cut_is_counted_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_ready()
    save_clap(tmp_path, vocab_size=1000, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    monkeypatch.delitem(sys.modules, "laion_clap", raising=False)
    shims.install_clap(tmp_path)
    clap = sys.modules["laion_clap"].CLAP_Module()
    conditioner = SimpleNamespace(conditioners={"seconds_total": object(), "prompt": SimpleNamespace(model=clap)})
    player = StableAudioPlayer(SimpleNamespace(conditioner=conditioner), cast("Any", None), "cpu")
    long = Prompt("piano " * 100, Fields(90, "D minor", 4))
    assert clap.tokenizer(long.text)["input_ids"].shape == (1, 77)
    assert player.tokens(long) > 100
    monkeypatch.delitem(sys.modules, "laion_clap")
