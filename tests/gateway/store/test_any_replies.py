"""Whatever people and automats write, in whatever order: nobody's word is put into another's mouth.

Three telephones, messages that ask and that do not, replies of every kind, codes guessed, copied
and repeated. Only the modems are missing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.model import Channel, Outcome, Urgency
from gateway.replies import Kind, understand
from gateway.services.answering import TAKERS
from gateway.services.correspondence import NotYet, deal
from gateway.store import consent, inbox, sims
from tests.gateway.store.ledger import ANNE, BRUNO, CHLOE, Ledger
from tests.sweeps import WHOLE

PEOPLE = (ANNE, BRUNO, CHLOE)
SAID = (
    "oui", "OUI merci", "non", "1", "ok reçu", "STOP", "stop alerte", "DEBUT", "au secours",
    "oui mais quand ?", "ALERTE 3 rue du Port", "bonjour", "Ceci est une réponse automatique.",
)  # fmt: skip
SENDS = st.tuples(st.just("send"), st.sampled_from(list(Urgency)), st.integers(1, 7))
WRITES = st.tuples(st.just("write"), st.sampled_from(PEOPLE), st.sampled_from(SAID))
CODES = st.tuples(
    st.just("code"), st.sampled_from(PEOPLE), st.sampled_from(["OUI", "NON", "1"]),
    st.sampled_from(PEOPLE),
)  # fmt: skip
WAITS = st.tuples(st.just("wait"), st.sampled_from([5.0, 700.0, 8000.0, 90_000.0]))
COURSES = st.lists(st.one_of(SENDS, WRITES, CODES, WAITS), min_size=3, max_size=25)


@dataclass
class Street:
    """Three telephones, and what each has written of its own accord."""

    ledger: Ledger = field(default_factory=Ledger)
    wrote: dict[str, list[str]] = field(default_factory=lambda: {one: [] for one in PEOPLE})

    def send(self, urgency: Urgency, whom: int) -> None:
        """Write to some of the three; the network takes it all."""
        chosen = [one for bit, one in enumerate(PEOPLE) if whom >> bit & 1]
        self.ledger.send(*chosen, urgency=urgency)
        self.deliver()

    def deliver(self) -> None:
        """Let all that waits leave."""
        while (job := self.ledger.claim(Channel.SMS)) is not None:
            self.ledger.settle(job)

    def write(self, number: str, text: str) -> None:
        """Have somebody write, and Tocsin deal with it."""
        ledger = self.ledger
        self.wrote[number].append(text)
        sims.keep_received(ledger.db, "sim1", number, text, None, None, 1, 1, ledger.now)
        for message in inbox.waiting(ledger.db, ledger.now):
            try:
                deal(ledger.db, message, understand(message.text), TAKERS, ledger.now)
            except NotYet:
                self.deliver()
                deal(ledger.db, message, understand(message.text), TAKERS, ledger.now)
        self.deliver()

    def heard(self, number: str) -> list[str]:
        """Return all a telephone got of the box's own accord."""
        rows = self.ledger.rows(
            "SELECT coalesce(j.body, t.body) AS said FROM job j JOIN broadcast b"
            " ON b.id = j.broadcast_id LEFT JOIN broadcast_text t ON t.broadcast_id = b.id"
            " AND t.channel = j.channel WHERE j.address = ? AND b.kind = 'auto' ORDER BY j.id",
            number,
        )
        return [row["said"] for row in rows]

    def go(self, course: list[tuple[object, ...]]) -> None:
        """Live through a course of events."""
        for what, *with_ in course:
            if what == "send":
                self.send(*with_)  # type: ignore[arg-type]
            elif what == "write":
                self.write(*with_)  # type: ignore[arg-type]
            elif what == "wait":
                self.ledger.sweep(float(str(with_[0])))
            else:
                writer, word, owner = map(str, with_)
                codes = re.findall(r"\b\d{4}\b", " ".join(self.heard(owner)))
                self.write(writer, f"{word} {codes[-1] if codes else '4821'}")


@settings(max_examples=70 if WHOLE else 30, suppress_health_check=[HealthCheck.too_slow])
@given(COURSES)
def test_nobody_is_opted_out_who_did_not_ask(course: list[tuple[object, ...]]) -> None:
    """Of the alerts, only after a STOP and its confirmation, both from the number itself."""
    street = Street()
    street.go(course)
    for number in PEOPLE:
        refused = {
            row["purpose"]
            for row in consent.in_force(street.ledger.db, street.ledger.entity, number)
        }
        kinds = [understand(text).kind for text in street.wrote[number]]
        if refused:
            assert Kind.STOP in kinds
        if "alerte" in refused:
            stopped = kinds.index(Kind.STOP)
            assert any(re.match(r"OUI \d{4}", text) for text in street.wrote[number][stopped:])


@settings(max_examples=70 if WHOLE else 30, suppress_health_check=[HealthCheck.too_slow])
@given(COURSES)
def test_nobody_answers_for_another(course: list[tuple[object, ...]]) -> None:
    """Whoever counts as having said yes or no has written something that says so."""
    street = Street()
    street.go(course)
    answers = street.ledger.rows("SELECT address, outcome FROM job WHERE outcome IS NOT NULL")
    for row in answers:
        kinds = {understand(text).kind for text in street.wrote[row["address"]]}
        wanted = {Kind.NO} if row["outcome"] == Outcome.DECLINED else {Kind.YES, Kind.ACK}
        assert kinds & wanted


@settings(max_examples=40 if WHOLE else 20, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SAID), st.sampled_from([5.0, 400.0, 4000.0]), st.booleans())
def test_no_talk_of_two_automats_goes_on(said: str, every: float, alert: bool) -> None:
    """A machine that answers each of our messages with the same, all through a day."""
    street = Street()
    if alert:
        street.send(Urgency.VITAL, 1)
    for _ in range(min(40, int(86_000 / every))):
        street.write(ANNE, said)
        street.ledger.sweep(every)
    assert len(street.heard(ANNE)) <= 3


@settings(max_examples=40 if WHOLE else 20, suppress_health_check=[HealthCheck.too_slow])
@given(COURSES)
def test_an_echo_of_what_we_write_ends(course: list[tuple[object, ...]]) -> None:
    """A machine that sends back whatever it gets: three messages at most, whatever came before."""
    street = Street()
    street.go(course)
    before = Counter({one: len(street.heard(one)) for one in PEOPLE})
    for _ in range(12):
        heard = street.heard(ANNE)
        street.write(ANNE, heard[-1] if heard else "bonjour")
        street.ledger.sweep(10.0)
    assert len(street.heard(ANNE)) - before[ANNE] <= 3


@settings(max_examples=40 if WHOLE else 20, suppress_health_check=[HealthCheck.too_slow])
@given(COURSES)
def test_everything_that_came_in_is_in_the_inbox(course: list[tuple[object, ...]]) -> None:
    """Once, as it was written; and nothing waits any more."""
    street = Street()
    street.go(course)
    kept = Counter(
        (row["number"], row["text"]) for row in street.ledger.rows("SELECT * FROM inbox")
    )
    wrote = Counter((one, text) for one, texts in street.wrote.items() for text in texts)
    assert wrote == kept
    assert [] == inbox.waiting(street.ledger.db, street.ledger.now)
