"""The lexicon engine: description and brief to tags, by rules alone."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Affect, Origin, Tag, TagKind, Tags
from sonique_daemon.engines.composer.style import Style
from sonique_daemon.engines.engine import Descriptor, Report, TagRequest
from sonique_daemon.engines.lexicon.ban import Ban, ban, negatives, settle
from sonique_daemon.engines.lexicon.choice import choose_style
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, moods, profile
from sonique_daemon.engines.lexicon.feeling import feeling, nearest_moods
from sonique_daemon.engines.lexicon.intent import Intent, intent, note_numbers
from sonique_daemon.engines.lexicon.reading import Finding
from sonique_daemon.engines.lexicon.sight import Sight, sight
from sonique_daemon.engines.lexicon.timing import choose_tempo
from sonique_daemon.engines.lexicon.tonality import choose_key

_WORD_LIMIT = 16
"""Genres, and moods, that tags carry at most; the first that were said weigh most."""

_MOODS = 3
"""Moods that the engine names, the user's included."""

_INSTRUMENTS = 4
"""Instruments that the engine names, the user's included."""

_SPEECH_THINNING = 0.5
"""Share of density that goes where the whole range is speech."""

_DEFAULT_HITS = 0.5


class LexiconEngine:
    """Tags by rules: the user's words through a lexicon, the picture as a small push, the style for all the rest."""

    descriptor = Descriptor(
        name="lexicon",
        stage=Stage.TAG,
        summary="Understands music and film words by a built-in lexicon; needs no model.",
        licence="GPL-3.0-or-later",
        version="1",
        negatives=True,
        memory_bytes=8_000_000,
    )

    def run(self, request: TagRequest, report: Report) -> Tags:
        """Tags for the brief and the description; the same request always gives the same tags.

        Raises:
            InvalidBrief: an unknown genre, instrument or key, a tempo or hit strength out of bounds, or negatives that
                leave no style.
            LimitExceeded: a text or a list is over its limit.
        """
        report.check()
        said = intent(request.brief)
        seen = sight(request.description)
        report.check()
        tags = _decided(request.brief, said, seen)
        report.progress(1.0, 1.0, "brief")
        return tags


def _decided(brief: Brief, said: Intent, seen: Sight) -> Tags:
    note_numbers(said)
    banned = ban(said)
    wanted = settle(said, banned)
    style = choose_style(said, wanted, banned, seen)
    _note_style(said, wanted, style, banned)
    affect = feeling(style.id, wanted, said.denied, seen)
    _note_opposites(said, wanted)
    tempo = choose_tempo(style, affect, said, wanted)
    key = choose_key(style.id, affect, said, wanted, seen.digest)
    density = _density(style, affect, said, wanted, seen)
    hits = _hits(brief, said, wanted)
    tags = (
        *_genres(style, wanted),
        *_mood_tags(affect, wanted, banned, seen),
        *_instruments(style, wanted, banned, seen, said),
        *negatives(said, banned),
    )
    return Tags(style.id, tags, tempo, key, affect, density, hits, tuple(dict.fromkeys(said.notes)))


def _genres(style: Style, wanted: Sequence[Finding]) -> list[Tag]:
    """The user's genres, and the style itself where none of them stands for it."""
    said = [finding.concept for finding in wanted if finding.concept.kind is ConceptKind.GENRE]
    tags = _tags(TagKind.GENRE, (concept.name for concept in said), Origin.USER)[: _WORD_LIMIT - 1]
    if any(concept.main_style == style.id for concept in said):
        return tags
    return _merged([*tags, Tag(TagKind.GENRE, style.id, Origin.ENGINE)])


def _mood_tags(affect: Affect, wanted: Sequence[Finding], banned: Ban, seen: Sight) -> list[Tag]:
    """The user's moods; then those that scenes imply, the user's before the picture's; then the nearest."""
    said = [finding.concept.name for finding in wanted if finding.concept.kind is ConceptKind.MOOD]
    implied = [name for finding in (*wanted, *seen.scenes) for name in finding.concept.moods]
    fitting = [moods()[name] for name in implied] + nearest_moods(affect)
    free = [mood.name for mood in fitting if banned.allows_mood(mood)]
    tags = _tags(TagKind.MOOD, said, Origin.USER)[:_WORD_LIMIT]
    room = max(0, _MOODS - 2 * len(tags))
    offered = [name for name in dict.fromkeys(free) if name not in said][:room]
    return [*tags, *_tags(TagKind.MOOD, offered, Origin.ENGINE)]


