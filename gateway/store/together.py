"""Puts on the disk in one go what waits for it at the same time. Not its job: what is written.

A commit waits for the disk, 20 ms on an SD card, and each SMS waits for several; eight modems
would wait for one another's. Whatever has come in while the disk was at work shares the next
commit, which is what databases call a group commit. Each keeps a savepoint of its own: what is
refused leaves nothing behind, and takes nobody along.
"""

from __future__ import annotations

import contextvars
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar, cast

T = TypeVar("T")

#: So many share a commit at most: the last to come in must not keep the first one waiting.
MOST: Final = 32


@dataclass(eq=False)
class Waiting(Generic[T]):
    """One write that waits for its turn, and what came of it."""

    work: Callable[[sqlite3.Connection], T]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    done: bool = False
    #: Whoever asked went away before its turn.
    dropped: bool = False
    _result: T | None = None
    _error: BaseException | None = None

    def run(self, db: sqlite3.Connection) -> T:
        """Do the work, as whoever asked for it: who asks from where is written down with it."""
        return self.context.run(self.work, db)

    def settle(self, result: T | None, error: BaseException | None) -> None:
        """Say what came of it; once it is on the disk, if it is to be there."""
        self._result, self._error, self.done = result, error, True

    def outcome(self) -> T:
        """Return the work's result, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return cast("T", self._result)


class Queue:
    """Who waits, in the order they came; filled by the loop, emptied by the writer's thread."""

    def __init__(self) -> None:
        self._waiting: deque[Waiting[object]] = deque()

    def add(self, waiting: Waiting[T]) -> None:
        """Let one more wait."""
        self._waiting.append(cast("Waiting[object]", waiting))

    def take(self) -> list[Waiting[object]]:
        """Return those whose turn it is, `MOST` at most; who went away meanwhile is left out."""
        return [one for one in self._first() if not one.dropped]

    def _first(self) -> Iterator[Waiting[object]]:
        for _ in range(MOST):
            if not self._waiting:
                return
            yield self._waiting.popleft()


@contextmanager
def apart(db: sqlite3.Connection) -> Iterator[None]:
    """Undo what the block has written if it raises, and nothing else of the transaction."""
    db.execute("SAVEPOINT apart")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk may have undone it all
            db.execute("ROLLBACK TO apart")
            db.execute("RELEASE apart")
        raise
    db.execute("RELEASE apart")


def do_all(
    several: Sequence[Waiting[object]], db: sqlite3.Connection
) -> list[tuple[object, Exception | None]]:
    """Do each apart; return the result of each, or what it refused with.

    Raises `sqlite3.Error` for what may be the disk's fault: only alone does each show whether it
    was the one. A constraint is nobody's but the one's who met it.
    """
    done: list[tuple[object, Exception | None]] = []
    for one in several:
        try:
            with apart(db):
                done.append((one.run(db), None))
        except sqlite3.IntegrityError as met:
            done.append((None, met))
        except sqlite3.Error:
            raise
        except Exception as refused:  # noqa: BLE001  told to whoever asked, by `Waiting.outcome`
            done.append((None, refused))
    return done
