"""What has been kept long enough goes; counts, chain and what is still needed stay."""

from __future__ import annotations

import json

from gateway.attachments import Attachment
from gateway.model import Channel, Purpose, Urgency
from gateway.replies import Kind, Reply
from gateway.store import (
    attachments,
    budgets,
    came_in,
    consent,
    events,
    history,
    inbox,
    retention,
    routes,
    sims,
)
from gateway.store.budgets import Limits
from tests.gateway.store.ledger import ANNE, BRUNO, CHLOE, HANDED_OVER, Ledger

DAY = 86400.0


def over(ledger: Ledger, *numbers: str) -> int:
    """Send to these numbers, and end it."""
    number = ledger.send(*numbers)
    ledger.db.execute(
        "UPDATE broadcast SET state = 'closed', closed_at = ? WHERE id = ?", (ledger.now, number)
    )
    return number


def forgotten(ledger: Ledger, number: int) -> list[int]:
    """Forget a message's names; return what each slice cost, in thousands of SQLite's steps."""
    work, steps, costs = retention.Forgetting(number, ledger.now), [0], list[int]()

    def count() -> int:
        steps[0] += 1
        return 0

    ledger.db.set_progress_handler(count, 1000)
    more = True
    while more:
        steps[0] = 0
        more = work.some(ledger.db)
        costs.append(steps[0])
    ledger.db.set_progress_handler(None, 0)
    return costs


def whole_town(people: int) -> tuple[Ledger, int]:
    """Return a message to so many people, of each of whom the chain tells five things."""
    ledger = Ledger()
    number = over(ledger, *(f"+336399{n:05}" for n in range(people)))
    for row in ledger.db.execute("SELECT id FROM recipient").fetchall():
        for _ in range(5):
            events.record(ledger.db, ledger.now, "call.ended", {"to": "x"}, entity_id=ledger.entity,
                          broadcast_id=number, recipient_id=row["id"])  # fmt: skip
    return ledger, number


def test_a_slice_costs_the_same_whatever_the_size_of_the_message() -> None:
    """Of an alert to 14,000 people each one held the disk for four seconds."""
    hamlet, town = (max(forgotten(*whole_town(people))) for people in (250, 1500))

    assert town <= 1.5 * hamlet


def test_names_go_in_slices_and_counts_stay() -> None:
    """A message to the whole town is not forgotten in one breath of the disk."""
    ledger, number = whole_town(450)
    slices = len(forgotten(ledger, number))
    told = ledger.db.execute(
        "SELECT count(*) FROM event WHERE payload IS NOT NULL AND recipient_id IS NOT NULL"
    ).fetchone()[0]
    names = {row["name"] for row in ledger.db.execute("SELECT name FROM recipient")}
    left = ledger.db.execute("SELECT count(*) FROM job WHERE address != ''").fetchone()[0]

    assert 450 * 6 / retention.SLICE < slices
    assert 0 == told
    assert {history.ERASED} == names
    assert 0 == left
    assert 450 == ledger.db.execute("SELECT count(*) FROM recipient").fetchone()[0]
    assert events.first_broken(ledger.db) is None
    assert retention.next_to_forget(ledger.db, ledger.entity, ledger.now + DAY) is None


def test_only_what_ended_before_is_found() -> None:
    """And an alert under way stops the round."""
    ledger = Ledger()
    over(ledger, ANNE)

    assert retention.next_to_forget(ledger.db, ledger.entity, ledger.now) is None
    assert 1 == retention.next_to_forget(ledger.db, ledger.entity, ledger.now + 1)
    assert not retention.alert_is_open(ledger.db)
    ledger.send(BRUNO)
    assert retention.alert_is_open(ledger.db)


def test_what_the_box_said_of_somebody_goes_and_what_a_town_said_stays() -> None:
    """An SMS sent on to a mailbox names its sender and holds their words."""
    ledger = Ledger()
    sent_on, town = over(ledger, ANNE), over(ledger, ANNE)
    ledger.db.execute("UPDATE broadcast SET kind = 'forward' WHERE id = ?", (sent_on,))
    for number in (sent_on, town):
        forgotten(ledger, number)
    rows = ledger.db.execute("SELECT broadcast_id, body FROM broadcast_text").fetchall()

    assert {sent_on: False, town: True} == {row["broadcast_id"]: bool(row["body"]) for row in rows}
    assert events.first_broken(ledger.db) is None


