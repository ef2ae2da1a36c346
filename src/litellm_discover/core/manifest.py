"""A folder of provider catalogs: the manifest that says what is in it, and the bytes of all its files.

The same layout is bundled, written by ``catalog build`` and served by a web server: ``manifest.json``, and beside it
``<provider>.json`` for each provider (see ``core.facts``). Equal content has equal bytes: one provider or model a line,
sorted, no time anywhere. The manifest is one JSON object: ``schemaVersion``; ``minVersions``, by program, the first
version that understands the files; ``providers``, by name, ``sha256``, ``bytes`` and ``models`` of the file;
``sources``, of what the facts were gathered. It comes from anywhere and is not trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from litellm_discover import __version__
from litellm_discover.core.facts import SCHEMA_VERSION, Facts, ProviderCatalog, is_provider, read_catalog
from litellm_discover.core.ids import is_safe_text
from litellm_discover.core.limits import json_number
from litellm_discover.core.origin import parse_origins
from litellm_discover.core.strict import decode
from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Cost, Tier
    from litellm_discover.core.origin import Origin

PROGRAM = "litellm-discover"
MIN_VERSION = "0.1.0"
"""The first version that understands what is rendered here."""

MANIFEST = "manifest.json"
MAX_MANIFEST = 256 * 1024
MAX_FILE = 1024 * 1024  # 3900 models with every field
MAX_ALL = 16 * MAX_FILE  # what comes with the package has 0.4 MB

DAY = 86400.0

_MAX_OPENED = 60_000  # brackets in a file; 3900 whole entries have 24,000, and empty objects cost the most memory
_OWN_NAME = "manifest"  # no provider can have it: its file would be the manifest
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9})*")
_FINAL_ZEROS = re.compile(r"(?:\.0+)+\Z")
_SOURCE_FIELDS = ("name", "version", "license")
_MAX_TEXT = 200


class IncompatibleError(ValueError):
    """The catalog is whole, and made for a newer version of this program."""


@dataclass(frozen=True, slots=True)
class CatalogSetting:
    """A remote catalog of the person: the address of its folder, and how many seconds what was fetched is recent.

    ``send_model`` when the server may be told which model is selected.
    """

    url: str
    every_seconds: float = DAY
    send_model: bool = False

    @property
    def folder(self) -> Origin:
        """Where the folder is. Raises UsageError, which names no address."""
        return folder_at(self.url, source="[[catalog]] url")


def folder_at(url: str, *, source: str) -> Origin:
    """The folder at an address; the prefix of the origin is its path. Raises UsageError, which names ``source``."""
    origins = parse_origins(url, source=source)
    if len(origins) > 1:
        raise UsageError(
            f"the address from {source} holds the name localhost, which anybody on this machine can answer to",
            hint=f"Name the one that you mean: {' or '.join(origin.root for origin in origins)}",
        )
    # Its own prefix has lost a final /v1, which here is a name like any other.
    return replace(origins[0], prefix=urlsplit(url.strip()).path.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Listed:
    """What a manifest says of one provider's file."""

    sha256: str
    size: int
    models: int

    @classmethod
    def of(cls, data: bytes, models: int) -> Listed:
        """What it has to say of these bytes."""
        return cls(hashlib.sha256(data).hexdigest(), len(data), models)

    def problem(self, data: bytes) -> str | None:
        """Why these bytes are not that file, or None."""
        if len(data) != self.size:
            return f"it has {len(data)} bytes instead of {self.size}"
        return None if hashlib.sha256(data).hexdigest() == self.sha256 else "its digest is not that of the manifest"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a folder, by provider, and of what it was gathered: ``name``, ``version`` and ``license`` of each."""

    providers: Mapping[str, Listed]
    sources: tuple[Mapping[str, str], ...] = ()


def read_manifest(data: bytes, version: str = __version__) -> Manifest:
    """The manifest in these bytes. An entry that cannot be understood is left out: so is its file.

    Raises IncompatibleError when it is made for a newer ``version`` of this program, and ValueError with what is wrong.
    """
    fields = _parsed(data, MAX_MANIFEST)
    if not isinstance(fields, dict) or type(fields.get("schemaVersion")) is not int:
        raise ValueError("it is no manifest of catalogs")
    if fields["schemaVersion"] > SCHEMA_VERSION:
        raise IncompatibleError(f"its schemaVersion is {fields['schemaVersion']}; understood is {SCHEMA_VERSION}")
    versions = fields.get("minVersions")
    least = versions.get(PROGRAM, MIN_VERSION) if isinstance(versions, dict) else None
    if not isinstance(least, str) or not _NUMBERS.fullmatch(least):
        raise ValueError(f"its minVersions has no version for {PROGRAM}")
    if _numbers(version) < _numbers(least):
        raise IncompatibleError(f"it needs {PROGRAM} {least} or newer; this is {version}")
    if fields["schemaVersion"] != SCHEMA_VERSION or not isinstance(fields.get("providers"), dict):
        raise ValueError("it is no manifest of catalogs")
    providers = read_providers(fields["providers"])
    if sum(listed.size for listed in providers.values()) > MAX_ALL:
        raise ValueError(f"its files have more than {MAX_ALL} bytes")
    sources = fields.get("sources")
    return Manifest(
        providers,
        tuple(_source(source) for source in (sources if isinstance(sources, list) else []) if isinstance(source, dict)),
    )


def read_providers(entries: Mapping[str, object]) -> dict[str, Listed]:
    """What is listed, by provider; what cannot be used is left out."""
    listed = ((name, _listed(entry)) for name, entry in entries.items() if is_provider(name) and name != _OWN_NAME)
    return {name: entry for name, entry in listed if entry}


def listed_entry(listed: Listed) -> dict[str, JsonValue]:
    """The entry of a file, as ``read_providers`` reads it."""
    return {"sha256": listed.sha256, "bytes": listed.size, "models": listed.models}


def _listed(entry: object) -> Listed | None:
    fields = entry if isinstance(entry, dict) else {}
    sha256, size, models = fields.get("sha256"), fields.get("bytes"), fields.get("models")
    if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)) or type(size) is not int or type(models) is not int:
        return None
    return Listed(sha256, size, models) if 0 <= size <= MAX_FILE and 0 <= models <= size else None


def read_file(data: bytes, provider: str) -> ProviderCatalog:
    """The catalog of one provider in these bytes. Raises ValueError with what is wrong."""
    return read_catalog(_parsed(data, MAX_FILE), provider)


def render_catalog(provider: str, entries: Mapping[str, Facts]) -> bytes:
    """The file of one provider."""
    lines = (f"{_text(model)}:{_text(entry(entries[model]))}" for model in sorted(entries))
    head = f'{{"schemaVersion":{SCHEMA_VERSION},"provider":{_text(provider)},"models":{{'
    return f"{head}{_lines(lines)}}}}}\n".encode()


def render_manifest(manifest: Manifest) -> bytes:
    """The manifest of a folder."""
    providers = (f"{_text(name)}:{_text(listed_entry(listed))}" for name, listed in sorted(manifest.providers.items()))
    least = _text({PROGRAM: MIN_VERSION})
    head = f'{{"schemaVersion":{SCHEMA_VERSION},"minVersions":{least},"providers":{{'
    sources = _lines(_text(dict(_source(source))) for source in manifest.sources)
    return f'{head}{_lines(providers)}}},"sources":[{sources}]}}\n'.encode()


def entry(facts: Facts) -> dict[str, JsonValue]:
    """What a file says of one model; what is unknown is absent, and so is the mode of chat."""
    return _known(
        name=facts.name,
        limit=_known(context=facts.limit.context, output=facts.limit.output) or None,
        cost=_cost(facts.cost) if facts.cost else None,
        input=[*facts.input] if facts.input else None,
        output=[*facts.output] if facts.output else None,
        toolCall=facts.tool_call,
        reasoning=facts.reasoning,
        efforts=None if facts.efforts is None else [*facts.efforts],
        mode=None if facts.mode == "chat" else facts.mode,
        deprecated=facts.deprecated,
    )


def _cost(cost: Cost) -> dict[str, JsonValue]:
    tiers: list[JsonValue] = [{"above": tier.above, **_prices(tier)} for tier in cost.tiers]
    return {**_prices(cost), **_known(tiers=tiers or None)}


def _prices(prices: Cost | Tier) -> dict[str, JsonValue]:
    cache_read, cache_write = (
        None if price is None else json_number(price) for price in (prices.cache_read, prices.cache_write)
    )
    return _known(
        input=json_number(prices.input), output=json_number(prices.output), cacheRead=cache_read, cacheWrite=cache_write
    )


def _known(**fields: JsonValue) -> dict[str, JsonValue]:
    return {name: value for name, value in fields.items() if value is not None}


def _text(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lines(lines: Iterable[str]) -> str:
    joined = ",\n".join(lines)
    return f"\n{joined}\n" if joined else "\n"


def _parsed(data: bytes, max_bytes: int) -> object:
    if len(data) > max_bytes:
        raise ValueError(f"it has more than {max_bytes} bytes")
    try:
        if data.count(b"{") + data.count(b"[") > _MAX_OPENED:
            raise ValueError("too many brackets")  # noqa: TRY301 - told like all the others
        return decode(data)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON, or not whole") from None


def _numbers(version: str) -> tuple[int, ...]:
    """``1.2.0rc1`` as (1, 2): a candidate of a version understands what that does, and a final zero says nothing."""
    found = _NUMBERS.match(version)
    return tuple(map(int, _FINAL_ZEROS.sub("", found[0]).split("."))) if found else ()


def _source(source: Mapping[str, object]) -> Mapping[str, str]:
    texts = ((name, text) for name in _SOURCE_FIELDS if isinstance(text := source.get(name), str))
    return {name: text for name, text in texts if len(text) <= _MAX_TEXT and is_safe_text(text)}
