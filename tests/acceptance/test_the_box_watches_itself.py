"""Nobody looks into the cupboard: the box says by itself how it is, and by which way it can."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from gateway import watch
from gateway.config_box import HealthSettings, PowerSettings, WatchedBox
from gateway.errors import DiskFull, StoreError
from gateway.mail import session
from gateway.services import AuditFilter, NotAllowed
from gateway.services.drafting import cheaper
from gateway.services.health_line import in_two_sms, warnings_in
from gateway.services.measuring import measured
from gateway.services.watching import kept_up
from gateway.store import facts, rewound
from gateway.store.base import connect
from gateway.store.mending import Mended
from gateway.upkeep import nut
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import NOON, clock, texts
from tests.acceptance.test_told_by_mail import body
from tests.faults.table import fault
from tests.harness import new_database, running
from tests.tools import require
from tests.upsd import Mood, false_upsd

TECHNICIAN, OTHER_BOX, SECOND_SIM = "+33639980050", "+33639980060", "+33639980061"


def two_modems() -> Network:
    made = Network(seed=5)
    for name in ("m1", "m2"):
        made.add_modem(name)
    return made


def settings(**more: Any) -> HealthSettings:
    return HealthSettings(technician_sms="06 39 98 00 50", heartbeat_hours=0, **more)


@fault(
    "modem", "mort depuis cinq minutes",
    "Le technicien est prévenu une fois par l'autre modem, puis du retour.",
)  # fmt: skip
async def test_a_dead_modem_is_told_once_by_the_other_and_so_is_its_recovery(
    tmp_path: Path,
) -> None:
    """After five minutes: what restarts by itself wakes nobody."""
    made = two_modems()
    async with running(tmp_path, made, clock=clock(), health=settings()) as town:
        await town.advance(60)
        made.modems["m1"].unplug()
        await town.advance(200)
        early = texts(made, TECHNICIAN)
        await town.sleep_through(3600)
        told = texts(made, TECHNICIAN)
        (alarm,) = await town.services.watching.standing(town.actor)
        made.modems["m1"].replug()
        await town.advance(600)
        after = texts(made, TECHNICIAN)
        calm = await town.services.watching.standing(town.actor)

    assert [] == early
    assert 1 == len(told)
    assert "Le modem m1 ne marche pas" in told[0]
    assert alarm.sentence in told[0]
    assert not told[0].endswith("..")
    assert "C'est réglé : Le modem m1" in after[1]
    assert [] == calm


async def test_a_page_that_knows_nothing_of_this_box_is_told_and_asked_again(
    tmp_path: Path,
) -> None:
    """One letter wrong in ``ping_url``: the silence that should warn would warn nobody."""
    made, asked, status = two_modems(), list[str](), ["404 Not Found"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0])
        writer.write(f"HTTP/1.1 {status[0]}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as page:
        url = f"http://127.0.0.1:{page.sockets[0].getsockname()[1]}/ping/toxin"
        health = settings(ping_url=url)
        async with running(tmp_path, made, clock=clock(), health=health) as town:
            await town.sleep_through(3600)
            early = await town.services.watching.standing(town.actor)
            await town.sleep_through(1200)
            told = texts(made, TECHNICIAN)
            status[0] = "200 OK"
            await town.sleep_through(600)
            calm = await town.services.watching.standing(town.actor)

    assert "GET /ping/toxin HTTP/1.1" == asked[0]
    assert [] == early
    assert 1 == len(told)
    assert "La page de ping_url répond 404" in told[0]
    assert [] == calm


async def test_every_morning_the_technician_hears_that_it_lives(tmp_path: Path) -> None:
    """Once a day, whatever stops in between."""
    made = two_modems()
    health = settings(sign_of_life="sms", sign_of_life_at="13:00", sign_to=(OTHER_BOX,))
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        await town.sleep_through(3 * 3600)
    later = clock(NOON + timedelta(hours=3))
    async with running(tmp_path, made, clock=later, health=health) as town:
        await town.sleep_through(4 * 3600)

    assert 1 == len(texts(made, TECHNICIAN))
    assert (
        "Modems 2/2 OK. File 0. Internet et courriel OK. Aucune alarme."
        in (texts(made, TECHNICIAN)[0])
    )
    assert "ATTENTION" not in texts(made, TECHNICIAN)[0]
    assert texts(made, TECHNICIAN)[0].startswith("Tocsin La Redorte "), "he has seventeen boxes"
    assert ["Tocsin La Redorte : signe de vie"] == texts(made, OTHER_BOX)


async def test_the_sign_of_life_after_a_start_waits_for_what_it_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modems start, nobody has asked the relay, the battery is in its first minute."""
    made = two_modems()
    monkeypatch.setattr(session, "connect", mock.AsyncMock(side_effect=session.Gone("muet")))
    health = settings(sign_of_life="sms", sign_of_life_at="11:00")
    async with (
        false_upsd("OB", charge=62, runtime=1500) as upsd,
        running(tmp_path, made, clock=clock(), health=health, power=upsd.settings()) as town,
    ):
        await town.advance(30)
        early = texts(made, TECHNICIAN)
        await town.advance(60)
    (line,) = [one for one in texts(made, TECHNICIAN) if "Modems" in one]

    assert [] == early
    assert "Modems 2/2 OK" in line
    assert "Le serveur de courriel ne répond pas" in line
    assert "ATTENTION : Courant coupé" in line


