"""The dashboard shipped for Grafana asks for what a running box tells, and loads anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.disk_levels import BELOW, DiskLevel
from gateway.store import budgets
from tests.acceptance.test_asked_by_sms import clock
from tests.acceptance.test_the_box_watches_itself import settings, two_modems
from tests.harness import running
from tests.upsd import false_upsd

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "systemd/grafana/tocsin.json"
#: What a panel must be about, by a metric it asks for.
WANTED = {
    "modem_up", "queue_jobs", "recent_jobs", "budget_used_ratio", "disk_free_bytes",
    "last_backup_timestamp_seconds", "alarms", "ups_battery_charge_ratio",
}  # fmt: skip


@pytest.fixture
def board() -> dict[str, Any]:
    """Return the dashboard."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def asked(board: dict[str, Any]) -> set[str]:
    """Return the metrics that panels and variables name."""
    return set(re.findall(r"tocsin_\w+", json.dumps(board)))


async def test_every_metric_asked_for_is_told_by_a_box(
    tmp_path: Path, board: dict[str, Any]
) -> None:
    """A panel that names another stays empty, and looks like a box at rest."""
    made = two_modems()
    async with (
        false_upsd() as upsd,
        running(tmp_path, made, clock=clock(), health=settings(), power=upsd.settings()) as town,
    ):
        await town.advance(1)
        limits = budgets.Limits(segments_per_month=100)
        for device in made.modems.values():
            await town.daemon.store.write(
                lambda db, sim=device.iccid: budgets.set_limits(db, sim, limits, "Essai", 0.0)
            )
        await town.finished(await town.raise_alert("Crue.", to=["0639980001"], channels=["sms"]))
        body = (await town.services.metrics.text()).decode()
    told = set(re.findall(r"^# TYPE (\w+)", body, re.MULTILINE))

    assert set() == asked(board) - told
    assert {f"tocsin_{one}" for one in WANTED} <= asked(board)
    assert re.search(r'^tocsin_budget_used_ratio\{limit="segments_per_month",modem="m\d"\} 0\.01$',
                     body, re.MULTILINE)  # fmt: skip
    assert re.search(r'^tocsin_recent_jobs\{channel="sms",state="\w+"\} 1\.0$', body, re.MULTILINE)


def test_the_colours_of_the_disk_change_where_the_box_complains(board: dict[str, Any]) -> None:
    """Red on the wall and silence on the page would both be doubted."""
    (panel,) = [one for one in board["panels"] if one["title"] == "Place sur le disque"]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]

    assert [None, BELOW[DiskLevel.LITTLE], BELOW[DiskLevel.MODEST]] == [
        one["value"] for one in steps
    ]


def test_grafana_finds_what_it_needs_and_no_server_of_ours(board: dict[str, Any]) -> None:
    """Imported by hand or provisioned: the source of data is chosen there, never written here."""
    sources = [one for one in board["templating"]["list"] if one["type"] == "datasource"]
    panels = board["panels"]
    named = [one["datasource"] for one in panels] + [
        target["datasource"] for one in panels for target in one["targets"]
    ]

    assert board["schemaVersion"] >= 36
    assert board["uid"]
    assert board.get("id") is None
    assert ["prometheus"] == [one["query"] for one in sources]
    assert all(one == {"type": "prometheus", "uid": f"${{{sources[0]['name']}}}"} for one in named)
    assert (
        len(panels) == len({one["id"] for one in panels}) == len({one["title"] for one in panels})
    )
    assert all(one["gridPos"]["x"] + one["gridPos"]["w"] <= 24 for one in panels)


def test_the_package_puts_it_where_the_guide_says() -> None:
    """A dashboard nobody finds is not shipped."""
    where = "/usr/share/doc/tocsin/grafana/tocsin.json"
    stage = (ROOT / "systemd/debian/stage").read_text(encoding="utf-8")
    guide = (ROOT / "web/help/technician.html").read_text(encoding="utf-8")

    assert f"put 644 grafana/tocsin.json {where}\n" in stage
    assert where in guide
