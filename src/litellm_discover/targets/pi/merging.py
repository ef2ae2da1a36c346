"""How our entries get into a person's Pi configuration, and when they must not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from litellm_discover.core.host import AS_NEWEST
from litellm_discover.core.model import Notice
from litellm_discover.core.ownership import members_at
from litellm_discover.core.providers import MODELS, Shape, merge_providers, names_of, refuse_other_proxy
from litellm_discover.targets.pi.entries import NAME, providers_of

if TYPE_CHECKING:
    from litellm_discover.core.host import Rendering
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.ownership import Present

SHAPE = Shape(root="providers", address=("baseUrl",), parts=frozenset({MODELS}), listed=True)

# Pi's start grows with the square of the models of one provider.
MANY_MODELS = 500


def merge(present: Present, catalog: Catalog, rendering: Rendering = AS_NEWEST, *, prune: bool = True) -> Merge:
    """How to bring a person's configuration up to the catalog: see merge_providers.

    ``modelOverrides`` of the person stay theirs; Pi applies them to our entries. Raises ConfigError when the
    configuration speaks of another proxy.
    """
    config = present.config
    addresses = {name: members_at(config, SHAPE.root, name).get("baseUrl") for name in names_of(catalog.proxy.id)}
    refuse_other_proxy(SHAPE, present, addresses, catalog)
    done = merge_providers(SHAPE, present, providers_of(catalog, rendering), catalog, prune=prune)
    return replace(done, notices=(*_key_notices(present, catalog, rendering), *_size_notices(catalog)))


def _key_notices(present: Present, catalog: Catalog, rendering: Rendering) -> list[Notice]:
    """Where Pi hides what we write, because it has no key for it."""
    key = catalog.proxy.key
    if key is None or key.host is None:
        return []
    first, sibling = names_of(catalog.proxy.id)
    if key.host == NAME:
        if sibling not in providers_of(catalog, rendering):
            return []
        text = f"only Pi's provider {first} has the key; those of {sibling} are hidden until you export {key.variable}"
        return [Notice("key_only_in_host", text)]
    path = (SHAPE.root, first, "apiKey")
    if path not in present.owned and "apiKey" in members_at(present.config, *path[:-1]):
        return []
    text = f"only {key.host} has the key; Pi shows no model of it until you export {key.variable}, or store it: /login"
    return [Notice("key_not_in_tool", text)]


def _size_notices(catalog: Catalog) -> list[Notice]:
    count = len(catalog.models)
    if count <= MANY_MODELS:
        return []
    text = (
        f"{count} models make every start of Pi slower (1000 by half a second, 5000 by seven): "
        "choose with --include and --exclude, or have an extension add them, which costs less: "
        "litellm-discover shim install pi"
    )
    return [Notice("many_models", text)]
