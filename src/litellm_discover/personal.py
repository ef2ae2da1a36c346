"""What the person says of their models, over what was learned: their registry, and how they want models named.

This comes after the memory: what a proxy said is kept as it said it, and the person's word counts as soon as it
changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from litellm_discover.core.display import displayed
from litellm_discover.core.distinct import distinct
from litellm_discover.core.ids import safe_name
from litellm_discover.core.model import Catalog, KeyReference, Model, Notice, Proxy, key_variable
from litellm_discover.core.naming import display_name
from litellm_discover.core.overlay import SOURCE
from litellm_discover.finding import Discovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.io.trust import Gate
    from litellm_discover.settings import Settings

NAMED = "user:names"
"""The source of a name that the person gave, or asked for with ``--names``."""

SHOWN = "user:name_template"


def personal(catalog: Catalog, settings: Settings) -> Catalog:
    """The catalog as the person has it: with their registry, their names, and no name twice."""
    if settings.registry and settings.registry.entries:
        # Few have one, and it takes all that understands a model.
        from litellm_discover.registered import with_registry  # noqa: PLC0415

        catalog = with_registry(catalog, settings.registry.entries, settings)
    aliases = settings.proxy(catalog.proxy.id).aliases
    models = distinct([_named(model, settings, aliases) for model in catalog.models])
    if template := settings.name_template:  # which keeps apart what is
        models = tuple(_shown(model, template) for model in models)
    return replace(catalog, models=models)


def alone(settings: Settings, gate: Gate) -> Discovery:
    """What the registry says of itself, when nobody may be asked and nothing is remembered of the only proxy.

    It is for the first address that would have been asked. Raises TrustError when somebody else listens there now, and
    UsageError for an address that is not encrypted: a tool would send the key there.
    """
    wanted = settings.proxies[0]
    place = wanted.places[0]
    origin = place.origins[0]
    if refusal := gate.refusal(origin):
        raise refusal
    _, strangers = gate.sort([origin], named=place.named)
    if any(verdict.owner is not None for verdict in strangers.values()):
        raise gate.error(strangers)
    key = place.key.reference if place.key else KeyReference(key_variable(wanted.id))
    proxy = Proxy(wanted.id, origin.base_url, key=key)
    said = Notice(
        "registry_alone",
        f"nobody was asked, and nothing is remembered: these are the models of your registry, at {origin.base_url}",
    )
    return Discovery(personal(Catalog(proxy, ()), settings), "the registry alone", 0.0, notices=(*gate.notices, said))


def _named(model: Model, settings: Settings, aliases: Mapping[str, str]) -> Model:
    """The name that the person gave, else that of the option, which changes no name of theirs."""
    if alias := aliases.get(model.id):
        return _renamed(model, alias, NAMED)
    if settings.names == "catalog" or model.sources.get("name") == SOURCE:
        return model
    if settings.names == "raw":
        return _renamed(model, model.id, NAMED)
    return _renamed(model, safe_name(display_name(model.id), model.id), "rule:formatter")


def _shown(model: Model, template: str) -> Model:
    return _renamed(model, displayed(model, template), SHOWN)


def _renamed(model: Model, name: str, source: str) -> Model:
    return replace(model, name=name, sources={**model.sources, "name": source})
