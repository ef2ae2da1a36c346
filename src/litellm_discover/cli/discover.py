"""``litellm-discover``: the table, the JSON document, and ``--write``."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import app
from litellm_discover.cli.arguments import CONFIGURED
from litellm_discover.cli.output import Output, emit, models, now
from litellm_discover.cli.trust import ask
from litellm_discover.errors import ConfigError, ProxyNotFoundError, SeveralError, TrustError, UsageError, named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_discover.core.model import Notice
    from litellm_discover.core.starting import Role
    from litellm_discover.errors import DiscoverError
    from litellm_discover.settings import Flags, Settings


WOULD_CHANGE = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to do with the result, beside showing it."""

    write: tuple[str, ...] = ()
    for_target: str | None = None
    dry_run: bool = False
    check: bool = False
    prune: bool = True
    default_model: str | None = None
    small_model: str | None = None

    @property
    def chosen(self) -> dict[Role, str]:
        """The models that the agents are to start with, as the person names them."""
        named: dict[Role, str | None] = {"default": self.default_model, "small": self.small_model}
        return {role: name for role, name in named.items() if name is not None}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was done for a target, or would be: a plan is too large to keep it until the next one is made.

    ``diff`` is empty unless it was asked for.
    """

    changes: bool
    summary: str
    notices: tuple[Notice, ...]
    diff: str


def run(flags: Flags, wanted: Wanted, output: Output, *, started: float) -> None:
    """Discover, then show, or plan and write. Raises DiscoverError, and typer.Exit for ``--check``."""
    _refuse_nonsense(flags, wanted, output)
    places = app.Places(Path.home(), os.environ)
    targets = app.target_names([*wanted.write, *([wanted.for_target] if wanted.for_target else [])])
    settings, notices = app.settings_for(flags, places, targets)
    app.watchdog.limit(settings.timeout)
    wanted = _completed(wanted, settings)
    if wanted.chosen:
        app.refuse_roles(wanted.chosen, app.target_names(wanted.write))
    findings, started = discover(settings, places, output, started)
    for discovery in findings.discoveries:
        _explain(discovery, output)
    # Behind what uses the network and before the hard stop: a lock that somebody holds is told, not cut off.
    outcomes, errors = _write(findings, settings, wanted, places, app.Deadline(started + 0.9 * settings.timeout))
    told = {error.message for error in errors}
    notices = (*notices, *findings.notices, *(notice for outcome in outcomes for notice in outcome.notices))
    notices = tuple(notice for notice in notices if notice.message not in told)
    if output.as_json:
        result = app.Result(findings, notices, errors)
        emit(app.envelope(result, settings, places, for_target=wanted.for_target, generated_at=now()))
    elif not wanted.write:
        _show(findings, output)
    output.notices(notices)
    for outcome in outcomes:
        if not output.as_json:
            typer.echo(outcome.diff, nl=False)
        output.say(outcome.summary)
    if errors:
        output.failures(errors)
        raise typer.Exit(errors[0].exit_status)
    if wanted.check and any(outcome.changes for outcome in outcomes):
        raise typer.Exit(WOULD_CHANGE)


def _write(
    findings: app.Findings, settings: Settings, wanted: Wanted, places: app.Places, limit: app.Deadline
) -> tuple[list[_Outcome], list[DiscoverError]]:
    """What was written, or would be, and what failed: neither a proxy nor a target keeps another from it."""
    outcomes: list[_Outcome] = []
    errors: list[DiscoverError] = [*findings.errors]
    for name in app.target_names(wanted.write):
        try:
            outcomes += _write_one(name, findings, settings, wanted, places, limit)
        except (ConfigError, UsageError) as error:
            errors.append(named(name, error))
    return outcomes, errors


def _write_one(
    name: str,
    findings: app.Findings,
    settings: Settings,
    wanted: Wanted,
    places: app.Places,
    limit: app.Deadline,
) -> list[_Outcome]:
    """What was done, or would be, for each file of a target."""
    planned = wanted.dry_run or wanted.check
    plan = app.plan_write(
        name,
        findings.catalogs,
        settings.responses_style,
        places,
        prune=wanted.prune,
        silent=findings.failed,
        chosen=wanted.chosen,
    )
    plans = app.plan_start(plan, places)
    done = plans if planned else app.carry_out_all(plans, places, limit)
    return [
        _Outcome(
            each.changes, _summary(each, planned=planned), each.merge.notices, each.diff() if wanted.dry_run else ""
        )
        for each in done
    ]


def discover(settings: Settings, places: app.Places, output: Output, started: float) -> tuple[app.Findings, float]:
    """What was found, and since when the run's time counts: a person who is asked may take theirs.

    Raises DiscoverError.
    """

    def look(started: float) -> tuple[app.Findings, float]:
        with output.progress("Looking for a LiteLLM proxy …"):
            deadline = app.Deadline(started + app.watchdog.soft_seconds(settings.timeout))
            try:
                return app.discover(settings, places, deadline), started
            except ProxyNotFoundError:
                if not (settings.offline and settings.only and settings.registry and settings.registry.entries):
                    raise
                return app.registry_alone(settings, places), started

    try:
        found, started = look(started)
        if not _trusted_now(found.errors, places, output):
            return found, started
    except (TrustError, SeveralError) as error:
        causes = error.causes if isinstance(error, SeveralError) else (error,)
        if not _trusted_now(causes, places, output):
            raise
    return look(time.monotonic())


def _trusted_now(errors: Iterable[DiscoverError], places: app.Places, output: Output) -> bool:
    """Whether the person, asked about each origin that nobody vouches for, has said yes to one."""
    return sum(ask(error, places, output) for error in errors if isinstance(error, TrustError)) > 0


def _refuse_nonsense(flags: Flags, wanted: Wanted, output: Output) -> None:
    if flags.url and flags.ports:
        raise UsageError("--url and --port exclude each other", hint="Put the port into the address.")
    for name in (*wanted.write, *([wanted.for_target] if wanted.for_target else [])):
        if not app.target_names([name]) and name != CONFIGURED:
            raise UsageError(
                "there is no target of that name", hint=f"Targets: {', '.join(app.target_names(['all']))}, all."
            )
    if (wanted.dry_run or wanted.check) and not wanted.write:
        raise UsageError("--dry-run and --check go with --write TARGET", hint="For example: --write opencode --dry-run")
    if wanted.chosen and not wanted.write:
        raise UsageError(
            "--default-model and --small-model go with --write TARGET",
            hint="For example: --write all --default-model litellm/MODEL",
        )
    if wanted.for_target and not output.as_json:
        raise UsageError("--for goes with --json", hint="For example: --json --for opencode")


def _completed(wanted: Wanted, settings: Settings) -> Wanted:
    """With the targets that are configured, where ``--write`` names none. Raises UsageError when there are none."""
    if CONFIGURED not in wanted.write:
        return wanted
    if not settings.write:
        raise UsageError(
            "--write names no target, and config.toml has none either",
            hint='Name one: --write all; or add to config.toml: write = ["opencode", "pi"]',
        )
    return replace(wanted, write=(*(name for name in wanted.write if name != CONFIGURED), *settings.write))


def _explain(discovery: app.Discovery, output: Output) -> None:
    for probed in discovery.probed:
        output.detail(f"{probed.origin.root}: {app.OUTCOMES[probed.outcome]}")
    proxy = discovery.catalog.proxy
    key = f"key from {proxy.key}" if proxy.key else "no key"
    output.detail(f"using {proxy.base_url} ({discovery.source}; {key}; {discovery.elapsed_ms} ms)")
    for entry in discovery.catalog.hidden:
        output.detail(f"hidden: {entry.id} ({entry.reason})")


def _show(findings: app.Findings, output: Output) -> None:
    """A table for each proxy."""
    for place, discovery in enumerate(findings.discoveries):
        if place:
            output.console().print()
        _show_one(discovery, output)


def _show_one(discovery: app.Discovery, output: Output) -> None:
    from litellm_discover.cli.table import MAX_ROWS, hidden_summary, models_table

    output.console().print(models_table(discovery.catalog))
    output.say(f"{models(len(discovery.catalog.models))} in {discovery.elapsed_ms} ms")
    if len(discovery.catalog.models) > MAX_ROWS:
        output.say(f"the table shows the first {MAX_ROWS} (--json lists all)")
    if summary := hidden_summary(discovery.catalog.hidden):
        output.say(f"{summary} (--verbose lists them)")


def _summary(plan: app.WritePlan, *, planned: bool) -> str:
    """``opencode: added 2 models, updated 1, removed 1, set default model litellm/a, 3 yours (path)``."""
    merge = plan.merge
    yours = f", {len(merge.kept)} yours" if merge.kept else ""
    if not plan.changes:
        return f"{plan.target}: up to date{yours} ({plan.path})"
    done = (("add", "added", merge.added), ("update", "updated", merge.updated), ("remove", "removed", merge.removed))
    parts = [f"{would if planned else did} {len(ids)}" for would, did, ids in done if ids]
    parts[:1] = [f"{parts[0]} model{'' if parts[0].endswith(' 1') else 's'}"] if parts else []
    parts += [f"set {model}" for model in merge.chosen]
    parts = parts or ["provider options"]
    return f"{plan.target}: {'would ' if planned else ''}{', '.join(parts)}{yours} ({plan.path})"
