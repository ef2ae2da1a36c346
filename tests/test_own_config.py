"""Our own configuration file: what is understood, what is refused and where, and what it outranks."""

from __future__ import annotations

import os
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from litellm_discover.core.host import HostOptions
from litellm_discover.core.manifest import CatalogSetting
from litellm_discover.core.model import KeyReference
from litellm_discover.core.own import Command, KeyFile, Variable
from litellm_discover.core.own_config import understand
from litellm_discover.core.toml_lines import lines
from litellm_discover.errors import ConfigError, DiscoverError, UsageError
from litellm_discover.io import stamp
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.own import own_config, registry_path, with_keys
from litellm_discover.settings import Flags, Settings, resolve

if TYPE_CHECKING:
    from litellm_discover.core.own import OwnConfig
    from litellm_discover.settings import ResponsesStyle

FULL = """\
write = ["opencode", "pi"]              # what a bare --write keeps up to date
notify = ["notify-send", "models"]
timeout = 7.5
name_template = "{name} {cost}"
responses_style = "per-model"

[[proxy]]
id = "litellm"
url = "https://llm.example.com"
key = { env = "MY_KEY" }
headers = { "CF-Access-Client-Id" = { env = "CF_ID" } }
include = ["*"]
exclude = ["*-canary"]
transport = "chat"
responses_models = ["a"]
chat_models = ["b"]
names = { "my-model" = "My Model" }

[[catalog]]
url = "https://models.example.com/v1/"
every = "36h"

[[catalog]]
url = "https://other.example.com"
send_model = true
"""


def understood(text: str) -> OwnConfig:
    """What the file says."""
    return understand(text, "config.toml", ("opencode", "pi"))


def settings(
    text: str, environ: dict[str, str] | None = None, host: HostOptions | None = None, **flags: Any
) -> Settings:
    """Settings from this file and these other sources."""
    return resolve(Flags(**flags), environ or {}, host or HostOptions(), understood(text))


