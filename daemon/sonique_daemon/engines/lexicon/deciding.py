"""Deciding: a brief, what the picture says, and advice, if any, become tags. The user's word always wins."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.form import metre
from sonique_daemon.domain.tags import Affect, Origin, Tag, TagKind, Tags
from sonique_daemon.engines.composer.style import Style
from sonique_daemon.engines.lexicon.advice import NONE, Advice
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

_ADVISED = 3
"""Genres that an adviser may name."""

_UNKNOWN = 6
"""Words that were not understood which a note names."""

_SPEECH_THINNING = 0.5
"""Share of density that goes where the whole range is speech."""

_DEFAULT_HITS = 0.5

_THREES, _THREES_AT_MOST = 0.75, 0.9
"""What a style's tempo is multiplied by where each beat has three parts, between as many beats and as many eighths; and
its fastest tempo, for jigs are quick.
"""


def decide(brief: Brief, description: Description | None, advice: Advice = NONE) -> Tags:
    """Tags for the brief and the description; the same values always give the same tags.

    What the user said decides. Where he said nothing, advice does, as far as nothing that he ruled out forbids it;
    where there is no advice, words of the description, the picture's measures and the style do.

    Raises:
        InvalidBrief: an unknown genre, instrument or key, a tempo or hit strength out of bounds, or negatives that
            leave no style.
        LimitExceeded: a text or a list is over its limit.
    """
    said = intent(brief)
    seen = sight(description)
    note_numbers(said)
    banned = ban(said)
    wanted = settle(said, banned)
    style = choose_style(said, wanted, banned, seen, advice)
    _note_style(said, wanted, style, banned)
    affect = feeling(style.id, wanted, said.denied, seen, advice.affect)
    _note_opposites(said, wanted)
    forms = _form_tags(said, wanted)
    tempo = choose_tempo(_as_played(style, forms), affect, said, wanted, advice.bpm)
    key = choose_key(style.id, affect, said, wanted, seen.digest, advised=advice.key)
    density = _density(style, affect, said, wanted, seen, advice=advice)
    hits = _hits(brief, said, wanted)
    played = _instruments(style, wanted, banned, seen, said, advice=advice)
    tags = (
        *_genres(style, wanted, banned, advice),
        *_mood_tags(affect, wanted, banned, seen, advice),
        *played,
        *negatives(said, banned),
        *_advised_negatives(said, banned, style, played, advice),
        *forms,
    )
    if advice is NONE:
        _note_unknown(said)
    return Tags(style.id, tags, tempo, key, affect, density, hits, tuple(dict.fromkeys(said.notes)))


def _genres(style: Style, wanted: Sequence[Finding], banned: Ban, advice: Advice) -> list[Tag]:
    """The user's genres; without any, the advised ones; and the style itself where none of them stands for it."""
    said = [finding.concept for finding in wanted if finding.concept.kind is ConceptKind.GENRE]
    tags = _tags(TagKind.GENRE, (concept.name for concept in said), Origin.USER)[: _WORD_LIMIT - 1]
    if any(concept.main_style == style.id for concept in said):
        return tags
    if not tags:
        names = {concept.name for concept in banned.concepts} | banned.styles
        tags = _tags(TagKind.GENRE, (name for name in advice.genres if name not in names), Origin.ENGINE)[:_ADVISED]
    return _merged([*tags, Tag(TagKind.GENRE, style.id, Origin.ENGINE)])


def _mood_tags(affect: Affect, wanted: Sequence[Finding], banned: Ban, seen: Sight, advice: Advice) -> list[Tag]:
    """The user's moods; then the advised ones; those that scenes imply, the user's first; then the nearest."""
    said = [finding.concept.name for finding in wanted if finding.concept.kind is ConceptKind.MOOD]
    scenes = [name for finding in (*wanted, *seen.scenes) for name in finding.concept.moods]
    implied = [*(name for name in advice.moods if name in moods()), *scenes]
    fitting = [moods()[name] for name in implied] + nearest_moods(affect)
    free = [mood.name for mood in fitting if banned.allows_mood(mood)]
    tags = _tags(TagKind.MOOD, said, Origin.USER)[:_WORD_LIMIT]
    room = max(0, _MOODS - 2 * len(tags))
    offered = [name for name in dict.fromkeys(free) if name not in said][:room]
    return [*tags, *_tags(TagKind.MOOD, offered, Origin.ENGINE)]


