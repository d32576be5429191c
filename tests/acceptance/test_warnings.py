"""A warning of the State is proposed to whoever is on duty, and to nobody else without them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.mail.enclosure import opened
from gateway.services import Draft, Refused
from gateway.store import questions
from modem.emulator import Behaviour, Network, Press
from tests.acceptance.test_asked_by_sms import ANNE, BLAISE, DEPUTY, LIST, MAYOR, clock, texts
from tests.harness import Town, running, states

THIRD = "+33639980010"
MAIL = b"""From: Vigicrues <ne-pas-repondre@vigicrues.example>
To: mairie@la-redorte.example
Subject: =?utf-8?q?Vigilance_ORANGE_crues=2C_tron=C3=A7on_Argent-Double?=
Auto-Submitted: auto-generated
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Aude : crue importante attendue cette nuit sur l'Argent-Double.
"""


async def prepared(town: Town) -> None:
    """A list, a ready message, and the rule that a flood warning proposes it."""
    await town.services.imports.take_file(town.actor, LIST.encode())
    (group,) = await town.services.directory.groups(town.actor)
    draft = Draft("Montez à l'étage.", title="Crue", group_ids=(group.id,), channels=("sms",),
                  urgency="vital")  # fmt: skip
    scenario = await town.services.ready.keep(town.actor, "Crue du canal", draft)
    await town.services.warnings.add_rule(
        town.actor, "Vigicrues", "vigicrues.example", "vigilance orange, argent-double", scenario
    )


async def come_in(town: Town, raw: bytes = MAIL) -> bool:
    """Let a warning arrive in the town's mailbox."""
    taken = await town.daemon._mailroom.take(raw)
    await town.advance(30)
    return taken


async def said(town: Town) -> list[str]:
    return [one.said for one in await town.services.warnings.received(town.actor)]


def two_phones() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


async def test_a_yes_with_the_code_sends_the_ready_message(tmp_path: Path) -> None:
    """At night, from bed: one word, and the others who were asked hear of it."""
    made = two_phones()
    made.handset(MAYOR).behaviour = Behaviour(answers_after=2.0, hangs_up_after=12.0)
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        await town.services.telephones.trust(town.actor, "Nadia, adjointe", DEPUTY)
        assert await come_in(town)
        asked = texts(made, MAYOR)[0]
        assert texts(made, ANNE) == []
        code = asked.split("OUI ")[1][:4]
        made.send(MAYOR, made.modems["m1"], f"oui {code}")
        await town.advance(60)

        assert "« Crue du canal » à 2 personnes" in asked
        assert texts(made, ANNE) == texts(made, BLAISE) == ["Montez à l'étage."]
        assert "part." in texts(made, MAYOR)[-1]
        assert "envoyé par Mme le maire" in texts(made, DEPUTY)[-1]
        assert await said(town) == ["envoyé par Mme le maire"]


async def test_those_on_duty_are_woken_in_turn_until_one_sees_to_it(tmp_path: Path) -> None:
    """By SMS and by call; a sleeper is passed over after three minutes, then nobody else rings."""
    made = two_phones()
    made.handset(MAYOR).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        for name, number in (("A", MAYOR), ("B", DEPUTY), ("C", THIRD)):
            await town.services.telephones.trust(town.actor, name, number)
        await come_in(town)
        first = [len(texts(made, one)) for one in (MAYOR, DEPUTY, THIRD)]
        await town.advance(200)
        second = [len(texts(made, one)) for one in (MAYOR, DEPUTY, THIRD)]
        made.send(DEPUTY, made.modems["m1"], "ok reçu")
        await town.advance(1200)
        third = [len(texts(made, one)) for one in (MAYOR, DEPUTY, THIRD)]
        hint = texts(made, DEPUTY)[-1]
        code = hint.split("OUI ")[1][:4]
        made.send(DEPUTY, made.modems["m1"], f"OUI {code}")
        await town.advance(60)

    assert [1, 0, 0] == first
    assert [1, 1, 0] == second
    assert [1, 2, 0] == third
    assert "vous vous en occupez" in hint
    assert made.handset(MAYOR).calls
    assert not made.handset(THIRD).calls
    assert ["Montez à l'étage."] == texts(made, ANNE)


async def test_a_one_pressed_in_the_call_wakes_nobody_else(tmp_path: Path) -> None:
    made = two_phones()
    made.handset(MAYOR).behaviour = Behaviour(answers_after=2.0, presses=(Press("1", 20.0),))
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        for name, number in (("A", MAYOR), ("B", DEPUTY)):
            await town.services.telephones.trust(town.actor, name, number)
        await come_in(town)
        await town.advance(1200)

    assert ["1"] == [call.keys for call in made.handset(MAYOR).calls]
    assert [] == texts(made, DEPUTY)


