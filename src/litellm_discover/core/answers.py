"""What a proxy answered, and how it is read: strictly, and without ever showing its text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from litellm_discover.errors import AnswerError


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. The body stays out of ``repr``: error bodies of LiteLLM can hold the key."""

    path: str
    status: int
    content_type: str
    body: bytes = field(repr=False)

    def json(self) -> object:
        """The body as JSON. Raises AnswerError for anything else, NaN and Infinity included; never quotes the body."""
        try:
            return json.loads(self.body.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise AnswerError(
                f"{self.path} answered {self.status} with something that is not JSON",
                hint="Is there a login page or another server in front of the proxy? Try the address in a browser.",
            ) from None


class Get(Protocol):
    """A GET below the proxy's root, already bound to its origin, its credential and the run's deadline."""

    async def __call__(self, path: str, *, credential: bool, max_bytes: int) -> Answer:
        """The answer, whatever its status.

        The key and the person's headers go along only with ``credential``. Raises ProxyNotFoundError when nothing
        answers, DeadlineError when time is up, and AnswerError for more than ``max_bytes`` decoded bytes or an
        answer that breaks HTTP.
        """


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
