"""Which models an agent can use at all, and what they take and give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from litellm_discover.core.ids import last_segment

if TYPE_CHECKING:
    from litellm_discover.core.model import Modality
    from litellm_discover.core.payloads import Row

OFFERED_MODES = frozenset({"chat", "completion", "responses"})

_INPUT_FLAGS: tuple[tuple[Modality, str], ...] = (
    ("image", "supports_vision"),
    ("pdf", "supports_pdf_input"),
    ("audio", "supports_audio_input"),
    ("video", "supports_video_input"),
)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])")


# What an id without a mode reveals. Whole words only: "tts" inside another word says nothing.
_OTHER_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("embedding", _words(r"embed|embedding|embeddings|bge|e5|gte|voyage")),
    ("rerank", _words(r"rerank|reranker")),
    ("moderation", _words(r"moderation|moderations")),
    ("audio_transcription", _words(r"whisper|transcribe|transcription|stt|asr")),
    ("audio_speech", _words(r"tts|speech")),
    ("image_generation", _words(r"dall-e|gpt-image|chatgpt-image|imagen|stable-diffusion|sdxl|flux")),
    ("video_generation", _words(r"sora|veo|t2v|i2v")),
    ("realtime", _words(r"realtime|live")),
    ("ocr", _words(r"ocr")),
)

# Families that read images. Of the chat models that LiteLLM's price map (1.106.2) flags either way, this finds
# 830 of 1287 that do and 5 that do not.
_READS_IMAGES = re.compile(
    r"""
    (?: (?<![a-z0-9]) (?: claude- (?: 3 | (?:opus|sonnet|haiku|fable)- )
                        | gpt- (?: 4o | 4[.-]1 | 4-turbo | [5-9] ) | chatgpt-4o
                        | gemini | gemma-?[34] | llama-?4 | pixtral | llava )
      | ^ o (?: [13] (?! -mini ) | 4 )
    ) (?! .* (?: audio | search | oss ) )
    | (?<![a-z0-9]) (?: vl | vision ) (?![a-z0-9])
    """,
    re.VERBOSE,
)


def hidden_reason(mode: str | None, model_id: str) -> str | None:
    """Why the model is of no use to an agent, or None when it is offered.

    A mode that LiteLLM does not give is read as chat, unless the id says plainly that it is something else.
    """
    if mode is not None:
        return None if mode in OFFERED_MODES else f"mode:{mode}"
    segment = model_id.lower()
    return next((f"rule:{kind}" for kind, words in _OTHER_KINDS if words.search(segment)), None)


def modalities(row: Row, model_id: str) -> tuple[tuple[Modality, ...], tuple[Modality, ...], str]:
    """What goes in, what comes out, and the source of both: ``proxy`` or the name of a rule.

    Once the proxy states any flag and so whether images go in, its flags decide and the id is not asked.
    """
    if row.states("supports_vision") is not None:
        inputs = tuple(modality for modality, flag in _INPUT_FLAGS if row.states(flag))
        outputs: tuple[Modality, ...] = ("audio",) if row.states("supports_audio_output") else ()
        return ("text", *inputs), ("text", *outputs), "proxy"
    if _READS_IMAGES.search(last_segment(model_id).lower()):
        return ("text", "image"), ("text",), "rule:vision-family"
    return ("text",), ("text",), "rule:text-unless-stated"


def can_add(row: Row, modality: Modality) -> bool:
    """Whether the answer has no word for this input at all: ``/model_group/info`` knows nothing of documents."""
    return any(each == modality and flag not in row.flags for each, flag in _INPUT_FLAGS)
