"""``litellm-discover trust`` and ``untrust``, and the question that a run may ask."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import app
from litellm_discover.errors import DiscoverError, UsageError

if TYPE_CHECKING:
    from litellm_discover.cli.output import Output
    from litellm_discover.errors import TrustError

# No proxy is asked; the time is for a lock that somebody else holds.
SECONDS = 4.0


def trust(url: str | None, *, listing: bool, insecure_http: bool, output: Output) -> None:
    """Pin an origin, or list the pinned ones. Raises UsageError and ConfigError."""
    if listing == (url is not None):
        raise UsageError("give an address or --list", hint="For example: litellm-discover trust http://127.0.0.1:4000")
    places = _places()
    if url is None:
        for origin in app.pins(places):
            typer.echo(origin)
        return
    origin, new = app.pin(url, places, _deadline(), insecure_http=insecure_http)
    output.say(f"{origin} is trusted {'from now on' if new else 'already'}")


def untrust(url: str, output: Output) -> None:
    """Pin an origin no longer. Raises DiscoverError when it was not pinned."""
    origin, pinned = app.unpin(url, _places(), _deadline())
    if not pinned:
        raise DiscoverError(
            f"{origin} was not pinned", code="not_pinned", hint="What is pinned: litellm-discover trust --list"
        )
    output.say(f"{origin} is pinned no longer")


def ask(untrusted: TrustError, places: app.Places, output: Output) -> bool:
    """Ask on the terminal, if there is one, whether to trust the origin; pins it on a yes. Raises ConfigError."""
    if output.as_json or output.quiet or not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    with app.watchdog.suspended():
        typer.echo(f"Trust {untrusted.origin}? {_whose(untrusted.owner)} [y/N] ", nl=False, err=True)
        answer = sys.stdin.readline()
    if answer.strip().lower() not in {"y", "yes"}:
        return False
    app.pin(untrusted.origin, places, _deadline(), insecure_http=False)
    return True


def _whose(owner: int | None) -> str:
    if owner is None:
        return "Whose listener it is cannot be told."
    import pwd

    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        return f"Its listener belongs to uid {owner}."
    return f"Its listener belongs to user {name} (uid {owner})."


def _places() -> app.Places:
    return app.Places(Path.home(), os.environ)


def _deadline() -> app.Deadline:
    return app.Deadline(time.monotonic() + SECONDS)
