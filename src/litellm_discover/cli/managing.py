"""The commands about what was trusted and written, and the demonstration."""

from __future__ import annotations

from typing import Annotated

import typer

from litellm_discover.cli import completion
from litellm_discover.cli.options import InsecureHttp  # noqa: TC001 - typer reads the annotations
from litellm_discover.cli.output import Output

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def trust(
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="The proxy's address.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Print what is pinned, one a line.")] = False,
    insecure_http: InsecureHttp = False,
) -> None:
    """Trust an address with the key, whoever listens there.

    It counts for exactly this scheme, host and port, until untrust.
    """
    from litellm_discover.cli.trust import trust as run

    output = Output()
    with output.reporting():
        run(url, listing=listing, insecure_http=insecure_http, output=output)


@app.command()
def untrust(url: Annotated[str, typer.Argument(metavar="URL", help="The proxy's address.")]) -> None:
    """Take back what trust did."""
    from litellm_discover.cli.trust import untrust as run

    output = Output()
    with output.reporting():
        run(url, output)


@app.command()
def undo(
    target: Annotated[str, typer.Argument(metavar="TARGET", autocompletion=completion.tools, help="opencode or pi")],
) -> None:
    """Put back what was there before our last write to a tool's configuration."""
    from litellm_discover.cli.undo import run

    output = Output()
    with output.reporting():
        run(target, output)


@app.command()
def demo() -> None:
    """Show it all with a built-in example proxy, in a temporary folder."""
    from litellm_discover.cli.demo import run

    output = Output()
    with output.reporting():
        run(output)
