from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from litellm_proxy import MASTER_KEY, LiteLLM, add_custom_providers, seed_004
from opencode import OpenCode
from upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_proxy import Proxy

_ROOT = Path(__file__).parents[2]


def _tool(name: str, variable: str, pattern: str) -> Path:
    # LITELLM_DISCOVER_TEST_LITELLM and LITELLM_DISCOVER_TEST_OPENCODE name a program to use in place of
    # the one that `make tools` installs.
    named = os.environ.get(variable)
    for candidate in [Path(named)] if named else sorted(_ROOT.glob(pattern)):
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    reason = f"the real {name} is not there: run `make tools`, or name it in {variable}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def litellm_binary() -> Path:
    """The `litellm` command of the test environment."""
    return _tool("LiteLLM", "LITELLM_DISCOVER_TEST_LITELLM", ".tools/litellm/bin/litellm")


@pytest.fixture(scope="session")
def opencode_binary() -> Path:
    """The `opencode` program of this platform."""
    pattern = ".tools/opencode/node_modules/opencode-*/bin/opencode"
    return _tool("OpenCode", "LITELLM_DISCOVER_TEST_OPENCODE", pattern)


@pytest.fixture(scope="session")
def upstream_server() -> Iterator[Upstream]:
    """The recording server behind both proxies."""
    with Upstream() as server:
        yield server


@pytest.fixture
def upstream(upstream_server: Upstream) -> Upstream:
    """The recording server with nothing recorded yet."""
    upstream_server.clear()
    return upstream_server


@pytest.fixture(scope="session")
def started_proxies(
    litellm_binary: Path, upstream_server: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, LiteLLM]]:
    """Both proxies, started at the same time because each takes several seconds."""
    add_custom_providers(litellm_binary)
    with ExitStack() as stack:
        started = {}
        for name, key in (("keyed", MASTER_KEY), ("open", None)):
            config = seed_004(upstream_server.base_url, keyed=key is not None)
            process = LiteLLM(litellm_binary, config, tmp_path_factory.mktemp(f"litellm-{name}"), key=key)
            started[name] = stack.enter_context(process)
        yield started


@pytest.fixture(scope="session")
def keyed_proxy(started_proxies: dict[str, LiteLLM]) -> Proxy:
    """The user's stack with a master key."""
    return started_proxies["keyed"].ready()


@pytest.fixture(scope="session")
def open_proxy(started_proxies: dict[str, LiteLLM]) -> Proxy:
    """The user's stack without a master key."""
    return started_proxies["open"].ready()


@pytest.fixture
def opencode(opencode_binary: Path, tmp_path: Path) -> OpenCode:
    """A fresh OpenCode installation, without any configuration."""
    return OpenCode(opencode_binary, tmp_path / "opencode")
