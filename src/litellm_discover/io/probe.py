"""Who listens on the likely ports? Asked all at once, by IP literal, without any credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import anyio

from litellm_discover.errors import DeadlineError, ProxyError, ProxyNotFoundError
from litellm_discover.io.http import ProxyClient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

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


async def probe(
    client: httpx.AsyncClient,
    origins: Sequence[Origin],
    path: str,
    recognise: Callable[[Answer], bool],
    deadline: Deadline,
) -> tuple[Probed, ...]:
    """Ask every origin for ``path`` at once; one result each, in the order given, within PROBE_SECONDS."""
    results: dict[Origin, Outcome] = {}
    limit = deadline.within(PROBE_SECONDS)

    async def ask(origin: Origin) -> None:
        try:
            answer = await ProxyClient(client, origin, limit)(path, credential=False, max_bytes=_MAX_BYTES)
        except ProxyNotFoundError:
            results[origin] = "nothing"
        except DeadlineError:
            results[origin] = "silent"
        except ProxyError:
            results[origin] = "other"
        else:
            results[origin] = "litellm" if recognise(answer) else "other"

    async with anyio.create_task_group() as group:
        for origin in origins:
            group.start_soon(ask, origin)
    return tuple(Probed(origin, results[origin]) for origin in origins)
