"""A mail from inside the town hall becomes a message, an answer, or somebody else's mail."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from gateway.config import NeighbourSettings
from gateway.mail import conversation, enclosure
from gateway.mail.wishes import hash_of
from gateway.services import Draft, GroupForm, PersonForm
from gateway.store import mail_in
from tests.gateway.mail.post import DOMAIN, Client, Office, client, door, office
from tests.gateway.mail.relay import Relay, relay

LIST = """Nom;Prénom;Téléphone;Courriel;Groupe
Alibert;Anne;06 39 98 00 01;anne@example.org;Élus
Bonnet;Blaise;06 39 98 00 02;;Élus
"""
NEAR = (NeighbourSettings(address="127.0.0.0/8", name="Supervision"),)
ME = "secretaire@la-redorte.example"


async def mailed(
    here: Client, *to: str, subject: str = "Eau", body: str = "L'eau est coupée.", head: str = "",
    sender: str = ME,
) -> str:  # fmt: skip
    await here.say(f"MAIL FROM:<{sender}>")
    for one in to:
        said = await here.say(f"RCPT TO:<{one}>")
        if not said.startswith("250"):
            return said
    await here.say("DATA")
    raw = f"From: {sender}\nSubject: {subject}\n{head}Content-Type: text/plain; charset=utf-8\n"
    text = f"{raw}\n{body}\n.\n".replace("\n", "\r\n")
    return await here.say(text.encode())


async def settled(box: Office) -> None:
    """Wait until all mail that came in was dealt with."""
    for _ in range(200):
        await asyncio.sleep(0.05)
        if await box.daemon.store.read(mail_in.next_waiting) is None:
            await asyncio.sleep(5)
            return


async def messages(box: Office) -> list[Any]:
    page = await box.services.broadcasts.list(box.actor)
    return [one for one in page.items if not one.title.startswith("Re: ")][::-1]


def answers(server: Relay) -> list[str]:
    found = []
    for message in server.messages:
        if message["Auto-Submitted"] == "auto-replied":
            body = message.get_body(("plain",))
            assert body is not None
            found.append(body.get_content())
    return found


async def test_a_mail_to_a_group_follows_the_advised_order(tmp_path: Path) -> None:
    """*elus@groupe* is all a mailer must know."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        await box.services.imports.take_file(box.actor, LIST.encode())
        async with client(box.daemon.mail_port) as here:
            said = await mailed(here, f"elus@groupe.{DOMAIN}", subject="[alerte] Crue")
        await settled(box)
        (one,) = await messages(box)

    assert said.startswith("250 2.0.0 accepte")
    assert (one.title, one.urgency, one.recipients, one.groups) == ("Crue", "vital", 2, "Élus")
    assert "2 destinataires" in answers(server)[0]
    assert f"/messages/{one.id}" in answers(server)[0]


async def test_numbers_of_one_mail_are_one_message(tmp_path: Path) -> None:
    """Two telephones, one report."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        async with client(box.daemon.mail_port) as here:
            await mailed(here, f"0639980001@sms.{DOMAIN}", f"0639980002@sms.{DOMAIN}",
                         f"0199000001@voice.{DOMAIN}")  # fmt: skip
        await settled(box)
        found = await messages(box)

    assert [one.recipients for one in found] == [2, 1]


async def test_a_mail_keeps_no_number_of_somebody_who_is_erased(tmp_path: Path) -> None:
    """It stood in the envelope, which nobody ever threw away."""
    person = PersonForm({"name": "Zoe"}, endpoints=((0, "06 39 98 00 09", ""),))
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        contact = await box.services.persons.save(box.actor, None, person)
        async with client(box.daemon.mail_port) as here:
            await mailed(here, f"0639980009@sms.{DOMAIN}")
        await settled(box)
        for one in await messages(box):
            await box.services.sending.cancel(box.actor, one.id)
        await box.services.persons.erase(box.actor, contact)
        rows = await box.daemon.store.read(
            lambda db: db.execute("SELECT recipients FROM mail_in").fetchall()
        )

    assert ["[]"] == [row["recipients"] for row in rows]


async def test_a_ready_message_leaves_by_its_address(tmp_path: Path) -> None:
    """What was made ready in calm times is one mail away."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        draft = Draft("Montez à l'étage.", title="Crue", everybody=True, channels=("sms",),
                      urgency="vital")  # fmt: skip
        await box.services.imports.take_file(box.actor, LIST.encode())
        await box.services.ready.keep(box.actor, "Crue du canal", draft)
        async with client(box.daemon.mail_port) as here:
            said = await mailed(here, f"crue@scenario.{DOMAIN}")
            assert said.startswith("550")
            said = await mailed(here, f"crue-du-canal@scenario.{DOMAIN}", subject="", body="")
        await settled(box)
        (one,) = await messages(box)

    assert (one.title, one.urgency, one.recipients) == ("Crue", "vital", 2)


