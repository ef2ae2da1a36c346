"""Catalogs for tests, from short JSON, and references that can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from litellm_discover.core.catalog import build_catalog
from litellm_discover.core.model import Catalog, Cost, KeyReference, Limit, Model, Proxy, Tier
from litellm_discover.core.options import CatalogOptions
from litellm_discover.core.told import Told

if TYPE_CHECKING:
    from litellm_discover.core.facts import Shelf
    from litellm_discover.core.payloads import Rows

BASE_URL = "http://127.0.0.1:4000/v1"


def model(model_id: str, **fields: Any) -> Model:
    """A chat model of which nothing else is known, changed by ``fields`` (``cost`` in USD per 1M tokens)."""
    cost = fields.pop("cost", None)
    limit = fields.pop("limit", {})
    for name in ("input", "output"):
        fields[name] = tuple(fields.get(name, ["text"]))
    if fields.get("efforts") is not None:
        fields["efforts"] = tuple(fields["efforts"])
    unknown: dict[str, Any] = dict.fromkeys(("owner", "mode", "reasoning", "efforts", "tool_call", "deprecated"))
    defaults: dict[str, Any] = {**unknown, "name": model_id, "transport": "chat", "parameters": {}, "sources": {}}
    return Model(
        **{**defaults, **fields},
        id=model_id,
        limit=Limit(**limit),
        cost=_cost(cost) if cost else None,
    )


def _cost(fields: dict[str, Any]) -> Cost:
    tiers = tuple(
        Tier(above=tier["above"], **_prices({name: price for name, price in tier.items() if name != "above"}))
        for tier in fields.get("tiers", ())
    )
    return Cost(**_prices({name: price for name, price in fields.items() if name != "tiers"}), tiers=tiers)


def _prices(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: Decimal(str(price)) for name, price in fields.items()}


def built(
    listed: Rows, described: Rows | None = None, options: CatalogOptions | None = None, shelf: Shelf | None = None
) -> Catalog:
    """What is understood of these rows of a proxy; without a ``shelf`` nothing is publicly known."""
    told = Told(Proxy("litellm", BASE_URL), listed, described, "/v1/model/info")
    return build_catalog(told, options or CatalogOptions(), shelf or {})


def catalog(
    *models: Model, key: KeyReference | None = None, base_url: str = BASE_URL, proxy: str = "litellm"
) -> Catalog:
    """A complete catalog of these models."""
    return Catalog(Proxy(proxy, base_url, "1.106.2", key), models)


def catalog_from_json(data: dict[str, Any]) -> Catalog:
    """A catalog from ``{"models": {id: fields}, "key": …, "keyInHost": …, "baseUrl": …, "proxy": …}``."""
    variable = data.get("key")
    key = KeyReference(variable, host=data.get("keyInHost")) if variable else None
    models = [model(model_id, **fields) for model_id, fields in data["models"].items()]
    return catalog(*models, key=key, base_url=data.get("baseUrl", BASE_URL), proxy=data.get("proxy", "litellm"))


def catalogs_from_json(data: dict[str, Any]) -> list[Catalog]:
    """Those of all ``proxies``, or the one that the whole of it describes."""
    return [catalog_from_json(each) for each in data.get("proxies", [data])]


@dataclass(frozen=True, slots=True)
class References:
    """An environment in which every variable is set but those of ``unset``, and every file is there."""

    unset: tuple[str, ...] = ()

    def variable(self, name: str) -> str | None:
        return None if name in self.unset else f"value of {name}"

    def file(self, path: str) -> str:
        return f"text of {path}"
