"""Two cards made one: what the first lacks comes from the second."""

from __future__ import annotations

from gateway.store import contacts, twins
from tests.gateway.store.ledger import Ledger


def test_whoever_is_helped_first_stays_so_on_the_first_card_of_a_town() -> None:
    """Its number is 1, as a yes is: taken for their own referent, it was left out."""
    ledger = Ledger()
    kept, gone = (
        contacts.add(ledger.db, ledger.entity, "Alibert", "Anne", details, ledger.now)
        for details in ({}, {"help_first": "1"})
    )
    twins.merge(ledger.db, ledger.entity, kept, gone, "Essai", ledger.now)
    (row,) = ledger.rows("SELECT id, help_first FROM contact")

    assert (1, 1) == (row["id"], row["help_first"])
