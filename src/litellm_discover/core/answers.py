"""What a proxy answered, and how it is asked for: nothing of its text is ever shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from litellm_discover.core.strict import document
from litellm_discover.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Callable


USER_AGENT: Final = "litellm-discover"
"""Some gateways turn away who does not say what they are."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. The body stays out of ``repr``: error bodies of LiteLLM can hold the key."""

    path: str
    status: int
    content_type: str
    body: bytes = field(repr=False)

    def json(self) -> object:
        """The body of a small document as strict JSON. Raises AnswerError for anything else; never quotes the body."""
        try:
            return document(self.body)
        except (ValueError, RecursionError):
            raise not_json(self.path, self.status) from None


class Get(Protocol):
    """A GET below the proxy's root, already bound to its origin, its credential and the run's deadline."""

    def __call__(
        self, path: str, *, credential: bool, max_bytes: int, sink: Callable[[bytes], None] | None = None
    ) -> Answer:
        """The answer, whatever its status; of a body that is not that of a 200 only the beginning.

        With a ``sink`` the body of a 200 goes there, piece by piece as it arrives, and that of the answer is empty;
        what the sink raises ends the request. The key and the person's headers go along only with ``credential``.
        Raises ProxyNotFoundError when nothing answers, DeadlineError when time is up, and AnswerError for a 200
        of more than ``max_bytes`` bytes, as sent or decoded, or an answer that breaks HTTP.
        """


def not_json(path: str, status: int) -> AnswerError:
    """The error for an answer that is no strict JSON."""
    return AnswerError(
        f"{path} answered {status} with something that is not JSON",
        hint="Is there a login page or another server in front of the proxy? Try the address in a browser.",
    )
