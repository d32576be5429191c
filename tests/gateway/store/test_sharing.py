"""One box, several towns: each its turn, the urgent first; each its own people."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway import orders
from gateway.model import Address, Channel, Door, Line, Urgency
from gateway.store import accounts, base, broadcasts, entities, jobs, people, sessions

NOW = 1_700_000_000.0


def town_hall(tmp_path: Path) -> tuple[sqlite3.Connection, int, int, int]:
    db = base.connect(tmp_path / "t.db")
    base.migrate(db)
    community = people.ensure_entity(db, "Haut-Minervois", "Europe/Paris", NOW)
    redorte = entities.add(db, community, "La Redorte", "Europe/Paris", "Essai", NOW)
    azille = entities.add(db, community, "Azille", "Europe/Paris", "Essai", NOW)
    assert redorte
    assert azille
    return db, community, redorte, azille


def write_to(
    db: sqlite3.Connection, town: int, count: int, urgency: Urgency = Urgency.SERVICE
) -> None:
    found = [
        people.Person(None, f"P{n}", (Address(None, Line.MOBILE, f"+33639{town:03}{n:03}"),))
        for n in range(count)
    ]
    broadcasts.create(
        db,
        broadcasts.NewBroadcast(
            town, "Essai", urgency, orders.at_once([Channel.SMS]), Door.PAGE, "Essai",
            {Channel.SMS: ("", "Bonjour.")}, found, expires_at=NOW + 9e4,
        ),
        NOW,
    )  # fmt: skip


def served(db: sqlite3.Connection, turns: int) -> list[str]:
    claimed = [
        jobs.claim(db, (Channel.SMS,), "m1", "sim", NOW + turn * 0.001) for turn in range(turns)
    ]
    return [job.entity for job in claimed if job]


def test_a_large_town_does_not_hold_up_the_ten_texts_of_a_small_one(tmp_path: Path) -> None:
    """Ten minutes, not two hours, though the other town pressed the button first."""
    db, _, redorte, azille = town_hall(tmp_path)
    write_to(db, redorte, 40)
    write_to(db, azille, 3)

    order = served(db, 8)

    assert order.count("Azille") == 3
    assert order[:6] in (
        ["La Redorte", "Azille"] * 3,
        ["Azille", "La Redorte"] * 3,
    )
    assert served(db, 40) == ["La Redorte"] * 35


def test_an_alert_of_any_town_goes_before_everybodys_turn(tmp_path: Path) -> None:
    """Fairness is for fair weather."""
    db, _, redorte, azille = town_hall(tmp_path)
    write_to(db, redorte, 5)
    write_to(db, azille, 5, Urgency.VITAL)

    assert served(db, 5) == ["Azille"] * 5


def test_a_community_may_act_for_its_communes_and_they_for_themselves_only(
    tmp_path: Path,
) -> None:
    """A commune never reads its neighbour's directory."""
    db, community, redorte, azille = town_hall(tmp_path)
    chief = accounts.add(db, community, "cc", "CC", "administrator", "x", NOW)
    clerk = accounts.add(db, redorte, "lr", "LR", "sender", "x", NOW)
    assert chief
    assert clerk
    for account, token in ((chief, "t1"), (clerk, "t2")):
        sessions.open_session(db, account, token, "c", NOW, NOW + 100)

    assert sessions.act_for(db, "t1", redorte)
    assert not sessions.act_for(db, "t2", azille)
    assert not sessions.act_for(db, "t2", community)
    towns = [sessions.get(db, token, NOW)["entity_name"] for token in ("t1", "t2")]  # type: ignore[index]
    assert towns == ["La Redorte", "La Redorte"]


def test_each_towns_use_is_counted_for_sharing_the_cost(tmp_path: Path) -> None:
    """The bill of the SIMs is one; who used them is known."""
    db, community, redorte, _ = town_hall(tmp_path)
    db.execute("INSERT INTO sim_use VALUES ('s', '2026-11-03', ?, 12, 10, 2, 90.0)", (redorte,))
    db.execute("INSERT INTO sim_use VALUES ('s', '2026-12-01', ?, 5, 5, 0, 0)", (redorte,))

    rows = entities.month_of_use(db, community, "2026-11")

    assert [("Azille", 0), ("Haut-Minervois", 0), ("La Redorte", 12)] == [
        (row["name"], row["segments"]) for row in rows
    ]
