"""``litellm-discover``, and ``python -m litellm_discover``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130


def main() -> NoReturn:
    """The console script. Ends the process itself, since the interpreter would join threads that are stuck."""
    from litellm_discover.io import watchdog

    try:
        started = watchdog.start()
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


def _unwritable(error: OSError) -> int:
    """The status of a run whose result nobody could take. Who just stopped reading, like `head`, is told nothing."""
    if not isinstance(error, BrokenPipeError):
        with suppress(OSError):
            os.write(2, f"error: the result could not be written: {error.strerror}\n".encode())
    return 1


if __name__ == "__main__":
    main()
