"""Remote catalogs against a real web server: what is asked for and when, what is kept, and what cannot be used."""

from __future__ import annotations

import json
import stat
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from static import Static, publish, serving

from litellm_discover.core.manifest import CatalogSetting
from litellm_discover.io import remote
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.locks import lock
from litellm_discover.io.places import Places
from litellm_discover.io.threads import by
from litellm_discover.io.trust import Gate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from litellm_discover.core.model import Notice

OLD = {"anthropic": {"claude-x": {"name": "Claude X"}}, "openai": {"gpt-x": {"name": "GPT X"}}}
NEW = {**OLD, "anthropic": {"claude-x": {"name": "Claude X, renamed"}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two catalogs."""
    publish(tmp_path / "www", OLD)
    return tmp_path / "www"


@pytest.fixture
def server(folder: Path) -> Iterator[Static]:
    """A web server of that folder."""
    with serving(folder) as static:
        yield static


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The directories of a person who has nothing yet."""
    return Places(tmp_path / "home", {})


def setting(server: Static, *, every: float = 86400, send_model: bool = False) -> CatalogSetting:
    """The setting of a person who uses the server."""
    return CatalogSetting(f"{server.base_url}/", every, send_model)


def refresh(
    places: Places, *settings: CatalogSetting, providers: Collection[str] | None = ("anthropic",), **options: Any
) -> tuple[Notice, ...]:
    """Renew what is due, as a run does."""
    seconds, limit = options.pop("seconds", 10.0), options.pop("limit", 20.0)
    gate = Gate(insecure_http=options.pop("insecure_http", False))
    call = partial(remote.refresh, providers, settings, places, gate, Deadline.after(seconds), **options)
    return by(Deadline.after(limit), call)


def names(places: Places, *settings: CatalogSetting, providers: Collection[str] = ("anthropic",)) -> list[str | None]:
    """The names that the layers of each provider give to its model."""
    layers, _ = remote.cached(providers, settings, places)
    return [
        facts.name for shelved in layers.values() for each in shelved for facts in each.catalog.values()
    ]  # fmt: skip


def told(places: Places, *settings: CatalogSetting, providers: Collection[str] = ("anthropic",)) -> list[str]:
    """The codes of what is said of what is held."""
    return [notice.code for notice in remote.cached(providers, settings, places)[1]]


def wait_for_back_off(places: Places) -> None:
    """Set the time of the last try back by more than it takes to try again."""
    for path in places.cache().rglob(".record.json"):
        record = json.loads(path.read_bytes())
        path.write_text(json.dumps({**record, "triedAt": time.time() - remote.BACK_OFF_SECONDS - 1}))


def test_only_the_providers_in_use_are_fetched_and_only_when_due(server: Static, places: Places, folder: Path) -> None:
    """The manifest first, then what of it changed and is in use; within the interval nothing."""
    daily, always = setting(server), setting(server, every=0)
    assert refresh(places, daily) == ()
    assert server.since() == ["200 manifest.json", "200 anthropic.json"]
    layers, notices = remote.cached(("anthropic", "openai", "xai"), (daily,), places)
    assert notices == ()
    assert list(layers) == ["anthropic"]
    assert layers["anthropic"][0].source == f"catalog:{server.base_url.removeprefix('http://')}/anthropic"
    assert layers["anthropic"][0].catalog["claude-x"].name == "Claude X"

    refresh(places, daily)
    assert server.since(2) == []
    refresh(places, always)
    assert server.since(2) == ["304 manifest.json"]
    refresh(places, daily, providers=("anthropic", "openai", "xai"))
    assert server.since(3) == ["304 manifest.json", "200 openai.json"]

    publish(folder, NEW)
    refresh(places, always, providers=("anthropic", "openai"))
    assert server.since(5) == ["200 manifest.json", "200 anthropic.json"]
    assert names(places, daily) == ["Claude X, renamed"]


def test_nothing_is_asked_without_a_provider_in_use(server: Static, places: Places) -> None:
    """A person without models asks nobody; who wants all gets all."""
    refresh(places, setting(server), providers=())
    assert server.asked == []
    refresh(places, setting(server), providers=None)
    assert server.since() == ["200 manifest.json", "200 anthropic.json", "200 openai.json"]


def test_what_is_kept_is_for_its_owner_alone(server: Static, places: Places) -> None:
    """Files 0600 in folders 0700."""
    refresh(places, setting(server))
    kept = list((places.cache() / "catalogs").rglob("*"))
    assert {path.name for path in kept if path.is_file()} == {".record.json", "anthropic.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_dir()} == {0o700}


OTHER_PROVIDER = b'{"schemaVersion":1,"provider":"openai","models":{}}'


@pytest.mark.parametrize(
    ("name", "fault", "code"),
    [
        ("manifest.json", "404", "catalog_refused"),
        ("manifest.json", "500", "catalog_refused"),
        ("manifest.json", "truncated", "catalog_unreachable"),
        ("manifest.json", "packed", "catalog_refused"),
        ("manifest.json", "hanging", "catalog_unreachable"),
        ("anthropic.json", "404", "catalog_refused"),
        ("anthropic.json", "500", "catalog_refused"),
        ("anthropic.json", "truncated", "catalog_unreachable"),
        ("anthropic.json", "flipped", "catalog_damaged"),
        ("anthropic.json", "long", "catalog_damaged"),
        ("anthropic.json", "hanging", "catalog_unreachable"),
    ],
)
def test_what_fails_leaves_the_older_one_and_is_not_asked_again_at_once(
    name: str, fault: str, code: str, server: Static, places: Places, folder: Path
) -> None:
    """Whatever goes wrong with a file: the older one is used, it is said, and tried again after the back-off."""
    always = setting(server, every=7200)
    refresh(places, always)
    publish(folder, NEW)
    server.faults[name] = fault
    wait_for_back_off(places)
    before = len(server.asked)
    refresh(places, setting(server, every=0), seconds=1.0)
    assert server.since(before)[-1].endswith(name)
    assert names(places, always) == ["Claude X"]
    assert told(places, always) == [code]

    asked = len(server.asked)
    refresh(places, always)
    assert server.since(asked) == []

    server.faults.clear()
    wait_for_back_off(places)
    refresh(places, always)
    assert names(places, always) == ["Claude X, renamed"]
    assert told(places, always) == []


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ({"schemaVersion": 2, "providers": ["of another shape"]}, "catalog_incompatible"),
        ({"minVersions": {"litellm-discover": "999.0"}}, "catalog_incompatible"),
        ({"minVersions": {"litellm-discover": "new"}}, "catalog_damaged"),
        ({"schemaVersion": "1"}, "catalog_damaged"),
        ({"providers": []}, "catalog_damaged"),
    ],
    ids=str,
)
def test_a_manifest_that_cannot_be_used_leaves_the_older_one(
    manifest: dict[str, object], code: str, server: Static, places: Places, folder: Path
) -> None:
    """A newer or a broken manifest: the older catalog stays, and its ETag with it."""
    always = setting(server, every=0)
    refresh(places, always)
    publish(folder, NEW, **manifest)
    refresh(places, always)
    assert server.since(2) == ["200 manifest.json"]
    assert names(places, always) == ["Claude X"]
    assert told(places, always) == [code]
    publish(folder, OLD)
    refresh(places, always)
    assert server.since(3) == ["304 manifest.json"]
    assert told(places, always) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        OTHER_PROVIDER,
        b'{"schemaVersion":1,"provider":"anthropic"}',
        b'{"a":1,"a":2}',
        b"[" * 40,
        b"\xff",
    ],
    ids=str,
)
def test_a_file_that_is_no_catalog_of_its_provider_is_not_used(
    data: bytes, server: Static, places: Places, folder: Path
) -> None:
    """A right digest alone makes no catalog."""
    from litellm_discover.core.manifest import Listed, Manifest, render_manifest

    always = setting(server, every=0)
    refresh(places, always)
    (folder / "anthropic.json").write_bytes(data)
    (folder / "manifest.json").write_bytes(render_manifest(Manifest({"anthropic": Listed.of(data, 0)})))
    refresh(places, always)
    assert names(places, always) == ["Claude X"]
    assert told(places, always) == ["catalog_damaged"]


