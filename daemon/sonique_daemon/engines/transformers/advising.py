"""Advising: a language model's answer becomes tags, after it was checked, and repaired once where it has to be."""

from collections.abc import Sequence

from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import Report, TagRequest
from sonique_daemon.engines.lexicon.advice import Advice
from sonique_daemon.engines.lexicon.deciding import decide
from sonique_daemon.engines.lexicon.vocabulary import check_brief
from sonique_daemon.engines.transformers.author import Author
from sonique_daemon.engines.transformers.chat import Turn
from sonique_daemon.engines.transformers.sentences import shot_lines
from sonique_daemon.engines.transformers.taganswer import NoAnswer, read_answer
from sonique_daemon.engines.transformers.tagprompt import REPAIR, question
from sonique_daemon.errors import UnusableOutput

_LONGEST_SHOWN = 2000
"""Characters of a wrong answer that the model is shown again."""


def advised_tags(request: TagRequest, author: Author, report: Report) -> Tags:
    """The tags for ``request``, advised by ``author``; what the user said stands, whatever the model says.

    Raises:
        InvalidBrief, LimitExceeded: the brief itself is wrong; see ``lexicon.deciding.decide``.
        UnusableOutput: the model gave no tags, and did not when it was asked again.
    """
    report.check()
    check_brief(request.brief)
    return decide(request.brief, request.description, _advice(request, author, report))


def _advice(request: TagRequest, author: Author, report: Report) -> Advice:
    lines = shot_lines(request.description.shots) if request.description is not None else []

    def asked(some: Sequence[str]) -> list[Turn]:
        return [Turn("user", question(request.brief, request.description, some))]

    first = author.answer(lines, asked, report)
    try:
        return read_answer(first)
    except NoAnswer as trouble:
        repair = REPAIR.format(trouble=trouble)

    def asked_again(some: Sequence[str]) -> list[Turn]:
        return [*asked(some), Turn("assistant", first[:_LONGEST_SHOWN] or "…"), Turn("user", repair)]

    try:
        return read_answer(author.answer(lines, asked_again, report))
    except NoAnswer as trouble:
        raise UnusableOutput(
            f"“{author.name}” gave no tags: its answer {trouble}, and so was the one before; choose another model, or "
            "tag with “lexicon”."
        ) from None
