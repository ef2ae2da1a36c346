"""Looking candidates up in the provider catalogs, and what several that are equally good say alike."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from litellm_discover.core.facts import Facts, overlaid
from litellm_discover.core.model import Cost, Limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from litellm_discover.core.facts import Shelf, Shelved

_ALIKE: Final = re.compile(r"[\W_]+")
_REMARK: Final = re.compile(r"\s*\([^()]*\)\Z")
_FIELDS: Final = tuple(field.name for field in fields(Facts) if field.name not in {"limit", "cost"})
_PRICES: Final = ("input", "output", "cache_read", "cache_write")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that an id may stand for.

    ``exact`` is false when a region, a build or a date was removed. Candidates of one ``rank`` are equally good.
    Of a ``loose`` one it is known which model it is, but not who serves it.
    """

    provider: str
    model_id: str
    exact: bool = True
    rank: int = 0
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate that is there: what each catalog of its provider says, from the lowest.

    ``literal`` is false when the catalogs have the id in another spelling only.
    """

    candidate: Candidate
    layers: tuple[tuple[str, Facts], ...]
    literal: bool


def hits(candidates: Iterable[Candidate], shelf: Shelf) -> list[Hit]:
    """Those of the candidates that are there."""
    return [
        hit
        for candidate in candidates
        if (shelved := shelf.get(candidate.provider)) and (hit := _hit(candidate, shelved)).layers
    ]


def _hit(candidate: Candidate, catalogs: Iterable[Shelved]) -> Hit:
    layers = []
    literal = False
    for shelved in catalogs:
        model_id: str | None = candidate.model_id
        if model_id in shelved.catalog:
            literal = True
        else:
            model_id = shelved.catalog.spelled_like(candidate.model_id)
        if model_id is not None:
            layers.append((shelved.source, _certain(shelved.catalog[model_id], candidate)))
    return Hit(candidate, tuple(layers), literal)


def _certain(facts: Facts, candidate: Candidate) -> Facts:
    """The facts without those that the candidate is not sure enough for: hosts differ in prices, limits and efforts."""
    if candidate.loose:
        facts = replace(facts, mode=None, efforts=None, limit=Limit())
    if candidate.loose or not candidate.exact:
        facts = replace(facts, cost=None, deprecated=None)
    return facts


def agreed(found: Sequence[Hit]) -> tuple[tuple[str, Facts], ...]:
    """The layers of the only hit; of several one layer, with what all that know a field say alike."""
    if len(found) == 1:
        return found[0].layers
    said = [reduce(overlaid, (facts for _source, facts in hit.layers)) for hit in found]
    alike = {name: _unanimous([getattr(facts, name) for facts in said]) for name in _FIELDS}
    limits = Limit(*(_unanimous([getattr(facts.limit, side) for facts in said]) for side in ("context", "output")))
    cost = _common_cost([facts.cost for facts in said if facts.cost])
    providers = "+".join(hit.candidate.provider for hit in found)
    return ((f"catalog:{providers}", Facts(**alike, limit=limits, cost=cost)),)


def _common_cost(costs: Sequence[Cost]) -> Cost | None:
    """The prices when they are the same for short requests and for long ones; a cached token may be unknown."""
    alike = {name: _unanimous([getattr(cost, name) for cost in costs]) for name in _PRICES}
    tiers = {cost.tiers for cost in costs if cost.tiers}
    if alike["input"] is None or alike["output"] is None or len(tiers) > 1:
        return None
    return Cost(**alike, tiers=next(iter(tiers), ()))


def named(found: Sequence[Hit]) -> tuple[str, str] | None:
    """The source and the name that most of the hits give, however they spell it; among equals the first one.

    A remark in parentheses is the host's, and left out unless there is one host.
    """
    given = [named for hit in found if (named := _uppermost_name(hit))]
    if len(given) <= 1:
        return given[0] if given else None
    plain = [(source, _REMARK.sub("", name)) for source, name in given]
    keys = [_ALIKE.sub("", name).casefold() for _source, name in plain]
    chosen = max(keys, key=keys.count)
    alike = [entry for entry, key in zip(plain, keys, strict=True) if key == chosen]
    names = [name for _source, name in alike]
    return max(alike, key=lambda entry: names.count(entry[1]))


def _uppermost_name(hit: Hit) -> tuple[str, str] | None:
    return next(((source, facts.name) for source, facts in reversed(hit.layers) if facts.name), None)


def _unanimous(values: Sequence[Any]) -> Any:
    """What all that state it say, None when they differ."""
    stated = [value for value in values if value is not None]
    return stated[0] if stated and all(value == stated[0] for value in stated) else None
