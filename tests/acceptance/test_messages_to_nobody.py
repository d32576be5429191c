"""What would reach nobody, or be confirmed by nobody, is refused before it leaves, with why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.services import Draft, GroupForm, Refused, StepForm
from tests.acceptance.test_second_thoughts import one_modem
from tests.harness import Town, running

MOBILES = "Nom;Téléphone;Groupe\nAlibert;06 39 98 00 01;Mobiles\n"
MAILS = "Nom;Courriel;Groupe\nZed;z@example.org;Courriels\n"


async def groups_of(town: Town) -> dict[str, int]:
    """Make one group that SMS reaches, one they do not, and an empty one; return their numbers."""
    await town.services.imports.take_file(town.actor, MOBILES.encode())
    await town.services.imports.take_file(town.actor, MAILS.encode())
    await town.services.groupings.save(town.actor, None, GroupForm("Vide", "service"))
    return {one.name: one.id for one in await town.services.directory.groups(town.actor)}


def to(*groups: int) -> Draft:
    return Draft("Bonjour.", group_ids=groups, channels=("sms",), urgency="service")


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        ("Vide", "le groupe est vide : « Vide »", "group_ids"),
        ("Courriels", "dans « Courriels », personne n'a de numéro de mobile", "channels"),
    ],
)
async def test_a_message_to_nobody_is_refused_by_every_way_it_could_leave(
    tmp_path: Path, name: str, said: str, field: str
) -> None:
    """Sent now, or kept for the night when nobody has time to look."""
    async with running(tmp_path, one_modem()) as town:
        draft = to((await groups_of(town))[name])
        forecast = await town.services.compose.foresee(town.actor, draft)
        with pytest.raises(Refused, match=said) as sent:
            await town.services.sending.send(town.actor, draft)
        with pytest.raises(Refused, match=said):
            await town.services.ready.keep(town.actor, "prêt", draft)
        listed = (await town.services.broadcasts.list(town.actor)).items

    assert [said in problem for problem in forecast.problems] == [True]
    assert field == sent.value.field
    assert not listed


async def test_a_group_that_adds_nobody_beside_another_is_told_and_the_message_leaves(
    tmp_path: Path,
) -> None:
    """Whoever chose it believes that somebody there is told."""
    async with running(tmp_path, one_modem()) as town:
        groups = await groups_of(town)
        draft = to(groups["Vide"], groups["Courriels"], groups["Mobiles"])
        forecast = await town.services.compose.foresee(town.actor, draft)
        number = await town.services.sending.send(town.actor, draft)

    assert () == forecast.problems
    assert 1 == forecast.recipients
    assert number
    assert "Le groupe « Vide » est vide : il n'ajoute personne." in forecast.warnings
    assert any("« Courriels », personne n'est joint" in said for said in forecast.warnings)


async def test_an_order_nobody_could_confirm_is_refused_as_a_tick_would_be(tmp_path: Path) -> None:
    """It asks for answers by SMS; the message takes only its mail, which nobody reads."""
    async with running(tmp_path, one_modem()) as town:
        groups = await groups_of(town)
        first = StepForm(("sms", "email"), 0, "always", "first")
        order = await town.services.orders.save(town.actor, "Avec accord", [first], confirm=True,
                                                enough=0)  # fmt: skip
        draft = replace(to(groups["Courriels"]), channels=("email",), order=str(order))
        with pytest.raises(Refused, match="Personne ne peut confirmer par courriel") as kept:
            await town.services.ready.keep(town.actor, "prêt", draft)
        with pytest.raises(Refused, match="Personne ne peut confirmer par courriel"):
            await town.services.sending.send(town.actor, draft)
        both = replace(draft, channels=("sms", "email"))
        assert await town.services.ready.keep(town.actor, "prêt", both)

    assert "confirm" == kept.value.field


async def test_an_order_longer_than_its_message_lives_is_said_before_it_leaves(
    tmp_path: Path,
) -> None:
    """Eleven days of calls about a matter of two: nine of them would never be made."""
    async with running(tmp_path, one_modem()) as town:
        groups = await groups_of(town)
        first = StepForm(("sms",), 0, "always", "first")
        calls = [StepForm(("voice",), 1440, "unreached", "same")] * 11
        long = await town.services.orders.save(town.actor, "Long", [first, *calls], confirm=False,
                                               enough=0)  # fmt: skip
        draft = replace(to(groups["Mobiles"]), channels=("sms", "voice"), order=str(long))
        said = (await town.services.compose.foresee(town.actor, draft)).warnings
        advised = replace(draft, order="advised")
        short = (await town.services.compose.foresee(town.actor, advised)).warnings

    assert any("dernières étapes de l'ordre d'envoi ne partiront pas" in one for one in said)
    assert not any("ne partir" in one for one in short)
