"""What a person waits for is said as it is at this moment, not as it was when it was written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gateway.model import Door
from gateway.services import Draft
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import PARIS, clock
from tests.harness import running

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=PARIS)
LIST = """Nom;Téléphone;Courriel;Groupe
Alibert;06 39 98 00 01;alibert@courriel.example;rive
Cros;06 39 98 00 02;cros@courriel.example;rive
Fabre;06 39 98 00 03;fabre@courriel.example;rive
"""
OVER = "peut encore être repris"


async def test_what_has_begun_to_leave_can_be_taken_back_no_more(tmp_path: Path) -> None:
    """The mail of a convocation had left, and each name said for minutes that it could be."""
    network = Network(seed=1, sms_seconds=60.0)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        (group,) = await town.services.directory.groups(town.actor)
        draft = Draft(
            "Réunion à 18 h.", group_ids=(group.id,), channels=("sms", "email"), urgency="service"
        )
        number = await town.services.sending.send(town.actor, draft, Door.PAGE)
        held = await town.services.broadcasts.recipients(town.actor, number)
        await town.advance(50)  # the mails have left, the first text is leaving
        view = await town.services.broadcasts.recipients(town.actor, number)
        report = await town.report(number)
        paper = await town.services.reports.file(town.actor, number, "csv")
        talk = await town.services.inbox.talk(town.actor, "+33639980003")

    assert {OVER} == {one.reason for one in held.items}
    waiting = [one for one in view.items if one.reason == "attend son tour"]
    assert 2 == len(waiting)
    assert OVER not in {one.reason for one in view.items}
    assert OVER not in {job.reason for one in view.items for job in one.jobs}
    assert "take_back" not in str(report)
    assert OVER not in paper.data.decode()
    assert {"en attente"} == {one.effect for one in talk.said}
