"""Descriptions of films that there are not, to tag."""

from fractions import Fraction

from sonique_daemon.domain.description import Curve, CurveKind, Description, Look, ShotDescription
from sonique_daemon.domain.time import TimeRange

FILMS = (
    ("A day at the sea", "A family builds a castle of sand.", "Waves wash over it.", "The children laugh."),
    ("A chase by night", "A man runs down a dark alley.", "A car follows with its lights off.", "He climbs a fence."),
    ("A wedding", "Guests throw rice.", "The couple dances in a barn.", "An old man wipes his eyes."),
    ("A company's new office", "People type at bright desks.", "A manager points at a chart.", "Everybody claps."),
    ("A haunted house", "A door opens by itself.", "Dust falls in the light of a torch.", "A face in a window."),
    ("A football match", "The crowd jumps.", "A player falls in the mud.", "The ball hits the post."),
    (
        "A funeral in the rain",
        "Black umbrellas round a grave.",
        "A woman holds a photograph.",
        "Hands let go of earth.",
    ),
    ("A cooking show", "Onions fall into butter.", "A chef tastes the sauce and smiles.", "A plate is served."),
    ("A flight over mountains", "Snow glows in the first sun.", "An eagle circles.", "A valley opens below."),
    ("A silent comedy", "A waiter slips on a banana skin.", "Three cakes fly.", "The police arrives."),
    ("A city at rush hour", "Trains pour out people.", "Taxis stand in a row.", "Steam rises from the ground."),
    ("A laboratory", "A robot arm lifts a glass.", "Numbers run over a screen.", "A scientist nods."),
    ("A western", "Two riders meet in the dust.", "A hand moves to a gun.", "A shutter bangs."),
    ("A baby's first steps", "It holds on to a chair.", "It lets go.", "Its father catches it."),
    ("A jazz club", "Smoke hangs over the piano.", "A singer closes her eyes.", "Glasses ring."),
    ("A war film", "Soldiers wade through a river.", "An explosion behind the trees.", "Nobody moves."),
    ("A skateboard park", "A girl jumps over stairs.", "Her board breaks.", "She shouts and tries again."),
    ("A desert", "The sand has no end.", "A caravan on the horizon.", "A tent in the wind."),
    ("An advertisement for a car", "It turns through wet corners.", "The driver smiles.", "The logo shines."),
    ("Nothing", "Black.", "Black.", "Black."),
)
"""For each film its summary, and a sentence for each shot."""

_SHOT = Fraction(4)


def description(number: int) -> Description:
    """The description of one of ``FILMS``, with curves that rise."""
    summary, *sentences = FILMS[number]
    shots = tuple(
        ShotDescription(TimeRange(_SHOT * place, _SHOT), sentence, Look(motion=0.3 * place, light=0.5))
        for place, sentence in enumerate(sentences)
    )
    curves = tuple(Curve(kind, Fraction(3), (0.1, 0.3, 0.6, 0.9)) for kind in (CurveKind.MOTION, CurveKind.LIGHT))
    return Description(_SHOT * len(shots), f"{summary}.", shots, curves)
