"""Whatever is composed and whenever it leaves: those who are meant then are told, or it says why.

As `test_any_plan`, through the door everybody uses: compose, foresee, send, agree, let leave.
While a message waits, people come and go, are erased and say STOP, and the power fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.changes import Changes
from gateway.errors import Refused
from gateway.hours import DEFAULTS
from gateway.model import Channel, Door, Purpose, Urgency
from gateway.services.compose import Compose
from gateway.services.sending import Sending
from gateway.services.values import Actor, Draft, Forecast
from gateway.store import consent, contacts, groups, people
from gateway.store import settings as town_settings
from tests.gateway.store.ledger import Ledger, number_to_address
from tests.gateway.store.test_any_plan import BEGINNINGS, HOMES, ZONE, World

CHANGES = st.lists(
    st.tuples(st.sampled_from(["join", "leave", "erase", "stop"]), st.integers(0, 6)), max_size=4
)


def at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine gives that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")


@dataclass
class OneConnection:
    """The ledger's connection as a store: what fails in a transaction is undone whole."""

    db: sqlite3.Connection
    room: Any = field(default_factory=lambda: SimpleNamespace(check=lambda: None, scant=False))

    async def read(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        return work(self.db)

    async def write(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            found = work(self.db)
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")
        return found


@dataclass
class Composed(World):
    """A world in which the message is composed, and leaves when it should."""

    changes: list[tuple[str, int]] = field(default_factory=list)
    meant: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        store, clock = OneConnection(self.ledger.db), SimpleNamespace(now=lambda: self.ledger.now)
        dispatcher = SimpleNamespace(make_way=lambda: None, wake=lambda: None)
        self.compose = Compose(cast("Any", store), clock, [])
        self.sending = Sending(
            cast("Any", store), clock, Changes(), self.compose, cast("Any", dispatcher)
        )
        self.actor = self._somebody("Essai")
        self.group = groups.ensure(self.ledger.db, self.ledger.entity, "rive", "alerte", 0.0)

    def _somebody(self, name: str) -> Actor:
        return Actor(None, name, name, "administrator", self.ledger.entity, "La Redorte", ZONE)

    def settle_in(self, homes: list[list[str]]) -> None:
        """Have these households live there, all but the last in the group."""
        for turn, home in enumerate(homes):
            number = contacts.add(self.ledger.db, self.ledger.entity, str(turn), "", {}, 0.0)
            for address in map(number_to_address, home):
                contacts.add_endpoint(
                    self.ledger.db, self.ledger.entity, number, address.line, address.value
                )
            if turn < max(1, len(homes) - 1):
                groups.join(self.ledger.db, self.group, number)

    def look_after_each_other(self) -> None:
        """Have everybody be looked after by whoever comes next."""
        numbers = [row["id"] for row in self.ledger.rows("SELECT id FROM contact ORDER BY id")]
        self.ledger.db.executemany(
            "UPDATE main.contact SET referent_id = ? WHERE id = ?",
            zip([*numbers[1:], numbers[0]], numbers, strict=True),
        )

    def refuse(self, turn: int) -> frozenset[tuple[Channel, str]]:
        """Have one household refuse messages of this kind; return what is refused."""
        db, entity, purpose = (
            self.ledger.db,
            self.ledger.entity,
            consent.purpose_of(self.urgency, ""),
        )
        numbers = [row["id"] for row in self.ledger.rows("SELECT id FROM contact ORDER BY id")]
        for row in contacts.endpoints(db, numbers[turn % len(numbers)]):
            consent.withdraw(
                db, entity, channel=None, address=row["address"], purpose=purpose, source="STOP",
                by="", now=self.ledger.now,
            )  # fmt: skip
        return consent.refused(db, entity, (purpose,))

    def compose_and_send(self, draft: Draft, approval_above: int) -> Forecast:
        """Do as a secretary does; return what she was told before."""
        if approval_above:
            town_settings.write(
                self.ledger.db, self.ledger.entity, "approval_above", approval_above, "x", 0.0
            )
        told: Forecast = at_once(self.compose.foresee(self.actor, draft))
        self.number = at_once(self.sending.send(self.actor, draft, Door.PAGE))
        if self._state() == "awaiting_approval" and self.random.random() < 0.7:
            at_once(self.sending.approve(self._somebody("Adjoint"), self.number))
        if self._state() in {"sending", "closed"}:
            self._left()
        return told

    def _state(self) -> str:
        (row,) = self.ledger.rows("SELECT state FROM broadcast WHERE id = ?", self.number)
        return str(row["state"])

    def _left(self) -> None:
        """Remember who was meant at the moment it left."""
        known = people.members(self.ledger.db, self.ledger.entity, [self.group])
        self.meant = {one.id for one in known if one.id is not None}

    def open_people(self) -> list[object]:
        waits = self._state() in {"awaiting_approval", "scheduled"}
        return [self._state()] if waits else super().open_people()

    def _wait(self) -> None:
        if self._state() not in {"awaiting_approval", "scheduled"}:
            return super()._wait()
        while self.changes:
            self._change(*self.changes.pop())
        if self.random.random() < 0.3:
            self.ledger.recover()
        self.ledger.now = self._due()
        at_once(self.sending.launch_due(alerts_only=False))
        if self._state() not in {"awaiting_approval", "scheduled"}:
            self._left()
        return None

    def _due(self) -> float:
        """Return the moment at which the daemon, which looks every few seconds, finds it due."""
        due = self.ledger.rows(
            "SELECT coalesce(a.expires_at, b.starts_at) AS at FROM broadcast b LEFT JOIN approval a"
            " ON a.broadcast_id = b.id AND b.state = 'awaiting_approval' WHERE b.id = ?",
            self.number,
        )[0]["at"]
        return max(due, self.ledger.now) + 1.0

    def _change(self, what: str, turn: int) -> None:
        """Let life go on in the town while the message waits."""
        db, entity = self.ledger.db, self.ledger.entity
        found = self.ledger.rows("SELECT id FROM contact ORDER BY id")
        if not found:
            return
        number = found[turn % len(found)]["id"]
        if what == "join":
            groups.join(db, self.group, number)
        elif what == "leave":
            groups.leave(db, self.group, number)
        elif what == "erase":
            db.execute(
                "UPDATE main.contact SET referent_id = NULL WHERE referent_id = ?", (number,)
            )
            db.execute("DELETE FROM main.contact WHERE id = ?", (number,))
        else:
            for row in contacts.endpoints(db, number):
                consent.withdraw(
                    db, entity, channel=None, address=row["address"], purpose=Purpose.SERVICE,
                    source="STOP", by="", now=self.ledger.now,
                )  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30,
)  # fmt: skip
@example(  # written at three in the morning: the people of eight o'clock
    homes=[["+33639980000"], ["+33639980001"], ["+33639980002"]],
    changes=[("join", 2), ("erase", 0)], urgency=Urgency.SERVICE, channels=["sms"], order="",
    begin=BEGINNINGS[2], later=0, any_hour=False, approval_above=0, modems=1, reports=True, seed=1,
    refuses=None, referents=False,
)  # fmt: skip
@example(  # the same for a second person's yes, which comes in the night
    homes=[["+33639980000"], ["+33639980001"], ["+33639980002"]],
    changes=[("stop", 0), ("leave", 1)], urgency=Urgency.INFORMATION, channels=["sms", "email"],
    order="advised", begin=BEGINNINGS[1], later=0, any_hour=False, approval_above=1, modems=1,
    reports=False, seed=1, refuses=None, referents=True,
)  # fmt: skip
@given(
    homes=HOMES, changes=CHANGES, urgency=st.sampled_from(list(Urgency)),
    channels=st.lists(st.sampled_from([one.value for one in Channel]), min_size=1, unique=True),
    order=st.sampled_from(["", "advised"]), begin=st.sampled_from(BEGINNINGS),
    later=st.sampled_from([0, 0, 3, 26]), any_hour=st.booleans(),
    approval_above=st.sampled_from([0, 0, 1]), modems=st.integers(1, 2), reports=st.booleans(),
    seed=st.integers(0, 2**32), refuses=st.none() | st.integers(0, 6), referents=st.booleans(),
)  # fmt: skip
def test_whoever_is_meant_when_a_message_leaves_is_told_or_it_says_why(
    homes: list[list[str]], changes: list[tuple[str, int]], urgency: Urgency, channels: list[str],
    order: str, begin: float, later: int, any_hour: bool, approval_above: int, modems: int,
    reports: bool, seed: int, refuses: int | None, referents: bool,
) -> None:  # fmt: skip
    """Everybody meant, once; nobody who is gone or refused; all ends; nothing out of hours."""
    ledger = Ledger()
    ledger.now = begin
    hours = None if any_hour else DEFAULTS[urgency]
    world = Composed(ledger, Random(seed), urgency, hours, modems, reports, changes=changes)
    world.settle_in(homes)
    if referents:
        world.look_after_each_other()
    refused = world.refuse(refuses) if refuses is not None else frozenset()
    moment = datetime.fromtimestamp(begin, ZoneInfo(ZONE))
    draft = Draft(
        "Crue.", group_ids=(world.group,), channels=tuple(channels), urgency=urgency, order=order,
        at=moment + timedelta(hours=later) if later else None, at_any_hour=any_hour,
    )  # fmt: skip
    try:
        told = world.compose_and_send(draft, approval_above)
    except Refused:
        assert not ledger.rows("SELECT 1 FROM broadcast")
        return
    at_first = world._state()
    world.live()

    (row,) = ledger.rows("SELECT state, given_up FROM broadcast")
    listed = ledger.rows("SELECT contact_id, name, state FROM recipient")
    assert row["state"] in {"closed", "cancelled"}
    if row["state"] == "closed":
        assert len(listed) == len(world.meant)
        assert {one["contact_id"] for one in listed} == world.meant
    else:
        assert [] == listed
        assert approval_above or not world.meant, row["given_up"]
    if told.leaves_at is not None and told.leaves_at > moment + timedelta(minutes=1):
        assert at_first in {"scheduled", "awaiting_approval"}, "people were chosen too early"
    if at_first in {"sending", "closed"}:
        reached = sum(one["state"] != "excluded" for one in listed)
        # whoever shares a number may be told another way, once that number was not reached
        spare = sum(int(count) for count, why in told.excluded if "même numéro" in why)
        assert told.recipients <= reached <= told.recipients + spare, "promised otherwise"
    assert not ledger.rows("SELECT 1 FROM job WHERE state IN ('queued', 'running')")
    asked = ledger.rows("SELECT channel, address FROM job")
    assert not refused & {(Channel(job["channel"]), job["address"]) for job in asked}
