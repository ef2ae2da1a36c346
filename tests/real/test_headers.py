"""What docs/howto/access-headers.md puts into the agents' files: each of their requests has a gateway's headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from documents import ROOT, blocks
from forwarder import Forwarder
from tool import discover

if TYPE_CHECKING:
    from pathlib import Path

    from litellm_proxy import Proxy
    from opencode import OpenCode
    from pi import Pi

pytestmark = pytest.mark.real

ACCESS = {"CF_ACCESS_CLIENT_ID": "the-id.access", "CF_ACCESS_CLIENT_SECRET": "the-secret"}
HEADERS = ("cf-access-client-id: the-id.access\n", "cf-access-client-secret: the-secret\n")
MODELS = ("claude-haiku-4-5", "gpt-5.5")
"""One for each route."""


def shown(name: str) -> str:
    """What the page says to put into the file of this name."""
    (text,) = [
        block.text
        for block in blocks(ROOT / "docs/howto/access-headers.md")
        if block.mark.startswith("file") and block.mark.endswith(name)
    ]
    return text


def prepare(root: Path, forwarder: Forwarder, proxy: Proxy) -> dict[str, str]:
    """The config.toml of the page, for this proxy; gives the environment of the person."""
    folder = root / "config" / "litellm-discover"
    folder.mkdir(parents=True)
    text = shown("config.toml").replace("https://behind-access.example.com", forwarder.base_url)
    (folder / "config.toml").write_text(text)
    return {"LITELLM_API_KEY": str(proxy.key), **ACCESS}


def let_through(forwarder: Forwarder, what: str) -> bool:
    """Whether there were requests with this in them, and each had both headers."""
    requests = [request.lower() for request in forwarder.requests() if what in request]
    return bool(requests) and all(header in request for request in requests for header in HEADERS)


def test_opencode_sends_them_on_both_routes(keyed_proxy: Proxy, opencode: OpenCode) -> None:
    """To the provider of each route; and what is written leaves them there."""
    with Forwarder(keyed_proxy.port) as forwarder:
        env = prepare(opencode.root, forwarder, keyed_proxy)
        path = opencode.config_path.with_suffix(".jsonc")
        path.write_text(shown("opencode.jsonc"))
        run = discover("--write", "opencode", root=opencode.root, env=env)
        assert "added 30 models" in run.stderr
        assert let_through(forwarder, "Bearer ")
        for provider, model in zip(("litellm", "litellm-responses"), MODELS, strict=True):
            forwarder.clear()
            turn = opencode.run(f"{provider}/{model}", "hello", env=env)
            assert not turn.errors
            assert let_through(forwarder, "POST /v1/")


def test_pi_sends_them_on_both_routes(keyed_proxy: Proxy, pi: Pi) -> None:
    """The oldest one takes the bare name for the variable, as the page says."""
    with Forwarder(keyed_proxy.port) as forwarder:
        env = {**prepare(pi.root, forwarder, keyed_proxy), **pi.path}
        text = shown("models.json")
        pi.write_models(text.replace('"$', '"') if pi.line == "0.74" else text)
        run = discover("--write", "pi", root=pi.root, env=env)
        assert "added 30 models" in run.stderr
        for model in MODELS:
            forwarder.clear()
            turn = pi.run(f"litellm/{model}", "hello", env=env)
            assert (turn.returncode, turn.stderr) == (0, "")
            assert let_through(forwarder, "POST /v1/")
