"""Which release brought which method, so that older ones lack it.

From independent listings of the real names (18.6.6, 19.0, 19.1, 20.2.2, 21.0.0); what came after 21.0.0 from people who
read the newer documents.
"""

from typing import TypeAlias

ReleaseNumber: TypeAlias = tuple[int, int, int]

V19_0: ReleaseNumber = (19, 0, 0)
V19_1: ReleaseNumber = (19, 1, 0)
V20: ReleaseNumber = (20, 0, 0)
V21_0_4: ReleaseNumber = (21, 0, 4)
V21_1: ReleaseNumber = (21, 1, 0)

SINCE: dict[str, ReleaseNumber] = {
    "Resolve.IsStudio": V21_1,
    "Resolve.GetCurrentProject": V21_1,
    "Resolve.GetCurrentTimeline": V21_1,
    "Resolve.GetMediaPool": V21_1,
    "MediaPoolItem.SetName": V20,
    "MediaPoolItem.GetTimeline": V21_0_4,
    "MediaPoolItem.GetThirdPartyMetadata": V19_0,
    "MediaPoolItem.SetThirdPartyMetadata": V19_0,
    "MediaPoolItem.GetAudioMapping": V19_0,
    "MediaPoolItem.GetMarkInOut": V19_1,
    "MediaPoolItem.SetMarkInOut": V19_1,
    "MediaPoolItem.ClearMarkInOut": V19_1,
    "Timeline.GetTrackSubType": V19_0,
    "Timeline.GetMediaPoolItem": V19_1,
    "Timeline.GetMarkInOut": V19_1,
    "Timeline.SetMarkInOut": V19_1,
    "Timeline.ClearMarkInOut": V19_1,
    "Timeline.GetSelectedClips": V21_0_4,
    "Timeline.GetSettings": V21_1,
    "Timeline.SetSettings": V21_1,
    "TimelineItem.SetName": V20,
    "TimelineItem.GetSourceStartFrame": V19_0,
    "TimelineItem.GetSourceEndFrame": V19_0,
    "TimelineItem.GetSourceStartTime": V19_0,
    "TimelineItem.GetSourceEndTime": V19_0,
    "TimelineItem.GetLinkedItems": V19_0,
    "TimelineItem.GetTrackTypeAndIndex": V19_0,
    "TimelineItem.GetSourceAudioChannelMapping": V19_0,
    "TimelineItem.GetType": V21_1,
    "TimelineItem.GetFades": V21_1,
    "TimelineItem.SetFades": V21_1,
    "TimelineItem.GetProperties": V21_1,
    "TimelineItem.SetProperties": V21_1,
    "TimelineItem.GetSpeed": V21_1,
}
"""Methods of the fake that not every release has, with the first that has them; all others are in 18.6 already."""


def has(kind: str, name: str, release: ReleaseNumber) -> bool:
    """Whether ``kind.name`` is there in ``release``."""
    since = SINCE.get(f"{kind}.{name}")
    return since is None or release >= since
