"""The report of a message as files, its seal, and the use of a month, on the real daemon."""

from __future__ import annotations

import io
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from gateway.__main__ import tocsin
from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.model import Door
from gateway.services import Draft
from modem.emulator import Behaviour, Network
from tests.harness import Town, running
from tests.web.real import real_town
from tests.web.site import site

ANNE, BLAISE = "+33639980001", "+33639980002"


async def sent(town: Town) -> int:
    number = await town.raise_alert("L'eau monte.", to=[ANNE, BLAISE])
    await town.finished(number)
    return number


def network() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


async def test_a_report_says_what_each_person_lived_and_bears_a_seal_that_can_be_checked(
    tmp_path: Path,
) -> None:
    """Years later the paper and the record must still agree, and a forged one must not."""
    async with running(tmp_path, network()) as town:
        number = await sent(town)
        reports = town.services.reports
        files = {kind: await reports.file(town.actor, number, kind) for kind in ("xlsx", "pdf")}
        with pytest.raises(Refused, match="csv, xlsx ou pdf"):
            await reports.file(town.actor, number, "doc")

    book = load_workbook(io.BytesIO(files["xlsx"].data))
    cells = [[cell.value for cell in row] for row in book["Personnes"]]
    facts = {row[0].value: row[1].value for row in book["Message"]}
    assert files["pdf"].data.startswith(b"%PDF-")
    assert ["06 39 98 00 01", "reçu sur le téléphone"] == cells[1][:2]
    assert "reçu sur le téléphone : 2" in facts["Personnes"]
    config = tmp_path / "tocsin.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n[town]\nname = "La Redorte"\n')
    verify = ["report", "--config", str(config), "--verify", "--seal"]
    good = CliRunner().invoke(tocsin, [*verify, facts["Sceau"]])
    bad = CliRunner().invoke(tocsin, [*verify, f"{facts['Sceau'][:-1]}0"])
    none = CliRunner().invoke(tocsin, [*verify, "abc"])
    assert (0, True) == (good.exit_code, "bien de ce registre" in good.output)
    assert bad.exit_code != 0 or facts["Sceau"].endswith("0")
    assert none.exit_code != 0


async def test_a_report_tells_what_was_said_and_each_try_and_its_seal_stands_for_it(
    tmp_path: Path,
) -> None:
    """Before a judge the question is what people were told, when, and how often."""
    async with running(tmp_path, network()) as town:
        draft = Draft("L'eau monte.", to=(ANNE, BLAISE), channels=("sms",), urgency="vital",
                      order="advised")  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.finished(number)
        first = await town.services.reports.file(town.actor, number, "xlsx")
        again = await town.services.reports.file(town.actor, number, "csv")
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE broadcast_text SET body = 'Tout va bien.'")
        )
        other = await town.services.reports.file(town.actor, number, "csv")

    book = load_workbook(io.BytesIO(first.data))
    facts = {row[0].value: row[1].value for row in book["Message"]}
    tries = [[cell.value for cell in row] for row in book["Essais"]]
    seals = [file.data.decode("utf-8-sig").split()[-1] for file in (again, other)]
    assert ("Alerte", "conseillé") == (facts["Urgence"], facts["Ordre d'envoi"])
    assert "L'eau monte." == facts["Texte (SMS)"]
    assert ["06 39 98 00 01", "SMS", "06 39 98 00 01", "1", "m1"] == tries[1][:5]
    assert 3 == len(tries)
    # made twice of the same it bears the same seal; of anything else another
    assert f"Sceau;{facts['Sceau']}" == seals[0]
    assert seals[0] != seals[1]
    said = verified(tmp_path, facts["Sceau"])
    assert "Texte (SMS) : L'eau monte." in said
    assert "Ordre d'envoi : conseillé" in said


def verified(folder: Path, seal: str) -> str:
    config = folder / "tocsin.toml"
    config.write_text(f'data_dir = "{folder}"\n[town]\nname = "La Redorte"\n')
    asked = ["report", "--config", str(config), "--verify", "--seal", seal]
    done = CliRunner().invoke(tocsin, asked)
    assert 0 == done.exit_code, done.output
    return done.output


