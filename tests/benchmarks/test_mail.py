"""How fast mail goes out and comes in, and how soon a cut line is noticed and lived with."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import aiosmtplib
import pytest

from tests.acceptance.box import Box, emulated, port_of, serving, until
from tests.acceptance.test_the_cut_cable import cut, information, texts, town
from tests.benchmarks.conftest import Figures
from tests.benchmarks.test_messages import acceptances, numbers
from tests.gateway.mail.post import DOMAIN
from tests.gateway.mail.servers import postfix

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(300)]


def test_two_thousand_mails_while_a_modem_is_at_work(tmp_path: Path, figures: Figures) -> None:
    """To Postfix on the same two cores; a second per SMS, as on the air."""
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "1")
    file = tmp_path / "list.csv"
    rows = "".join(f"P{n:04};p{n}@void.example;Cantine\n" for n in range(2000))
    file.write_text(f"Nom;Courriel;Groupe\n{rows}", encoding="utf-8")
    with postfix() as server, emulated(tmp_path / "e", *pace) as emulator:
        relay = ["[relay]", f"port = {server.port}", 'tls = "starttls"', 'host = "localhost"',
                 f'ca_file = "{server.certificate}"', 'sender = "mairie@town.example"',
                 "connections = 2"]  # fmt: skip
        box = Box(tmp_path / "box", [port_of(emulator.modems[0])], more_lines=relay)
        with serving(box):
            box.ask("import", str(file))
            box.batch(dict.fromkeys(numbers(40), "Crue."), "--urgency", "vital")
            asyncio.run(_watched(box, figures))
            until(lambda: len(emulator.records()) >= 25, "texts went on", limit=60)
        (times,) = acceptances(emulator).values()
    gaps = [later - earlier for earlier, later in pairwise(times[:25])]
    figures.add("SMS rate / link's limit while 2,000 mails leave", 1 / statistics.mean(gaps),
                least=0.98)  # fmt: skip


async def _watched(box: Box, figures: Figures) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    number = box.ask(
        "send", "Pas de cantine demain.", "--group", "Cantine", "--urgency", "information",
        "--channel", "email", "--now",
    )["broadcast"]  # fmt: skip

    def left() -> bool:
        # the log of the daemon, for a report of 2,000 people each time would be what is measured
        said = box.log.read_text(encoding="utf-8")
        return said.count("reason=relayed") + said.count('"reason": "relayed"') >= 2000

    until(left, f"message {number} has left", limit=120)
    figures.add("2,000 mails to a local relay", loop.time() - began, "s", most=30)


def test_fifty_clients_at_the_mail_door(tmp_path: Path, figures: Figures) -> None:
    """All the machines of the building at once: each hears 250 once its mail is on the disk."""
    box = Box(tmp_path / "box", more_lines=[
        "[smtp]", 'listen = "127.0.0.1:2526"', f'domain = "{DOMAIN}"', "per_minute = 10000",
        "[[smtp.lan]]", 'address = "127.0.0.1"', 'name = "Essai"',
    ])  # fmt: skip
    with serving(box):
        waits = asyncio.run(_crowd())
    figures.add("50 clients at the mail door, p99 to 250",
                1000 * statistics.quantiles(waits, n=100)[-1], "ms", most=500)  # fmt: skip


async def _crowd() -> list[float]:
    loop, waits = asyncio.get_running_loop(), []

    async def client(number: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=2526, start_tls=False) as smtp:
            for turn in range(8):
                began = loop.time()
                await smtp.sendmail(
                    "m@la-redorte.example", [f"063998{number:02}{turn:02}@sms.{DOMAIN}"],
                    f"Subject: n{turn}\r\nMessage-ID: <{number}.{turn}@x>\r\n\r\nEssai.\r\n",
                )  # fmt: skip
                waits.append(loop.time() - began)

    await asyncio.gather(*(client(number) for number in range(50)))
    return waits


async def _seen(look: Callable[[], object]) -> None:
    for _ in range(1500):
        if look():
            return
        await asyncio.sleep(0.05)


async def test_how_soon_a_cut_is_noticed_and_lived_with(tmp_path: Path, figures: Figures) -> None:
    """A relay that is gone; the telephones take over when the grace ends. On the real clock."""
    loop = asyncio.get_running_loop()
    async with town(tmp_path) as box:
        box.services.outage._grace = 20.0
        cut(box)
        began = loop.time()
        await information(box, "email", "sms")
        await _seen(box.services.outage.notice)
        noticed = loop.time() - began
        state = box.services.outage.state
        ends = began + (state.since - box.daemon.clock.now()) + (loop.time() - began) + 20.0
        await _seen(lambda: texts(box))
        figures.add("a relay that is gone is noticed", noticed, "s", most=60)
        figures.add("first SMS after the grace ends", max(0.0, loop.time() - ends), "s", most=5)
