"""What the daemon starts: a process for each refresh, and the person's program that tells them of changes."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from litellm_discover.core.kept import Kept, Trouble, from_document
from litellm_discover.io.background import COMMAND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyio.abc import Process

# A child ends itself after five seconds; this is for one that the system holds.
_SECONDS = 8.0
_FAREWELL_SECONDS = 0.3
_MAX_BYTES = 4 * 1024 * 1024

_NOTIFY_SECONDS = 10.0
_SECRET = re.compile(r"(?i)key|token|secret|password|credential|authorization")


class Child:
    """The process that does a refresh. There is never a second one beside one that cannot be ended."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def refresh(self, proxy: str) -> Kept:
        """What it did. When it is not wanted any more it gets a moment to end by itself."""
        if self._process is not None and self._process.returncode is None:
            return _failed(proxy, "the last refresh hangs and cannot be ended: a file or disk that does not answer?")
        try:
            self._process = await anyio.open_process(
                [*COMMAND, "daemon", "once", proxy], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            return _failed(proxy, f"no process could be started: {error.strerror}")
        try:
            with anyio.move_on_after(_SECONDS):
                return _understood(proxy, await _output(self._process))
        finally:
            await _end(self._process)
        return _failed(proxy, "a refresh was not done in time")


async def _output(process: Process) -> bytes:
    data = bytearray()
    if process.stdout is not None:
        with suppress(anyio.EndOfStream):
            while len(data) <= _MAX_BYTES:
                data += await process.stdout.receive()
    await process.wait()
    return bytes(data)


async def _end(process: Process) -> None:
    with anyio.CancelScope(shield=True):
        with anyio.move_on_after(_FAREWELL_SECONDS):
            await process.wait()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            with anyio.move_on_after(_FAREWELL_SECONDS / 2):
                await process.wait()
        if process.stdout is not None:
            await process.stdout.aclose()


def _understood(proxy: str, data: bytes) -> Kept:
    try:
        return from_document(json.loads(data))
    except (ValueError, KeyError, TypeError, RecursionError):
        return _failed(proxy, "a refresh ended without saying what it did")


def _failed(proxy: str, message: str) -> Kept:
    return Kept(proxy, troubles=(Trouble("refresh_failed", message),))


async def notify(command: Sequence[str], text: str, variables: Mapping[str, str]) -> None:
    """Run the person's program with one more argument; without a shell, and without the keys in our environment."""
    env = {name: value for name, value in variables.items() if not _SECRET.search(name)}
    with suppress(OSError, ValueError), anyio.move_on_after(_NOTIFY_SECONDS):
        await anyio.run_process(
            [*command, text],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            env=env,
        )
