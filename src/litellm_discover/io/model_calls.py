"""Asking a model a question, through a proxy: what a probe of prompt caching does, and nothing else here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from litellm_discover.core.answers import Answer
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import AnswerError
from litellm_discover.io.http import failures, http_client, pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import httpx

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and of its header those fields that were asked for, in lower case. Of other than 200 no body."""

    answer: Answer
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What to send where, with the credential in ``headers``; ``wanted`` are the fields of the header to keep."""

    origin: Origin
    path: str
    body: Mapping[str, JsonValue]
    headers: Mapping[str, str] = field(repr=False)
    wanted: Collection[str]


async def call(question: Question, deadline: Deadline) -> Reply:
    """The answer, on a connection of its own. Raises ProxyNotFoundError, DeadlineError and AnswerError."""
    async with http_client(tls=question.origin.scheme == "https") as client:
        with failures(question.origin, question.path), anyio.fail_after(deadline.left()):
            return await _post(client, question)


async def _post(client: httpx.AsyncClient, question: Question) -> Reply:
    path = question.path
    headers = {**question.headers, "Content-Type": "application/json"}
    content = json.dumps(question.body).encode()
    async with client.stream("POST", question.origin.root + path, content=content, headers=headers) as response:
        kept = {name: response.headers[name] for name in question.wanted if name in response.headers}
        body = bytearray()
        received = 0
        if response.status_code == 200:
            async for sent, piece in pieces(response, path):
                received += sent
                body += piece
                if max(received, len(body)) > MAX_PIECE:
                    raise AnswerError(f"{path} answered more than {MAX_PIECE} bytes", code="answer_too_large")
        answer = Answer(path, response.status_code, response.headers.get("content-type", ""), bytes(body))
        return Reply(answer, kept)
