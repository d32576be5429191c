"""What the doctor sees, on machines made for it; and that a fainting check hides no other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import config as configuration
from gateway import watch
from gateway.config import Config, RelaySettings
from gateway.disk_levels import BELOW
from gateway.room import RESERVE, Room
from gateway.store import facts, remembered, sims
from gateway.store.base import connect
from gateway.upkeep import look_data, look_machine, look_outside, readable
from gateway.upkeep.doctor import examine, in_words, worst
from gateway.upkeep.findings import Finding, Level, Machine, fault, good, warning
from tests.gateway.store.ledger import NIGHT, Ledger


def machine(folder: Path, *programs: str, files: Iterable[str] = ()) -> Machine:
    """Make a machine on which these programs run and these files are."""
    for number, name in enumerate(programs, 2):
        (folder / f"proc/{number}").mkdir(parents=True)
        (folder / f"proc/{number}/comm").write_text(f"{name}\n")
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return Machine(folder)


def levels(found: Iterable[Finding]) -> dict[str, Level]:
    """Return the level of each code."""
    return {one.code: one.level for one in found}


def a_box(folder: Path, more: str = "") -> tuple[Config, Path]:
    """Put a box with a database in place."""
    path = folder / "tocsin.toml"
    path.write_text(f'data_dir = "{folder}/data"\n[town]\nname = "La Redorte"\n{more}')
    config = configuration.load(path)
    config.data_dir.mkdir(mode=0o750)
    for place in ("out", "drawer"):
        (folder / place).mkdir(exist_ok=True)
    with contextlib.closing(connect(config.database)) as db:
        Ledger().db.backup(db)
    return config, path


ROOT = Path(__file__).resolve().parents[3]
RULES = "usr/lib/udev/rules.d/77-tocsin-modems.rules"
MACHINES: list[tuple[tuple[str, ...], tuple[str, ...], str, Level]] = [
    (("ModemManager",), (), "rival.ModemManager", Level.FAULT),
    (("brltty",), (RULES,), "rival.brltty", Level.FAULT),
    ((), (), "udev", Level.WARNING),
    (("ModemManager",), (RULES,), "udev", Level.GOOD),
]


@pytest.mark.parametrize(("programs", "files", "code", "level"), MACHINES)
def test_programs_that_take_the_ports_are_named(
    tmp_path: Path, programs: tuple[str, ...], files: tuple[str, ...], code: str, level: Level
) -> None:
    """« Le modem ne marche pas » is usually another program that was started at boot."""
    found = levels(look_machine.rivals(machine(tmp_path, *programs, files=files)))

    assert level == found[code]
    assert not any(one == "rival.ModemManager" for one in found if files)


@pytest.mark.parametrize(
    ("now", "files", "expected"),
    [
        (0.0, (), {"clock": Level.FAULT}),
        (NIGHT, (), {"clock": Level.WARNING, "clock.rtc": Level.WARNING}),
        (NIGHT, ("run/systemd/timesync/synchronized", "sys/class/rtc/rtc0"),
         {"clock": Level.GOOD}),
    ],
)  # fmt: skip
def test_a_clock_that_nobody_sets_is_told(
    tmp_path: Path, now: float, files: tuple[str, ...], expected: dict[str, Level]
) -> None:
    """A box that believes it is 1970 expires every alert, or none."""
    assert expected == levels(look_machine.clock(machine(tmp_path, files=files), now))


@pytest.mark.parametrize(
    ("later", "levels_"),
    [(60.0, []), (-200.0, []), (-900.0, [Level.FAULT]), (11 * 3600.0, []),
     (3 * 86400.0, [Level.WARNING])],
)  # fmt: skip
def test_a_clock_that_is_over_or_far_from_the_last_sign_of_life_is_told(
    tmp_path: Path, later: float, levels_: list[Level]
) -> None:
    """Its battery is dead; everything planned waits, and somebody should know why."""
    config, _ = a_box(tmp_path)
    with contextlib.closing(connect(config.database)) as db:
        remembered.mark(db, NIGHT, sure=True)

    assert levels_ == [one.level for one in look_data.set_back(config, NIGHT + later)]


@pytest.mark.parametrize(
    ("free", "level", "alarm", "only_alerts"),
    [
        (49_000_000, Level.FAULT, True, True),
        (51_000_000, Level.FAULT, True, False),
        (499_000_000, Level.FAULT, True, False),
        (501_000_000, Level.WARNING, False, False),
        (2_100_000_000, Level.GOOD, False, False),
    ],
)
def test_doctor_the_alarm_and_what_stops_go_by_one_table_of_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level, alarm: bool,
    only_alerts: bool,
) -> None:  # fmt: skip
    """A full disk writes no proof, and no alert; three figures for it convince nobody."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    (one, *_) = look_machine.disk(Machine(tmp_path), tmp_path / "data")
    told = [f for f in watch.faults(watch.Reading(disk_free=free)) if f.kind == "disk"]
    room = Room(tmp_path)
    room.hold()

    assert level == one.level
    assert alarm == bool(told)
    assert only_alerts == room.scant == ("seules les alertes" in one.sentence)
    assert only_alerts == any("Seules les alertes" in f.sentence for f in told)
    assert RESERVE == (tmp_path / "reserve").stat().st_size


