"""A message being written: what it says, whom it is for, and a trial of it. Pure."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from datetime import UTC, datetime
from typing import Any

from gateway.model import Door
from gateway.services import drafts, measuring
from gateway.services.values import SAID, WHOM, Draft

#: How and when a message leaves: neither words nor people.
HOW = {
    "idempotency_key", "order", "confirm", "enough", "at", "at_any_hour", "expires", "scenario",
    "as_keeper", "on_paper", "again_of", "meeting",
}  # fmt: skip
BY_TYPE: dict[str, Any] = {
    "str": "x", "str | None": "x", "bool": True, "int": 3, "tuple[int, ...]": (1,),
    "tuple[str, ...]": ("x",), "datetime | None": datetime(2026, 11, 24, 12, tzinfo=UTC),
}  # fmt: skip


def given(field: Field[Any]) -> Any:
    """Return a value that a field has not by default."""
    return BY_TYPE[str(field.type)] if field.default != "x" else "y"


WHOLE = Draft(**{field.name: given(field) for field in fields(Draft)})


def test_every_field_of_a_draft_says_what_or_whom_or_how() -> None:
    """A new field belongs to one of them before anything is made from it."""
    known = [*SAID, *WHOM, *HOW, "to"]

    assert sorted(field.name for field in fields(Draft)) == sorted(known)


def test_a_trial_names_its_address_and_nobody_else_whatever_was_ticked() -> None:
    """Whatever a draft may hold besides its words is at its default again."""
    trial = WHOLE.only_to("06 39 98 00 09")
    plain = Draft("")
    kept = {one.name for one in fields(Draft)
            if getattr(trial, one.name) != getattr(plain, one.name)}  # fmt: skip

    assert trial.to == ("06 39 98 00 09",)
    assert not trial.addressed
    assert kept == {*SAID, "to"}


def test_each_way_of_saying_whom_counts_as_said() -> None:
    """A message to a part of the town is no message to nobody."""
    filled = {name: getattr(WHOLE, name) for name in WHOM}

    assert all(replace(Draft("x"), **{name: value}).addressed for name, value in filled.items())
    assert not Draft("x", to=("0639980009",)).addressed


def test_whoever_is_named_beside_a_group_does_not_come_from_it() -> None:
    """What a group's own hours allow, they allow to nobody else, however they were named."""
    group = Draft("x", group_ids=(1,))
    beside = [name for name in (*WHOM, "to") if name != "group_ids"]

    assert group.groups_alone
    assert not any(replace(group, **{n: getattr(WHOLE, n)}).groups_alone for n in beside)


def test_a_draft_is_read_as_it_was_stored_in_every_field() -> None:
    """What waits for its hour forgets nothing but what its own message tells of it."""
    assert replace(WHOLE, again_of=0) == drafts.from_json(drafts.to_json(WHOLE))


def test_whatever_a_draft_asks_for_makes_it_another_message_under_its_key() -> None:
    """Its key and whose rights wrote it down are none of that; a key of ours is not compared."""
    plain = Draft("", idempotency_key="k")
    same = {
        one.name
        for one in fields(Draft)
        if drafts.as_asked(plain, Door.API)
        == drafts.as_asked(replace(plain, **{one.name: getattr(WHOLE, one.name)}), Door.API)
    }

    assert same == {"idempotency_key", "as_keeper", "again_of"}
    assert not drafts.as_asked(plain, Door.PAGE)


def test_a_text_of_fields_alone_is_refused_in_its_own_field() -> None:
    """Its preview was empty, and so was what whoever lacks them received."""
    against = measuring.against(Draft("Crue.", sms_text="{prénom}"), {})

    assert ["sms_text"] == [one.field for one in against]
    assert "message vide" in against[0].message
