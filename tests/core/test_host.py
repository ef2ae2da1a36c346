from __future__ import annotations

import pytest

from litellm_discover.core.host import HostOptions, combined

ONE, TWO = "http://127.0.0.1:4000/v1", "https://llm.example.com/v1"


def host(name: str, base_url: str | None = None, key: str | None = None, *, ours: bool = False) -> HostOptions:
    """What one host has: an address and a key in its file."""
    return HostOptions(name=name, base_url=base_url, base_url_is_ours=ours, api_key=key)


@pytest.mark.parametrize(
    ("hosts", "preferred", "address", "ours"),
    [
        ([], None, None, False),
        ([host("a"), host("b")], None, None, False),
        ([host("a", ONE), host("b", TWO)], None, ONE, False),
        ([host("a", ONE), host("b", TWO)], "b", TWO, False),
        ([host("a", ONE), host("b", TWO)], "c", ONE, False),
        ([host("a"), host("b", TWO)], None, TWO, False),
        ([host("a"), host("b", TWO)], "a", TWO, False),
        ([host("a", ONE, ours=True), host("b", TWO)], None, TWO, False),
        ([host("a", ONE, ours=True), host("b", TWO)], "a", ONE, True),
        ([host("a", ONE, ours=True), host("b", TWO, ours=True)], None, ONE, True),
        ([host("a", ONE, ours=True), host("b", TWO, ours=True)], "b", TWO, True),
        ([host("a", ONE, ours=True), host("b", ONE)], None, ONE, False),
    ],
)
def test_whose_address_counts(hosts: list[HostOptions], preferred: str | None, address: str | None, ours: bool) -> None:  # noqa: FBT001 - a table
    """The preferred host's, else the first that a person wrote, else the first of ours."""
    result = combined(hosts, preferred)
    assert (result.base_url, result.base_url_is_ours) == (address, ours)


@pytest.mark.parametrize(
    ("hosts", "preferred", "name", "key"),
    [
        ([host("a", ONE, "sk-a"), host("b", ONE, "sk-b")], None, "a", "sk-a"),
        ([host("a", ONE, "sk-a"), host("b", ONE, "sk-b")], "b", "b", "sk-b"),
        ([host("a", ONE), host("b", ONE, "sk-b")], None, "b", "sk-b"),
        ([host("a", ONE), host("b", ONE, "sk-b")], "a", "b", "sk-b"),
        ([host("a", ONE), host("b", TWO, "sk-b")], None, "a", None),
        ([host("a", ONE), host("b", None, "sk-b")], None, "a", None),
        ([host("a", None, "sk-a"), host("b", ONE)], "a", "b", None),
        ([host("a", ONE, "sk-a", ours=True), host("b", TWO)], None, "b", None),
        ([host("a", ONE, "sk-a", ours=True), host("b", ONE)], None, "a", "sk-a"),
        ([host("a"), host("b", None, "sk-b")], None, "b", "sk-b"),
        ([host("a", "http://127.0.0.1:4001/v1"), host("b", ONE, "sk-b")], None, "a", None),
    ],
)
def test_a_key_stays_with_its_address(
    hosts: list[HostOptions], preferred: str | None, name: str, key: str | None
) -> None:
    """It is taken from another host only if that names the same proxy; so nobody else is ever sent it."""
    result = combined(hosts, preferred)
    assert (result.name, result.api_key) == (name, key)


def test_a_key_in_a_store_is_a_key() -> None:
    """It goes with its host's address like one in a file, and with the variable that belongs to it."""
    stored = HostOptions("b", ONE, stored_key="sk-stored")
    result = combined([host("a", ONE), stored, host("c", ONE, "sk-c")])
    assert (result.name, result.api_key, result.stored_key) == ("b", None, "sk-stored")
    named = HostOptions("d", ONE, api_key="sk-d", api_key_variable="D")
    result = combined([host("a", ONE), named])
    assert (result.name, result.api_key, result.api_key_variable) == ("d", "sk-d", "D")


@pytest.mark.parametrize(
    ("options", "has_key"),
    [
        (HostOptions(), False),
        (HostOptions(api_key=""), False),
        (HostOptions(api_key="sk-x"), True),
        (HostOptions(stored_key="sk-x"), True),
        (HostOptions(stored_key=""), False),
        (HostOptions(api_key_variable="UNSET"), False),
        (HostOptions(api_key_variable="UNSET", stored_key="sk-x"), False),
        (HostOptions(api_key_variable="SET", api_key="sk-x", stored_key="sk-y"), True),
    ],
)
def test_whether_a_host_would_send_a_key(options: HostOptions, *, has_key: bool) -> None:
    """A variable that is named and not set keeps a store from being asked."""
    assert options.has_key is has_key


def test_a_host_without_a_key_of_its_own_keeps_its_variable() -> None:
    """Which variable a person meant to set is known even while it is not set."""
    unset = HostOptions("a", ONE, api_key_variable="MINE", stored_key="sk-not-asked")
    result = combined([unset, host("b", TWO, "sk-b")])
    assert (result.name, result.api_key_variable, result.has_key) == ("a", "MINE", False)


def test_headers_are_those_of_the_address() -> None:
    """They hold secrets as keys do: those of another host are not taken, not even for the same proxy."""
    a = HostOptions("a", ONE, headers={"A": "1"})
    b = HostOptions("b", TWO, headers={"B": "2"})
    assert combined([a, b]).headers == {"A": "1"}
    assert combined([a, b], "b").headers == {"B": "2"}
    assert combined([host("c", ONE), b]).headers == {}


def test_the_rest_is_taken_from_whoever_sets_it() -> None:
    """One option here and another there; of two the host's that comes first."""
    a = HostOptions("a", ONE, transport="chat", include=("a*",))
    b = HostOptions("b", TWO, transport="responses", exclude=("b*",), responses_models=("r",), chat_models=("c",))
    result = combined([a, b])
    assert (result.transport, result.include, result.exclude) == ("chat", ("a*",), ("b*",))
    assert (result.responses_models, result.chat_models) == (("r",), ("c",))
    result = combined([a, b], "b")
    assert (result.transport, result.include, result.exclude) == ("responses", ("a*",), ("b*",))


def test_what_is_combined_tells_no_secret() -> None:
    """Neither key nor header is in its repr."""
    options = HostOptions("a", ONE, api_key="sk-secret-1", stored_key="sk-secret-2", headers={"A": "sk-secret-3"})
    assert "sk-secret" not in repr(combined([options]))
