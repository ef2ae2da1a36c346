"""Providers with their models in a person's configuration: what is whose, piece by piece.

One rule for every tool, whatever its configuration looks like: each model is ours or the person's as a whole, and so is
each field of a provider.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from litellm_discover.core.jsonc import Put, Remove
from litellm_discover.core.merge import Merge, reconcile
from litellm_discover.core.model import PROXY_ID
from litellm_discover.core.origin import parse_origins
from litellm_discover.core.ownership import members_at
from litellm_discover.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.ownership import Path, Present

SIBLING = "-responses"


def names_of(proxy_id: str) -> tuple[str, str]:
    """The providers of a proxy: for the chat route, and for the responses route where that has one of its own."""
    return proxy_id, proxy_id + SIBLING


def title_of(proxy_id: str, *, sibling: bool = False) -> str:
    """The name of a provider for people: ``LiteLLM``, ``LiteLLM (responses)``, ``LiteLLM (work, responses)``."""
    words = [*([] if proxy_id == PROXY_ID else [proxy_id]), *(["responses"] if sibling else [])]
    return f"LiteLLM ({', '.join(words)})" if words else "LiteLLM"


# Those of the one proxy that a tool's own configuration can speak of.
CHAT, RESPONSES = names_of(PROXY_ID)

MODELS = "models"

Fields: TypeAlias = "dict[str, JsonValue]"
"""The fields of a provider, with ``models`` as an object by id, whatever form the tool wants."""

Providers: TypeAlias = "dict[str, Fields]"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a tool's configuration keeps providers: where they are and where in one of them the address is.

    ``parts`` are the fields of a provider whose members belong to somebody one by one; ``listed`` when its models are
    a list of objects with an ``id`` instead of an object.
    """

    root: str
    address: Path
    parts: frozenset[str]
    listed: bool = False

    def address_of(self, provider: str) -> Path:
        """Where the address of a provider stands."""
        return (self.root, provider, *self.address)


def merge_providers(
    shape: Shape,
    present: Present,
    providers: Providers,
    catalog: Catalog,
    *,
    finish: Callable[[str, Fields], Fields] = lambda _name, provider: provider,
    prune: bool,
) -> Merge:
    """How to bring a person's providers of the catalog's proxy up to it without changing what is theirs.

    A model that the person has under either provider is theirs: it is left as it is and added to neither. What we
    wrote ourselves, and they did not change since, is renewed; with ``prune`` a model that the proxy no longer has is
    taken out. Neither happens to a model on the word of a catalog that is not complete, or that is empty. ``finish``
    has the last word on a provider that is written. The record is of these two providers alone. Raises ConfigError
    when models are an object where the tool has a list.
    """
    present = of_providers(present, names := names_of(catalog.proxy.id))
    owned, config = present.owned, present.config
    _refuse_object_for_list(shape, config, names)
    settled = catalog.complete and bool(catalog.models)
    curated = {path[-1] for path in _model_paths(shape, config, names) if path not in owned}
    wanted: dict[Path, JsonValue] = {}
    for name, provider in providers.items():
        # On a weak word nothing moves from one provider to the other either.
        taken = curated | (set() if settled else _ids_under_others(owned, name))
        models = {key: entry for key, entry in members_at(provider, MODELS).items() if key not in taken}
        if models:
            wanted |= _units(shape, name, finish(name, {**provider, MODELS: models}))
    done = reconcile(present, wanted, update=lambda path: settled or not _is_model(path))
    gone = _gone(shape, present, wanted, names, prune=prune) if settled else frozenset()
    removed = _removed(owned, wanted, gone)
    return Merge(
        edits=(*_with_new_lists(shape, config, names, done.edits), *(Remove(path) for path in sorted(gone))),
        record={**{path: owned[path] for path in owned if path not in removed and path not in wanted}, **done.record},
        added=_model_ids(done.added),
        updated=_model_ids(done.updated),
        removed=_model_ids(sorted(removed)),
        kept=tuple(model.id for model in catalog.models if model.id in curated),
    )


def retire(shape: Shape, present: Present, known: Collection[str], *, prune: bool) -> Merge:
    """How to take out what is ours of proxies that are not ``known`` any more, by their ids.

    A provider goes when nothing in it is the person's, else our models in it. Without ``prune`` all stays.
    """
    names = [name for proxy_id in known for name in names_of(proxy_id)]
    others = sorted({path[1] for path in present.owned if path[1] not in names})
    present = of_providers(present, others)
    gone = _gone(shape, present, {}, others, prune=prune)
    removed = _removed(present.owned, (), gone)
    return Merge(
        edits=tuple(Remove(path) for path in sorted(gone)),
        record={path: digest for path, digest in present.owned.items() if path not in removed},
        removed=_model_ids(sorted(removed)),
    )