async def test_the_sign_of_life_says_of_what_nobody_could_see_that_it_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits five minutes: then it is a sign all the same."""
    made = two_modems()
    monkeypatch.setattr(watch, "faults", _fails)
    health = settings(sign_of_life="sms", sign_of_life_at="11:00")
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        await town.advance(290)
        early = texts(made, TECHNICIAN)
        await town.advance(60)
    (line,) = texts(made, TECHNICIAN)

    assert [] == early
    assert "Alarmes pas encore vues" in line


async def test_the_sign_of_life_says_what_the_page_warns_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Disk, backups, supply: « Modems 2/2 OK » alone would be read as all is well."""
    made = two_modems()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=400_000_000))
    health = settings(sign_of_life="sms", sign_of_life_at="13:00")
    async with (
        false_upsd("OB", charge=62, runtime=1500) as upsd,
        running(tmp_path, made, clock=clock(), health=health, power=upsd.settings()) as town,
    ):
        await town.sleep_through(2 * 3600)
        board = await town.services.status.board(town.actor)
    (line,) = [one for one in texts(made, TECHNICIAN) if "Modems" in one]

    assert "Disque presque plein" in line
    assert "Courant coupé : sur batterie" in line
    assert "Modems 2/2 OK" in line
    assert len(board.alarms) == 2
    assert line.index("ATTENTION") < line.index("Modems"), "first, or it is cut away"
    assert measured(line).segments <= 2


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("11:00", "Onduleur : pas de réponse, voyez systemctl status nut-server"),
        ("12:20", "L'onduleur ne répond pas : le pilote de NUT pour l'onduleur ne tourne pas"),
    ],
)
async def test_the_sign_of_life_says_that_the_supply_is_not_heard(
    tmp_path: Path, at: str, said: str
) -> None:
    """A box just installed: « Aucune alarme » would be believed of a supply that nobody reads."""
    made = two_modems()
    health = settings(sign_of_life="sms", sign_of_life_at=at)
    async with false_upsd("OL") as upsd:
        upsd.mood, power = Mood.NO_DRIVER, upsd.settings()
        async with running(tmp_path, made, clock=clock(), health=health, power=power) as town:
            await town.advance(120 if at == "11:00" else 1300)
    (line,) = [one for one in texts(made, TECHNICIAN) if "Modems" in one]

    assert f"ATTENTION : {said}" in line
    assert "Aucune alarme" not in line
    assert line.count("nduleur") == said.count("nduleur"), "once"
    assert measured(line).segments <= 2