def test_a_disk_full_to_the_last_byte_is_not_said_to_let_alerts_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """« seules les alertes partent » was said while each was refused."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))
    (full,) = [one for one in look_machine.disk(Machine(tmp_path), tmp_path) if one.code == "disk"]
    (tmp_path / "reserve").write_bytes(b"x")
    (held,) = [one for one in look_machine.disk(Machine(tmp_path), tmp_path) if one.code == "disk"]

    assert "aucune alerte ne part" in full.sentence
    assert "seules les alertes partent" in held.sentence


def test_the_guide_gives_the_levels_of_the_disk_as_they_are() -> None:
    """A figure that has changed in one place only would send a technician the wrong way."""
    guide = (ROOT / "web/help/technician.html").read_text(encoding="utf-8")
    (line,) = [one for one in guide.splitlines() if "<dt>Place sur le disque</dt>" in one]

    assert ["2 Go", "500 Mo", "50 Mo"] == re.findall(r"\d+ [GM]o", line)
    assert [2e9, 500e6, 50e6] == sorted(BELOW.values(), reverse=True)


def test_a_raspberry_that_lacks_volts_is_told(tmp_path: Path) -> None:
    """The commonest reason for modems that vanish for a second."""
    box = machine(tmp_path, files=("sys/devices/platform/soc/soc:firmware/get_throttled",))
    (file,) = tmp_path.rglob("get_throttled")
    file.write_text("0x50005\n")

    assert Level.FAULT == levels(look_machine.disk(box, tmp_path))["power.volts"]


def test_ports_are_there_and_keep_their_names(tmp_path: Path) -> None:
    """ttyUSB3 is ttyUSB4 after the next storm."""
    config = Config(
        data_dir=tmp_path, town={"name": "La Redorte"},
        modem=[{"name": "un", "port": "/dev/ttyUSB3"}, {"name": "deux", "port": "/dev/tocsin/at-1"},
               {"name": "trois", "port": "/dev/absent"}],
    )  # fmt: skip
    box = machine(tmp_path, files=("dev/ttyUSB3", "dev/tocsin/at-1"))

    assert {
        "port.un": Level.WARNING, "port.deux": Level.GOOD, "port.trois": Level.FAULT,
    } == levels(look_machine.ports(box, config))  # fmt: skip


def test_what_starts_the_box_after_a_power_cut_is_told(tmp_path: Path) -> None:
    """Installed is not enabled."""
    box = machine(tmp_path, files=("run/systemd/system/x",))
    wants = tmp_path / "etc/systemd/system/multi-user.target.wants"

    assert Level.FAULT == levels(look_machine.service(box))["service"]
    wants.mkdir(parents=True)
    (wants / "tocsin.service").symlink_to("/usr/lib/systemd/system/tocsin.service")
    assert Level.GOOD == levels(look_machine.service(box))["service"]


def test_what_is_installed_is_what_was_tested() -> None:
    """One library upgraded by hand has cost others a night."""
    assert Level.GOOD == worst(look_machine.versions())


def test_rights_and_secrets_are_looked_at(tmp_path: Path) -> None:
    """A password the neighbours can read is none."""
    secret = tmp_path / "pin"
    secret.write_text("0000")
    secret.chmod(0o644)
    config, path = a_box(
        tmp_path, f'[[modem]]\nname = "m"\nport = "/dev/x"\npin_file = "{secret}"\n'
    )
    found = levels(look_data.rights(config, path))

    assert {"data": Level.GOOD, "secret.pin": Level.WARNING} == found
    config.data_dir.chmod(0o755)
    secret.unlink()
    found = levels(look_data.rights(config, path))
    assert {"data": Level.WARNING, "secret.pin": Level.FAULT} == found


@pytest.mark.parametrize(
    "table",
    ["[relay]", '[mailbox]\nhost = "imap.exemple.fr"\nusername = "x"', "[power]"],
)
def test_a_secret_that_root_reads_and_the_service_does_not_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Asked by root the relay answered well; the service was refused its password."""
    secret = tmp_path / "word"
    secret.write_text("0000")
    secret.chmod(0o600)
    config, path = a_box(tmp_path, f'{table}\npassword_file = "{secret}"\n')
    before = levels(look_data.rights(config, path))
    monkeypatch.setattr(readable, "service_reads", lambda one: one != secret)
    (told,) = [one for one in look_data.rights(config, path) if one.code == "secret.word"]

    assert "secret.word" not in before
    assert (Level.FAULT, True) == (told.level, "/etc/tocsin/secrets" in told.mend)


