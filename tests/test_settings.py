from __future__ import annotations

from typing import Any

import pytest

from litellm_discover.core.host import HostOptions
from litellm_discover.core.model import KeyReference
from litellm_discover.core.origin import Origin, parse_origins
from litellm_discover.core.own import Command, OwnConfig, OwnProxy, Variable
from litellm_discover.errors import UsageError
from litellm_discover.settings import Flags, Settings, resolve

LOOPBACK_4000 = (Origin("http", "127.0.0.1", 4000), Origin("http", "::1", 4000))


def settings(environ: dict[str, str] | None = None, host: HostOptions | None = None, **flags: Any) -> Settings:
    """Settings from these sources and no others."""
    return resolve(Flags(**flags), environ or {}, host or HostOptions())


@pytest.mark.parametrize(
    ("url", "origin", "base_url"),
    [
        ("http://127.0.0.1:4000", Origin("http", "127.0.0.1", 4000), "http://127.0.0.1:4000/v1"),
        ("http://127.0.0.1:4000/v1/", Origin("http", "127.0.0.1", 4000), "http://127.0.0.1:4000/v1"),
        ("https://llm.example.com", Origin("https", "llm.example.com", 443), "https://llm.example.com/v1"),
        ("https://h:8443/litellm/v1", Origin("https", "h", 8443, "/litellm"), "https://h:8443/litellm/v1"),
        ("http://h/litellm/", Origin("http", "h", 80, "/litellm"), "http://h/litellm/v1"),
        ("http://[::1]:4000", Origin("http", "::1", 4000), "http://[::1]:4000/v1"),
        ("http://h.:4000", Origin("http", "h", 4000), "http://h:4000/v1"),
        ("HTTP://Host:4000", Origin("http", "host", 4000), "http://host:4000/v1"),
    ],
)
def test_addresses_have_one_form(url: str, origin: Origin, base_url: str) -> None:
    """With /v1 or not, with a prefix or not: the base URL ends in /v1, once."""
    assert parse_origins(url, source="--url") == (origin,)
    assert origin.base_url == base_url


@pytest.mark.parametrize("name", ["localhost", "LocalHost", "localhost."])
def test_localhost_is_both_literals_and_never_a_name(name: str) -> None:
    """The name could be answered by whoever listens on the other literal."""
    assert parse_origins(f"http://{name}:4000/v1", source="--url") == LOOPBACK_4000
    (place,) = settings(url="http://localhost:4000").proxies[0].places
    assert place.origins == LOOPBACK_4000
    assert place.identify
    assert not place.named


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:4000", "localhost", "ftp://h", "http://", "http://u:secret@h", "http://h?key=secret", "http://h#x",
     "http://h:99999", "http://[::1", "http://h:port"],
)  # fmt: skip
def test_addresses_that_cannot_be_used(url: str) -> None:
    """The refusal names the source and not the address, which can hold a password."""
    with pytest.raises(UsageError, match="--url") as refused:
        settings(url=url)
    assert "secret" not in refused.value.message + refused.value.hint
    assert refused.value.exit_status == 2


HOST = HostOptions(base_url="http://host-config:1/v1", headers={"X-Gate": "1"})


@pytest.mark.parametrize(
    ("environ", "host", "flags", "source"),
    [
        ({"LITELLM_API_BASE": "http://base:1"}, HOST, {"url": "http://flag:1"}, "--url"),
        ({"LITELLM_API_BASE": "http://base:1", "LITELLM_BASE_URL": "http://url:1"}, HOST, {}, "LITELLM_API_BASE"),
        ({"LITELLM_BASE_URL": "http://url:1"}, HOST, {}, "LITELLM_BASE_URL"),
        ({}, HOST, {}, "baseURL in the tool's configuration"),
        ({"LITELLM_API_BASE": "http://base:1"}, HOST, {"ports": (4001,)}, "the likely ports"),
        ({}, HostOptions(), {}, "the likely ports"),
    ],
)
def test_the_highest_source_names_the_place(
    environ: dict[str, str], host: HostOptions, flags: dict[str, Any], source: str
) -> None:
    """Flag before environment before the tools' configuration before probing."""
    (place,) = settings(environ, host, **flags).proxies[0].places
    assert place.source == source
    assert place.identify == (source == "the likely ports")
    assert place.named == (source != "the likely ports")
    assert bool(place.headers) == source.startswith("baseURL")


def test_an_address_that_we_wrote_is_a_guess_and_no_word_of_the_person() -> None:
    """On this machine it is identified and judged like a probed port, and the likely ports follow it.

    A remote one proves itself by TLS, and one that the person wrote is named.
    """
    ours, ports = (
        settings(host=HostOptions(base_url="http://127.0.0.1:4100/v1", base_url_is_ours=True)).proxies[0].places
    )
    assert (ours.named, ours.identify, ours.origins[0].port) == (False, True, 4100)
    assert ports.source == "the likely ports"
    (remote,) = settings(host=HostOptions(base_url="https://h/v1", base_url_is_ours=True)).proxies[0].places
    (theirs,) = settings(host=HostOptions(base_url="http://127.0.0.1:4100/v1")).proxies[0].places
    assert remote.named
    assert theirs.named


