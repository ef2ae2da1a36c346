"""The person's own registry of models, ``ai_models.yaml``: what it says of each id, understood strictly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from litellm_discover.core.catalog import MAX_OFFERED
from litellm_discover.core.facts import MAX_NAME, MAX_PRICE, MAX_TOKENS, Facts
from litellm_discover.core.ids import folded, unoffered_reason
from litellm_discover.core.located import At, flag, list_of, number, table, text, whole_number
from litellm_discover.core.model import Cost, Limit
from litellm_discover.core.reasoning import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

# The sections of the file, each with the owner of its models where the section says it.
SECTIONS: Final[Mapping[str, str | None]] = {"litellm_models": None, "azure_models": "azure"}

BUDGETS = ("minimal", "low", "medium", "high", "xhigh")

_TOKENS = f"a whole number of tokens from 1 to {MAX_TOKENS}"
_PRICE = "a price in USD per 1,000,000 tokens, 0 or more"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the person says of the model ``id``. ``owner`` is None when they do not say."""

    id: str
    owner: str | None
    facts: Facts


@dataclass(frozen=True, slots=True)
class Registry:
    """The whole file, in its order; no two entries have the same id."""

    entries: tuple[Entry, ...]


def understand(document: object, at: At) -> Registry:
    """The registry in a document at the place ``at``, its beginning. Raises ConfigError with file, line and field."""
    sections = table(dict.fromkeys(SECTIONS, list_of(_entry)))({} if document is None else document, at)
    entries: list[Entry] = []
    seen: dict[str, At] = {}
    for section, owner in SECTIONS.items():
        for index, (model_id, facts) in enumerate(sections.get(section, ())):
            place = at / section / index / "id"
            if (first := seen.setdefault(folded(model_id), place)) is not place:
                raise place.error(f"is there already, in line {first.line(first.path)}: each model needs its own id")
            entries.append(Entry(model_id, owner, facts))
    if len(entries) > MAX_OFFERED:
        raise at.error(f"has more than {MAX_OFFERED} models", hint="Keep those that are used.")
    return Registry(tuple(entries))


def _entry(value: object, at: At) -> tuple[str, Facts]:
    fields = table(
        {
            "id": _id,
            "name": _name,
            "reasoning": flag,
            "thinkingBudgets": table(dict.fromkeys(BUDGETS, _budget)),
            "contextWindow": whole_number(MAX_TOKENS, _TOKENS),
            "maxTokens": whole_number(MAX_TOKENS, _TOKENS),
            "cost": _cost,
        },
        "id",
    )(value, at)
    budgets = fields.get("thinkingBudgets")
    reasoning = fields.get("reasoning", True if budgets else None)
    return fields["id"], Facts(
        name=fields.get("name"),
        reasoning=reasoning,
        # Without a budget at hand nothing is said about efforts; a model that does not reason has none.
        efforts=tuple(effort for effort in EFFORTS if effort in budgets) if budgets and reasoning else None,
        limit=Limit(fields.get("contextWindow"), fields.get("maxTokens")),
        cost=fields.get("cost"),
    )


def _id(value: object, at: At) -> str:
    model_id = text(value, at)
    if reason := unoffered_reason(model_id):
        raise at.error(f"cannot be the id of a model that an agent is offered ({reason})")
    return model_id


def _name(value: object, at: At) -> str:
    name = text(value, at)
    if len(name) > MAX_NAME:
        raise at.error(f"is longer than {MAX_NAME} characters")
    return name


def _budget(value: object, at: At) -> int:
    return whole_number(MAX_TOKENS, _TOKENS)(value, at)


def _cost(value: object, at: At) -> Cost:
    price = number(0, MAX_PRICE, _PRICE)
    fields: dict[str, Any] = table(
        {"input": price, "output": price, "cacheRead": price, "cacheWrite": price}, "input", "output"
    )(value, at)
    exact = {name: Decimal(repr(amount)) for name, amount in fields.items()}
    return Cost(exact["input"], exact["output"], exact.get("cacheRead"), exact.get("cacheWrite"))
