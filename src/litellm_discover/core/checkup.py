"""What a check-up found, in the order of what to do first, and as a document with or without what is private."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from litellm_discover.core.ids import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from litellm_discover.core.jsonc import JsonValue

SCHEMA_VERSION = 1

Severity: TypeAlias = Literal["error", "warning", "info"]
"""Something does not work; something should be looked at; or it is as it is."""

Area: TypeAlias = Literal[
    "settings",
    "trust",
    "proxy",
    "version",
    "key",
    "metadata",
    "models",
    "agent",
    "plugin",
    "memory",
    "daemon",
    "program",
]

# What has to work first comes first: without settings no proxy, without a proxy no key, and so on.
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_AREAS: tuple[Area, ...] = (
    *("settings", "trust", "proxy", "version", "key", "metadata", "models"),
    *("agent", "plugin", "memory", "daemon", "program"),
)
_STATUS = {"error": "error", "warning": "warning", "info": "ok"}

_MAX_TEXT = 600

# An address in a text, with its scheme, host and port; what follows is its path.
_ADDRESS = re.compile(r"(https?)://(\[[^\]\s]*\]|[^\s/:'\"),;\]}]+)(:\d+)?(?:/[^\s'\"),;\]}]*[^\s'\"),;\]}.:])?")
_OF_THIS_MACHINE = re.compile(r"127(?:\.\d+){3}|\[::1\]|localhost|host")
_PLACE_IN_A_FILE = re.compile(r".*?line \d+, column \d+")
_LEFT_OUT = "left out: it can name models"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: its cause in one line in ``message``, and one next step in ``hint`` if there is one.

    ``about`` is the id of a proxy or the name of a target, if it is about one. ``quotes`` when the message can have
    words of the proxy or of a person's file in it, like the ids of models.
    """

    area: Area
    severity: Severity
    code: str
    message: str
    hint: str = ""
    about: str = ""
    quotes: bool = False


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Safe to print, in the order of what to do first; an error that several proxies share is there once."""
    once: dict[tuple[str, str, str], Finding] = {}
    for each in findings:
        shared = each.severity == "error"
        once.setdefault((each.code, each.message, "" if shared else each.about), each)
    shown = (
        replace(each, message=printable(each.message, _MAX_TEXT), hint=printable(each.hint, _MAX_TEXT))
        for each in once.values()
    )
    return tuple(sorted(shown, key=_rank))


def _rank(finding: Finding) -> tuple[int, bool, int]:
    return _SEVERITIES.index(finding.severity), not finding.hint, _AREAS.index(finding.area)


def status(findings: Iterable[Finding]) -> str:
    """``error``, ``warning`` or ``ok``: that of the worst finding."""
    worst = min((_SEVERITIES.index(each.severity) for each in findings), default=len(_SEVERITIES) - 1)
    return _STATUS[_SEVERITIES[worst]]


def document(findings: Sequence[Finding], *, generated_at: str) -> dict[str, JsonValue]:
    """The findings as JSON; its schema is docs/doctor.schema.json."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "status": status(findings),
        "generatedAt": generated_at,
        "findings": [_fields(each) for each in findings],
    }


def _fields(finding: Finding) -> dict[str, JsonValue]:
    about: dict[str, JsonValue] = {"about": finding.about} if finding.about else {}
    return {
        "area": finding.area,
        **about,
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "hint": finding.hint,
    }


def without_private(findings: Iterable[Finding], home: str, hosts: Iterable[str]) -> tuple[Finding, ...]:
    """The findings for somebody else: no home, no host of another machine, and nothing that can name a model."""
    hidden = sorted(hosts, key=len, reverse=True)

    def cover(text: str) -> str:
        text = _ADDRESS.sub(_without_host, text)
        for host in hidden:
            text = text.replace(host, "…")
        return text.replace(home, "~") if len(home) > 1 else text

    return tuple(replace(each, message=cover(_unquoted(each)), hint=cover(each.hint)) for each in findings)


def _unquoted(finding: Finding) -> str:
    if not finding.quotes:
        return finding.message
    place = _PLACE_IN_A_FILE.match(finding.message)
    return place[0] if place else _LEFT_OUT


def _without_host(found: re.Match[str]) -> str:
    scheme, host, port = found[1], found[2], found[3] or ""
    return found[0] if _OF_THIS_MACHINE.fullmatch(host) else f"{scheme}://…{port}"
