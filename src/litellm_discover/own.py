"""The person's own files for us, ``config.toml`` and ``ai_models.yaml``, and the keys that the first one refers to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.addresses import checked_key
from litellm_discover.core.own import Command, OwnConfig
from litellm_discover.errors import ConfigError, UsageError
from litellm_discover.io import files
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from litellm_discover.addresses import Key, Place
    from litellm_discover.core.registry import Registry
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.settings import ProxySettings

REGISTRY_VARIABLE = "LITELLM_DISCOVER_REGISTRY"


def own_config(places: Places) -> OwnConfig:
    """What our own configuration file says, nothing when there is none. Raises ConfigError."""
    path = places.own_config()
    data = files.read_guarded(path, files.WRITABLE_BY_OTHERS, "it decides where the key goes")
    if data is None:
        return OwnConfig()
    from litellm_discover.core.own_config import understand

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is no text in UTF-8", hint="Save it as UTF-8.") from None
    return understand(text, str(path), TARGETS)


def registry(named: str | None, places: Places) -> Registry | None:
    """The registry in the file that the person named, else in the one of their configuration, if it is there.

    Raises UsageError and ConfigError.
    """
    path = registry_path(named, places)
    data = files.read(path)
    if data is None:
        if named is None:
            return None
        raise ConfigError(f"{path} is not there", code="registry", hint="Check the path after --registry.")
    from litellm_discover.core.registry import understand
    from litellm_discover.io.yaml_file import parse

    return understand(*parse(data, path, code="registry"))


def registry_path(named: str | None, places: Places) -> Path:
    """The file of the registry. Raises UsageError for a variable that means another file in each directory."""
    if named is None:
        return places.registry()
    if places.variables.get(REGISTRY_VARIABLE) == named and not Path(named).is_absolute():
        raise UsageError(
            f"the path in {REGISTRY_VARIABLE} is not absolute", hint="Begin it with /, or use --registry FILE."
        )
    return Path(named).absolute()


def with_keys(proxy: ProxySettings, places: Places, deadline: Deadline) -> ProxySettings:
    """What is set for a proxy, with each key looked up that has to be. Raises ConfigError and UsageError."""
    return replace(proxy, places=tuple(_with_key(place, places, deadline) for place in proxy.places))


def _with_key(place: Place, places: Places, deadline: Deadline) -> Place:
    return replace(place, key=_looked_up(place.key, places, deadline)) if place.key and place.key.secret else place


def _looked_up(key: Key, places: Places, deadline: Deadline) -> Key:
    from litellm_discover.io.secrets import printed_by, read_from

    secret = key.secret
    if secret is None:
        return key
    value = printed_by(secret, places, deadline) if isinstance(secret, Command) else read_from(secret, places)
    if not value:
        raise ConfigError(f"{secret.where} gives no key: it is empty", code="key_missing", hint="Correct it there.")
    return replace(key, value=checked_key(value, secret.where))
