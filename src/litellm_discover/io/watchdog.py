"""The end of the process when its time is up, whatever it is stuck in.

One deadline covers what uses the network and ends in an error that says what was late; see ``io.threads``. Behind it
stand two more, for what no deadline can stop: a Python thread that says so and ends the process, for a file that blocks
and a computation that is too long; and a thread in C of ``faulthandler``, for code that holds the interpreter itself.

This module is imported first of all and imports nothing heavy. Only ``__main__`` calls ``start``, which arms it: a
program that uses the package is never ended from here.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_SECONDS: Final = 5.0

# What the end of the process costs, and what a run that stopped waiting may take to merge, write and say so.
_END_SECONDS = 0.2
_FAREWELL_SECONDS = 0.8
_TELL_SECONDS = 0.1

# The interpreter starts in 20 to 200 ms, later on a busy machine. A process that is much older was something else
# before, like a shell that did exec.
_OLDEST_START_SECONDS = 2.0

_SAID = b"error: stopped after the time that a run may take\n  Give it longer with --timeout; a file that blocks or\
 an overloaded machine can be the cause.\n"
_SHOW_CURSOR = b"\x1b[?25h"  # the spinner hides it
_STATUS = 1


def soft_seconds(timeout: float) -> float:
    """Seconds from the start of the process for all that uses the network, of ``timeout`` for the run."""
    return 0.8 * timeout


def hard_seconds(timeout: float) -> float:
    """Seconds from the start of the process until it is ended: within ``timeout``, if that is 4 seconds or more.

    Less time does not make the interpreter start, nor a person's file be written, any faster.
    """
    return max(timeout - _END_SECONDS, soft_seconds(timeout) + _FAREWELL_SECONDS)


class _Watchdog:
    """Since when the time counts, on the monotonic clock (None: nothing is watched), and how long the run may take."""

    def __init__(self) -> None:
        self.started: float | None = None
        self.timeout = DEFAULT_SECONDS
        self._teller: threading.Timer | None = None
        self._devnull: int | None = None

    def arm(self) -> None:
        self.disarm()
        if self.started is None:
            return
        if self._devnull is None:
            self._devnull = os.open(os.devnull, os.O_WRONLY)
        left = self.started + hard_seconds(self.timeout) - time.monotonic()
        faulthandler.dump_traceback_later(max(0.01, left), exit=True, file=self._devnull)
        self._teller = threading.Timer(max(0.0, left - _TELL_SECONDS), _tell_and_end)
        self._teller.daemon = True
        self._teller.start()

    def disarm(self) -> None:
        if self._teller is not None:
            faulthandler.cancel_dump_traceback_later()
            self._teller.cancel()
            self._teller = None


_watchdog = _Watchdog()


def start() -> float:
    """Watch this process from now on; gives the moment on the monotonic clock at which it started."""
    _watchdog.started = time.monotonic() - _age()
    _watchdog.arm()
    return _watchdog.started


def limit(timeout: float) -> None:
    """Set the seconds for the whole run, if the process is watched."""
    _watchdog.timeout = timeout
    _watchdog.arm()


def stop() -> None:
    """Watch no longer: what follows may take as long as it takes."""
    _watchdog.started = None
    _watchdog.disarm()


@contextmanager
def suspended() -> Iterator[None]:
    """Do not watch while a person thinks about a question. Then the time counts anew."""
    watched = _watchdog.started is not None
    stop()
    try:
        yield
    finally:
        if watched:
            _watchdog.started = time.monotonic()
            _watchdog.arm()


def _tell_and_end() -> None:
    said = (_SHOW_CURSOR if os.isatty(2) and sys.platform != "win32" else b"") + _SAID
    try:
        os.write(2, said)
    finally:
        os._exit(_STATUS)


def _age() -> float:
    """Seconds since this process was made, as far as it can be known cheaply; never too many."""
    age = _age_on_linux() if sys.platform == "linux" else time.process_time()
    return age if 0 <= age < _OLDEST_START_SECONDS else 0.0


def _age_on_linux() -> float:
    try:
        with open("/proc/self/stat", "rb") as file:  # noqa: PTH123 - pathlib costs more than all the rest here
            # Fields are counted behind the name of the program, which can hold blanks: start time is the 22nd.
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.process_time()
