from __future__ import annotations

from pathlib import Path

import pytest

from litellm_discover.io.places import Places

HOME = Path("/home/me")


@pytest.mark.parametrize(
    ("value", "directory"),
    [
        (None, "/home/me/.pi/agent"),
        ("", "/home/me/.pi/agent"),
        ("/srv/agent", "/srv/agent"),
        ("/srv/agent/", "/srv/agent"),
        ("~", "/home/me"),
        ("~/", "/home/me"),
        ("~/agents/work", "/home/me/agents/work"),
        ("relative/agent", "HERE/relative/agent"),
        (".", "HERE"),
        ("~other/agent", "HERE/~other/agent"),
    ],
)
def test_the_directory_of_pi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None, directory: str
) -> None:
    """The variable as Pi reads it, and never one of XDG; the credentials are beside the models."""
    monkeypatch.chdir(tmp_path)
    xdg = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), "/elsewhere")
    places = Places(HOME, xdg if value is None else {**xdg, "PI_CODING_AGENT_DIR": value})
    expected = Path(directory.replace("HERE", str(tmp_path)))
    assert places.config("pi") == expected
    assert places.credentials("pi") == expected / "auth.json"


@pytest.mark.parametrize(
    ("variables", "config", "credentials", "state"),
    [
        ({}, "/home/me/.config/opencode", "/home/me/.local/share/opencode/auth.json", "/home/me/.local/state"),
        (
            {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"},
            "/c/opencode",
            "/d/opencode/auth.json",
            "/s",
        ),
        (
            {"XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": "~/d", "XDG_STATE_HOME": ""},
            "/home/me/.config/opencode",
            "/home/me/.local/share/opencode/auth.json",
            "/home/me/.local/state",
        ),
        (
            {"PI_CODING_AGENT_DIR": "/srv/agent"},
            "/home/me/.config/opencode",
            "/home/me/.local/share/opencode/auth.json",
            "/home/me/.local/state",
        ),
    ],
)
def test_the_directories_of_opencode_and_our_own(
    variables: dict[str, str], config: str, credentials: str, state: str
) -> None:
    """By XDG, where a relative path is none; Pi's variable is Pi's alone."""
    places = Places(HOME, variables)
    assert places.config("opencode") == Path(config)
    assert places.credentials("opencode") == Path(credentials)
    assert places.state() == Path(state) / "litellm-discover"
    assert places.locks() == places.state() / "locks"
