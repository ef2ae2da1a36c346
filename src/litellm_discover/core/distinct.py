"""Gives no two models of a catalog one name.

A picker shows names only, so models that share one are told apart in parentheses, by as little as is enough. What is
said depends on the models that share the name and never on their order; whoever needs nothing said keeps the name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from hashlib import sha256
from itertools import combinations
from typing import TYPE_CHECKING, Final

from litellm_discover.core.ids import folded
from litellm_discover.core.naming.brands import ROUTE_LABELS
from litellm_discover.core.naming.paths import take_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from litellm_discover.core.model import Model

MAX_NAME: Final = 120
_MAX_ID: Final = 80
_MAX_LABEL: Final = 40

_OF_THE_PERSON: Final = "user:"
_IN_PARENTHESES: Final = re.compile(r"(.+ \([^()]+)\)")
_DATE: Final = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")


def distinct(models: Sequence[Model]) -> tuple[Model, ...]:
    """The models in their order, no two of them with one name, whatever its case.

    Ids are taken to be distinct. A name that the person gave is never changed: others give way, and only if a person
    gave one name twice is it there twice. Sources stay as they are: they tell of the name before the parenthesis.
    """
    groups: defaultdict[str, list[Model]] = defaultdict(list)
    for model in models:
        groups[folded(model.name)].append(model)
    taken = set(groups)
    renamed: dict[str, str] = {}
    for name in sorted(name for name, alike in groups.items() if len(alike) > 1):
        alike = sorted(groups[name], key=lambda model: model.id)
        given = {model.id: model.name for model in alike if _is_given(model)}
        if not given:
            taken.remove(name)  # one of them may keep it
        renamed |= _told_apart(alike, given, taken)
        taken.add(name)
    names = [renamed.get(model.id, model.name) for model in models]
    return tuple(
        model if name == model.name else replace(model, name=name) for model, name in zip(models, names, strict=True)
    )


def _is_given(model: Model) -> bool:
    return model.sources.get("name", "").startswith(_OF_THE_PERSON)


def _told_apart(alike: Sequence[Model], given: Mapping[str, str], taken: set[str]) -> Mapping[str, str]:
    """Names by id for models that share one, those ``given`` among them; what is used is added to ``taken``."""
    told = dict(given)

    def offer(model: Model, name: str) -> bool:
        if (alike_name := folded(name)) not in taken:
            taken.add(alike_name)
            told[model.id] = name
        return model.id in told

    traits = [_traits(model) for model in alike]
    for choice in _choices(traits):
        labels = [", ".join(dict.fromkeys(trait[place] for place in choice if trait[place])) for trait in traits]
        often = Counter(map(str.casefold, labels))
        for model, label in zip(alike, labels, strict=True):
            if model.id not in told and often[label.casefold()] == 1 and len(label) <= _MAX_LABEL:
                offer(model, _with(model.name, label))
    for model in alike:
        any(model.id in told or offer(model, _with(model.name, label)) for label in _by_id(model.id))
    return told


def _choices(traits: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, ...]]:
    """Of the traits that differ at all, by their places: each alone, then any two, and so on."""
    differing = [place for place, values in enumerate(zip(*traits, strict=True)) if len(set(values)) > 1]
    return (choice for size in range(1, len(differing) + 1) for choice in combinations(differing, size))


def _by_id(model_id: str) -> Iterator[str]:
    """What tells a model apart when nothing in its id does: the id, or what stands for one that is too long to read."""
    if len(model_id) <= _MAX_ID:
        yield model_id
    digest = sha256(model_id.encode(errors="surrogatepass")).hexdigest()
    yield from (digest[:length] for length in range(8, len(digest) + 1))


def _with(name: str, label: str) -> str:
    """The name and what is said behind it, in its own parenthesis if it ends with one."""
    if not label:
        return name
    found = _IN_PARENTHESES.fullmatch(name)
    start, joint = (found[1], ", ") if found else (name, " (")
    end = f"{joint}{label})"
    room = MAX_NAME - len(end)
    return (start if len(start) <= room else f"{start[: room - 1]}…") + end


def _traits(model: Model) -> tuple[str, str, str, str]:
    """Route, region, date and owner, each empty if unknown. In a longer path the owner is its last folder."""
    path = take_apart(model.id)
    route = path.folders[0] if path.folders else "Bedrock" if path.is_bedrock else ""
    date = _DATE.search(model.id)
    owner = path.folders[-1] if len(path.folders) > 1 else model.owner
    return ROUTE_LABELS.get(route, route), path.region, "-".join(date.groups()) if date else "", owner or ""
