"""The benchmark for cards runs end to end on tiny models, so that a card finds it whole."""

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.catalogue.catalogue import shipped

from bench.full.language import LANGUAGE
from bench.full.music import MUSIC
from bench.full.tools import TOOLS
from bench.gpu.errands import FIGURES, SECTIONS, errands
from bench.gpu.sending import models_of
from bench.gpu.subjects import entry

REPOSITORY = Path(__file__).resolve().parents[3]
HALVES = (("describe", "tag", "chain"), ("generate", "batch", "compile"))
RATIO = "our call ÷ the bare library call, same work"


Rows = Callable[..., list[list[str]]]


@pytest.fixture
def rows_of(card: dict[str, str]) -> Rows:
    """The cells of the table of details that the benchmark prints of tiny models on a card."""
    return functools.partial(_rows, card)


def _rows(card: dict[str, str], *arguments: str) -> list[list[str]]:
    command = (sys.executable, "-m", "bench.gpu", "--tiny", "--device", "cuda:0", *arguments)
    run = subprocess.run(command, cwd=REPOSITORY, env=card, capture_output=True, text=True, check=True, timeout=500)
    _, _, table = run.stdout.rpartition("| section |")
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_a_music_model_is_measured_and_a_model_that_there_is_not_costs_it_nothing(rows_of: Rows) -> None:
    rows = rows_of("generate", "batch", "--models", "no-such-model", "stable-audio-3-medium@bf16")
    missing = [row for row in rows if row[1] == "no-such-model"]
    assert [row[3] for row in missing] == ["not measured", "not measured"]
    assert "There is no model" in missing[0][4]
    told = {row[2] for row in rows if row[1] == "stable-audio-3-medium@bf16" and row[3] != "not measured"}
    wanted = {"4 s, cold", "4 s, warm", "4 s, the bare call of the library", "8 s, warm", "8 s, peak memory", RATIO}
    assert wanted | {"four takes in one batch ÷ four runs", "four takes at once, peak memory"} <= told


def test_a_language_model_is_measured_describing_and_tagging(rows_of: Rows) -> None:
    rows = rows_of("describe", "tag", "--models", "qwen3-vl-4b@nf4")
    told = {(row[0], row[2]) for row in rows if row[3] != "not measured"}
    for section in ("describe", "tag"):
        assert {(section, what) for what in ("cold", "warm", "peak memory", "tokens written", RATIO)} <= told


def test_a_profile_is_measured_through_a_daemon(rows_of: Rows) -> None:
    rows = rows_of("chain", "--models", "8gb")
    told = {row[2] for row in rows if row[3] != "not measured"}
    assert {f"whole chain, 4 s range, {what}" for what in ("cold", "warm", "peak memory")} <= told


def test_what_does_not_come_to_its_end_in_time_is_told(rows_of: Rows) -> None:
    many = [str(seconds) for seconds in range(30, 130)]
    rows = rows_of("generate", "--models", "stable-audio-3-medium@bf16", "--lengths", *many, "--minutes", "0.1")
    assert rows[-1][3] == "not measured"
    assert "was over" in rows[-1][4]


@pytest.mark.parametrize("half", HALVES)
def test_each_half_fits_into_ten_minutes(half: tuple[str, ...]) -> None:
    assert sum(errand.seconds for errand in errands(half, ())) <= 600
    assert set(half) <= set(SECTIONS)


def test_what_has_a_figure_fits_into_ten_minutes() -> None:
    assert sum(errand.seconds for errand in errands(list(SECTIONS), (), table=FIGURES)) <= 600
    for section, subjects in FIGURES.items():
        assert set(subjects) <= set(SECTIONS[section])
    assert FIGURES.keys() == SECTIONS.keys()


def test_every_model_that_is_measured_is_one_whose_full_size_is_known() -> None:
    for errand in errands(list(SECTIONS), ()):
        for name in models_of(errand):
            model, quantisation = entry(name)
            assert model.name in {*LANGUAGE, *MUSIC, *TOOLS}
            assert shipped().model(model.name).need(quantisation)
