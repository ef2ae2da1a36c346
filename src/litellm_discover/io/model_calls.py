"""Asking a model a question, through a proxy: what a probe of prompt caching does, and nothing else here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from litellm_discover.core.answers import Answer
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import AnswerError
from litellm_discover.io.connection import Connection
from litellm_discover.io.http import failures, pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from http.client import HTTPResponse

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


def call(question: Question, deadline: Deadline) -> Reply:
    """The answer, on a connection of its own. Raises ProxyNotFoundError, DeadlineError and AnswerError."""
    path = question.path
    headers = {**question.headers, "Content-Type": "application/json", "Accept-Encoding": "gzip"}
    body = json.dumps(question.body).encode()
    with (
        Connection(question.origin, deadline) as connection,
        failures(question.origin, path),
        connection.exchange("POST", path, headers, body) as response,
    ):
        kept = {name: value for name in question.wanted if (value := response.headers.get(name)) is not None}
        return Reply(_answer(response, path, deadline), kept)


def _answer(response: HTTPResponse, path: str, deadline: Deadline) -> Answer:
    body = bytearray()
    received = 0
    if response.status == 200:
        for sent, piece in pieces(response, path, deadline):
            received += sent
            body += piece
            if max(received, len(body)) > MAX_PIECE:
                raise AnswerError(f"{path} answered more than {MAX_PIECE} bytes", code="answer_too_large")
    return Answer(path, response.status, response.headers.get("content-type", ""), bytes(body))
