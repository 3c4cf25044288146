"""The demo's token estimator.

It is no tokenizer of OpenAI's. It cuts text into pieces whose number is near enough to be
plausible: a Latin word of up to eight letters with the space before it, up to three digits, one
or two Chinese characters, one punctuation mark, a run of white space. The same pieces are the
deltas of a stream, the entries of ``logprobs`` and the unit of ``max_completion_tokens``, so every
count in an answer agrees with what the reader sees.
"""

import json
import re
from typing import Any

PIECE = re.compile(
    r" ?[A-Za-z]{1,8}|\d{1,3}|[\u4e00-\u9fff]{1,2}|[\u3040-\u30ff\uac00-\ud7af]{1,2}|\s+|.",
    re.DOTALL,
)
CONTEXT = 128_000
"""Tokens that fit into the demo's context window; the real ones differ from model to model."""
PER_MESSAGE = 4
"""Tokens for the frame of one message: role, separators."""
PER_REQUEST = 3
"""Tokens with which the answer is opened."""
PER_IMAGE = {"low": 85, "auto": 765, "high": 765, "original": 1105}
"""Tokens for one image by ``detail``: fixed estimates, since the demo does not measure images."""
BYTES_PER_AUDIO_TOKEN = 3200
"""Bytes of base64 audio for one audio token."""


def pieces(text: str) -> list[str]:
    """Cut ``text`` into token-like pieces; joined, they are ``text`` again."""
    return PIECE.findall(text)


def count(text: str) -> int:
    """Return the estimated number of tokens of ``text``."""
    return len(pieces(text))


def as_json(value: Any) -> str:
    """Return ``value`` as JSON, the way it is counted."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def count_json(value: Any) -> int:
    """Return the estimated number of tokens of ``value`` written as JSON."""
    return count(as_json(value))
