"""What every music engine does, whatever plays behind it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.catalogue.model import Model, MusicFacts, Need, Quantisation
from sonique_daemon.domain.audio import Block, RawAudio, RawAudioWriter
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.options import EngineOptions
from sonique_daemon.domain.tags import Key, Tag, TagKind, Tags, Tempo
from sonique_daemon.domain.terms import Terms
from sonique_daemon.engines.engine import Batching, GenerateRequest, InitAudio, RecordedReport
from sonique_daemon.engines.music.engine import MusicEngine
from sonique_daemon.engines.music.fake_player import FakePlayer
from sonique_daemon.engines.music.player import OnStep, Piece, Player
from sonique_daemon.errors import Cancelled, EngineFailed, OutOfMemory
from sonique_daemon.sync.plan import plan

FACTS = MusicFacts(
    window_seconds=10.0,
    sample_rate=44_100,
    channels=2,
    steps=6,
    prompt_form="sonique",
    text_tokens=50,
    guidance=3.0,
    negatives=True,
    melody=True,
    inpainting=True,
    variable_length=True,
    batch=4,
)
TAGS = Tags(
    "ambient",
    (Tag(TagKind.MOOD, "calm"), Tag(TagKind.INSTRUMENT, "piano"), Tag(TagKind.NEGATIVE, "drums")),
    Tempo(90.0, 85.0, 95.0),
    Key(2, "aeolian"),
)
Ask = Callable[..., GenerateRequest]


class FakeEngine(MusicEngine):
    """Runs the fake player."""

    def __init__(self, facts: MusicFacts = FACTS, player: FakePlayer | None = None) -> None:
        model = Model(
            name="fake",
            family="diffusers",
            stages=(Stage.GENERATE,),
            summary="Plays chords.",
            terms=Terms("MIT"),
            parameters=1,
            needs=(Need(Quantisation.FP32, 1, 1),),
            checked="It is none.",
            music=facts,
        )
        super().__init__(model, Path(), Quantisation.FP32, "cpu")
        self.player = player or FakePlayer()

    def opened(self) -> Player:
        return self.player


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    count = iter(range(100))

    def make(seconds: int = 4, **changes: object) -> GenerateRequest:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        grid = plan(TAGS, Fraction(seconds), None, 3)
        request = GenerateRequest(TAGS, grid, seconds * 48_000, 7, folder)
        return replace(request, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture
def recording(tmp_path: Path) -> RawAudio:
    times = np.arange(30 * 48_000) / 48_000
    tone = (0.1 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
    with RawAudioWriter(tmp_path / "init.raw", 2) as writer:
        writer.write(np.stack((tone, tone)))
    return writer.result


def made(engine: MusicEngine, request: GenerateRequest) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return engine.run(request, RecordedReport()).mix.whole()


@pytest.mark.parametrize("seconds", [2, 4, 10, 11, 37])
@pytest.mark.parametrize("player", [FakePlayer(), FakePlayer(32_000, 1), FakePlayer(48_000)])
def test_any_length_is_made_to_the_sample_in_stereo_at_48_khz(ask: Ask, seconds: int, player: FakePlayer) -> None:
    rendering = FakeEngine(player=player).run(ask(seconds), RecordedReport())
    assert (rendering.mix.samples, rendering.mix.channels) == (seconds * 48_000, 2)
    assert rendering.mix.whole().shape == (2, seconds * 48_000)


def test_a_batch_is_each_take_by_itself(ask: Ask) -> None:
    engine = FakeEngine()
    assert isinstance(engine, Batching)
    together = engine.run_batch([ask(23, seed=seed) for seed in (1, 2, 3)], RecordedReport())
    for seed, rendering in zip((1, 2, 3), together, strict=True):
        np.testing.assert_array_equal(rendering.mix.whole(), made(FakeEngine(), ask(23, seed=seed)))


def test_a_batch_is_one_call_for_each_window(ask: Ask) -> None:
    engine = FakeEngine()
    engine.run_batch([ask(23, seed=seed) for seed in (1, 2, 3)], RecordedReport())
    assert {len(pieces) for pieces in engine.player.asked} == {3}


@pytest.mark.parametrize("seconds", [4, 23])
def test_takes_that_differ_in_tempo_are_in_a_batch_what_they_are_alone(ask: Ask, seconds: int) -> None:
    tempi = (70.0, 90.0, 90.0)
    grids = [plan(replace(TAGS, tempo=Tempo(bpm, bpm - 1, bpm + 1)), Fraction(seconds), None, 3) for bpm in tempi]
    engine = FakeEngine(replace(FACTS, inpainting=False))
    asked = [ask(seconds, seed=seed, tempo_map=grid) for seed, grid in enumerate(grids)]
    together = engine.run_batch(asked, RecordedReport())
    assert {len(pieces) for pieces in engine.player.asked} == {1, 2}
    for seed, (grid, rendering) in enumerate(zip(grids, together, strict=True)):
        alone = made(FakeEngine(replace(FACTS, inpainting=False)), ask(seconds, seed=seed, tempo_map=grid))
        np.testing.assert_array_equal(rendering.mix.whole(), alone)


def test_what_ran_out_of_memory_can_be_asked_again_in_the_same_workspace(ask: Ask) -> None:
    class Starved(FakePlayer):
        def play(self, pieces: Sequence[Piece], options: EngineOptions, on_step: OnStep) -> list[Block]:
            if not self.spared:
                raise OutOfMemory("There is too little memory; take a shorter range.")
            return super().play(pieces, options, on_step)

    engine, request = FakeEngine(player=Starved()), ask()
    with pytest.raises(OutOfMemory):
        engine.run(request, RecordedReport())
    engine.spare(1)
    assert engine.run(request, RecordedReport()).mix.samples == request.samples


def test_every_step_is_told_over_all_windows(ask: Ask) -> None:
    report, engine = RecordedReport(), FakeEngine()
    engine.run(ask(23), report)
    windows = len(engine.player.asked)
    assert windows >= 3
    assert [done for done, _, _ in report.steps] == list(range(1, 6 * windows + 1))
    assert {(total, unit) for _, total, unit in report.steps} == {(6 * windows, "steps")}


def test_it_stops_between_steps(ask: Ask) -> None:
    class Impatient(RecordedReport):
        def progress(self, done: float, total: float, unit: str) -> None:
            self.cancelled = done >= 3
            super().progress(done, total, unit)

    report = Impatient()
    with pytest.raises(Cancelled):
        FakeEngine().run(ask(), report)
    assert len(report.steps) == 3


def test_a_model_that_can_goes_on_from_the_end_of_the_window_before(ask: Ask) -> None:
    engine = FakeEngine()
    made(engine, ask(23))
    first, *following = [pieces[0] for pieces in engine.player.asked]
    assert first.init is None
    for piece in following:
        assert piece.init is not None
        ((start, end),) = piece.spans
        assert 2.0 <= start < end == piece.seconds
        assert np.abs(piece.init[:, : round(start * 44_100)]).max() > 0
        assert not np.abs(piece.init[:, round(start * 44_100) + 1 :]).max()


def test_the_windows_of_a_model_that_cannot_are_made_afresh_with_room_to_find_the_beat(ask: Ask) -> None:
    engine = FakeEngine(replace(FACTS, inpainting=False))
    made(engine, ask(23))
    first, *following = [pieces[0] for pieces in engine.player.asked]
    assert all(piece.init is None for piece in following)
    assert all(piece.seconds <= 10.0 for piece in (first, *following))
    assert len({piece.seed for piece in (first, *following)}) == 1 + len(following)


def test_no_join_has_a_dent_or_a_bump(ask: Ask) -> None:
    for inpainting in (True, False):
        audio = made(FakeEngine(replace(FACTS, inpainting=inpainting)), ask(40))
        level = np.sqrt(np.square(audio[:, : 38 * 48_000].reshape(2, -1, 96_000)).mean(axis=(0, 2)))
        assert np.abs(20 * np.log10(level / np.median(level))).max() < 3.0


class Rising(FakePlayer):
    """Begins each piece quietly and goes on at full scale; ``drive`` clips it."""

    drive = 1.0

    def _played(self, piece: Piece) -> Block:
        block = super()._played(piece)
        times = np.arange(block.shape[1]) / self.sample_rate
        risen = block * np.where(times < 4.0, 0.35, 1.0)
        return np.asarray(np.clip(self.drive * risen / np.abs(risen).max(), -1.0, 1.0), np.float32)


def test_a_window_that_a_join_makes_louder_is_not_called_clipped(ask: Ask) -> None:
    whole = made(FakeEngine(replace(FACTS, inpainting=False), Rising()), ask(30))
    assert whole.shape == (2, 30 * 48_000)
    assert np.abs(whole).max() > 1.0


def test_a_window_that_was_clipped_is_caught_however_it_is_joined(ask: Ask) -> None:
    player = Rising()
    player.drive = 4.0
    with pytest.raises(EngineFailed, match="clipped"):
        made(FakeEngine(replace(FACTS, inpainting=False), player), ask(30))


def test_a_melody_is_kept_as_far_as_its_noise_lets_it(ask: Ask, recording: RawAudio) -> None:
    kept = made(FakeEngine(), ask(6, init=InitAudio(recording, 0.0)))
    assert np.abs(kept - recording.whole()[:, : 6 * 48_000]).max() < 2e-3
    anew = made(FakeEngine(), ask(6, init=InitAudio(recording, 1.0)))
    assert np.abs(anew - kept).max() > 0.1


def test_a_melody_lasts_through_all_windows(ask: Ask, recording: RawAudio) -> None:
    kept = made(FakeEngine(), ask(25, init=InitAudio(recording, 0.0)))
    assert np.abs(kept - recording.whole()[:, : 25 * 48_000])[:, 4800:-4800].max() < 6e-3


def test_only_the_spans_are_made_anew_and_only_their_windows(ask: Ask, recording: RawAudio) -> None:
    engine = FakeEngine()
    request = ask(30, init=InitAudio(recording, 1.0), inpaint=((2.0, 3.0), (4.0, 4.5)))
    audio, before = made(engine, request), recording.whole()
    changed = np.flatnonzero((audio != before).any(axis=0)) / 48_000
    assert changed.min() >= 2.0
    assert changed.max() <= 4.5
    assert not ((changed > 3.0) & (changed < 4.0)).any()
    assert len(engine.player.asked) == 1


def test_what_the_prompt_cannot_hold_is_told(ask: Ask) -> None:
    report, engine = RecordedReport(), FakeEngine(replace(FACTS, text_tokens=4))
    engine.run(ask(), report)
    assert engine.player.asked[0][0].prompt.text.startswith("ambient, 9")
    assert report.warnings == [
        "The engine “diffusers:fake@fp32” reads 4 tokens at the most; “calm”, “piano” was left out."
    ]


def test_negatives_reach_the_model_that_heeds_them(ask: Ask) -> None:
    report, engine = RecordedReport(), FakeEngine()
    engine.run(ask(), report)
    assert engine.player.asked[0][0].negative == "drums"
    assert not report.warnings


def test_what_the_negative_prompt_cannot_hold_is_told(ask: Ask) -> None:
    report, engine = RecordedReport(), FakeEngine(replace(FACTS, text_tokens=20))
    banned = tuple(Tag(TagKind.NEGATIVE, f"number{index}") for index in range(22))
    engine.run(ask(tags=replace(TAGS, tags=banned)), report)
    assert engine.player.asked[0][0].negative == ", ".join(f"number{index}" for index in range(19))
    told = "“number21”, “number20”, “number19” was left out of what must not be there."
    assert report.warnings == [f"The engine “diffusers:fake@fp32” reads 20 tokens at the most; {told}"]


@pytest.mark.parametrize(
    ("facts", "guidance", "why"),
    [
        (replace(FACTS, negatives=False), None, "it cannot"),
        (FACTS, 1.0, "without guidance it cannot"),
    ],
)
def test_negatives_that_a_model_ignores_are_told(ask: Ask, facts: MusicFacts, guidance: float | None, why: str) -> None:
    report, engine = RecordedReport(), FakeEngine(facts)
    engine.run(ask(options=EngineOptions(guidance=guidance)), report)
    assert engine.player.asked[0][0].negative == ""
    assert report.warnings == [f"The engine “diffusers:fake@fp32” does not heed what must not be there ({why}): drums."]


def test_the_seed_may_be_any(ask: Ask) -> None:
    engine = FakeEngine()
    made(engine, ask(23, seed=2**63 - 1))
    assert all(0 <= pieces[0].seed < 2**63 for pieces in engine.player.asked)


def of_form(*texts: str) -> Tags:
    drums = Tag(TagKind.INSTRUMENT, "drums")
    return replace(TAGS, tags=(*TAGS.tags[:2], drums, *(Tag(TagKind.FORM, text) for text in texts)))


@pytest.mark.parametrize("facts", [FACTS, replace(FACTS, inpainting=False)])
def test_who_enters_later_is_asked_for_from_there_on_alone(ask: Ask, facts: MusicFacts) -> None:
    engine = FakeEngine(replace(facts, window_seconds=60.0))
    engine.run(ask(20, tags=of_form("drums from 50 %")), RecordedReport())
    (before,), (after,) = engine.player.asked
    assert "drums" not in before.prompt.text
    assert before.negative == "drums"
    assert "drums" in after.prompt.text
    assert not after.negative
    heard = after.start + (after.spans[0][0] if after.spans else 0.0)
    assert heard == pytest.approx(10.0, abs=1.5)


def test_a_model_that_has_no_words_for_how_music_goes_has_that_told(ask: Ask) -> None:
    report = RecordedReport()
    FakeEngine().run(ask(12, tags=of_form("building", "drums until 50 %")), report)
    (told,) = report.warnings
    assert "“building” is not said to it" in told


def test_a_fade_out_is_made_whatever_the_model_plays(ask: Ask) -> None:
    plain = FakeEngine().run(ask(20), RecordedReport()).mix.whole()
    faded = FakeEngine().run(
        ask(20, tags=replace(TAGS, tags=(*TAGS.tags, Tag(TagKind.FORM, "fade-out ending")))), RecordedReport()
    )
    heard = faded.mix.whole()
    assert np.array_equal(heard[:, : 16 * 48_000], plain[:, : 16 * 48_000])
    assert np.abs(heard[:, -4800:]).max() < 0.01 * np.abs(plain).max()
