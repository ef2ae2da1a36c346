"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer


def limited(seconds: float | None) -> float | None:
    """End the process when these seconds are over, if they are given."""
    if seconds is not None:
        from litellm_discover.app import watchdog

        watchdog.limit(seconds)
    return seconds


def variable(name: str) -> str:
    """The environment variable of an option."""
    return f"LITELLM_DISCOVER_{name}"


Url = Annotated[
    str | None,
    typer.Option(metavar="URL", envvar=variable("URL"), help="The proxy's address, with or without /v1."),
]
Port = Annotated[
    list[int] | None,
    typer.Option(
        metavar="N",
        min=1,
        max=65535,
        envvar=variable("PORT"),
        help="Look on this port of this machine; repeatable. [4000 8000 8080]",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        min=0.1,
        max=60,
        envvar=variable("TIMEOUT"),
        callback=limited,
        help="Seconds for the whole run. [5]",
    ),
]
InsecureHttp = Annotated[
    bool,
    typer.Option(
        "--insecure-http",
        envvar=variable("INSECURE_HTTP"),
        help="Allow http:// to another machine: everybody on the way can read the key.",
    ),
]
Globs = list[str] | None
DefaultModel = Annotated[
    str | None,
    typer.Option(metavar="PROVIDER/MODEL", help="With --write: have the agents start with this model from now on."),
]
SmallModel = Annotated[
    str | None,
    typer.Option(metavar="PROVIDER/MODEL", help="With --write: the model for small things, like titles (OpenCode)."),
]
