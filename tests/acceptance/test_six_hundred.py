"""A flood alert to six hundred people: everybody's first SMS goes before anybody's call."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model import Door
from gateway.services import Draft
from modem.emulator import Behaviour, Network, Press
from tests.acceptance.test_asked_by_sms import NOON, clock
from tests.harness import running, states

PEOPLE = 600
#: Of them, landlines only; and mobiles that are switched off at home beside their landline.
LANDLINES, SILENT = 8, 4
GAP = 2.0


def list_of_people() -> str:
    rows = ["Nom;Mobile;Fixe;Groupe"]
    for n in range(PEOPLE - LANDLINES):
        home = f"01 99 00 01 {n:02}" if n < SILENT else ""
        rows.append(f"M{n:03};06 39 98 {n // 100:02} {n % 100:02};{home};rive")
    rows += [f"L{n:03};;01 99 00 00 {n:02};rive" for n in range(LANDLINES)]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("modems", "reports"),
    [(3, False), pytest.param(1, True, marks=pytest.mark.bench),
     pytest.param(1, False, marks=pytest.mark.bench),
     pytest.param(3, True, marks=pytest.mark.bench)],
)  # fmt: skip
async def test_everybody_has_a_text_before_anybody_has_a_call(
    tmp_path: Path, modems: int, reports: bool
) -> None:
    """On shared modems a call of forty seconds would keep twenty people waiting."""
    network = Network(seed=1, sms_seconds=GAP, report_seconds=1.0, keep_audio=False)
    home = Behaviour(answers_after=3, presses=(Press("1", 12.0),))
    for n in range(modems):
        network.add_modem(f"m{n}")
    network.default_behaviour = Behaviour(reports="once" if reports else "none")
    for n in range(SILENT):
        off = Behaviour(sms="switched_off") if reports else network.default_behaviour
        network.handset(f"+336399800{n:02}").behaviour = off
        network.handset(f"+331990001{n:02}").behaviour = home
    for n in range(LANDLINES):
        network.handset(f"+331990000{n:02}").behaviour = replace(home)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, list_of_people().encode())
        (group,) = await town.services.directory.groups(town.actor)
        draft = Draft("Crue : montez.", group_ids=(group.id,), channels=("sms", "voice"),
                      urgency="vital", order="advised")  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(PEOPLE * GAP / modems * 1.1 + 900)
        report = await town.report(number)
    jobs = [job for person in report["recipients"] for job in person["jobs"]]
    texts = [a["ended_at"] for j in jobs if j["channel"] == "sms" for a in j["attempts"][:1]]
    calls = [a["started_at"] for j in jobs if j["channel"] == "voice" for a in j["attempts"]]
    lived = Counter(states(report).values())

    assert len(texts) == PEOPLE - LANDLINES
    assert sorted(texts)[-modems] <= min(calls)
    assert lived["acknowledged"] == LANDLINES + (SILENT if reports else 0)
    assert lived["received" if reports else "sent"] == PEOPLE - LANDLINES - (
        SILENT if reports else 0
    )
    inboxes = Counter(len(one.inbox) for one in network._handsets.values() if one.inbox)
    assert set(inboxes) == {1}
