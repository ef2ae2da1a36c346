"""From what was observed to what is said about it: tables, and small functions that fill them in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from litellm_discover.core.checkup import Finding
from litellm_discover.core.transport import parse_version
from litellm_discover.errors import CredentialError, DiscoverError, ProxyError, TrustError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from litellm_discover.core.checkup import Area, Severity
    from litellm_discover.core.host import Version
    from litellm_discover.core.model import Catalog, KeyReference, Notice

# The first that fits; else a failure is about the person's settings.
_AREA_BY_CODE: Mapping[str, Area] = {
    **dict.fromkeys(("key_missing", "bad_key", "bad_header"), "key"),
    "insecure_http": "trust",
    "bug": "program",
}
_AREA_BY_KIND: tuple[tuple[type[DiscoverError], Area], ...] = (
    (TrustError, "trust"),
    (CredentialError, "key"),
    (ProxyError, "proxy"),
    (DiscoverError, "settings"),
)
# Of these, notices name models.
_QUOTING = frozenset({"models", "agent"})

_LOOK_CLOSER = "litellm-discover --verbose says what was looked at and decided."

# What is told about a proxy or a tool while it works: its area, how grave it is, and what to do.
_NOTICES: Mapping[str, tuple[Area, Severity, str]] = {
    "stale": ("proxy", "error", "Start the proxy, or correct its address; until then the agents cannot reach it."),
    "metadata_forbidden": (
        "metadata",
        "warning",
        "Allow the key what describes models (allowed_routes: llm_api_routes), or leave it: catalogs fill in.",
    ),
    "metadata_absent": ("metadata", "warning", "Bring the proxy up to date, or leave it: catalogs fill in."),
    "metadata_too_large": ("metadata", "warning", "Use a key with fewer models."),
    "unsafe_ids": ("models", "warning", "Give them other names in the configuration of the proxy."),
    "id_collisions": ("models", "warning", "Give one of them another name in the configuration of the proxy."),
    "too_many_models": ("models", "warning", "Choose with --include and --exclude, or in config.toml."),
    "dropped_entries": (
        "models",
        "warning",
        "Look at these entries of the proxy: they are no models as it lists them.",
    ),
    "other_proxies": ("proxy", "info", "Name the one that you mean: --url, or url in config.toml."),
    "untrusted_proxies": ("trust", "info", "If you mean that one: litellm-discover trust URL."),
    "trust_file_ignored": ("trust", "warning", "Make that file and its folder yours alone (chown, chmod go-w)."),
    "config_unreadable": ("settings", "warning", "Correct it there, or its permissions."),
    "snapshot_not_kept": ("memory", "warning", "Check the space and the permissions of our cache folder."),
    "provider_disabled": ("agent", "warning", "Take it out of disabled_providers there."),
    "provider_not_enabled": ("agent", "warning", "Add it to enabled_providers there."),
    "provider_filtered": ("agent", "warning", "Correct whitelist or blacklist there if you miss models."),
    "env_not_one": ("agent", "warning", "Leave exactly one name in env there."),
    "key_only_in_host": ("agent", "warning", "export LITELLM_API_KEY=… where the agent is started."),
    "key_not_in_tool": ("agent", "warning", "export LITELLM_API_KEY=… where the agent is started."),
    "start_model_gone": ("agent", "warning", "litellm-discover --write all --default-model PROVIDER/MODEL"),
    "schema_violation": ("agent", "error", "Correct that value in the file."),
    "many_models": ("agent", "warning", "Choose with --include and --exclude, or litellm-discover shim install pi."),
}


def failed(error: DiscoverError, area: Area | None = None, about: str = "", *, quotes: bool = False) -> Finding:
    """What an expected failure says: its own cause, and its own next step."""
    kind = next(area for kind, area in _AREA_BY_KIND if isinstance(error, kind))
    where = _AREA_BY_CODE.get(error.code) or area or kind
    return Finding(where, "error", error.code, error.message, error.hint or _LOOK_CLOSER, about, quotes)


def noticed(notice: Notice, area: Area, about: str = "") -> Finding:
    """What a notice says; one that the table does not know is a warning in this area."""
    where, severity, hint = _NOTICES.get(notice.code, (area, "warning", _LOOK_CLOSER))
    return Finding(where, severity, notice.code, notice.message, hint, about, quotes=where in _QUOTING)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a proxy may be: who says so, and for each of its addresses what answers there."""

    source: str
    answers: tuple[tuple[str, str], ...]


def answering(spots: Sequence[Spot], about: str) -> Iterator[Finding]:
    """What listens where the proxy is looked for."""
    for spot in spots:
        answers = ", ".join(f"{address}: {answer}" for address, answer in spot.answers)
        yield Finding("proxy", "info", "answers", f"{answers} ({spot.source})", about=about)


@dataclass(frozen=True, slots=True)
class Advisory:
    """What is publicly known against versions of LiteLLM, from ``first`` to ``last``."""

    code: str
    first: Version
    last: Version
    says: str
    step: str


