"""The last good answer of a proxy as a JSON document, and what it holds for."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from litellm_discover.core.limits import json_number
from litellm_discover.core.model import Catalog, Cost, Hidden, KeyReference, Limit, Model, Proxy, Tier

if TYPE_CHECKING:
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.options import CatalogOptions

# A document of another version is made anew from the proxy: nothing in it is the person's.
SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a proxy offered at ``taken_at`` (seconds since 1970), understood with these options.

    A key is told from another by where it is, never by what it is.
    """

    taken_at: float
    options: CatalogOptions
    catalog: Catalog

    def answers(self, base_urls: set[str], key: KeyReference | None, options: CatalogOptions) -> bool:
        """Whether it answers for one of these addresses, with this key and these options."""
        proxy = self.catalog.proxy
        return proxy.base_url in base_urls and proxy.key == key and self.options == options

    def age(self, now: float) -> float:
        """Seconds since it was taken; 0 for one from the future, as after a clock was set back."""
        return max(0.0, now - self.taken_at)


def to_document(snapshot: Snapshot) -> dict[str, JsonValue]:
    """The snapshot as JSON; what is unknown is absent or null."""
    catalog = snapshot.catalog
    return {
        "schemaVersion": SCHEMA_VERSION,
        "takenAt": snapshot.taken_at,
        "options": _options(snapshot.options),
        "proxy": asdict(catalog.proxy),
        "complete": catalog.complete,
        "models": [_model(model) for model in catalog.models],
        "hidden": [[entry.id, entry.reason] for entry in catalog.hidden],
    }


def from_document(document: Any, options: CatalogOptions) -> Snapshot | None:
    """The snapshot in a document; None when it is none of ours, of another version, or was taken with other options."""
    try:
        if document["schemaVersion"] != SCHEMA_VERSION or document["options"] != _options(options):
            return None
        proxy = document["proxy"]
        key = proxy["key"] and KeyReference(**proxy["key"])
        catalog = Catalog(
            proxy=Proxy(**{**proxy, "key": key}),
            models=tuple(_to_model(fields_of) for fields_of in document["models"]),
            hidden=tuple(Hidden(entry_id, reason) for entry_id, reason in document["hidden"]),
            complete=document["complete"],
        )
        return Snapshot(float(document["takenAt"]), options, catalog)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None


def _options(options: CatalogOptions) -> dict[str, JsonValue]:
    transport = options.transport
    return {
        "transport": transport.transport,
        "responsesModels": [*sorted(transport.responses_models)],
        "chatModels": [*sorted(transport.chat_models)],
        "include": [*options.include],
        "exclude": [*options.exclude],
    }


_FIELDS = [field.name for field in fields(Model)]
_PRICES = [field.name for field in fields(Cost) if field.name != "tiers"]


def _model(model: Model) -> dict[str, JsonValue]:
    values: dict[str, Any] = {name: getattr(model, name) for name in _FIELDS}
    return {
        **{name: [*value] if isinstance(value, tuple) else value for name, value in values.items()},
        "limit": [model.limit.context, model.limit.output],
        "cost": _cost(model.cost) if model.cost else None,
        "parameters": dict(model.parameters),
        "sources": dict(model.sources),
    }


def _cost(cost: Cost) -> dict[str, JsonValue]:
    return {**_known(cost), "tiers": [{"above": tier.above, **_known(tier)} for tier in cost.tiers]}


def _known(prices: Cost | Tier) -> dict[str, JsonValue]:
    values = ((name, getattr(prices, name)) for name in _PRICES)
    return {name: json_number(value) for name, value in values if value is not None}


def _to_model(values: dict[str, Any]) -> Model:
    cost = values["cost"]
    return Model(
        **{
            **values,
            "efforts": None if values["efforts"] is None else tuple(values["efforts"]),
            "input": tuple(values["input"]),
            "output": tuple(values["output"]),
            "limit": Limit(*values["limit"]),
            "cost": cost and Cost(**_to_prices(cost), tiers=tuple(map(_to_tier, cost["tiers"]))),
        }
    )


def _to_tier(values: dict[str, Any]) -> Tier:
    return Tier(above=int(values["above"]), **_to_prices(values))


def _to_prices(values: dict[str, Any]) -> dict[str, Any]:
    return {name: Decimal(repr(values[name])) for name in _PRICES if name in values}
