"""The models of the person's registry, over and beside those of a proxy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from litellm_discover.core.catalog import COLLISION, MAX_OFFERED, TOO_MANY, build_catalog
from litellm_discover.core.ids import folded, printable
from litellm_discover.core.modality import hidden_reason
from litellm_discover.core.model import Hidden
from litellm_discover.core.overlay import SOURCE, overlaid
from litellm_discover.core.payloads import Row, Rows
from litellm_discover.core.told import Told
from litellm_discover.io.shelf import BundledShelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.core.model import Catalog, Model
    from litellm_discover.core.registry import Entry
    from litellm_discover.settings import Settings


def with_registry(catalog: Catalog, entries: tuple[Entry, ...], settings: Settings) -> Catalog:
    """Each entry over the model of its id; a model that the proxy does not list is defined by its entry.

    With several proxies none is: nobody says which of them has it.
    """
    by_id = {entry.id: entry for entry in entries}
    known = {model.id for model in catalog.models}
    # What is hidden has a reason that an entry does not take away, such as the person's own filter.
    hidden = {entry.id for entry in catalog.hidden}
    new = [entry for entry in entries if entry.id not in known and printable(entry.id) not in hidden]
    new = new if settings.only else []
    added, refused = _defined(new, catalog, settings)
    models = [*catalog.models, *added]
    return replace(
        catalog,
        models=tuple(
            sorted(
                (overlaid(model, by_id[model.id]) if model.id in by_id else model for model in models),
                key=lambda model: (model.id.casefold(), model.id),
            )
        ),
        hidden=tuple(sorted((*catalog.hidden, *refused), key=lambda entry: (entry.id.casefold(), entry.id))),
    )


def _defined(entries: Iterable[Entry], catalog: Catalog, settings: Settings) -> tuple[list[Model], list[Hidden]]:
    """The models that only the registry has, understood by their ids as publicly known, and what cannot be offered."""
    # An entry defines a model to talk with; only an id that says otherwise needs a mode to say so.
    rows = tuple(
        Row(entry.id, mode="chat" if hidden_reason(None, entry.id) else None, provider=entry.owner) for entry in entries
    )
    told = Told(catalog.proxy, Rows(rows), None, "registry")
    defined = build_catalog(told, settings.proxy(catalog.proxy.id).catalog, BundledShelf({}))
    alike = {folded(model.id) for model in catalog.models}
    models: list[Model] = []
    hidden = [*defined.hidden]
    for model in defined.models:
        if folded(model.id) in alike:
            hidden.append(Hidden(printable(model.id), COLLISION))
        elif len(catalog.models) + len(models) >= MAX_OFFERED:
            hidden.append(Hidden(printable(model.id), TOO_MANY))
        else:
            models.append(replace(model, sources=_sources(model)))
    return models, hidden


def _sources(model: Model) -> Mapping[str, str]:
    """There is no proxy that stated anything: what looks so is from the registry."""
    return {name: SOURCE if source.startswith("proxy:") else source for name, source in model.sources.items()}