def test_many_warnings_are_counted_where_they_do_not_fit() -> None:
    """Two SMS a day, whatever is wrong."""
    said = warnings_in([f"Alarme numéro {n}, qui est longue : « {'x' * 90} »" for n in range(5)])

    assert "et 3 autres, voyez la page Modems" in said
    assert measured(said).segments <= 2
    assert "«" not in said, "one sign more than GSM-7 has would make five SMS of it"
    assert "" == warnings_in([])


async def test_a_box_that_falls_silent_is_missed_by_the_other(tmp_path: Path) -> None:
    """The cupboard of the next village, without current since this morning."""
    made = two_modems()
    health = settings(
        watch=(WatchedBox(name="Azille", number="06 39 98 00 60", hours=3, also=(SECOND_SIM,)),)
    )
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        made.send(OTHER_BOX, made.modems["m1"], "Tocsin Azille : signe de vie")
        await town.sleep_through(2.75 * 3600)
        quiet = texts(made, TECHNICIAN)
        made.send(SECOND_SIM, made.modems["m1"], "Tocsin Azille : signe de vie")
        await town.sleep_through(2.75 * 3600)
        of_another = texts(made, TECHNICIAN)
        await town.sleep_through(0.5 * 3600)
        missed = texts(made, TECHNICIAN)
        made.send(OTHER_BOX, made.modems["m1"], "Tocsin Azille : signe de vie")
        await town.advance(600)
        back = texts(made, TECHNICIAN)

    assert [] == quiet
    assert [] == of_another, "whichever of its modems works gives the sign"
    assert 1 == len(missed)
    assert "Le Tocsin de Azille ne répond plus depuis le 24/11 à 14 h 45" in missed[0]
    assert "C'est réglé" in back[-1]


async def test_a_box_heard_by_a_clock_a_year_ahead_is_awaited_from_now_on(tmp_path: Path) -> None:
    """Its silence would have been told when that year was over."""
    made = two_modems()
    health = settings(watch=(WatchedBox(name="Azille", number=OTHER_BOX, hours=2),))
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        ahead = NOON.timestamp() + 365 * 86400
        await town.daemon.store.write(lambda db: facts.note(db, f"sign:{OTHER_BOX}", "", ahead))
        await town.sleep_through(3600)
        early = texts(made, TECHNICIAN)
        await town.sleep_through(2 * 3600)

    assert [] == early
    assert ["Le Tocsin de Azille ne répond plus" in one for one in texts(made, TECHNICIAN)] == [
        True
    ]


async def test_the_numbers_are_what_promtool_wants_and_name_nobody(tmp_path: Path) -> None:
    made = two_modems()
    async with running(tmp_path, made, clock=clock(), health=settings()) as town:
        await town.finished(await town.raise_alert("Crue.", to=["0639980001"], channels=["sms"]))
        body = await town.services.metrics.text()
        may = town.services.metrics.may_read
        open_ = [may("10.0.0.1", ""), may("10.0.0.1", "x")]
    promtool = require("promtool", "prometheus")
    judged = subprocess.run(  # noqa: ASYNC221  the town has ended
        [promtool, "check", "metrics"], input=body, capture_output=True, check=False
    )

    assert (0, b"") == (judged.returncode, judged.stdout + judged.stderr)
    assert b'tocsin_modem_up{modem="m1"} 1.0' in body
    assert b"tocsin_sms_segments_total" in body
    assert b"0639" not in body
    assert b"33639" not in body
    assert [False, False] == open_


