"""A file that the person asks for and that is nobody's yet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from litellm_discover.errors import ConfigError
from litellm_discover.io import disk

if TYPE_CHECKING:
    from pathlib import Path


def create(path: Path, data: bytes) -> None:
    """Make a file for its owner alone. Raises ConfigError, also when there is something of that name."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | disk.NOFOLLOW | disk.PLAIN, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except FileExistsError:
        raise ConfigError(
            f"{path} is there already, and is not replaced", code="exists", hint="Name another file."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}", hint="Check the folder, its permissions and its space."
        ) from None
