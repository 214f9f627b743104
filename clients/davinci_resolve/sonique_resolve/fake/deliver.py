"""The Deliver page of a project."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

import copy
from typing import Any

from sonique_resolve.fake.live import Live
from sonique_resolve.fake.state import ProjectState, TimelineState

_PRESETS: dict[str, dict[str, Any]] = {
    "H.264 Master": {"ExportVideo": True, "ExportAudio": True},
    "Audio Only": {"ExportVideo": False, "ExportAudio": True},
}
_CODECS = {"mov": {"Apple ProRes 422 HQ": "ProRes422HQ", "H.264": "H264"}, "mp4": {"H.264": "H264"}, "wav": {}}
_PLACE = ("TargetDir", "CustomName", "SelectAllFrames", "MarkIn", "MarkOut")


class DeliverPage(Live):
    """What a project has of the Deliver page; whoever sets anything there, or asks for the mode, is taken to it."""

    _state: ProjectState

    def GetRenderPresetList(self) -> list[str]:
        return [*_PRESETS, *self._state.deliver.presets]

    def LoadRenderPreset(self, presetName: str) -> bool:
        deliver = self._state.deliver
        if presetName in deliver.presets:
            settings, deliver.render_format, deliver.codec = copy.deepcopy(deliver.presets[presetName])
            if self._host.settings.presets == "all":
                deliver.settings.clear()
            deliver.settings.update(settings)
        elif presetName in _PRESETS:
            deliver.settings.update(_PRESETS[presetName])
        else:
            return False
        deliver.preset = presetName
        return True

    def SaveAsNewRenderPreset(self, presetName: str) -> bool:
        """Under a name that there is none of; where files go is not part of every preset."""
        held = self._host.settings.presets
        if held == "none" or not presetName or presetName in self.GetRenderPresetList():
            return False
        deliver = self._state.deliver
        left_out = _PLACE if held == "without_place" else ()
        settings = {key: value for key, value in deliver.settings.items() if key not in left_out}
        deliver.presets[presetName] = (settings, deliver.render_format, deliver.codec)
        return True

    def DeleteRenderPreset(self, presetName: str) -> bool:
        deliver = self._state.deliver
        if deliver.preset == presetName:
            deliver.preset = ""
        return deliver.presets.pop(presetName, None) is not None

    def GetRenderFormats(self) -> dict[str, str]:
        return {"QuickTime": "mov", "MP4": "mp4", "Wave": "wav"}

    def GetRenderCodecs(self, renderFormat: str) -> dict[str, str]:
        return dict(_CODECS.get(renderFormat, {}))

    def GetCurrentRenderFormatAndCodec(self) -> dict[str, str]:
        return {"format": self._state.deliver.render_format, "codec": self._state.deliver.codec}

    def SetCurrentRenderFormatAndCodec(self, format: str, codec: str) -> bool:  # noqa: A002 Resolve's name
        """Sound alone has no codec that could be chosen here."""
        self._host.turn_to("deliver")
        if codec not in _CODECS.get(format, {}).values():
            return False
        self._state.deliver.render_format, self._state.deliver.codec = format, codec
        return True

    def GetCurrentRenderMode(self) -> int:
        self._host.turn_to("deliver")
        return self._state.deliver.mode

    def SetCurrentRenderMode(self, renderMode: int) -> bool:
        self._host.turn_to("deliver")
        if renderMode not in {0, 1}:
            return False
        self._state.deliver.mode = int(renderMode)
        return True

    def SetRenderSettings(self, settings: dict[str, Any]) -> bool:
        """Merged on top of what is there: what the user had set is lost, key by key. A name cannot be taken away."""
        self._host.turn_to("deliver")
        if not isinstance(settings, dict) or not settings.get("CustomName", "a name"):
            return False
        self._state.deliver.settings.update(settings)
        if settings.get("SelectAllFrames"):  # what was set of a range counts no more
            for key in ("MarkIn", "MarkOut"):
                self._state.deliver.settings.pop(key, None)
        return True

    def AddRenderJob(self) -> str:
        """Without a folder to render to there is none; the first one may not be told (reported by users)."""
        self._host.turn_to("deliver")
        timeline = self._state.current
        deliver = self._state.deliver
        first = "told" if self._host.job_requests else self._host.settings.first_job
        self._host.job_requests += 1
        if timeline is None or not deliver.settings.get("TargetDir") or first == "refused":
            return ""
        identity = self._host.new_identity()
        deliver.jobs.append({"JobId": identity, **self._told(timeline), "Looks": -1, "Error": ""})
        return "" if first == "untold" else identity

    def _told(self, timeline: TimelineState) -> dict[str, Any]:
        """What a job says of itself."""
        deliver = self._state.deliver
        first, last = self._render_range(timeline)
        settings = deliver.settings
        return {
            "RenderJobName": f"Job {len(deliver.jobs) + 1}",
            "TimelineName": timeline.name,
            "TargetDir": settings["TargetDir"],
            "OutputFilename": f"{settings.get('CustomName') or timeline.name}.{deliver.render_format}",
            "IsExportVideo": settings.get("ExportVideo", True),
            "IsExportAudio": settings.get("ExportAudio", True),
            "FormatWidth": settings.get("FormatWidth"),
            "FormatHeight": settings.get("FormatHeight"),
            "MarkIn": first,
            "MarkOut": last,
        }

    def _render_range(self, timeline: TimelineState) -> tuple[int, int]:
        """The absolute first and last frame; both belong to the range."""
        settings = self._state.deliver.settings
        base = timeline.start_frame if self._host.settings.render_marks == "relative" else 0
        if settings.get("SelectAllFrames", True) or "MarkIn" not in settings:
            return timeline.start_frame, timeline.end_frame - 1
        return int(settings["MarkIn"]) + base, int(settings["MarkOut"]) + base

    def GetRenderJobList(self) -> list[dict[str, Any]]:
        return [{key: job[key] for key in job if key not in {"Looks", "Error"}} for job in self._state.deliver.jobs]

    def StartRendering(self, jobIds: Any = None, isInteractiveMode: bool = False) -> bool:
        """It goes on while its status is asked; what it would write, the host's ``render`` writes."""
        del isInteractiveMode
        self._host.turn_to("deliver")
        wanted = [jobIds] if isinstance(jobIds, str) else jobIds
        deliver = self._state.deliver
        jobs = [job for job in deliver.jobs if not wanted or job["JobId"] in wanted]
        if not jobs or deliver.rendering or self._host.settings.render == "refused":
            return False
        for job in jobs:
            job["Looks"] = 0
        deliver.rendering = [job["JobId"] for job in jobs]
        return True

    def StopRendering(self) -> None:
        self._state.deliver.rendering = []

    def IsRenderingInProgress(self) -> bool:
        return bool(self._state.deliver.rendering) and self._host.settings.render != "stalls"

    def GetRenderJobStatus(self, jobId: str) -> dict[str, Any] | str:
        """Its word for the state is in the user's language; a sentence where it failed (reported by users)."""
        job = next((job for job in self._state.deliver.jobs if job["JobId"] == jobId), None)
        if job is None:
            return {}
        if jobId in self._state.deliver.rendering:
            self._go_on(job)
        if job["Error"] and self._host.settings.render == "only_says":
            return str(job["Error"])
        share = 0 if job["Looks"] < 0 else min(100, 100 * job["Looks"] // max(1, self._host.settings.render_looks))
        waiting, done = self._host.settings.status_words
        told = {"JobStatus": done if share == 100 else waiting, "CompletionPercentage": share}
        return {**told, "Error": job["Error"]} if job["Error"] else told

    def _go_on(self, job: dict[str, Any]) -> None:
        how = self._host.settings.render
        if how == "stalls":
            return
        if how in {"fails", "only_says"}:
            job["Error"] = "The codec is not available."
            self._state.deliver.rendering.remove(job["JobId"])
            return
        job["Looks"] += 1
        if job["Looks"] >= self._host.settings.render_looks:
            self._state.deliver.rendering.remove(job["JobId"])
            if self._host.render is not None and how != "unwritten":
                self._host.render(job)

    def DeleteRenderJob(self, jobId: str) -> bool:
        kept = [job for job in self._state.deliver.jobs if job["JobId"] != jobId]
        found = len(kept) < len(self._state.deliver.jobs)
        self._state.deliver.jobs = kept
        return found
