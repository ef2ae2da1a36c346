"""Catalogs on demand: putting one into a folder that a web server can serve, and fetching what is configured now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from litellm_discover.configuration import settings_for
from litellm_discover.core.facts import CUSTOM, Facts, is_provider, overlaid
from litellm_discover.core.identity import candidates
from litellm_discover.core.ids import printable
from litellm_discover.core.manifest import (
    MANIFEST,
    MAX_FILE,
    Listed,
    Manifest,
    read_file,
    read_manifest,
    render_catalog,
    render_manifest,
)
from litellm_discover.core.model import Notice
from litellm_discover.errors import ConfigError, UsageError
from litellm_discover.io import files, remote, trust
from litellm_discover.io.catalog_cache import Remote
from litellm_discover.io.shelf import CATALOGS
from litellm_discover.remembering import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from litellm_discover.core.model import Catalog, Model
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.settings import Flags

Entries = defaultdict[str, dict[str, Facts]]

# The fields that a proxy can state, with their names in the sources of a model.
_STATED = {
    **{name: name for name in ("mode", "reasoning", "efforts", "input", "output", "limit", "cost")},
    "tool_call": "toolCall",
}

_MODE = 0o644  # what a web server of another user can read


@dataclass(frozen=True, slots=True)
class Published:
    """A catalog in a folder: what it lists, and how many files were changed for it."""

    manifest: Manifest
    changed: int
    notices: tuple[Notice, ...]


def publish(directory: Path, flags: Flags, places: Places, deadline: Deadline, *, from_proxy: bool) -> Published:
    """Put what comes with the package into a folder, below what the registry says; between them what the proxy states.

    The same content gives the same bytes. Raises DiscoverError, also for a folder with anything else in it.
    """
    settings, notices = settings_for(flags, places)
    before = _before(directory)
    entries, sources = _bundled()
    if from_proxy:
        found = discover(settings, places, deadline)
        notices += found.notices
        notices += tuple(Notice(error.code, error.message) for error in found.errors)
        for catalog in found.catalogs:
            _state(entries, catalog)
            version = catalog.proxy.version
            sources.append({"name": "proxy"} | ({"version": version} if version else {}))
    if settings.registry:
        for own in settings.registry.entries:
            _put(entries, own.id, own.owner, own.facts)
        sources.append({"name": "registry"})
    contents = {provider: render_catalog(provider, models) for provider, models in entries.items() if models}
    if too_large := [provider for provider, data in contents.items() if len(data) > MAX_FILE]:
        raise ConfigError(
            f"the catalog of {too_large[0]} would have more than {MAX_FILE} bytes, which nobody reads",
            hint="Keep those models that are used.",
        )
    listed = {provider: Listed.of(data, len(entries[provider])) for provider, data in contents.items()}
    manifest = Manifest(listed, tuple(sources))
    return Published(manifest, _write(directory, before, manifest, contents, places, deadline), notices)


def _bundled() -> tuple[Entries, list[Mapping[str, str]]]:
    manifest = read_manifest((CATALOGS / MANIFEST).read_bytes())
    entries: Entries = defaultdict(dict)
    for provider in manifest.providers:
        entries[provider] |= read_file((CATALOGS / f"{provider}.json").read_bytes(), provider)
    return entries, list(manifest.sources)


def _state(entries: Entries, catalog: Catalog) -> None:
    """Add what the proxy itself states; what was concluded is concluded again by whoever reads it."""
    for model in catalog.models:
        stated: dict[str, Any] = {
            field: getattr(model, field)
            for field, source in _STATED.items()
            if model.sources.get(source, "").startswith("proxy:")
        }
        if stated:
            _put(entries, model.id, _owner(model), Facts(**stated))


def _owner(model: Model) -> str | None:
    return model.owner if model.sources.get("owner", "").startswith("proxy:") else None


def _put(entries: Entries, model_id: str, owner: str | None, facts: Facts) -> None:
    for provider, own_id in _entries_of(model_id, owner):
        entries[provider][own_id] = overlaid(entries[provider].get(own_id, Facts()), facts)


def _entries_of(model_id: str, owner: str | None) -> Iterator[tuple[str, str]]:
    """Where a model is looked for: with its owner known, and by an id that says nothing as a model of the person's."""
    known, guessed = (
        [found for found in candidates(model_id, provider) if not found.loose and is_provider(found.provider)]
        for provider in (owner, None)
    )
    if known:
        yield known[0].provider, known[0].model_id
    if not guessed or not known:
        yield CUSTOM, model_id


