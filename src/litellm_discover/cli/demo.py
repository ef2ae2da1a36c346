"""``litellm-discover demo``: the whole pipeline against a built-in proxy, in a temporary home."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import app
from litellm_discover.cli.table import models_table
from litellm_discover.settings import Flags

if TYPE_CHECKING:
    from litellm_discover.cli.output import Output

SHOWN = "opencode"

# What a person may have written by hand: a comment, an entry of their own, a trailing comma.
BEFORE = """\
{
  "$schema": "https://opencode.ai/config.json",
  "share": "disabled", // mine
  "provider": {
    "litellm": {
      "models": {
        // I like this one under another name
        "claude-opus-4-8": { "name": "The big one" },
      },
    },
  },
}
"""


def run(output: Output) -> None:
    """Discover the example proxy, show the table, write for every tool in a temporary home, show OpenCode's diff."""
    with app.example_proxy() as (port, key), tempfile.TemporaryDirectory(prefix="litellm-discover-demo-") as directory:
        places = app.Places(Path(directory), {"LITELLM_API_KEY": key})
        config = places.config(SHOWN) / "opencode.jsonc"
        config.parent.mkdir(parents=True)
        config.write_text(BEFORE, encoding="utf-8")

        settings, _ = app.settings_for(Flags(url=f"http://127.0.0.1:{port}"), places)
        (discovery,) = app.discover(settings, places, app.Deadline(time.monotonic() + settings.timeout)).discoveries
        output.console().print(models_table(discovery.catalog))

        def plans() -> list[app.WritePlan]:
            names = app.target_names(["all"])
            return [app.plan_write(name, [discovery.catalog], None, places, prune=True) for name in names]

        first = plans()
        typer.echo("".join(f"\n{plan.diff()}" for plan in first if plan.target == SHOWN))
        for plan in first:
            app.carry_out(plan, places, app.Deadline(time.monotonic() + settings.timeout))
        again = plans()

    typer.echo(f"{len(discovery.catalog.models)} models found in {discovery.elapsed_ms} ms.")
    for plan in first:
        yours = f", {len(plan.merge.kept)} left as the person wrote it" if plan.merge.kept else ""
        typer.echo(f"{plan.target}: {len(plan.merge.added)} added{yours}.")
    typer.echo(f"A second run would {'change something' if any(p.changes for p in again) else 'write nothing'}.")
    typer.echo("All of it happened in a temporary folder. For your own proxy: litellm-discover --write all")
