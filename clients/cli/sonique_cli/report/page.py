"""The page: the figure, the sound to play along it, and every hit point in a table, in one file that needs nothing."""

import base64
from collections.abc import Iterator

from sonique_cli.report.facts import Facts, HitPoint, Verdict
from sonique_cli.report.sheet import DIM, EDGE, GROUND, GUTTER, HEIGHT, INK, PANEL, PLOT, STRIP, VERDICTS, VOICE, WIDTH
from sonique_cli.report.svg import FONT, clean

_POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

_STYLE = f"""
:root {{ color-scheme: dark; }}
body {{ margin: 0; background: {GROUND}; color: {INK}; font: 14px/1.5 {FONT}; }}
main {{ max-width: {WIDTH}px; margin: 0 auto; padding: 0 0 48px; }}
#figure {{ position: relative; cursor: crosshair; }}
#figure svg {{ display: block; width: 100%; height: auto; }}
#head {{ position: absolute;
  top: {100 * STRIP.top / HEIGHT:.2f}%; height: {100 * (VOICE.bottom - STRIP.top) / HEIGHT:.2f}%;
  width: 0; border-left: 2px solid #fff; box-shadow: 0 0 6px #000; pointer-events: none; }}
.bar {{ position: sticky; bottom: 0; background: {GROUND}; padding: 10px 28px; border-top: 1px solid {EDGE}; }}
audio {{ width: 100%; display: block; }}
section {{ padding: 0 28px; }}
.wide {{ overflow-x: auto; }}
h2 {{ font-size: 15px; font-weight: 600; margin: 24px 0 8px; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; padding: 4px 16px 4px 0; border-bottom: 1px solid {PANEL}; white-space: nowrap; }}
th {{ color: {DIM}; font-weight: 500; }}
tbody tr {{ cursor: pointer; }}
tbody tr:hover, tbody tr:focus {{ background: {PANEL}; outline: none; }}
td.r, th.r {{ text-align: right; }}
.dot {{ display: inline-block; width: 9px; height: 9px; border-radius: 5px; margin-right: 8px; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 2px 20px; }}
dt {{ color: {DIM}; }} dd {{ margin: 0; overflow-wrap: anywhere; }}
"""

_SCRIPT = """
const sound = document.getElementById('sound'), head = document.getElementById('head');
const figure = document.getElementById('figure');
const left = %(left)s, wide = %(wide)s, seconds = %(seconds)s;
function show() { head.style.left = 100 * (left + wide * Math.min(sound.currentTime / seconds, 1)) + '%%'; }
function tick() { show(); if (!sound.paused) requestAnimationFrame(tick); }
sound.addEventListener('play', tick); sound.addEventListener('seeked', show); show();
figure.addEventListener('click', event => {
  const box = figure.getBoundingClientRect(), place = ((event.clientX - box.left) / box.width - left) / wide;
  if (place >= 0 && place <= 1) sound.currentTime = place * seconds;
});
function from(row) { sound.currentTime = Math.max(0, row.dataset.seconds - 1.5); sound.play(); }
for (const row of document.querySelectorAll('tr[data-seconds]')) {
  row.addEventListener('click', () => from(row));
  row.addEventListener('keydown', event => { if (event.key === 'Enter') from(row); });
}
"""


def page(facts: Facts, figure: str, sound: bytes) -> str:
    """The whole page.

    Args:
        facts: what is told.
        figure: the figure, as SVG.
        sound: the music as Opus in WebM.
    """
    script = _SCRIPT % {"left": GUTTER / WIDTH, "wide": PLOT / WIDTH, "seconds": facts.seconds}
    audio = base64.b64encode(sound).decode("ascii")
    parts = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{clean(facts.title)}: cue report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f'<div id="figure">{figure}<div id="head"></div></div>',
        f'<div class="bar"><audio id="sound" controls src="data:audio/webm;base64,{audio}"></audio></div>',
        *_hits(facts),
        *_measures(facts),
        *_provenance(facts),
        f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
    )
    return "\n".join(parts)


def _hits(facts: Facts) -> Iterator[str]:
    points = facts.hit_points()
    if not points:
        return
    yield '<section class="wide"><h2>Hit points</h2><table><thead><tr><th>Timecode</th><th>Kind</th><th>Marker</th>'
    yield '<th class="r">Weight</th><th class="r">Music is late by</th><th class="r">Frames</th><th></th></tr></thead>'
    yield "<tbody>"
    yield from (_hit(point, facts) for point in points)
    yield "</tbody></table></section>"


def _hit(point: HitPoint, facts: Facts) -> str:
    late = "–" if point.error is None else f"{1000 * point.error:+.0f} ms"
    frames = "–" if point.error is None else f"{point.error * float(facts.rate):+.1f}"
    words = {Verdict.MET: "met", Verdict.NEAR: "near", Verdict.MISSED: "missed", Verdict.LEFT: "left alone"}
    return (
        f'<tr tabindex="0" data-seconds="{point.seconds:.3f}">'
        f"<td>{facts.timecode(float(facts.start) + point.seconds)}</td><td>{point.kind}</td>"
        f'<td>{clean(point.label)}</td><td class="r">{point.weight:.2f}</td><td class="r">{late}</td>'
        f'<td class="r">{frames}</td><td><span class="dot" style="background:{VERDICTS[point.verdict]}"></span>'
        f"{words[point.verdict]}</td></tr>"
    )


def _measures(facts: Facts) -> Iterator[str]:
    """Every measure in words."""
    measures = facts.take.measures
    rows = [("Loudness", f"{measures.loudness_lufs:.1f} LUFS"), ("True peak", f"{measures.true_peak_dbtp:.1f} dBTP")]
    for window in measures.windows:
        chance = f"{100 * window.chance:.0f} % by chance (± {100 * window.spread:.0f})"
        rows.append((f"Hits within {window.name}", f"{100 * window.share:.0f} % of the weight, {chance}"))
    if measures.HasField("tempo"):
        rows.append(("Tempo heard", f"{measures.rhythm.bpm:.1f} bpm, {100 * measures.tempo.share:.2f} % off the map"))
    if measures.HasField("energy"):
        energy = measures.energy
        rows.append(("Energy with the picture", f"{energy.value:+.2f}, {energy.chance:+.2f} by chance"))
    if measures.HasField("repetition"):
        alike = measures.repetition
        rows.append(("Self-similarity", f"{alike.self_similarity:.2f}; longest copy {alike.identical_bars:.1f} bars"))
    yield "<section><h2>Measures</h2><dl>"
    yield from (f"<dt>{clean(name)}</dt><dd>{clean(words)}</dd>" for name, words in rows)
    yield "</dl></section>"


def _provenance(facts: Facts) -> Iterator[str]:
    rows = [(name.replace("_", " ").capitalize(), words) for name, words in facts.provenance.items() if words]
    rows += [(f"File “{file.name}”", f"{file.size} bytes, SHA-256 {file.sha256}") for file in facts.take.files]
    rows += [("Note", note) for note in facts.notes]
    yield "<section><h2>Provenance</h2><dl>"
    yield from (f"<dt>{clean(name)}</dt><dd>{clean(words)}</dd>" for name, words in rows)
    yield "</dl></section>"
