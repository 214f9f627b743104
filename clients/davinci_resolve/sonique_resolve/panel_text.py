"""The panel in a terminal: a question, what is being done, and which take stands; where there is no window."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TextIO

from sonique_resolve.panel_presenter import Presenter
from sonique_resolve.panel_view import Phase, View
from sonique_resolve.session import Wishes

_LOOK_SECONDS = 0.1
_BUSY = (Phase.CONNECTING, Phase.WORKING, Phase.CANCELLING)
_HELP = "Say what you want, or: look, place 2, quit."


def show(presenter: Presenter, read: Callable[[], str] | None = None, out: TextIO | None = None) -> None:
    """Asks and tells until “quit”, Ctrl-C or the input's end; Ctrl-C while music is made cancels that.

    Args:
        presenter: started already.
        read: reads one answer; raises ``EOFError`` at the end. The terminal's own where None.
        out: where it is told.
    """
    terminal = _Terminal(presenter, read or (lambda: input("sonique> ")), out or sys.stdout)
    terminal.run()


class _Terminal:
    def __init__(self, presenter: Presenter, read: Callable[[], str], out: TextIO) -> None:
        self._presenter, self._read, self._out = presenter, read, out
        self._seen = View()

    def run(self) -> None:
        self._settle()
        self._tell(_HELP)
        while True:
            try:
                answer = self._read().strip()
            except (EOFError, KeyboardInterrupt):
                return
            if answer.casefold() in {"quit", "exit"}:
                return
            if self._asked(answer):
                self._settle()

    def _asked(self, answer: str) -> bool:
        """Hands the answer in; whether there is something to wait for."""
        word, _, rest = answer.partition(" ")
        if word == "place" and rest.strip().isdigit():
            self._presenter.place(int(rest) - 1)
        elif word == "look" or self._presenter.view.phase is Phase.LOST:
            self._presenter.reach()
        elif not self._presenter.view.can_score:
            self._tell(self._presenter.view.range_text or "Resolve is not reached; “look” tries again.")
            return False
        else:
            self._presenter.score(Wishes(prompt=answer, takes=3))
        return True

    def _settle(self) -> None:
        """Tells what happens until nothing does any more; a wish needs a moment to be taken up."""
        quiet = 0
        while quiet < 3:
            try:
                time.sleep(_LOOK_SECONDS)
            except KeyboardInterrupt:
                self._presenter.cancel()
            view = self._presenter.view
            self._difference(view)
            quiet = 0 if view.phase in _BUSY else quiet + 1

    def _difference(self, view: View) -> None:
        before, self._seen = self._seen, view
        if view is before:
            return
        for text, old in ((view.host, before.host), (view.range_text, before.range_text), (view.stage, before.stage)):
            if text and text != old:
                self._tell(text)
        if view.messages != before.messages:
            fresh = view.messages[len(before.messages) :] if len(view.messages) > len(before.messages) else ()
            for sentence in fresh or view.messages[-1:]:
                self._tell(sentence)
        if view.takes != before.takes:
            for take in view.takes:
                self._tell(f"{'*' if take.placed else ' '} {take.index + 1}: {take.text}")
        self._seen = replace(view)

    def _tell(self, sentence: str) -> None:
        self._out.write(f"{sentence}\n")
        self._out.flush()