def test_the_likely_ports_are_probed_lowest_first_and_ipv4_first() -> None:
    """Ports given by the person replace the likely ones."""
    assert [(o.host, o.port) for o in settings(ports=(9000, 80)).proxies[0].places[0].origins] == [
        ("127.0.0.1", 80), ("::1", 80), ("127.0.0.1", 9000), ("::1", 9000),
    ]  # fmt: skip
    assert [o.port for o in settings().proxies[0].places[0].origins] == [4000, 4000, 8000, 8000, 8080, 8080]


def test_openai_variables_count_as_a_pair_before_probing_and_must_prove_themselves() -> None:
    """Their address is identified before its own key is sent there, and no other key is."""
    environ = {"OPENAI_BASE_URL": "https://gate.example.com/v1", "OPENAI_API_KEY": "sk-o"}
    pair, ports = settings(environ).proxies[0].places
    assert (pair.source, pair.identify, pair.named) == ("OPENAI_BASE_URL", True, True)
    assert not settings({**environ, "OPENAI_BASE_URL": "http://localhost:4000"}).proxies[0].places[0].named
    assert pair.key
    assert pair.key.reference == KeyReference("OPENAI_API_KEY")
    assert ports.key is None
    assert len(settings({"OPENAI_BASE_URL": "https://gate.example.com/v1"}).proxies[0].places) == 1


@pytest.mark.parametrize(
    ("environ", "host", "value", "reference"),
    [
        ({"LITELLM_API_KEY": "a", "LITELLM_PROXY_KEY": "b"}, HostOptions(api_key="h"), "a", "env:LITELLM_API_KEY"),
        ({"LITELLM_PROXY_KEY": "b", "LITELLM_MASTER_KEY": "c"}, HostOptions(), "b", "env:LITELLM_PROXY_KEY"),
        ({"LITELLM_MASTER_KEY": "c"}, HostOptions(stored_key="s"), "c", "env:LITELLM_MASTER_KEY"),
        ({}, HostOptions(api_key="h", api_key_variable="MINE"), "h", "env:MINE"),
        ({}, HostOptions("pi", api_key="h", stored_key="s"), "h", "host:pi"),
        ({}, HostOptions("opencode", stored_key="s"), "s", "host:opencode"),
        ({"LITELLM_API_KEY": "a"}, HostOptions(api_key_variable="UNSET", stored_key="s"), "a", "env:LITELLM_API_KEY"),
    ],
)
def test_the_highest_source_has_the_key(environ: dict[str, str], host: HostOptions, value: str, reference: str) -> None:
    """Environment before the tools' own copies; the reference says where it is and never what it is."""
    key = settings(environ, host).proxies[0].places[0].key
    assert key
    assert (key.value, str(key.reference)) == (value, reference)
    assert f"'{value}'" not in repr(key)


def test_a_reference_to_an_unset_variable_blocks_the_store_here_as_it_does_there() -> None:
    """OpenCode would not use the stored key beside it, so a proxy that needs a key must not seem to work."""
    assert settings(host=HostOptions(api_key_variable="UNSET", stored_key="s")).proxies[0].places[0].key is None


