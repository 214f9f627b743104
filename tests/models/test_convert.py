"""Checkpoints of torch's become safetensors once, and nothing in them is ever run."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from sonique_daemon.catalogue.convert import convert
from sonique_daemon.catalogue.pickles import require_harmless
from sonique_daemon.engines.engine import RecordedReport
from sonique_daemon.engines.registry import embedded
from sonique_daemon.errors import Cancelled, WeightsRefused
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import CONVERT, ConvertRequest


def never() -> None:
    return None


class Evil:
    def __reduce__(self) -> Any:
        return os.mkdir, ("owned",)


def test_a_checkpoint_keeps_every_number(tmp_path: Path) -> None:
    state = {"a.weight": torch.randn(3, 4), "b": torch.arange(5), "c": torch.zeros(2, dtype=torch.bfloat16)}
    torch.save({"state_dict": state, "epoch": 220}, tmp_path / "a.ckpt")
    assert convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors", never) == 3
    loaded = load_file(tmp_path / "a.safetensors")
    assert all(torch.equal(loaded[name], tensor) for name, tensor in state.items())


def test_tensors_that_share_memory_are_written_apart(tmp_path: Path) -> None:
    whole = torch.randn(4, 4)
    torch.save({"a": whole, "tied": whole, "part": whole[1:3].t()}, tmp_path / "a.bin")
    assert convert(tmp_path / "a.bin", tmp_path / "a.safetensors", never) == 3
    loaded = load_file(tmp_path / "a.safetensors")
    assert torch.equal(loaded["tied"], whole)
    assert torch.equal(loaded["part"], whole[1:3].t())


@pytest.mark.parametrize("protocol", [2, 4])
def test_code_is_refused_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"a": torch.ones(1)}, "x": Evil()}, tmp_path / "a.ckpt", pickle_protocol=protocol)
    with pytest.raises(WeightsRefused, match="carries code"):
        convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors", never)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ckpt"]


def test_what_the_first_gate_lets_through_meets_torchs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sonique_daemon.catalogue.convert.require_harmless", lambda _: None)
    torch.save({"state_dict": {"a": torch.ones(1)}, "x": Evil()}, tmp_path / "a.ckpt")
    with pytest.raises(WeightsRefused, match="holds more than weights"):
        convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors", never)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool])
def test_the_first_gate_knows_the_tensors_of_every_kind(tmp_path: Path, kind: torch.dtype) -> None:
    torch.save({"a": torch.zeros(2, dtype=kind), "p": torch.nn.Parameter(torch.ones(2))}, tmp_path / "a.pt")
    require_harmless(tmp_path / "a.pt")


def test_a_file_without_weights_is_refused(tmp_path: Path) -> None:
    torch.save({"epoch": 1}, tmp_path / "a.ckpt")
    with pytest.raises(WeightsRefused, match="holds no weights"):
        convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors", never)


def test_a_conversion_can_be_cancelled(tmp_path: Path) -> None:
    def cancelled() -> None:
        raise Cancelled

    torch.save({"a": torch.ones(1)}, tmp_path / "a.ckpt")
    with pytest.raises(Cancelled):
        convert(tmp_path / "a.ckpt", tmp_path / "a.safetensors", cancelled)
    assert not (tmp_path / "a.safetensors").exists()


def test_it_is_done_in_a_worker_of_its_own(tmp_path: Path) -> None:
    torch.save({"state_dict": {"a": torch.ones(3)}}, tmp_path / "a.ckpt")
    torch.save({"x": Evil()}, tmp_path / "evil.ckpt")
    pool = Pool(PoolLimits(memory_budget_bytes=8 * 10**9))
    executor = ProcessExecutor(pool, embedded())
    try:
        asked = ConvertRequest(tmp_path / "a.ckpt", tmp_path / "a.safetensors")
        assert executor.run(CONVERT, "", asked, RecordedReport()).tensors == 1
        assert [worker.name for worker in pool.workers()] == ["converter"]
        with pytest.raises(WeightsRefused, match="carries code"):
            executor.run(CONVERT, "", ConvertRequest(tmp_path / "evil.ckpt", tmp_path / "b"), RecordedReport())
    finally:
        pool.close()
