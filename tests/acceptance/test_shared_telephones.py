"""People who share a telephone: one text is enough as long as it arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.model import Channel, Door, Purpose
from gateway.services import Draft, PersonForm
from gateway.services.orders import StepForm
from gateway.store import consent, twins
from modem.emulator import Behaviour
from tests.acceptance.test_asked_by_sms import clock
from tests.acceptance.test_second_thoughts import NOON, got, one_modem
from tests.harness import Town, running, states

SHARED, HERS, SISTER = "+33639980001", "+33199000002", "+33639980003"
COUPLE = """Nom;Portable;Fixe;Groupe
Anne;06 39 98 00 01;;Port
Chloé;06 39 98 00 01;01 99 00 00 02;Port
Denis;06 39 98 00 01;;Port
"""


async def alerted(town: Town) -> int:
    await town.services.imports.take_file(town.actor, COUPLE.encode())
    (group,) = await town.services.directory.groups(town.actor)
    draft = Draft("Crue.", group_ids=(group.id,), channels=("sms", "voice"), urgency="vital",
                  order="advised")  # fmt: skip
    return await town.services.sending.send(town.actor, draft, Door.COMMAND)


@pytest.mark.parametrize("off", [True, False])
async def test_who_shares_a_telephone_that_is_off_is_called_on_her_own(
    tmp_path: Path, *, off: bool
) -> None:
    """Once the text has arrived her landline is left in peace; until then she is not forgotten."""
    network = one_modem()
    if off:
        network.handset(SHARED).behaviour = Behaviour(sms="switched_off", answers_after=None)
    network.handset(HERS).behaviour = Behaviour(answers_after=2)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        number = await alerted(town)
        report = await town.finished(number)

    assert bool(network.handset(HERS).calls) is off
    lived = states(report)
    assert lived["Denis"] == "excluded", "with no other way"
    assert lived["Anne"] == ("sent" if off else "received")
    assert lived["Chloé"] == ("listened" if off else "excluded")


@pytest.mark.parametrize("urgency", ["vital", "service"])
async def test_a_text_that_left_is_not_doubted_for_one_of_the_two(
    tmp_path: Path, urgency: str
) -> None:
    """On a network without receipts nobody else is called; a couple with one mobile was, at night.

    Nor does a message of service ring where the text left, whoever reads it first.
    """
    network = one_modem()
    network.default_behaviour = Behaviour(reports="none", answers_after=None)
    more = "".join(f"M{n};06 39 98 01 {n:02};;Port\n" for n in range(10))
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, (COUPLE + more).encode())
        draft = Draft("Crue.", everybody=True, channels=("sms", "voice"), urgency=urgency,
                      order="advised")  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        lived = states(await town.finished(number))

    assert [one.number for one in network.handsets if one.calls] == []
    assert (lived["Anne"], lived["Chloé"], lived["Denis"]) == ("sent", "excluded", "excluded")


async def test_a_referent_who_wants_no_service_messages_is_sent_none(tmp_path: Path) -> None:
    """A STOP holds at every door; of an alert it is another one."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        number = await looked_after(town, "service")
        await town.finished(number)

    assert got(network, (SISTER,)) == [[]]


@pytest.mark.parametrize(("urgency", "what"), [("service", "au message"), ("vital", "à l'alerte")])
async def test_a_referent_is_told_what_it_was_and_not_asked_to_confirm_it(
    tmp_path: Path, urgency: str, what: str
) -> None:
    """« Répondez 1 » twice in one text asks for two different things."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        number = await looked_after(town, urgency, refuses=False)
        await town.finished(number)

    ((told,),) = got(network, (SISTER,))
    assert f"n'a pas répondu {what} « Coupure d'eau. »" in told
    assert told.count("Répondez 1") == 1


@pytest.mark.parametrize("how", ["erased", "merged"])
async def test_somebody_who_looks_after_another_can_be_erased_or_merged(
    tmp_path: Path, how: str
) -> None:
    """The other is left without a referent, and everything else as it was."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        persons, sister = town.services.persons, "Sœur"
        hers = await persons.save(
            town.actor, None, PersonForm({"name": sister}, endpoints=((0, SISTER, ""),))
        )
        form = PersonForm({"name": "Anne"}, endpoints=((0, SHARED, ""),), referent=SISTER)
        anne = await persons.save(town.actor, None, form)
        if how == "erased":
            await persons.erase(town.actor, hers)
        else:
            await town.daemon.store.write(lambda db: twins.merge(db, 1, anne, hers, "x", 0.0))
        found = await persons.view(town.actor, anne)

    assert found.referent is None
    assert found.name == "Anne"


async def looked_after(town: Town, urgency: str, *, refuses: bool = True) -> int:
    """Send something to confirm to Anne, whom her sister looks after."""
    persons = town.services.persons
    anne = await persons.save(
        town.actor, None, PersonForm({"name": "Anne"}, endpoints=((0, SHARED, ""),))
    )
    sister = await persons.save(
        town.actor, None, PersonForm({"name": "Sœur"}, endpoints=((0, SISTER, ""),))
    )

    def settle(db: object) -> None:
        db.execute("UPDATE main.contact SET referent_id = ? WHERE id = ?", (sister, anne))  # type: ignore[attr-defined]
        if refuses:
            consent.withdraw(
                db, 1, channel=Channel.SMS, address=SISTER, purpose=Purpose.SERVICE,  # type: ignore[arg-type]
                source="SMS", by="elle", now=0.0,
            )  # fmt: skip

    await town.daemon.store.write(settle)
    order = await town.services.orders.save(
        town.actor, "Avec référent",
        [StepForm(("sms",), 0, "always", "first"), StepForm(("sms",), 1, "unreached", "referent")],
        confirm=True, enough=0,
    )  # fmt: skip
    draft = Draft("Coupure d'eau.", contact_ids=(anne,), channels=("sms",), urgency=urgency,
                  order=str(order))  # fmt: skip
    return await town.services.sending.send(town.actor, draft, Door.COMMAND)
