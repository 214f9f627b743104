"""Editing: what a job with changes plays, and on which grid, given the take that all but its last change make."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from sonique_daemon.domain.edit import Change, Kept, Swap
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import Origin, Tag, TagKind, Tags
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.engines.lexicon.vocabulary import check_instrument, instruments_of
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.sync.regrid import kept_spans, regridded


def played(job: GenerateJob) -> GenerateJob:
    """The job without changes that plays what ``job`` asks for: its tags, seed and length after all of them.

    Raises:
        InvalidBrief: a change names an instrument that does not exist.
    """
    plain = replace(job, changes=())
    for change in job.changes:
        tags = plain.tags
        for swap in change.swaps:
            tags = _swapped(tags, swap)
        seed = plain.seed if change.seed is None else change.seed
        plain = replace(plain, tags=tags, seed=seed, duration=change.duration or plain.duration)
    return plain


def changed(change: Change, before: Take) -> tuple[TempoMap, Kept]:
    """The grid of the take that ``change`` makes of ``before``, and what of that stays.

    Raises:
        InvalidRequest: it names bars or a time that the take has not.
    """
    old = before.tempo_map
    count = len(old.downbeats)
    for bars in change.keep:
        if bars.last >= count:
            raise InvalidRequest(f"There is no bar {bars.last + 1} to keep; the take has {count} bars.")
    end = min(old.duration, change.duration or old.duration)
    if change.calm_from is not None and not 0 <= change.calm_from < end:
        raise InvalidRequest(f"The take is not {_clock(change.calm_from)} long; calm it from an earlier time.")
    new = regridded(change, old)
    return new, Kept(before.files, kept_spans(change, old, new))


def require_swaps(changes: Sequence[Change], before: Take) -> None:
    """Refuses swaps of the last of ``changes`` that change nothing of ``before``, which all others make.

    Nothing is refused where nobody knows who plays: an engine wrote no score, or kept bars are older than it.

    Raises:
        InvalidRequest: an instrument does not play that is to give its place.
    """
    from sonique_daemon.engines.composer.midi import instruments  # only a swap needs to read a score

    scores = [file.path for file in before.files if file.kind is FileKind.MIDI]
    if not changes[-1].swaps or not scores or any(change.keep for change in changes[:-1]):
        return
    playing = instruments(scores[0].read_bytes())
    for swap in changes[-1].swaps:
        if playing and not set(instruments_of(swap.old)) & set(playing):
            raise InvalidRequest(f"No “{swap.old}” plays in the take; swap one of these: {', '.join(playing)}.")


def _swapped(tags: Tags, swap: Swap) -> Tags:
    """The tags with one instrument for another; both are the user's word, which an engine must heed."""
    new = check_instrument(swap.new)
    gone = tuple(name for name in instruments_of(swap.old) if name != new)
    about = (TagKind.INSTRUMENT, TagKind.NEGATIVE)
    others = tuple(tag for tag in tags.tags if tag.kind not in about or tag.text not in (*gone, swap.old, new))
    said = (Tag(TagKind.INSTRUMENT, new, Origin.USER), *(Tag(TagKind.NEGATIVE, name, Origin.USER) for name in gone))
    return replace(tags, tags=(*said, *others))


def _clock(seconds: Fraction) -> str:
    return f"{int(seconds // 60)}:{float(seconds % 60):04.1f}"