def test_the_whole_file_is_understood() -> None:
    """Every key that there is."""
    config = understood(FULL)
    (proxy,) = config.proxies
    assert (config.write, config.timeout, config.name_template) == (("opencode", "pi"), 7.5, "{name} {cost}")
    assert config.responses_style == "per-model"
    assert config.notify == ("notify-send", "models")
    assert (proxy.id, proxy.url, proxy.transport) == ("litellm", "https://llm.example.com", "chat")
    assert proxy.key == Variable("MY_KEY", "config.toml, line 10: proxy[0].key.env")
    assert {name: header.name for name, header in proxy.headers.items()} == {"CF-Access-Client-Id": "CF_ID"}
    assert (proxy.include, proxy.exclude) == (("*",), ("*-canary",))
    assert (proxy.responses_models, proxy.chat_models, proxy.names) == (("a",), ("b",), {"my-model": "My Model"})
    assert config.catalogs == (
        CatalogSetting("https://models.example.com/v1/", 36 * 3600.0),
        CatalogSetting("https://other.example.com", 24 * 3600.0, send_model=True),
    )


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("wrote = []", "line 1: wrote is no key", "Did you mean write?"),
        ("\n\n[[proxy]]\nurl = 'http://h'\nresponsesModels = []", "line 5: proxy[0].responsesModels", "responses_"),
        ("[[proxy]]\nzzz = 1", "line 2: proxy[0].zzz is no key", "Known here: id, url"),
        ("[[proxy]]\nkey = { envv = 'A' }", "line 2: proxy[0].key.envv", "Did you mean env?"),
        ("[[proxy]]\n[proxy.key]\nenvv = 'A'", "line 3: proxy[0].key.envv", "env"),
        ("[[proxy]]\nkey.envv = 'A'", "line 2: proxy[0].key.envv", "env"),
        ("[[proxy]]\n[proxy.headers]\n'X-A' = { envv = 'A' }", "line 3: proxy[0].headers.X-A.envv", "env"),
        ("timeout = '5'", "line 1: timeout must be a number of seconds", ""),
        ("timeout = true", "line 1: timeout must be a number", ""),
        ("timeout = nan", "line 1: timeout must be a number", ""),
        ("timeout = 61", "from 0.1 to 60", ""),
        ("write = 'all'", "line 1: write must be a list", ""),
        ("write = [\n 'pi',\n 'vim',\n]", "line 3: write[1] must be one of: opencode, pi, all", ""),
        ("[proxy]\nurl = 'http://h'", "line 1: proxy must be a list", ""),
        ("[[proxy]]\n[[proxy]]", "line 2: proxy[1] has the id litellm, which another", "its own"),
        ("[[proxy]]\nid = 'a-b'\n[[proxy]]\nid = 'a_b'\nurl = 'http://h'", "line 3: proxy[1] has the id a_b", ""),
        ("[[proxy]]\n[[proxy]]\nid = 'work'", "line 2: proxy[1] has no url, and neither has litellm", "add url"),
        *((f"[[proxy]]\nid = '{bad}'", "line 2: proxy[0].id must be a short name", "work")
          for bad in ("", "Work", "wörk", "a.b", "a/b", "-a", "a-", "_a", "..", "a" * 33)),
        ("[[proxy]]\nid = 1", "line 2: proxy[0].id must be a short name", "work"),
        ("[[proxy]]\nid = 'work-responses'", "line 2: proxy[0].id must not end in -responses", ""),
        *((f"[[proxy]]\nid = '{bad}'", f"line 2: proxy[0].id cannot be {bad}: that is taken", f"{bad}-proxy")
          for bad in ("openai", "anthropic", "github-copilot", "openai-codex", "constructor", "catalogs")),
        ("[[proxy]]\nkey = 'sk-canary'", "line 2: proxy[0].key must say where the key is", "env"),
        ("[[proxy]]\nkey = { env = 'A', file = 'b' }", "exactly one of: env, command, file", ""),
        ("[[proxy]]\nkey = {}", "exactly one of", ""),
        ("[[proxy]]\nkey = { command = 'pass x' }", "line 2: proxy[0].key.command must be a list", ""),
        ("[[proxy]]\nkey = { command = [] }", "must be a program", ""),
        ("[[proxy]]\nheaders = { 'X-A' = 'sk-canary' }", "line 2: proxy[0].headers.X-A must say in which variable", ""),
        ("[[proxy]]\nheaders = { 'X A' = { env = 'A' } }", "cannot be the name of a header", ""),
        ("[[proxy]]\ntransport = 'both'", "must be one of: auto, chat, responses", ""),
        ("[[proxy]]\nchat_models = ['a']\nresponses_models = ['a']", "line 2: proxy[0].chat_models has", ""),
        ("[[proxy]]\nnames = { a = '\\u001b[31m' }", "line 2: proxy[0].names.a is too long, or has a control", ""),
        ("[[proxy]]\nnames = { a = '{env:HOME}' }", "line 2: proxy[0].names.a", ""),
        ("name_template = '{nam}'", "unknown placeholder {nam}", "{name} {reasoning}"),
        ("name_template = '{suffix}'", "must have {name}", ""),
        ("name_template = '{name} {'", "brace that belongs to no placeholder", ""),
        ("responses_style = 'both'", "line 1: responses_style must be one of: sibling, per-model", ""),
        ("[[catalog]]\nevery = '1h'", "line 1: catalog[0] needs the key url", ""),
        ("[[catalog]]\nurl = 'https://h'\nevery = 24", "line 3: catalog[0].every must be a time", ""),
        ("[[catalog]]\nurl = 'ftp://h'", "line 2: catalog[0].url cannot be used", ""),
        ("a = ", "is no TOML", ""),
        ("a = " + "[" * 5000, "nested", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_and_line(text: str, said: str, hint: str) -> None:
    """And a value that may be a key or a header is not quoted."""
    text = text.replace("'\\u001b[31m'", '"\\u001b[31m"')
    with pytest.raises(ConfigError) as refused:
        understood(text)
    assert refused.value.message.startswith("config.toml")
    assert said in refused.value.message
    assert hint in refused.value.hint
    assert refused.value.hint
    assert "sk-canary" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb = 2", {("a",): 1, ("b",): 2}),
        ("a.b.c = 1\na.d = 2", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "d"): 2}),
        ("'a.b' . \"c\\td\" = 1", {("a.b",): 1, ("a.b", "c\td"): 1}),
        ("a = { b = 1, c.d = [1, 2], e = {} } # }\nf = 1",
         {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1, ("a", "c", "d", 0): 1, ("a", "c", "d", 1): 1,
          ("a", "e"): 1, ("f",): 2}),
        ("a = [ # [\n 1, # ]\n\n [2,\n3],\n]\nb = 1",
         {("a",): 1, ("a", 0): 2, ("a", 1): 4, ("a", 1, 0): 4, ("a", 1, 1): 5, ("b",): 7}),
        ('a = """\nb = 1 \\"""\n""""\nc = 1', {("a",): 1, ("c",): 4}),
        ("a = '''\n[x]\n'''''\nc = '#'\nd = \"\\\"=\"", {("a",): 1, ("c",): 4, ("d",): 5}),
        ("# x\r\n[t]\r\na = 1979-05-27 07:32:00 # y\r\n[t.u]\r\nb = 1",
         {("t",): 2, ("t", "a"): 3, ("t", "u"): 4, ("t", "u", "b"): 5}),
        ("[[p]]\na = 1\n[p.k]\nb = 2\n[[p]]\na = 3\n[[p.q]]\n[[p.q]]\nc = 1",
         {("p",): 1, ("p", 0): 1, ("p", 0, "a"): 2, ("p", 0, "k"): 3, ("p", 0, "k", "b"): 4, ("p", 1): 5,
          ("p", 1, "a"): 6, ("p", 1, "q"): 7, ("p", 1, "q", 0): 7, ("p", 1, "q", 1): 8, ("p", 1, "q", 1, "c"): 9}),
    ],
)  # fmt: skip
def test_lines_of_keys(text: str, expected: dict[tuple[str | int, ...], int]) -> None:
    """Dotted and quoted keys, inline tables, lists over lines, strings that look like TOML, lists of tables."""
    tomllib.loads(text)
    assert lines(text) == expected