def _instruments(
    style: Style, wanted: Sequence[Finding], banned: Ban, seen: Sight, said: Intent, *, advice: Advice
) -> list[Tag]:
    """The user's instruments; then the advised ones, those that his words imply, and what the style is known by."""
    named = [finding for finding in wanted if finding.concept.kind is ConceptKind.INSTRUMENT]
    said.notes.extend(one.concept.note.format(said=one.words) for one in wanted if one.concept.note)
    asked = [finding.concept for finding in named]
    tags = _tags(TagKind.INSTRUMENT, _allowed(asked, banned), Origin.USER)
    if banned.alone:
        return tags
    implied = [
        finding.concept for finding in (*wanted, *seen.scenes) if finding.concept.kind is not ConceptKind.INSTRUMENT
    ]
    offered = [*advice.instruments, *_allowed(implied, banned), *profile(style.id).instruments]
    free = [name for name in dict.fromkeys(offered) if name not in banned.instruments]
    texts = {tag.text for tag in tags}
    room = max(0, _INSTRUMENTS - len(tags))
    return [*tags, *_tags(TagKind.INSTRUMENT, [name for name in free if name not in texts][:room], Origin.ENGINE)]


def _form_tags(said: Intent, wanted: Sequence[Finding]) -> list[Tag]:
    """The metre that was said in figures, then what words say of metre, course and ending, then who plays when."""
    forms = [finding.concept.form for finding in wanted if finding.concept.form]
    return _tags(TagKind.FORM, [*said.metres[:1], *forms, *(one.text for one in said.entrances)], Origin.USER)


def _as_played(style: Style, forms: Sequence[Tag]) -> Style:
    """The style with the tempi of its metre: beats of three parts last longer than those of two."""
    if not metre(tag.text for tag in forms).threes:
        return style
    slowest, tempo = round(_THREES * style.slowest), round(_THREES * style.tempo)
    return replace(style, slowest=slowest, tempo=tempo, fastest=round(_THREES_AT_MOST * style.fastest))


def _note_unknown(said: Intent) -> None:
    """Tells which words of the prompt have no effect, the first of them by name."""
    words = [f"“{word}”" for word in said.unknown[:_UNKNOWN]]
    if words:
        more = f" and {len(said.unknown) - _UNKNOWN} more words" if len(said.unknown) > _UNKNOWN else ""
        verb = "was" if len(said.unknown) == 1 else "were"
        said.notes.append(f"Of the prompt, {', '.join(words)}{more} {verb} not understood and had no effect.")


def _advised_negatives(said: Intent, banned: Ban, style: Style, played: Sequence[Tag], advice: Advice) -> list[Tag]:
    """What the adviser would rather not hear, but for what the user asked for and for what plays."""
    asked = {name for finding in said.wanted for name in (finding.concept.name, *finding.concept.plays)}
    taken = {*asked, style.id, *(tag.text for tag in played), *(tag.text for tag in negatives(said, banned))}
    return _tags(TagKind.NEGATIVE, (name for name in advice.negatives if name not in taken), Origin.ENGINE)


def _allowed(asked: Iterable[Concept], banned: Ban) -> list[str]:
    return [name for concept in asked for name in concept.plays if name not in banned.instruments]


def _density(
    style: Style, affect: Affect, said: Intent, wanted: Sequence[Finding], seen: Sight, *, advice: Advice
) -> float:
    """How much plays: what was advised, or the style's own, moved by mood and cutting; moved by the user's words.

    Speech thins it where the user lets it.
    """
    home = profile(style.id)
    own, push = home.density + 0.25 * (affect.arousal - home.feel.arousal), seen.density
    if advice.density is not None:
        own, push = advice.density, 0.0
    words = sum(finding.concept.density * finding.strength for finding in wanted)
    words -= sum(finding.concept.density for finding in said.denied if finding.concept.kind is ConceptKind.TEXTURE)
    full = min(1.0, max(0.0, own + words + push))
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
