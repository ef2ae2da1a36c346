"""The use cases, and everything that the command line may use: what is not exported here is not its business."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from litellm_discover.io import watchdog
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from litellm_discover.checking import check
    from litellm_discover.configuration import settings_for
    from litellm_discover.core.envelope import failure, model_fields
    from litellm_discover.documents import Result, envelope, explanation, probe_document, report
    from litellm_discover.explaining import Explained, Explanation, explain
    from litellm_discover.finding import OUTCOMES, Discovery
    from litellm_discover.installing import install, uninstall
    from litellm_discover.io.catalog_check import Checked
    from litellm_discover.keeping import keep
    from litellm_discover.planning import plan_start, plan_write, refuse_roles
    from litellm_discover.probing import Prepared
    from litellm_discover.publishing import Fetched, Published
    from litellm_discover.readiness import make_ready, refresh
    from litellm_discover.remembering import Findings, discover
    from litellm_discover.service import Done
    from litellm_discover.settings import Flags, Settings
    from litellm_discover.targets import target_names
    from litellm_discover.writing import Undone, WritePlan, carry_out, carry_out_all, undo

__all__ = [
    "OUTCOMES",
    "Deadline",
    "Discovery",
    "Explained",
    "Explanation",
    "Findings",
    "Places",
    "Result",
    "Undone",
    "WritePlan",
    "append_to_log",
    "carry_out",
    "carry_out_all",
    "check",
    "daemon_state",
    "discover",
    "envelope",
    "example_proxy",
    "explain",
    "explanation",
    "failure",
    "fetch_catalogs",
    "install",
    "install_daemon",
    "keep",
    "make_ready",
    "model_fields",
    "pin",
    "pins",
    "plan_start",
    "plan_write",
    "prepare_probe",
    "probe_document",
    "publish_catalog",
    "refresh",
    "refuse_roles",
    "registry_alone",
    "report",
    "run_daemon",
    "settings_for",
    "shims",
    "stop_daemon",
    "target_names",
    "undo",
    "uninstall",
    "uninstall_daemon",
    "unpin",
    "verify_catalog",
    "watchdog",
]

# What is used as it is, and imported when it is asked for: a run needs a part of it.
_HOMES = {
    "check": "checking",
    "settings_for": "configuration",
    **dict.fromkeys(("failure", "model_fields"), "core.envelope"),
    **dict.fromkeys(("Result", "envelope", "explanation", "probe_document", "report"), "documents"),
    **dict.fromkeys(("Explained", "Explanation", "explain"), "explaining"),
    **dict.fromkeys(("OUTCOMES", "Discovery"), "finding"),
    **dict.fromkeys(("install", "uninstall"), "installing"),
    "keep": "keeping",
    **dict.fromkeys(("plan_start", "plan_write", "refuse_roles"), "planning"),
    **dict.fromkeys(("make_ready", "refresh"), "readiness"),
    **dict.fromkeys(("Findings", "discover"), "remembering"),
    "target_names": "targets",
    **dict.fromkeys(("Undone", "WritePlan", "carry_out", "carry_out_all", "undo"), "writing"),
}


if not TYPE_CHECKING:  # a type checker is to object to any other name

    def __getattr__(name: str) -> object:
        """One of ``__all__``. Raises AttributeError."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"litellm_discover.{_HOMES[name]}"), name)
        return found


def pins(places: Places) -> tuple[str, ...]:
    """The origins that the person pinned. Raises ConfigError."""
    from litellm_discover.io import trust

    return tuple(sorted(origin.root for origin in trust.pinned(places)))


def pin(url: str, places: Places, deadline: Deadline, *, insecure_http: bool) -> tuple[str, bool]:
    """Trust an origin from now on; gives it, and whether that is new. Raises UsageError and ConfigError."""
    from litellm_discover.io import trust

    origin = trust.parse_site(url, source="the command line")
    if refusal := trust.Gate(insecure_http=insecure_http).refusal(origin):
        raise refusal
    return origin.root, trust.pin(places, origin, deadline)


def unpin(url: str, places: Places, deadline: Deadline) -> tuple[str, bool]:
    """Trust an origin no longer; gives it, and whether it was pinned. Raises UsageError and ConfigError."""
    from litellm_discover.io import trust

    origin = trust.parse_site(url, source="the command line")
    return origin.root, trust.pin(places, origin, deadline, wanted=False)


def example_proxy() -> AbstractContextManager[tuple[int, str]]:
    """A running proxy that answers as a recorded LiteLLM does; gives its port on 127.0.0.1 and its key."""
    from litellm_discover.io.example_proxy import example_proxy as run

    return run()


def shims() -> tuple[str, ...]:
    """The tools that a plugin of ours runs in."""
    from litellm_discover.io import shim

    return tuple(shim.FOLDERS)


def run_daemon(places: Places, say: Callable[[str], None], detail: Callable[[str], None]) -> None:
    """Watch the proxies until a signal ends this process. Raises ConfigError when another process does already."""
    from litellm_discover.daemon import run

    run(places, say, detail)


def append_to_log(path: Path, line: str) -> None:
    """See ``io.log_file``."""
    from litellm_discover.io.log_file import append

    append(path, line)


def daemon_state(places: Places) -> tuple[bool, dict[str, Any]]:
    """Whether there is a daemon, and what it, or the last one, said."""
    from litellm_discover.io import instance

    return instance.running(places), instance.load(places)


def stop_daemon(places: Places, seconds: float) -> bool:
    """End the daemon; False when there was none. Raises ConfigError."""
    from litellm_discover.io import instance

    return instance.stop(places, seconds)


def install_daemon(places: Places, deadline: Deadline, *, key_file: str | None) -> Done:
    """Have the daemon started at each login. Raises ConfigError."""
    from litellm_discover.service import install as run

    return run(places, deadline, key_file=key_file)


def uninstall_daemon(places: Places, deadline: Deadline) -> Done:
    """Take that back. Raises ConfigError."""
    from litellm_discover.service import uninstall as run

    return run(places, deadline)


def prepare_probe(models: Sequence[str], settings: Settings, places: Places, deadline: Deadline) -> Prepared:
    """What to send to learn whether prompts of these models are cached. Raises DiscoverError."""
    from litellm_discover.probing import prepare

    return prepare(models, settings, places, deadline)


def registry_alone(settings: Settings, places: Places) -> Findings:
    """The models of the person's registry without a proxy. Raises TrustError, UsageError and ConfigError."""
    from litellm_discover.io import trust
    from litellm_discover.personal import alone
    from litellm_discover.remembering import Findings

    return Findings((alone(settings, trust.Gate.open(places, insecure_http=settings.insecure_http)),))


def publish_catalog(
    directory: Path, flags: Flags, places: Places, deadline: Deadline, *, from_proxy: bool
) -> Published:
    """Put what is known of models into a folder, for any web server. Raises DiscoverError."""
    from litellm_discover.publishing import publish

    return publish(directory, flags, places, deadline, from_proxy=from_proxy)


def verify_catalog(where: str, places: Places, deadline: Deadline, *, insecure_http: bool) -> Checked:
    """Look at every file of a catalog. Raises UsageError for an address, and ConfigError for a folder."""
    from litellm_discover.io import trust
    from litellm_discover.io.catalog_check import check

    return check(where, trust.Gate.open(places, insecure_http=insecure_http), deadline)


def fetch_catalogs(providers: Sequence[str], flags: Flags, places: Places, deadline: Deadline) -> Fetched:
    """Fetch what the configuration names now. Raises DiscoverError."""
    from litellm_discover.publishing import fetch

    return fetch(providers, flags, places, deadline)
