"""What has been kept long enough goes; counts, chain and what is still needed stay."""

from __future__ import annotations

import json

from gateway.attachments import Attachment
from gateway.model import Channel, Purpose, Urgency
from gateway.store import attachments, consent, events, history, retention, routes, sims
from tests.gateway.store.ledger import ANNE, BRUNO, HANDED_OVER, Ledger

DAY = 86400.0


def over(ledger: Ledger, *numbers: str) -> int:
    """Send to these numbers, and end it."""
    number = ledger.send(*numbers)
    ledger.db.execute(
        "UPDATE broadcast SET state = 'closed', closed_at = ? WHERE id = ?", (ledger.now, number)
    )
    return number


def test_names_go_in_slices_and_counts_stay() -> None:
    """A message to the whole town is not forgotten in one breath of the disk."""
    ledger = Ledger()
    numbers = [f"+336399{n:05}" for n in range(450)]
    number = over(ledger, *numbers)
    rounds = 1
    while retention.forget_some(ledger.db, number, ledger.now):
        rounds += 1
    names = {row["name"] for row in ledger.db.execute("SELECT name FROM recipient")}
    left = ledger.db.execute("SELECT count(*) FROM job WHERE address != ''").fetchone()[0]

    assert 3 == rounds
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


def test_what_came_in_goes_too_with_what_the_chain_said_of_it() -> None:
    """The chain still verifies."""
    ledger = Ledger()
    sims.keep_received(ledger.db, "s", ANNE, "confidentiel", None, None, 1, 1, ledger.now)
    sims.keep_received(ledger.db, "s", ANNE, "neuf", None, None, 1, 1, ledger.now + DAY)

    assert not retention.forget_received(ledger.db, ledger.now + 1)
    left = "".join(ledger.db.iterdump())
    assert "confidentiel" not in left
    assert "neuf" in left
    assert events.first_broken(ledger.db) is None


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
