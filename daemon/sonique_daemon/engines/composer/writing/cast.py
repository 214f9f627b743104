"""The cast: which instrument plays which layer, from the style, what was asked for and what must not be there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sonique_daemon.domain.tags import Origin, TagKind, Tags
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import Layer, Pattern, Style
from sonique_daemon.engines.composer.writing.dice import Dice
from sonique_daemon.engines.composer.writing.instruments import GROUPS, NATURES, ROLE_WORDS

_GROOVE = (
    Pattern(0.0, (("K", "8000000080000000"), ("X", "0000500000005000"), ("H", "3030303030303030"))),
    Pattern(0.35, (("K", "9000000090500000"), ("S", "0000600000006000"), ("H", "4030403040304030"))),
    Pattern(0.6, (("K", "9000000590500000"), ("S", "0000800000008000"), ("H", "5030503050305031"))),
    Pattern(0.8, (("K", "9000005090500050"), ("S", "0000900000009010"), ("H", "6040604060406040"))),
)
"""What drums play that were asked for in a style that has none."""

_BY_NAME = {instrument.value: instrument for instrument in Instrument}


@dataclass(frozen=True, slots=True)
class Player:
    """One player of the piece.

    Attributes:
        layer: what it plays, from the style.
        instrument: on what.
        low: its lowest note here.
        high: its highest note here.
        asked: whether somebody asked for this instrument.
    """

    layer: Layer
    instrument: Instrument
    low: int
    high: int
    asked: bool = False

    @property
    def role(self) -> str:
        """The layer's role."""
        return self.layer.role


@dataclass(frozen=True, slots=True)
class Refusal:
    """What must not play.

    Attributes:
        instruments: those instruments.
        roles: those roles, whoever plays them.
        words: the negatives as they were said.
        spared: instruments that the user asks for, and that play all the same: none of those above.
    """

    instruments: frozenset[Instrument]
    roles: frozenset[str]
    words: frozenset[str]
    spared: frozenset[Instrument]

    def lets(self, instrument: Instrument, role: str) -> bool:
        """Whether that instrument may play in that role."""
        return role not in self.roles or instrument in self.spared


def refusal(tags: Tags) -> Refusal:
    """Reads the negatives: instruments by name, groups of instruments, roles; other words are kept as words.

    An instrument that the user asks for plays though its group is refused, if it is not refused by its own name.
    """
    words = [text.strip().lower() for text in tags.texts(TagKind.NEGATIVE)]
    called = [meant(word) for word in words]
    instruments = frozenset[Instrument]().union(*(named for named, _ in called))
    spared = frozenset(instrument for instrument in _called(tags, Origin.USER) if instrument.value not in words)
    spared &= instruments
    return Refusal(
        instruments - spared, frozenset[str]().union(*(roles for _, roles in called)), frozenset(words), spared
    )


def meant(word: str) -> tuple[frozenset[Instrument], frozenset[str]]:
    """The instruments, and the roles, that a name or the name of a group stands for, in the singular or plural."""
    instruments: set[Instrument] = set()
    roles: set[str] = set()
    for form in (word, word.removesuffix("s"), word + "s"):
        instruments.update([_BY_NAME[form]] if form in _BY_NAME else [], GROUPS.get(form, ()))
        roles.update(ROLE_WORDS.get(form, ()))
    return frozenset(instruments), frozenset(roles)


def asked(tags: Tags, refused: Refusal) -> tuple[Instrument, ...]:
    """The instruments that the user named and nobody refused, the most important first, at most six."""
    return _named(tags, refused, Origin.USER)[:6]


def cast(style: Style, tags: Tags, refused: Refusal, dice: Dice) -> tuple[Player, ...]:
    """The players in the order in which they enter.

    What the user asked for gets a seat, or a layer of its own; what an engine proposed sits where the style has it.
    """
    wanted = asked(tags, refused)
    layers = [layer for layer in style.layers if layer.role not in refused.roles]
    seats = _seats(layers, [instrument for instrument in wanted if NATURES[instrument].roles[0] != "effect"])
    for instrument in _named(tags, refused, Origin.ENGINE):
        places = [index for index, layer in enumerate(layers) if index not in seats and instrument in layer.instruments]
        if places and instrument not in seats.values():
            seats[places[0]] = instrument
    players = [
        _player(layer, seats[index], asked=seats[index] in wanted)
        if index in seats
        else _free(layer, refused, wanted, index, dice)
        for index, layer in enumerate(layers)
    ]
    extra = [_extra(instrument, style, refused) for instrument in wanted if instrument not in seats.values()]
    found = [player for player in (*players, *extra) if player is not None]
    return _distinct(found) or (_last_resort(refused),)


