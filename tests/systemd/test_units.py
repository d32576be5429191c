"""The units, rules and scripts the package installs, judged by systemd's own tools."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from modem.profiles import PROFILES
from modem.usb_switch import EitherSwitch, SystemdSwitch
from tests.tools import require

HOME = Path(__file__).resolve().parents[2] / "systemd"
RULES = (HOME / "77-tocsin-modems.rules").read_text(encoding="utf-8")
SERVICES = sorted(path.name for path in HOME.glob("*.service"))


def installed(folder: Path) -> Path:
    """Return a folder with all units, whose commands are there to be found."""
    for unit in [*HOME.glob("*.service"), *HOME.glob("*.timer")]:
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/tocsin/venv/bin/tocsin", "/bin/true")
        text = text.replace("/usr/lib/tocsin/usb-reset", "/bin/true")
        (folder / unit.name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.real_time
def test_systemd_finds_nothing_wrong_with_any_unit(tmp_path: Path) -> None:
    """A unit with a typing error is a box that does not come up after the power cut."""
    tool = require("systemd-analyze", "systemd")
    folder = installed(tmp_path)
    done = subprocess.run(
        [tool, "verify", "--man=no", *map(str, folder.iterdir())],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.real_time
@pytest.mark.parametrize("name", SERVICES)
def test_no_unit_is_exposed_beyond_two(name: str) -> None:
    """Who breaks into the page must find a room without doors."""
    tool = require("systemd-analyze", "systemd")
    done = subprocess.run(
        [tool, "security", "--offline=true", "--no-pager", "--threshold=20", str(HOME / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)

    assert told is not None, done.stderr
    assert 0 == done.returncode, told[0]
    assert float(told[1]) <= 2.0


def test_the_unit_waits_for_no_network() -> None:
    """The night the network is cut is the night the box must start."""
    text = (HOME / "tocsin.service").read_text(encoding="utf-8")

    orders = re.findall(r"^(?:After|Wants|Requires|BindsTo)=(.*)$", text, re.MULTILINE)
    assert not any("network-online" in order for order in orders)
    assert "Restart=always" in text
    assert "StartLimitIntervalSec=0" in text


@pytest.mark.parametrize("role", ["at", "audio"])
def test_each_port_is_named_by_what_the_driver_uses_it_for(role: str) -> None:
    """Two tables of interfaces that disagree send the sound of a call into the wrong port."""
    wanted = {
        (f"{vendor:04x}", f"{product:04x}", f"{number:02x}")
        for profile in PROFILES
        for (vendor, product), ports in profile.ports.items()
        for number in [ports.at[0] if role == "at" else ports.audio]
        if number is not None
    }
    named = re.findall(
        r'ATTRS\{idVendor\}=="(\w+)", ATTRS\{idProduct\}=="(\w+)",'
        rf' ENV\{{ID_USB_INTERFACE_NUM\}}=="(\w+)", SYMLINK\+="tocsin/{role}-\$id"',
        RULES,
    )

    assert wanted == set(named)


def test_every_make_we_drive_is_kept_from_modem_manager_and_from_sleep() -> None:
    """One that probes, and one that sleeps, are the two commonest reasons for silence."""
    makes = {f"{vendor:04x}" for profile in PROFILES for vendor, _ in profile.ports}
    for make in makes:
        (line,) = [
            line for line in RULES.splitlines()
            if f'ATTR{{idVendor}}=="{make}"' in line and "ID_MM_DEVICE_IGNORE" in line
        ]  # fmt: skip

        assert 'ATTR{power/control}="on"' in line


@pytest.mark.real_time
def test_udev_can_read_the_rules() -> None:
    """From systemd 254 on udev checks rules itself; before, this is NOT RUN."""
    tool = require("udevadm", "udev")
    told = subprocess.run(
        [tool, "verify", str(HOME / "77-tocsin-modems.rules")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Unknown command verb" in told.stderr:
        pytest.skip("NOT RUN: this udev has no « verify »")

    assert 0 == told.returncode, told.stderr


PLACES = {"1-1.4": True, "2-1": True, "1-1.4.2": True, "": False, "usb1": False, "1-": False,
          "1-1/../..": False, "1-1.4.service x": False, "-1": False}  # fmt: skip


@pytest.mark.parametrize(("place", "allowed"), PLACES.items())
def test_only_places_on_the_bus_may_be_named(place: str, allowed: bool, tmp_path: Path) -> None:
    """Whoever takes the daemon over must not start another unit with root's rights."""
    (tmp_path / "tocsin-usb-reset@.service").touch()
    switch = SystemdSwitch(units=(tmp_path,), running=tmp_path)
    rule = (HOME / "50-tocsin.rules").read_text(encoding="utf-8")
    pattern = re.search(r"/(\^tocsin.*\$)/", rule)

    assert pattern is not None
    assert allowed == switch.permitted(place)
    assert allowed == bool(re.search(pattern[1], f"tocsin-usb-reset@{place}.service"))


