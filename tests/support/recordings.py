"""Recorded answers of real LiteLLM proxies, as our own types and as a Get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from litellm_discover.core.answers import Answer
from litellm_discover.errors import ProxyNotFoundError

FOLDER = Path(__file__).parent.parent / "recordings"

NOT_FOUND = Answer("", 404, "application/json", b'{"detail":"Not Found"}')


def recorded(name: str) -> Answer:
    """One recording, named like ``v1.106.2/seed004_key__right/GET_v1_models``."""
    recording: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    headers = {key.lower(): value for key, value in recording.get("headers", [])}
    if "body_text" in recording:
        data = recording["body_text"].encode()
    elif recording.get("body_kind") == "text":
        data = recording["body"].encode()
    else:
        data = json.dumps(recording["body"], ensure_ascii=False, separators=(",", ":")).encode()
    path = recording.get("request", {}).get("path", "/v1/models")
    return Answer(path, recording["status"], headers.get("content-type", ""), data)


def body(name: str) -> Any:
    """The JSON body of one recording."""
    return recorded(name).json()


class FakeGet:
    """A Get that answers from a table and remembers what it was asked."""

    def __init__(self, answers: dict[str, Answer | Exception]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, bool]] = []

    async def __call__(self, path: str, *, credential: bool, max_bytes: int) -> Answer:  # noqa: ARG002 - a Get takes it
        self.asked.append((path, credential))
        answer = self.answers.get(path, NOT_FOUND)
        if isinstance(answer, Exception):
            raise answer
        return answer


UNREACHABLE = ProxyNotFoundError("nothing answers")
