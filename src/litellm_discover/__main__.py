"""``litellm-discover``, and ``python -m litellm_discover``."""

from __future__ import annotations

import sys


def main() -> int:
    """The console script."""
    from litellm_discover.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
