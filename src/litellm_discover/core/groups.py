"""Several deployments behind one name, and several tiers of a router, reduced to what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from litellm_discover.core.payloads import FLAGS, Row, flags_shared
from litellm_discover.core.price_tiers import highest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

T = TypeVar("T")

FROM_ROUTES = "rule:router-tiers"
"""The source of what is concluded of a router from the models among which it chooses (``Row.from_routes``)."""

# More of them are left unknown: each costs as much as all that is behind it.
_MAX_ROUTERS = 200
_MAX_MEMBERS = 64

# These have a meaning of their own when they are missing: an effort is granted or denied for each deployment.
_EFFORT = "_reasoning_effort"


def group(rows: Iterable[Row]) -> dict[str, Row]:
    """One row for each id: the smallest limit, the highest price, the capabilities and endpoints in common.

    LiteLLM sends a request to any of the deployments, and a router to any of its tiers, so only what each of them can
    do may be promised.
    """
    deployments: dict[str, list[Row]] = {}
    for row in rows:
        deployments.setdefault(row.id, []).append(row)
    known = {
        model_id: members[0] if len(members) == 1 else _reduce(members) for model_id, members in deployments.items()
    }
    routers = sorted(model_id for model_id, row in known.items() if row.routes is not None)[:_MAX_ROUTERS]
    return {**known, **{model_id: _routed(known[model_id], known) for model_id in routers}}


def merge(listed: Row, described: Row | None) -> Row:
    """The list's own statements, completed by the description.

    Where a description shows the mode of another model on the same backend, the list has that of this one. Of several
    deployments the list has the mode of only one: when they differ, what they agree on is in the description.
    """
    if described is None:
        return listed
    differ = len({deployment.mode for deployment in described.deployments}) > 1
    mode = described.mode if differ else listed.mode or described.mode
    context, output = listed.context or described.context, listed.output or described.output
    if (mode, context, output) == (described.mode, described.context, described.output):
        return described
    return replace(described, mode=mode, context=context, output=output)


def _reduce(members: Sequence[Row]) -> Row:
    mode = _agreed(member.mode for member in members)
    return Row(
        id=members[0].id,
        # The other route of LiteLLM is right only if each of them is known to want it.
        mode=None if mode == "responses" and any(member.mode is None for member in members) else mode,
        context=_known(min, (member.context for member in members)),
        output=_known(min, (member.output for member in members)),
        provider=_agreed(member.provider for member in members),
        key=_agreed(member.key for member in members),
        backend=_agreed(member.backend for member in members),
        foreign=any(member.foreign for member in members),
        **_prices(members),
        endpoints=_common([member.endpoints for member in members]),
        parameters=_common([member.parameters for member in members]),
        flags={
            flag: _known(min, (member.states(flag) for member in members))
            for flag in dict.fromkeys(flag for member in members for flag in member.flags)
            if not flag.endswith(_EFFORT)
        },
        deployments=tuple(members),
    )


def _routed(router: Row, known: Mapping[str, Row]) -> Row:
    """A router with what holds for each of its tiers.

    A field stays unknown if one of them has it unknown, and all do if one is not described or is a router itself. What
    the person said of the router stands.
    """
    found = [known.get(model_id) for model_id in router.routes or ()]
    tiers = [tier for tier in found if tier is not None and tier.routes is None]
    members = tuple(deployment for tier in tiers for deployment in tier.deployments or (tier,))
    if not tiers or len(tiers) < len(found) or len(members) > _MAX_MEMBERS:
        return router
    flags = {flag: all(values) for flag in FLAGS if None not in (values := [tier.states(flag) for tier in tiers])}
    concluded: dict[str, Any] = {
        "context": _all_known(min, [tier.context for tier in tiers]),
        "output": _all_known(min, [tier.output for tier in tiers]),
        "flags": None if router.has_flags else _without_efforts(flags),
    }
    if all(tier.base for tier in tiers) and router.base is None:
        concluded |= _prices(tiers)
    taken = {
        name: value for name, value in concluded.items() if value and (name == "flags" or not getattr(router, name))
    }
    return replace(router, **taken, deployments=members, from_routes=_names(taken) | {"parameters"})


def _without_efforts(flags: Mapping[str, bool]) -> Mapping[str, bool | None]:
    return flags_shared(tuple((flag, value) for flag, value in flags.items() if not flag.endswith(_EFFORT)))


def _names(taken: Mapping[str, object]) -> frozenset[str]:
    """The fields of the JSON envelope that rest on these fields of a row."""
    names = {
        "context": ("limit",),
        "output": ("limit",),
        "input_price": ("cost",),
        "flags": ("input", "output", "toolCall", "reasoning", "efforts"),
    }
    return frozenset(name for field in taken for name in names.get(field, ()))


def _prices(rows: Sequence[Row]) -> dict[str, Any]:
    """The prices of the dearest of them, as fields of a row."""
    tiers = highest(rows)
    if not tiers:
        return {}
    base, *above = tiers
    return {
        "input_price": base.input,
        "output_price": base.output,
        "cache_read_price": base.cache_read,
        "cache_write_price": base.cache_write,
        "price_tiers": tuple(above),
    }


def _agreed(values: Iterable[T | None]) -> T | None:
    distinct = {value for value in values if value is not None}
    return distinct.pop() if len(distinct) == 1 else None


def _known(choose: Callable[[list[T]], T], values: Iterable[T | None]) -> T | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


def _all_known(choose: Callable[[list[T]], T], values: Sequence[T | None]) -> T | None:
    return None if None in values else _known(choose, values)


def _common(sets: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    known = [members for members in sets if members is not None]
    return frozenset.intersection(*known) if known else None
