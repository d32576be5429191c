"""A Debian of its own, without network, in which a package is installed for real. As root."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tools import require

HOME = Path(__file__).resolve().parents[2]
_MIRROR = "http://deb.debian.org/debian"
#: What the package depends on; installed beforehand, since the tree has no network.
_BASE = "python3,systemd,udev,tzdata,ca-certificates"
_PATH = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_SYSTEMCTL = HOME / "tests/systemd/little_systemctl.py"


def codename() -> str:
    """Return the Debian of this machine: a package is for the one it was built on."""
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    return told["VERSION_CODENAME"].strip('"')


def _base() -> Path:
    """Return a fresh Debian, made once and kept under var/."""
    base = HOME / "var/debian" / codename()
    if not (base / "ready").exists():
        shutil.rmtree(base, ignore_errors=True)
        base.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [require("debootstrap"), "--variant=minbase", f"--include={_BASE}", codename(),
             str(base), _MIRROR],
            check=True, capture_output=True,
        )  # fmt: skip
        (base / "ready").touch()
    return base


class Tree:
    """The tree while it lives: its files, and commands run in it as root."""

    def __init__(self, root: Path, holder: int) -> None:
        self.root, self._holder = root, holder

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in it; fail the test with what it said, unless it may fail."""
        done = subprocess.run(
            ["nsenter", "-t", str(self._holder), "-m", "-p", "-n", "-i",
             "chroot", str(self.root), "env", "-i", f"PATH={_PATH}",
             "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8", "HOME=/root", *command],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if ok and done.returncode:
            journal = self.path("/var/log/tocsin.journal")
            said = journal.read_text(encoding="utf-8")[-3000:] if journal.exists() else ""
            pytest.fail(f"{command}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{said}")
        return done

    def path(self, inside: str) -> Path:
        """Return where a file of the tree lies."""
        return self.root / inside.lstrip("/")

    def install(self, package: Path, *, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Do what the technician does with a package brought on a stick: no network is there."""
        shutil.copy(package, self.path("/root") / package.name)
        return self.run("apt-get", "install", "-y", "--no-install-recommends",
                        "--allow-downgrades", f"/root/{package.name}", ok=ok)  # fmt: skip


@contextmanager
def debian(folder: Path) -> Iterator[Tree]:
    """Have a tree in ``folder``, with no network but its loopback, and a systemctl that starts."""
    root = folder / "tree"
    subprocess.run(["cp", "-a", "--reflink=auto", str(_base()), str(root)], check=True)
    ours = root / "usr/bin/systemctl"  # apt looks nowhere in /usr/local
    ours.rename(ours.with_name("systemctl.real"))
    shutil.copy(_SYSTEMCTL, ours)
    (root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
    # killed with its holder, all that was started in it ends
    holder = subprocess.Popen(
        ["unshare", "-m", "-p", "-n", "-i", "--fork", "--kill-child", "sh", "-c",
         f"mount -t proc proc {root}/proc && ip link set lo up && echo up && exec sleep infinity"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert "up\n" == holder.stdout.readline()
        yield Tree(root, _only_child(holder.pid))
    finally:
        holder.kill()
        holder.communicate()


def _only_child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    until = time.monotonic() + 10
    while not (numbers := children.read_text().split()) and time.monotonic() < until:
        time.sleep(0.05)
    return int(numbers[0])