def _before(directory: Path) -> Manifest:
    """What the catalog in the folder lists; nothing for an empty folder, or none. Raises ConfigError for any other."""
    try:
        if not directory.exists() or not any(directory.iterdir()):
            return Manifest({})
        return read_manifest((directory / MANIFEST).read_bytes())
    except FileNotFoundError:
        problem = f"it is not empty, and has no {MANIFEST}"
    except OSError as error:
        problem = error.strerror or "it cannot be read"
    except ValueError as error:
        problem = f"{MANIFEST} in it is not that of a catalog to be replaced: {error}"
    raise ConfigError(
        f"no catalog can be put into {directory}: {problem}",
        code="not_a_catalog",
        hint="Name an empty directory, a new one, or one that has a catalog.",
    )


def _write(
    directory: Path,
    before: Manifest,
    manifest: Manifest,
    contents: Mapping[str, bytes],
    places: Places,
    deadline: Deadline,
) -> int:
    """Put the files there, the manifest last, and then remove those that are listed no longer. Raises ConfigError."""

    def put(name: str, change: Callable[[bytes | None], bytes | None]) -> bool:
        with files.locked(directory / name, locks=places.locks(), deadline=deadline) as file:
            written = file.update(change)
            if written.before is None and written.after is not None:
                written.path.chmod(_MODE)
        return written.changed

    def same(data: bytes) -> Callable[[bytes | None], bytes]:
        return lambda _: data

    def unless_changed(listed: Listed) -> Callable[[bytes | None], bytes | None]:
        return lambda data: data if data is None or listed.problem(data) else None

    try:
        directory.mkdir(parents=True, exist_ok=True)
        changed = [put(f"{provider}.json", same(data)) for provider, data in sorted(contents.items())]
        changed.append(put(MANIFEST, same(render_manifest(manifest))))
    except OSError as error:
        raise ConfigError(
            f"{directory} cannot be written: {error.strerror}", hint="Check its permissions and the space on its disk."
        ) from None
    gone = {name: listed for name, listed in before.providers.items() if name not in contents}
    changed += [put(f"{name}.json", unless_changed(listed)) for name, listed in gone.items()]
    return sum(changed)


@dataclass(frozen=True, slots=True)
class Held:
    """Of how many of the providers that a remote catalog lists the files are here."""

    name: str
    here: int
    listed: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is held after a fetch, by catalog, and what of it failed."""

    held: tuple[Held, ...]
    problems: tuple[Notice, ...]
    notices: tuple[Notice, ...]


def fetch(providers: Sequence[str], flags: Flags, places: Places, deadline: Deadline) -> Fetched:
    """Fetch the catalogs of the configuration now, for these providers or for all that they list.

    Raises DiscoverError: UsageError when none is configured, or none lists a provider.
    """
    from litellm_discover.io.threads import run_within  # noqa: PLC0415 - the network is imported only when it is used

    settings, notices = settings_for(flags, places)
    if not settings.catalogs:
        hint = f"Add it to {places.own_config()}: [[catalog]] and url = "
        raise UsageError("no remote catalog is configured", hint=f'{hint}"https://…"')
    gate = trust.Gate.open(places, insecure_http=settings.insecure_http)

    refresh = partial(remote.refresh, providers or None, settings.catalogs, places, gate, deadline, force=True)
    problems = run_within(deadline, refresh)
    catalogs = [Remote.of(setting, places) for setting in settings.catalogs]
    records = [(catalog.name, catalog.record()) for catalog in catalogs]
    problems += tuple(record.problem for _, record in records if record.problem)
    listed = frozenset[str]().union(*(record.listed for _, record in records))
    unknown = [provider for provider in providers if provider not in listed]
    if unknown and not problems:
        raise UsageError(
            f"no configured catalog has {', '.join(map(printable, unknown))}",
            hint=f"There are: {', '.join(sorted(listed))}.",
        )
    held = (Held(name, len(record.held.keys() & record.listed.keys()), len(record.listed)) for name, record in records)
    return Fetched(tuple(held), problems, (*notices, *gate.notices))