@pytest.mark.parametrize("value", ["sk-1\n", "sk 1", "sk-\u00e9", "sk-\x00", "\tsk"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(value: str) -> None:
    """HTTP libraries quote such a key in their errors; so it never gets there, nor into ours."""
    with pytest.raises(UsageError, match="LITELLM_API_KEY") as refused:
        settings({"LITELLM_API_KEY": value})
    assert value not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize(
    "headers", [{"X": "a\nb"}, {"X": "\u00e9"}, {"X Y": "a"}, {"": "a"}, {"X:": "a"}, {"X\n": "a"}]
)
def test_a_header_that_cannot_be_sent_is_named_and_its_value_is_not(headers: dict[str, str]) -> None:
    """The person learns which one; what it holds can be a secret."""
    with pytest.raises(UsageError, match="the header") as refused:
        settings(host=HostOptions(base_url="http://h/v1", headers=headers))
    assert refused.value.code == "bad_header"
    assert not any(value in refused.value.message for value in headers.values() if len(value) > 1)


def test_options_of_the_host_apply_unless_a_flag_says_otherwise() -> None:
    """Transport, lists of ids and filters come from the tool's configuration; flags win."""
    host = HostOptions(transport="chat", responses_models=("r",), chat_models=("c",), include=("a*",), exclude=("b*",))
    options = settings(host=host).proxies[0].catalog
    assert options.transport.transport == "chat"
    assert options.transport.responses_models == frozenset({"r"})
    assert options.transport.chat_models == frozenset({"c"})
    assert (options.include, options.exclude) == (("a*",), ("b*",))
    flagged = settings(host=host, transport="auto", include=("x",)).proxies[0].catalog
    assert (flagged.transport.transport, flagged.include, flagged.exclude) == ("auto", ("x",), ("b*",))
    with pytest.raises(UsageError, match="transport"):
        settings(host=HostOptions(transport="carrier pigeon"))


def own(proxy_id: str, url: str | None = None, **fields: Any) -> OwnProxy:
    """One ``[[proxy]]``."""
    return OwnProxy(proxy_id, "config.toml", url, **fields)


KEYS = {
    "LITELLM_API_KEY": "sk-a", "LITELLM_PROXY_KEY": "sk-b", "LITELLM_MASTER_KEY": "sk-c", "WORK": "sk-work",
    "OPENAI_BASE_URL": "https://pair.example.com", "OPENAI_API_KEY": "sk-pair",
}  # fmt: skip
TOOL = HostOptions(name="pi", base_url="http://127.0.0.1:4100/v1", api_key="sk-tool", headers={"X-Tool": "1"})


@pytest.mark.parametrize(
    ("environ", "host", "litellm_key"),
    [(KEYS, TOOL, "sk-a"), ({"WORK": "sk-work"}, TOOL, "sk-tool"), ({"WORK": "sk-work"}, HostOptions(), None)],
)
@pytest.mark.parametrize(
    ("work", "work_key", "reference"),
    [
        ({}, None, None),
        ({"key": Variable("WORK", "")}, "sk-work", KeyReference("WORK")),
        ({"key": Variable("UNSET", "")}, None, None),
        ({"key": Command(("pass",), "")}, None, KeyReference("LITELLM_KEY_MY_WORK", host="litellm-discover")),
    ],
)
def test_with_several_proxies_each_key_is_for_one(
    environ: dict[str, str], host: HostOptions, litellm_key: str | None, work: Any, work_key: str | None, reference: Any
) -> None:
    """Variables and tools speak of ``litellm``; of any other proxy only its own table does."""
    config = OwnConfig(proxies=(own("litellm"), own("my-work", "https://work.example.com", **work)))
    found = resolve(Flags(), environ, host, config)
    keys = {
        proxy.id: {(place.key.value, place.key.reference) if place.key else (None, None) for place in proxy.places}
        for proxy in found.proxies
    }
    assert keys["my-work"] == {(work_key, reference)}
    pair = {"sk-pair"} if environ is KEYS and host is not TOOL else set()
    assert {value for value, _ in keys["litellm"]} == {litellm_key} | pair
    assert [dict(place.headers) for place in found.proxy("my-work").places] == [{}]


@pytest.mark.parametrize(
    ("url", "missing"),
    [
        ("http://127.0.0.1:4000", {4000}),
        ("http://localhost:8000/v1", {8000}),
        ("http://[::1]:8080", {8080}),
        ("https://work.example.com:4000", set()),
        ("no address", set()),
    ],
)
def test_no_guess_leads_to_another_proxy(url: str, missing: set[int]) -> None:
    """Neither a likely port nor an address that we wrote is tried where another proxy is said to be."""
    config = OwnConfig(proxies=(own("litellm"), own("work", url)))
    for host in (HostOptions(), HostOptions(base_url="http://127.0.0.1:4000/v1", base_url_is_ours=True)):
        places = resolve(Flags(), KEYS, host, config).proxy("litellm").places
        guessed = {origin.port for place in places if not place.named for origin in place.origins}
        assert guessed == {4000, 8000, 8080} - missing
    named = resolve(Flags(url="http://127.0.0.1:4000"), KEYS, HostOptions(), config).proxy("litellm").places
    assert [place.origins[0].port for place in named] == [4000]


def test_what_is_wrong_with_one_proxy_is_its_own() -> None:
    """The others are there; with one proxy it is an error at once, as ever."""
    config = OwnConfig(proxies=(own("litellm", "http://127.0.0.1:1"), own("work", "no address")))
    fine, bad = resolve(Flags(), {}, HostOptions(), config).proxies
    assert (fine.problem, bad.places) == (None, ())
    assert bad.problem
    with pytest.raises(UsageError):
        resolve(Flags(), {}, HostOptions(), OwnConfig(proxies=config.proxies[1:]))


def test_filters_and_names_are_those_of_each_proxy() -> None:
    """Options hold for all of them, and what a tool says of ``litellm`` for that alone."""
    work = own("work", "http://h", include=("w*",), transport="chat", names={"a": "A"})
    host = HostOptions(include=("h*",), transport="responses", selected="m")
    config = OwnConfig(proxies=(own("litellm"), work, own("lab", "http://l")))
    found = resolve(Flags(), {}, host, config).proxies
    assert [proxy.catalog.include for proxy in found] == [("h*",), ("w*",), ()]
    assert [proxy.catalog.transport.transport for proxy in found] == ["responses", "chat", "auto"]
    assert [dict(proxy.aliases) for proxy in found] == [{}, {"a": "A"}, {}]
    assert [proxy.selected for proxy in found] == ["m", None, None]
    flags = resolve(Flags(exclude=("x",), transport="auto"), {}, host, config).proxies
    assert {(proxy.catalog.exclude, proxy.catalog.transport.transport) for proxy in flags} == {(("x",), "auto")}
