"""The daemon as a process: killed, at rest, and asked for pages while it works."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.box import Box, emulated, port_of, serving
from tests.acceptance.plug import ROLES, look_at, pulled
from tests.benchmarks.conftest import Figures
from tests.benchmarks.test_messages import TEXT, numbers

pytestmark = [pytest.mark.bench, pytest.mark.real_time]

#: How often the plug is pulled; TOCSIN_BENCH_KILLS=20 for a hint of it.
KILLS = int(os.environ.get("TOCSIN_BENCH_KILLS", "200"))


@pytest.mark.timeout(180 + 15 * KILLS)
def test_the_plug_pulled_at_random_moments(tmp_path: Path, figures: Figures) -> None:
    """This one must hold: nobody lost, no copy that is not shown, one doubt per kill and modem."""
    with pulled(tmp_path, KILLS, seed=int(time.time())) as run:
        trouble = look_at(run)
    texts = ROLES.count("sms")

    assert [] == trouble.found
    assert trouble.doubts["sms"] <= KILLS * texts
    figures.add(f"kill -9, {KILLS} times, mixed run: lost or untold", len(trouble.found), most=0)
    figures.add(f"kill -9, {KILLS} times: copies per kill and modem",
                trouble.extra["sms"] / KILLS / texts, most=1)  # fmt: skip


def _memory(pid: int) -> float:
    """Return the resident size in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(pid)


def _cpu(pid: int) -> float:
    """Return the processor seconds used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.timeout(120)
def test_the_daemon_at_rest(tmp_path: Path, figures: Figures) -> None:
    """It stands beside other things on a small machine, all year."""
    with emulated(tmp_path / "e", "--modems", "4", "--pace", "fast") as emulator:
        ports = [port_of(modem) for modem in emulator.modems]
        with serving(Box(tmp_path / "box", ports)) as box:
            assert box.daemon is not None
            time.sleep(3)
            before = _cpu(box.daemon.pid)
            time.sleep(20)
            used = (_cpu(box.daemon.pid) - before) / 20
            figures.add("daemon at rest, 4 modems: resident", _memory(box.daemon.pid), "MB",
                        most=110)  # fmt: skip
            figures.add("daemon at rest, 4 modems: CPU", 100 * used, "%", most=1)


@pytest.mark.timeout(180)
def test_pages_while_sending_at_full_rate(tmp_path: Path, figures: Figures) -> None:
    """The mayor looks at the page exactly then."""
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "0")
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(emulated(tmp_path / "e", *pace))
        box = stack.enter_context(serving(Box(tmp_path / "box", [port_of(emulator.modems[0])])))
        box.tocsin("user", "add", "maire", stdin="un mot de passe bien long\n")
        ask = logged_in(box)
        number = box.batch(dict.fromkeys(numbers(4000), TEXT), "--urgency", "vital")
        took: list[float] = []
        pages = (f"/messages/{number}", "/messages", "/modems", f"/messages/{number}/suivi")
        while len(emulator.records()) < 3500 and len(took) < 400:
            took.extend(ask(page) for page in pages)
        sent = len(emulator.records())
    took.sort()

    assert sent < 4000, "it was still sending"
    figures.add("page while sending at full rate, median", 1000 * took[len(took) // 2], "ms")
    figures.add("page while sending at full rate, p95", 1000 * took[int(0.95 * len(took))], "ms",
                most=50)  # fmt: skip


def logged_in(box: Box) -> Callable[[str], float]:
    """Return a way to open a page as a user; it returns how many seconds that took."""
    origin = f"http://127.0.0.1:{box.listen}"
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)
    browser.addheaders = [("Origin", origin)]
    form = urllib.parse.urlencode({"login": "maire", "password": "un mot de passe bien long"})
    browser.open(f"{origin}/connexion", form.encode(), timeout=10).read()

    def ask(path: str) -> float:
        began = time.perf_counter()
        with browser.open(origin + path, timeout=10) as answer:
            assert answer.read()
            assert path in answer.url, "not sent to the login page"
        return time.perf_counter() - began

    return ask