def _named(tags: Tags, refused: Refusal, origin: Origin) -> tuple[Instrument, ...]:
    return tuple(instrument for instrument in _called(tags, origin) if instrument not in refused.instruments)


def _called(tags: Tags, origin: Origin) -> list[Instrument]:
    words = [tag.text.strip().lower() for tag in tags.tags if tag.kind is TagKind.INSTRUMENT and tag.origin is origin]
    return [_BY_NAME[word] for word in words if word in _BY_NAME]


def _seats(layers: Sequence[Layer], wanted: Sequence[Instrument]) -> dict[int, Instrument]:
    """Gives every wanted instrument the layer that suits it best: its own first, then the best of its roles."""
    seats: dict[int, Instrument] = {}
    for instrument in wanted:
        free = [index for index in range(len(layers)) if index not in seats]
        suited = [index for index in free if _suits(layers[index], instrument)]
        if suited:
            seats[min(suited, key=lambda index: _misfit(layers[index], instrument, index))] = instrument
    return seats


def _suits(layer: Layer, instrument: Instrument) -> bool:
    return instrument in layer.instruments or layer.role in NATURES[instrument].roles


def _misfit(layer: Layer, instrument: Instrument, index: int) -> tuple[float, int]:
    roles = NATURES[instrument].roles
    if instrument in layer.instruments:
        return layer.instruments.index(instrument) + 0.5 * layer.enters, index
    return 10.0 + roles.index(layer.role) * 2 + layer.enters, index


def _player(layer: Layer, instrument: Instrument, *, asked: bool = False) -> Player:
    nature = NATURES[instrument]
    low, high = layer.low or nature.low, layer.high or nature.high
    if layer.role == "drums":
        return Player(layer, instrument, nature.low, nature.high, asked)
    while low < nature.low - 2 and high + 12 <= nature.high + 7:
        low, high = low + 12, high + 12
    while high > nature.high + 4 and low - 12 >= nature.low - 7:
        low, high = low - 12, high - 12
    low, high = max(low, nature.low), min(high, nature.high)
    if high - low < 11:
        low, high = max(nature.low, high - 12), min(nature.high, max(high, low + 12))
    return Player(layer, instrument, low, high, asked)


def _free(layer: Layer, refused: Refusal, wanted: Sequence[Instrument], index: int, dice: Dice) -> Player | None:
    """The layer's own choice: the style's first instrument mostly, the others now and then, a relative if refused."""
    open_to = [instrument for instrument in layer.instruments if instrument not in refused.instruments]
    if not open_to:
        return None
    fresh = [instrument for instrument in open_to if instrument not in wanted] or open_to
    weights = {instrument: 0.2**place for place, instrument in enumerate(fresh)}
    return _player(layer, dice.at("cast", index).weigh(weights))


def _extra(instrument: Instrument, style: Style, refused: Refusal) -> Player | None:
    """A layer of its own for an instrument that found no seat."""
    role = next((role for role in NATURES[instrument].roles if refused.lets(instrument, role)), None)
    if role is None or role == "effect":
        return None
    model = next((layer for layer in style.layers if layer.role == role), None)
    patterns = model.patterns if model else _GROOVE if role == "drums" else ()
    layer = Layer(role, (instrument,), gain_db=-4.0, pan=0.2, patterns=patterns)
    return _player(layer, instrument, asked=True)


def _distinct(players: Iterable[Player]) -> tuple[Player, ...]:
    """Drops a player whose role, instrument and manner another has already."""
    found: dict[tuple[object, ...], Player] = {}
    for player in players:
        layer = player.layer
        key = (layer.role, player.instrument, layer.figure, layer.patterns)
        if key not in found or (player.asked and not found[key].asked):
            found[key] = player
    return tuple(found.values())


def _last_resort(refused: Refusal) -> Player:
    """Somebody has to play: the first instrument that nobody refused, a melodic one if there is one."""
    kinds = [(nature.roles[0] in ("drums", "effect", "noise"), instrument) for instrument, nature in NATURES.items()]
    ranked = [instrument for _, instrument in sorted(kinds, key=lambda kind: kind[0])]
    instrument = next((one for one in ranked if one not in refused.instruments), Instrument.FELT_PIANO)
    role = NATURES[instrument].roles[0]
    role = "noise" if role == "effect" else role
    patterns = (Pattern(0.0, (("L", "9000600090006050"),)),) if role == "drums" else ()
    return _player(Layer(role, (instrument,), figure="close", patterns=patterns), instrument, asked=True)
