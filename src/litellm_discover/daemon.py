"""The daemon: looks at each proxy all day, and has a process of its own do the work when there is some.

What is done when is decided in ``core.watching``. This process stays small and holds no socket while it waits; all that
parses answers and writes the person's files happens in children, which end after each piece of work.
"""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

import anyio

from litellm_discover.core.kept import told
from litellm_discover.core.model import PROXY_ID
from litellm_discover.core.standing import LOCKED, Standing
from litellm_discover.core.watching import LOOK_SECONDS, Seen, Watch
from litellm_discover.errors import DiscoverError
from litellm_discover.io import instance, stamp
from litellm_discover.io.children import Child, notify
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.slot import Slot
from litellm_discover.io.trust import Gate
from litellm_discover.looking import Surroundings, look, signature, surroundings

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.kept import Kept
    from litellm_discover.io.places import Places
    from litellm_discover.looking import Signature

_LOOK_LIMIT_SECONDS = 15.0
_FILES_SECONDS = 10.0
_ASLEEP_SECONDS = 10.0


def run(places: Places, say: Callable[[str], None], detail: Callable[[str], None]) -> None:
    """Be the daemon until a signal ends it, and the process with it; ``say`` is told of changes.

    Raises ConfigError when there is one already.
    """
    with instance.alone(places):
        anyio.run(_Daemon(places, say, detail).run)


