"""Keys that the person keeps elsewhere: printed by a program, or in a file of their own. They are never shown."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from litellm_discover.core.ids import printable
from litellm_discover.errors import ConfigError
from litellm_discover.io import files

if TYPE_CHECKING:
    from litellm_discover.core.own import Command, KeyFile
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

MAX_BYTES = 64 * 1024

_CODE = "key_missing"


def read_from(file: KeyFile, places: Places) -> str:
    """What is in a file that nobody but its owner can read, without the white space around it. Raises ConfigError."""
    path = places.home / file.path[2:] if file.path.startswith("~/") else places.own_config().parent / file.path
    data = files.read_guarded(path, files.READABLE_BY_OTHERS, "it holds a key")
    if data is None:
        raise ConfigError(f"{file.where}: {path} is not there", code=_CODE, hint="Put the key there, or correct it.")
    return _text(data)


def printed_by(command: Command, places: Places, deadline: Deadline) -> str:
    """What a program prints, without the white space around it. No shell, and no terminal to ask on.

    Raises ConfigError when it cannot be started, fails, prints too much, or is not done at the deadline; then it and
    what it started are ended.
    """
    program = printable(command.arguments[0])
    try:
        process = subprocess.Popen(  # noqa: S603 - the person's own command, from a file that only they can write
            command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=places.home if places.home.is_dir() else None,
            env=dict(places.variables),
            start_new_session=os.name == "posix",
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no program can have this name"
        raise _failure(command, f"{program} cannot be started: {reason}") from None
    output: list[bytes] = []
    reader = threading.Thread(target=_read, args=(process, output), daemon=True)
    reader.start()
    try:
        reader.join(deadline.left())
        status = process.wait(deadline.left()) if output and len(output[0]) <= MAX_BYTES else None
    except subprocess.TimeoutExpired:
        status = None
    finally:
        _end(process)
    if status is None:
        raise _failure(command, f"{program} was not done in time, or printed more than a key")
    if status != 0:
        raise _failure(command, f"{program} ended with status {status}")
    return _text(output[0])


def _read(process: subprocess.Popen[bytes], output: list[bytes]) -> None:
    if process.stdout is not None:
        with process.stdout, suppress(OSError):
            output.append(process.stdout.read(MAX_BYTES + 1))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and what it started, without waiting long for a process that the kernel holds."""
    if process.poll() is None:
        with suppress(OSError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)


def _failure(command: Command, problem: str) -> ConfigError:
    return ConfigError(
        f"{command.where}: {problem}", code=_CODE, hint="Try it in a terminal: it must print the key and ask nothing."
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").strip()
