"""What is publicly known of the models that a proxy lists, and which provider catalogs may know it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from litellm_discover.core import groups
from litellm_discover.core.facts import CUSTOM
from litellm_discover.core.identity import Candidate, candidates, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from litellm_discover.core.facts import Shelf
    from litellm_discover.core.identity import Found
    from litellm_discover.core.payloads import Row
    from litellm_discover.core.told import Told


def published(stated: Row, shelf: Shelf) -> Found | None:
    """What the catalogs say of what a proxy states: of its id, or else of the model that the proxy says is behind it.

    The name of what is behind an alias is not the name of the alias, so the latter is looked for only when anything
    else is missing.
    """
    if found := find(_by_id(stated), shelf):
        return found
    if stated.context and stated.output and stated.base and stated.has_flags:
        return None
    behind = find(_behind(stated), shelf)
    return behind and replace(behind, exact=False)


def _by_id(stated: Row) -> tuple[Candidate, ...]:
    # Whoever publishes a catalog puts there what an id of their own stands for: the most specific word on it.
    own = Candidate(CUSTOM, stated.id, rank=-1)
    if stated.foreign:
        # The provider is only the protocol: the id may say which model it is, and nothing says who serves it.
        return (own, *(replace(each, loose=True) for each in candidates(stated.id, None)))
    return (own, *candidates(stated.id, stated.provider))


def _behind(stated: Row) -> tuple[Candidate, ...]:
    if stated.foreign or stated.routes is not None or stated.behind == stated.id:
        return ()
    # On an old price map the key can be that of another model, found by a part of the name.
    return candidates(stated.backend or stated.behind, stated.provider)


def providers(told: Told) -> frozenset[str]:
    """Whose provider catalogs may know something of what is listed."""
    return frozenset(each.provider for row in _stated(told) for each in (*_by_id(row), *_behind(row)))


def selected(told: Told, model_id: str | None, shelf: Shelf) -> Mapping[str, str]:
    """By provider the public id of one model; nothing unless a catalog has that very id: an alias may be a secret."""
    for row in _stated(told):
        for each in _by_id(row) if row.id == model_id else ():
            layers = shelf.get(each.provider, ())
            if each.exact and not each.loose and any(each.model_id in layer.catalog for layer in layers):
                return {each.provider: each.model_id}
    return {}


def _stated(told: Told) -> Iterator[Row]:
    described = groups.group(told.described.rows) if told.described else {}
    return (groups.merge(row, described.get(row.id)) for row in told.listed.rows)