@pytest.mark.parametrize(
    ("sender", "said_", "asked"),
    [("VIGICRUES", "Vigilance ORANGE crues, Argent-Double", 1),
     ("VIGICRUES", "Vigilance jaune, Argent-Double", 0),
     ("VIGICRUES2", "Vigilance ORANGE crues, Argent-Double", 0)],
)  # fmt: skip
async def test_a_warning_by_sms_is_taken_from_its_sender_alone(
    tmp_path: Path, sender: str, said_: str, asked: int
) -> None:
    """The prefecture's automat writes SMS under a name."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        (ready,) = await town.services.ready.list(town.actor)
        rule = ("Vigicrues SMS", "Vigicrues", "vigilance orange, argent-double", ready.id)
        await town.services.warnings.add_rule(town.actor, *rule)
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        made.send(sender, made.modems["m1"], said_)
        await town.advance(60)
        kept = await town.services.inbox.talks(town.actor)

    assert asked == len(texts(made, MAYOR))
    assert 1 == kept.total


async def test_a_yes_given_just_before_a_power_cut_still_counts(tmp_path: Path) -> None:
    """The answer is on the disk; what it asks for is done at the next start, once."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        await come_in(town)
        code = texts(made, MAYOR)[0].split("OUI ")[1][:4]
        now = town.daemon.clock.now()

        def cut_off(db: sqlite3.Connection) -> None:
            row = questions.open_for(db, MAYOR, code, now)
            assert row is not None
            assert questions.answer(db, row["id"], "yes", "Mme le maire", MAYOR, now)

        await town.daemon.store.write(cut_off)
    for expected in (1, 0):
        made = two_phones()
        async with running(tmp_path, made, clock=clock()) as town:
            await town.advance(60)
        assert len(texts(made, ANNE)) == expected


async def test_a_no_or_silence_sends_nothing(tmp_path: Path) -> None:
    """Water gauges err; a warning alone never reaches the population."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        await come_in(town)
        code = texts(made, MAYOR)[0].split("OUI ")[1][:4]
        made.send(MAYOR, made.modems["m1"], f"non {code}")
        await town.advance(60)
        made.send(MAYOR, made.modems["m1"], f"oui {code}")
        await town.advance(60)

        assert texts(made, ANNE) == []
        assert await said(town) == ["Mme le maire : non"]


async def test_the_same_warning_again_asks_nobody_twice(tmp_path: Path) -> None:
    """A machine that repeats itself each minute would empty the SIM."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        for _ in range(3):
            assert await come_in(town)
        once = len(texts(made, MAYOR))
        await town.advance(1900)
        await come_in(town)

        # asked once more after three minutes, for nobody had answered
        assert (once, len(texts(made, MAYOR))) == (1, 3)
        assert [one.partition(" à ")[0] for one in await said(town)] == [
            "proposé", "déjà proposé", "déjà proposé", "proposé",
        ]  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [MAIL.replace(b"vigicrues.example", b"vigicrues.example.evil.example"),
     MAIL.replace(b"ORANGE", b"JAUNE"),
     MAIL.replace(b"@vigicrues", b"@faux-vigicrues")],
)  # fmt: skip
async def test_another_sender_or_other_words_are_no_warning(tmp_path: Path, raw: bytes) -> None:
    """And the mail stays unread, for whoever reads the mailbox."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        assert not await come_in(town, raw)
        assert texts(made, MAYOR) == []


async def test_a_warning_nobody_can_be_asked_about_is_on_the_page(tmp_path: Path) -> None:
    """Nothing is lost in silence, and a ready message that is gone is said to those on duty."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        assert await come_in(town)
        assert await said(town) == ["personne de garde, et aucun téléphone autorisé"]

        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        (ready,) = await town.services.ready.list(town.actor)
        await town.services.ready.drop(town.actor, ready.id)
        await come_in(town)
        assert "Rien ne peut être proposé : Ce message prêt n'existe plus." in texts(made, MAYOR)[0]


async def test_a_rule_that_could_never_help_is_refused(tmp_path: Path) -> None:
    """While it is written, not in the night it is for."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        add = town.services.warnings.add_rule
        template = await town.services.ready.keep(
            town.actor, "Sans personne", Draft("Eau.", channels=("sms",))
        )
        for field, rule in {
            "rule": (" ", "a@b.example", "crue", template),
            "from": ("V", "vigi crues !", "crue", template),
            "words": ("V", "a@b.example", " , ", template),
            "scenario": ("V", "a@b.example", "crue", template),
        }.items():
            with pytest.raises(Refused) as refused:
                await add(town.actor, *rule)
            assert refused.value.field == field
        with pytest.raises(Refused):
            await add(town.actor, "V", "a@b.example", "crue", None)


def test_the_example_is_what_a_mailer_would_send() -> None:
    """Encoded, and marked as a machine's."""
    found = opened(MAIL)

    assert found.subject == "Vigilance ORANGE crues, tronçon Argent-Double"
    assert found.automatic


async def test_a_word_about_a_later_alert_does_not_take_a_warning_in_hand(tmp_path: Path) -> None:
    """« ok » to what came last: the others on duty are woken all the same."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        for name, phone in (("A le maire", MAYOR), ("B adjoint", DEPUTY)):
            await town.services.telephones.trust(town.actor, name, phone)
        await come_in(town)
        number = await town.raise_alert("Feu au col.", to=[MAYOR])
        await town.advance(20)
        made.send(MAYOR, made.modems["m1"], "ok reçu")
        await town.advance(300)
        report = await town.report(number)

    assert {"acknowledged"} == set(states(report).values())
    assert any("avertissement" in one for one in texts(made, DEPUTY))


async def test_what_was_typed_by_hand_before_a_warning_does_not_hide_it(tmp_path: Path) -> None:
    """« ok » is to the warning, which came last; nobody else is woken."""
    made = two_phones()
    async with running(tmp_path, made, clock=clock()) as town:
        await prepared(town)
        for name, phone in (("A le maire", MAYOR), ("B adjoint", DEPUTY)):
            await town.services.telephones.trust(town.actor, name, phone)
        await town.services.inbox.answer(town.actor, MAYOR, "Avez-vous les clés ?", "k")
        await town.advance(30)
        await come_in(town)
        made.send(MAYOR, made.modems["m1"], "ok reçu")
        await town.advance(300)

    assert "vous vous en occupez" in texts(made, MAYOR)[-1]
    assert [] == texts(made, DEPUTY)
