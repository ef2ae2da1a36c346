"""Finding a proxy from within another program: nothing is printed, no configuration is written, no process is ended."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.configuration import settings_for
from litellm_discover.errors import UsageError
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.io.threads import at_most
from litellm_discover.io.watchdog import soft_seconds
from litellm_discover.remembering import discover_one
from litellm_discover.settings import DEFAULT_TIMEOUT, Flags, flags_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litellm_discover.core.model import Catalog
    from litellm_discover.settings import ProxySettings, Settings


def discover(
    *,
    url: str | None = None,
    proxy: str | None = None,
    timeout: float | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    max_age: float | None = None,
    offline: bool = False,
    insecure_http: bool = False,
) -> Catalog:
    """What a LiteLLM proxy offers, as ``litellm-discover`` itself would find it: see docs/python.md.

    What is not given comes from the same sources as for the command. ``proxy`` is the id of one of several in
    config.toml; ``include`` and ``exclude`` are globs on ids; ``timeout`` is the seconds for the whole call;
    ``max_age`` is how many seconds old an answer may be that the command remembered, and ``offline`` takes any age.
    What a silent proxy said last is used, with a notice of the code ``stale``. Nothing is remembered of this call.

    Raises DiscoverError in one of its forms.
    """
    started = time.monotonic()
    flags = _flags(os.environ, url, insecure_http=insecure_http)
    flags = replace(flags, include=_globs(include), exclude=_globs(exclude), max_age=max_age, offline=offline)
    if timeout is not None and not timeout > 0:
        raise UsageError("timeout is not above 0", hint="Give the seconds that the whole call may take.")
    places = Places(Path.home(), dict(os.environ))
    call = partial(settings_for, replace(flags, timeout=timeout), places)
    settings, notices = at_most(timeout or DEFAULT_TIMEOUT, call)
    wanted = _wanted(proxy, settings)
    deadline = Deadline(started + soft_seconds(settings.timeout))
    look = partial(discover_one, wanted, settings, places, deadline, keep=False)
    found = at_most(started + settings.timeout - time.monotonic(), look)
    told = dict.fromkeys((*notices, *found.notices, *found.catalog.notices))
    return replace(found.catalog, notices=tuple(told))


def _flags(environ: Mapping[str, str], url: str | None, *, insecure_http: bool) -> Flags:
    """The environment's, with what outranks it."""
    flags = flags_in(environ)
    if url:
        flags = replace(flags, url=url, ports=())
    return replace(flags, insecure_http=insecure_http or flags.insecure_http)


def _globs(globs: Sequence[str]) -> tuple[str, ...]:
    """Each whole: of a text by itself every letter would count as one, and a star lets all models pass."""
    return (globs,) if isinstance(globs, str) else tuple(globs)


def _wanted(proxy: str | None, settings: Settings) -> ProxySettings:
    ids = [each.id for each in settings.proxies]
    if proxy is None and settings.only:
        return settings.only
    if proxy not in ids:
        said = "config.toml has several proxies" if proxy is None else "there is no proxy of that id"
        raise UsageError(said, hint=f"Name one: {', '.join(f'proxy={each!r}' for each in ids)}.")
    return settings.proxy(proxy)