def test_a_server_that_is_down_costs_one_try(folder: Path, places: Places) -> None:
    """One run learns that it is down; the next ones do not ask until the back-off is over."""
    with serving(folder) as server:
        refresh(places, setting(server))
    daily = setting(server)
    wait_for_back_off(places)
    refresh(places, setting(server, every=1))
    assert names(places, daily) == ["Claude X"]
    assert told(places, daily) == ["catalog_unreachable"]
    with serving(folder, int(server.base_url.rpartition(":")[2])) as again:
        refresh(places, daily)
        assert again.asked == []
        wait_for_back_off(places)
        refresh(places, daily)
        assert again.since() == ["304 manifest.json"]
    assert told(places, daily) == []


def test_a_run_waits_for_its_share_only(server: Static, places: Places) -> None:
    """However much time is left, a server that hangs takes a small part of it; who asks for it waits to the end."""
    server.faults["manifest.json"] = "hanging"
    refresh(places, setting(server), seconds=60, limit=5)
    refresh(places, setting(server), seconds=2, limit=10, force=True)
    assert server.since() == ["0 manifest.json"] * 2


@pytest.mark.parametrize("status", ["500", "304", "404"])
def test_what_was_never_there_is_said(status: str, folder: Path, places: Places) -> None:
    """Without an older one there is none, and that is said."""
    with serving(folder) as server:
        server.faults["manifest.json"] = status
        refresh(places, setting(server))
    layers, (notice,) = remote.cached(("anthropic",), (setting(server),), places)
    assert not layers
    assert notice.message.endswith(f"manifest.json: the server answered {status}; none was fetched before")


