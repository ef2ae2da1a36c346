"""The use cases, and everything that the command line may use: what is not exported here is not its business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litellm_discover.configuration import settings_for
from litellm_discover.core.envelope import failure, model_fields
from litellm_discover.documents import Result, envelope, explanation, probe_document, report
from litellm_discover.explaining import Explained, Explanation, explain
from litellm_discover.finding import OUTCOMES, Discovery
from litellm_discover.io import instance, shim, trust, watchdog
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.log_file import append as append_to_log
from litellm_discover.io.places import Places
from litellm_discover.planning import plan_start, plan_write, refuse_roles
from litellm_discover.readiness import make_ready, refresh
from litellm_discover.remembering import Findings, discover
from litellm_discover.targets import target_names
from litellm_discover.writing import Undone, WritePlan, carry_out, carry_out_all, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from litellm_discover.checking import Checkup
    from litellm_discover.core.kept import Kept
    from litellm_discover.installing import Installed, Uninstalled
    from litellm_discover.io.catalog_check import Checked
    from litellm_discover.probing import Prepared
    from litellm_discover.publishing import Fetched, Published
    from litellm_discover.service import Done
    from litellm_discover.settings import Flags, Settings

__all__ = [
    "OUTCOMES",
    "SHIMS",
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
    "stop_daemon",
    "target_names",
    "undo",
    "uninstall",
    "uninstall_daemon",
    "unpin",
    "verify_catalog",
    "watchdog",
]

# The tools that a plugin of ours runs in.
SHIMS = tuple(shim.FOLDERS)


def pins(places: Places) -> tuple[str, ...]:
    """The origins that the person pinned. Raises ConfigError."""
    return tuple(sorted(origin.root for origin in trust.pinned(places)))


def pin(url: str, places: Places, deadline: Deadline, *, insecure_http: bool) -> tuple[str, bool]:
    """Trust an origin from now on; gives it, and whether that is new. Raises UsageError and ConfigError."""
    origin = trust.parse_site(url, source="the command line")
    if refusal := trust.Gate(insecure_http=insecure_http).refusal(origin):
        raise refusal
    return origin.root, trust.pin(places, origin, deadline)


def unpin(url: str, places: Places, deadline: Deadline) -> tuple[str, bool]:
    """Trust an origin no longer; gives it, and whether it was pinned. Raises UsageError and ConfigError."""
    origin = trust.parse_site(url, source="the command line")
    return origin.root, trust.pin(places, origin, deadline, wanted=False)


def example_proxy() -> AbstractContextManager[tuple[int, str]]:
    """A running proxy that answers as a recorded LiteLLM does; gives its port on 127.0.0.1 and its key."""
    from litellm_discover.io.example_proxy import example_proxy as run

    return run()


def install(target: str, places: Places, deadline: Deadline) -> Installed:
    """Put our plugin into the place where one of SHIMS finds it. Raises ConfigError."""
    from litellm_discover.installing import install as run

    return run(target, places, deadline)


def uninstall(target: str, places: Places, deadline: Deadline) -> Uninstalled:
    """Take away what that made, as far as nobody changed it. Raises ConfigError."""
    from litellm_discover.installing import uninstall as run

    return run(target, places, deadline)


def run_daemon(places: Places, say: Callable[[str], None], detail: Callable[[str], None]) -> None:
    """Watch the proxies until a signal ends this process. Raises ConfigError when another process does already."""
    from litellm_discover.daemon import run

    run(places, say, detail)


def daemon_state(places: Places) -> tuple[bool, dict[str, Any]]:
    """Whether there is a daemon, and what it, or the last one, said."""
    return instance.running(places), instance.load(places)


def stop_daemon(places: Places, seconds: float) -> bool:
    """End the daemon; False when there was none. Raises ConfigError."""
    return instance.stop(places, seconds)


def keep(proxy: str, places: Places, deadline: Deadline) -> Kept:
    """One refresh for the daemon: what was done for a proxy, and what went wrong."""
    from litellm_discover.keeping import keep as run

    return run(proxy, places, deadline)


def install_daemon(places: Places, deadline: Deadline, *, key_file: str | None) -> Done:
    """Have the daemon started at each login. Raises ConfigError."""
    from litellm_discover.service import install as run

    return run(places, deadline, key_file=key_file)


def uninstall_daemon(places: Places, deadline: Deadline) -> Done:
    """Take that back. Raises ConfigError."""
    from litellm_discover.service import uninstall as run

    return run(places, deadline)


def check(flags: Flags, places: Places, version: str, *, started: float) -> Checkup:
    """Look at everything that has to work. What fails is a finding."""
    from litellm_discover.checking import check as run

    return run(flags, places, version, started=started)


def prepare_probe(models: Sequence[str], settings: Settings, places: Places, deadline: Deadline) -> Prepared:
    """What to send to learn whether prompts of these models are cached. Raises DiscoverError."""
    from litellm_discover.probing import prepare

    return prepare(models, settings, places, deadline)


def registry_alone(settings: Settings, places: Places) -> Findings:
    """The models of the person's registry without a proxy. Raises TrustError, UsageError and ConfigError."""
    from litellm_discover.personal import alone

    return Findings((alone(settings, trust.Gate.open(places, insecure_http=settings.insecure_http)),))


def publish_catalog(
    directory: Path, flags: Flags, places: Places, deadline: Deadline, *, from_proxy: bool
) -> Published:
    """Put what is known of models into a folder, for any web server. Raises DiscoverError."""
    from litellm_discover.publishing import publish

    return publish(directory, flags, places, deadline, from_proxy=from_proxy)


def verify_catalog(where: str, places: Places, deadline: Deadline, *, insecure_http: bool) -> Checked:
    """Look at every file of a catalog. Raises UsageError for an address, and ConfigError for a folder."""
    from litellm_discover.io.catalog_check import check

    return check(where, trust.Gate.open(places, insecure_http=insecure_http), deadline)


def fetch_catalogs(providers: Sequence[str], flags: Flags, places: Places, deadline: Deadline) -> Fetched:
    """Fetch what the configuration names now. Raises DiscoverError."""
    from litellm_discover.publishing import fetch

    return fetch(providers, flags, places, deadline)
