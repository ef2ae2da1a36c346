"""``probe-cache``: whether prompt caching works through the proxy, what it saves, and what is missing."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import app
from litellm_discover.cli.output import Output, emit, models, now
from litellm_discover.errors import DiscoverError, SeveralError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.core.cache_probe.plan import Subject
    from litellm_discover.core.cache_probe.verdict import Verdict
    from litellm_discover.settings import Flags

_STYLES = {"works": "green", "works_with_marks": "green", "failed": "bold red"}
_NOT_JUDGED = 1

# What the run takes beside the requests, from the answer of the person on.
_REST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ids of the models, whether the person agreed beforehand, and the seconds for each request."""

    models: tuple[str, ...]
    yes: bool
    seconds: float


def run(flags: Flags, wanted: Wanted, output: Output, *, started: float) -> None:
    """Look, say what it costs, ask, send, and tell. Raises DiscoverError, and typer.Exit when one was not judged."""
    try:
        _run(flags, wanted, output, started)
    except DiscoverError as error:
        if not output.as_json:
            raise
        causes = error.causes if isinstance(error, SeveralError) else (error,)
        emit(app.probe_document((), causes, generated_at=now()))
        raise typer.Exit(error.exit_status) from None


def _run(flags: Flags, wanted: Wanted, output: Output, started: float) -> None:
    places = app.Places(Path.home(), os.environ)
    settings, notices = app.settings_for(flags, places)
    app.watchdog.limit(settings.timeout)
    with output.progress("Looking for a LiteLLM proxy …"):
        deadline = app.Deadline(started + app.watchdog.soft_seconds(settings.timeout))
        prepared = app.prepare_probe(wanted.models, settings, places, deadline)
    output.notices((*notices, *prepared.notices))
    output.failures(prepared.errors)
    subjects = [target.subject for target in prepared.targets]
    limit = sum(target.limit(wanted.seconds) for target in prepared.targets) + _REST_SECONDS
    for line in _plan(subjects, limit):
        output.say(line)
    with app.watchdog.suspended():
        _agree(wanted, sending=any(subject.steps for subject in subjects))
    app.watchdog.limit(limit)
    found = []
    for number, target in enumerate(prepared.targets, 1):
        with output.progress(f"Asking model {number} of {len(prepared.targets)} …"):
            verdict = prepared.probe(target, wanted.seconds)
        found.append((target.subject, verdict))
        if not output.as_json:
            _show(target.subject, verdict, output, several=len(settings.proxies) > 1)
    if output.as_json:
        emit(app.probe_document(found, prepared.errors, generated_at=now()))
    if prepared.errors or not all(verdict.judged for _, verdict in found):
        raise typer.Exit(_NOT_JUDGED)


def _plan(subjects: Sequence[Subject], limit: float) -> list[str]:
    """What would be sent, a line for each model, and then all of it."""
    lines = [
        f"{each.id}: {_many(len(each.steps), 'request')}, each up to {each.tokens} tokens in and {each.output} out;"
        f" {_at_most(each.bound)}"
        for each in subjects
    ]
    bounds = [each.bound for each in subjects]
    known = [bound for bound in bounds if bound is not None]
    rest = len(bounds) - len(known)
    cost = _at_most(sum(known, Decimal(0)) if known else None) + (
        f", and the cost of {models(rest)} is unknown" if rest and known else ""
    )
    requests = _many(sum(len(each.steps) for each in subjects), "request")
    return [*lines, f"in all: {requests}, {cost}; at most {limit:.0f} seconds"]


def _at_most(bound: Decimal | None) -> str:
    return "cost unknown" if bound is None else f"at most {bound.quantize(Decimal('0.0001'), ROUND_UP)} USD"


def _agree(wanted: Wanted, *, sending: bool) -> None:
    """Go on only with the person's word. Raises UsageError where they cannot be asked, and DiscoverError for a no."""
    if wanted.yes or not sending:
        return
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "this costs money, and there is no terminal to ask on: nothing was sent",
            code="not_agreed",
            hint="Agree beforehand: litellm-discover probe-cache MODEL --yes",
        )
    typer.echo("Send them? [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise DiscoverError("nothing was sent", code="not_agreed", hint="It was you who said so.")


def _show(subject: Subject, verdict: Verdict, output: Output, *, several: bool) -> None:
    from rich.text import Text

    console = output.console()
    name = f"{subject.proxy}/{subject.id}" if several else subject.id
    style = _STYLES.get(verdict.kind, "yellow")
    console.print(Text(f"{name}: ").append(verdict.kind.replace("_", " "), style), soft_wrap=True)
    for line in (verdict.message, *_figures(verdict), f"→ {verdict.hint}" if verdict.hint else ""):
        if line:
            console.print(Text(f"  {line}"), soft_wrap=True)


def _figures(verdict: Verdict) -> list[str]:
    lines = []
    if saving := verdict.saving:
        lines.append(
            f"saves {saving.percent:.0f} % of the input cost of 20 requests that begin alike,"
            f" {saving.usd_per_million:.2f} USD for each million tokens that go in"
        )
    if verdict.replays and verdict.kind != "response_cache":
        lines.append("the very same request is answered by the proxy's own response cache; that is not counted")
    if verdict.usd is not None:
        lines.append(f"this probe cost {verdict.usd.quantize(Decimal('0.0001'), ROUND_UP)} USD, as the proxy counts")
    return lines


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