def test_what_came_in_goes_too_with_what_the_chain_said_of_it() -> None:
    """The chain still verifies."""
    ledger = Ledger()
    sims.keep_received(ledger.db, "s", ANNE, "confidentiel", None, None, 1, 1, ledger.now)
    sims.keep_received(ledger.db, "s", ANNE, "neuf", None, None, 1, 1, ledger.now + DAY)

    assert not came_in.forget(ledger.db, ledger.entity, ledger.now + 1, own=True)
    left = "".join(ledger.db.iterdump())
    assert "confidentiel" not in left
    assert "neuf" in left
    assert events.first_broken(ledger.db) is None


def heard(ledger: Ledger, town: int | None, sender: str, *texts: str) -> None:
    """Have a town hear an SMS of so many parts, and read it."""
    for part, text in enumerate(texts, start=1):
        reference = 7 if len(texts) > 1 else None
        sims.keep_received(
            ledger.db, "s", sender, text, None, reference, part, len(texts), ledger.now + part
        )
    for message in inbox.waiting(ledger.db, ledger.now + 10):
        inbox.keep(
            ledger.db, message, sender, Reply(Kind.FREE), inbox.Done(entity_id=town), ledger.now
        )
    ledger.db.execute(
        "INSERT INTO incoming_call(entity_id, at, lane, caller, outcome) VALUES (?,?,'m1',?,'')",
        (town, ledger.now, sender),
    )
    ledger.db.execute(
        "INSERT INTO mail_in(entity_id, door, author, role, sender, recipients, received_at)"
        " VALUES (?,'lan','','',?,'',?)",
        (town or ledger.entity, f"{sender}@mairie.example", ledger.now),
    )


def test_a_town_that_keeps_less_forgets_its_own_and_nobody_else_s() -> None:
    """A neighbour's month does not empty the inbox of those who keep a year."""
    ledger = Ledger()
    azille = another_town(ledger)
    heard(ledger, ledger.entity, ANNE, "Du sable à la Redorte, ", "devant l'école.")
    heard(ledger, azille, BRUNO, "Du sable à Azille, ", "devant le stade.")
    heard(ledger, None, CHLOE, "Qui êtes-vous ?")

    while came_in.forget(ledger.db, azille, ledger.now + DAY, own=False):
        pass

    left = "\n".join(ledger.db.iterdump())
    assert "Azille, " not in left
    assert "le stade" not in left
    assert BRUNO not in left
    for table in ("inbox", "received_sms", "event"):
        assert 1 == len([line for line in left.split("\n") if f'"{table}"' in line and ANNE in line
                         and "cole." in line])  # fmt: skip
    assert "Qui êtes-vous" in left
    kept = {table: ledger.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("inbox", "received_sms", "incoming_call", "mail_in")}  # fmt: skip
    assert {"inbox": 2, "received_sms": 3, "incoming_call": 2, "mail_in": 2} == kept
    assert events.first_broken(ledger.db) is None


def test_what_is_nobody_s_goes_with_what_the_town_of_the_box_keeps() -> None:
    """A stranger's words are not kept for ever because they concern no town."""
    ledger = Ledger()
    azille = another_town(ledger)
    heard(ledger, azille, BRUNO, "Du sable à Azille, ", "devant le stade.")
    heard(ledger, None, CHLOE, "Qui êtes-vous ?")

    while came_in.forget(ledger.db, ledger.entity, ledger.now + DAY, own=True):
        pass

    left = "\n".join(ledger.db.iterdump())
    assert "Qui êtes-vous" not in left
    assert CHLOE not in left.replace(f"{CHLOE}@mairie.example", "")
    assert 2 == ledger.db.execute("SELECT count(*) FROM received_sms").fetchone()[0]
    assert "le stade" in left


def another_town(ledger: Ledger) -> int:
    made = ledger.db.execute(
        "INSERT INTO entity(name, timezone, created_at) VALUES ('Azille','Europe/Paris',0)"
    )
    return int(made.lastrowid or 0)


def test_a_file_no_message_and_no_draft_names_is_dropped() -> None:
    """A scheduled message keeps its own."""
    ledger = Ledger()
    kept, lost, sent = (
        attachments.keep(ledger.db, ledger.entity, Attachment(f"{n}.pdf", "application/pdf", b"x"),
                         "Essai", ledger.now)
        for n in range(3)
    )  # fmt: skip
    attachments.attach(ledger.db, ledger.send(ANNE), [sent])
    waiting = ledger.send(BRUNO)
    ledger.db.execute(
        "UPDATE broadcast SET draft = ? WHERE id = ?",
        (json.dumps({"file_ids": [kept]}), waiting),
    )

    assert lost == retention.drop_files(ledger.db, ledger.now + DAY, kept)
    assert kept == retention.drop_files(ledger.db, ledger.now + DAY)
    assert [kept, sent] == [
        row["id"] for row in attachments.about(ledger.db, ledger.entity, [kept, lost, sent])
    ]


