"""The vlm engine: a video language model writes what each shot shows, over everything that is measured anyway."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import DescribeRequest, Report
from sonique_daemon.engines.transformers.book import Book
from sonique_daemon.engines.transformers.language import LanguageEngine
from sonique_daemon.engines.transformers.loading import Loaded, require_chat, require_eyes
from sonique_daemon.engines.transformers.measuring import measure
from sonique_daemon.engines.transformers.scribe import Page, Scribe
from sonique_daemon.engines.transformers.shotnotes import taken_apart
from sonique_daemon.engines.transformers.watching import Watcher

_MEASURED, _WRITTEN, _ALL = 10.0, 95.0, 100.0
"""Per cent of the stage when everything is measured, when every shot has its sentence, and at its end."""

_FRAMES, _PIXELS = 16, 147_456
"""Frames at once and pixels of each where the catalogue does not say."""

_FRAMES_ON_PROCESSOR = 8
"""Frames at once where there is no card, so that it can stop and tell sooner."""


class VlmEngine(LanguageEngine):
    """Describes with any video language model of transformers; see ``engine.DescribeEngine``.

    Its savings: one shot at a time, then smaller frames.
    """

    stage = Stage.DESCRIBE

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """Measures, then has the model write a sentence for each shot, and a summary.

        Raises:
            NothingToSee: nothing at all could be read.
            UnusableOutput: what the model writes is no text.
            SoniqueError: why the model cannot be loaded; see ``Holding.loaded``.
        """
        report.check()
        held = self.holding.loaded(report)
        scribe = Scribe(held, require_eyes(held), report, self._frames(held))
        require_chat(held)
        notes, known = taken_apart(request.known)
        measured = measure(replace(request, known=notes), report, _scale(report, 0.0, _MEASURED))
        book = Book(measured, report)
        book.know(known)
        self._write(book, scribe, request, report)
        shots = book.shots()
        summary = scribe.summary(shots, measured.description.summary, _scale(report, _WRITTEN, _ALL))
        report.progress(_ALL, _ALL, "%")
        return replace(measured.description, shots=shots, summary=summary)

    def _write(self, book: Book, scribe: Scribe, request: DescribeRequest, report: Report) -> None:
        """Fills the book."""
        lacking = book.lacking()
        done = 0
        for pages in scribe.batches(self._pages(book, lacking, request, report)):
            share = (_WRITTEN - _MEASURED) / max(1, len(lacking))
            step = _scale(report, _MEASURED + share * done, _MEASURED + share * (done + len(pages)))
            for page, sentence in zip(pages, scribe.sentences(pages, step), strict=True):
                book.write(page.index, sentence)
            done += len(pages)
        scribe.close()

    def _pages(self, book: Book, lacking: list[int], request: DescribeRequest, report: Report) -> Iterator[Page]:
        """The shots that can be shown; for black ones, and those that cannot be read, the measured sentence stands."""
        watcher = Watcher(request.picture, self._most_frames, self._most_pixels, report.check)
        for index in lacking:
            shot = book.measured.description.shots[index]
            view = watcher.view(shot.record)
            if view is None:
                book.write(index, shot.sentence)
            else:
                yield Page(index, shot, view)

    def _frames(self, held: Loaded) -> int:
        """How many frames are shown in one go; a single shot's own number is always shown."""
        if self.spared:
            return 1
        return min(self._most_frames, _FRAMES_ON_PROCESSOR) if held.device == "cpu" else self._most_frames

    @property
    def _most_frames(self) -> int:
        facts = self._model.language
        return facts.frames if facts is not None and facts.frames else _FRAMES

    @property
    def _most_pixels(self) -> int:
        facts = self._model.language
        pixels = facts.frame_pixels if facts is not None and facts.frame_pixels else _PIXELS
        return pixels // 4 if self.spared > 1 else pixels


def _scale(report: Report, begin: float, end: float) -> Callable[[float], None]:
    """Tells a share, 0..1, as per cent of the stage from ``begin`` to ``end``."""
    return lambda share: report.progress(begin + (end - begin) * share, _ALL, "%")