async def test_the_use_of_a_month_is_told_by_town(tmp_path: Path) -> None:
    """The community shares the bill by it."""
    async with running(tmp_path, network()) as town:
        await sent(town)
        (mine,) = await town.services.reports.use(town.actor, "2026-11")
        (before,) = await town.services.reports.use(town.actor, "2026-10")
        file = await town.services.reports.use_file(town.actor, "2026-11")
        with pytest.raises(Refused, match="2026-11"):
            await town.services.reports.use(town.actor, "novembre")

    assert ("La Redorte", 2, 2, 0) == (mine.town, mine.messages, mine.segments, mine.calls)
    assert 0 == before.messages
    book = load_workbook(io.BytesIO(file.data))
    assert "Consommation de 2026-11" == book["Message"]["B1"].value
    # one message to two people is one on the page of messages: these are two SMS
    assert "SMS envoyés" == book.worksheets[1]["B1"].value


async def test_the_month_shown_first_is_the_box_s_and_the_town_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without a clock follows the network; at half past midnight Paris is in January."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        new_year = LoopClock(datetime(2031, 1, 1, 0, 30, tzinfo=ZoneInfo("Europe/Paris")))
        monkeypatch.setattr(town.services.reports, "_clock", new_year)
        page = await browser.text("/consommation")

    assert 'value="2031-01"' in page


async def test_the_files_are_handed_out_on_the_page_to_their_own_town_only(
    tmp_path: Path,
) -> None:
    """A link guessed by another town leads nowhere."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await sent(town.box)
        page = await browser.text(f"/messages/{number}")
        csv = await browser.get(f"/messages/{number}/rapport.csv")
        missing = await browser.get("/messages/999/rapport.pdf")
        use = await browser.text("/consommation?mois=2026-11")
        wrong = await browser.get("/consommation?mois=hier")
        body = await csv.text()

    assert "rapport.pdf" in page
    assert 'filename="message-1.csv"' in csv.headers["Content-Disposition"]
    assert "Anne Alibert" in body
    assert 400 <= missing.status < 500
    assert "La Redorte" in use
    assert wrong.status == 400


async def test_a_state_written_over_beside_the_events_is_found(tmp_path: Path) -> None:
    """A report printed afterwards would bear a good seal, and say that nobody had been missed."""
    made = network()
    made.handset(BLAISE).behaviour = Behaviour(sms="switched_off")
    async with running(tmp_path, made) as town:
        await sent(town)
        waiting = Draft("Demain.", to=(ANNE,), channels=("sms",), urgency="service")
        await town.services.sending.send(town.actor, waiting, Door.COMMAND)
    config = tmp_path / "tocsin.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n[town]\nname = "La Redorte"\n')
    verify = ["report", "--config", str(config), "--verify"]
    whole = CliRunner().invoke(tocsin, verify)
    with sqlite3.connect(tmp_path / "tocsin.db") as db:
        db.execute("UPDATE recipient SET state = 'received' WHERE name = ?", ("06 39 98 00 02",))
    db.close()
    changed = CliRunner().invoke(tocsin, verify)

    assert (0, 1) == (whole.exit_code, changed.exit_code)
    assert "le message n° 1 dit d'une personne" in str(changed.exception)


async def test_a_report_says_when_a_message_left_and_not_when_it_was_written(
    tmp_path: Path,
) -> None:
    """Proof that the town was told on Thursday is no proof when it says Tuesday."""
    written = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/Paris"))
    planned = Draft(
        "L'eau sera coupée.", to=(ANNE,), channels=("sms",), urgency="service",
        at=written + timedelta(days=2),
    )  # fmt: skip
    async with running(tmp_path, network(), clock=LoopClock(written)) as town:
        sending = town.services.sending
        number, other = [await sending.send(town.actor, planned) for _ in range(2)]
        before = await told(town, number)
        await sending.cancel(town.actor, other)
        stopped = await told(town, other)
        await town.sleep_through(2 * 86400 + 1200)
        after = await told(town, number)

    assert "24/11/2026 12:00:00" == before["Écrit le"] == after["Écrit le"]
    assert "26/11/2026 12:00:00" == before["Partira le"] == after["Parti le"]
    assert "1 au moment où il a été écrit" == before["Personnes"]
    assert "1 (reçu sur le téléphone : 1)" == after["Personnes"]
    assert "rien n'est parti" == stopped["Parti le"]


async def told(town: Town, number: int) -> dict[str, Any]:
    """Return the facts at the head of a message's report."""
    file = await town.services.reports.file(town.actor, number, "xlsx")
    book = load_workbook(io.BytesIO(file.data))
    return {row[0].value: row[1].value for row in book["Message"]}