async def test_a_file_goes_with_the_mail_and_is_refused_for_an_sms(tmp_path: Path) -> None:
    """Whoever attaches a plan to an SMS must hear that nobody would see it."""
    head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\n"
    body = "Voici.\n--B\nContent-Disposition: attachment; filename=plan.pdf\n\nPDF\n--B--"
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        await box.services.imports.take_file(box.actor, LIST.encode())
        async with client(box.daemon.mail_port) as here:
            await mailed(here, f"0639980001@sms.{DOMAIN}", head=head, body=body)
            await settled(box)
            assert await messages(box) == []
            assert "pièce jointe" in answers(server)[0]
            await mailed(here, f"elus@groupe.{DOMAIN}", subject="[courriel] [alerte] Plan",
                         head=head, body=body)  # fmt: skip
        await settled(box)

    sent = [m for m in server.messages if m["To"] == "anne@example.org"]
    assert [a.get_filename() for a in sent[0].iter_attachments()] == ["plan.pdf"]


async def test_a_refusal_is_answered_with_its_reason_once(tmp_path: Path) -> None:
    """And a machine is never answered: two of them would talk for ever."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        async with client(box.daemon.mail_port) as here:
            to, asked = f"0639980001@sms.{DOMAIN}", "Eau [à midi]"
            await mailed(here, to, subject=asked)
            await mailed(here, to, subject=asked, head="Auto-Submitted: auto-generated\n")
            await mailed(here, to, subject=asked, head="Precedence: bulk\n")
            await mailed(here, to, subject=asked, head="List-Id: <x>\n")
            await mailed(here, to, subject=asked, sender="")
        await settled(box)

    assert len(answers(server)) == 1
    assert "Heure illisible" in answers(server)[0]


async def test_of_a_mail_that_is_refused_in_part_nothing_leaves(tmp_path: Path) -> None:
    """« N'est pas parti » must be true of all of it."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        await box.services.groupings.save(box.actor, None, GroupForm("Vide", "service"))
        async with client(box.daemon.mail_port) as here:
            await mailed(here, f"0639980001@sms.{DOMAIN}", f"vide@groupe.{DOMAIN}")
        await settled(box)

        assert [] == await messages(box)
        assert "n'est pas parti" in " ".join(answers(server))


async def test_two_machines_that_write_to_each_other_are_parted(tmp_path: Path) -> None:
    """One that hides what it is gets twenty answers in an hour and no more."""
    near = door(lan=NEAR, per_minute=1000)
    async with relay() as server, office(tmp_path, server.port, near) as box:
        async with client(box.daemon.mail_port) as here:
            for number in range(30):
                await mailed(here, f"0639980001@sms.{DOMAIN}", subject=f"{number} [à midi]")
        await settled(box)

    assert len(answers(server)) == 20


