"""The person's word over what was learned: registry, names, and what is shown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Any

import pytest
from catalogs import catalog, model

from litellm_discover.core.display import template_problem
from litellm_discover.core.facts import Facts
from litellm_discover.core.host import HostOptions
from litellm_discover.core.model import Catalog, Cost, Hidden, KeyReference, Limit
from litellm_discover.core.options import CatalogOptions, TransportOptions
from litellm_discover.core.own import OwnConfig
from litellm_discover.core.registry import Entry, Registry
from litellm_discover.errors import TrustError, UsageError
from litellm_discover.io import trust
from litellm_discover.io.trust import Gate, Listener
from litellm_discover.personal import alone, personal
from litellm_discover.settings import Flags, Settings, resolve

STATED = {"name": "catalog:openai", "limit": "proxy:/v1/models", "efforts": "proxy:/v1/model/info"}


def settings(*entries: Entry, **fields: Any) -> Settings:
    """Settings that have nothing but this; what is about the one proxy in a ``proxy`` of its own."""
    found = resolve(Flags(), {}, HostOptions(), OwnConfig(), Registry(entries))
    proxy = replace(found.proxies[0], **fields.pop("proxy", {}))
    return replace(found, proxies=(proxy,), **fields)


def entry(model_id: str, owner: str | None = None, **facts: Any) -> Entry:
    """An entry that says this and no more."""
    return Entry(model_id, owner, Facts(**facts))


def names(done: Catalog) -> dict[str, tuple[str, str]]:
    """The name of each model, and the source."""
    return {one.id: (one.name, one.sources["name"]) for one in done.models}


def test_an_entry_overrides_what_it_says_and_nothing_else() -> None:
    """A price as a whole, a limit each on its own."""
    tiers = [{"above": 9, "input": 3, "output": 4}]
    known = {"reasoning": True, "efforts": ["low"], "limit": {"context": 8, "output": 4}, "tool_call": True}
    base = model("a", name="A", **known, cost={"input": 1, "output": 2, "tiers": tiers}, sources=STATED)
    price = Cost(Decimal(5), Decimal(6))
    said = entry("a", "azure", name="Mine", efforts=("high",), reasoning=True, limit=Limit(output=2), cost=price)
    (done,) = personal(catalog(base), settings(said)).models
    assert (done.name, done.owner, done.efforts, done.cost, done.tool_call) == ("Mine", "azure", ("high",), price, True)
    assert done.limit == Limit(8, 2)
    assert done.sources["limit"] == "user:registry, proxy:/v1/models"
    assert {done.sources[name] for name in ("name", "owner", "efforts", "cost")} == {"user:registry"}


def test_what_an_entry_denies_is_gone_and_what_it_leaves_out_stays() -> None:
    """A model that does not reason has no efforts."""
    base = model("a", reasoning=True, efforts=["low"], sources=STATED)
    (denied,) = personal(catalog(base), settings(entry("a", reasoning=False))).models
    assert (denied.reasoning, denied.efforts, "efforts" in denied.sources) == (False, None, False)
    (silent,) = personal(catalog(base), settings(entry("a"))).models
    assert silent == base


def test_an_entry_defines_a_model_that_no_proxy_lists() -> None:
    """Its route, modalities and name come from the id, sorted among the others."""
    wanted = settings(entry("gpt-9.9"), entry("azure/o3", "azure", limit=Limit(200_000)), entry("my-embedding"))
    done = personal(catalog(model("claude"), model("x")), wanted)
    by_id = {one.id: one for one in done.models}
    assert [*by_id] == ["azure/o3", "claude", "gpt-9.9", "my-embedding", "x"]
    assert (by_id["gpt-9.9"].transport, by_id["gpt-9.9"].name, by_id["gpt-9.9"].limit) == (
        "responses",
        "GPT-9.9",
        Limit(),
    )
    assert by_id["gpt-9.9"].sources["transport"] == "rule:openai-reasoning-family"
    assert (by_id["azure/o3"].owner, by_id["azure/o3"].sources["owner"]) == ("azure", "user:registry")
    assert by_id["azure/o3"].limit.context == 200_000
    assert (by_id["my-embedding"].mode, by_id["my-embedding"].sources["mode"]) == ("chat", "user:registry")


def test_what_is_publicly_known_is_below_the_persons_word() -> None:
    """As for a model that a proxy lists and does not describe."""
    (done,) = personal(catalog(), settings(entry("claude-sonnet-4-6", limit=Limit(output=9)))).models
    assert done.limit.output == 9
    assert done.limit.context
    assert done.sources["limit"] == "user:registry, catalog:anthropic"
    assert (done.name, done.sources["name"]) == ("Claude Sonnet 4.6", "catalog:anthropic")


def test_filters_and_routes_of_the_person_hold_for_defined_models() -> None:
    """As for those of the proxy."""
    options = CatalogOptions(TransportOptions(chat_models=frozenset({"gpt-9.9"})), exclude=("*-canary",))
    done = personal(catalog(model("a")), settings(entry("gpt-9.9"), entry("b-canary"), proxy={"catalog": options}))
    assert [(one.id, one.transport) for one in done.models] == [("a", "chat"), ("gpt-9.9", "chat")]
    assert done.hidden == (Hidden("b-canary", "user:excluded"),)


def test_what_is_hidden_stays_hidden_and_what_looks_alike_gives_way() -> None:
    """The proxy knows its own models."""
    base = replace(catalog(model("Gpt-4")), hidden=(Hidden("dall-e", "mode:image_generation"),))
    done = personal(base, settings(entry("dall-e"), entry("gpt-4")))
    assert [one.id for one in done.models] == ["Gpt-4"]
    assert done.hidden == (Hidden("dall-e", "mode:image_generation"), Hidden("gpt-4", "collision:same-but-for-case"))


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("catalog", {"gpt-4o": ("Official 4o", "catalog:openai"), "o": ("Own", "user:registry"),
                     "x": ("Alias", "user:names")}),
        ("pretty", {"gpt-4o": ("GPT-4o", "rule:formatter"), "o": ("Own", "user:registry"),
                    "x": ("Alias", "user:names")}),
        ("raw", {"gpt-4o": ("gpt-4o", "user:names"), "o": ("Own", "user:registry"), "x": ("Alias", "user:names")}),
    ],
)  # fmt: skip
def test_the_option_decides_on_names_that_are_not_the_persons_own(
    option: str, expected: dict[str, tuple[str, str]]
) -> None:
    """What the person calls a model stays, like a route for a single model."""
    base = catalog(*(model(name, name="Official 4o", sources=STATED) for name in ("gpt-4o", "o", "x")))
    wanted = settings(
        entry("o", name="Own"), entry("x", name="Less"), names=option, proxy={"aliases": {"x": "Alias", "none": "-"}}
    )
    assert names(personal(base, wanted)) == expected


def test_no_two_models_have_one_name() -> None:
    """Also one that is only in the registry; a template is for names that are apart."""
    base = catalog(model("openai/gpt-4o", name="GPT-4o"), model("azure/gpt-4o", name="GPT-4o"))
    done = personal(base, settings(entry("gpt-4o"), name_template="{name} {suffix}"))
    shown = [one.name for one in done.models]
    assert len(set(shown)) == 3
    assert all(name.endswith(" (LiteLLM)") for name in shown)


PRICED = model("a", name="Claude", reasoning=True, cost={"input": 3, "output": "0.50"})


@pytest.mark.parametrize(
    ("template", "priced", "unknown"),
    [
        ("{name} {reasoning} {cost} {suffix}", "Claude 🧠 ($3/$0.50) (LiteLLM)", "b (LiteLLM)"),
        ("{cost} | {name}", "($3/$0.50) | Claude", "| b"),
        ("{name}", "Claude", "b"),
    ],
)
def test_a_template_leaves_nothing_where_nothing_is_known(template: str, priced: str, unknown: str) -> None:
    """No empty parenthesis and no second blank."""
    done = personal(catalog(PRICED, model("b")), settings(name_template=template))
    assert names(done) == {"a": (priced, "user:name_template"), "b": (unknown, "user:name_template")}
    assert template_problem(template) is None


def test_alone_the_registry_is_for_the_first_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The likely port without any setting, with the key's usual variable; nothing was asked, and that is said."""
    monkeypatch.setattr(trust, "listeners_now", tuple)
    found = alone(settings(entry("a"), offline=True), Gate())
    assert (found.catalog.proxy.base_url, found.catalog.proxy.key) == (
        "http://127.0.0.1:4000/v1",
        KeyReference("LITELLM_API_KEY"),
    )
    assert [one.id for one in found.catalog.models] == ["a"]
    assert [notice.code for notice in found.notices] == ["registry_alone"]
    assert found.catalog.complete


def test_alone_it_names_no_address_that_a_stranger_listens_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool would send the key there; neither would it be sent over an open network."""
    address = IPv4Address("127.0.0.1")
    monkeypatch.setattr(trust, "listeners_now", lambda: (Listener(address, 4000, 12345),))
    with pytest.raises(TrustError, match="uid 12345"):
        alone(settings(entry("a")), Gate())
    remote = resolve(Flags(url="http://llm.example.com"), {}, HostOptions(), OwnConfig(), Registry((entry("a"),)))
    with pytest.raises(UsageError, match="not encrypted"):
        alone(remote, Gate())
