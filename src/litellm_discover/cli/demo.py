"""``litellm-discover demo``: the whole pipeline against a built-in proxy, in a temporary home."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import app
from litellm_discover.cli.table import models_table
from litellm_discover.settings import Flags, resolve

if TYPE_CHECKING:
    from litellm_discover.cli.output import Output

TARGET = "opencode"

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
    """Discover the example proxy, show the table, write into a temporary OpenCode configuration, show the diff."""
    with app.example_proxy() as (port, key), tempfile.TemporaryDirectory(prefix="litellm-discover-demo-") as directory:
        places = app.Places(Path(directory), {"LITELLM_API_KEY": key})
        config = places.config(TARGET) / "opencode.jsonc"
        config.parent.mkdir(parents=True)
        config.write_text(BEFORE, encoding="utf-8")

        host, _ = app.host_options(places)
        settings = resolve(Flags(url=f"http://127.0.0.1:{port}"), places.variables, host)
        discovery = app.discover(settings, places, app.Deadline(time.monotonic() + settings.timeout))
        output.console().print(models_table(discovery.catalog))
        plan = app.plan_write(TARGET, discovery.catalog, settings.responses_style, places, prune=True)
        typer.echo(f"\n{plan.diff()}")
        app.carry_out(plan, places, app.Deadline(time.monotonic() + settings.timeout))
        again = app.plan_write(TARGET, discovery.catalog, settings.responses_style, places, prune=True)

    typer.echo(f"{len(discovery.catalog.models)} models found in {discovery.elapsed_ms} ms;", nl=False)
    typer.echo(f" {len(plan.merge.added)} added, {len(plan.merge.kept)} left as the person wrote it.")
    typer.echo(f"A second run would {'change something' if again.changes else 'write nothing'}.")
    typer.echo("All of it happened in a temporary folder. For your own proxy: litellm-discover --write opencode")
