"""What one model holds: ``python -m bench.card.holding MODEL FOLDER [SECONDS …]``, in a process that finds a card."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import DescribeRequest, RecordedReport
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.errors import Cancelled

from bench.gpu.generating import Work
from bench.gpu.speaking import SHOTS, shots_of
from bench.gpu.subjects import Subject, subject

_DEVICE = "cuda:0"
_SECONDS = 30
"""Of the film that is looked at."""
_WORDS = 4
"""Tokens of its first sentences after which a describing model is stopped: what it reads takes the most memory."""


def main() -> None:
    """Prints the rows of that model."""
    tiny, (name, folder, *lengths) = "--tiny" in sys.argv, [each for each in sys.argv[1:] if each != "--tiny"]
    make_ready()
    measured = subject(name, Path(folder), _DEVICE, tiny=tiny)
    measured.made()
    if lengths:
        _generate(measured, [int(each) for each in lengths], Path(folder))
    else:
        _describe(measured)


def _generate(measured: Subject, lengths: Sequence[int], folder: Path) -> None:
    engine = measured.engine(Stage.GENERATE)
    _tell(measured, "is loaded", engine.rehearse)
    work = Work(engine, folder)
    for length in lengths:
        _tell(measured, f"makes {length} s", lambda length=length: work.run(length, 1))  # type: ignore[misc]


def _describe(measured: Subject) -> None:
    engine = measured.engine(Stage.DESCRIBE)
    _tell(measured, "is loaded", engine.rehearse)
    with TemporaryDirectory() as folder:
        request = DescribeRequest(shots_of(Path(folder) / "film.mp4", _SECONDS), detect_cuts=False)
        _tell(measured, f"looks at {_SECONDS} s in {4 * SHOTS} frames", lambda: _glimpse(engine.run, request))


class _Glimpse(RecordedReport):
    """Cancels once each of the shots that are looked at together has a few words."""

    def wording(self, shot: int | None, text: str) -> None:
        super().wording(shot, text)
        self.cancelled = len(self.wordings) >= _WORDS * SHOTS


def _glimpse(run: Callable[[DescribeRequest, RecordedReport], object], request: DescribeRequest) -> None:
    try:
        run(request, _Glimpse())
    except Cancelled:
        return


def _tell(measured: Subject, what: str, work: Callable[[], object]) -> None:
    import torch

    torch.cuda.reset_peak_memory_stats()
    work()
    most, held = torch.cuda.max_memory_allocated(), torch.cuda.memory_allocated()
    planned = measured.model.need(measured.quantisation).total_bytes
    amounts = " | ".join(f"{size / 1e9:.2f} GB" for size in (most, held, planned))
    print(f"| {measured.name} | {what} | {amounts} |", flush=True)


if __name__ == "__main__":
    main()
