"""A how-to page carried out as its reader would, in a home of its own.

What a page says with comments in front of its blocks:

- ``<!-- file: ~/PATH -->`` the block is put there, readable by its owner alone, unless it says ``file 644``;
- ``<!-- run -->`` the block is run by a shell; ``<!-- run: 4 -->`` it ends with that status. An ``export`` holds for
  the blocks that follow. A ``text`` block right behind it is what is printed, stdout and stderr as they come; a line
  ``⋮`` in it stands for lines left out.

The addresses of the pages are stood in for by servers on loopback, their password store by a program that knows the
keys below. Nothing else is: an address that is not in the table would be the reader's real one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from loopback import LoopbackServer
from servers import described
from tool import LIMIT_S, PROGRAM

from litellm_discover.io.example_proxy import example_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from documents import Block

TEAM_KEY, NARROW_KEY = "sk-team", "sk-narrow"
ACCESS = {"CF-Access-Client-Id": "the-id.access", "CF-Access-Client-Secret": "the-secret"}

# What the reader's password store has; the key for 127.0.0.1:4000 is that of the example proxy.
STORE = {
    "litellm/api/token": TEAM_KEY,
    "litellm/api/narrow": NARROW_KEY,
    "litellm/local": "sk-example-proxy",
    "cloudflare/access/id": ACCESS["CF-Access-Client-Id"],
    "cloudflare/access/secret": ACCESS["CF-Access-Client-Secret"],
}

_TEAM: dict[str, dict[str, Any]] = {
    "claude-sonnet-4-6": {"mode": "chat", "max_input_tokens": 1_000_000, "max_output_tokens": 128_000},
    "house-model": {"mode": "chat", "max_input_tokens": 32_000, "max_output_tokens": 8_000, "supports_vision": True},
    "house-model-canary": {"mode": "chat"},
    "team-embedding": {"mode": "embedding"},
}


def _team_answer(path: str, key: str) -> tuple[int, Any]:
    """A proxy of a team: one key sees everything, another one may not ask for descriptions."""
    opened = {"/health/liveliness": "I'm alive!", "/public/model_hub/info": {"litellm_version": "1.106.2"}}
    if path in opened:
        return 200, opened[path]
    if key not in {TEAM_KEY, NARROW_KEY}:
        return 401, {"error": {"message": "Authentication Error", "type": "auth_error", "code": "401"}}
    if path == "/v1/models":
        return 200, {"data": [{"id": name} for name in _TEAM], "object": "list"}
    if key == NARROW_KEY:
        return 403, {"detail": "Virtual key is not allowed to call this route."}
    if path == "/v1/model/info":
        return 200, {"data": [described(name, **info) for name, info in _TEAM.items()]}
    return 404, {"detail": "Not Found"}


@contextmanager
def team_proxy(wanted: Mapping[str, str]) -> Iterator[int]:
    """It, behind a gateway that lets nobody through without the wanted headers; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if any(self.headers[name] != value for name, value in wanted.items()):
                return self._answer(403, b"<html>Sign in</html>", "text/html")
            key = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            status, body = _team_answer(self.path, key)
            return self._answer(status, json.dumps(body).encode(), "application/json")

        def _answer(self, status: int, data: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
            """Stay quiet."""

    with LoopbackServer(Handler) as server:
        yield server.server_port


@contextmanager
def stand_ins() -> Iterator[dict[str, str]]:
    """The addresses that pages use, each with the one that stands in for it."""
    with ExitStack() as stack:
        local, _ = stack.enter_context(example_proxy())
        team = stack.enter_context(team_proxy({}))
        behind = stack.enter_context(team_proxy(ACCESS))
        yield {
            "http://127.0.0.1:4000": f"http://127.0.0.1:{local}",
            "https://llm.example.com": f"http://127.0.0.1:{team}",
            "https://behind-access.example.com": f"http://127.0.0.1:{behind}",
        }


def reader(root: Path) -> dict[str, str]:
    """The environment of a reader whose home is ``root/home``, with a password store and without a shell's settings."""
    programs = root / "bin"
    for folder in (programs, root / "home"):
        folder.mkdir(parents=True)
    entries = "".join(f"  {name}) echo {value};;\n" for name, value in STORE.items())
    script = f'#!/bin/sh\n[ "$1" = show ] && shift\ncase "$1" in\n{entries}  *) exit 1;;\nesac\n'
    (programs / "pass").write_text(script)
    (programs / "pass").chmod(0o755)
    path = os.pathsep.join([str(programs), str(PROGRAM.parent), os.defpath])
    # The time is that of a busy machine; none of what pages show is about it.
    return {"PATH": path, "HOME": str(root / "home"), "LANG": "C.UTF-8", "LITELLM_DISCOVER_TIMEOUT": "30"}


class Page:
    """One page, carried out block by block."""

    def __init__(self, root: Path, addresses: Mapping[str, str]) -> None:
        self._env, self._root, self._addresses = reader(root), root, addresses
        self._exports = ""

    def put(self, mark: str, text: str) -> None:
        """The block of a file."""
        mode, _, name = mark.partition(":")
        path = self._root / "home" / name.strip().removeprefix("~/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._theirs(text), "utf-8")
        path.chmod(int(mode.removeprefix("file").strip() or "600", 8))

    def run(self, text: str) -> tuple[int, str]:
        """The status and what was printed, with the addresses and the home of the page."""
        done = subprocess.run(
            ["bash", "-euc", self._exports + self._theirs(text)],
            cwd=self._root / "home",
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=4 * LIMIT_S,
            check=False,
        )
        self._exports += "".join(f"{line}\n" for line in text.splitlines() if line.startswith("export "))
        return done.returncode, self._ours(done.stdout)

    def _theirs(self, text: str) -> str:
        for name, address in self._addresses.items():
            text = text.replace(name, address)
        return text

    def _ours(self, text: str) -> str:
        for name, address in self._addresses.items():
            text = text.replace(address, name)
        return text.replace(str(self._root / "home"), "~")


def _lines(text: str) -> list[str]:
    """Lines without what differs from run to run: how long something took, and blanks at the end."""
    return [re.sub(r"\b\d+ ms\b", "N ms", line.rstrip()) for line in text.strip().splitlines()]


def same(shown: str, printed: str) -> bool:
    """Whether what a page shows is what was printed; a line ``⋮`` stands for any number of lines."""
    parts = [r"(?:[^\n]*\n)*?" if line.strip() == "⋮" else re.escape(line) + r"\n" for line in _lines(shown)]
    return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in _lines(printed))) is not None


def carry_out(blocks: Sequence[Block], root: Path, addresses: Mapping[str, str]) -> int:
    """Do what a page says; gives how many of its blocks were run and compared. A difference fails."""
    page, compared = Page(root, addresses), 0
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        kind = block.mark.split(":", 1)[0].split(" ")[0]
        if kind == "file":
            page.put(block.mark, block.text)
        elif kind == "run":
            wanted = int(block.mark.partition(":")[2] or "0")
            status, printed = page.run(block.text)
            assert status == wanted, f"{block.place} ended with {status}:\n{printed}"
            if following is not None and following.language == "text" and following.after:
                assert same(following.text, printed), f"{following.place} shows something else than:\n{printed}"
                compared += 1
    return compared
