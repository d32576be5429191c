"""The cache of rendered speech: whole files, bounded."""

from __future__ import annotations

import os
import time
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from tts.cache import Cache, Facts, key

FACTS = Facts(1.0, "an engine", -18.0)


def keep(cache: Cache, directory: Path, name: str, size: int, age: float) -> None:
    work = directory / "work"
    work.mkdir(exist_ok=True)
    (work / "whole.wav").write_bytes(bytes(size))
    cache.keep(name, work / "whole.wav", FACTS)
    then = time.time() - age
    if cache.path(name).exists():
        os.utime(cache.path(name), (then, then))


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    """A repeated alert starts at once."""
    cache = Cache(tmp_path)
    keep(cache, tmp_path, "one", 10, 0)

    assert cache.find("one") == FACTS
    assert cache.find("two") is None


def test_half_a_rendering_is_not_found(tmp_path: Path) -> None:
    """A box that lost power while storing must not play what it has not."""
    cache = Cache(tmp_path)
    keep(cache, tmp_path, "one", 10, 0)
    cache.path("one").unlink()
    (tmp_path / "two.json").write_text("{")

    assert cache.find("one") is None
    assert cache.find("two") is None


def test_the_oldest_is_forgotten_first(tmp_path: Path) -> None:
    """The disk of the box is small and its life long."""
    cache = Cache(tmp_path, limit=250, spared=60)
    for name, age in (("a", 3000), ("b", 5000), ("c", 1000), ("d", 0)):
        keep(cache, tmp_path, name, 100, age)

    assert {path.stem for path in tmp_path.glob("*.wav")} == {"c", "d"}
    assert {path.stem for path in tmp_path.glob("*.json")} == {"c", "d"}


def test_what_was_just_used_is_never_forgotten(tmp_path: Path) -> None:
    """A call may be about to play it."""
    cache = Cache(tmp_path, limit=10, spared=60)
    for name in "abc":
        keep(cache, tmp_path, name, 100, 0)

    assert len(list(tmp_path.glob("*.wav"))) == 3


def test_what_a_killed_rendering_left_is_swept(tmp_path: Path) -> None:
    """A box that crashes now and then must not fill up with halves."""
    cache = Cache(tmp_path, spared=60)
    for name, age in (("rendering-old", 120), ("rendering-now", 0)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)

    cache.prune()

    assert [path.name for path in tmp_path.iterdir()] == ["rendering-now"]


@example([], [""])
@example(["a", "b"], ["a\0b"])
@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_two_texts_share_a_name_only_when_they_are_the_same(a: list[str], b: list[str]) -> None:
    """One alert must never be spoken for another."""
    assert (key(*a) == key(*b)) == (a == b)
