"""What is said about what was observed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from litellm_discover.core import findings as say
from litellm_discover.core.agent_findings import Agent, drift, files
from litellm_discover.core.jsonc import Remove
from litellm_discover.core.merge import Merge
from litellm_discover.core.model import Catalog, Hidden, KeyReference, Notice, Proxy
from litellm_discover.errors import (
    AnswerError,
    ConfigError,
    CredentialError,
    DeadlineError,
    DiscoverError,
    ProxyNotFoundError,
    TrustError,
    UsageError,
)

AGENT = Agent("opencode", "OpenCode", "1.18.33", "/c/opencode.jsonc", there=True)
CHANGE = (Remove(("provider",)),)


@pytest.mark.parametrize(
    ("error", "area"),
    [
        (ProxyNotFoundError("x"), "proxy"),
        (AnswerError("x"), "proxy"),
        (DeadlineError("x"), "proxy"),
        (CredentialError("x"), "key"),
        (TrustError("x", origin="http://127.0.0.1:4000", owner=1), "trust"),
        (UsageError("x", code="insecure_http"), "trust"),
        (UsageError("x", code="bad_key"), "key"),
        (ConfigError("x", code="key_missing"), "key"),
        (ConfigError("x"), "settings"),
        (UsageError("x"), "settings"),
        (DiscoverError("x", code="bug"), "program"),
    ],
)
def test_a_failure_is_where_its_cause_is(error: DiscoverError, area: str) -> None:
    """And it has a next step, whatever it says itself."""
    found = say.failed(error)
    assert (found.area, found.severity, found.code) == (area, "error", error.code)
    assert found.hint


@pytest.mark.parametrize(
    ("code", "area", "severity"),
    [
        ("stale", "proxy", "error"),
        ("metadata_forbidden", "metadata", "warning"),
        ("unsafe_ids", "models", "warning"),
        ("other_proxies", "proxy", "info"),
        ("schema_violation", "agent", "error"),
        ("of_the_future", "agent", "warning"),
    ],
)
def test_a_notice_gets_its_weight_and_a_next_step(code: str, area: str, severity: str) -> None:
    """One that is not known is a warning of who told it."""
    found = say.noticed(Notice(code, "x"), "agent")
    assert (found.area, found.severity) == (area, severity)
    assert found.hint


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("1.81.15", "version"),
        ("1.81.16", "vulnerable_version"),
        ("1.82.6", "vulnerable_version"),
        ("1.82.7", "malicious_version"),
        ("1.82.8", "malicious_version"),
        ("1.83.6", "vulnerable_version"),
        ("1.83.6.dev3", "vulnerable_version"),
        ("1.83.7", "version"),
        ("1.106.2", "version"),
        ("nightly", "version_unknown"),
        (None, "version_unknown"),
    ],
)
def test_what_is_known_against_a_version(version: str | None, code: str) -> None:
    """The borders are those of the advisories; the malicious ones are not called vulnerable alone."""
    (found,) = say.version(version, "litellm")
    assert found.code == code
    assert (found.severity == "error") == (code in {"malicious_version", "vulnerable_version"}) == bool(found.hint)


@pytest.mark.parametrize(
    ("reference", "statuses", "message"),
    [
        (None, {}, "there is no key: not tried"),
        (KeyReference("LITELLM_API_KEY"), {"/v1/models": 401}, "the key is from env:LITELLM_API_KEY: /v1/models 401"),
        (
            KeyReference("X", host="pi"),
            {"/v1/models": 200, "/v1/model/info": 403},
            "the key is from host:pi: /v1/models 200, /v1/model/info 403",
        ),
    ],
)
def test_the_key_is_told_by_where_it_is(reference: KeyReference | None, statuses: dict[str, int], message: str) -> None:
    """And how each route has answered."""
    assert say.key(reference, statuses, "litellm").message == message


def test_models_are_counted() -> None:
    """What is left out by reason; none at all is a warning with a next step."""
    hidden = (Hidden("a", "mode:embedding"), Hidden("b", "mode:embedding"), Hidden("c", "sentinel:wildcard"))
    found = say.models(Catalog(Proxy("litellm", "http://127.0.0.1:4000/v1"), (), hidden), "litellm")
    assert found.message == "0 offered; 3 hidden (2 mode:embedding, 1 sentinel:wildcard)"
    assert (found.code, found.severity) == ("no_models", "warning")
    assert found.hint


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7200, "2 hours"), (200_000, "2 days")],
)
def test_an_age_is_readable(seconds: float, text: str) -> None:
    """In the largest unit of which there are two."""
    assert f" {text} ago" in say.remembered(seconds, "litellm").message


@pytest.mark.parametrize(
    ("state", "unit", "running", "codes"),
    [
        ({}, None, False, ["no_daemon"]),
        ({}, "/u/x.service", False, ["daemon_stopped"]),
        ({"pid": 7, "proxies": [{"id": "a", "good": True}]}, None, True, ["daemon"]),
        (
            {"pid": 7, "proxies": [{"id": "a", "good": True}, {"id": "b", "good": False}]},
            None,
            True,
            ["daemon_trouble"],
        ),
        ({"proxies": [{"id": "a", "trouble": {"message": "late"}}]}, None, True, ["daemon_trouble"]),
        ({"proxies": "damaged"}, None, True, ["daemon"]),
        ({"proxies": [None, 7]}, None, True, ["daemon"]),
    ],
)
def test_the_daemon_is_believed_as_far_as_it_speaks(
    state: dict[str, Any], unit: str | None, *, running: bool, codes: list[str]
) -> None:
    """Whatever is in its file."""
    assert [each.code for each in say.daemon(state, unit, running=running)] == codes


@pytest.mark.parametrize(
    ("program", "current", "code", "severity"),
    [
        (None, False, "plugin_broken", "error"),
        ("/usr/bin/x", False, "plugin_differs", "warning"),
        ("/usr/bin/x", True, "plugin", "info"),
    ],
)
def test_a_plugin_needs_its_program(program: str | None, *, current: bool, code: str, severity: str) -> None:
    """Without it there are no models in the agent."""
    found = say.plugin("pi", "/p.js", program, current=current)
    assert (found.code, found.severity) == (code, severity)
    assert found.hint == ("" if severity == "info" else "litellm-discover shim install pi")


@pytest.mark.parametrize(
    ("changed", "merge", "codes"),
    [
        ({}, None, ["not_compared"]),
        ({}, Merge((), {}), ["up_to_date"]),
        ({}, Merge((), {}, kept=("a",)), ["own_entries", "up_to_date"]),
        ({}, Merge(CHANGE, {}, added=("a",)), ["not_written"]),
        ({"plugin": True}, Merge(CHANGE, {}, added=("a",)), ["by_plugin"]),
        ({"ours": True, "plugin": True}, Merge(CHANGE, {}, added=("a",)), ["drift"]),
        ({"wanted": True}, Merge(CHANGE, {}, added=("a",)), ["drift"]),
    ],
)
def test_only_what_was_wanted_can_drift(changed: dict[str, Any], merge: Merge | None, codes: list[str]) -> None:
    """An agent that nobody wrote to is no warning."""
    found = [*drift(replace(AGENT, **changed), merge)]
    assert [each.code for each in found] == codes
    assert {each.severity for each in found if each.code != "drift"} <= {"info"}


def test_drift_is_counted() -> None:
    """By what a write would do."""
    merge = Merge(CHANGE, {}, added=("a", "b"), removed=("c",))
    (found,) = drift(replace(AGENT, ours=True), merge)
    assert found.message.endswith("2 to add, 1 to take out")
    assert found.hint == "litellm-discover --write opencode"


def test_the_file_that_counts_is_named_with_what_it_outranks_and_what_outranks_it() -> None:
    """The last with a next step."""
    first, second = files(replace(AGENT, below=("opencode.json",), above=("OPENCODE_CONFIG",)))
    assert first.message == "OpenCode 1.18.33: /c/opencode.jsonc is edited; it outranks opencode.json"
    assert "OPENCODE_CONFIG" in second.message
    assert second.hint
