"""No key is ever printed, whatever it looks like and whatever goes wrong."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import answering
from tool import discover

from litellm_discover.core.host import HostOptions
from litellm_discover.core.origin import Origin
from litellm_discover.errors import DiscoverError, UsageError
from litellm_discover.io.connection import Connection
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.http import ProxyClient
from litellm_discover.settings import Flags, resolve

if TYPE_CHECKING:
    from pathlib import Path

# Long enough that a key in a text is no accident.
KEYS = st.text(min_size=8, max_size=60).map(lambda tail: f"sk-canary{tail}")


def shown(environ: dict[str, str], host: HostOptions) -> str:
    """All that settings made of these sources say of themselves, or the refusal."""
    try:
        return repr(resolve(Flags(), environ, host))
    except UsageError as refused:
        return f"{refused}{refused.hint}{refused.__cause__}{refused.__context__}"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(KEYS)
def test_a_key_is_used_or_refused_unseen(key: str) -> None:
    """Either no header can carry it, and the refusal does not quote it; or it is used, and no repr shows it."""
    assert key not in shown({"LITELLM_API_KEY": key}, HostOptions())
    assert key not in shown({}, HostOptions(api_key=key))
    assert key not in shown({}, HostOptions(stored_key=key))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(KEYS)
def test_no_failure_of_a_request_quotes_the_key(key: str) -> None:
    """Even a key that was never checked: whatever the HTTP library says of it stays inside."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    connection = Connection(Origin("http", "127.0.0.1", port), Deadline.after(5))
    with connection, pytest.raises(DiscoverError) as failed:
        ProxyClient(connection, key=key)("/v1/models", credential=True, max_bytes=10)
    assert key not in f"{failed.value}{failed.value.hint}{failed.value.__cause__}"
    assert failed.value.__suppress_context__


ECHO = "sk-canary-0123456789"

REFUSALS = {
    "wrong": {"error": {"message": f"Received={ECHO}, expected sk-", "type": ECHO, "param": ECHO, "code": "401"}},
    "text": ECHO,
}


@pytest.mark.parametrize("how", [(), ("--json",), ("-v",), ("--write", "opencode", "-v")])
@pytest.mark.parametrize("body", ["wrong", "text"])
def test_what_a_proxy_echoes_is_not_passed_on(tmp_path: Path, body: str, how: tuple[str, ...]) -> None:
    """LiteLLM's error bodies can hold the key: no output has it, whatever is asked for."""
    answers = {"/health/liveliness": "I'm alive!", "/v1/models": REFUSALS[body]}
    with answering(answers) as (port, _):
        run = discover("--port", str(port), *how, root=tmp_path, env={"LITELLM_API_KEY": ECHO})
    assert run.returncode == 1
    assert ECHO not in run.stdout + run.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and ECHO.encode() in path.read_bytes()]