@pytest.mark.parametrize(
    ("text", "flag", "style"),
    [("", None, None), ("responses_style = 'per-model'", None, "per-model"),
     ("responses_style = 'per-model'", "sibling", "sibling"), ("", "sibling", "sibling")],
)  # fmt: skip
def test_the_responses_style_of_the_file_counts_unless_one_is_asked_for(
    text: str, flag: ResponsesStyle | None, style: ResponsesStyle | None
) -> None:
    """Whatever has no command line, as the hook and the daemon, has it from the file."""
    assert settings(text, responses_style=flag).responses_style == style


URL = "[[proxy]]\nurl = 'https://own.example.com'\n"


@pytest.mark.parametrize(
    ("environ", "host", "flags", "source"),
    [
        ({}, {}, {}, "url in config.toml"),
        ({}, {"base_url": "https://host.example.com/v1"}, {}, "url in config.toml"),
        ({"LITELLM_BASE_URL": "http://127.0.0.1:1"}, {}, {}, "LITELLM_BASE_URL"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:1", "OPENAI_API_KEY": "sk-o"}, {}, {}, "url in config.toml"),
        ({}, {}, {"url": "http://127.0.0.1:1"}, "--url"),
        ({}, {}, {"ports": (4001,)}, "the likely ports"),
    ],
)
def test_its_address_comes_after_variables_and_before_the_tools(
    environ: dict[str, str], host: dict[str, Any], flags: dict[str, Any], source: str
) -> None:
    """And it is named by the person, so trusted for exactly it."""
    (place,) = settings(URL, environ, HostOptions(**host), **flags).proxies[0].places
    assert place.source == source
    assert place.named == (source != "the likely ports")


def test_its_key_and_headers_go_to_its_address_alone() -> None:
    """Another address, from whoever it is, gets what belongs to it."""
    text = URL + "key = { env = 'MINE' }\nheaders = { X-A = { env = 'GATE' } }\n"
    environ = {"MINE": "sk-mine", "GATE": "open"}
    (own,) = settings(text, environ).proxies[0].places
    assert own.key
    assert (own.key.value, own.key.reference, own.headers) == ("sk-mine", KeyReference("MINE"), {"X-A": "open"})
    (same,) = settings(text, environ, url="https://own.example.com/v1").proxies[0].places
    assert same.key == own.key
    (other,) = settings(text, environ, url="https://other.example.com").proxies[0].places
    assert (other.key, other.headers) == (None, {})
    (strongest,) = settings(text, {**environ, "LITELLM_API_KEY": "sk-env"}).proxies[0].places
    assert strongest.key
    assert strongest.key.reference == KeyReference("LITELLM_API_KEY")
    with pytest.raises(UsageError, match=r"line 4: proxy\[0\].headers.X-A needs the variable GATE"):
        settings(text, {"MINE": "sk-mine"})


def test_without_an_address_they_go_wherever_the_proxy_is_but_not_to_that_of_openai() -> None:
    """That one has a key of its own."""
    text = "[[proxy]]\nkey = { env = 'MINE' }\n"
    environ = {"MINE": "sk-mine", "OPENAI_BASE_URL": "https://gate.example.com", "OPENAI_API_KEY": "sk-o"}
    pair, ports = settings(text, environ).proxies[0].places
    assert [place.key and place.key.reference.variable for place in (pair, ports)] == ["OPENAI_API_KEY", "MINE"]


def test_a_key_of_a_tool_serves_its_address_only_if_the_tool_names_no_other() -> None:
    """A key stays with its address."""
    stored = HostOptions(name="opencode", stored_key="sk-stored")
    (alike,) = settings(URL, host=replace(stored, base_url="https://own.example.com/v1")).proxies[0].places
    (other,) = settings(URL, host=replace(stored, base_url="https://other.example.com/v1")).proxies[0].places
    assert alike.key
    assert other.key is None


def test_options_come_after_flags_and_before_the_tools() -> None:
    """Each in place of the next; a single model is on one route only."""
    text = "timeout = 9\n[[proxy]]\ninclude = ['a*']\ntransport = 'chat'\nchat_models = ['x']\n"
    host = HostOptions(include=("b*",), exclude=("c*",), transport="responses", responses_models=("x", "y"))
    ours, flagged = settings(text, host=host), settings(text, host=host, include=("d*",), timeout=2.0, transport="auto")
    assert (ours.timeout, ours.proxies[0].catalog.include, ours.proxies[0].catalog.exclude) == (9, ("a*",), ("c*",))
    assert (ours.proxies[0].catalog.transport.transport, ours.proxies[0].catalog.transport.responses_models) == (
        "chat",
        frozenset({"y"}),
    )
    assert (flagged.timeout, flagged.proxies[0].catalog.include) == (2.0, ("d*",))
    assert flagged.proxies[0].catalog.transport.transport == "auto"
    assert settings("").timeout == 5.0


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A person who has nothing yet."""
    (tmp_path / "home").mkdir()
    return Places(tmp_path / "home", {"PATH": os.environ["PATH"]})


def put(places: Places, text: str, mode: int = 0o600) -> Path:
    """The person's file, with these permissions."""
    path = places.own_config()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o444, 0o640])