async def test_mail_for_others_is_relayed_as_it_is_for_those_who_may(tmp_path: Path) -> None:
    """The copier's scan goes out by the same relay, untouched but for a Received line."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        async with client(box.daemon.mail_port) as here:
            await mailed(here, "luc@outside.example", head="X-Mine: 1\nMessage-ID: <1@x>\n")
        await settled(box)

    (message,) = server.messages
    assert (message["X-Mine"], message["Message-ID"]) == ("1", "<1@x>")
    assert "Supervision" not in str(message["Received"])
    assert DOMAIN in message["Received"]
    assert "luc@outside.example" in server.taken[0][1]


async def test_a_mail_refused_in_part_is_relayed_whole(tmp_path: Path) -> None:
    """Luc gets his copy as it was written, though the hour asked of the SMS cannot be read."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        async with client(box.daemon.mail_port) as here:
            to = ("luc@outside.example", f"0639980001@sms.{DOMAIN}")
            await mailed(here, *to, subject="Eau [à midi]", head="X-Mine: 1\n")
        await settled(box)

    (message,) = [one for one in server.messages if one["X-Mine"]]
    assert "L'eau est coupée." in message.get_content()
    assert "est relayé aux adresses extérieures ; le reste n'est pas parti" in answers(server)[0]
    assert "Heure illisible" in answers(server)[0]


async def test_a_box_without_a_relay_takes_no_mail_for_others(tmp_path: Path) -> None:
    """A copier told *accepted* would never say again that its scan did not leave."""
    async with office(tmp_path, 0, door(lan=NEAR)) as box, client(box.daemon.mail_port) as here:
        assert (await mailed(here, "luc@outside.example")).startswith("550")
        assert (await mailed(here, f"0639980001@sms.{DOMAIN}")).startswith("250")


async def test_the_same_mail_twice_is_one_message(tmp_path: Path) -> None:
    """A client that never heard our 250 sends it again."""
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        async with client(box.daemon.mail_port) as here:
            for _ in range(2):
                await mailed(here, f"0639980001@sms.{DOMAIN}", head="Message-ID: <7@x>\n")
        await settled(box)
        assert len(await messages(box)) == 1


async def test_what_was_accepted_survives_a_stop(tmp_path: Path) -> None:
    """250 means that it is on the disk."""
    async with relay() as server:
        async with office(tmp_path, server.port, door(lan=NEAR)) as box:
            box.daemon._intake._bell = asyncio.Event()  # nobody deals with it any more
            async with client(box.daemon.mail_port) as here:
                await mailed(here, f"0639980001@sms.{DOMAIN}")
            assert await messages(box) == []
        async with office(tmp_path, server.port, door(lan=NEAR)) as box:
            await settled(box)
            assert len(await messages(box)) == 1


async def test_a_login_opens_the_door_and_guessing_closes_it(tmp_path: Path) -> None:
    """Five wrong passwords from one place, then a pause even for the right one."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        code = await box.services.accounts.issue_first_code()
        await box.services.accounts.create_first(
            code or "", "camille", "Camille", "crue de l'Argent-Double"
        )
        async with client(box.daemon.mail_port) as here:
            assert (await here.log_in("camille", "crue de l'Argent-Double")).startswith("235")
            assert (await mailed(here, f"0639980001@sms.{DOMAIN}")).startswith("250")
        async with client(box.daemon.mail_port) as guesser:
            said = [await guesser.log_in("camille", f"wrong {n}") for n in range(6)]
        async with client(box.daemon.mail_port) as here:
            late = await here.log_in("camille", "crue de l'Argent-Double")

    assert [one[:3] for one in said] == ["535"] * 5 + ["454"]
    assert late.startswith("454")


async def test_a_program_sends_with_its_token(tmp_path: Path) -> None:
    """The token of the JSON door opens this one too."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        token = await box.services.software.issue(box.actor, "Zabbix")
        async with client(box.daemon.mail_port) as here:
            assert (await here.log_in("zabbix", token)).startswith("235")
            await mailed(here, f"0639980001@sms.{DOMAIN}")
        await settled(box)
        (one,) = await messages(box)

    assert one.author == "Zabbix"


