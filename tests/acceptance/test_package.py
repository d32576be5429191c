"""The Debian package in a Debian of its own: installed, upgraded, broken, brought back, purged.

No network is there. The service is started as its unit says, by a little systemctl.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.markers import Marker

from tests.systemd.tree import HOME, Tree, debian
from tests.tools import require

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(1800)]

#: A step of the schema of versions to come.
STEP = """

@MIGRATIONS()
def m{number}_to_come(db):
    db.execute("CREATE TABLE to_come_{number} (id INTEGER PRIMARY KEY) STRICT")
    {more}
"""
#: Published as sources only; nothing in them is compiled.
PURE_SOURCES = {"docopt", "sdnotify"}
#: A version whose every part loads, and which falls before it is ready.
FALLS = "\n\nDaemon._say_ready = None\n"
#: What creates the first account as a browser would.
BROWSER = """
import http.cookiejar, re, sys, urllib.parse, urllib.request
cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
browser, page = urllib.request.build_opener(cookies), "http://127.0.0.1:8080/premier-compte"
asked = re.findall(r'<input[^>]*name="([^"]+)"', browser.open(page).read().decode())
said = {"code": sys.argv[1], "login": "maire", "name": "Anne Maire"}
data = urllib.parse.urlencode({name: said.get(name, "une phrase bien longue") for name in asked})
done = browser.open(urllib.request.Request(page, data.encode(), {"Origin": "http://127.0.0.1:8080"}))
print(done.geturl(), "Anne Maire" in done.read().decode())
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the package, built as `make deb` does; not packed, which takes a minute here."""
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: a Debian of its own needs root")
    require("dpkg-deb", "dpkg")
    folder = tmp_path_factory.mktemp("deb")
    wheels = HOME / "dist/deb/wheels"  # what an earlier build has fetched
    if wheels.exists():
        shutil.copytree(wheels, folder / "wheels")
    _made("build", folder)
    (package,) = folder.glob("*.deb")
    return package


def _made(script: str, folder: Path) -> None:
    done = subprocess.run(
        [HOME / "systemd/debian" / script, folder], capture_output=True, text=True, check=False,
        env={**os.environ, "COMPRESSION": "none"},
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr[-3000:]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Tree]:
    """Return a machine without network, on which nothing of ours is yet."""
    with debian(tmp_path) as tree:
        yield tree
    shutil.rmtree(tmp_path / "tree", ignore_errors=True)


def version(package: Path, number: str, *, step: str = "", falls: str = "") -> Path:
    """Return it as a version to come: what its migration does more, what ends its start."""
    tree = package.parent / "changed"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    (site,) = (tree / "opt/tocsin/package").glob("lib/python3.*/site-packages")
    _rewritten(site.parents[2] / "VERSION", lambda _: f"{number}\n")
    more = STEP.format(number=number.replace(".", "9"), more=step)
    _rewritten(site / "gateway/store/base.py", lambda text: text + more)
    _rewritten(site / "gateway/daemon.py", lambda text: text + falls)
    told = re.compile(r"(?m)^Version: .*$")
    _rewritten(tree / "DEBIAN/control", lambda text: told.sub(f"Version: {number}", text))
    made = package.parent / f"tocsin_{number}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, made],
                   check=True, capture_output=True)  # fmt: skip
    return made


def _rewritten(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def serving(box: Tree) -> tuple[str, int]:
    """Return the version the daemon runs, by the folder its program is in, and its number."""
    number = int(box.path("/run/little.pid").read_text())
    words = box.run("cat", f"/proc/{number}/cmdline").stdout.split("\0")
    assert words[0].startswith("/opt/tocsin/releases/"), words
    return words[0].split("/")[4].split("-")[0], number


def schema(box: Tree) -> list[str]:
    """Return the steps of versions to come that the database has taken."""
    database = f"file:{box.path('/var/lib/tocsin/tocsin.db')}?mode=ro"
    with contextlib.closing(sqlite3.connect(database, uri=True)) as db:
        told = db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'to_come_%' ORDER BY 1")
        return [name.removeprefix("to_come_") for (name,) in told]


def state(box: Tree) -> str:
    """Return what dpkg thinks of the package."""
    return box.run("dpkg-query", "-W", "-f", "${Status}", "tocsin").stdout


def refused(box: Tree, package: Path) -> str:
    """Return what apt said of a package that could not be set up."""
    done = box.install(package, ok=False)
    assert 0 != done.returncode, done.stdout
    return done.stdout + done.stderr


def test_a_box_lives_with_its_package_from_the_first_day_to_the_last(
    box: Tree, built: Path
) -> None:
    """What the README says, in its order, and what a bad package does to a box in service."""
    said = box.install(built).stdout
    first, _ = serving(box)
    assert "sudo tocsin init" in said
    assert f"tocsin_{first}" in built.name
    assert "donnez ce code" in box.path("/var/log/tocsin.journal").read_text(encoding="utf-8")
    box.run("dpkg", "--verify", "tocsin")

    found = {one["code"]: one for one in _doctor(box)}
    assert "Commune à nommer" in found["town"]["sentence"]
    for code in ("configuration", "database", "data", "daemon", "service", "versions", "udev"):
        assert "good" == found[code]["level"], found[code]

    code = box.run("tocsin", "user", "code").stdout.strip()
    browser = box.run("/opt/tocsin/venv/bin/python", "-c", BROWSER, code).stdout
    assert browser.strip().endswith("True"), browser

    said = box.run("tocsin", "init", "--town", "La Redorte", "--no-modems").stdout
    assert "Un compte existe déjà" in said
    assert "town" not in {one["code"] for one in _doctor(box)}

    # brought up to date: the data is there, and a copy of how it was
    newer = version(built, "0.2.0")
    config = box.path("/etc/tocsin/tocsin.toml")
    good = config.read_text(encoding="utf-8")
    config.write_text(f"{good}\n[relai]\n", encoding="utf-8")  # edited by hand, and wrong
    said = refused(box, newer)
    assert "relai : clé inconnue" in said
    assert "dpkg --configure -a" in said
    assert "signalez" not in said
    assert first == serving(box)[0]
    config.write_text(good, encoding="utf-8")
    box.run("dpkg", "--configure", "-a")
    assert "0.2.0" == serving(box)[0]
    assert ["09290"] == schema(box)
    assert [*box.path("/var/lib/tocsin/copies").glob("before-*.db")]
    assert "existe déjà" in box.run("tocsin", "user", "code", ok=False).stderr

    # a migration that fails: the daemon has not even been stopped
    before = serving(box)
    said = refused(box, version(newer, "0.3.0", step='raise RuntimeError("panne")'))
    assert "panne" in said
    assert "reste en service" in said
    assert (before, ["09290"]) == (serving(box), schema(box))

    # one that loads, migrates and then falls: program and database come back together
    said = refused(box, version(newer, "0.4.0", falls=FALLS))
    assert "n'a pas démarré" in said
    assert ("0.2.0", ["09290"]) == (serving(box)[0], schema(box))
    assert "existe déjà" in box.run("tocsin", "user", "code", ok=False).stderr
    box.install(newer)
    assert "install ok installed" == state(box)
    assert "0.2.0" == serving(box)[0]

    # an older one that cannot read the data is refused in the same way
    assert "version plus récente" in refused(box, built)
    box.install(newer)

    # taken out: the data stays; put in again, it is in service
    said = box.run("apt-get", "remove", "-y", "tocsin").stdout
    assert "apt purge tocsin" in said
    assert not box.path("/opt/tocsin").exists()
    assert not box.path("/run/little.pid").exists()
    assert ["09290"] == schema(box)
    box.install(newer)
    assert "existe déjà" in box.run("tocsin", "user", "code", ok=False).stderr

    # purged: said, done, and backups left to a human
    box.run("install", "-D", "/dev/null", "/var/backups/tocsin/kept.tocsin")
    said = box.run("apt-get", "purge", "-y", "tocsin").stdout
    assert "j'efface la base" in said
    assert "/var/backups/tocsin" in said
    assert [] == _left(box)


def _doctor(box: Tree) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(box.run("tocsin", "doctor", "--json", ok=False).stdout)
    return found


def _left(box: Tree) -> list[str]:
    """Return what of ours is still on the machine, but for the backups and apt's own memory."""
    places = ("/opt", "/etc", "/usr", "/var/lib/tocsin", "/run")
    found = box.run("find", *[one for one in places if box.path(one).exists()],
                    "-name", "*tocsin*").stdout.split()  # fmt: skip
    return [one for one in found if "little" not in one]


