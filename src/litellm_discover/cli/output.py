"""How results, notices and failures reach a person or a script.

stdout carries the result and nothing else; whatever is for people only goes to stderr.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from litellm_discover.errors import DiscoverError, SeveralError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import Console

    from litellm_discover.core.model import Notice

# Rich cuts columns to 80 characters when nobody tells it the width of a pipe.
_PIPE_WIDTH = 160

_PROGRESS_AFTER_SECONDS = 0.4

BUG, INTERRUPTED = 3, 130


@dataclass(frozen=True, slots=True)
class Output:
    """How this run speaks: as JSON or to a person, how much, and with or without colour."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True

    def console(self, *, stderr: bool = False) -> Console:
        """A rich console: colour on terminals only, and never when the person or NO_COLOR says no."""
        from rich.console import Console

        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else _PIPE_WIDTH
        return Console(stderr=stderr, no_color=not self.color or None, width=width, highlight=False)

    def notices(self, notices: Iterable[Notice]) -> None:
        """Notices for a person; a script finds them in the envelope."""
        if self.quiet or self.as_json:
            return
        for notice in notices:
            self.say(f"note: {notice.message}")

    def say(self, text: str) -> None:
        """One line for a person, on stderr."""
        if not self.quiet:
            typer.echo(text, err=True)

    def failures(self, errors: Iterable[DiscoverError]) -> None:
        """What went wrong, for a person, and what to do; a script finds it in the envelope."""
        for error in () if self.as_json else errors:
            typer.echo(f"error: {error.message}", err=True)
            if error.hint:
                typer.echo(f"  {error.hint}", err=True)

    def detail(self, text: str) -> None:
        """One line for a person who asked for more."""
        if self.verbose:
            typer.echo(text, err=True)

    @contextmanager
    def progress(self, text: str) -> Iterator[None]:
        """Show on a terminal that work goes on, once it takes long."""
        if self.quiet or self.as_json or not sys.stderr.isatty():
            yield
            return
        status = self.console(stderr=True).status(text)
        timer = threading.Timer(_PROGRESS_AFTER_SECONDS, status.start)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            status.stop()

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn what goes wrong inside into one line of cause, one of what to do, and an exit status."""
        try:
            yield
        except DiscoverError as error:
            self._failure(error)
            raise typer.Exit(error.exit_status) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):  # typer ends quietly when nobody reads
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, a bug is told in one line and exit status 3
            self._bug(error)
            raise typer.Exit(BUG) from None

    def _failure(self, error: DiscoverError) -> None:
        if self.as_json:
            from litellm_discover.app import failure

            emit(failure(_causes(error), generated_at=now()))
        else:
            self.failures(_causes(error))

    def _bug(self, error: Exception) -> None:
        """Only the kind and the place: the text of a foreign exception can hold anything."""
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno}" if trace else "an unknown place"
        bug = DiscoverError(
            f"this is a bug in litellm-discover: {type(error).__name__} in {place}",
            code="bug",
            hint="Please report it with the command that you ran and the version (litellm-discover --version).",
        )
        self._failure(bug)


def _causes(error: DiscoverError) -> tuple[DiscoverError, ...]:
    return error.causes if isinstance(error, SeveralError) else (error,)


def emit(document: Mapping[str, object]) -> None:
    """Write one JSON document to stdout: a line for each member, and for each item of a list in one.

    All in ASCII, so that no terminal or locale can change it. To indent everything takes ten times as long.
    """
    before = "{\n  "
    for name, value in document.items():
        sys.stdout.write(f"{before}{json.dumps(name)}: ")
        before = ",\n  "
        if isinstance(value, list) and value:
            sys.stdout.write("[\n    " + ",\n    ".join(map(json.dumps, value)) + "\n  ]")
        else:
            sys.stdout.write(json.dumps(value))
    sys.stdout.write("\n}\n")


def models(count: int) -> str:
    """``1 model``, ``2 models``."""
    return f"{count} model{'' if count == 1 else 's'}"


def now() -> str:
    """This moment in UTC, as RFC 3339 to the second."""
    return moment(time.time())


def moment(seconds: float) -> str:
    """The same of a time in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
