"""Pipelines of diffusers with random weights: Stable Audio 3, Stable Audio Open and ACE-Step.

Freshly made networks answer nothing, for their last layers are zeros; and random decoders make noise, which the engines
refuse. So zeros are filled, and decoders are made to sound tones.
"""

from pathlib import Path
from typing import Any

from bench.tiny.text import qwen3, t5, t5gemma, tokenizer

_WIDTH = 32


def stable_audio_3(folder: Path, *, base: bool = False) -> None:
    """Writes a Stable Audio 3 pipeline, distilled or ``base``."""
    import torch
    from diffusers import (
        AutoencoderSAME,
        FlowMatchEulerDiscreteScheduler,
        StableAudio3DiTModel,
        StableAudio3Pipeline,
    )
    from diffusers.pipelines.stable_audio_3.modeling_stable_audio_3 import StableAudio3DurationEmbedder

    torch.manual_seed(0)
    vae = AutoencoderSAME(
        patch_size=256,
        encoder_channels=8,
        encoder_c_mults=[2],
        encoder_strides=[4],
        encoder_transformer_depths=[1],
        latent_dim=8,
        dim_heads=8,
        sampling_rate=44_100,
    )
    network = StableAudio3DiTModel(
        io_channels=8,
        embed_dim=32,
        depth=2,
        num_heads=2,
        cond_token_dim=_WIDTH,
        global_cond_dim=_WIDTH,
        local_add_cond_dim=9,
        timestep_features_dim=16,
        num_memory_tokens=2,
    )
    for part in (vae, network):
        fill_zeros(part)
    StableAudio3Pipeline(
        vae=vae,
        text_encoder=t5gemma(_WIDTH),
        tokenizer=tokenizer(),
        duration_embedder=StableAudio3DurationEmbedder(output_dim=_WIDTH, fourier_dim=16),
        transformer=network,
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0, stochastic_sampling=not base),
    ).save_pretrained(folder)


def stable_audio_open(folder: Path) -> None:
    """Writes a Stable Audio Open 1.0 pipeline."""
    import torch
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
    )
    from diffusers.pipelines.stable_audio.modeling_stable_audio import StableAudioProjectionModel

    torch.manual_seed(0)
    network = StableAudioDiTModel(
        sample_size=256,
        in_channels=8,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        num_key_value_attention_heads=2,
        out_channels=8,
        cross_attention_dim=32,
        time_proj_dim=16,
        global_states_input_dim=64,
        cross_attention_input_dim=32,
    )
    vae = AutoencoderOobleck(
        encoder_hidden_size=16,
        downsampling_ratios=[32, 32],
        channel_multiples=[1, 2],
        decoder_channels=8,
        decoder_input_channels=8,
        audio_channels=2,
        sampling_rate=44_100,
    )
    for part in (vae, network):
        fill_zeros(part)
    make_tonal(vae.decoder.conv1)
    StableAudioPipeline(
        vae=vae,
        text_encoder=t5(_WIDTH),
        projection_model=StableAudioProjectionModel(
            text_encoder_dim=_WIDTH, conditioning_dim=32, min_value=0, max_value=512
        ),
        tokenizer=tokenizer(),
        transformer=network,
        scheduler=CosineDPMSolverMultistepScheduler(
            solver_order=2, prediction_type="v_prediction", sigma_data=1.0, sigma_schedule="exponential"
        ),
    ).save_pretrained(folder)


def ace_step(folder: Path, *, turbo: bool = True) -> None:
    """Writes an ACE-Step 1.5 pipeline, turbo or base."""
    import torch
    from diffusers import (
        AceStepPipeline,
        AceStepTransformer1DModel,
        AutoencoderOobleck,
        FlowMatchEulerDiscreteScheduler,
    )
    from diffusers.pipelines.ace_step.modeling_ace_step import AceStepConditionEncoder

    torch.manual_seed(0)
    shape: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
    }
    network = AceStepTransformer1DModel(
        num_hidden_layers=2,
        in_channels=24,
        audio_acoustic_hidden_dim=8,
        sliding_window=16,
        is_turbo=turbo,
        **shape,
    )
    vae = AutoencoderOobleck(
        encoder_hidden_size=16,
        downsampling_ratios=[40, 48],
        channel_multiples=[1, 2],
        decoder_channels=8,
        decoder_input_channels=8,
        audio_channels=2,
        sampling_rate=48_000,
    )
    encoder = AceStepConditionEncoder(
        text_hidden_dim=_WIDTH,
        timbre_hidden_dim=8,
        num_lyric_encoder_hidden_layers=1,
        num_timbre_encoder_hidden_layers=1,
        **shape,
    )
    for part in (vae, network):
        fill_zeros(part)
    make_tonal(vae.decoder.conv1)
    AceStepPipeline(
        vae=vae,
        text_encoder=qwen3(_WIDTH),
        tokenizer=tokenizer(),
        transformer=network,
        condition_encoder=encoder,
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    ).save_pretrained(folder)


def make_tonal(layer: Any, share: float = 0.02) -> None:
    """Weakens a decoder's first layer, so that its biases are heard above its input: they come with each frame."""
    import torch

    with torch.no_grad():
        for name, value in layer.named_parameters():
            if name.endswith(("weight_g", "original0")):
                value.mul_(share)


def fill_zeros(network: Any, scale: float = 0.1) -> None:
    """Fills every tensor of zeros with small random numbers, so that what is answered depends on what is asked."""
    import torch

    with torch.no_grad():
        for value in network.parameters():
            if not value.any():
                value.normal_(0.0, scale)