# The first that applies is told. Versions behind the number, like .dev1, count as the version itself.
ADVISORIES = (
    Advisory(
        "malicious_version",
        (1, 82, 7),
        (1, 82, 8),
        "is a release that steals credentials (PYSEC-2026-2)",
        "Take that machine off the network, change every key that it could read, and install 1.83.7 or newer.",
    ),
    Advisory(
        "vulnerable_version",
        (1, 81, 16),
        (1, 83, 6),
        "lets whoever reaches it read its database without a key (CVE-2026-42208, known to be exploited)",
        "Bring the proxy up to 1.83.7 or newer, and change its keys if strangers could reach it.",
    ),
)


def version(text: str | None, about: str) -> Iterator[Finding]:
    """What is known against the version of a proxy that answers."""
    number = parse_version(text)
    if text is None or number is None:
        yield Finding("version", "info", "version_unknown", "the proxy does not tell its version", about=about)
        return
    known = next((each for each in ADVISORIES if each.first <= number <= each.last), None)
    if known:
        yield Finding("version", "error", known.code, f"LiteLLM {text} {known.says}", known.step, about)
    else:
        yield Finding("version", "info", "version", f"LiteLLM {text}", about=about)


def key(reference: KeyReference | None, statuses: Mapping[str, int], about: str) -> Finding:
    """Which key is used, from where, and how each route that was asked took it; never its value."""
    source = f"the key is from {reference}" if reference else "there is no key"
    tried = ", ".join(f"{path} {status}" for path, status in statuses.items()) or "not tried"
    return Finding("key", "info", "key" if reference else "no_key", f"{source}: {tried}", about=about)


def models(catalog: Catalog, about: str) -> Finding:
    """How many models there are, how many are left out and why, and how many have something unknown."""
    hidden = Counter(entry.reason for entry in catalog.hidden)
    reasons = ", ".join(f"{count} {reason}" for reason, count in hidden.most_common())
    counts = (
        f"{len(catalog.models)} offered",
        f"{hidden.total()} hidden ({reasons})" if hidden else "",
        _unknown("limits", sum(each.limit.context is None or each.limit.output is None for each in catalog.models)),
        _unknown("prices", sum(each.cost is None for each in catalog.models)),
    )
    found = Finding("models", "info", "models", "; ".join(filter(None, counts)), about=about)
    if catalog.models:
        return found
    step = "Give the key models, or look at your filters: litellm-discover --verbose lists what is left out."
    return replace(found, severity="warning", code="no_models", hint=step)


def _unknown(what: str, count: int) -> str:
    return f"{what} of {count} unknown" if count else ""


def remembered(seconds: float | None, about: str) -> Finding:
    """How old what is remembered of a proxy is."""
    if seconds is None:
        return Finding("memory", "info", "no_snapshot", "nothing was remembered of it with these settings", about=about)
    return Finding("memory", "info", "snapshot", f"what it offered {_ago(seconds)} ago was remembered", about=about)


def _ago(seconds: float) -> str:
    """``5 minutes``, in the largest unit of which there are at least two."""
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {name}s"
    return f"{int(seconds)} seconds"


def daemon(state: Mapping[str, Any], unit: str | None, *, running: bool) -> Iterator[Finding]:
    """Whether the daemon runs, and whether it is content; ``unit`` is the file of the service if that is installed."""
    if not running:
        if unit:
            step = "litellm-discover daemon install starts it, or says what keeps it from that."
            yield Finding("daemon", "warning", "daemon_stopped", f"{unit} is there, but the daemon does not run", step)
        else:
            yield Finding("daemon", "info", "no_daemon", "the daemon does not run, and nothing needs it")
        return
    proxies = state.get("proxies")
    known = [each for each in proxies if isinstance(each, dict)] if isinstance(proxies, list) else []
    for each in known:
        if not each.get("good"):
            trouble = each.get("trouble")
            cause = trouble.get("message") if isinstance(trouble, dict) else "the proxy is silent"
            message = f"the daemon is not content with {each.get('id')}: {cause}"
            yield Finding("daemon", "warning", "daemon_trouble", message, "litellm-discover daemon status", quotes=True)
    if all(each.get("good") for each in known):
        yield Finding("daemon", "info", "daemon", f"the daemon runs (process {state.get('pid')})")


def plugin(target: str, path: str, program: str | None, *, current: bool) -> Finding:
    """Whether an installed plugin still calls a program that is there: ``program`` is None when it is not."""
    again = f"litellm-discover shim install {target}"
    if program is None:
        return Finding("plugin", "error", "plugin_broken", f"{path} calls a program that is gone", again, target)
    if not current:
        message = f"{path} is of another version or for another program: {program}"
        return Finding("plugin", "warning", "plugin_differs", message, again, target)
    return Finding("plugin", "info", "plugin", f"{path} calls {program}", about=target)
