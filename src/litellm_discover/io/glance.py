"""Small requests for who watches a proxy all day: who answers, and is the list the same? Nothing is understood."""

from __future__ import annotations

import hashlib
import zlib
from http.client import HTTPException
from typing import TYPE_CHECKING

from litellm_discover.core.answers import Answer
from litellm_discover.errors import AnswerError, ProxyNotFoundError
from litellm_discover.io.connection import Connection
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.http import pieces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.origin import Origin

_SMALL = 4096
_LIST = 4 * 1024 * 1024

# One answer is all that is wanted of a connection.
_HEADERS = {"Accept": "application/json", "Connection": "close"}

# Nobody there, nothing in time, or nothing that is HTTP.
_FAILURES = (ProxyNotFoundError, AnswerError, HTTPException, OSError, zlib.error)


def ask(origin: Origin, path: str, seconds: float) -> Answer | None:
    """The beginning of the answer to a request without any credential; None when there is none in time."""
    try:
        with Connection(origin, Deadline.after(seconds)) as line, line.exchange("GET", path, _HEADERS) as response:
            body = response.read(_SMALL)
            if len(body) < _SMALL and response.length:
                return None
            return Answer(path, response.status, response.headers.get("content-type", ""), body)
    except _FAILURES:
        return None


def digest(origin: Origin, path: str, headers: Mapping[str, str], seconds: float) -> str | None:
    """What tells one answer from another, made of its status and its body; None when there is none in time."""
    mark = hashlib.sha256()
    size = 0
    deadline = Deadline.after(seconds)
    try:
        with Connection(origin, deadline) as line, line.exchange("GET", path, {**headers, **_HEADERS}) as response:
            if response.status != 200:  # a refusal can hold a time or a number of its own
                return str(response.status)
            for _, piece in pieces(response, path, deadline):
                mark.update(piece)
                size += len(piece)
                if size >= _LIST:
                    break
    except _FAILURES:
        return None
    return f"200:{mark.hexdigest()}"
