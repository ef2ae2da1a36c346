"""What a run has to say, as a whole: JSON for machines, a page for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.envelope import success
from litellm_discover.rendering import fragments
from litellm_discover.targets import target_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litellm_discover.core.cache_probe.plan import Subject
    from litellm_discover.core.cache_probe.verdict import Verdict
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Notice
    from litellm_discover.errors import DiscoverError
    from litellm_discover.explaining import Explanation
    from litellm_discover.io.places import Places
    from litellm_discover.remembering import Findings
    from litellm_discover.reporting import Page
    from litellm_discover.settings import Settings


@dataclass(frozen=True, slots=True)
class Result:
    """A run that found a proxy: what there is to say about it, and what failed of the other proxies and the targets."""

    findings: Findings
    notices: tuple[Notice, ...]
    errors: Sequence[DiscoverError] = ()


def envelope(
    result: Result, settings: Settings, places: Places, *, for_target: str | None, generated_at: str
) -> dict[str, JsonValue]:
    """The JSON document of a run, with what the shims of every target need, or that of the one asked for."""
    targets = dict(fragments(result.findings.catalogs, settings, places, target_names([for_target or "all"])))
    return _success(result, targets, generated_at)


def report(result: Result, settings: Settings, places: Places, *, version: str, taken_at: str) -> Page:
    """A page of HTML with the same, for people; ``taken_at`` is when the proxies said it."""
    from litellm_discover.core.report import Report
    from litellm_discover.reporting import page

    targets = dict(fragments(result.findings.catalogs, settings, places, target_names(["all"])))
    return page(Report(result.findings.answered, targets, result.notices, result.errors, version, taken_at))


def probe_document(
    probed: Sequence[tuple[Subject, Verdict]], errors: Sequence[DiscoverError], *, generated_at: str
) -> dict[str, JsonValue]:
    """The JSON document of a probe of prompt caching."""
    from litellm_discover.core.cache_probe.document import document

    return document(probed, errors, generated_at=generated_at)


def explanation(explained: Explanation, notices: tuple[Notice, ...], *, generated_at: str) -> dict[str, JsonValue]:
    """The JSON document of a run for one model alone, and why it is as it is."""
    findings = explained.findings
    several = len(explained.explained) > 1
    said: list[JsonValue] = []
    for each in explained.explained:
        proxy: dict[str, JsonValue] = {"proxy": each.discovery.catalog.proxy.id} if several else {}
        said += ({**proxy, "source": one.source, "fields": dict(one.fields)} for one in each.statements)
    rules = {source: text for each in explained.explained for source, text in each.rules.items()}
    return {
        **_success(Result(findings, notices, findings.errors), explained.targets, generated_at),
        "explanation": {"statements": said, "rules": dict(rules)},
    }


def _success(result: Result, targets: Mapping[str, JsonValue], generated_at: str) -> dict[str, JsonValue]:
    return success(result.findings.answered, targets, result.notices, result.errors, generated_at=generated_at)