@pytest.mark.parametrize("installed", [True, False])
def test_a_secret_at_somebody_s_home_is_told_where_the_service_is_installed(
    monkeypatch: pytest.MonkeyPatch, *, installed: bool
) -> None:
    """Its unit sees no home, whatever rights the file has."""
    monkeypatch.setattr(readable, "installed", lambda: installed)
    monkeypatch.setattr(readable, "service_reads", lambda _: True)
    told = list(readable.closed("secret.word", Path("/home/paul/word")))

    assert [Level.FAULT] * installed == [one.level for one in told]


@pytest.mark.parametrize(("name", "told"), [("clé", True), ("a:b", True), ("pin~", False)])
def test_a_name_beside_the_secrets_that_systemd_refuses_is_told(
    tmp_path: Path, name: str, *, told: bool
) -> None:
    """One such file, and the unit ends with 243/CREDENTIALS: no word says which."""
    config, path = a_box(tmp_path)
    (path.parent / "secrets").mkdir(exist_ok=True)
    (path.parent / "secrets" / name).write_text("x")

    assert told == ("secrets.name" in levels(look_data.rights(config, path)))


@pytest.mark.parametrize(("name", "mode"), [("tocsin.db", 0o444), ("tocsin.db", 0), (".", 0o550)])
def test_what_the_service_may_not_write_is_told_to_root_who_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, mode: int
) -> None:
    """Everything read as it should, and the first message could not be stored."""
    service = mock.Mock(pw_uid=os.geteuid(), gr_gid=os.getegid())
    monkeypatch.setattr("pwd.getpwnam", lambda _: service)
    monkeypatch.setattr("grp.getgrnam", lambda _: service)
    config, path = a_box(tmp_path)
    before = levels(look_data.rights(config, path))
    place = config.data_dir / name
    place.chmod(mode)
    try:
        (told,) = [one for one in look_data.rights(config, path) if one.code == "data"]
    finally:
        place.chmod(0o750)

    assert Level.GOOD == before["data"]
    assert Level.FAULT == told.level
    assert os.geteuid() or str(place) in told.sentence + told.mend


def test_a_damaged_database_and_a_changed_record_are_told_apart(tmp_path: Path) -> None:
    """One is a disk, the other a person."""
    config, _ = a_box(tmp_path)

    assert Level.GOOD == worst(look_data.database(config.database))
    with contextlib.closing(connect(config.database)) as db:
        db.execute("UPDATE event SET payload = '{}' WHERE seq = 1")
        db.execute("INSERT INTO event(at, kind, sealed, digest) VALUES (1, 'x', x'00', x'00')")
    assert Level.FAULT == levels(look_data.database(config.database))["events"]
    config.database.write_bytes(b"\0" * 8192)
    assert Level.FAULT == levels(look_data.database(config.database))["database"]


def test_what_the_box_complains_of_itself_is_repeated(tmp_path: Path) -> None:
    """Whoever runs the doctor may not have seen the mail."""
    config, _ = a_box(tmp_path)
    with contextlib.closing(connect(config.database)) as db:
        facts.raise_alarm(db, "heartbeat", "m2", "m2 n'a rien reçu.", "Regardez-le.", NIGHT)
        facts.note(db, "mended", {"copied_at": None}, NIGHT)
    found = levels(look_data.history(config, NIGHT))

    assert Level.FAULT == found["alarm.heartbeat"]
    assert Level.WARNING == found["mended"]
    assert Level.FAULT == found["accounts"]


def test_a_card_put_in_place_of_the_one_with_the_agreement_is_told(tmp_path: Path) -> None:
    """The file says « automated », and nothing routine left by that modem any more."""
    modem = '[[modem]]\nname = "{}"\nport = "/dev/{}"\nregime = "automated"\n'
    config, _ = a_box(tmp_path, "".join(modem.format(one, one) for one in ("m1", "m2", "m3")))
    with contextlib.closing(connect(config.database)) as db:
        for at, (modem, sim) in enumerate((("m1", "a"), ("m2", "b"), ("m3", "c"), ("m1", "d"))):
            sims.see(db, sim, "", modem, "automated", NIGHT + at)
        sims.set_regime(db, "c", "ordinary", "Anne", "", NIGHT)
    (told,) = [one for one in look_data.history(config, NIGHT) if one.code == "regime.m1"]
    codes = {one.code for one in look_data.history(config, NIGHT)}

    assert "n'est plus celle" in told.sentence
    assert "Forfaits des cartes SIM" in told.mend
    assert {"regime.m2", "regime.m3"}.isdisjoint(codes)


