"""Hue: colours by the names that people give them."""

import colorsys

_HUES = (
    (15, "reds"),
    (42, "oranges"),
    (66, "yellows"),
    (165, "greens"),
    (195, "teals"),
    (255, "blues"),
    (290, "violets"),
    (345, "pinks"),
    (361, "reds"),
)
_DARK = {"oranges": "browns", "yellows": "olives", "pinks": "plums"}


def colour_name(colour: str) -> str:
    """What people call ``#rrggbb``, as a plural: "deep blues", "pale greys", "warm browns"."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < 0.12:
        return "near-black"
    if saturation < 0.14:
        return "dark greys" if value < 0.4 else "mid greys" if value < 0.75 else "whites"
    name = next(name for limit, name in _HUES if hue * 360 < limit)
    if value < 0.55:
        name = _DARK.get(name, name)
    if saturation < 0.32:
        return f"pale {name}" if value > 0.7 else f"greyish {name}"
    if value < 0.4:
        return f"deep {name}"
    return f"vivid {name}" if saturation > 0.65 and value > 0.6 else name


def colours_named(palette: tuple[str, ...], most: int = 2) -> str:
    """The main colours of ``palette`` in words: "deep blues and pale greys"; "" where there are none."""
    names = list(dict.fromkeys(colour_name(colour) for colour in palette))
    hues = [name for name in names if not name.endswith(("greys", "whites", "black"))]
    # Greys are in every picture; they are only worth a word where they come first or stand alone.
    chosen = list(dict.fromkeys([*names[:1], *hues, *names]))[:most]
    return " and ".join(chosen)
