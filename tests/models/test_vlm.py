"""Describing with tiny video language models of the real classes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.note import NoteKind
from sonique_daemon.domain.picture import Picture, Shot
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import DescribeRequest, RecordedReport, TagRequest
from sonique_daemon.engines.signal.engine import SignalEngine
from sonique_daemon.engines.transformers.llm import LlmEngine
from sonique_daemon.engines.transformers.vlm import VlmEngine
from sonique_daemon.errors import Cancelled, EngineUnavailable, UnusableOutput

from bench.tiny.seeing import SEEING, save_still
from bench.tiny.shelf import tiny_model

Tiny = Callable[[str], Path]


def engine(tiny: Tiny, kind: str = "qwen3-vl", held: Quantisation = Quantisation.FP32) -> VlmEngine:
    return VlmEngine(tiny_model(kind, "vlm"), tiny(kind), held, "cpu")


def described(engine: VlmEngine, picture: Picture, report: RecordedReport | None = None) -> Description:
    return engine.run(DescribeRequest(picture, detect_cuts=False), report or RecordedReport())


@pytest.mark.parametrize("kind", SEEING)
def test_each_shot_has_a_sentence_of_the_models_and_the_whole_a_summary(
    tiny: Tiny, picture: Picture, kind: str
) -> None:
    report = RecordedReport()
    description = described(engine(tiny, kind), picture, report)
    measured = SignalEngine().run(DescribeRequest(picture, detect_cuts=False), RecordedReport())
    assert not report.warnings
    assert all(shot.sentence.endswith((".", "…")) for shot in description.shots)
    assert all(mine.sentence != its.sentence for mine, its in zip(description.shots, measured.shots, strict=True))
    assert description.summary
    assert description.summary != measured.summary


def test_all_that_is_measured_stays(tiny: Tiny, picture: Picture) -> None:
    description = described(engine(tiny), picture)
    measured = SignalEngine().run(DescribeRequest(picture, detect_cuts=False), RecordedReport())
    wordless = [replace(shot, sentence="") for shot in description.shots]
    assert wordless == [replace(shot, sentence="") for shot in measured.shots]
    assert description.curves == measured.curves
    assert (description.speech, description.loudness_lufs) == (measured.speech, measured.loudness_lufs)


def test_weights_are_held_in_every_way(tiny: Tiny, picture: Picture, quantisation: Quantisation) -> None:
    held = engine(tiny, "qwen3-vl", quantisation)
    assert described(held, picture).summary
    layer = held.holding.loaded().model.model.language_model.layers[0].self_attn.q_proj.weight
    wanted = {"nf4": "torch.uint8", "int8": "torch.int8", "bf16": "torch.bfloat16", "fp32": "torch.float32"}
    assert str(layer.dtype) == wanted[quantisation]


def test_layers_of_odd_width_are_left_whole_where_a_processor_computes(tiny: Tiny, picture: Picture) -> None:
    held = engine(tiny, "smolvlm2", Quantisation.NF4)
    described(held, picture)
    eyes = held.holding.loaded().model.model.vision_model.encoder.layers[0]
    assert "Linear4bit" in type(eyes.self_attn.q_proj).__name__
    assert "Linear4bit" not in type(eyes.mlp.fc2).__name__


def test_the_same_picture_gives_the_same_words(tiny: Tiny, picture: Picture) -> None:
    assert described(engine(tiny), picture) == described(engine(tiny), picture)


def test_other_pictures_give_other_words(tiny: Tiny, picture: Picture) -> None:
    source = picture.shots[0].source
    assert source is not None
    shots = tuple(
        Shot(TimeRange(Fraction(2 * place), Fraction(2)), "clip", replace(source, start=Fraction(2 * place + 1)))
        for place in range(6)
    )
    film = replace(picture, shots=shots, duration=Fraction(12))
    told = [{shot.sentence for shot in described(engine(tiny, kind), film).shots} for kind in SEEING]
    assert any(len(sentences) > 1 for sentences in told)


def test_progress_runs_up_to_the_end_step_by_step(tiny: Tiny, picture: Picture) -> None:
    report = RecordedReport()
    described(engine(tiny), picture, report)
    done = [step[0] for step in report.steps]
    assert done == sorted(done)
    assert done[-1] == 100.0
    assert len({step for step in done if 10 < step < 95}) > 5


def test_words_are_shown_as_they_are_written(tiny: Tiny, picture: Picture) -> None:
    report = RecordedReport()
    description = described(engine(tiny), picture, report)
    last = dict(report.wordings)
    assert last[0] is not None
    assert set(last) == {0, 1, None}
    assert description.shots[1].sentence.lower() in last[1].lower()


@dataclass(slots=True)
class _Stopped(RecordedReport):
    """Cancels the job once the model has written so many tokens."""

    left: int = 4
    checks: int = 0

    def progress(self, done: float, total: float, unit: str) -> None:
        RecordedReport.progress(self, done, total, unit)
        if 10 < done < 95:
            self.left -= 1
            self.cancelled = self.left <= 0

    def check(self) -> None:
        self.checks += self.cancelled
        RecordedReport.check(self)


def test_a_cancelled_job_stops_within_one_token(tiny: Tiny, picture: Picture) -> None:
    report = _Stopped()
    with pytest.raises(Cancelled):
        described(engine(tiny), picture, report)
    assert report.checks == 1
    assert len([step for step in report.steps if 10 < step[0] < 95]) == 4


def test_one_trimmed_clip_has_one_shot_looked_at(tiny: Tiny, picture: Picture, trimmed: Picture) -> None:
    first, again = RecordedReport(), RecordedReport()
    described(engine(tiny), picture, first)
    known = tuple(note for note in first.notes if note.kind is NoteKind.SOUND or note.index == 0)
    engine(tiny).run(DescribeRequest(trimmed, detect_cuts=False, known=known), again)
    assert [note.index for note in again.notes] == [1]
    assert {shot for shot, _ in again.wordings} == {1, None}
    assert len(again.shots) == 2


def test_a_long_shot_that_is_cut_has_a_sentence_for_each_part(tiny: Tiny, picture: Picture) -> None:
    whole = Shot(TimeRange(Fraction(0), Fraction(12)), "clip", picture.shots[0].source)
    report = RecordedReport()
    request = DescribeRequest(replace(picture, shots=(whole,), duration=Fraction(12)), detect_cuts=True)
    description = engine(tiny).run(request, report)
    assert len(description.shots) > 2
    assert [shot for _, shot in report.shots] == list(description.shots)
    assert [note.index for note in report.notes] == [0]
    again = RecordedReport()
    assert engine(tiny).run(replace(request, known=tuple(report.notes)), again) == description
    assert not again.notes


def test_black_keeps_the_measured_sentence(tiny: Tiny, picture: Picture) -> None:
    first, second = picture.shots
    report = RecordedReport()
    description = described(engine(tiny), replace(picture, shots=(first, replace(second, source=None))), report)
    assert description.shots[1].sentence == "Black."
    assert 1 not in {shot for shot, _ in report.wordings}


def test_the_model_is_told_when_frames_show(tiny: Tiny, picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    held = engine(tiny)
    network, tokens = held.holding.loaded().model, held.holding.loaded().tokenizer
    read: list[str] = []

    def generate(*, input_ids: Any, **more: Any) -> Any:
        read.extend(tokens.batch_decode(input_ids))
        return type(network).generate(network, input_ids=input_ids, **more)

    monkeypatch.setattr(network, "generate", generate)
    described(held, picture)
    assert "<0.8 seconds>" in read[0]
    assert "<2.2 seconds>" in read[0]


def test_noise_is_told_and_never_passed_on(tiny: Tiny, picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    held = engine(tiny)
    output = held.holding.loaded().model.get_output_embeddings().weight
    monkeypatch.setattr(output, "data", output.data * 0)
    with pytest.raises(UnusableOutput, match="instead of a description"):
        described(held, picture)


def test_a_model_that_sees_nothing_cannot_describe(tiny: Tiny, picture: Picture) -> None:
    blind = VlmEngine(tiny_model("qwen", "vlm"), tiny("qwen"), Quantisation.FP32, "cpu")
    with pytest.raises(EngineUnavailable, match="takes no video"):
        described(blind, picture)


def test_a_model_of_single_pictures_cannot_describe_and_can_tag(picture: Picture, tmp_path: Path) -> None:
    model, folder = tiny_model("still", "vlm"), save_still(tmp_path / "still")
    with pytest.raises(EngineUnavailable, match="takes no video"):
        described(VlmEngine(model, folder, Quantisation.FP32, "cpu"), picture)
    pen = LlmEngine(model, folder, Quantisation.FP32, "cpu")
    assert pen.run(TagRequest(Brief(), None), RecordedReport()).style


def test_with_less_memory_it_looks_at_one_shot_at_a_time_and_at_smaller_frames(tiny: Tiny, picture: Picture) -> None:
    held = engine(tiny)
    held.spare(2)
    assert described(held, picture).summary
