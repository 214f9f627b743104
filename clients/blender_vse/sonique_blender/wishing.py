"""What an editor wishes for, as properties: of the scene, and of the operators that a script calls."""

from collections.abc import Callable, Iterable
from typing import Any

import bpy

from .core.orders import LOUDNESS_LUFS, Wishes, words_of
from .core.ranges import Which
from .declaring import properties

_RANGES = (
    (Which.AUTO.value, "Auto", "The preview range where it is on, else the selected strips, else the whole scene"),
    (Which.SELECTION.value, "Selected Strips", "From the first to the last frame of the selected strips"),
    (Which.PREVIEW.value, "Preview Range", "The preview range of the sequencer"),
    (Which.SCENE.value, "Whole Scene", "From the scene's first to its last frame"),
)

_vocabulary: dict[str, tuple[str, ...]] = {"styles": (), "moods": (), "instruments": ()}


def know_words(**words: Iterable[str]) -> None:
    """Remembers the words that the daemon knows, so that fields can suggest them."""
    _vocabulary.update({kind: tuple(found) for kind, found in words.items()})


def _suggesting(kind: str) -> Callable[[Any, Any, str], list[str]]:
    def suggest(owner: Any, context: Any, text: str) -> list[str]:
        del owner, context
        head, _, last = text.rpartition(",")
        before = f"{head.strip()}, " if head.strip() else ""
        return [before + word for word in _vocabulary[kind] if last.strip().casefold() in word.casefold()][:40]

    return suggest


def _listed(name: str, description: str, kind: str) -> Any:
    return bpy.props.StringProperty(
        name=name,
        description=f"{description}; several with commas between them",
        search=_suggesting(kind),
        search_options={"SUGGESTION"},
    )


def wish_properties() -> dict[str, Any]:
    """Every wish as a property, anew at each call: Blender wants its own for each class."""
    return {
        "prompt": bpy.props.StringProperty(
            name="Prompt", description="What the music should be, in your own words: “warm, acoustic, no drums”"
        ),
        "genres": _listed("Style", "Style or genre, the first weighs most", "styles"),
        "moods": _listed("Mood", "Moods", "moods"),
        "instruments": _listed("Instruments", "What must play", "instruments"),
        "negatives": _listed("Without", "What must not be there: instruments, genres, moods", "instruments"),
        "bpm": bpy.props.FloatProperty(
            name="Tempo", description="Beats per minute; 0 leaves it to Sonique", min=0, max=300, precision=1, step=100
        ),
        "key": bpy.props.StringProperty(
            name="Key", description="Like “D minor” or “F# dorian”; empty leaves it to Sonique"
        ),
        "hit_strength": bpy.props.FloatProperty(
            name="Hit Strength",
            description="How much the music cares for the cuts: 0 ignores them, 1 meets every one that the tempo can",
            default=0.5,
            min=0,
            max=1,
            subtype="FACTOR",
        ),
        "seed": bpy.props.IntProperty(name="Seed", description="Another seed is another take", min=0),
        "takes": bpy.props.IntProperty(
            name="Takes",
            description="How many are made; the first is placed, the others can be swapped in",
            default=1,
            min=1,
            max=8,
        ),
        "loudness": bpy.props.FloatProperty(
            name="Loudness",
            description="Integrated loudness in LUFS",
            default=LOUDNESS_LUFS,
            min=-50,
            max=-8,
            step=100,
            precision=1,
        ),
        "ducking": bpy.props.BoolProperty(
            name="Duck Under Speech", description="Lowers the music under speech, as keyframes of the strip's volume"
        ),
        "stems": bpy.props.BoolProperty(
            name="Stems", description="Places each layer (drums, bass, …) on its own channel in place of the mix"
        ),
        "fade_in": bpy.props.IntProperty(name="Fade In", description="Frames", min=0, max=1000),
        "fade_out": bpy.props.IntProperty(name="Out", description="Frames", min=0, max=1000),
        "channel": bpy.props.IntProperty(
            name="Channel",
            description="The channel to try first, upwards from there; 0 is above all that is there",
            min=0,
            max=128,
        ),
    }


def range_properties() -> dict[str, Any]:
    """Which range is meant, and whether each cue in it is scored by itself."""
    return {
        "which": bpy.props.EnumProperty(name="Range", description="What is scored", items=_RANGES, default="AUTO"),
        "each_cue": bpy.props.BoolProperty(
            name="Each Cue by Itself",
            description="Markers named “cue: …” divide the range; each section gets music of its own",
        ),
    }


@properties(**wish_properties(), **range_properties())
class SONIQUE_PG_wishes(bpy.types.PropertyGroup):
    """The wishes of a scene."""


def wishes_of(source: Any) -> Wishes:
    """The wishes that a scene's properties, or an operator's, hold."""
    return Wishes(
        prompt=source.prompt.strip(),
        genres=words_of(source.genres),
        moods=words_of(source.moods),
        instruments=words_of(source.instruments),
        negatives=words_of(source.negatives),
        bpm=round(source.bpm, 3),
        key=source.key.strip(),
        hit_strength=round(source.hit_strength, 4),
        seed=source.seed,
        takes=source.takes,
        loudness_lufs=round(source.loudness, 3),
        ducking=source.ducking,
        stems=source.stems,
        fade_in=source.fade_in,
        fade_out=source.fade_out,
        channel=source.channel,
    )


def show_wishes(wishes: Wishes, target: Any) -> None:
    """Puts wishes back into a scene's properties, so that they can be changed and asked for again."""
    for name in ("prompt", "bpm", "key", "hit_strength", "seed", "takes", "ducking", "stems", "fade_in", "fade_out"):
        setattr(target, name, getattr(wishes, name))
    for name in ("genres", "moods", "instruments", "negatives"):
        setattr(target, name, ", ".join(getattr(wishes, name)))
    target.loudness, target.channel = wishes.loudness_lufs, wishes.channel


def register() -> None:
    """Gives every scene its wishes."""
    bpy.utils.register_class(SONIQUE_PG_wishes)
    bpy.types.Scene.sonique = bpy.props.PointerProperty(type=SONIQUE_PG_wishes)


def unregister() -> None:
    """Takes them away."""
    del bpy.types.Scene.sonique
    bpy.utils.unregister_class(SONIQUE_PG_wishes)
