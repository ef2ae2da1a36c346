from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from tools.release import dist

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


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this repository."""
    folder = tmp_path_factory.mktemp("wheel")
    dist.build(Path(__file__).parents[1], folder, "wheel")
    (built,) = folder.iterdir()
    return built
