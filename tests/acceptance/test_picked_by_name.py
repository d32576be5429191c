"""A message kept for later is for whom it was written to, whatever becomes of the lists."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gateway.services import Draft
from modem.emulator import Network
from tests.harness import NIGHT, Town, running, states

LIST = """Nom;Prénom;Téléphone
Alibert;Anne;06 39 98 00 01
Alibert;Annie;06 39 98 00 02
"""
OTHERS = """Nom;Prénom;Téléphone
Cros;Chloé;06 39 98 00 03
Denat;Denis;06 39 98 00 04
"""
NINE = NIGHT + timedelta(hours=6)


def network() -> Network:
    made = Network(seed=1, sms_seconds=0.1, report_seconds=0.1)
    made.add_modem("m1")
    return made


async def written_for_nine(town: Town, *people: int) -> int:
    draft = Draft("Le pont est fermé.", contact_ids=people, channels=("sms",), at=NINE)
    return await town.services.sending.send(town.actor, draft)


async def found(town: Town, name: str) -> int:
    page = await town.services.directory.contacts(town.actor, search=name)
    return page.items[0].id


async def test_a_list_taken_back_and_another_taken_in_send_nothing_to_strangers(
    tmp_path: Path,
) -> None:
    """The next person in the lists does not get the number, and the message, of one who left."""
    async with running(tmp_path, network()) as town:
        imports, actor = town.services.imports, town.actor
        await imports.take_file(actor, LIST.encode())
        anne = await found(town, "anne")
        sent = await written_for_nine(town, anne, anne + 1)
        for gone in (anne, anne + 1):
            await town.services.persons.erase(actor, gone)
        await imports.take_file(actor, OTHERS.encode())

        await town.sleep_through(6 * 3600 + 300)

        view = await town.services.broadcasts.view(actor, sent)
        assert "cancelled" == view.summary.state
        for number in ("+33639980003", "+33639980004"):
            assert [] == town.network.handset(number).inbox


async def test_who_was_merged_is_told_under_their_new_name(tmp_path: Path) -> None:
    """Two entries of one person become one: what waited for either still comes, once."""
    async with running(tmp_path, network()) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        anne = await found(town, "anne")
        sent = await written_for_nine(town, anne, anne + 1)
        await town.services.persons.merge(town.actor, anne, anne + 1)
        later = await written_for_nine(town, anne + 1)

        await town.sleep_through(6 * 3600 + 300)

        assert ["Anne Alibert"] == list(states(await town.finished(sent)))
        assert ["Anne Alibert"] == list(states(await town.finished(later)))
