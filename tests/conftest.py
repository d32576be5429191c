"""Every coroutine test runs on driven time, unless it is marked ``real_time``.

Property tests draw the same examples every time; ``--hypothesis-profile explore`` (which
``make bench`` gives) draws new ones.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from gateway import driven
from gateway.services import accounts
from tests.acceptance.nursery import Nursery, nursery
from tests.shared import SHARED

# numpy's threads double what vectors cost, and the workers have the processors already
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    if SHARED not in os.environ:  # the workers inherit it
        os.environ[SHARED] = tempfile.mkdtemp(prefix="tocsin-tests-")
        config.add_cleanup(lambda: shutil.rmtree(os.environ[SHARED], ignore_errors=True))


@pytest.fixture(autouse=True)
def passwords_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take 64 MiB and a tenth of a second for no password that opens nothing."""
    cheap = functools.partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "PasswordHasher", cheap)


@pytest.fixture(scope="session")
def imported() -> Iterator[Nursery]:
    """Have what begins programs that need not import anew, which takes a second and a half."""
    with nursery({}) as one:
        yield one


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    run = asyncio.run if pyfuncitem.get_closest_marker("real_time") else driven.run
    run(pyfuncitem.obj(**arguments))
    return True
