"""LiteLLM: how its proxies are recognised, asked and understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from litellm_discover.core.entries import EntryReader
from litellm_discover.core.model import Notice, Proxy
from litellm_discover.core.payloads import DESCRIBED, GROUPED, LISTED, Kind, Rows
from litellm_discover.core.rows import RowReader
from litellm_discover.core.told import Told
from litellm_discover.errors import (
    AnswerError,
    CredentialError,
    DeadlineError,
    DiscoverError,
    ProxyError,
    ProxyNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litellm_discover.core.answers import Answer, Get

LIVELINESS = "/health/liveliness"
# The body of LIVELINESS on each version from 1.53.1 to 1.106.2: it identifies, it never authenticates.
ALIVE = "I'm alive!"

MODELS = "/v1/models"
MODEL_INFO = "/v1/model/info"
MODEL_INFO_UNVERSIONED = "/model/info"
MODEL_GROUP_INFO = "/model_group/info"

# Where a proxy tells its version without a credential: 1.86.2 and later, then 1.53.1 to 1.72.6.
_VERSION_PATHS = ("/public/model_hub/info", "/health/readiness")

_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}")

_SMALL = 64 * 1024
_MODELS_BYTES = 4 * 1024 * 1024
_MODEL_INFO_BYTES = 64 * 1024 * 1024
# Measured on 1.106.2; a list that would not fit is not asked for.
_BYTES_PER_DEPLOYMENT = 7400


@dataclass(frozen=True, slots=True)
class _Rung:
    """A path that describes models, for a list of at most ``most`` of them."""

    path: str
    kind: Kind
    max_bytes: int
    most: int


_MOST_DEPLOYMENTS = _MODEL_INFO_BYTES // _BYTES_PER_DEPLOYMENT
# From the one that tells most. The last one keeps a proxy busy for a millisecond a model, and answers nobody meanwhile.
_LADDER = (
    _Rung(MODEL_INFO, DESCRIBED, _MODEL_INFO_BYTES, _MOST_DEPLOYMENTS),
    _Rung(MODEL_INFO_UNVERSIONED, DESCRIBED, _MODEL_INFO_BYTES, _MOST_DEPLOYMENTS),
    _Rung(MODEL_GROUP_INFO, GROUPED, _MODELS_BYTES, 300),
)

# What a proxy says to this key every time; another failure can be over at the next run.
_ABSENT = "metadata_absent"
_LASTING = frozenset({_ABSENT, "metadata_forbidden", "metadata_too_large"})
# So is this, as long as another path does describe the models.
_EMPTY = "metadata_empty"


def is_litellm(answer: Answer) -> bool:
    """Whether an answer to LIVELINESS is LiteLLM's: 200 and exactly its JSON string."""
    if answer.status != 200 or not answer.content_type.startswith("application/json"):
        return False
    try:
        return answer.json() == ALIVE
    except AnswerError:
        return False


def fetch(get: Get, proxy: Proxy, time_left: Callable[[], float]) -> Told:
    """Ask a proxy what it offers.

    ``/v1/models`` decides what exists; the first path of the ladder that describes models adds prices, capabilities and
    what the list lacks, when time is left (``time_left`` in seconds). Raises CredentialError, AnswerError,
    ProxyNotFoundError or DeadlineError when the list cannot be had; failing descriptions become a notice.
    """
    answer, listed = _list(get, MODELS, LISTED, _MODELS_BYTES)
    if answer.status != 200:
        raise _refusal(answer, proxy)
    proxy = replace(proxy, version=version(get))
    if not listed.rows:
        return Told(proxy, listed, Rows(), MODEL_INFO)
    return _described(get, Told(proxy, listed, None, MODEL_INFO), time_left)


def _list(get: Get, path: str, kind: Kind, max_bytes: int) -> tuple[Answer, Rows]:
    """A list, each entry reduced to its row as it arrives; no rows unless the answer is 200."""
    entries, reader = EntryReader(path, "data"), RowReader(kind)

    def take(data: bytes) -> None:
        for entry in entries.feed(data):
            reader.add(entry)

    answer = get(path, credential=True, max_bytes=max_bytes, sink=take)
    if answer.status == 200:
        for item in entries.close():
            reader.add(item)
    return answer, reader.rows()


def version(get: Get) -> str | None:
    """What a proxy says of its version, asked without any credential; None when it does not."""
    for path in _VERSION_PATHS:
        try:
            answer = get(path, credential=False, max_bytes=_SMALL)
            body = answer.json() if answer.status == 200 else None
        except ProxyError:
            return None
        told = body.get("litellm_version") if isinstance(body, dict) else None
        if isinstance(told, str) and _VERSION.fullmatch(told):
            return told
    return None


def _described(get: Get, told: Told, time_left: Callable[[], float]) -> Told:
    """What was told, with descriptions from the highest rung that has some; a notice says what could not be had."""
    failures: list[ProxyError] = []
    for rung in _LADDER:
        # Only where the first is unknown is the second another one.
        if rung.path == MODEL_INFO_UNVERSIONED and failures[-1].code != _ABSENT:
            continue
        try:
            described = _descriptions(get, rung, told.listed, time_left)
        except ProxyError as error:
            failures.append(error)
            if isinstance(error, DeadlineError | ProxyNotFoundError):
                break
            continue
        notices = _notice(failures, f"{rung.path} says less") if rung.kind is GROUPED else ()
        lasting = _codes(failures) <= _LASTING | {_EMPTY}
        rows = replace(described, complete=described.complete and lasting)
        return replace(told, described=rows, described_by=rung.path, notices=notices)
    unknown = "what the list of models lacks is taken from catalogs, or stays unknown"
    nothing = Rows() if _codes(failures) <= _LASTING else None
    return replace(told, described=nothing, notices=_notice(failures, unknown))


def _codes(failures: Sequence[ProxyError]) -> set[str]:
    return {failure.code for failure in failures}


def _notice(failures: Sequence[ProxyError], consequence: str) -> tuple[Notice, ...]:
    causes = "; ".join(dict.fromkeys(failure.message for failure in failures))
    return (Notice(failures[0].code, f"the models are not described in full ({causes}): {consequence}"),)


def _descriptions(get: Get, rung: _Rung, listed: Rows, time_left: Callable[[], float]) -> Rows:
    """What one path says of these models. Raises ProxyError when that is nothing."""
    if len(listed.rows) > rung.most:
        raise AnswerError(f"{rung.path} has too much to say of {len(listed.rows)} models", code="metadata_too_large")
    if time_left() <= 0:
        raise DeadlineError(f"no time was left for {rung.path}", code="metadata_late")
    answer, described = _list(get, rung.path, rung.kind, rung.max_bytes)
    if answer.status != 200:
        codes = {401: "metadata_forbidden", 403: "metadata_forbidden", 404: _ABSENT}
        raise AnswerError(f"{rung.path} answered {answer.status}", code=codes.get(answer.status, "metadata_refused"))
    ids = {row.id for row in listed.rows}
    if not any(row.id in ids for row in described.rows):
        raise AnswerError(f"{rung.path} describes none of the models", code=_EMPTY)
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
    if answer.status == 403 and not answer.content_type.startswith("application/json"):
        return CredentialError(
            f"{MODELS} answered 403, and not as LiteLLM does: something in front of the proxy lets nobody through",
            code="gateway_refused",
            hint="Does it want headers of its own? They go into config.toml: headers = { … } in the [[proxy]].",
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