def _clock() -> float:
    """Seconds, those that the machine slept among them where that can be told."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class _Watched:
    """One proxy: what is planned for it, how it stands, and what was told of it last."""

    def __init__(self, proxy: str) -> None:
        self.watch = Watch()
        self.standing = Standing(proxy)
        self.models: frozenset[str] | None = None
        self.answered: float | None = None
        self.child = Child()
        self.looking = Slot(_LOOK_LIMIT_SECONDS)
        self.woken = anyio.Event()
        self.scope = anyio.CancelScope()


class _Daemon:
    def __init__(self, places: Places, say: Callable[[str], None], detail: Callable[[str], None]) -> None:
        self._places, self._say, self._detail = places, say, detail
        self._around = Surroundings({}, Gate())
        self._watched: dict[str, _Watched] = {}
        self._reading, self._writing = Slot(_FILES_SECONDS), Slot(_FILES_SECONDS)
        self._signature: Signature | None = None
        self._doubted = True  # whether the person's files are read again although they look the same
        self._since = time.time()
        self._said: object = None

    async def run(self) -> NoReturn:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async with anyio.create_task_group() as self._group:
                await self._tell()
                self._say(f"started, process {os.getpid()}")
                self._group.start_soon(self._survey)
                async for number in signals:
                    if number != signal.SIGHUP:
                        break
                    self._say("asked to look again")
                    self._group.start_soon(self._anew)
                self._group.cancel_scope.cancel()
        self._say("ended")
        os._exit(0)  # the event loop would wait for a resolver's thread

    async def _anew(self) -> None:
        """Read the person's files although they look the same, and do everything at once."""
        self._doubted = True
        await self._read()
        self._nudge(at_once=True)

    def _nudge(self, *, at_once: bool) -> None:
        """Have everything done anew, because the person's files or the machine are not what they were."""
        for watched in self._watched.values():
            watched.watch = watched.watch.nudged(_clock(), at_once=at_once)
            watched.woken.set()

    async def _survey(self) -> None:
        """Read the person's files, then notice when they change, or when the machine was asleep."""
        await self._read()
        while True:
            before, asleep = _clock(), _clock() - time.monotonic()
            await anyio.sleep(LOOK_SECONDS)
            if _clock() - time.monotonic() - asleep > _ASLEEP_SECONDS:
                self._detail(f"the machine was asleep for {_clock() - before:.0f} s")
                await self._anew()
            await self._read()

    async def _read(self) -> None:
        """Read the person's files if they have changed, and have everything done anew then.

        One that cannot be understood is told by the refresh that follows.
        """
        changed = False
        try:
            now = await self._reading.call(signature, self._places)
            if now == self._signature and not self._doubted:
                return
            changed = self._signature not in {None, now}
            self._signature, self._doubted = now, False
            self._around = await self._reading.call(surroundings, self._places, Deadline.after(_FILES_SECONDS))
        except (DiscoverError, TimeoutError) as error:
            self._detail(f"the configuration cannot be read: {str(error) or 'that takes too long'}")
        self._match()
        await self._tell()
        if changed:
            self._detail("a file of yours has changed")
            self._nudge(at_once=False)

    def _match(self) -> None:
        """Watch the proxies of the person's files and no others; what is written of others goes with a refresh."""
        wanted = self._around.spots.keys() or {PROXY_ID}
        for proxy in self._watched.keys() - wanted:
            self._watched.pop(proxy).scope.cancel()
        for proxy in sorted(wanted - self._watched.keys()):
            self._watched[proxy] = watched = _Watched(proxy)
            self._group.start_soon(self._keep, watched)

    async def _keep(self, watched: _Watched) -> None:
        with watched.scope:
            while True:
                step = watched.watch.step(_clock())
                if step == "refresh":
                    await self._refresh(watched)
                elif step == "look":
                    await self._look(watched)
                else:
                    watched.woken = anyio.Event()
                    with anyio.move_on_after(max(0.0, watched.watch.next_at() - _clock())):
                        await watched.woken.wait()

    async def _look(self, watched: _Watched) -> None:
        watch, standing = watched.watch, watched.standing
        listed = watch.wants_list(_clock())
        try:
            call = partial(look, self._around, standing.proxy, watch.root, listed=listed)
            seen = await watched.looking.call(call)
        except TimeoutError:
            seen = Seen()
        jitter = random.uniform(-1, 1)  # noqa: S311 - nobody gains anything from knowing it
        watched.watch = watched.watch.looked(seen, _clock(), jitter)
        watched.standing = standing.looked(seen.root, time.time(), watched.answered)
        if standing.since is not None and (seen.root is None) != (standing.root is None):
            self._say(f"{standing.proxy}: {f'answers at {seen.root}' if seen.root else 'does not answer'}")
        watched.answered = time.time() if seen.root else watched.answered
        await self._tell()

    async def _refresh(self, watched: _Watched) -> None:
        watched.watch = watched.watch.began(_clock())
        kept = await watched.child.refresh(watched.standing.proxy)
        watched.watch = watched.watch.refreshed(_clock(), done=not kept.troubles)
        self._doubted = True  # a key may be another one now
        if [trouble.code for trouble in kept.troubles] != [LOCKED]:
            self._report(watched, kept)
            await self._tell()

    def _report(self, watched: _Watched, kept: Kept) -> None:
        lines = list(told(kept, watched.models, watched.standing.trouble))
        watched.standing = watched.standing.refreshed(kept, time.time())
        watched.models = frozenset(kept.models) if kept.root else watched.models
        for line in lines:
            self._say(line)
        if lines and self._around.notify:
            self._group.start_soon(notify, self._around.notify, "; ".join(lines), self._places.variables)

    async def _tell(self) -> None:
        """Write what the daemon sees, if that is something else than before."""
        document: dict[str, JsonValue] = {
            "schemaVersion": 1,
            "pid": os.getpid(),
            "since": self._since,
            "settings": {**stamp.settings_in(self._places.variables)},
            "targets": [*self._around.targets],
            "proxies": [watched.standing.to_document() for watched in self._watched.values()],
        }
        if document == self._said:
            return
        try:
            await self._writing.call(instance.save, document, self._places, Deadline.after(_FILES_SECONDS))
        except (DiscoverError, TimeoutError) as error:
            self._say(f"what the daemon sees cannot be written: {error}")
        self._said = document
