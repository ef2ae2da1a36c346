"""What was published: the ids and names of hosts, and LiteLLM's own map of models. The packages are in ``.tools``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.catalogs import hosts

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).parents[2]

_TOOLS: Final = ROOT / ".tools"
_MAP: Final = "litellm/lib/python3*/site-packages/litellm/model_prices_and_context_window_backup.json"
_PI: Final = "pi/node_modules/pi-0.87/node_modules/@earendil-works/pi-ai/dist/providers/data"
_OPENCODE: Final = "opencode/node_modules/opencode-*/bin/opencode"
_OLD_PI: Final = "pi/node_modules/@earendil-works/pi-ai/dist/models.generated.js"

_OLD_PROVIDER: Final = re.compile(r'^ {4}"([a-z0-9-]+)": \{$', re.MULTILINE)
_OLD_PAIR: Final = re.compile(r'\bid: "([^"]+)",\s*name: "([^"]+)"')
_BEHIND: Final = re.compile(r"@.*|:[a-z]+\Z")
_BEDROCK: Final = re.compile(r"\A(?:[a-z-]+\.)?[a-z0-9]+\.(?=[a-z])")
_NO_WORD: Final = re.compile(r"[^a-z0-9]")

# Modes of LiteLLM's map that an agent can use.
_MODES: Final = frozenset({"chat", "responses", "completion", None})


@dataclass(frozen=True, slots=True)
class Pair:
    """An id and the name that a host publishes for it; ``provider`` is the host's name of itself."""

    provider: str
    id: str
    name: str

    @property
    def key(self) -> str:
        """Equal for ids of one model: the last segment without tag, vendor and punctuation."""
        segment = _BEHIND.sub("", self.id.lower().rstrip("/").rsplit("/", 1)[-1])
        return _NO_WORD.sub("", _BEDROCK.sub("", segment))

    @property
    def is_held_out(self) -> bool:
        """Whether the rules of the formatter were made without a look at it: half of all keys, by a stable hash."""
        return bool(sha256(self.key.encode()).digest()[0] & 1)


def seen() -> list[Pair]:
    """The pairs that the formatter was made with."""
    return [Pair(**pair) for pair in json.loads((ROOT / "tests/core/data/names.json").read_text("utf-8"))]


def published() -> list[Pair]:
    """All pairs of Pi 0.87: one for each provider and id."""
    providers = [path.stem for path in sorted(_only(_PI).glob("[a-z]*.json"))]
    return [
        Pair(provider, model_id, entry["name"])
        for provider in providers
        for model_id, entry in published_facts(provider).items()
    ]


def published_facts(provider: str) -> Mapping[str, Mapping[str, Any]]:
    """What Pi 0.87 says of the models of one provider, by their ids."""
    by_interface = json.loads((_only(_PI) / f"{provider}.json").read_text("utf-8"))
    return {model_id: entry for models in by_interface.values() for model_id, entry in models.items()}


def published_earlier() -> list[Pair]:
    """All pairs of Pi 0.74, which has them in one literal."""
    parts = _OLD_PROVIDER.split(_only(_OLD_PI).read_text("utf-8"))
    return [
        Pair(provider, model_id, name)
        for provider, text in zip(parts[1::2], parts[2::2], strict=True)
        for model_id, name in _OLD_PAIR.findall(text)
    ]


def published_elsewhere() -> list[Pair]:
    """All pairs of the snapshot of models.dev in OpenCode, which has many small hosts and all kinds of models."""
    catalogs, _newest = hosts.read_models_dev(_only(_OPENCODE))
    return [
        Pair(provider, model_id, str(entry["name"]))
        for provider, models in catalogs.items()
        for model_id, entry in models.items()
        if "name" in entry
    ]


def litellm_map() -> Mapping[str, Mapping[str, Any]]:
    """LiteLLM's entries for the models that an agent can use."""
    entries = json.loads(_only(_MAP).read_text("utf-8"))
    return {
        model_id: entry
        for model_id, entry in entries.items()
        if entry.get("mode") in _MODES and model_id != "sample_spec"
    }


def versions() -> str:
    """Which versions of the packages were compared with."""
    litellm = _only("litellm/lib/python3*/site-packages/litellm-[0-9]*.dist-info").name.split("-")[1]
    pi, old_pi = _version(_only(_PI).parents[2]), _version(_only(_OLD_PI).parents[1])
    return f"LiteLLM {litellm.removesuffix('.dist')}, Pi {pi} and {old_pi}"


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text("utf-8"))["version"])


def _only(pattern: str) -> Path:
    found = sorted(_TOOLS.glob(pattern))
    if len(found) != 1:
        raise SystemExit(f"tools.accuracy: .tools/{pattern} is there {len(found)} times: run `make tools`")
    return found[0]
