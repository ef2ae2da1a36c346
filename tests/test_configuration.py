"""What is understood of a person's real files, of all tools at once."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import catalog, model

from litellm_discover.configuration import host_options
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.planning import plan_write
from litellm_discover.writing import carry_out

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "http://127.0.0.1:4000/v1", "https://llm.example.com/v1"


class Person:
    """Somebody with a home below ``root``, and what they have in it."""

    def __init__(self, root: Path, **variables: str) -> None:
        self.places = Places(root / "home", variables)

    def pi(self, content: Any = None, *, store: Any = None, **litellm: Any) -> Person:
        """Pi's files: a text, or the fields of the provider; and the key in its store."""
        config = content if content is not None else {"providers": {"litellm": litellm}}
        return self._files("pi", "models.json", config, store)

    def opencode(self, content: Any = None, *, store: Any = None, **options: Any) -> Person:
        """OpenCode's files, like Pi's."""
        config = content if content is not None else {"provider": {"litellm": {"options": options}}}
        return self._files("opencode", "opencode.json", config, store)

    def _files(self, tool: str, name: str, config: Any, store: Any) -> Person:
        put(self.places.config(tool) / name, config)
        if store is not None:
            content = store if isinstance(store, bytes) else {"litellm": {"type": "api_key", "key": store}}
            put(self.places.credentials(tool), content)
        return self

    def write(self, tool: str, address: str) -> Person:
        """Let us write to a tool, as for a proxy at this address."""
        plan = plan_write(tool, [catalog(model("a"), base_url=address)], None, self.places, prune=True)
        carry_out(plan, self.places, Deadline.after(5))
        return self


def put(path: Path, content: Any) -> None:
    """A file with an object, or with these bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody with an empty home."""
    return Person(tmp_path)


def test_nobody_has_set_anything(person: Person) -> None:
    """Without files there is no address, no key and no notice."""
    host, notices = host_options(person.places)
    assert (host.base_url, host.has_key, notices) == (None, False, ())


def test_either_tool_is_enough(person: Person, tmp_path: Path) -> None:
    """The address and the key of the one that has them."""
    host, notices = host_options(person.pi(baseUrl=ONE, apiKey="sk-pi").places)
    assert (host.name, host.base_url, host.api_key, notices) == ("pi", ONE, "sk-pi", ())
    other = Person(tmp_path / "other").opencode(baseURL=TWO, apiKey="sk-oc")
    host, notices = host_options(other.places)
    assert (host.name, host.base_url, host.api_key, notices) == ("opencode", TWO, "sk-oc", ())


@pytest.mark.parametrize(
    ("wanted", "address", "key"),
    [
        ((), ONE, "sk-oc"),
        (("opencode",), ONE, "sk-oc"),
        (("pi",), TWO, "sk-pi"),
        (("opencode", "pi"), ONE, "sk-oc"),
        (("pi", "opencode"), ONE, "sk-oc"),
    ],
)
def test_the_tool_that_alone_is_wanted_has_the_first_word(
    person: Person, wanted: tuple[str, ...], address: str, key: str
) -> None:
    """Two proxies: each key goes to its own address, whichever is chosen."""
    person.opencode(baseURL=ONE, apiKey="sk-oc").pi(baseUrl=TWO, apiKey="sk-pi")
    host, _ = host_options(person.places, wanted)
    assert (host.base_url, host.api_key) == (address, key)


@pytest.mark.parametrize("wanted", [(), ("opencode",), ("pi",)])
def test_a_key_is_never_used_for_the_address_of_the_other(person: Person, wanted: tuple[str, ...]) -> None:
    """Not from a file, not from a store, and no header either."""
    person.opencode(baseURL=ONE).pi(baseUrl=TWO, apiKey="sk-pi", headers={"X-Key": "sk-pi"})
    host, _ = host_options(person.places, wanted)
    assert (host.has_key, bool(host.headers)) == ((True, True) if wanted == ("pi",) else (False, False))
    person.opencode(baseURL=ONE, store="sk-oc").pi(baseUrl=TWO, store="sk-pi")
    host, _ = host_options(person.places, wanted)
    assert host.stored_key == ("sk-pi" if wanted == ("pi",) else "sk-oc")


@pytest.mark.parametrize("wanted", [(), ("opencode",), ("pi",)])
def test_a_key_for_the_same_address_is_used(person: Person, wanted: tuple[str, ...]) -> None:
    """Both tools use one proxy, and only Pi has its key."""
    person.opencode(baseURL=ONE).pi(baseUrl=ONE, store="sk-pi")
    host, _ = host_options(person.places, wanted)
    assert (host.name, host.base_url, host.stored_key) == ("pi", ONE, "sk-pi")


