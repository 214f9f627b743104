"""``sonique styles``: the words that a brief may use."""

import typer

from sonique_cli import options
from sonique_cli.printable import printable


def styles(json_lines: options.JsonDocument = False) -> None:
    """List styles, instruments and moods that a brief may name."""
    from sonique_cli.display import open_display
    from sonique_cli.documents import to_json
    from sonique_cli.results import print_result
    from sonique_cli.session import open_session

    with open_display(json_lines=False, quiet=True) as display, open_session(display) as session:
        words = session.vocabulary()
    if json_lines:
        print_result(to_json(words))
        return
    lines = ["Styles (--genre)", ""]
    lines += [f"  {s.id:12} {s.name:14} {s.slowest_bpm:.0f} to {s.fastest_bpm:.0f} bpm" for s in words.styles]
    lines += ["", "Instruments (--instrument, --no)", "", *_columns(list(words.instruments))]
    lines += ["", "Moods (--mood, --no)", "", *_columns(list(words.moods))]
    if words.style_folder:
        lines += ["", f"Your own styles go into {words.style_folder}"]
    print_result("\n".join(map(printable, lines)))
    for sentence in words.faults:
        typer.echo(f"Note: {printable(sentence)}", err=True)


def _columns(words: list[str], columns: int = 4) -> list[str]:
    rows = [words[start : start + columns] for start in range(0, len(words), columns)]
    return ["  " + "".join(f"{word:20}" for word in row).rstrip() for row in rows]
