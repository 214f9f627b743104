"""Want of memory is told as that, in whichever words a library says it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sonique_daemon.engines.music import files
from sonique_daemon.engines.transformers import loading
from sonique_daemon.errors import OutOfMemory, WeightsDamaged

Told = Callable[[str], AbstractContextManager[None]]

SAYINGS = (
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:119] DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
)


@pytest.mark.parametrize("told", [loading.told, files.told], ids=["language", "music"])
@pytest.mark.parametrize("error", SAYINGS, ids=lambda error: str(error)[:40])
def test_want_of_memory_while_a_model_is_loaded_is_told_as_that(told: Told, error: Exception) -> None:
    with pytest.raises(OutOfMemory, match="“x” does not fit into memory"), told("x"):
        raise error


@pytest.mark.parametrize("told", [loading.told, files.told], ids=["language", "music"])
def test_anything_else_is_a_matter_of_the_files(told: Told) -> None:
    with pytest.raises(WeightsDamaged), told("x"):
        raise RuntimeError("size mismatch for lm_head.weight")