def test_references_are_followed_with_the_person_s_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tool in its own words; the variables of this process are not looked at."""
    monkeypatch.setenv("MINE", "sk-of-the-process")
    monkeypatch.setenv("OTHER", "sk-of-the-process")
    person = Person(tmp_path, MINE="sk-mine")
    host, _ = host_options(person.pi(baseUrl=ONE, apiKey="$MINE", headers={"A": "${OTHER}"}).places)
    assert (host.api_key, host.api_key_variable, dict(host.headers)) == ("sk-mine", "MINE", {})
    host, _ = host_options(person.opencode(baseURL=TWO, apiKey="{env:MINE}").places, ("opencode",))
    assert (host.api_key, host.api_key_variable) == ("sk-mine", "MINE")


def test_options_of_one_tool_hold_for_both(person: Person) -> None:
    """Only OpenCode has a place for them; they choose models of a proxy that Pi names, too."""
    person.opencode(includeModels=["gpt-*"], transport="chat").pi(baseUrl=ONE, apiKey="sk-pi")
    host, _ = host_options(person.places, ("pi",))
    assert (host.base_url, host.api_key, host.include, host.transport) == (ONE, "sk-pi", ("gpt-*",), "chat")


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe{\x00}\x00", b'{"providers": {"litellm": {"apiKey": "sk-secret" "x"}}}', b"[" * 9000]
)
def test_a_file_of_pi_that_cannot_be_read_is_a_notice(person: Person, content: bytes) -> None:
    """OpenCode counts all the same, and no secret of the broken file is told."""
    person.opencode(baseURL=ONE, apiKey="sk-oc").pi(content)
    for wanted in ((), ("pi",)):
        host, (notice,) = host_options(person.places, wanted)
        assert (host.base_url, host.api_key) == (ONE, "sk-oc")
        assert notice.code == "config_unreadable"
        assert notice.message.startswith("pi: ")
        assert str(person.places.config("pi") / "models.json") in notice.message
        assert "sk-secret" not in notice.message


def test_a_file_of_opencode_that_cannot_be_read_is_a_notice(person: Person) -> None:
    """The other way round."""
    host, (notice,) = host_options(person.opencode(b"{").pi(baseUrl=ONE, store="sk-pi").places)
    assert (host.base_url, host.stored_key) == (ONE, "sk-pi")
    assert notice.message.startswith("opencode: ")


def test_both_may_be_unreadable(person: Person) -> None:
    """Two notices, and nothing set."""
    host, notices = host_options(person.opencode(b"{").pi(b"{").places)
    assert [notice.code for notice in notices] == ["config_unreadable"] * 2
    assert (host.base_url, host.has_key) == (None, False)


def test_a_store_that_cannot_be_read_is_a_notice(person: Person) -> None:
    """Whether it holds a key is unknown, so nothing is concluded from Pi's other file."""
    _, (notice,) = host_options(person.pi(baseUrl=ONE, store=b"{").places)
    assert str(person.places.credentials("pi")) in notice.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no fifos here")
@pytest.mark.parametrize("name", ["models.json", "auth.json"])
def test_a_fifo_is_a_notice_and_not_waited_for(person: Person, name: str) -> None:
    """Neither in place of the models nor of the store."""
    folder = person.places.config("pi")
    folder.mkdir(parents=True)
    os.mkfifo(folder / name)
    host, (notice,) = host_options(person.opencode(baseURL=ONE).places)
    assert (host.base_url, notice.code) == (ONE, "config_unreadable")


@pytest.mark.parametrize(
    ("config", "store"),
    [
        (b"", b""),
        (b"[]", b"[]"),
        (b"null", b"null"),
        (b'{"providers": 5}', b'{"litellm": 5}'),
        (b'{"providers": {"litellm": {"baseUrl": 5, "apiKey": [], "headers": "x"}}}', b'{"litellm": {"key": {}}}'),
    ],
)
def test_odd_values_are_not_set(person: Person, config: bytes, store: bytes) -> None:
    """A file of the wrong form is readable, and says nothing."""
    host, notices = host_options(person.pi(config, store=store).places)
    assert (host.base_url, host.has_key, dict(host.headers), notices) == (None, False, {}, ())


def test_an_address_that_we_wrote_gives_way_to_one_of_the_person(person: Person) -> None:
    """Ours is a memory; theirs is a decision. Edited, it is theirs again."""
    person.write("opencode", ONE)
    host, _ = host_options(person.places)
    assert (host.base_url, host.base_url_is_ours) == (ONE, True)
    person.pi(baseUrl=TWO)
    host, _ = host_options(person.places)
    assert (host.base_url, host.base_url_is_ours) == (TWO, False)
    host, _ = host_options(person.places, ("opencode",))
    assert (host.base_url, host.base_url_is_ours) == (ONE, True)


@pytest.mark.parametrize("tool", ["opencode", "pi"])
def test_an_address_of_ours_that_the_person_edits_is_theirs(person: Person, tool: str) -> None:
    """By its value; and only while we remember that we wrote it."""
    person.write(tool, ONE)
    (path,) = (path for path in person.places.config(tool).iterdir() if path.suffix in {".json", ".jsonc"})
    assert host_options(person.places)[0].base_url_is_ours
    text = path.read_text("utf-8")
    path.write_text(text.replace(ONE, TWO), encoding="utf-8")
    host, _ = host_options(person.places)
    assert (host.base_url, host.base_url_is_ours) == (TWO, False)
    path.write_text(text.replace(f'"{ONE}"', f'"{ONE}" // mine\n'), encoding="utf-8")
    assert host_options(person.places)[0].base_url_is_ours
    path.write_text(text, encoding="utf-8")
    for record in person.places.state().rglob("*.json"):
        record.unlink()
    assert not host_options(person.places)[0].base_url_is_ours


def test_the_directory_of_pi_is_where_its_variable_says(tmp_path: Path) -> None:
    """Another agent directory has other files."""
    person = Person(tmp_path, PI_CODING_AGENT_DIR="~/agents")
    put(tmp_path / "home/.pi/agent/models.json", {"providers": {"litellm": {"baseUrl": ONE}}})
    assert host_options(person.places)[0].base_url is None
    put(tmp_path / "home/agents/models.json", {"providers": {"litellm": {"baseUrl": TWO}}})
    assert host_options(person.places)[0].base_url == TWO
