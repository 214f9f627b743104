"""Prompts: tags and tempo in the form that each family of models was trained on. Pure, and the same for the same tags.

A text encoder reads so many tokens and no more. What is longer would lose its end without a word, and in SONIQUE's form
that is the tempo; so the least important whole tags are left out instead, and named.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sonique_daemon.domain.form import METRES, in_words, metre_in_words, metre_of
from sonique_daemon.domain.tags import Key, Origin, Tag, TagKind, Tags
from sonique_daemon.domain.tempo import TempoMap

_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MAJOR = frozenset({"ionian", "lydian", "mixolydian"})
_WEIGHT = {TagKind.GENRE: 0, TagKind.INSTRUMENT: 1, TagKind.MOOD: 2, TagKind.FORM: 3}
"""Which kind says more of the music; the first of its kind says most."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a model takes beside its text.

    Attributes:
        bpm: whole beats per minute.
        key: as ``D minor``.
        beats: to a bar, as most bars have them.
        metre: as ``3/4 time``; "" for the usual one.
    """

    bpm: int
    key: str
    beats: int
    metre: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked to play.

    Attributes:
        text: for its text encoder.
        fields: for a model that takes them beside; the others ignore them.
    """

    text: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Material:
    """What a prompt is made of: tags, the most important first, and what is always said.

    Attributes:
        tags: genres, instruments, moods, and how the whole goes and ends; no two with one text.
        fields: tempo, key and metre.
    """

    tags: tuple[Tag, ...]
    fields: Fields

    @classmethod
    def of(cls, tags: Tags, tempo_map: TempoMap) -> "Material":
        """The material of ``tags``, at the tempo that was fitted. A user's word weighs more than an engine's."""
        spoken = in_words(tags)
        wanted = [
            tag for tag in tags.tags if tag.kind in _WEIGHT and (tag.kind is not TagKind.FORM or tag.text in spoken)
        ]
        if not any(tag.kind is TagKind.GENRE for tag in wanted):
            wanted.insert(0, Tag(TagKind.GENRE, tags.style.replace("_", " ").replace("-", " ")))
        ranked = sorted(wanted, key=lambda tag: (tag.origin is not Origin.USER, *_rank(tag, wanted)))
        unique = {tag.text.lower().strip(): replace(tag, text=tag.text.lower().strip()) for tag in reversed(ranked)}
        ordered = tuple(unique[text] for text in dict.fromkeys(tag.text.lower().strip() for tag in ranked))
        beats, metre = _beats(tags, tempo_map), metre_in_words(tags)
        return cls(ordered, Fields(round(tempo_map.bpm), key_name(tags.key), beats, metre))

    def texts(self, kind: TagKind) -> list[str]:
        """The texts of one kind, in order."""
        return [tag.text for tag in self.tags if tag.kind is kind]


def _rank(tag: Tag, among: list[Tag]) -> tuple[int, int]:
    """The first of each kind comes before the second of any."""
    return [other for other in among if other.kind is tag.kind].index(tag), _WEIGHT[tag.kind]


def key_name(key: Key) -> str:
    """``D minor``: the nearest of major and minor, for that is what models know."""
    return f"{_TONICS[key.tonic % 12]} {'major' if key.mode in _MAJOR else 'minor'}"


def _beats(tags: Tags, tempo_map: TempoMap) -> int:
    """The number that names the metre to a model: six for 6/8, else beats of a bar."""
    if metre_of(tags) == METRES["6/8"]:
        return 6
    bars = Counter(tempo_map.bar_beats(bar) for bar in range(max(1, len(tempo_map.downbeats) - 1)))
    return bars.most_common(1)[0][0] if bars else 4


def _sonique(material: Material) -> str:
    """Tags in the order of the alphabet, the tempo last: so its training captions were written."""
    named = sorted(tag.text for tag in material.tags if tag.kind is not TagKind.FORM)
    return ", ".join([*named, f"{material.fields.bpm} bpm"])


def _labelled(material: Material) -> str:
    """Labels with what they name, then tempo and key: Stable Audio 3."""
    labels = {"Genre": TagKind.GENRE, "Mood": TagKind.MOOD, "Instruments": TagKind.INSTRUMENT}
    parts = ["TrackType: Music", "VocalType: Instrumental"]
    parts += [f"{label}: {', '.join(texts)}" for label, kind in labels.items() if (texts := material.texts(kind))]
    fields = material.fields
    always = [text for text in (f"{fields.bpm} BPM", fields.key, fields.metre) if text]
    return ", ".join([*parts, *material.texts(TagKind.FORM), *always])


def _fields(material: Material) -> str:
    """A caption that names a lead instrument first; tempo, key and metre go into the model's own fields."""
    lead = material.texts(TagKind.INSTRUMENT)
    rest = [tag.text for tag in material.tags if tag.kind is not TagKind.INSTRUMENT]
    return ", ".join([*lead, *rest, "instrumental"])


def _caption(material: Material) -> str:
    """A plain sentence, as people write under recordings."""
    moods, genres = ", ".join(material.texts(TagKind.MOOD)), " ".join(material.texts(TagKind.GENRE))
    what = " ".join(part for part in (moods, genres) if part)
    players = _listed(material.texts(TagKind.INSTRUMENT))
    told = f"{what} music{f' with {players}' if players else ''}"
    course = "".join(f", {text}" for text in material.texts(TagKind.FORM))
    fields = material.fields
    metre = f", in {fields.metre}" if fields.metre else ""
    return f"{told[:1].upper()}{told[1:]}, {fields.bpm} bpm, in {fields.key}{metre}{course}."


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else " and ".join(part for part in (", ".join(texts[:-1]), *texts[-1:]) if part)


FORMS: dict[str, Callable[[Material], str]] = {
    "sonique": _sonique,
    "labelled": _labelled,
    "fields": _fields,
    "caption": _caption,
}
"""How each form is written, by the name that the catalogue gives it."""
WORDLESS = frozenset({"sonique"})
"""Forms of words that a model learned one by one, among which none says how music goes and ends."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that its text encoder reads whole.

    Attributes:
        prompt: what is left.
        dropped: the texts that were left out, the least important first.
    """

    prompt: Prompt
    dropped: tuple[str, ...] = field(default=())


def fitted(material: Material, form: str, tokens: Callable[[Prompt], int], limit: int) -> Fitted:
    """The prompt of ``material`` in ``form``, without as many of its last tags as it takes to be read whole.

    Args:
        material: what it is made of.
        form: a key of ``FORMS``.
        tokens: how many tokens the model's own tokenizer makes of a prompt, signs of its own included.
        limit: how many the text encoder reads.
    """
    dropped: list[str] = []
    while True:
        prompt = Prompt(FORMS[form](material), material.fields)
        if not material.tags or tokens(prompt) <= limit:
            return Fitted(prompt, tuple(dropped))
        dropped.append(material.tags[-1].text)
        material = replace(material, tags=material.tags[:-1])


def negative_texts(tags: Tags) -> list[str]:
    """What must not be there, the most important first, none twice."""
    return list(dict.fromkeys(text.lower() for text in tags.texts(TagKind.NEGATIVE)))


def fitted_negative(texts: Sequence[str], fields: Fields, tokens: Callable[[Prompt], int], limit: int) -> Fitted:
    """The negative prompt of ``texts``, without as many of the last as it takes to be read whole; see ``fitted``."""
    kept, dropped = list(texts), []
    while len(kept) > 1 and tokens(Prompt(", ".join(kept), fields)) > limit:
        dropped.append(kept.pop())
    return Fitted(Prompt(", ".join(kept), fields), tuple(dropped))
