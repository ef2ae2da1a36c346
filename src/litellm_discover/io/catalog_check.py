"""Checking a catalog where it is: every file of a folder, or of an address, against its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from litellm_discover.core.inspection import problems
from litellm_discover.core.manifest import MANIFEST, MAX_MANIFEST, folder_at, read_manifest
from litellm_discover.errors import ConfigError, UsageError
from litellm_discover.io import files

if TYPE_CHECKING:
    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.trust import Gate


@dataclass(frozen=True, slots=True)
class Checked:
    """What a catalog lists, and what is wrong with it, each in a line that begins with the file."""

    providers: int
    models: int
    problems: tuple[str, ...]


class _Get(Protocol):
    def __call__(self, name: str, *, max_bytes: int) -> bytes: ...


def check(where: str, gate: Gate, deadline: Deadline) -> Checked:
    """Look at every file of the catalog in a folder, or at an address. Raises UsageError, and DeadlineError."""
    from litellm_discover.io.threads import run_within  # noqa: PLC0415 - start-up cost

    if "://" not in where:
        return run_within(deadline, _check_folder, Path(where))
    folder = folder_at(where, source="the command line")
    if gate.refusal(folder):
        raise UsageError(
            f"{folder.root} is not encrypted: everybody on the way to it could change what comes from there",
            code="insecure_http",
            hint="Use https, or --insecure-http if that network is safe.",
        )
    return run_within(deadline, _check_address, folder, deadline)


def _check_folder(folder: Path) -> Checked:
    def get(name: str, *, max_bytes: int) -> bytes:
        data = files.read(folder / name)
        if data is None:
            raise ValueError("it is not there")
        if len(data) > max_bytes:
            raise ValueError(f"it has more than {max_bytes} bytes")
        return data

    return _check(get)


def _check_address(folder: Origin, deadline: Deadline) -> Checked:
    from litellm_discover.io.catalog_fetch import Fetcher, FetchError  # noqa: PLC0415 - as above
    from litellm_discover.io.connection import Connection  # noqa: PLC0415 - as above

    with Connection(folder, deadline) as connection:
        fetch = Fetcher(connection)

        def get(name: str, *, max_bytes: int) -> bytes:
            try:
                return fetch(name, max_bytes=max_bytes).data or b""
            except FetchError as error:
                raise ValueError(error.notice.message) from None

        return _check(get)


def _check(get: _Get) -> Checked:
    try:
        manifest = read_manifest(get(MANIFEST, max_bytes=MAX_MANIFEST))
    except (ValueError, ConfigError) as error:
        return Checked(0, 0, (f"{MANIFEST}: {error}",))
    found: list[str] = []
    for provider, listed in sorted(manifest.providers.items()):
        try:
            data = get(f"{provider}.json", max_bytes=listed.size + 1)
            found += [f"{provider}.json: {problem}" for problem in problems(data, provider, listed)]
        except (ValueError, ConfigError) as error:
            found.append(f"{provider}.json: {error}")
    return Checked(len(manifest.providers), sum(listed.models for listed in manifest.providers.values()), tuple(found))
