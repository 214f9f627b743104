"""What kind of Resolve this is: its release, its edition, and which of the known behaviours it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Edition: TypeAlias = Literal["free", "studio"]
AppendMode: TypeAlias = Literal["ok", "none", "empty", "holes", "ghost", "vanishes", "unsaid", "short", "late"]
Side: TypeAlias = Literal["exclusive", "inclusive"]

RELEASES = ("18.6", "19.0", "19.1", "20.2.2", "21.0.4", "21.1")
RATES = ("23.976", "24", "25", "29.97", "29.97 DF", "30", "50", "59.94", "59.94 DF", "60")


@dataclass(frozen=True, slots=True)
class Settings:
    """One Resolve among those that are known.

    Attributes:
        version: the release, one of ``RELEASES``; the methods that it lacks are absent.
        edition: Free, or Studio.
        project: the name of the project.
        project_rate: its frame rate, one of ``RATES``; sound takes it at its import and keeps it.
        timeline_rate: that of the timeline; the project's where None.
        rate_form: rates are answered as text (``"29.97 DF"``), as plain text without the DF, or as numbers.
        start: the timecode of the timeline's first frame.
        end_frame: whether ``endFrame`` of an append belongs to the range; by the release where None (inclusive in 18).
        append: what becomes of appends. ``ok``: placed and told. ``none``, ``empty``, ``holes``: nothing is placed and
            the answer is None, [], [None]. ``ghost``: nothing is placed and an item without identity is answered.
            ``vanishes``: placed, and gone after saving. ``unsaid``: placed, and the answer is []. ``short``: a frame
            too short. ``late``: a frame too late.
        append_faults: how many appends meet that before the rest are ``ok``; all where None.
        record_frame: whether an append goes where it is meant to, or to the end of a track that is not empty.
        occupied: what an append onto an occupied range answers: nothing, or an item that does not exist.
        wav_frames: how the length of sound becomes whole frames.
        audio_tracks: the kinds of the first timeline's audio tracks.
        delete_fails_first: the first ``DeleteClips`` on the Edit page answers False and does nothing.
        source_start_error: what ``GetSourceStartFrame`` is off by, in frames.
        page_clears_marks: entering which page loses the in and out marks.
        render_marks: whether MarkIn and MarkOut of a render count from zero or from the start of the timeline.
        export: ``lies`` answers True and writes nothing.
        import_source: ``cancelled`` fails an import of a timeline that wants its media imported as well.
        imports_films: whether films are taken whose codec nobody declared; where not, an import leaves them out.
        import_titles: ``refused`` fails an import of a timeline that has a title.
        render: what becomes of renders. ``fails``: an error is told. ``stalls``: it is never done, and nothing goes on.
            ``unwritten``: done, and no file is there. ``refused``: it does not begin. ``only_says``: it fails, and a
            sentence takes the place of its status.
        first_job: whether the first job that is added to the queue is told by its id; whether there is none, or one
            that is not told.
        render_looks: how often a job's status is asked until it is done.
        presets: whether a saved preset of the Deliver page holds the folder, the file's name and the range too; or
            whether none can be saved.
        status_words: the words of a render job's status in the language of the user's Resolve: waiting, done.
        clip_words: words of clips' properties in the language of the user's Resolve, by the English ones.
        system: whose paths it takes.
        paths: how it spells accents in the paths that it tells: as they came, or as macOS keeps them.
        app_store: the App Store's build reads and writes files below ``~/Movies`` alone.
        scripting: whether the preference "External scripting" is Local.
        end: what calls meet once it ended: an error, or None.
        headless: it was started without a window.
        wedged: it runs and has no database.
        ignores_fades: ``SetFades`` and ``SetProperties`` answer True without effect.
        latency_ms: what each call costs on ``World.elapsed``, a clock that only calls move.
    """

    version: str = "21.0.4"
    edition: Edition = "studio"
    project: str = "Picture"
    project_rate: str = "24"
    timeline_rate: str | None = None
    rate_form: Literal["text", "plain", "number"] = "text"
    start: str = "01:00:00:00"
    end_frame: Side | None = None
    append: AppendMode = "ok"
    append_faults: int | None = None
    record_frame: Literal["kept", "end_of_track"] = "kept"
    occupied: Literal["empty", "ghost"] = "empty"
    wav_frames: Literal["floor", "nearest", "ceil"] = "floor"
    audio_tracks: tuple[str, ...] = ("mono", "mono")
    delete_fails_first: bool = True
    source_start_error: int = 0
    page_clears_marks: Literal["deliver", "any", "none"] = "deliver"
    render_marks: Literal["absolute", "relative"] = "absolute"
    export: Literal["ok", "lies"] = "ok"
    import_source: Literal["ok", "cancelled"] = "ok"
    imports_films: bool = True
    import_titles: Literal["ok", "refused"] = "ok"
    render: Literal["ok", "fails", "stalls", "unwritten", "refused", "only_says"] = "ok"
    first_job: Literal["told", "refused", "untold"] = "told"
    render_looks: int = 2
    presets: Literal["all", "without_place", "none"] = "without_place"
    status_words: tuple[str, str] = ("Ready", "Complete")
    clip_words: Mapping[str, str] = field(default_factory=dict)
    system: Literal["linux", "macos", "windows"] = "linux"
    paths: Literal["as_given", "decomposed"] = "as_given"
    app_store: bool = False
    scripting: bool = True
    end: Literal["raises", "answers_nothing"] = "raises"
    headless: bool = False
    wedged: bool = False
    ignores_fades: bool = False
    latency_ms: float = 1.0

    def __post_init__(self) -> None:
        if self.version not in RELEASES:
            raise ValueError(f"“{self.version}” is none of {', '.join(RELEASES)}.")
        if not {self.project_rate, self.own_timeline_rate} <= set(RATES):
            raise ValueError(f"A rate is none of {', '.join(RATES)}.")

    @property
    def release(self) -> tuple[int, int, int]:
        """The release as numbers: major, minor, patch."""
        numbers = [int(part) for part in self.version.split(".")]
        major, minor, patch = (*numbers, 0, 0)[:3]
        return major, minor, patch

    @property
    def end_is_inclusive(self) -> bool:
        """Whether ``endFrame`` belongs to the range of an append."""
        return self.end_frame == "inclusive" if self.end_frame is not None else self.release < (19, 0, 0)

    @property
    def own_timeline_rate(self) -> str:
        """The timeline's frame rate."""
        return self.timeline_rate if self.timeline_rate is not None else self.project_rate
