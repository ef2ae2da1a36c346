"""What a provider counts of its prompt cache, as OpenAI, Anthropic and Google document it; a word is a token here."""

from __future__ import annotations

import threading
from itertools import takewhile
from typing import Any

Json = dict[str, Any]

PLACES = (CACHING, ELSEWHERE) = ("/caching/", "/elsewhere/")
"""Requests whose path has one of these in it are counted; under the second nobody caches."""

# The least that is cached, and the steps of OpenAI.
_OPENAI_LEAST, _OPENAI_STEP = 1024, 128
_ANTHROPIC_LEAST = 1024
_GEMINI_LEAST = 2048


class PromptCache:
    """Remembers the prompts that it has seen, for each account and model."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prompts: dict[str, list[list[str]]] = {}
        self._marked: set[tuple[str, tuple[str, ...]]] = set()
        self._answers = 0

    def counted(self, path: str, account: str, body: Json, answer: Json) -> Json:
        """The answer with an id of its own and with what this prompt is counted as."""
        with self._lock:
            self._answers += 1
            return {**answer, "id": f"answer-{self._answers}", **self._usage(path, account, body)}

    def _usage(self, path: str, account: str, body: Json) -> Json:
        owner = f"{account} {body.get('model', path)}"
        if ELSEWHERE in path:
            return {"usage": _uncached(path, body)}
        if path.endswith("/messages"):
            return {"usage": self._anthropic(owner, body)}
        texts = _texts(body)
        cached = self._common(owner, " ".join(texts).split())
        total = len(" ".join(texts).split())
        if path.endswith(":generateContent"):
            found = cached if cached >= _GEMINI_LEAST else 0
            counts = {"promptTokenCount": total, "candidatesTokenCount": 1, "totalTokenCount": total + 1}
            return {"usageMetadata": {**counts, **({"cachedContentTokenCount": found} if found else {})}}
        found = cached // _OPENAI_STEP * _OPENAI_STEP if cached >= _OPENAI_LEAST else 0
        if path.endswith("/responses"):
            counts = {"input_tokens": total, "output_tokens": 1, "total_tokens": total + 1}
            details = {"input_tokens_details": {"cached_tokens": found}, "output_tokens_details": {}}
            details["output_tokens_details"] = {"reasoning_tokens": 0}
            return {"usage": {**counts, **details}}
        counts = {"prompt_tokens": total, "completion_tokens": 1, "total_tokens": total + 1}
        return {"usage": {**counts, "prompt_tokens_details": {"cached_tokens": found}}}

    def _common(self, owner: str, words: list[str]) -> int:
        """How many words at the beginning are those of an earlier prompt, which this one is from now on."""
        seen = self._prompts.setdefault(owner, [])
        pairs = (zip(words, each, strict=False) for each in seen)
        best = max((sum(1 for _ in takewhile(lambda both: both[0] == both[1], pair)) for pair in pairs), default=0)
        seen.append(words)
        return best

    def _anthropic(self, owner: str, body: Json) -> Json:
        """What goes in counts without the cached part; only what ends with a mark is written or read."""
        parts = [*_parts(body.get("system")), *(p for each in body["messages"] for p in _parts(each["content"]))]
        words = [str(part.get("text", "")).split() for part in parts]
        total = sum(map(len, words))
        marks = [place for place, part in enumerate(parts) if "cache_control" in part]
        beginning = tuple(word for each in words[: marks[-1] + 1] for word in each) if marks else ()
        if len(beginning) < _ANTHROPIC_LEAST:
            return _messages_usage(total, 0, 0)
        key = (owner, beginning)
        known = key in self._marked
        self._marked.add(key)
        rest = total - len(beginning)
        return _messages_usage(rest, *((0, len(beginning)) if known else (len(beginning), 0)))


def _uncached(path: str, body: Json) -> Json:
    """Counts of a backend that says nothing of caches, or that there was none."""
    texts = [*_texts(body), *(str(part.get("text", "")) for part in _parts(body.get("system")))]
    total = len(" ".join(texts).split())
    if path.endswith("/messages"):
        return _messages_usage(total, 0, 0)
    return {"prompt_tokens": total, "completion_tokens": 1, "total_tokens": total + 1}


def _messages_usage(rest: int, written: int, read: int) -> Json:
    counts = {"cache_creation_input_tokens": written, "cache_read_input_tokens": read}
    return {"input_tokens": rest, **counts, "output_tokens": 1}


def _parts(content: Any) -> list[Json]:
    return [{"text": content}] if isinstance(content, str) else list(content or ())


def _texts(body: Json) -> list[str]:
    """The texts of a prompt in their order, on any of the routes."""
    instruction = body.get("system_instruction") or body.get("systemInstruction") or {}
    messages = [*_parts(body.get("instructions")), *_parts(instruction.get("parts"))]
    for message in body.get("messages") or body.get("input") or body.get("contents") or []:
        messages += _parts(message.get("content") or message.get("parts"))
    return [str(part.get("text", "")) for part in messages]
