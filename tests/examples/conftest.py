from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pages import stand_ins

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """Servers for the addresses in the examples."""
    with stand_ins() as there:
        yield there
