"""Reports to look at: catalogs of the test's own making, and the page of the package around them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from litellm_discover.core.envelope import Answered
from litellm_discover.core.model import Catalog, Cost, Hidden, Limit, Model, Notice, Proxy, Tier
from litellm_discover.core.report import Report
from litellm_discover.errors import ProxyNotFoundError
from litellm_discover.reporting import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.core.jsonc import JsonValue

TAKEN_AT = "2026-01-02T03:04:05Z"

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "--><!--<b>",
    "javascript:alert(1)",
    "${alert(1)} $style $$ {{x}}",
    "&lt;b&gt;&amp;amp;",
    "\u202egnp.exe\u2066\u2069",
    "a\x00b\x1b[31mc\x7f\u2028\u2029",
    "{env:HOME}",
    "x" * 100_000,
)


def model(model_id: str, **fields: Any) -> Model:
    """A model about which nothing is known but what is given here."""
    unknown: dict[str, Any] = {
        "name": model_id,
        "owner": None,
        "mode": None,
        "transport": "chat",
        "reasoning": None,
        "efforts": None,
        "input": ("text",),
        "output": ("text",),
        "tool_call": None,
        "limit": Limit(),
        "cost": None,
        "deprecated": None,
        "parameters": {},
        "sources": {"name": "rule:formatter", "transport": "rule:chat-unless-stated"},
    }
    return Model(model_id, **{**unknown, **fields})


def priced(model_id: str, context: int, dollars: str, **fields: Any) -> Model:
    """A model of which price and context are known."""
    cost = Cost(Decimal(dollars), Decimal(dollars) * 5)
    known = {"limit": "proxy:/v1/models", "cost": "proxy:/v1/model/info"}
    sources = {**known, **fields.pop("sources", {"name": "catalog:openai", "transport": "rule:chat-unless-stated"})}
    return model(model_id, limit=Limit(context, 64_000), cost=cost, sources=sources, **fields)


SMALL = (
    priced(
        "claude-sonnet-4-5",
        200_000,
        "3",
        name="Claude Sonnet 4.5",
        owner="anthropic",
        mode="chat",
        reasoning=True,
        efforts=("low", "medium", "high"),
        input=("text", "image", "pdf"),
        tool_call=True,
        deprecated="2026-11-30",
        parameters={"store": False, "cache_control": True},
    ),
    priced("gpt-5.5", 1_050_000, "5", name="GPT-5.5 (OpenAI)", transport="responses", reasoning=True),
    priced("hub/gpt-5.5", 1_050_000, "5", name="GPT-5.5 (Hub)", transport="responses", reasoning=True),
    model(
        "gemini-2.5-pro",
        name="Gemini 2.5 Pro",
        limit=Limit(1_048_576),
        cost=Cost(
            Decimal("1.25"),
            Decimal(10),
            cache_read=Decimal("0.125"),
            tiers=(Tier(200_000, Decimal("2.5"), Decimal(15)),),
        ),
        reasoning=False,
        tool_call=False,
    ),
    priced("local", 8192, "0", name="Local", sources={}),
    model("router", name="Router"),
)

TARGETS: dict[str, JsonValue] = {
    "opencode": {
        "provider": {
            "litellm": {"models": {"claude-sonnet-4-5": {}, "gemini-2.5-pro": {}, "local": {}, "router": {}}},
            "litellm-responses": {"models": {"gpt-5.5": {}, "hub/gpt-5.5": {}}},
        }
    },
    "pi": {"providers": {"litellm": {"models": [{"id": each.id} for each in SMALL]}}},
}


def catalog(models: Sequence[Model], *hidden: Hidden, proxy: str = "litellm") -> Catalog:
    """What one proxy offers."""
    return Catalog(Proxy(proxy, "http://127.0.0.1:4000/v1", "1.106.2"), tuple(models), hidden)


def small_report() -> Report:
    """A small catalog with a bit of everything."""
    hidden = (Hidden("text-embedding-3-small", "mode:embedding"), Hidden("openai/*", "sentinel:wildcard"))
    told = (Notice("other_proxies", "LiteLLM also answers at http://127.0.0.1:8080"),)
    return report(catalog(SMALL, *hidden), notices=told, targets=TARGETS)


def small() -> str:
    """Its page."""
    return page(small_report()).content


def hostile() -> str:
    """A page in which every text that comes from elsewhere is hostile, past what the catalog lets through."""
    models = [
        priced(
            f"{place}{bad}",
            1000 + place,
            "1",
            name=bad,
            owner=bad,
            mode=bad,
            efforts=(bad,),
            reasoning=True,
            deprecated=bad,
            parameters={bad: True},
            sources={"name": bad, "owner": bad, "transport": bad},
        )
        for place, bad in enumerate(HOSTILE)
    ]
    hidden = [Hidden(bad, bad) for bad in HOSTILE]
    proxies = [
        Catalog(Proxy(bad, bad, bad), tuple(models[:2]), tuple(hidden[:2]), complete=False) for bad in HOSTILE[:3]
    ]
    targets: dict[str, JsonValue] = {bad: {"provider": {bad: {"models": {bad: {}}}}} for bad in HOSTILE}
    told = [Notice(bad, bad) for bad in HOSTILE]
    return page(report(catalog(models, *hidden), *proxies, notices=told, targets=targets, failed=True)).content


def large(count: int) -> str:
    """As many models as a run can hold, no two of them with the same facts."""
    models = [
        priced(
            f"provider-{place % 40}/model-{place:04}-preview",
            4096 + 1000 * (place * 37 % count),
            f"{(place * 13 % 997) / 50:.2f}",
            name=f"Model {place:04} Preview (Provider {place % 40})",
            owner=f"provider-{place % 40}",
            mode="chat",
            parameters={"store": False, "prompt_cache_key": place % 3 == 0, "max_completion_tokens": True},
        )
        for place in range(count)
    ]
    targets: dict[str, JsonValue] = {
        "opencode": {"provider": {"litellm": {"models": {each.id: {} for each in models}}}},
        "pi": {"providers": {"litellm": {"models": [{"id": each.id} for each in models]}}},
    }
    return page(report(catalog(models), targets=targets)).content


def report(
    *catalogs: Catalog,
    notices: Sequence[Notice] = (),
    targets: dict[str, JsonValue] | None = None,
    failed: bool = False,
) -> Report:
    """What there is to tell of these catalogs; all but the first are of proxies that are silent."""
    answered = [Answered(each, 12, 3600 if place else None) for place, each in enumerate(catalogs)]
    errors = [ProxyNotFoundError(bad, hint=bad) for bad in HOSTILE] if failed else []
    return Report(answered, targets or {}, notices, errors, "1.2.3", TAKEN_AT)