@pytest.mark.parametrize("kept", ["jeton", "", None, b"\xff"])
async def test_whoever_shows_anything_for_a_token_is_a_stranger(
    tmp_path: Path, kept: str | bytes | None
) -> None:
    """An accent in it, or a file that is gone, and /healthz answered 500 to the monitor."""
    file = tmp_path / "token"
    if kept is not None:
        file.write_bytes(kept if isinstance(kept, bytes) else kept.encode())
    made = Network(seed=5)
    async with running(tmp_path, made, health=settings(metrics_token_file=file)) as town:
        may = town.services.metrics.may_read
        told = {one: may("10.0.0.1", one) for one in ("", "é", "\udcff", "jeton")}

    assert {"": False, "é": False, "\udcff": False, "jeton": kept == "jeton"} == told


async def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = two_modems()
    usage = shutil.disk_usage(tmp_path)
    async with running(tmp_path, made, clock=clock(), health=settings()) as town:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
        await town.advance(200)

    assert "Disque presque plein : 1 Mo libres" in texts(made, TECHNICIAN)[0]
    assert measured(texts(made, TECHNICIAN)[0]).segments <= 2


async def test_a_look_that_fails_ends_nothing_and_the_next_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with the looking, the alerts go on."""
    made = two_modems()
    async with running(tmp_path, made, clock=clock(), health=settings()) as town:
        monkeypatch.setattr(watch, "faults", _fails)
        await town.advance(200)
        report = await town.finished(
            await town.raise_alert("Crue.", to=["0639980001"], channels=["sms"])
        )
        monkeypatch.undo()
        made.modems["m1"].unplug()
        await town.advance(600)
        told = texts(made, TECHNICIAN)

    assert ["received"] == [one["state"] for one in report["recipients"]]
    assert 1 == len(told)


async def test_a_part_of_the_look_that_fails_stops_no_other_and_is_told(tmp_path: Path) -> None:
    """A supply with an impossible port switched every alarm off, and nobody was told."""
    made = two_modems()
    async with running(tmp_path, made, clock=clock(), health=settings()) as town:
        watching = town.services.watching
        watching.papers_of = mock.Mock(side_effect=ZeroDivisionError)
        made.modems["m1"].unplug()
        await town.advance(700)
        standing = [one.sentence for one in await watching.standing(town.actor)]
        watching.papers_of = lambda _known, _towns: []
        await town.advance(300)
        told = texts(made, TECHNICIAN)

    assert any(one.startswith("Le modem m1 ne marche pas") for one in standing)
    assert "Tocsin ne surveille plus l'arbre d'appel : défaut interne" in standing
    assert any("ne surveille plus l'arbre d'appel" in one and "réglé" in one for one in told)


async def test_a_supply_that_breaks_the_looking_is_an_alarm_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a quarter of an hour, as one that does not answer."""
    made = two_modems()
    monkeypatch.setattr(nut, "read", mock.AsyncMock(side_effect=OverflowError))
    power = PowerSettings(ups="onduleur@127.0.0.1")
    async with running(tmp_path, made, clock=clock(), health=settings(), power=power) as town:
        made.modems["m1"].unplug()
        await town.advance(1300)
        standing = [one.sentence for one in await town.services.watching.standing(town.actor)]

    assert any(one.startswith("Le modem m1 ne marche pas") for one in standing)
    assert any(one.startswith("L'onduleur ne répond pas : défaut interne") for one in standing)


async def test_a_look_that_finds_no_room_to_write_does_not_end_the_box() -> None:
    """Started again it could not even open its database, and no page would say why."""
    await kept_up(mock.AsyncMock(side_effect=DiskFull))
    with pytest.raises(StoreError):
        await kept_up(mock.AsyncMock(side_effect=StoreError))


def _fails(_: watch.Reading) -> list[watch.Fault]:
    raise RuntimeError("a defect of ours")


