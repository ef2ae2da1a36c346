"""What spares OpenCode an npm install at its start, and when it must not be spared.

With a plugin OpenCode waits for that install in each of its configuration folders, unless ``node_modules`` is there
and the root of ``package-lock.json`` names its plugin library and all that ``package.json`` names. Versions do not
count, so an empty folder and one name are enough for plugins that need nothing; for any other they would be a lie.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from litellm_discover.core import jsonc
from litellm_discover.errors import JsoncError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from litellm_discover.core.jsonc import Revision

LIBRARY: Final = "@opencode-ai/plugin"
PATH: Final = ("packages", "", "dependencies", LIBRARY)
VERSION: Final = "0"  # of no release, so that nobody else writes it
LOCK: Final = f'{{"packages": {{"": {{"dependencies": {{"{LIBRARY}": "{VERSION}"}}}}}}}}\n'.encode()

_KINDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


@dataclass(frozen=True, slots=True)
class Folder:
    """A configuration folder of OpenCode.

    ``package`` and ``lock`` are the bytes of ``package.json`` and ``package-lock.json``, None for no file. ``modules``
    says whether ``node_modules`` is there, ``library`` whether OpenCode's plugin library is in it, and ``others``
    whether code of the person is there, which may need that library.
    """

    package: bytes | None
    lock: bytes | None
    modules: bool
    library: bool
    others: bool


@dataclass(frozen=True, slots=True)
class Seed:
    """What to change: whether to make ``node_modules``, and the new ``lock``; neither when ``obstacle`` says why not.

    ``revision`` is the change of a lock that was there already.
    """

    modules: bool = False
    lock: bytes | None = None
    revision: Revision | None = None
    obstacle: str = ""


def needed(folder: Folder) -> Seed:
    """What the folder lacks. Nothing is claimed that npm would have to install for the person."""
    try:
        wanted = _names(_object("package.json", folder.package))
        locked = names_in_lock(folder.lock)
    except ValueError as error:
        return Seed(obstacle=str(error))
    if folder.modules and wanted | {LIBRARY} <= locked:
        return Seed()
    if missing := wanted - locked - ({LIBRARY} if folder.library else set()):
        return Seed(obstacle=f"package.json names {min(missing)}, which is not installed")
    if locked and not folder.modules and folder.lock != LOCK:
        return Seed(obstacle="package-lock.json names what would be in node_modules, which is not there")
    if folder.others and not folder.library:
        return Seed(obstacle=f"a plugin or tool of yours may need {LIBRARY}, which is not installed")
    return _lacking(folder, locked)


def _lacking(folder: Folder, locked: set[str]) -> Seed:
    modules = not folder.modules
    if folder.lock is None:
        return Seed(modules, LOCK)
    if LIBRARY in locked:
        return Seed(modules)
    try:
        revision = jsonc.revise(jsonc.read(jsonc.decode(folder.lock)), [jsonc.Put(PATH, VERSION)])
    except JsoncError as error:
        return Seed(obstacle=f"package-lock.json: {error.message}")
    return Seed(modules, jsonc.encode(revision.text), revision)


def names_in_lock(data: bytes | None) -> set[str]:
    """The names that the root of a lock depends on. Raises ValueError for what npm would not have written."""
    packages = _inside(_object("package-lock.json", data), "packages")
    return _names(_inside(packages, ""))


def _names(manifest: Mapping[str, Any]) -> set[str]:
    kinds = (manifest.get(kind) for kind in _KINDS)
    return {name for kind in kinds if isinstance(kind, dict) for name in kind}


def _inside(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key, {})
    if not isinstance(found, dict):
        raise ValueError("package-lock.json is not one of npm's")  # noqa: TRY004 - the callers' one error
    return found


def _object(name: str, data: bytes | None) -> dict[str, Any]:
    """The object in a file, read as strictly as OpenCode and npm do: without comments or a byte order mark."""
    if data is None:
        return {}
    try:
        value = json.loads(jsonc.decode(data))
    except (JsoncError, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no JSON object")  # noqa: TRY004 - the callers' one error
    return value