def test_one_bad_file_does_not_keep_the_others_back(server: Static, places: Places) -> None:
    """Each file is kept for itself."""
    server.faults["anthropic.json"] = "flipped"
    refresh(places, setting(server), providers=("anthropic", "openai"))
    assert names(places, setting(server), providers=("anthropic", "openai")) == ["GPT X"]


def test_a_redirect_is_not_followed(server: Static, places: Places, tmp_path: Path) -> None:
    """Another origin hears nothing."""
    publish(tmp_path / "other", NEW)
    with serving(tmp_path / "other") as other:
        server.faults |= {"manifest.json": other.base_url}
        refresh(places, setting(server))
        assert other.asked == []
    assert told(places, setting(server)) == ["catalog_refused"]


def test_the_server_hears_nothing_of_the_person(
    server: Static, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key, no netrc, no proxy of the environment, no cookie, no model."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password sk-secret\n")
    publish(tmp_path / "proxy", OLD)
    with serving(tmp_path / "proxy") as detour:
        for name, value in {
            "NETRC": str(netrc),
            "LITELLM_API_KEY": "sk-secret",
            "HTTP_PROXY": detour.base_url,
            "ALL_PROXY": detour.base_url,
        }.items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            refresh(places, setting(server, every=0), providers=None, selected={"anthropic": "claude-x"})
        assert detour.asked == []
    heard = "".join(server.headers).lower()
    assert len(server.asked) == 4
    assert "authorization" not in heard
    assert "cookie" not in heard
    assert "sk-secret" not in heard
    assert not any("?" in target for target, _ in server.asked)


def test_the_selected_model_is_told_only_to_whom_the_person_chose(server: Static, places: Places) -> None:
    """With the setting, and then only with the file of its provider."""
    refresh(
        places,
        setting(server, send_model=True),
        providers=("anthropic", "openai"),
        selected={"anthropic": "claude x&y=1"},
    )
    assert server.since() == ["200 manifest.json", "200 anthropic.json?model=claude%20x%26y%3D1", "200 openai.json"]


def test_a_provider_that_was_withdrawn_is_not_used(server: Static, places: Places, folder: Path) -> None:
    """What is listed no longer was wrong, perhaps."""
    always = setting(server, every=0)
    refresh(places, always)
    publish(folder, {"openai": OLD["openai"]})
    refresh(places, always)
    assert names(places, always) == []
    assert told(places, always) == []


def test_a_file_that_was_damaged_here_is_said_and_fetched_again(server: Static, places: Places) -> None:
    """A cache is not believed either."""
    refresh(places, setting(server))
    (kept,) = places.cache().rglob("anthropic.json")
    kept.write_bytes(kept.read_bytes().replace(b"X", b"Y", 1))
    assert names(places, setting(server)) == []
    assert told(places, setting(server)) == ["catalog_damaged"]
    refresh(places, setting(server))
    assert names(places, setting(server)) == ["Claude X"]


def test_a_later_setting_comes_above_an_earlier_one(server: Static, places: Places, tmp_path: Path) -> None:
    """The order in the configuration is that of the layers."""
    publish(tmp_path / "team", NEW)
    with serving(tmp_path / "team") as team:
        settings = (setting(server), setting(team))
        refresh(places, *settings)
        assert names(places, *settings) == ["Claude X", "Claude X, renamed"]
        assert names(places, *reversed(settings)) == ["Claude X, renamed", "Claude X"]


def test_an_address_that_is_not_encrypted_is_not_asked(places: Places) -> None:
    """Prices and limits could be changed on the way."""
    elsewhere = CatalogSetting("http://192.0.2.1/catalogs")
    (notice,) = refresh(places, elsewhere)
    assert notice.code == "catalog_insecure_http"
    assert not places.cache().exists()


def test_what_another_process_renews_is_left_to_it(server: Static, places: Places) -> None:
    """Nobody waits for the other one."""
    refresh(places, setting(server))
    (kept,) = places.cache().rglob("anthropic.json")
    with lock(kept.parent, places.locks(), Deadline.after(1)):
        assert refresh(places, setting(server, every=0)) == ()
    assert server.since() == ["200 manifest.json", "200 anthropic.json"]


def test_a_folder_that_cannot_be_written_is_said(server: Static, places: Places) -> None:
    """Then it is asked again each time, and the person should know."""
    places.cache().mkdir(parents=True)
    (places.cache() / "catalogs").write_text("a file in the way")
    (notice,) = refresh(places, setting(server))
    assert notice.code == "catalog_not_kept"
