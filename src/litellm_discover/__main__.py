"""``litellm-discover``, and ``python -m litellm_discover``."""

from __future__ import annotations

import gc
import os
import sys
import time
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130


def main() -> NoReturn:
    """The console script. Ends the process itself, since the interpreter would join threads that are stuck."""
    _start_at_once(sys.argv[1:])
    from litellm_discover.io import watchdog

    try:
        # A daemon is started together with all else that a login starts, and has the time that it takes.
        lasting = sys.argv[1:3] == ["daemon", "run"]
        if not lasting:
            # A run ends before cycles could add up; to look for them takes a tenth of the time of 5000 models.
            gc.disable()
        started = time.monotonic() if lasting else watchdog.start()
        if _made_ready(sys.argv[1:], started):
            status = 0
        else:
            from litellm_discover.cli.main import main as run

            status = run(started=started)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except OSError as error:
        status = _unwritable(error)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            status = status or _unwritable(error)
    os._exit(status)


def _start_at_once(arguments: list[str]) -> None:
    """End here, or become the agent, when nothing has changed since it was made ready.

    This happens at each start of an agent: no command line is parsed for it, and nothing is imported that is not used.
    """
    if arguments[:1] == ["ready"] and len(arguments) == 2:
        target, command = arguments[1], []
    elif arguments[:2] == ["run", "--"] and len(arguments) > 2:
        target, command = os.path.basename(arguments[2]), arguments[2:]  # noqa: PTH119 - pathlib costs 5 ms
    else:
        return
    from litellm_discover.io import stamp

    home = os.path.expanduser("~")  # noqa: PTH111 - as above
    age = stamp.age(target, home, os.environ) if target.isalnum() else None
    if age is None:
        return
    with suppress(OSError):  # which is told where errors are told
        if age >= stamp.MAX_AGE_SECONDS and not stamp.kept(home, os.environ):
            from litellm_discover.io.background import start_refresh

            start_refresh(target)
        if not command:
            os._exit(0)
        os.execvp(command[0], command)  # noqa: S606 - without a shell is what is wanted


def _made_ready(arguments: list[str], started: float) -> bool:
    """Whether that was all that was asked for, and nothing has to be told: it takes no command line either."""
    if arguments[:1] != ["ready"] or len(arguments) != 2:
        return False
    from litellm_discover.cli.start import ready

    try:
        ready(arguments[1], lambda _: None, started=started)
    except Exception:  # noqa: BLE001 - the command line tells it
        return False
    return True


def _unwritable(error: OSError) -> int:
    """The status of a run whose result nobody could take. Who just stopped reading, like `head`, is told nothing."""
    if not isinstance(error, BrokenPipeError):
        with suppress(OSError):
            os.write(2, f"error: the result could not be written: {error.strerror}\n".encode())
    return 1


if __name__ == "__main__":
    main()
