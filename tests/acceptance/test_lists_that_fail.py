"""A list is taken in whole or not at all, whatever the disk does meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.services import ImportResult, Refused
from gateway.store import imports
from tests.acceptance.test_asked_by_sms import LIST
from tests.acceptance.test_second_thoughts import one_modem
from tests.harness import Town, running

LONG = "Nom;Téléphone\n" + "".join(
    f"N{n};06 39 98 {n // 100:02} {n % 100:02}\n" for n in range(2 * imports.SLICE)
)


def break_slices(patch: pytest.MonkeyPatch, *numbers: int) -> None:
    """Let the disk fail at these slices, counted from one."""
    written, sound = [], imports.write

    def write(*args: Any) -> None:
        written.append(1)
        if len(written) in numbers:
            raise OSError("disk I/O error")
        sound(*args)

    patch.setattr(imports, "write", write)


def break_undoing(patch: pytest.MonkeyPatch) -> None:
    def undo(*_: Any) -> int:
        raise OSError("disk I/O error")

    patch.setattr(imports, "undo", undo)


async def people_in(town: Town) -> int:
    return (await town.services.directory.contacts(town.actor)).total


async def test_a_list_that_fails_half_way_is_taken_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sends to half a list; the same list may be confirmed again, without a restart."""
    async with running(tmp_path, one_modem()) as town:
        lists = town.services.imports
        token = (await lists.preview(town.actor, "liste.csv", LONG.encode())).token
        break_slices(monkeypatch, 2)
        with pytest.raises(Refused, match="carnet est resté comme il était"):
            await lists.confirm(town.actor, token)
        left = await people_in(town)
        result = await lists.confirm(town.actor, token)

    assert 0 == left
    assert 2 * imports.SLICE == result.added


async def test_where_it_cannot_be_taken_back_either_that_is_said_and_done_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails goes on failing."""
    async with running(tmp_path, one_modem()) as town:
        with monkeypatch.context() as patch:
            break_slices(patch, 2)
            break_undoing(patch)
            with pytest.raises(Refused, match="à son prochain démarrage"):
                await town.services.imports.take_file(town.actor, LONG.encode())
    async with running(tmp_path, one_modem()) as town:
        assert 0 == await people_in(town)


async def test_a_full_disk_does_not_cost_the_list_that_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room is made, the same button pressed again."""
    async with running(tmp_path, one_modem()) as town:
        lists, room = town.services.imports, town.daemon.store.room
        token = (await lists.preview(town.actor, "liste.csv", LIST.encode())).token
        with monkeypatch.context() as patch:
            patch.setattr(type(room), "free", lambda _: 0.0)
            with pytest.raises(Refused, match="presque plein"):
                await lists.confirm(town.actor, token)
        result = await lists.confirm(town.actor, token)
        with pytest.raises(Refused, match="plus en attente"):
            await lists.confirm(town.actor, token)

    assert 0 < result.added


async def test_a_list_looked_at_twice_and_confirmed_twice_comes_in_once(tmp_path: Path) -> None:
    """Two windows, or two secretaries: the second is shown what is left to do."""
    async with running(tmp_path, one_modem()) as town:
        lists = town.services.imports
        one = await lists.preview(town.actor, "liste.csv", LONG.encode())
        two = await lists.preview(town.actor, "liste.csv", LONG.encode())
        done = await asyncio.gather(
            lists.confirm(town.actor, one.token), lists.confirm(town.actor, two.token),
            return_exceptions=True,
        )  # fmt: skip

        assert [Refused, ImportResult] == sorted(map(type, done), key=str)
        assert one.added == await people_in(town)
        left = two if isinstance(done[1], Refused) else one
        again = await lists.look_again(town.actor, left.token, left.wish)
        assert (0, one.added) == (again.added, again.unchanged)


async def test_what_was_changed_since_the_preview_is_shown_before_it_is_overwritten(
    tmp_path: Path,
) -> None:
    """Oxygen, a colleague has just written; the list of last year knows nothing of it."""
    async with running(tmp_path, one_modem()) as town:
        lists, persons = town.services.imports, town.services.persons
        await lists.take_file(town.actor, b"Nom;Tel\nRoux;06 39 98 01 01\n")
        old = b"Nom;Tel;Note\nRoux;06 39 98 01 01;vieille note\n"
        seen = await lists.preview(town.actor, "liste.csv", old)
        (card,) = (await town.services.directory.contacts(town.actor)).items
        form, _ = await persons.form(town.actor, card.id)
        await persons.save(
            town.actor, card.id, replace(form, fields={**form.fields, "note": "oxygène"})
        )

        with pytest.raises(Refused, match="ont changé"):
            await lists.confirm(town.actor, seen.token)
        await lists.look_again(town.actor, seen.token, seen.wish)
        await lists.confirm(town.actor, seen.token)
        assert "oxygène" == (await persons.form(town.actor, card.id))[0].fields["note"]


async def test_somebody_erased_since_the_preview_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    """They would come in anew: that is to be seen first."""
    async with running(tmp_path, one_modem()) as town:
        lists = town.services.imports
        await lists.take_file(town.actor, b"Nom;Tel\nRoux;06 39 98 01 01\n")
        seen = await lists.preview(town.actor, "l.csv", b"Nom;Tel;Note\nRoux;06 39 98 01 01;a\n")
        (card,) = (await town.services.directory.contacts(town.actor)).items
        await town.services.persons.erase(town.actor, card.id)

        with pytest.raises(Refused, match="ont changé"):
            await lists.confirm(town.actor, seen.token)
        assert 1 == (await lists.look_again(town.actor, seen.token, seen.wish)).added
