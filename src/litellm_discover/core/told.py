"""What a proxy told when it was asked, before anything is concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litellm_discover.core.model import Notice, Proxy
    from litellm_discover.core.payloads import Rows


@dataclass(frozen=True, slots=True)
class Told:
    """The answers of one proxy.

    ``listed`` decides what exists; ``described`` only adds to it. It is None when it could not be had this time, and
    without rows when the proxy never describes anything to this key. ``described_by`` is the path that described.
    """

    proxy: Proxy
    listed: Rows
    described: Rows | None
    described_by: str
    notices: tuple[Notice, ...] = ()
