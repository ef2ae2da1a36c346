"""What is said about a coding agent: which file counts, and whether it has what the proxies offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.checkup import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_discover.core.merge import Merge


@dataclass(frozen=True, slots=True)
class Agent:
    """What was observed of one.

    ``path`` is the file that we edit, and ``there`` whether it is; ``below`` are others of its files that are there,
    which it outranks, and ``above`` variables that name what outranks it. ``ours`` when something in it is ours,
    ``wanted`` when config.toml wants it written, ``plugin`` when ours adds the models in memory.
    """

    name: str
    title: str
    version: str | None
    path: str
    there: bool
    below: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    ours: bool = False
    wanted: bool = False
    plugin: bool = False


def missing(name: str, title: str) -> Finding:
    """For an agent of which there is neither a program nor a folder."""
    return Finding("agent", "info", "agent_missing", f"{title} is not installed here", about=name)


def files(agent: Agent) -> Iterator[Finding]:
    """Which agent there is, and which of its files counts."""
    version = agent.version or "of unknown version"
    state = "is edited" if agent.there else "would be made"
    below = f"; it outranks {', '.join(agent.below)}" if agent.below else ""
    yield _about(agent, "agent", f"{agent.title} {version}: {agent.path} {state}{below}")
    if agent.above:
        names = " and ".join(agent.above)
        step = f"If {agent.title} shows something else than that file has, start it without {names}."
        yield _about(agent, "agent_overridden", f"{names} can override what is in that file", step)


def drift(agent: Agent, merge: Merge | None) -> Iterator[Finding]:
    """Whether the file has what the proxies offer; ``merge`` is what would be done, None when none said anything."""
    if merge is None:
        yield _about(agent, "not_compared", "not compared with the proxies: none of them said anything")
        return
    if merge.kept:
        text = f"{len(merge.kept)} of the models are described by entries of your own, which stay as they are"
        yield _about(agent, "own_entries", text)
    step = f"litellm-discover --write {agent.name}"
    if not merge.edits:
        yield _about(agent, "up_to_date", "the file has what the proxies offer")
    elif agent.ours or agent.wanted:
        message = f"the file differs from what the proxies offer: {_counts(merge)}"
        yield Finding("agent", "warning", "drift", message, step, agent.name)
    elif agent.plugin:
        yield _about(agent, "by_plugin", "the plugin adds the models, not the file")
    else:
        yield _about(agent, "not_written", "none of our entries is in the file", step)


def _about(agent: Agent, code: str, message: str, hint: str = "") -> Finding:
    return Finding("agent", "info", code, message, hint, agent.name)


def _counts(merge: Merge) -> str:
    counts = (("to add", merge.added), ("to renew", merge.updated), ("to take out", merge.removed))
    return ", ".join(f"{len(ids)} {what}" for what, ids in counts if ids) or "options of the provider"
