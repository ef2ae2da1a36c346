from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples at each run of CI; elsewhere new ones, which may find what these do not.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests that take minutes, unless they are asked for."""
    if os.environ.get("LITELLM_DISCOVER_LONG") == "1":
        return
    skip = pytest.mark.skip(reason="takes minutes: run by `make test-long`")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skip)