@pytest.mark.parametrize(
    ("from_", "subject", "sent"),
    [("anne@example.org", "[code K7QM2PXA] [sms 0639980001] Eau", 1),
     ("anne@example.org", "[code WRONG123] [sms 0639980001] Eau", 0),
     ("eve@example.org", "[code K7QM2PXA] [sms 0639980001] Eau", 0),
     ("anne@example.org", "[sms 0639980001] Eau", 0)],
)  # fmt: skip
async def test_from_the_mailbox_a_sender_needs_their_code(
    tmp_path: Path, from_: str, subject: str, sent: int
) -> None:
    """Anybody can write any *De :*; the code is what counts."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        await box.daemon.store.write(
            lambda db: mail_in.add_sender(
                db, 1, "anne@example.org", "Anne", hash_of("K7QM2PXA"), "t", 0.0
            )
        )
        raw = f"From: Anne <{from_}>\nSubject: {subject}\n\nL'eau est coupée.\n".encode()
        assert await box.daemon._mailroom.take(raw) is bool(sent)
        await settled(box)
        assert len(await messages(box)) == sent


@pytest.mark.parametrize(
    ("received", "words", "sent"),
    [("Mon, 23 Nov 2026 20:00:00 +0100", "[alerte]", 0),
     ("Mon, 23 Nov 2026 20:00:00 +0100", "[service]", 1),
     ("Tue, 24 Nov 2026 01:00:00 +0100", "[alerte]", 1),
     ("Sun, 22 Nov 2026 20:00:00 +0100", "[service]", 0),
     ("no date at all", "[alerte]", 1)],
)  # fmt: skip
async def test_a_mail_found_long_after_it_came_is_too_late(
    tmp_path: Path, received: str, words: str, sent: int
) -> None:
    """The line was cut all night: the mailbox is read again, and its alerts are of yesterday."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        await box.daemon.store.write(
            lambda db: mail_in.add_sender(
                db, 1, "anne@example.org", "Anne", hash_of("K7QM2PXA"), "t", 0.0
            )
        )
        subject = f"[code K7QM2PXA] {words} [sms 0639980001] Eau"
        raw = f"Received: from a by b; {received}\nFrom: anne@example.org\nSubject: {subject}\n\nX."
        assert await box.daemon._mailroom.take(raw.encode())
        await settled(box)
        assert len(await messages(box)) == sent
        said = answers(server)

    assert 1 == len(said)
    assert ("n'a pu être lu qu'après : trop tard" in said[0]) is (not sent)
    assert not any("K7QM2PXA" in one.as_string() for one in server.messages)


async def test_a_mail_read_again_after_a_stop_is_one_message(tmp_path: Path) -> None:
    """Taken, then the power failed before it was written down how far the mailbox was read."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        await box.daemon.store.write(
            lambda db: mail_in.add_sender(
                db, 1, "anne@example.org", "Anne", hash_of("K7QM2PXA"), "t", 0.0
            )
        )
        subject = "[code K7QM2PXA] [sms 0639980001] Eau"
        raw = f"From: anne@example.org\nSubject: {subject}\n\nL'eau est coupée.\n".encode()
        assert await box.daemon._mailroom.take(raw)
        await settled(box)
        await asyncio.sleep(7200)
        assert await box.daemon._mailroom.take(raw)
        await settled(box)
        assert len(await messages(box)) == 1


async def test_ten_thousand_recipients_are_told_to_use_a_group(tmp_path: Path) -> None:
    """Bounded, and those before the limit stand."""
    async with relay() as server, office(
        tmp_path, server.port, door(lan=NEAR, max_recipients=10)
    ) as box, client(box.daemon.mail_port) as here:  # fmt: skip
        await here.say(f"MAIL FROM:<{ME}>")
        said = [await here.say(f"RCPT TO:<06399800{n:02}@sms.{DOMAIN}>") for n in range(12)]

    assert [one[:3] for one in said] == ["250"] * 10 + ["452"] * 2


async def pour(here: Client, line: bytes) -> None:
    for _ in range(200_000):
        here.writer.write(line)
        await here.writer.drain()


@pytest.mark.parametrize("line", [b"x" * 900 + b"\r\n", b"x" * 1000])
async def test_a_film_is_not_a_mail(tmp_path: Path, line: bytes) -> None:
    """Two hundred megabytes are refused on the way, lines with an end or without."""
    small = door(lan=NEAR, max_octets=100_000)
    async with relay() as server, office(tmp_path, server.port, small) as box:
        async with client(box.daemon.mail_port) as here:
            await here.say(f"MAIL FROM:<{ME}>", f"RCPT TO:<0639980001@sms.{DOMAIN}>", "DATA")
            with pytest.raises(ConnectionError):
                await pour(here, line)
        async with client(box.daemon.mail_port) as honest:
            assert (await mailed(honest, f"0639980001@sms.{DOMAIN}")).startswith("250")


async def test_many_who_send_much_at_once_are_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty strangers with fifteen megabytes each would fill the memory of a small machine."""
    monkeypatch.setattr(conversation, "MOST_HELD", 3_000_000)
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        async with contextlib.AsyncExitStack() as crowd:
            said = []
            for _ in range(5):
                here = await crowd.enter_async_context(client(box.daemon.mail_port))
                await here.say("MAIL FROM:<>", f"RCPT TO:<bounce@{DOMAIN}>", "DATA")
                here.writer.write((b"x" * 900 + b"\r\n") * 1100)
                await here.writer.drain()
                await asyncio.sleep(1)
                here.writer.write(b".\r\n")
                with contextlib.suppress(ConnectionError):
                    said.append((await here.answer())[:3])
        assert said[:3] == ["250"] * 3
        assert set(said[3:]) <= {"421"}
        async with client(box.daemon.mail_port) as honest:
            await honest.say("MAIL FROM:<>", f"RCPT TO:<bounce@{DOMAIN}>", "DATA")
            assert (await honest.say(b"Subject: x\r\n\r\nx\r\n.\r\n")).startswith("250")