def test_files_go_a_few_at_a_time_past_those_a_draft_names() -> None:
    """A year of plans and posters is overwritten page by page: no alert waits behind it."""
    ledger = Ledger()
    half, big = b"x" * (retention.SLICE_OCTETS // 2), b"x" * (3 * retention.SLICE_OCTETS)
    numbers = [
        attachments.keep(ledger.db, ledger.entity, Attachment(f"{n}.pdf", "application/pdf",
                         data + bytes([n])), "Essai", ledger.now)
        for n, data in enumerate([half[:-9], half[:-9], big, half, b"", b""])
    ]  # fmt: skip
    ledger.db.execute(
        "UPDATE broadcast SET draft = ? WHERE id = ?",
        (json.dumps({"file_ids": [numbers[0]]}), ledger.send(ANNE)),
    )
    before, after, left = ledger.now + DAY, 0, []
    while (step := retention.drop_files(ledger.db, before, after)) is not None:
        after = step
        left.append([r["id"] for r in ledger.db.execute("SELECT id FROM stored_file ORDER BY id")])

    one, _, three, *rest = numbers
    assert [[one, three, *rest], [one, *rest], [one]] == left


def test_the_newest_word_about_a_purpose_counts_way_by_way() -> None:
    """No by call, then no by every way, then yes: all of it is yes again."""
    ledger = Ledger()
    said = {"address": ANNE, "purpose": Purpose.SERVICE, "source": "x", "by": "y",
            "now": ledger.now}  # fmt: skip

    def refused() -> set[Channel]:
        found = consent.refused(ledger.db, ledger.entity, (Purpose.SERVICE,))
        return {channel for channel, _ in found}

    assert consent.withdraw(ledger.db, ledger.entity, channel=Channel.VOICE, **said)  # type: ignore[arg-type]
    assert not consent.withdraw(ledger.db, ledger.entity, channel=Channel.VOICE, **said)  # type: ignore[arg-type]
    assert {Channel.VOICE} == refused()
    consent.withdraw(ledger.db, ledger.entity, channel=None, **said)  # type: ignore[arg-type]
    assert set(Channel) == refused()
    assert set() == {
        channel for channel, _ in consent.refused(ledger.db, ledger.entity, (Purpose.ALERT,))
    }
    assert consent.restore(ledger.db, ledger.entity, channel=None, **said)  # type: ignore[arg-type]
    assert set() == refused()


def test_a_number_goes_by_the_sim_that_carries_it_first_and_an_alert_by_any() -> None:
    """The longest beginning decides; after a quarter of an hour anybody may."""
    ledger = Ledger()
    routes.set_route(ledger.db, "sim1", ["+336"], "Essai", ledger.now)
    routes.set_route(ledger.db, "sim2", ["+3363998"], "Essai", ledger.now)
    ledger.send(ANNE, urgency=Urgency.SERVICE)

    assert ledger.claim(sim="sim1") is None
    job = ledger.take(lane="m2", sim="sim2")
    ledger.settle(job, HANDED_OVER)
    ledger.send(ANNE, urgency=Urgency.VITAL)
    ledger.settle(ledger.take(sim="sim1"), HANDED_OVER)
    ledger.send(BRUNO, urgency=Urgency.SERVICE)
    assert ledger.claim(sim="sim1") is None
    ledger.now += 901
    assert BRUNO == ledger.take(sim="sim1").address


def test_no_number_waits_for_a_sim_that_can_carry_no_more() -> None:
    """Free modems stand beside it: an exhausted SIM, or a stopped one, is nobody's first."""
    ledger = Ledger()
    routes.set_route(ledger.db, "sim1", ["+336"], "Essai", ledger.now)
    budgets.set_limits(ledger.db, "sim1", Limits(segments_per_day=1), "Essai", ledger.now)
    ledger.send(ANNE, urgency=Urgency.SERVICE)
    ledger.send(BRUNO, urgency=Urgency.SERVICE)

    assert ledger.claim(lane="m2", sim="sim2") is None
    job = ledger.take(sim="sim1")
    ledger.hand_over(job, 1)
    assert ledger.claim(sim="sim1") is None
    assert BRUNO == ledger.take(lane="m2", sim="sim2").address