@fault(
    "base", "réparée d'une copie au démarrage",
    "Le technicien apprend par SMS et par courriel quelles heures sont perdues, la page et le "
    "signe de vie le disent jusqu'à « J'ai vu », le journal le garde.",
)  # fmt: skip
async def test_lost_hours_are_told_until_somebody_has_seen_it(tmp_path: Path) -> None:
    """An alert launched in those hours is nowhere any more: somebody must go and ask."""
    made, mail = two_modems(), "technicien@la-redorte.example"
    health = settings(technician_mail=mail, sign_of_life="sms", sign_of_life_at="11:00")
    new_database(tmp_path)
    with contextlib.closing(connect(tmp_path / "tocsin.db")) as db:
        mended = Mended("malformed", NOON.timestamp() - 4 * 3600, "aside")
        rewound.after_mending(db, mended, NOON.timestamp() - 60)
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        await town.advance(90)
        told = texts(made, TECHNICIAN)
        (letter,) = [body(one) for address, one in town.mailbox.messages if address == mail]
        (alarm,) = await town.services.watching.standing(town.actor)
        seen = await town.services.watching.repair(town.actor)
        with pytest.raises(NotAllowed):
            await town.services.watching.repair_seen(replace(town.actor, role="secretary"))
        await town.services.watching.repair_seen(town.actor)
        await town.advance(90)
        calm = await town.services.watching.standing(town.actor)
        record = await town.services.audit.page(town.actor, AuditFilter())
        after = texts(made, TECHNICIAN)
    lost = "Base réparée d'une copie, perdu : du 24/11 à 08 h 00 au 24/11 à 11 h 59"

    assert seen is not None
    assert lost == alarm.sentence == seen.sentence
    assert lost in letter
    assert [True, True] == [lost in one for one in told], "the alarm, and the sign of life"
    assert any("Vérifiez les messages de ces heures" in one for one in told)
    assert ([], len(told)) == (calm, len(after)), "what was seen is not « réglé »"
    said = {one.what: f"{one.who} {one.facts}" for one in record.items}
    assert said["a vu que la base a été réparée"].startswith("Essai")
    assert said["base revenue à une copie plus ancienne"].endswith(
        "base abîmée ; perdu : du 24/11/2026 à 08 h 00 au 24/11/2026 à 11 h 59"
    )


def every_fault() -> list[watch.Fault]:
    """Return each thing that can be wrong, at least once."""
    seen = watch.Reading(
        (watch.ModemNow("m1", healthy=False, trouble="x", stopped="refus de l'opérateur"),), 1,
        "Internet coupé",
        clock_trusted=False, clock_jump=9e4, backup_age=9.0, supply="sur batterie",
        on_battery=True, nearly_empty=True, battery_worn=True,
        supply_silent="NUT n'est pas joignable : rien n'y écoute",
        lost_heartbeats=("a vers b",), unnumbered=True, silent_boxes=(("Azille", "hier"),),
        papers=(("Azille", "disque absent"),), ping_refused=404, untold=(("+33 *** 90", "refusé"),),
        repair=watch.Repair(NOON, NOON, NOON.year), unseen=("papers",),
    )  # fmt: skip
    apart = [watch.Reading(clock_trusted=known, clock_apart=9e5) for known in (True, False)]
    alone = [*apart, watch.Reading(clock_trusted=False, clock_ahead=9e5), watch.Reading(),
             watch.Reading(clock_sure=False)]  # fmt: skip
    return [fault for one in (seen, *alone) for fault in watch.faults(one)]


def test_each_fault_says_its_mend() -> None:
    """A sentence and what to do, for whatever can be wrong."""
    found = every_fault()

    assert set(watch.PATIENCE) == {one.kind for one in found}
    assert all(one.sentence and one.mend for one in found)
    assert [] == watch.faults(watch.Reading((watch.ModemNow("m1", healthy=True),)))


@pytest.mark.parametrize("one", every_fault(), ids=lambda one: one.sentence)
def test_the_mend_of_each_fault_reaches_the_technician_whole(one: watch.Fault) -> None:
    """One « ê » halves what two SMS hold: « voyez systemctl status... » tells nobody what."""
    said = f"Tocsin Peyriac-Minervois : {one.sentence}. {one.mend}."

    assert cheaper(said)[0] == in_two_sms(cheaper(said)[0])
