"""What a hostile proxy says never reaches OpenCode as configuration, and OpenCode starts whatever was written."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from loopback import homes
from rogue import STRANGER, Listener, free_ports, leaks, listening
from servers import described, proxy
from tool import discover

from litellm_discover.core import jsonc

if TYPE_CHECKING:
    from pathlib import Path

    from opencode import OpenCode

pytestmark = pytest.mark.real

CANARY = "canary-5f1c0a"
FACTS = {"mode": "chat", "max_input_tokens": 1000, "max_output_tokens": 100}

# OpenCode started beside our write: 200 times in the long run.
ROUNDS = 200 if os.environ.get("LITELLM_DISCOVER_LONG") == "1" else 3


def hostile_ids(secret: str) -> list[str]:
    """Ids that would be read as configuration, break the boot, or act on a terminal."""
    return [
        "{env:CANARY}",
        f"{{file:{secret}}}",
        "{file:/nope}",
        "x{env:",
        "x{file:",
        "{ENV:CANARY}",
        "{env :CANARY}",
        "m{x}",
        "constructor",
        "__proto__",
        "toString",
        "hasOwnProperty",
        'quote"back\\slash',
        "// comment",
        "/* comment",
        "line\u2028separator",
        "esc\x1b]0;title\x07",
        "bidi\u202egpj",
        "$CANARY",
        "${CANARY}",
        "!cat",
        " ",
        "a" * 300,
        "*",
    ]


def test_opencode_starts_on_whatever_was_written(opencode: OpenCode) -> None:
    """No canary of the environment or of a file appears, the boot succeeds, and every offered id is listed as it is."""
    secret = opencode.root / "secret.txt"
    secret.write_text(CANARY, encoding="utf-8")
    env = {"CANARY": CANARY}
    ids = ["plain", *hostile_ids(str(secret))]
    with proxy(list(ids), [described(model_id, **FACTS) for model_id in ids]) as (port, _):
        run = discover("--port", str(port), "--write", "opencode", root=opencode.root, env=env)
        offered = [
            model["id"] for model in discover("--port", str(port), "--json", root=opencode.root, env=env).json["models"]
        ]
    assert run.returncode == 0, run.stderr
    assert {"plain", "m{x}", 'quote"back\\slash', "${CANARY}", "{ENV:CANARY}"} <= set(offered)
    shown = opencode.models("litellm", verbose=True, env=env)
    config = opencode.debug_config(env=env)
    assert (shown.returncode, config.returncode) == (0, 0), shown.stderr + config.stderr
    assert CANARY not in shown.stdout + config.stdout + run.stdout + run.stderr
    understood: Any = json.loads(config.stdout)
    assert sorted(understood["provider"]["litellm"]["models"]) == sorted(offered)


def test_opencode_may_start_while_we_write(opencode: OpenCode) -> None:
    """Without $schema OpenCode rewrites the file at its start: it stays valid, and our models are there in the end."""
    path = opencode.root / "config" / "opencode" / "opencode.jsonc"
    with proxy(["a", "b"], [described(name, **FACTS) for name in ("a", "b")]) as (port, _):
        arguments = ("--port", str(port), "--write", "opencode")
        for _round in range(ROUNDS):
            path.write_text('{\n  "share": "disabled", // mine\n}\n', encoding="utf-8")
            with ThreadPoolExecutor(1) as pool:
                started = pool.submit(opencode.models)
                written = discover(*arguments, root=opencode.root)
                assert started.result().returncode == 0
            assert written.returncode == 0, written.stderr
            discover(*arguments, root=opencode.root)
            result: Any = jsonc.parse(path.read_text("utf-8"))
            assert list(result["provider"]["litellm"]["models"]) == ["a", "b"]
            assert "// mine" in path.read_text("utf-8")


def test_nothing_of_the_working_directory_is_run(opencode: OpenCode) -> None:
    """Modules and settings that a hostile checkout brings are not imported or read by the program."""
    for name in ("json.py", "httpx.py", "typer.py", "sitecustomize.py", "litellm_discover.py"):
        (opencode.project / name).write_text("raise SystemExit(99)\n", encoding="utf-8")
    (opencode.project / "pyproject.toml").write_text("[tool.litellm-discover]\nurl = 'http://127.0.0.1:9'\n")
    from tool import PROGRAM

    done = subprocess.run(
        [PROGRAM, "--version"],
        cwd=opencode.project,
        env=homes(opencode.root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout[:17]) == (0, "litellm-discover "), done.stderr


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can listen as another user")
def test_opencode_sends_nothing_to_a_stranger_after_a_write(opencode: OpenCode, tmp_path: Path) -> None:
    """A listener of another user that answers like LiteLLM is not written, so OpenCode has nowhere to send a key."""
    (port,) = free_ports(1)
    log = tmp_path / "heard"
    env = {"LITELLM_API_KEY": "sk-test-of-a-person", "OPENAI_API_KEY": "sk-test-of-openai"}
    with listening(Listener("127.0.0.1", port), log=log, uid=STRANGER):
        run = discover("--port", str(port), "--write", "opencode", root=opencode.root, env=env)
        turn = opencode.run("litellm/rogue-model", "hi", env=env)
    assert run.returncode == 1
    assert f"litellm-discover trust http://127.0.0.1:{port}" in run.stderr
    assert turn.returncode != 0
    heard = log.read_bytes()
    assert b"/health/liveliness" in heard
    assert not any(leaks(heard, secret) for secret in env.values())
    assert b"uthorization" not in heard
