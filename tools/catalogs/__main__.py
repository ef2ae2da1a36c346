"""``python -m tools.catalogs [DIRECTORY]``: gathers the provider catalogs from the packages in ``.tools``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Final

from tools.catalogs import hosts, litellm_map
from tools.catalogs.files import Source, write
from tools.catalogs.joining import Sources, join

_ROOT: Final = Path(__file__).parents[2]
_DATA: Final = _ROOT / "src" / "litellm_discover" / "data" / "catalogs"
_TOOLS: Final = _ROOT / ".tools"
_PI: Final = _TOOLS / "pi" / "node_modules"
_NEW_PI: Final = _PI / "pi-0.87" / "node_modules" / "@earendil-works" / "pi-ai"
_OLD_PI: Final = _PI / "@earendil-works" / "pi-ai"
_OPENCODE: Final = _TOOLS / "opencode" / "node_modules"


def main(arguments: list[str]) -> int:
    """Write the catalogs, by default where the package has them, and tell their sizes."""
    packages = _TOOLS / "litellm" / "lib"
    price_map = _only(packages, "python3*/site-packages/litellm/model_prices_and_context_window_backup.json")
    program = _only(_OPENCODE, "opencode-*/bin/opencode")
    models_dev, until = hosts.read_models_dev(program)
    catalogs = join(
        Sources(
            litellm=litellm_map.read(price_map),
            pi=hosts.read_pi(_NEW_PI / "dist" / "providers" / "data"),
            old_pi=hosts.read_old_pi(_OLD_PI / "dist" / "models.generated.js"),
            models_dev=models_dev,
            until=until,
        )
    )
    sources = [
        _litellm(_only(packages, "python3*/site-packages/litellm-*.dist-info/METADATA")),
        _npm(_NEW_PI),
        _npm(_OLD_PI),
        # OpenCode's package names no licence; that of its program and that of models.dev is MIT.
        Source("models.dev, in opencode", _version(program.parents[1]), "MIT"),
    ]
    for name, size in write(Path(arguments[0]) if arguments else _DATA, catalogs, sources).items():
        sys.stdout.write(f"{size:8d}  {name}\n")
    return 0


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise SystemExit(
            f"tools.catalogs: {folder.relative_to(_ROOT)}/{pattern} is there {len(found)} times: make tools"
        )
    return found[0]


def _litellm(metadata: Path) -> Source:
    text = metadata.read_text("utf-8")
    stated = dict(re.findall(r"^(Version|License-Expression): (.+)$", text, re.MULTILINE))
    return Source("litellm", stated["Version"], stated["License-Expression"])


def _npm(folder: Path) -> Source:
    package = json.loads((folder / "package.json").read_text("utf-8"))
    return Source(package["name"], package["version"], package["license"])


def _version(folder: Path) -> str:
    return str(json.loads((folder / "package.json").read_text("utf-8"))["version"])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
