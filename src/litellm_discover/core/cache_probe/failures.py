"""What keeps a probe of prompt caching from a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.cache_probe.verdict import Verdict
from litellm_discover.errors import AnswerError, CredentialError

if TYPE_CHECKING:
    from litellm_discover.core.answers import Answer
    from litellm_discover.errors import DiscoverError, ProxyError

_KEY = "Allow the key this model and the route, or use another key."
_WELL = "Look into the proxy's log, then run this again."

_LOG = "Look into the proxy's log: the key may be over its budget, or the backend refuses a parameter."

# By status: what it is, and what to do.
_STATUSES = {
    400: ("request_refused", _LOG),
    401: ("credential_refused", _KEY),
    403: ("credential_scope", _KEY),
    404: (
        "route_absent",
        "Is the model still there, and does the proxy have the route? See transport in config.toml.",
    ),
    422: ("request_refused", _LOG),
    429: ("rate_limited", "Wait for a minute, or raise the limits of the key or of the provider; then run this again."),
}


def refusal(answer: Answer) -> ProxyError:
    """Our own error for an answer other than 200; nothing of it but its status goes into it."""
    if 300 <= answer.status < 400:
        return AnswerError(
            f"{answer.path} answered {answer.status}, a redirect, which is never followed with a key",
            code="redirected",
            hint="Give the final address of the proxy with --url.",
        )
    code, hint = _STATUSES.get(answer.status, ("backend_failed", _WELL))
    kind = CredentialError if answer.status in {401, 403} else AnswerError
    return kind(f"{answer.path} answered {answer.status}", code=code, hint=hint)


def failed(error: DiscoverError) -> Verdict:
    """The verdict on a model that did not answer often enough."""
    return Verdict("failed", error.code, error.message, error.hint)