def of_providers(present: Present, names: Collection[str]) -> Present:
    """The same configuration, with what is ours in these providers alone."""
    return replace(present, owned={path: digest for path, digest in present.owned.items() if path[1] in names})


def refuse_other_proxy(shape: Shape, present: Present, addresses: Mapping[str, JsonValue], catalog: Catalog) -> None:
    """Raise ConfigError when a provider of the person has another proxy's address.

    ``addresses`` are those in the configuration, by provider. One that we wrote ourselves is no obstacle: it is renewed
    like everything else of ours.
    """
    for name, url in addresses.items():
        ours = shape.address_of(name) in present.owned
        if isinstance(url, str) and url and not ours and not _same_proxy(url, catalog.proxy.base_url):
            where = ".".join(shape.address_of(name))
            raise ConfigError(
                f"{where} is another address than that of the proxy that was read, {catalog.proxy.base_url}",
                code="other_proxy",
                hint=f"Correct {where}, or read that proxy: --url with the address there.",
            )


def _refuse_object_for_list(shape: Shape, config: JsonValue, names: Iterable[str]) -> None:
    """What else is in the way the editor refuses by itself; an object it would take for one of models by id."""
    for name in names if shape.listed else ():
        if isinstance(members_at(config, shape.root, name).get(MODELS), dict):
            raise ConfigError(
                f"{shape.root}.{name}.{MODELS} in the configuration is an object and should be a list",
                code="config_syntax",
                hint="Correct it there; it was left as it is.",
            )


def _same_proxy(url: str, base_url: str) -> bool:
    """Whether two addresses mean one proxy; one that a tool substitutes at its start gets the benefit of doubt."""
    if "{" in url:
        return True
    try:
        return base_url in {origin.base_url for origin in parse_origins(url, source="the configuration")}
    except UsageError:
        return False


def _units(shape: Shape, name: str, provider: Mapping[str, JsonValue]) -> dict[Path, JsonValue]:
    """What is ours or the person's piece by piece: each field of a provider, each member of its parts.

    A part that is something else, or a list in which not every item has an ``id`` of its own, is one piece.
    """
    units: dict[Path, JsonValue] = {}
    for key, value in provider.items():
        members = members_at(value)
        if key in shape.parts and isinstance(value, (dict, list)) and len(members) == len(value):
            units |= {(shape.root, name, key, inner): item for inner, item in members.items()}
        else:
            units[shape.root, name, key] = value
    return units


def _with_new_lists(shape: Shape, config: JsonValue, names: Iterable[str], edits: Iterable[Put]) -> Iterator[Put]:
    """The edits, with an empty list before the first model of a provider that has none: no edit makes a list up."""
    there = {name for name in names if MODELS in members_at(config, shape.root, name)}
    for edit in edits:
        name = edit.path[1]
        if shape.listed and _is_model(edit.path) and name not in there:
            there.add(name)
            yield Put(edit.path[:-1], [])
        yield edit


def _gone(
    shape: Shape, present: Present, wanted: Mapping[Path, JsonValue], names: Iterable[str], *, prune: bool
) -> frozenset[Path]:
    """What to take out: our models that are not wanted, or a whole provider when nothing in it is the person's.

    Without ``prune`` only models that are wanted elsewhere now: each has one place.
    """
    moved = {path[-1] for path in wanted if _is_model(path)}
    gone: list[Path] = []
    for name in names:
        here = (shape.root, name)
        ours = [path for path in present.owned if path[:2] == here]
        units = _units(shape, name, members_at(present.config, *here))
        models = [path for path in ours if _is_model(path)]
        unwanted = [path for path in models if path not in wanted and (prune or path[-1] in moved)]
        used = len(unwanted) < len(models) or any(path[:2] == here for path in wanted)
        gone += [here] if ours and not used and units.keys() <= set(ours) else unwanted
    return frozenset(gone)


def _removed(owned: Iterable[Path], wanted: Container[Path], gone: Container[Path]) -> set[Path]:
    """What of ours is no longer there once all that is ``gone`` is taken out."""
    return {path for path in owned if path not in wanted and (path[:2] in gone or path in gone)}


def _model_paths(shape: Shape, config: JsonValue, names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        here = (shape.root, name, MODELS)
        yield from ((*here, key) for key in members_at(config, *here))


def _ids_under_others(owned: Mapping[Path, str], name: str) -> set[str]:
    return {path[-1] for path in owned if _is_model(path) and path[1] != name}


def _is_model(path: Path) -> bool:
    return len(path) == 4 and path[2] == MODELS


def _model_ids(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(path[-1] for path in paths if _is_model(path))
