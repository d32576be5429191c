"""The directory handed out and taken in again is the same directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.services import GroupForm, PersonForm
from modem.emulator import Network
from tests.harness import running


@pytest.mark.parametrize("kind", ["csv", "xlsx", "vcf"])
async def test_a_list_of_our_own_changes_nothing(tmp_path: Path, kind: str) -> None:
    """An address in one field, a tag and a group with commas, a place that begins with a date."""
    made = Network(seed=1)
    made.add_modem("m1")
    async with running(tmp_path, made) as town:
        group = await town.services.groupings.save(
            town.actor, None, GroupForm("Crue, bord de mer", "alerte")
        )
        for name, street, number in (
            ("Durand", "12 rue du Port", "06 39 98 00 01"), ("Roux", "8 mai 1945", "01 99 00 00 01")
        ):  # fmt: skip
            form = PersonForm(
                {"name": name, "street": street}, endpoints=((0, number, ""),), tags=("a, b",),
                group_ids=(group,),
            )  # fmt: skip
            await town.services.persons.save(town.actor, None, form)
        file = await town.services.exports.contacts(town.actor, kind)

        result = await town.services.imports.take_file(town.actor, file.data)

        assert (0, 0, 2) == (result.added, result.merged, result.unchanged)
        assert 1 == len(await town.services.directory.groups(town.actor))
