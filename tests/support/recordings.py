"""Recorded answers of real LiteLLM proxies, as our own types and as a Get."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litellm_discover.core.answers import Answer
from litellm_discover.core.entries import EntryReader
from litellm_discover.core.rows import RowReader
from litellm_discover.errors import ProxyNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from litellm_discover.core.payloads import Kind, Rows

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

    def __call__(
        self,
        path: str,
        *,
        credential: bool,
        max_bytes: int,  # noqa: ARG002 - a Get takes it
        sink: Callable[[bytes], None] | None = None,
    ) -> Answer:
        self.asked.append((path, credential))
        answer = self.answers.get(path, NOT_FOUND)
        if isinstance(answer, Exception):
            raise answer
        if sink and answer.status == 200:
            sink(answer.body)
            return replace(answer, body=b"")
        return answer


def entries_of(data: bytes, member: str = "data", *, sizes: Iterable[int] = ()) -> list[Any]:
    """The entries of a list, of a document that arrives in pieces of these sizes and then in one."""
    reader = EntryReader("/x", member)
    stream = BytesIO(data)
    pieces = [*(stream.read(size) for size in sizes), stream.read()]
    return [*(entry for piece in pieces for entry in reader.feed(piece)), *reader.close()]


def rows_of(kind: Kind, entries: Iterable[object]) -> Rows:
    """The rows of these entries."""
    reader = RowReader(kind)
    for entry in entries:
        reader.add(entry)
    return reader.rows()


UNREACHABLE = ProxyNotFoundError("nothing answers")
