"""Which entries of the provider catalogs an id stands for: exactly that model, or nothing.

An id is taken apart into the route that LiteLLM knows and the provider's own id. That id has to be in the provider's
catalog as it is, but for case and for what separates the digits of a version (``kimi-k2-6`` is ``kimi-k2.6``), or
once a region, a build or a date is removed. An id without a route is looked for in the catalog of its maker, which
the family at its beginning tells. A first segment that LiteLLM does not know was chosen by a person: it proves
nothing, unless the hubs have that very id (``moonshotai/kimi-k2.6``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from litellm_discover.core.facts import Facts
from litellm_discover.core.hits import Candidate, Hit, agreed, hits, named
from litellm_discover.core.makers import (
    AFFIXES,
    DEALERS,
    FOLDERS,
    HUBS,
    INTERFACES,
    MAKERS,
    PROVIDERS,
    ROUTE_ALIASES,
    SHAPES,
)
from litellm_discover.core.naming.brands import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from litellm_discover.core.facts import Shelf

__all__ = ["Candidate", "Found", "candidates", "find"]

# A person writes the route to OpenCode's two services with a dash, and seldom which of them it is.
_OPENCODE: Final = re.compile(r"opencode-(?P<go>go-)?(?=[a-z]+[^/]*\d)")
_DATE: Final = re.compile(r"[-@](?:20\d\d-[01]\d-[0-3]\d|20\d\d[01]\d[0-3]\d)\Z")
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Found:
    """What the catalogs say: facts with their sources, from the lowest, and whether the id itself is there.

    The name has a layer of its own, the last one, because it may be from another catalog than the rest.
    """

    layers: tuple[tuple[str, Facts], ...]
    exact: bool


@lru_cache(maxsize=128)  # thousands of models have the same few behind them
def candidates(model_id: str, provider: str | None) -> tuple[Candidate, ...]:
    """The entries that an id may stand for, best first.

    ``provider`` is what the proxy states, None when it does not; what is stated outranks what the id suggests.
    """
    routed, rest = _route(model_id)
    found: list[Candidate] = []
    if provider is not None:
        _add_stated(found, _provider(provider), routed, rest, model_id)
    elif routed:
        _add(found, routed, rest)
        if rest != model_id:
            _add(found, routed, model_id)
            _add_hubs(found, model_id if routed[0] in PROVIDERS else rest)
    elif "/" in model_id:
        _add_hubs(found, model_id)
    else:
        _add(found, _makers(model_id), model_id)
        if _DIGIT.search(model_id):  # without a version, a bare word can be anybody's alias
            _add(found, DEALERS, model_id, loose=True)
    return tuple(found)


def find(found: Sequence[Candidate], shelf: Shelf) -> Found | None:
    """What the catalogs say of the best candidates that they have; None when they have none.

    Of several that are equally good, only what all of them say alike is taken. Prices need the very id. The name is
    that of the first which have the id letter for letter, else of the first that have one. The shelf is asked for
    one provider after the other, and for no more than it takes.
    """
    best: list[Hit] = []
    name: tuple[str, str] | None = None
    for _rank, group in groupby(found, key=_rank_of):
        if not (there := hits(group, shelf)):
            continue
        best = best or there
        literal = named([hit for hit in there if hit.literal])
        name = literal or name or named(there)
        if literal:
            break
    if not best:
        return None
    layers = tuple((source, replace(facts, name=None)) for source, facts in agreed(best))
    named_layer = ((name[0], Facts(name=name[1])),) if name else ()
    return Found((*layers, *named_layer), all(hit.candidate.exact for hit in best))


def _rank_of(candidate: Candidate) -> int:
    return candidate.rank


def _route(model_id: str) -> tuple[tuple[str, ...], str]:
    """The providers that the beginning of an id names, and the rest; none when LiteLLM does not know it as a route."""
    if opencode := _OPENCODE.match(model_id):
        return ("opencode-go",) if opencode["go"] else ("opencode-go", "opencode"), model_id[opencode.end() :]
    route, slash, rest = model_id.partition("/")
    if slash and (route in ROUTES or route in PROVIDERS or route in ROUTE_ALIASES):
        return (_provider(route),), rest
    return next(((provider,) for provider, shape in SHAPES.items() if shape.match(model_id)), ()), model_id


def _provider(name: str) -> str:
    return ROUTE_ALIASES.get(name, "vertex_ai" if name.startswith("vertex_ai-") else name)


def _makers(model_id: str) -> tuple[str, ...]:
    key = model_id.casefold()
    return next((makers for family, makers in MAKERS if family.match(key)), ())


def _add_stated(found: list[Candidate], stated: str, routed: Sequence[str], rest: str, model_id: str) -> None:
    """Only the provider's own catalog counts; without one, the hubs still know what an organisation has published."""
    own = rest if stated in routed else model_id
    if stated in PROVIDERS:
        _add(found, (stated,), own)
        if own != model_id:
            _add(found, (stated,), model_id)
    else:
        _add_hubs(found, own)


def _add_hubs(found: list[Candidate], model_id: str) -> None:
    if "/" in model_id:
        _add(found, HUBS, model_id, loose=True)


def _add(found: list[Candidate], providers: Iterable[str], model_id: str, *, loose: bool = False) -> None:
    """Add an id for providers that are equally good: as it is, and then with less and less of its affixes."""
    last = found[-1].rank if found else -1
    forms = [
        Candidate(provider, form, exact, last + removed, loose)
        for provider in providers
        for removed, (form, exact) in enumerate(_forms(model_id, provider), 1)
    ]
    found.extend(sorted(forms, key=_rank_of))


def _forms(model_id: str, provider: str) -> Iterator[tuple[str, bool]]:
    """The id as it is, and without its folders, its region, its build and its date, one after the other."""
    exact = True
    yield model_id, exact
    folder = FOLDERS.get(provider)
    while folder and (found := folder.match(model_id)):
        model_id = model_id[found.end() :]
        exact = exact and found[0] in INTERFACES
        yield model_id, exact
    for affix in (*AFFIXES.get(provider, ()), _DATE):
        if found := affix.search(model_id):
            model_id = model_id[: found.start()] + model_id[found.end() :]
            yield model_id, False