def test_a_machine_that_never_had_a_network_is_installed_from_one_archive(
    box: Tree, built: Path
) -> None:
    """What is unpacked holds all: nothing is asked of a network, and none is there."""
    _made("bundle", built.parent)
    (archive,) = built.parent.glob("*.tar")
    shutil.copy(archive, box.path("/root"))
    box.run("tar", "-xf", f"/root/{archive.name}", "-C", "/root")
    said = box.run("sh", "-c", "/root/tocsin-*/install").stdout

    assert "sudo tocsin init" in said
    assert serving(box)[0] in built.name
    assert "good" == {one["code"]: one["level"] for one in _doctor(box)}["daemon"]

    told = box.run("sh", "-c", "/root/tocsin-*/uninstall").stdout
    assert "Restent la base" in told
    assert box.path("/var/lib/tocsin/tocsin.db").exists()
    box.run("sh", "-c", "/root/tocsin-*/uninstall --purge")
    assert [] == [one for one in _left(box) if not one.startswith("/etc/systemd")]


def _on(lock: str, python: str) -> Iterator[str]:
    """Yield the requirements of a lock file that count on that Python, without their conditions."""
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    for block in re.split(r"(?m)^(?=[a-z0-9])", lock):
        name, semicolon, condition = block.partition("\n")[0].rstrip("\\").partition(" ; ")
        if name.partition("==")[0] in PURE_SOURCES or (
            semicolon and not Marker(condition.strip()).evaluate(here)
        ):
            continue
        yield block.replace(f" ; {condition.rstrip()}", "", 1) if semicolon else block


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_a_raspberry_pi_finds_a_wheel_of_all_that_would_need_a_compiler(
    tmp_path: Path, python: str
) -> None:
    """`make deb` on the Pi itself then takes minutes, not a night; two are Python's text alone."""
    told = subprocess.run([sys.executable, HOME / "systemd/debian/runtime-lock"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    lock = tmp_path / "lock"
    lock.write_text("".join(_on(told.stdout, python)))
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in (34, 28, 27, 26, 17)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", lock,
         "-d", tmp_path, "--only-binary=:all:", f"--python-version={python}", *platforms,
         "--platform=manylinux2014_aarch64"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == done.returncode, done.stderr
    assert [*tmp_path.glob("cryptography-*aarch64.whl")]
    assert 1 == len([*tmp_path.glob("numpy-*aarch64.whl")])