def _instruments(style: Style, wanted: Sequence[Finding], banned: Ban, seen: Sight, said: Intent) -> list[Tag]:
    """The user's instruments; then those that his words imply and those that the style is known by."""
    asked = [finding.concept for finding in wanted if finding.concept.kind is ConceptKind.INSTRUMENT]
    said.notes.extend(concept.note for concept in asked if concept.note)
    tags = _tags(TagKind.INSTRUMENT, _allowed(asked, banned), Origin.USER)
    if banned.alone:
        return tags
    implied = [
        finding.concept for finding in (*wanted, *seen.scenes) if finding.concept.kind is not ConceptKind.INSTRUMENT
    ]
    offered = [*_allowed(implied, banned), *profile(style.id).instruments]
    free = [name for name in dict.fromkeys(offered) if name not in banned.instruments]
    texts = {tag.text for tag in tags}
    room = max(0, _INSTRUMENTS - len(tags))
    return [*tags, *_tags(TagKind.INSTRUMENT, [name for name in free if name not in texts][:room], Origin.ENGINE)]


def _allowed(asked: Iterable[Concept], banned: Ban) -> list[str]:
    return [name for concept in asked for name in concept.plays if name not in banned.instruments]


def _density(style: Style, affect: Affect, said: Intent, wanted: Sequence[Finding], seen: Sight) -> float:
    """How much plays: the style's own, moved by mood, words and cutting; speech thins it where the user lets it."""
    home = profile(style.id)
    words = sum(finding.concept.density * finding.strength for finding in wanted)
    words -= sum(finding.concept.density for finding in said.denied if finding.concept.kind is ConceptKind.TEXTURE)
    full = home.density + 0.25 * (affect.arousal - home.feel.arousal) + words + seen.density
    full = min(1.0, max(0.0, full))
    if seen.speech <= 0:
        return round(full, 3)
    share = f"{max(1, round(100 * seen.speech))} %"
    if any(finding.concept.kind is ConceptKind.TEXTURE and finding.concept.density > 0 for finding in wanted):
        said.notes.append(
            f"Speech fills {share} of the range, but you asked for a full sound; it is left as full as you asked."
        )
        return round(full, 3)
    thin = full * (1 - _SPEECH_THINNING * seen.speech)
    said.notes.append(f"Speech fills {share} of the range, so less plays (density {full:.2f} becomes {thin:.2f}).")
    return round(thin, 3)


def _hits(brief: Brief, said: Intent, wanted: Sequence[Finding]) -> float:
    """The brief's hit strength; where it was left at its default, what the prompt says of cuts."""
    asked = next((finding for finding in wanted if finding.concept.hits is not None), None)
    if asked is None or asked.concept.hits is None:
        return brief.hit_strength
    if brief.hit_strength == _DEFAULT_HITS:
        return asked.concept.hits
    if abs(brief.hit_strength - asked.concept.hits) > 0.25:
        said.notes.append(
            f"“{asked.words}” differs from the hit strength of {brief.hit_strength:g}; the number counts."
        )
    return brief.hit_strength


def _note_style(said: Intent, wanted: Sequence[Finding], style: Style, banned: Ban) -> None:
    """Tells where the first genre that was asked for could not be the style."""
    first = next((finding for finding in wanted if finding.concept.kind is ConceptKind.GENRE), None)
    if first is None or not first.concept.main_style or first.concept.main_style == style.id:
        return
    if first.concept.main_style in banned.styles:
        said.notes.append(
            f"“{first.words}” is asked for, but what it needs is ruled out; the style is {style.name} instead."
        )


def _note_opposites(said: Intent, wanted: Sequence[Finding]) -> None:
    """Tells where two of the user's moods pull against each other."""
    found = [finding for finding in wanted if finding.concept.kind is ConceptKind.MOOD and finding.concept.feel]
    for first, second in pairwise(found):
        one, other = first.concept.feel, second.concept.feel
        if one and other and (abs(one.valence - other.valence) > 1 or abs(one.arousal - other.arousal) > 1.2):
            said.notes.append(
                f"“{first.words}” and “{second.words}” pull against each other; “{found[0].words}” weighs most."
            )


def _tags(kind: TagKind, texts: Iterable[str], origin: Origin) -> list[Tag]:
    return [Tag(kind, text, origin) for text in dict.fromkeys(texts)]


def _merged(tags: Sequence[Tag]) -> list[Tag]:
    """The tags without a second one of the same text."""
    return list({tag.text: tag for tag in reversed(tags)}.values())[::-1]