def bus(folder: Path, vendor: str, product: str = "9001") -> Path:
    """Make a bus with one device at 1-1.4."""
    device = folder / "bus/usb/devices/1-1.4"
    device.mkdir(parents=True)
    for name, text in (("idVendor", vendor), ("idProduct", product), ("authorized", "1")):
        (device / name).write_text(f"{text}\n")
    return device


def reset(folder: Path, place: str) -> subprocess.CompletedProcess[str]:
    """Run root's script on a bus of ours."""
    return subprocess.run(
        [HOME / "usb-reset", place], capture_output=True, text=True, check=False,
        env={"TOCSIN_SYSFS": str(folder), "TOCSIN_UNPLUGGED": "0", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@pytest.mark.real_time
def test_the_script_gives_the_device_its_authorisation_back(tmp_path: Path) -> None:
    """A modem left without it is gone until somebody comes with a ladder."""
    device = bus(tmp_path, "1e0e")

    assert 0 == reset(tmp_path, "1-1.4").returncode
    assert "1\n" == (device / "authorized").read_text()


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("vendor", "place"), [("046d", "1-1.4"), ("05c6", "1-1.4"), ("1e0e", "1-1.4/../x"), ("", "")]
)
def test_the_script_touches_nothing_but_modems(vendor: str, place: str, tmp_path: Path) -> None:
    """Not the keyboard, not the disk the database is on."""
    device = bus(tmp_path, vendor)
    (device / "authorized").write_text("untouched")

    assert 0 != reset(tmp_path, place).returncode
    assert "untouched" == (device / "authorized").read_text()


@pytest.mark.real_time
async def test_the_daemon_has_root_do_it(tmp_path: Path) -> None:
    """Under a hardened unit the bus' own files are shut; the small unit is the way."""
    (tmp_path / "tocsin-usb-reset@.service").touch()
    note, fake = tmp_path / "asked", tmp_path / "systemctl"
    fake.write_text(f'#!/bin/sh\necho "$@" >{note}\ncase "$*" in *1-2*) exit 1;; esac\n')
    fake.chmod(0o755)
    own = SystemdSwitch(command=(str(fake),), units=(tmp_path,), running=tmp_path)
    switch = EitherSwitch(SystemdSwitch(units=()), own)

    assert await switch.cycle("1-1.4")
    assert "start tocsin-usb-reset@1-1.4.service\n" == note.read_text()
    assert not await switch.cycle("1-2"), "refused by polkit, or no such device"
    assert not await switch.cycle("1-2; reboot")


def test_users_and_folders_are_made_with_the_rights_the_unit_counts_on() -> None:
    """Passwords belong to root alone; the service is handed copies."""
    users = (HOME / "tocsin.sysusers").read_text(encoding="utf-8")
    folders = (HOME / "tocsin.tmpfiles").read_text(encoding="utf-8")

    assert re.search(r"^u tocsin ", users, re.MULTILINE)
    assert re.search(r"^d /etc/tocsin/secrets\s+0700 root\s+root", folders, re.MULTILINE)
    assert shutil.which("sh")
