"""Several deployments behind one name, reduced to what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from litellm_discover.core.payloads import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")


def group(rows: Iterable[Row]) -> dict[str, Row]:
    """One row for each id: the smallest limit, the highest price, the capabilities and endpoints in common.

    LiteLLM sends a request to any of the deployments, so only what each of them can do may be promised.
    """
    deployments: dict[str, list[Row]] = {}
    for row in rows:
        deployments.setdefault(row.id, []).append(row)
    return {
        model_id: members[0] if len(members) == 1 else _reduce(members) for model_id, members in deployments.items()
    }


def merge(listed: Row, described: Row | None) -> Row:
    """The list's own statements, completed by the description, where one deployment's mode can show up in others."""
    if described is None:
        return listed
    return replace(
        described,
        mode=listed.mode or described.mode,
        context=listed.context or described.context,
        output=listed.output or described.output,
    )


def _reduce(members: Sequence[Row]) -> Row:
    return Row(
        id=members[0].id,
        mode=_agreed(member.mode for member in members),
        context=_known(min, (member.context for member in members)),
        output=_known(min, (member.output for member in members)),
        provider=_agreed(member.provider for member in members),
        key=_agreed(member.key for member in members),
        input_price=_known(max, (member.input_price for member in members)),
        output_price=_known(max, (member.output_price for member in members)),
        cache_read_price=_known(max, (member.cache_read_price for member in members)),
        cache_write_price=_known(max, (member.cache_write_price for member in members)),
        endpoints=_common([member.endpoints for member in members]),
        parameters=_common([member.parameters for member in members]),
        effort_levels=_common([member.effort_levels for member in members]),
        flags={
            flag: _known(min, (member.states(flag) for member in members))
            for flag in dict.fromkeys(flag for member in members for flag in member.flags)
        },
        deployments=tuple(members),
    )


def _agreed(values: Iterable[T | None]) -> T | None:
    distinct = {value for value in values if value is not None}
    return distinct.pop() if len(distinct) == 1 else None


def _known(choose: Callable[[list[T]], T], values: Iterable[T | None]) -> T | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


def _common(sets: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    known = [members for members in sets if members is not None]
    return frozenset.intersection(*known) if known else None