def test_who_else_may_read_the_file_does_not_matter(places: Places, mode: int) -> None:
    """There is no secret in it."""
    assert own_config(places).timeout is None
    put(places, "timeout = 3", mode)
    assert own_config(places).timeout == 3


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(places: Places, mode: int) -> None:
    """They could have the key sent to them."""
    path = put(places, "timeout = 3", mode)
    with pytest.raises(ConfigError, match="can be written by others") as refused:
        own_config(places)
    assert refused.value.hint == f"chmod go-w {path}"


def looked_up(secret: Command | KeyFile, places: Places, seconds: float = 5.0) -> str | None:
    """The key that a proxy with this secret would be sent; it is in no text about it."""
    kind = f"command = {list(secret.arguments)}" if isinstance(secret, Command) else f"file = '{secret.path}'"
    text = f"[[proxy]]\nurl = 'https://h'\nkey = {{ {kind} }}"
    (place,) = with_keys(settings(text).proxies[0], places, Deadline.after(seconds)).places
    assert place.key
    assert place.key.reference == KeyReference("LITELLM_API_KEY", host="litellm-discover")
    assert str(place.key.value) not in repr(place)
    return place.key.value


def command(*arguments: str) -> Command:
    """A key from this program."""
    return Command(arguments, "")


def test_a_key_from_a_program(places: Places) -> None:
    """Its output without the white space around it, in the person's environment, and through no shell."""
    assert looked_up(command("echo", "  sk-printed "), places) == "sk-printed"
    assert looked_up(command("printf", "%s", "$HOME;echo"), places) == "$HOME;echo"
    assert looked_up(command("sh", "-c", 'echo "$PATH"'), places) == os.environ["PATH"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no-such-program",), "cannot be started"),
        (("sh", "-c", "echo sk-canary; echo sk-canary >&2; exit 3"), "ended with status 3"),
        (("true",), "gives no key: it is empty"),
        (("sh", "-c", "echo sk-canary; echo more"), "has a blank, a line end"),
        (("yes", "sk-canary"), "printed more than a key"),
        (("sh", "-c", "sleep 60 & sleep 60; echo sk-canary"), "was not done in time"),
        (("cat",), "empty"),
    ],
)
def test_a_program_that_gives_no_key(places: Places, arguments: tuple[str, ...], said: str, capfd: Any) -> None:
    """It is an error that names the place and shows nothing of what the program printed; children are ended."""
    limit = 0.5 if "sleep 60" in arguments[-1] else 5.0
    with pytest.raises(DiscoverError) as refused:
        looked_up(command(*arguments), places, limit)
    assert said in refused.value.message
    assert "line 3: proxy[0].key.command" in refused.value.message
    assert "sk-canary" not in refused.value.message + "".join(capfd.readouterr())


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_program_and_what_it_started_are_ended(places: Places, tmp_path: Path) -> None:
    """Nothing of it lives on after the deadline."""
    mark = tmp_path / "pid"
    with pytest.raises(ConfigError):
        looked_up(command("sh", "-c", f"sleep 60 & echo $! > {mark}; wait"), places, 0.5)
    # A signal that has been sent takes a moment to be carried out.
    until = time.monotonic() + 10
    while (alive := lives(int(mark.read_text()))) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive


@pytest.mark.parametrize(("mode", "works"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False)])
def test_a_key_from_a_file_that_only_its_owner_can_read(places: Places, mode: int, works: bool) -> None:  # noqa: FBT001
    """Below the home with ``~/``, else beside our own configuration file."""
    for written, path in (("~/key", places.home / "key"), ("key", places.own_config().parent / "key")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(" sk-file\n")
        path.chmod(mode)
        if works:
            assert looked_up(KeyFile(written, ""), places) == "sk-file"
        else:
            with pytest.raises(ConfigError, match="can be read by others") as refused:
                looked_up(KeyFile(written, ""), places)
            assert refused.value.hint == f"chmod 600 {path}"


def test_a_file_that_is_not_there_or_no_file(places: Places) -> None:
    """Neither is waited for."""
    with pytest.raises(ConfigError, match=r"line 3: proxy\[0\].key.file: .* is not there"):
        looked_up(KeyFile("~/none", ""), places)
    os.mkfifo(places.home / "fifo", 0o600)
    with pytest.raises(ConfigError, match="no regular file"):
        looked_up(KeyFile("~/fifo", ""), places)


def test_a_start_notices_what_changed_in_our_files(places: Places) -> None:
    """Also that there is one now, and another option in a variable."""
    variables = dict(places.variables)
    home = str(places.home)
    files = [str(places.own_config()), str(registry_path(None, places))]

    def kept() -> bool:
        return stamp.age("pi", home, variables) is not None

    def keep() -> None:
        path = Path(stamp.path_of("pi", home, variables))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stamp.make(0.0, variables, files))

    keep()
    assert kept()
    put(places, "timeout = 3")
    assert not kept()
    keep()
    assert kept()
    places.registry().write_text("litellm_models: []\n")
    assert not kept()
    keep()
    variables["LITELLM_DISCOVER_NAMES"] = "raw"
    assert not kept()


def test_a_registry_in_a_variable_is_the_same_in_each_directory(places: Places) -> None:
    """Only an option on the command line may be relative."""
    relative = Places(places.home, {"LITELLM_DISCOVER_REGISTRY": "models.yaml"})
    with pytest.raises(UsageError, match="not absolute"):
        registry_path("models.yaml", relative)
    assert registry_path("models.yaml", places).is_absolute()
