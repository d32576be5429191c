"""A data directory on a disk that takes no more writing: what backs it up works elsewhere."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from gateway.errors import Refused
from gateway.store.unusable import read_only

#: Where the work may be done, the first with room: in memory last.
_BENCHES: Final = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  a folder of our own is made there
#: What of a database is copied: the file, and what has been committed since beside it.
_PARTS: Final = ("", "-wal")


@contextlib.contextmanager
def elsewhere(database: Path, benches: Sequence[str] = _BENCHES) -> Iterator[Path]:
    """Yield a copy of a database that nobody can be writing to, gone when the block ends.

    Raises `Refused` where there is no room for it three times over: the copy, what is made of it,
    and its archive. OSError where the disk no longer reads.
    """
    parts = [(part, database.with_name(database.name + part)) for part in _PARTS]
    there = [(part, file) for part, file in parts if file.exists()]
    needs = 3 * sum(file.stat().st_size for _, file in there)
    with tempfile.TemporaryDirectory(prefix="tocsin-", dir=_bench(needs, benches)) as folder:
        copy = Path(folder) / database.name
        for part, file in there:
            shutil.copyfile(file, copy.with_name(copy.name + part))
        yield copy


def _bench(needs: int, benches: Sequence[str]) -> str:
    for bench in benches:
        usable = os.access(bench, os.W_OK) and not read_only(Path(bench))
        if usable and shutil.disk_usage(bench).free > needs:
            return bench
    raise Refused(
        "le disque est en lecture seule, et il n'y a pas {needs:.0f} Mo libres dans {benches} "
        "pour faire la sauvegarde : copiez les fichiers eux-mêmes sur une clé, cp "
        "/var/lib/tocsin/tocsin.db* /media/TOCSIN/",
        needs=needs / 1e6,
        benches=", ".join(benches),
    )
