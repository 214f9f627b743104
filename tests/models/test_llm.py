"""Tagging with tiny chat models of the real classes, and with models that see."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.tags import Origin, TagKind, Tags
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.lexicon.vocabulary import instrument_names
from sonique_daemon.engines.transformers import chat
from sonique_daemon.engines.transformers.chat import Turn
from sonique_daemon.engines.transformers.constraint import constraint
from sonique_daemon.engines.transformers.llm import LlmEngine
from sonique_daemon.engines.transformers.loading import Holding
from sonique_daemon.engines.transformers.tagschema import ANSWER_TOKENS, schema
from sonique_daemon.engines.transformers.vlm import VlmEngine
from sonique_daemon.engines.transformers.writing import Order, write
from sonique_daemon.errors import Cancelled, InvalidBrief

from bench.tiny.chatting import CHATTING
from bench.tiny.seeing import SEEING
from bench.tiny.shelf import tiny_model

Tiny = Callable[[str], Path]


def engine(tiny: Tiny, kind: str, held: Quantisation = Quantisation.FP32) -> LlmEngine:
    return LlmEngine(tiny_model(kind, "llm" if kind in CHATTING else "vlm"), tiny(kind), held, "cpu")


def description(count: int = 3, words: str = "A boat crosses the bay.") -> Description:
    shots = (ShotDescription(TimeRange(Fraction(2 * place), Fraction(2)), words, Look()) for place in range(count))
    return Description(Fraction(2 * count), "A film.", tuple(shots))


def in_the_schema(tags: Tags) -> bool:
    return (
        tags.style in styles()
        and set(tags.texts(TagKind.INSTRUMENT)) <= set(instrument_names())
        and tags.tempo.low <= tags.tempo.bpm <= tags.tempo.high
        and -1 <= tags.affect.valence <= 1
        and 0 <= tags.density <= 1
    )


@pytest.mark.parametrize("kind", [*CHATTING, *SEEING])
def test_tags_are_in_the_schema_whatever_the_model_would_rather_write(tiny: Tiny, kind: str) -> None:
    report = RecordedReport()
    tags = engine(tiny, kind).run(TagRequest(Brief(), description()), report)
    assert in_the_schema(tags)
    assert report.wordings[-1][1].startswith('{"style": "')
    assert report.wordings[-1][1].endswith("}")
    assert len(report.steps) > 10


@pytest.mark.parametrize("kind", [*CHATTING, *SEEING])
def test_every_choice_is_the_models_own_though_what_leaves_none_is_set_for_it(tiny: Tiny, kind: str) -> None:
    held = Holding(
        tiny_model(kind, "llm" if kind in CHATTING else "vlm"), tiny(kind), Quantisation.FP32, "cpu"
    ).loaded()
    inputs = chat.tokens(held, chat.written_out(held, [Turn("user", "Choose the music.")]))
    begin = inputs["input_ids"].shape[1]
    guide = constraint(held, schema(), begin)
    assert guide is not None
    asked: list[int] = []
    order = Order(inputs, ANSWER_TOKENS, lambda _, __: None, lambda _: asked.append(1), guide)
    (answer,) = write(held, order, RecordedReport())
    whole = torch.cat((inputs["input_ids"], torch.tensor([answer.tokens])), dim=1)
    with torch.inference_mode():
        odds = held.model(input_ids=whole).logits
    reader, choices = constraint(held, schema(), begin), 0
    assert reader is not None
    place = begin
    while place < whole.shape[1]:
        written = whole[:, :place]
        forced = reader.forced(written)
        if not forced:
            choices += 1
            assert int(reader(written, odds[:, place - 1]).argmax()) == int(whole[0, place])
        place += max(1, len(forced))
    assert len(asked) == choices < len(answer.tokens) / 2


def test_weights_are_held_in_every_way(tiny: Tiny, quantisation: Quantisation) -> None:
    assert in_the_schema(engine(tiny, "mistral", quantisation).run(TagRequest(Brief(), None), RecordedReport()))


def test_the_same_request_gives_the_same_tags_and_another_film_others(tiny: Tiny) -> None:
    asked = TagRequest(Brief(), description())
    tags = engine(tiny, "qwen").run(asked, RecordedReport())
    assert engine(tiny, "qwen").run(asked, RecordedReport()) == tags
    films = ("The fire burns in the forest.", "Rain.", "The crowd cheers on the stage and the band plays.")
    others = [engine(tiny, "qwen").run(TagRequest(Brief(), description(5, words)), RecordedReport()) for words in films]
    assert any(other != tags for other in others)


def test_the_users_word_wins(tiny: Tiny) -> None:
    brief = Brief(genres=("jazz",), bpm=91.0, key="D minor", negatives=("strings",))
    tags = engine(tiny, "qwen").run(TagRequest(brief, description()), RecordedReport())
    assert (tags.style, tags.tempo.bpm, tags.tempo.origin) == ("jazz", 91.0, Origin.USER)
    assert "strings" not in tags.texts(TagKind.INSTRUMENT)


def test_a_brief_that_is_wrong_is_refused_before_the_model_is_asked(tiny: Tiny) -> None:
    report = RecordedReport()
    with pytest.raises(InvalidBrief):
        engine(tiny, "qwen").run(TagRequest(Brief(genres=("xyzzy",)), None), report)
    assert not report.wordings


def test_a_cancelled_job_stops(tiny: Tiny) -> None:
    with pytest.raises(Cancelled):
        engine(tiny, "qwen").run(TagRequest(Brief(), None), RecordedReport(cancelled=True))


@pytest.mark.parametrize("kind", CHATTING)
def test_what_a_template_has_no_system_role_for_stands_in_the_first_turn(tiny: Tiny, kind: str) -> None:
    held = Holding(tiny_model(kind, "llm"), tiny(kind), Quantisation.FP32, "cpu").loaded()
    text = chat.written_out(held, [Turn("user", "Choose.")], "You are a composer.")
    assert text.count("You are a composer.") == 1
    assert text.index("You are a composer.") < text.index("Choose.")
    assert ("<|im_start|>system" in text) == (kind == "qwen")


def test_a_description_that_is_too_long_is_shortened_by_whole_shots_and_that_is_told(tiny: Tiny) -> None:
    report = RecordedReport()
    long = description(
        400, "The crowd cheers while the band plays on the stage and the mood is sad in the dark street. " * 2
    )
    tags = engine(tiny, "qwen").run(TagRequest(Brief(), long), report)
    assert in_the_schema(tags)
    (warning,) = report.warnings
    assert "of 400 shots, spread evenly" in warning


def test_with_less_memory_it_reads_less_and_that_is_told(tiny: Tiny) -> None:
    pen, asked = engine(tiny, "qwen"), TagRequest(Brief(), description(300))
    all_read, some_read = RecordedReport(), RecordedReport()
    pen.run(asked, all_read)
    pen.spare(2)
    pen.run(asked, some_read)
    assert not all_read.warnings
    assert "of 300 shots" in some_read.warnings[0]


def test_one_model_in_memory_describes_and_tags(tiny: Tiny) -> None:
    model, folder = tiny_model("qwen3-vl", "vlm"), tiny("qwen3-vl")
    eyes = VlmEngine(model, folder, Quantisation.NF4, "cpu")
    pen = LlmEngine(model, folder, Quantisation.NF4, "cpu")
    assert eyes.descriptor.worker == pen.descriptor.worker
    assert eyes.holding.loaded() is pen.holding.loaded()
