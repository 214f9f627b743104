"""Stable Audio 3 in its makers' layout becomes diffusers', and answers as it did."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sonique_daemon.catalogue.adding import Adder
from sonique_daemon.catalogue.layouts import PIPELINE
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.engines.diffusion.engine import DiffusionEngine
from sonique_daemon.engines.diffusion.makers.pipeline import write_pipeline
from sonique_daemon.engines.engine import GenerateRequest, RecordedReport
from sonique_daemon.engines.registry import embedded
from sonique_daemon.errors import Cancelled, EngineUnavailable, WeightsDamaged, WeightsMissing
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import CONVERT_PIPELINE, ConvertRequest

from bench.tiny.makers import PROMPTS, SECONDS
from tests.models.music.conftest import tools_python
from tests.models.music.unconverting import makers_layout

REPOSITORY = Path(__file__).resolve().parents[3]
NUMBERS = "diffusion_pytorch_model.safetensors"
Ask = Callable[..., GenerateRequest]


def never() -> None:
    return None


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(params=["tiny-sa3", "tiny-sa3-base"])
def original(request: pytest.FixtureRequest, home: Any) -> Path:
    return Path(home.folder / "weights" / request.param)


@pytest.fixture
def published(home: Any, tmp_path: Path) -> Path:
    return makers_layout(home.folder / "weights" / "tiny-sa3", tmp_path / "published")


@pytest.fixture
def convert() -> Iterator[Callable[[Path, Path], None]]:
    pool = Pool(PoolLimits(watch_seconds=0.1))
    executor = ProcessExecutor(pool, embedded())

    def run(source: Path, target: Path) -> None:
        executor.run(CONVERT_PIPELINE, "", ConvertRequest(source, target), RecordedReport())

    yield run
    pool.close()


def test_a_model_that_goes_to_its_makers_layout_and_back_has_every_number_as_it_was(
    original: Path, tmp_path: Path
) -> None:
    count = write_pipeline(makers_layout(original, tmp_path / "published"), tmp_path / "again", never)
    numbers = 0
    for part in ("vae", "transformer", "duration_embedder"):
        before, after = load_file(original / part / NUMBERS), load_file(tmp_path / "again" / part / NUMBERS)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
        numbers += len(before)
    assert count == numbers
    assert digests(original / "scheduler") == digests(tmp_path / "again" / "scheduler")
    before, after = (
        load_file(place / "text_encoder" / "model.safetensors") for place in (original, tmp_path / "again")
    )
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_an_added_folder_of_the_makers_is_converted_in_a_worker_left_as_it_is_and_sounds_the_same(
    published: Path, home: Any, tmp_path: Path, convert: Any, ask: Ask
) -> None:
    model, before = home.catalogue.model("tiny-sa3"), digests(published)
    weights = Weights(tmp_path / "weights")
    record = Adder(weights, convert).add(model, published, None, lambda _: None)
    assert digests(published) == before
    assert record.folder == ""
    assert all(file.path.startswith(f"{PIPELINE}/") for file in record.files)
    assert weights.present(model)
    assert weights.verify(model) == ()
    first, second = (
        DiffusionEngine(model, folder, Quantisation.FP32, "cpu").run(ask(2), RecordedReport()).mix.whole()
        for folder in (home.weights.require(model), weights.require(model))
    )
    assert np.abs(first - second).max() < 1e-6  # where numbers lie in memory decides how a processor adds them up
    assert weights.remove(model) == record.size
    assert digests(published) == before


def test_what_its_makers_classes_answer_the_converted_model_answers(tmp_path: Path) -> None:
    python = tools_python()
    if python is None:
        pytest.skip("The environment is not there: sonique engines install stable-audio-tools.")
    folder, answers = tmp_path / "published", tmp_path / "answers.safetensors"
    folder.mkdir()
    path = os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "daemon")))
    command = (str(python), "-m", "bench.tiny.makers", str(folder), str(answers))
    subprocess.run(command, check=True, capture_output=True, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": path})
    write_pipeline(folder, tmp_path / "pipeline", never)
    found = _answered(tmp_path / "pipeline", load_file(answers))
    for name, value in load_file(answers).items():
        if name in found:
            assert value.abs().max() > 0.1, name
            assert (found[name] - value).abs().max() <= 1e-4, name
    assert found.keys() == {"velocity", "decoded", "encoded", "text", "length"}


def _answered(folder: Path, told: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    from diffusers import StableAudio3Pipeline

    pipeline = StableAudio3Pipeline.from_pretrained(str(folder), local_files_only=True)
    with torch.no_grad():
        text, mask = pipeline.encode_prompt(list(PROMPTS), torch.device("cpu"), 1)
        length = torch.cat([pipeline.encode_duration(each, torch.device("cpu"), 1, 1) for each in SECONDS])
        filled = torch.where(mask.bool().unsqueeze(-1), text, pipeline.transformer.prompt_padding_embedding)
        hidden, masks = pipeline.prepare_cross_attention(text, mask, length)
        velocity = pipeline.transformer(
            told["latents"],
            told["time"],
            encoder_hidden_states=hidden,
            global_hidden_states=length,
            encoder_attention_mask=masks,
            local_add_cond=told["local"],
        ).sample
        decoded, encoded = pipeline.vae.decode(told["latents"]).sample, pipeline.vae.encode(told["audio"]).latents
    shaped = length[:, None]
    return {"velocity": velocity, "decoded": decoded, "encoded": encoded, "text": filled, "length": shaped}


def test_numbers_that_are_missing_or_too_many_are_told_by_name(published: Path, tmp_path: Path) -> None:
    numbers = load_file(published / "model.safetensors")
    gone = "model.model.transformer.layers.1.self_attn.to_out.weight"
    save_file({name: value for name, value in numbers.items() if name != gone}, published / "model.safetensors")
    with pytest.raises(WeightsDamaged, match=r"“transformer” lacks “transformer_blocks\.1\.self_attn\.to_out\.weight”"):
        write_pipeline(published, tmp_path / "one", never)
    more = {**numbers, "conditioner.conditioners.prompt.proj_out.weight": torch.ones(2)}
    save_file(more, published / "model.safetensors")
    with pytest.raises(EngineUnavailable, match=r"prompt\.proj_out\.weight"):
        write_pipeline(published, tmp_path / "two", never)
    (published / "model.safetensors").write_bytes(b"\1\0\0\0\0\0\0\0{")
    with pytest.raises(WeightsDamaged, match="no whole safetensors file"):
        write_pipeline(published, tmp_path / "three", never)


def test_a_model_without_its_text_encoder_is_told_with_where_it_belongs(published: Path, tmp_path: Path) -> None:
    config = published / "t5gemma-b-b-ul2" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text(encoding="utf-8")), "model_type": "t5"}))
    with pytest.raises(WeightsMissing, match=r"google/t5gemma-b-b-ul2 into “.*t5gemma-b-b-ul2”"):
        write_pipeline(published, tmp_path / "pipeline", never)


def test_what_is_stopped_in_the_middle_leaves_nothing_and_the_folder_as_it_was(
    published: Path, home: Any, tmp_path: Path
) -> None:
    def stopping(source: Path, target: Path) -> None:
        calls = iter(range(20))

        def check() -> None:
            if next(calls) == 10:
                raise Cancelled

        write_pipeline(source, target, check)

    before, weights = digests(published), Weights(tmp_path / "weights")
    with pytest.raises(Cancelled):
        Adder(weights, stopping).add(replace(home.catalogue.model("tiny-sa3")), published, None, lambda _: None)
    assert digests(published) == before
    assert [path for path in weights.root.rglob("*") if path.is_file()] == []
