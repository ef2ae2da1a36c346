"""What a check-up looks at of the coding agents and of our plugins in them; nothing is written."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

from litellm_discover.configuration import edited_file
from litellm_discover.core import findings as say
from litellm_discover.core.agent_findings import Agent, drift, missing
from litellm_discover.core.agent_findings import files as files_of
from litellm_discover.core.host import Installation
from litellm_discover.errors import DiscoverError
from litellm_discover.io import files, shim, state
from litellm_discover.io.attempt import attempt
from litellm_discover.io.background import COMMAND
from litellm_discover.io.installed import installed_version
from litellm_discover.planning import plan_write
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_discover.core.checkup import Finding
    from litellm_discover.io.places import Places
    from litellm_discover.remembering import Findings
    from litellm_discover.settings import Settings
    from litellm_discover.targets import Target
    from litellm_discover.writing import WritePlan

# Nothing that we write depends on the version of OpenCode, so its target does not say how it is found.
_INSTALLATIONS = {"opencode": Installation(program="opencode", packages=("opencode-ai",))}

# Variables of a tool that name configuration above the files of the person.
_ABOVE = {"opencode": ("OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR", "OPENCODE_CONFIG_CONTENT")}


def agents(settings: Settings | None, said: Findings, places: Places) -> Iterator[Finding]:
    """What there is to say about each tool: a file that cannot be read is told, and does not hide the other."""
    for target in TARGETS.values():
        found = attempt(partial(_agent, target, settings, said, places))
        yield from [say.failed(found, "agent", target.NAME)] if isinstance(found, DiscoverError) else found


def _agent(target: Target, settings: Settings | None, said: Findings, places: Places) -> list[Finding]:
    installation = _INSTALLATIONS.get(target.NAME) or target.INSTALLATION
    directory = places.config(target.NAME)
    program = shutil.which(installation.program, path=places.variables.get("PATH", "")) if installation else None
    if not program and not directory.exists():
        return [missing(target.NAME, target.TITLE)]
    version = installed_version(installation, directory, places.variables) if installation else None
    agent = _observed(target, settings, version, places)
    plan = attempt(partial(_plan, target.NAME, settings, said, places))
    if isinstance(plan, DiscoverError):
        return [*files_of(agent), say.failed(plan, "agent", target.NAME, quotes=True)]
    told = (say.noticed(notice, "agent", target.NAME) for notice in plan.merge.notices)
    return [*files_of(agent), *told, *drift(agent, plan.merge if said.discoveries else None)]


def _observed(target: Target, settings: Settings | None, version: tuple[int, ...] | None, places: Places) -> Agent:
    directory, path = places.config(target.NAME), edited_file(target, places)
    there = [directory / name for name in target.FILES if (directory / name).exists()]
    return Agent(
        name=target.NAME,
        title=target.TITLE,
        version=".".join(map(str, version)) if version else None,
        path=str(path),
        there=path in there,
        below=tuple(each.name for each in there if each != path),
        above=tuple(name for name in _ABOVE.get(target.NAME, ()) if places.variables.get(name)),
        ours=bool(state.load(state.path_of(path, target.NAME, places)).record),
        wanted=bool(settings and target.NAME in settings.write),
        plugin=shim.path_of(target.NAME, places).exists(),
    )


def _plan(name: str, settings: Settings | None, said: Findings, places: Places) -> WritePlan:
    """What a write would do. Where no proxy said anything this only tells whether it could be done."""
    style = settings.responses_style if settings else None
    return plan_write(name, said.catalogs, style, places, prune=bool(said.discoveries), silent=said.silent)


def plugins(places: Places) -> Iterator[Finding]:
    """Whether each plugin that is installed calls a program that is there. Raises ConfigError."""
    for name in shim.FOLDERS:
        path = shim.path_of(name, places)
        data = files.read(path)
        if data is not None:
            command = shim.command_in(data)
            program = shutil.which(command[0], path=places.variables.get("PATH", "")) if command else None
            yield say.plugin(name, str(path), program, current=data == shim.content(name, COMMAND))
