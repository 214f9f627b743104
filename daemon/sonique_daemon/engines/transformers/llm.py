"""The llm engine: a language model that chats, or one that sees as well, decides on the music."""

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import Report, TagRequest
from sonique_daemon.engines.transformers.advising import advised_tags
from sonique_daemon.engines.transformers.author import ModelAuthor
from sonique_daemon.engines.transformers.fitting import MOST_READ
from sonique_daemon.engines.transformers.language import LanguageEngine
from sonique_daemon.engines.transformers.loading import require_chat


class LlmEngine(LanguageEngine):
    """Tags with any chat model of transformers, and with a describing model too; see ``engine.TagEngine``.

    Its savings: each has the model read half as much of the description.
    """

    stage = Stage.TAG

    def run(self, request: TagRequest, report: Report) -> Tags:
        """Asks the model, checks its answer, and merges it with the brief; the user's word always wins.

        Raises:
            InvalidBrief, LimitExceeded: the brief itself is wrong.
            UnusableOutput: the model gave no tags.
            SoniqueError: why the model cannot be loaded; see ``Holding.loaded``.
        """
        report.check()
        held = self.holding.loaded(report)
        require_chat(held)
        tags = advised_tags(request, ModelAuthor(held, MOST_READ >> self.spared), report)
        report.progress(100.0, 100.0, "%")
        return tags
