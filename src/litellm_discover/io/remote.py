"""Remote catalogs: what is held of them, and renewing it at low frequency.

What a server says is used only when it is whole, has the digest that its manifest lists, and is made for this version;
until then, and whenever it cannot be had, what was fetched before stays. A server hears no more of a person than which
files are fetched, unless they chose otherwise.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from litellm_discover.core.facts import Shelved
from litellm_discover.core.manifest import MANIFEST, MAX_FILE, MAX_MANIFEST, IncompatibleError, read_file, read_manifest
from litellm_discover.core.model import Notice
from litellm_discover.errors import ConfigError
from litellm_discover.io.catalog_cache import Record, Remote
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.locks import lock
from litellm_discover.io.threads import all_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from litellm_discover.core.manifest import CatalogSetting
    from litellm_discover.io.catalog_fetch import Fetcher
    from litellm_discover.io.places import Places
    from litellm_discover.io.trust import Gate

# A run waits no longer than this for all catalogs together, and no longer than half of the time that it has left.
SHARE_SECONDS = 1.0

# What failed is not asked again earlier, so that a dead server costs one run an hour at most.
BACK_OFF_SECONDS = 3600.0

# All that one run reads of what is held: 40 MB of memory at most. What comes with the package has 0.4 MB.
MAX_TOTAL = 2 * MAX_FILE

_HOUR, _DAY = 3600, 86400


def cached(
    providers: Iterable[str], settings: Sequence[CatalogSetting], places: Places
) -> tuple[dict[str, tuple[Shelved, ...]], tuple[Notice, ...]]:
    """What is held for these providers, from the lowest layer: a later setting comes above an earlier one.

    The notices say what of it could not be renewed, or not be used. Asks nobody. Raises UsageError for an address.
    """
    layers: dict[str, tuple[Shelved, ...]] = {}
    notices: list[Notice] = []
    wanted = set(providers)
    left = MAX_TOTAL
    for remote in (Remote.of(setting, places) for setting in settings):
        record = remote.record()
        notices += [record.problem] if record.problem else []
        for provider in sorted(wanted & record.listed.keys()):
            try:
                catalog, size = remote.read(provider, record, left)
            except (ConfigError, ValueError) as error:
                notices.append(Notice("catalog_damaged", f"{provider} of the catalog at {remote.name}: {error}"))
                continue
            left -= size
            if catalog is not None:
                layers[provider] = (*layers.get(provider, ()), Shelved(f"catalog:{remote.name}/{provider}", catalog))
    return layers, tuple(notices)


def refresh(
    providers: Collection[str] | None,
    settings: Sequence[CatalogSetting],
    places: Places,
    gate: Gate,
    deadline: Deadline,
    *,
    selected: Mapping[str, str] | None = None,
    force: bool = False,
) -> tuple[Notice, ...]:
    """Fetch what is due of these providers (None: of all that are listed); what fails is told by ``cached``.

    With nothing due it asks nobody. It takes SHARE_SECONDS at most, or with ``force``, for which everything is due, the
    time until the deadline. ``selected`` has, by provider, the public id of the model that is selected: for servers
    whose setting says so. The notices say what could not be asked or kept. Raises UsageError for an address.
    """
    if providers is not None and not providers:
        return ()
    now = time.time()
    remotes = [Remote.of(setting, places) for setting in settings]
    refused = [remote for remote in remotes if gate.refusal(remote.folder)]
    due = [remote for remote in remotes if remote not in refused and (force or _is_due(remote, providers, now))]
    until = deadline if force else deadline.within(min(SHARE_SECONDS, deadline.left() / 2))
    renewals = [_Renewal(remote, places, deadline, selected if remote.setting.send_model else None) for remote in due]
    failed = _run(renewals, providers, until) if due else ()
    return (*(_insecure(remote) for remote in refused), *failed)


def _run(renewals: Sequence[_Renewal], providers: Collection[str] | None, until: Deadline) -> tuple[Notice, ...]:
    """All of them at once; gives what could not be kept."""
    # The network is imported only when it is used: start-up cost.
    from litellm_discover.io.catalog_fetch import Fetcher  # noqa: PLC0415
    from litellm_discover.io.connection import Connection  # noqa: PLC0415

    def run(renewal: _Renewal) -> tuple[Notice, ...]:
        with Connection(renewal.remote.folder, until) as folder:
            return renewal.run(Fetcher(folder), providers)

    return tuple(notice for notices in all_of([partial(run, each) for each in renewals]) for notice in notices)


def _is_due(remote: Remote, providers: Collection[str] | None, now: float) -> bool:
    record = remote.record()
    age = now - record.tried_at
    every = remote.setting.every_seconds
    if record.problem:
        return not 0 <= age < min(every, BACK_OFF_SECONDS)
    return not 0 <= age < every or bool(_missing(remote, record, providers))


def _missing(remote: Remote, record: Record, providers: Collection[str] | None) -> list[str]:
    """Those whose file is listed and not here."""
    names = record.listed if providers is None else record.listed.keys() & set(providers)
    return [name for name in sorted(names) if not remote.has(name, record.listed[name])]


class _Renewal:
    """One try to renew what is held of one catalog."""

    def __init__(self, remote: Remote, places: Places, deadline: Deadline, selected: Mapping[str, str] | None) -> None:
        self.remote = remote
        self._places = places
        self._deadline = deadline
        self._selected = selected or {}

    def run(self, fetch: Fetcher, providers: Collection[str] | None) -> tuple[Notice, ...]:
        """Renew it, unless another process does; gives what could not be kept."""
        try:
            with lock(self.remote.directory, self._places.locks(), Deadline(time.monotonic())):
                self._renew(fetch, providers)
        except ConfigError as error:
            if error.code != "locked":
                message = f"the catalog at {self.remote.name} could not be kept: {error.message}"
                return (Notice("catalog_not_kept", message),)
        return ()

    def _renew(self, fetch: Fetcher, providers: Collection[str] | None) -> None:
        record = self._manifest(fetch, replace(self.remote.record(), tried_at=time.time()))
        self._keep(record)
        for provider in _missing(self.remote, record, providers) if not record.problem else ():
            problem = self._file(fetch, provider, record)
            if problem is None:
                record = replace(record, held={**record.held, provider: record.listed[provider]})
            else:
                instead = "an older one is used" if provider in record.held else "none was fetched before"
                record = replace(record, problem=self._told(f"{provider}.json", problem, instead))
        self._keep(record)

    def _manifest(self, fetch: Fetcher, before: Record) -> Record:
        """The record with what is listed now, or with why that is not known."""
        from litellm_discover.io.catalog_fetch import DAMAGED, FetchError  # noqa: PLC0415 - as above

        try:
            fetched = fetch(MANIFEST, max_bytes=MAX_MANIFEST, etag=before.etag)
            listed = before.listed if fetched.data is None else read_manifest(fetched.data).providers
        except FetchError as error:
            problem = error.notice
        except IncompatibleError as error:
            problem = Notice("catalog_incompatible", str(error))
        except ValueError as error:
            problem = Notice(DAMAGED, str(error))
        else:
            return replace(before, checked_at=before.tried_at, etag=fetched.etag, listed=listed, problem=None)
        return replace(before, problem=self._told(MANIFEST, problem, _instead(before)))

    def _file(self, fetch: Fetcher, provider: str, record: Record) -> Notice | None:
        """Fetch and keep the file of a provider; gives why it cannot be used. Raises ConfigError."""
        from litellm_discover.io.catalog_fetch import DAMAGED, FetchError  # noqa: PLC0415 - as above

        listed = record.listed[provider]
        model = self._selected.get(provider)
        try:
            data = fetch(f"{provider}.json", max_bytes=listed.size, model=model).data or b""
            if problem := listed.problem(data):
                return Notice(DAMAGED, problem)
            read_file(data, provider)
        except FetchError as error:
            return error.notice
        except ValueError as error:
            return Notice(DAMAGED, str(error))
        self.remote.put(provider, data, self._places, self._deadline)
        return None

    def _told(self, file: str, problem: Notice, instead: str) -> Notice:
        message = f"the catalog at {self.remote.name} was not renewed: {file}: {problem.message}; {instead}"
        return Notice(problem.code, message)

    def _keep(self, record: Record) -> None:
        self.remote.keep(record, self._places, self._deadline)


def _insecure(remote: Remote) -> Notice:
    return Notice(
        "catalog_insecure_http",
        f"the catalog at {remote.name} was not asked: its address is not encrypted, so everybody on the way to it could"
        " change it (https, or --insecure-http)",
    )


def _instead(record: Record) -> str:
    """What is used in place of a manifest that could not be had."""
    if not record.held:
        return "none was fetched before"
    age = max(0.0, record.tried_at - record.checked_at)
    count, unit = (int(age // _DAY), "day") if age >= _DAY else (int(age // _HOUR), "hour")
    ago = f"{count} {unit}{'' if count == 1 else 's'}" if count else "less than an hour"
    return f"used is what was confirmed {ago} ago"
