"""Who listens on the likely ports? Asked all at once, by IP literal, without any credential."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from litellm_discover.errors import DeadlineError, ProxyError, ProxyNotFoundError
from litellm_discover.io.connection import Connection
from litellm_discover.io.http import ProxyClient
from litellm_discover.io.threads import all_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litellm_discover.core.answers import Answer
    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline

# LiteLLM answers in 1 to 5 ms; a second is for one that is busy. Three silent ports must not take longer.
PROBE_SECONDS = 1.0

_MAX_BYTES = 4096

Outcome = Literal["litellm", "other", "silent", "nothing"]


@dataclass(frozen=True, slots=True)
class Probed:
    """What listens at one origin.

    ``other`` answers, but not as LiteLLM; ``silent`` accepts and does not answer in time; ``nothing`` refuses.
    """

    origin: Origin
    outcome: Outcome


def probe(
    origins: Sequence[Origin],
    path: str,
    recognise: Callable[[Answer], bool],
    deadline: Deadline,
) -> tuple[Probed, ...]:
    """Ask every origin for ``path`` at once; one result each, in the order given, within PROBE_SECONDS."""
    limit = deadline.within(PROBE_SECONDS)

    def ask(origin: Origin) -> Probed:
        try:
            with Connection(origin, limit) as connection:
                answer = ProxyClient(connection)(path, credential=False, max_bytes=_MAX_BYTES)
        except ProxyNotFoundError:
            return Probed(origin, "nothing")
        except DeadlineError:
            return Probed(origin, "silent")
        except ProxyError:
            return Probed(origin, "other")
        return Probed(origin, "litellm" if recognise(answer) else "other")

    return tuple(all_of([partial(ask, origin) for origin in origins]))
