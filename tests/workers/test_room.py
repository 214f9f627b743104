"""How much memory there is for models: asked of NVIDIA's library, here of one that answers as that does."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.room import Room, card_memory

LIBRARY = """
typedef struct { unsigned long long total, free, used; } memory;
int nvmlInit_v2(void) { return STATUS; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned number, void **card) {
    *card = (void *)(long)(number + 1); return number > 1;
}
int nvmlDeviceGetMemoryInfo(void *card, memory *found) {
    found->total = (unsigned long long)(long)card * 8589934592ULL; return 0;
}
int nvmlDeviceGetCudaComputeCapability(void *card, int *major, int *minor) {
    *major = (long)card == 1 ? 7 : 9; *minor = (long)card == 1 ? 5 : 0; return 0;
}
"""
MEMORY, BFLOAT = "card_memory", "card_bfloat"


def asked(folder: Path, device: str, status: int = 0, question: str = MEMORY) -> int:
    """What a process is told that finds such a library; ``status`` is what that answers when it is first called."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no compiler, or no Linux")
    (folder / "card.c").write_text(LIBRARY.replace("STATUS", str(status)))
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(folder / "card.c")], check=True)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(folder)}
    code = f"from sonique_daemon.workers.room import {question}; print(int({question}('{device}')))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize(("device", "gib"), [("auto", 8), ("cuda", 8), ("cuda:1", 16), ("cuda:2", 0), ("cpu", 0)])
def test_the_memory_of_the_card_that_is_meant_is_told(tmp_path: Path, device: str, gib: int) -> None:
    assert asked(tmp_path, device) == gib * 2**30


@pytest.mark.parametrize(("device", "native"), [("auto", 0), ("cuda:0", 0), ("cuda:1", 1), ("cuda:2", 1), ("cpu", 1)])
def test_a_card_older_than_ampere_has_no_bfloat16_of_its_own(tmp_path: Path, device: str, native: int) -> None:
    assert asked(tmp_path, device, question=BFLOAT) == native


def test_a_driver_that_does_not_answer_is_no_card(tmp_path: Path) -> None:
    assert asked(tmp_path, "auto", status=9) == 0


def test_a_processor_is_no_card() -> None:
    assert card_memory("cpu") == 0


def test_the_room_is_the_cards_where_there_is_one_and_else_the_machines() -> None:
    assert PoolLimits(card_bytes=9, card_budget_bytes=7).room == Room("card", 9, 7)
    machine = PoolLimits(memory_budget_bytes=5).room
    assert (machine.place, machine.budget_bytes) == ("machine", 5)
