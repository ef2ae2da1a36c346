"""What a shell may complete, beside the names of commands and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def tools(incomplete: str) -> list[str]:
    """The tools that can be named as a target."""
    from litellm_discover.app import target_names

    return _beginning(incomplete, target_names(["all"]))


def targets(incomplete: str) -> list[str]:
    """What ``--write`` and ``--for`` take."""
    from litellm_discover.app import target_names

    return _beginning(incomplete, (*target_names(["all"]), "all"))


def shells(incomplete: str) -> list[str]:
    """The shells that there is a hook for."""
    from litellm_discover.cli.start import HOOKS

    return _beginning(incomplete, HOOKS)


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