async def test_who_says_a_word_a_minute_is_sent_away(tmp_path: Path) -> None:
    """Slow-loris: the door is for those who have something to say."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        async with client(box.daemon.mail_port) as slow:
            for _ in range(15):
                await asyncio.sleep(45)
                if slow.writer.transport.is_closing() or slow.reader.at_eof():
                    break
                slow.writer.write(b"N")
            assert slow.reader.at_eof()
        async with client(box.daemon.mail_port) as honest:
            assert (await honest.say("NOOP")).startswith("250")


async def test_a_crowd_waits_outside(tmp_path: Path) -> None:
    """Sixty from one place, then the door is full; when they go it is open again."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        crowd = [await asyncio.open_connection("127.0.0.1", box.daemon.mail_port)
                 for _ in range(61)]  # fmt: skip
        greetings = [await reader.readline() for reader, _ in crowd]
        for _, writer in crowd:
            writer.close()
        await asyncio.sleep(1)
        async with client(box.daemon.mail_port) as honest:
            assert (await honest.say("NOOP")).startswith("250")

    assert [one[:3] for one in greetings] == [b"220"] * 60 + [b"421"]


@pytest.mark.parametrize(
    "level",
    [
        "Content-Type: message/rfc822\r\n\r\n",
        'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n',
    ],
)
async def test_a_mail_of_a_thousand_mails_stops_nobody(tmp_path: Path, level: str) -> None:
    """Thirty thousand octets of nothing, after which another's alert still leaves."""
    raw = "".join(level.format(n=n) for n in range(1200)) + "fond\r\n.\r\n"
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        async with client(box.daemon.mail_port) as here:
            for line in (f"MAIL FROM:<{ME}>", f"RCPT TO:<0639980001@sms.{DOMAIN}>", "DATA"):
                await here.say(line)
            assert (await here.say(raw.encode())).startswith("250")
            await mailed(here, f"0639980001@sms.{DOMAIN}", subject="Crue")
        await settled(box)

        assert ["Crue"] == [one.title for one in await messages(box)]


async def test_a_mail_that_cannot_be_read_for_a_defect_of_ours_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those behind it leave, now and after a start."""

    def trap(raw: bytes) -> enclosure.Enclosure:
        if b"Subject: piege" in raw:
            raise MemoryError
        return enclosure.opened(raw)

    monkeypatch.setattr("gateway.intake.opened", trap)
    async with relay() as server, office(tmp_path, server.port, door(lan=NEAR)) as box:
        async with client(box.daemon.mail_port) as here:
            await mailed(here, f"0639980001@sms.{DOMAIN}", subject="piege")
            await mailed(here, f"0639980001@sms.{DOMAIN}", subject="Crue")
        await settled(box)

        assert ["Crue"] == [one.title for one in await messages(box)]
