"""Driven time: an event loop whose clock jumps to the next timer instead of waiting for it.

Job: let an hour of ringing telephones pass in a second, for the tests and for ``tocsin demo
--once``. Not its job: wall time (`gateway.clock`). Anybody may import it; it imports nothing
of ours.

The loop may only jump when nobody outside it is working on its behalf: a function in an
executor, a child process it waits for. Their completion is an event of the real world, and a
timer that overtook it would be a time-out that never happened.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
import stat
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from _typeshed import FileDescriptorLike

T = TypeVar("T")

#: A jump at least this long (seconds) is a time limit rather than a pace; before it, sockets of
#: this machine are given `GRACE` real seconds to deliver what is already on its way.
LONG_JUMP = 0.5
GRACE = 0.004


class InPlace(ThreadPoolExecutor):
    """Threads whose work is short and asks nothing of the loop: driven time does it in its own.

    A driven night has ten thousand small reads; to hand one to a thread takes longer than it does.
    """


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that asks its loop for leave before it waits."""

    loop: DrivenLoop | None = None

    def __init__(self) -> None:
        super().__init__()
        self._doors: set[int] = set()

    def register(
        self, fileobj: FileDescriptorLike, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        """Watch a file; note a listening socket, at which nobody is ever on the way by himself."""
        key = super().register(fileobj, events, data)
        if _listens(key.fd):
            self._doors.add(key.fd)
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        """Watch a file no more."""
        key = super().unregister(fileobj)
        self._doors.discard(key.fd)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return ready files at once, else jump, else wait for the world outside."""
        ready = super().select(0)
        if ready or timeout is None or timeout <= 0 or self.loop is None:
            return ready or super().select(timeout if timeout is None else max(timeout, 0))
        if self.loop.busy:
            return super().select(0.05)
        # one is the loop's own; whoever knocks at a door of this process is watched here too
        if timeout >= LONG_JUMP and len(self.get_map()) - len(self._doors) > 1:
            ready = super().select(GRACE)
            if ready:
                return ready
        self.loop.jump(timeout)
        return []


def _listens(fd: int) -> bool:
    if not stat.S_ISSOCK(os.fstat(fd).st_mode):
        return False
    with socket.socket(fileno=os.dup(fd)) as one:
        return bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


class DrivenLoop(asyncio.SelectorEventLoop):
    """An event loop with its own, jumping, monotonic clock (seconds from 0)."""

    def __init__(self) -> None:
        selector = _JumpingSelector()
        self._driven_now = 0.0
        self._outside = 0
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        """Return driven seconds since the loop was made."""
        return self._driven_now

    @property
    def busy(self) -> bool:
        """Whether something outside the loop is working for it."""
        return self._outside > 0

    def jump(self, seconds: float) -> None:
        """Advance the clock; a hair more than asked, so that the timer is due despite rounding."""
        self._driven_now += seconds + 1e-9

    def run_in_executor(  # type: ignore[override]  # typeshed's variadic overload
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run in the executor, holding the clock meanwhile; in place where it may be."""
        if isinstance(executor, InPlace):
            return self._in_place(func, *args)
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._outside += 1
        future.add_done_callback(self._back_inside)
        return future

    def _in_place(self, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self.create_future()
        try:
            self.call_soon(_settle, future, func(*args), None)
        except BaseException as error:  # noqa: BLE001  as a thread would hand it over
            self.call_soon(_settle, future, None, error)
        return future

    def _back_inside(self, _: asyncio.Future[Any]) -> None:
        self._outside -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end on driven time, as `asyncio.run` does on real time."""
    with asyncio.Runner(loop_factory=DrivenLoop) as runner:
        return runner.run(main)
