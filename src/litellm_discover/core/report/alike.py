"""Which models of a report look like another one: the same name, or the same facts, under several ids."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from litellm_discover.core.ids import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from litellm_discover.core.model import Model

# Models that would share a name are told apart by a parenthesis at its end.
_TOLD_APART = re.compile(r"(.+?) \([^()]*\)")


def _name(model: Model) -> Hashable:
    found = _TOLD_APART.fullmatch(model.name)
    return folded(found[1] if found else model.name)


def _facts(model: Model) -> Hashable:
    """All that is measured or paid; None when too little is known to compare."""
    if model.cost is None or model.limit.context is None:
        return None
    return (
        model.owner,
        model.limit,
        model.cost,
        model.reasoning,
        model.efforts,
        model.input,
        model.output,
        model.tool_call,
        model.transport,
    )


_KINDS: Mapping[str, Callable[[Model], Hashable]] = {"same name": _name, "same facts": _facts}


def alike(models: Sequence[Model]) -> tuple[tuple[str, ...], ...]:
    """For each model what it shares with others: ``same name 2`` is what all models of that group say.

    The numbers of a kind have equally many digits: so none is the beginning of another.
    """
    marks: list[list[str]] = [[] for _ in models]
    for kind, key_of in _KINDS.items():
        groups: defaultdict[Hashable, list[int]] = defaultdict(list)
        for place, model in enumerate(models):
            if (key := key_of(model)) is not None:
                groups[key].append(place)
        shared = [places for places in groups.values() if len(places) > 1]
        digits = len(str(len(shared)))
        for number, places in enumerate(shared, 1):
            for place in places:
                marks[place].append(f"{kind} {number:0{digits}}")
    return tuple(map(tuple, marks))