def unsigned_certificate(path: Path) -> Path:
    """Write a certificate that only its owner vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    coded = serialization.Encoding.PEM
    path.write_bytes(made.public_bytes(coded) + key.private_bytes(
        coded, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip
    return path


@pytest.mark.real_time
async def test_a_relay_is_judged_by_its_answer_and_its_certificate(tmp_path: Path) -> None:
    """Wrong name, nobody there, a certificate nobody signed: three mends."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(unsigned_certificate(tmp_path / "own.pem"))

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]

    async def told(host: str, number: int, tls: str) -> Finding:
        relay = RelaySettings(host=host, port=number, tls=tls)  # type: ignore[arg-type]
        config = Config(data_dir=tmp_path, town={"name": "x"}, relay=relay)
        return await anext(look_outside.relay(config))

    unsigned = await told("127.0.0.1", port, "implicit")
    nowhere = await told("nom.invalid", 25, "none")
    server.close()
    await server.wait_closed()
    nobody = await told("127.0.0.1", port, "none")

    assert ("relay.certificate", Level.FAULT) == (unsigned.code, unsigned.level)
    assert Level.FAULT == nobody.level
    assert Level.FAULT == nowhere.level


async def test_a_check_that_faints_is_told_and_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor is called when things are as nobody thought they could be."""
    _, path = a_box(tmp_path)

    def faint(*_: object) -> Iterable[Finding]:
        raise RuntimeError("impossible")

    monkeypatch.setattr(look_machine, "rivals", faint)
    found = await examine(path, machine=machine(tmp_path / "m"), outside=False)

    assert Level.UNKNOWN == levels(found)["rivals"]
    assert {"configuration", "disk", "database", "voice", "modems"} <= set(levels(found))


MODEM = '[[modem]]\nname = "m1"\nport = "/dev/ttyUSB2"\n'
RELAY = '[relay]\nhost = "mail.la-redorte.example"\nsender = "mairie@la-redorte.example"\n'
BY_SMS = '[health]\ntechnician_sms = "06 39 98 00 50"\n'
BY_MAIL = '[health]\ntechnician_mail = "technicien@la-redorte.example"\n'


@pytest.mark.parametrize(
    ("more", "level", "said"),
    [
        (MODEM + RELAY, Level.WARNING, "personne ne serait prévenu"),
        (MODEM + BY_MAIL, Level.WARNING, "rien ne peut le prévenir"),
        (RELAY + BY_SMS, Level.WARNING, "rien ne peut le prévenir"),
        (MODEM + BY_SMS, Level.GOOD, "par SMS"),
        (RELAY + BY_MAIL, Level.GOOD, "par courriel"),
    ],
)
async def test_a_box_of_which_nobody_would_hear_is_told_so(
    tmp_path: Path, more: str, level: Level, said: str
) -> None:
    """A named technician without a way to reach them is nobody."""
    _, path = a_box(tmp_path, more)
    found = await examine(path, machine=machine(tmp_path / "m"), outside=False)
    (one,) = [one for one in found if one.code == "told"]

    assert level == one.level
    assert said in one.sentence
    assert (level is Level.WARNING) == ("[health]" in one.mend)


async def test_a_configuration_that_cannot_be_read_is_the_first_finding(tmp_path: Path) -> None:
    """And what does not need it is looked at all the same."""
    path = tmp_path / "tocsin.toml"
    path.write_text("[town")
    found = await examine(path, machine=machine(tmp_path / "m"), outside=False)

    assert ("configuration", Level.FAULT) == (found[0].code, found[0].level)
    assert "clock" in levels(found)


async def test_every_finding_that_is_not_good_says_its_mend(tmp_path: Path) -> None:
    """A complaint without a mend is for somebody else's telephone."""
    _, path = a_box(tmp_path)
    found = await examine(path, machine=machine(tmp_path / "m", "ModemManager"), outside=False)
    bad = [one for one in found if one.level in {Level.WARNING, Level.FAULT}]

    assert len(bad) > 3
    assert all(one.mend for one in bad)


def test_the_weekly_letter_has_the_worst_first_and_no_names() -> None:
    """It is read on a telephone."""
    text = in_words([good("a", "Bien."), warning("b", "Bientôt.", "x"), fault("c", "Panne.", "y")])

    assert text.index("Panne.") < text.index("Bientôt.")
    assert "Bien.\n" not in text
    assert "1 points en ordre" in text
