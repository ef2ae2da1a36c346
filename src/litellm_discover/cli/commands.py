"""Where each command is. To make all of them takes longer than to find a proxy: each is made when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer.main
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

# In the order of the help.
MODULES: Mapping[str, str] = {
    **dict.fromkeys(("trust", "untrust", "undo", "demo"), "managing"),
    **dict.fromkeys(("run", "hook", "ready", "refresh"), "agents"),
    **dict.fromkeys(("explain", "doctor", "report", "probe-cache"), "inspecting"),
    "shim": "shim",
    "catalog": "catalog",
    "daemon": "daemon",
}


class Program(TyperGroup):
    """The program, with its commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": _Commands()})


class _Commands(Mapping[str, Any]):
    """Each command by its name; their type is that of the click inside typer, which has no public name."""

    def __getitem__(self, name: str) -> Any:
        module = MODULES[name]
        group = _group(module)
        return group if name == module else group.commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


@cache
def _group(module: str) -> Any:
    return typer.main.get_command(import_module(f"litellm_discover.cli.{module}").app)
