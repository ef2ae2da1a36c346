"""Pi: which file, what an entry looks like, and how it is merged.

The facts behind each rule (Pi 0.74.2, 0.87.1 and 1.5.2) are in docs/pi.md.
"""

from litellm_discover.core.host import Installation
from litellm_discover.targets.pi.entries import NAME, render, render_complete
from litellm_discover.targets.pi.merging import SHAPE, merge
from litellm_discover.targets.pi.options import read_options
from litellm_discover.targets.pi.starting import STARTING, start_notices

__all__ = [
    "ADDRESS",
    "BLOCK_COMMENTS",
    "EMPTY_FILE",
    "FILES",
    "INSTALLATION",
    "NAME",
    "SCHEMA",
    "SHAPE",
    "STARTING",
    "TITLE",
    "merge",
    "read_options",
    "render",
    "render_complete",
    "start_notices",
]

TITLE = "Pi"

FILES: tuple[str, ...] = ("models.json",)

# Where the address of the proxy stands.
ADDRESS: tuple[str, ...] = ("providers", "litellm", "baseUrl")

# Without providers Pi rejects the file.
EMPTY_FILE = '{\n  "providers": {}\n}\n'

# Pi strips // comments only: with /* */ every provider in the file is gone.
BLOCK_COMMENTS = False

# One value against it hides every provider of the file. Published with 1.5.2; see data/README.md.
SCHEMA: str | None = "pi-models.schema.json"

INSTALLATION: Installation | None = Installation(
    program="pi",
    packages=("@earendil-works/pi-coding-agent", "@mariozechner/pi-coding-agent"),
    noted=("settings.json", "lastChangelogVersion"),
)
