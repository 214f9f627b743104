"""The lexicon engine: description and brief to tags, by rules alone."""

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.embedded import LEXICON
from sonique_daemon.engines.engine import Report, TagRequest
from sonique_daemon.engines.lexicon.deciding import decide


class LexiconEngine:
    """Tags by rules: the user's words through a lexicon, the picture as a small push, the style for all the rest."""

    descriptor = LEXICON

    def run(self, request: TagRequest, report: Report) -> Tags:
        """Tags for the brief and the description; see ``decide``, which says what it raises."""
        report.check()
        tags = decide(request.brief, request.description)
        report.progress(1.0, 1.0, "brief")
        return tags

    def rehearse(self) -> None:
        """Decides on a calm piece for nobody: the lexicon is read, which the first brief would wait for."""
        decide(Brief(prompt="calm"), None)
