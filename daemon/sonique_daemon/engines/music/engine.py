"""Music engines: what every music model does alike, from tags to audio of exactly the length that is asked for.

Tags become a prompt in the model's own form, the cue becomes windows that join on bars, a ``Player`` makes each, and
the result is brought to 48 kHz stereo, judged, and written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sonique_daemon.catalogue.model import Model, MusicFacts, Quantisation
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.form import in_words, metre_in_words
from sonique_daemon.domain.options import EngineOptions
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.attending import attended
from sonique_daemon.engines.engine import Descriptor, GenerateRequest, RecordedReport, Report
from sonique_daemon.engines.models import descriptor_of
from sonique_daemon.engines.music.assembly import Assembly, Opening
from sonique_daemon.engines.music.entries import Part, parts
from sonique_daemon.engines.music.player import OnStep, Piece, Player
from sonique_daemon.engines.music.prompts import (
    WORDLESS,
    Fitted,
    Material,
    Prompt,
    fitted,
    fitted_negative,
    negative_texts,
)
from sonique_daemon.engines.music.rates import fitted_length
from sonique_daemon.engines.music.windows import Joins, Window, fade, memory, plan

_PER_WINDOW = 1_000_003
"""A window's seed is its take's plus this many times its number, so that no two windows of neighbouring takes agree."""
_LAST_SEED = 2**63 - 1


class MusicEngine:
    """Runs one music model; see ``families.ModelEngine`` for the arguments. Subclasses say how a family is loaded."""

    def __init__(self, model: Model, folder: Path, quantisation: Quantisation, device: str) -> None:
        assert model.music is not None
        self.model, self.folder, self.quantisation, self.device = model, folder, quantisation, device
        self.facts: MusicFacts = model.music
        self._player: Player | None = None
        self._spared = 0

    @property
    def descriptor(self) -> Descriptor:
        """What it is."""
        from sonique_daemon.engines.families import FAMILIES

        return descriptor_of(self.model, Stage.GENERATE, self.quantisation, FAMILIES[self.model.family])

    @property
    def goes_on(self) -> bool:
        """Whether the model goes on from the end of given audio."""
        return self.facts.inpainting

    def opened(self) -> Player:
        """Loads the model; raises what ``families.ModelEngine`` says."""
        raise NotImplementedError

    def rehearse(self) -> None:
        """Loads the model before anybody waits for it."""
        self._ready(RecordedReport())

    def spare(self, count: int) -> None:
        """Works with the first ``count`` of its savings from the next run on."""
        self._spared = count
        if self._player is not None:
            self._player.spare(count)

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """One take."""
        return self.run_batch((request,), report)[0]

    def run_batch(self, requests: Sequence[GenerateRequest], report: Report) -> tuple[Rendering, ...]:
        """A take for each of ``requests``, windows of one number together."""
        report.check()
        player = self._ready(report)
        self._tell_unheeded(requests[0].options, player, report)
        takes = [self._take(request, player, report) for request in requests]
        calls = _calls(takes, max(1, self.facts.batch))
        steps = player.steps(requests[0].options, max(window.seconds for take in takes for window in take.windows))
        try:
            for index, (number, members) in enumerate(calls):
                with attended(report.check):
                    _play(player, number, members, _Steps(report, index, len(calls), steps).told)
                for sentence in player.remarks():
                    report.warn(sentence)
            return tuple(Rendering(take.assembly.finish()) for take in takes)
        finally:
            for take in takes:
                take.assembly.close()

    def _ready(self, report: Report) -> Player:
        if self._player is None:
            with attended(report.check):
                player = self.opened()
            player.spare(self._spared)
            self._player = player
        return self._player

    def _tell_unheeded(self, options: EngineOptions, player: Player, report: Report) -> None:
        """Says which options of its family this model has no use for; what no model of it heeds was told before."""
        heeded = player.heeds(options)
        idle = [option for option in options.given() if option in self.descriptor.options and option not in heeded]
        if idle:
            named = ", ".join(option.replace("_", " ") for option in idle)
            report.warn(f"The engine “{self.descriptor.name}” has no {named} here, so that plays no part.")

    def _take(self, request: GenerateRequest, player: Player, report: Report) -> "_Take":
        continues = self.goes_on and request.init is None
        slack = 0.0 if continues or request.init is not None else 30.0 / request.tempo_map.bpm
        grid = request.tempo_map
        downbeats = [grid.beats[index] for index in grid.downbeats]
        shares = parts(request.tags, request.samples / SAMPLE_RATE, downbeats)
        longest = self.facts.window_seconds - slack
        joins = Joins(longest, memory(longest) if continues else fade(downbeats), continues)
        return _Take(
            request=request,
            asked=self._asked(request, shares, player, report),
            windows=plan([part.end for part in shares], downbeats, joins),
            assembly=Assembly(
                request,
                self.descriptor.name,
                player.sample_rate,
                player.channels,
                continues=continues,
                slack=slack,
            ),
        )

    def _asked(
        self, request: GenerateRequest, shares: Sequence[Part], player: Player, report: Report
    ) -> tuple[tuple[Prompt, str], ...]:
        """Prompt and negative prompt of each part; what is told of several is told once."""
        told = RecordedReport()
        asked = tuple(
            (self._prompt(request, part, player, told), self._negative(request, part, player, told)) for part in shares
        )
        for sentence in dict.fromkeys(told.warnings):
            report.warn(sentence)
        return asked

    def _prompt(self, request: GenerateRequest, part: Part, player: Player, report: Report) -> Prompt:
        material = Material.of(part.tags, request.tempo_map)
        made = fitted(material, self.facts.prompt_form, player.tokens, self.facts.text_tokens)
        self._tell_dropped(made, "was left out", report)
        metre = metre_in_words(part.tags)
        course = (*([metre] if metre else []), *in_words(part.tags))
        if course and self.facts.prompt_form in WORDLESS:
            named = ", ".join(f"“{text}”" for text in course)
            report.warn(
                f"The engine “{self.descriptor.name}” knows no words for how music goes: {named} is not said to it."
            )
        return made.prompt

    def _tell_dropped(self, made: Fitted, what: str, report: Report) -> None:
        """Says what the text encoder has no room for."""
        if made.dropped:
            left_out = ", ".join(f"“{text}”" for text in made.dropped)
            report.warn(
                f"The engine “{self.descriptor.name}” reads {self.facts.text_tokens} tokens at the most; "
                f"{left_out} {what}."
            )

    def _negative(self, request: GenerateRequest, part: Part, player: Player, report: Report) -> str:
        """The negative prompt, where the model heeds one; else that is told of what must never be there."""
        texts = negative_texts(request.tags)
        guidance = self.facts.guidance if request.options.guidance is None else request.options.guidance
        heeded = self.facts.negatives and guidance > 1.0
        if heeded:
            texts = list(dict.fromkeys([*texts, *part.away]))
        if not texts:
            return ""
        if heeded:
            fields = Material.of(request.tags, request.tempo_map).fields
            made = fitted_negative(texts, fields, player.tokens, self.facts.text_tokens)
            self._tell_dropped(made, "was left out of what must not be there", report)
            return made.prompt.text
        why = "without guidance it cannot" if self.facts.negatives else "it cannot"
        report.warn(
            f"The engine “{self.descriptor.name}” does not heed what must not be there ({why}): {', '.join(texts)}."
        )
        return ""


@dataclass(frozen=True, slots=True)
class _Take:
    """One take on its way; ``asked`` has prompt and negative prompt of each part."""

    request: GenerateRequest
    asked: tuple[tuple[Prompt, str], ...]
    windows: tuple[Window, ...]
    assembly: Assembly

    def likeness(self, number: int) -> tuple[object, ...]:
        """What window ``number`` must have in common with another take's for both to be made in one call.

        A call has one length, one negative and one set of fields for all that it makes, so that a take sounds in a
        batch as it does alone.
        """
        prompt, negative = self.asked[self.windows[number].part]
        return self.windows[number], self.assembly.slack, negative, prompt.fields, self.request.inpaint

    def piece(self, number: int, opening: Opening, seconds: float, samples: int) -> Piece:
        """What window ``number`` asks of the player, filled up to ``seconds``."""
        prompt, negative = self.asked[self.windows[number].part]
        return Piece(
            prompt=prompt,
            negative=negative,
            seconds=seconds,
            start=self.windows[number].start,
            total=self.request.samples / SAMPLE_RATE,
            seed=(self.request.seed + number * _PER_WINDOW) % (_LAST_SEED + 1),
            init=None if opening.init is None else fitted_length(opening.init, samples),
            noise=opening.noise,
            spans=opening.spans,
        )


def _calls(takes: Sequence[_Take], together: int) -> list[tuple[int, list[_Take]]]:
    """The calls of the player in order: the number of a window, and the takes that have it made together."""
    calls: list[tuple[int, list[_Take]]] = []
    for number in range(max(len(take.windows) for take in takes)):
        alike: dict[object, list[_Take]] = {}
        for take in takes:
            if number < len(take.windows):
                alike.setdefault(take.likeness(number), []).append(take)
        for members in alike.values():
            calls += [(number, members[first : first + together]) for first in range(0, len(members), together)]
    return calls


def _play(player: Player, number: int, takes: list[_Take], on_step: OnStep) -> None:
    """Makes window ``number`` of each of ``takes`` in one call, and joins it to what was made before."""
    openings = [take.assembly.opening(take.windows[number]) for take in takes]
    seconds = openings[0].seconds
    samples = round(seconds * player.sample_rate)
    pieces = [
        take.piece(number, opening, seconds, samples)
        for take, opening in zip(takes, openings, strict=True)
        if not opening.untouched
    ]
    made = iter(player.play(pieces, takes[0].request.options, on_step) if pieces else ())
    for take, opening in zip(takes, openings, strict=True):
        block = opening.init if opening.untouched else next(made)
        assert block is not None
        take.assembly.add(take.windows[number], block)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Tells the steps of one call as a part of all."""

    report: Report
    call: int
    calls: int
    steps: int

    def told(self, done: int, total: int) -> None:
        """Says that ``done`` of ``total`` steps of this call are done."""
        share = self.steps * min(1.0, done / max(1, total))
        self.report.progress(self.call * self.steps + share, self.calls * self.steps, "steps")
