"""Documents of Final Cut Pro's made of the lines that a test is about, and what they are read as."""

from dataclasses import dataclass

import opentimelineio as otio

RESOURCES = """
  <format id="r1" frameDuration="1/25s"/>
  <asset id="a" name="a" start="0s" duration="100s" hasVideo="1" hasAudio="1" format="r1" src="file:///films/a.mov"/>
  <asset id="b" name="b" start="3600s" duration="100s" hasVideo="1" format="r1" src="file:///films/b.mov"/>
  <asset id="c" name="c" start="0s" duration="100s" hasVideo="1" hasAudio="1" format="r1" src="file:///films/c.mov"/>
  <asset id="wav" name="wav" start="0s" duration="100s" hasAudio="1" src="file:///films/wav.wav"/>
  <asset id="png" name="png" start="0s" duration="0s" hasVideo="1" src="file:///films/still.png"/>
  <effect id="words" name="Gradient - Edge" uid=".../Titles.localized/Gradient - Edge.moti"/>
  <effect id="clouds" name="Clouds" uid=".../Generators.localized/Backgrounds.localized/Clouds.motn"/>
  <effect id="shape" name="Shapes" uid=".../Generators.localized/Elements.localized/Shapes.motn"/>
"""


@dataclass(frozen=True)
class Laid:
    """A clip: its track, its name, when it plays, and from where in its media at what speed; all in seconds."""

    track: str
    name: str
    start: float
    duration: float
    media: float
    speed: float = 1.0


@dataclass(frozen=True)
class Read:
    """A timeline as it was read."""

    timeline: otio.schema.Timeline

    @property
    def seen(self) -> list[Laid]:
        """What the video tracks hold, the lowest first."""
        return [laid for track in self.timeline.video_tracks() for laid in _laid(track)]

    @property
    def heard(self) -> list[Laid]:
        """What the audio tracks hold."""
        return [laid for track in self.timeline.audio_tracks() for laid in _laid(track)]


def _laid(track: otio.schema.Track) -> list[Laid]:
    return [
        Laid(
            track.name,
            clip.name,
            round(clip.range_in_parent().start_time.to_seconds(), 6),
            round(clip.duration().to_seconds(), 6),
            round(clip.source_range.start_time.to_seconds(), 6),
            round(clip.effects[0].time_scalar, 6) if clip.effects else 1.0,
        )
        for clip in track.find_clips()
    ]


def document(body: str, resources: str = "") -> str:
    """A document with the usual resources and some more."""
    return f'<fcpxml version="1.11"><resources>{RESOURCES}{resources}</resources>{body}</fcpxml>'


def project(spine: str, attributes: str = 'tcStart="3600s"', name: str = "Cut") -> str:
    """A project at 25 frames per second."""
    sequence = f'<sequence format="r1" {attributes}><spine>{spine}</spine></sequence>'
    return f'<project name="{name}">{sequence}</project>'
