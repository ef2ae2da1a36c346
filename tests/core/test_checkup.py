"""Findings: in which order, as which document, and what a bug report does not have."""

from __future__ import annotations

from typing import Any

import pytest

from litellm_discover.core.checkup import Finding, document, ordered, status, without_private

ERROR = Finding("daemon", "error", "e", "broken", "mend it")
WARNING = Finding("models", "warning", "w", "odd", "look")
STEP = Finding("agent", "info", "s", "not written", "write")
INFO = Finding("settings", "info", "i", "as it is")


def test_what_to_do_first_comes_first() -> None:
    """By how grave it is, then what has a next step, then what has to work before the next thing can."""
    trust = Finding("trust", "error", "t", "a stranger", "trust it")
    assert ordered([INFO, STEP, WARNING, ERROR, trust]) == (trust, ERROR, WARNING, STEP, INFO)


def test_an_error_that_proxies_share_is_told_once() -> None:
    """Everything else is told of each."""
    shared = [Finding("settings", "error", "config", "x cannot be read", "y", about) for about in ("a", "b")]
    own = [Finding("agent", "info", "up_to_date", "as offered", about=about) for about in ("opencode", "pi")]
    assert [each.about for each in ordered([*shared, *own])] == ["a", "opencode", "pi"]


def test_nothing_acts_on_a_terminal() -> None:
    """Neither a message nor a hint, and both have an end."""
    (found,) = ordered([Finding("models", "warning", "x", "a\x1b[31mb\n" + "c" * 5000, "\u202e{env:HOME}")])
    assert found.message.startswith("a\\u001b[31mb\\u000ac")
    assert len(found.message) == 600
    assert found.hint == "\\u202e\\u007benv:HOME}"


@pytest.mark.parametrize(
    ("findings", "expected"),
    [([], "ok"), ([INFO], "ok"), ([INFO, WARNING], "warning"), ([WARNING, ERROR, INFO], "error")],
)
def test_the_worst_decides(findings: list[Finding], expected: str) -> None:
    """The status is that of the worst finding."""
    assert status(findings) == expected
    assert document(findings, generated_at="now")["status"] == expected


def test_a_finding_says_what_it_is_about_or_nothing() -> None:
    """``about`` is left out when it is about no single thing."""
    said: Any = document([ERROR, Finding("key", "info", "k", "m", about="work")], generated_at="now")
    first, second = said["findings"]
    assert "about" not in first
    assert second["about"] == "work"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("nothing answers at https://llm.corp.example:8443/team/v1.", "nothing answers at https://…:8443."),
        ("https://llm.corp.example: no", "https://…: no"),
        ("http://[2001:db8::7]:4000/v1, too", "http://…:4000, too"),
        ("http://127.0.0.1:4000/v1 and http://[::1]:4000", "http://127.0.0.1:4000/v1 and http://[::1]:4000"),
        ("http://127.evil.example/v1", "http://…"),
        ("the host llm.corp.example has no address", "the host … has no address"),
        ("/home/ada/.config/x: no", "~/.config/x: no"),
        ("'http://10.0.0.7:4000' is not encrypted", "'http://…:4000' is not encrypted"),
    ],
)
def test_a_bundle_names_no_home_and_no_other_machine(message: str, expected: str) -> None:
    """In messages and in hints; a path after a host goes with it."""
    finding = Finding("proxy", "error", "x", message, message)
    (shown,) = without_private([finding], "/home/ada", ["llm.corp.example"])
    assert (shown.message, shown.hint) == (expected, expected)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("left out 1: secret-model", "left out: it can name models"),
        ("/home/ada/x.jsonc: line 3, column 5: secret-model is no object", "~/x.jsonc: line 3, column 5"),
    ],
)
def test_a_bundle_names_no_model(message: str, expected: str) -> None:
    """Of what can quote one only the place in a file is left."""
    (shown,) = without_private([Finding("agent", "error", "x", message, "y", quotes=True)], "/home/ada", [])
    assert shown.message == expected
