"""What `doctor` says of a real LiteLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tool import discover

if TYPE_CHECKING:
    from pathlib import Path

    from litellm_proxy import Proxy
    from upstream import Upstream

pytestmark = pytest.mark.real


def test_the_routers_are_seen_and_nobody_is_called(keyed_proxy: Proxy, upstream: Upstream, tmp_path: Path) -> None:
    """All three with the setting that leaves them out; LiteLLM's own health check, which does call, agrees."""
    env = {"LITELLM_API_KEY": str(keyed_proxy.key)}
    run = discover("doctor", "--json", "--url", keyed_proxy.base_url, "--timeout", "30", root=tmp_path, env=env)
    (found,) = (each for each in run.json["findings"] if each["code"] == "routers")
    assert "3 routers (frontier-router, mistral-router, opencodego-router), 3 left out" in found["message"]
    assert upstream.requests() == ()
    key = {"Authorization": f"Bearer {keyed_proxy.key}"}
    health: Any = httpx.get(f"{keyed_proxy.base_url}/health", headers=key, timeout=60, trust_env=False).json()
    assert (health["healthy_count"], health["unhealthy_count"]) == (27, 0)
