"""Every coroutine test runs on driven time, unless it is marked ``real_time``."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from gateway import driven


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    run = asyncio.run if pyfuncitem.get_closest_marker("real_time") else driven.run
    run(pyfuncitem.obj(**arguments))
    return True
