import io
import json

import pytest
from rich.console import Console
from sonique.v1 import events_pb2
from sonique_cli.display import Bar, Lines, Plain, Quiet, Talking, waiting_text, wording_text

Event = events_pb2.JobEvent


def started(stage: events_pb2.Stage.ValueType, *, cached: bool = False) -> Event:
    return Event(stage_started=events_pb2.StageStarted(stage=stage, engine="signal", cached=cached))


def about(stage: events_pb2.Stage.ValueType, take: int, *, of: int) -> Event:
    return Event(stage_started=events_pb2.StageStarted(stage=stage, take=take, job_takes=of))


def shot(index: int, *, cached: bool) -> Event:
    return Event(shot_described=events_pb2.ShotDescribed(index=index, cached=cached))


def warning(sentence: str) -> Event:
    return Event(warning=events_pb2.Warning(sentence=sentence))


def shown(*events: Event) -> list[str]:
    """The lines that a pipe sees."""
    output = io.StringIO()
    display = Plain(Console(file=output, width=60))
    for event in events:
        display.show(event)
    return output.getvalue().splitlines()


def test_every_stage_has_a_line_and_what_was_known_says_so() -> None:
    described, generated = started(events_pb2.STAGE_DESCRIBE, cached=True), started(events_pb2.STAGE_GENERATE)
    assert shown(described, generated) == ["Looking at the picture: known already", "Making the music …"]


def test_a_batch_says_how_many_takes_it_makes() -> None:
    several = Event(stage_started=events_pb2.StageStarted(stage=events_pb2.STAGE_GENERATE, takes=4))
    assert shown(several) == ["Making the music, 4 takes at once …"]


def test_of_several_takes_every_stage_says_which_one_it_is_about() -> None:
    stages = (events_pb2.STAGE_FIT, events_pb2.STAGE_GENERATE, events_pb2.STAGE_DELIVER)
    begun = [about(stage, take, of=2) for take in range(2) for stage in stages]
    titles = ("Fitting the beats to the cuts", "Making the music", "Finishing the sound")
    told = [f"{title}, take {number} of 2 …" for number in (1, 2) for title in titles]
    assert shown(started(events_pb2.STAGE_TAG), *begun) == ["Choosing the music …", *told]


def test_a_job_of_one_take_counts_none() -> None:
    assert shown(about(events_pb2.STAGE_FIT, 0, of=1)) == ["Fitting the beats to the cuts …"]


def test_a_stage_of_a_later_release_is_shown_all_the_same() -> None:
    assert shown(started(99)) == ["Working …"]  # type: ignore[arg-type]


def test_a_job_that_waits_says_its_place_and_why() -> None:
    queued = Event(queued=events_pb2.Queued(position=3, reason="Two jobs run."))
    assert shown(queued) == ["Waiting (3 before it): Two jobs run."]
    assert waiting_text(events_pb2.Queued(position=0, reason="No worker.")) == "Waiting (next in line): No worker."


def test_a_job_that_goes_on_after_the_daemon_ended_says_so() -> None:
    (line,) = shown(Event(resumed=events_pb2.Resumed(stage=events_pb2.STAGE_GENERATE)))
    assert "goes on" in line
    assert "making the music" in line


def test_shots_that_were_known_are_counted() -> None:
    shots = [shot(index, cached=index != 2) for index in range(30)]
    done = Event(description={"summary": "A day."})  # type: ignore[arg-type]
    assert shown(*shots, done) == ["29 of 30 shots were known already."]
    assert shown(shot(0, cached=False), done) == []


def test_warnings_are_shown_even_quietly_and_cannot_steer_the_terminal() -> None:
    output = io.StringIO()
    Quiet(Console(file=output, width=60)).show(warning("“[/]\x1b[2Ja.mov” is black."))
    assert output.getvalue() == "Note: “[/]\ufffd[2Ja.mov” is black.\n"


def test_json_goes_to_standard_output_and_sentences_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    output = io.StringIO()
    display = Lines(Console(file=output, width=60))
    display.show(started(events_pb2.STAGE_TAG))
    display.say("The daemon ended.")
    assert json.loads(capsys.readouterr().out)["stage_started"]["stage"] == "STAGE_TAG"
    assert output.getvalue() == "The daemon ended.\n"


def test_what_a_model_writes_stands_below_the_bar_and_ends_with_its_stage() -> None:
    console = Console(file=io.StringIO(), width=40, force_terminal=True)
    progress = Talking(console=console)
    bar = Bar(console, progress, progress.add_task("Starting", total=None, left=""))
    bar.show(Event(wording=events_pb2.Wording(shot=2, text="A boat\ncrosses the\x1b bay")))
    assert progress.words == "Shot 3: A boat crosses the\ufffd bay"
    bar.show(started(events_pb2.STAGE_TAG))
    assert not progress.words


def test_long_words_show_their_end() -> None:
    line = wording_text(events_pb2.Wording(text="word " * 40 + "end"), 30)
    assert len(line) < 30
    assert line.startswith("…")
    assert line.endswith("word end")
