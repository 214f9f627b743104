"""The bare calls: what a user of the library alone would write for the same work, from what ours was heard to ask."""

from collections.abc import Sequence
from typing import Any

from bench.gpu.overhearing import Asked

_OURS = ("callback", "callback_on_step_end", "logits_processor", "stopping_criteria", "cache")
"""Arguments by which our calls are told, held, stopped and gone on from."""


def music_call(player: Any) -> tuple[Any, str]:
    """Where a player calls its library: the owner, and the name of what it calls."""
    if hasattr(player, "pipeline"):
        return type(player.pipeline), "__call__"
    if hasattr(player, "_network"):
        return player._network, "generate"  # noqa: SLF001 - there is no other way to hear it
    from stable_audio_tools.inference import generation

    return generation, "generate_diffusion_cond"


def bare_music(player: Any, calls: Sequence[Asked]) -> None:
    """What the library does by itself for the same calls, audio on the processor at their end."""
    for asked in calls:
        if hasattr(player, "pipeline"):
            made = asked.again("output_type", *_OURS, generator=_afresh(asked.named["generator"])).audios
        elif hasattr(player, "_network"):
            made = asked.again(*_OURS, do_sample=True)
        else:
            made = asked.again(*_OURS)
        if hasattr(made, "cpu"):
            made.float().cpu()


def _afresh(generators: Sequence[Any]) -> list[Any]:
    """The same sources of chance from their beginning."""
    import torch

    return [torch.Generator("cpu").manual_seed(each.initial_seed()) for each in generators]


def bare_text(held: Any, calls: Sequence[Asked], seen: Sequence[Asked]) -> None:
    """The same answers by the library alone: what was shown is read, the model writes as many tokens, they are decoded.

    Args:
        held: the model in memory.
        calls: of its ``generate``.
        seen: of its processor, each before the call that has frames in it.
    """
    import torch

    shown = iter(seen)
    for asked in calls:
        inputs = {name: value for name, value in asked.named.items() if name in _FRAMES or name in _TEXT}
        if any(name in _FRAMES for name in inputs):
            inputs = _read(held, next(shown), inputs)
        written = int(asked.answer.shape[1] - asked.named["input_ids"].shape[1])
        with torch.inference_mode():
            answer = asked.again(*_OURS, **inputs, max_new_tokens=written, min_new_tokens=written)
        held.tokenizer.batch_decode(answer[:, -written:], skip_special_tokens=True)


_TEXT = ("input_ids", "attention_mask")
_FRAMES = ("pixel_values", "pixel_values_videos")


def _read(held: Any, asked: Asked, wanted: dict[str, Any]) -> dict[str, Any]:
    encoded = asked.again()
    return {
        name: encoded[name].to(held.device, value.dtype) if value.is_floating_point() else encoded[name].to(held.device)
        for name, value in wanted.items()
    }
