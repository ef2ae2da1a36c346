"""LiteLLM: how its proxies are recognised, asked and understood."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from litellm_discover.core.entries import EntryReader
from litellm_discover.core.model import Notice, Proxy
from litellm_discover.core.payloads import DESCRIBED, LISTED, Kind, Rows
from litellm_discover.core.rows import RowReader
from litellm_discover.core.told import Told
from litellm_discover.errors import AnswerError, CredentialError, DeadlineError, DiscoverError, ProxyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_discover.core.answers import Answer, Get

DEFAULT_PORTS = (4000, 8000, 8080)

LIVELINESS = "/health/liveliness"
# The body of LIVELINESS on each version from 1.53.1 to 1.106.2: it identifies, it never authenticates.
ALIVE = "I'm alive!"

MODELS = "/v1/models"
MODEL_INFO = "/v1/model/info"

# Where a proxy tells its version without a credential: 1.86.2 and later, then 1.53.1 to 1.72.6.
_VERSION_PATHS = ("/public/model_hub/info", "/health/readiness")

_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}")

_SMALL = 64 * 1024
_MODELS_BYTES = 4 * 1024 * 1024
_MODEL_INFO_BYTES = 64 * 1024 * 1024
# Measured on 1.106.2; a list that would not fit is not asked for.
_BYTES_PER_DEPLOYMENT = 7400


def is_litellm(answer: Answer) -> bool:
    """Whether an answer to LIVELINESS is LiteLLM's: 200 and exactly its JSON string."""
    if answer.status != 200 or not answer.content_type.startswith("application/json"):
        return False
    try:
        return answer.json() == ALIVE
    except AnswerError:
        return False


async def fetch(get: Get, proxy: Proxy, time_left: Callable[[], float]) -> Told:
    """Ask a proxy what it offers.

    ``/v1/models`` decides what exists; ``/v1/model/info`` adds prices, capabilities and what the list lacks, when
    time is left (``time_left`` in seconds). Raises CredentialError, AnswerError, ProxyNotFoundError or
    DeadlineError when the list cannot be had; failing descriptions become a notice.
    """
    answer, listed = await _list(get, MODELS, LISTED, _MODELS_BYTES)
    if answer.status != 200:
        raise _refusal(answer, proxy)
    proxy = replace(proxy, version=await _version(get))
    described, notices = await _describe(get, listed, time_left)
    return Told(proxy, listed, described, MODEL_INFO, notices)


async def _list(get: Get, path: str, kind: Kind, max_bytes: int) -> tuple[Answer, Rows]:
    """A list, each entry reduced to its row as it arrives; no rows unless the answer is 200."""
    entries, reader = EntryReader(path, "data"), RowReader(kind)

    def take(data: bytes) -> None:
        for entry in entries.feed(data):
            reader.add(entry)

    answer = await get(path, credential=True, max_bytes=max_bytes, sink=take)
    if answer.status == 200:
        for item in entries.close():
            reader.add(item)
    return answer, reader.rows()


async def _version(get: Get) -> str | None:
    for path in _VERSION_PATHS:
        try:
            answer = await get(path, credential=False, max_bytes=_SMALL)
            body = answer.json() if answer.status == 200 else None
        except ProxyError:
            return None
        version = body.get("litellm_version") if isinstance(body, dict) else None
        if isinstance(version, str) and _VERSION.fullmatch(version):
            return version
    return None


async def _describe(get: Get, listed: Rows, time_left: Callable[[], float]) -> tuple[Rows | None, tuple[Notice, ...]]:
    """Rows that describe what was listed, or a notice that says why there are none."""
    if not listed.rows:
        return Rows(), ()
    try:
        return await _descriptions(get, len(listed.rows), time_left), ()
    except ProxyError as error:
        unknown = "prices and capabilities stay unknown where the list of models has none"
        return None, (Notice(error.code, f"no descriptions of the models ({error.message}): {unknown}"),)


async def _descriptions(get: Get, count: int, time_left: Callable[[], float]) -> Rows:
    """The one description that is asked for today; further rungs of the ladder belong here."""
    if count * _BYTES_PER_DEPLOYMENT > _MODEL_INFO_BYTES:
        raise AnswerError(f"too much to read for {count} models", code="metadata_too_large")
    if time_left() <= 0:
        raise DeadlineError("no time was left", code="metadata_late")
    answer, described = await _list(get, MODEL_INFO, DESCRIBED, _MODEL_INFO_BYTES)
    if answer.status != 200:
        code = "metadata_forbidden" if answer.status in {401, 403} else "metadata_refused"
        raise AnswerError(f"{MODEL_INFO} answered {answer.status}", code=code)
    if not described.rows:
        raise AnswerError(f"{MODEL_INFO} describes no model", code="metadata_empty")
    return described


def _refusal(answer: Answer, proxy: Proxy) -> DiscoverError:
    """Our own error for an answer that is no list; nothing of the answer but its status and type goes into it."""
    kind = _error_type(answer)
    if kind == "budget_exceeded":
        return CredentialError(
            "the key is over its budget",
            code="budget_exceeded",
            hint="Raise the budget of the key or use another.",
        )
    if answer.status == 403:
        return CredentialError(
            f"the key may not list models ({MODELS} answered 403)",
            code="credential_scope",
            hint="Allow the key the route /v1/models (allowed_routes: llm_api_routes).",
        )
    # Without a key, installations that lack the package prisma answer a plain 500 instead of 401.
    if answer.status in {400, 401, 404, 422} or (answer.status == 500 and proxy.key is None):
        return _credential_error(answer, proxy, kind)
    if 300 <= answer.status < 400:
        return AnswerError(
            f"{MODELS} answered {answer.status}, a redirect, which is never followed with a key",
            hint="Give the final address of the proxy with --url. A login page in front of it needs its own headers.",
        )
    return AnswerError(
        f"{MODELS} answered {answer.status}",
        hint="The proxy, or a gateway before it, is not well. Look into its log, then run this again.",
    )


def _credential_error(answer: Answer, proxy: Proxy, kind: str) -> DiscoverError:
    if answer.status == 404 and not kind:
        return AnswerError(
            f"{MODELS} answered 404: this is no LiteLLM proxy, or it is under another path",
            hint="Give the whole address with --url, with its path prefix if there is one.",
        )
    if proxy.key is None:
        return CredentialError(
            f"the proxy at {proxy.base_url} wants a key, and none was found",
            code="credential_missing",
            hint="Put it into the environment: export LITELLM_API_KEY=sk-…",
        )
    cause = f" ({kind})" if kind else ""
    return CredentialError(
        f"the proxy at {proxy.base_url} refuses the key from {proxy.key}{cause}",
        hint="Check the key, or make a new one in the proxy's UI, and put it into LITELLM_API_KEY.",
    )


_KNOWN_TYPES = frozenset(
    {"auth_error", "budget_exceeded", "expired_key", "key_model_access_denied", "no_db_connection"}
    | {"token_not_found_in_db"}
)


def _error_type(answer: Answer) -> str:
    try:
        body = answer.json()
    except AnswerError:
        return ""
    error = body.get("error") if isinstance(body, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return kind if isinstance(kind, str) and kind in _KNOWN_TYPES else ""
