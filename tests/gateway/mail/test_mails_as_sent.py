"""Mails as they come off the wire, octet for octet: what their writer said is all that goes out.

Made for these tests in the shape of each program's own; persons and addresses are invented.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import NeighbourSettings
from gateway.mail.enclosure import opened
from tests.gateway.mail.post import DOMAIN, client, door, office
from tests.gateway.mail.relay import relay

FOLDER = Path(__file__).with_name("mailers")
#: The program: the subject it meant, and the writer's own words.
MEANT = {
    "thunderbird": (
        "Coupure d'eau rue du Canal [à 18:30]",
        ("Bonjour,\n\nL'eau sera coupée demain de 8 h à midi, rue du Canal et place de l'Église. "
        "Pensez à faire une réserve.\n\nFrom midi, plus rien à craindre."),
    ),
    "outlook": (
        "École fermée",
        ("Bonjour,\n\nL’école sera fermée demain à cause de la neige – la cantine aussi.\n\n"
        "Cordialement,\nCamille"),
    ),
    "outlook_exchange": (
        "TR : Marché déplacé",
        "Le marché d’hiver est déplacé place de l’Église : 5 € la place.",
    ),
    "outlook_phone": (
        "Fête annulée",
        ("La fête du village est annulée.\nLes repas réservés seront remboursés :\n\nen mairie,\n"
        "le matin."),
    ),
    "gmail": (
        "[alerte] Route coupée",
        ("Bonjour à tous,\n\nLa route du Minervois est coupée à la circulation jusqu'à ce soir. "
        "Passez\npar Azille."),
    ),
    "iphone": (
        "Re : Réunion",
        "La réunion est reportée à jeudi 18 h. J’apporte les clés.",
    ),
    "copier": (
        "Document numérisé",
        "Document numérisé à l'accueil le 24/11/2026.\nNe répondez pas à ce message.",
    ),
    "zabbix": (
        "Problème : Niveau du canal élevé (écluse de l'Étang)",
        ("Problème commencé à 08:30:58 le 2026.11.24\nNom : Niveau du canal élevé\n"
        "Hôte : Écluse de l'Étang\nGravité : Haut\nValeur : 2,41 m"),
    ),
    "nagios": (
        "** PROBLEM Service Alert: pompe/Debit is CRITICAL **",
        ("***** Nagios *****\n\nNotification Type: PROBLEM\n\nService: Débit\n"
        "Host: Pompe de relevage\nAddress: 192.0.2.7\nState: CRITICAL\n\n"
        "Date/Time: Tue Nov 24 08:31:07 CET 2026\n\nAdditional Info:\n\n"
        "CRITIQUE - débit 0 l/s, moins 12 °C"),
    ),
}  # fmt: skip

#: Where that saves an SMS, these are replaced on the way, as a text written on the page is.
SIMPLE = str.maketrans("’–", "'-")


def octets(program: str) -> bytes:
    return (FOLDER / f"{program}.eml").read_bytes()


def test_each_mail_kept_here_is_judged() -> None:
    """A file nobody reads proves nothing."""
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(MEANT)


@pytest.mark.parametrize("program", MEANT)
def test_the_writers_own_words_are_read(program: str) -> None:
    """Whatever the charset, the encoding, the margin, the signature and the quote."""
    found = opened(octets(program))

    assert (found.subject, found.text) == MEANT[program]


def test_a_scans_name_is_decoded() -> None:
    """`=?ISO-8859-1?Q?...` as the name of a file helps nobody who looks for it."""
    ((name, data),) = opened(octets("copier")).files

    assert name == "numérisé_0001.pdf"
    assert data.startswith(b"%PDF-1.4")


@pytest.mark.parametrize("program", sorted(set(MEANT) - {"copier", "thunderbird"}))
async def test_the_same_words_stand_in_the_text_on_the_telephone(
    tmp_path: Path, program: str
) -> None:
    """From the mailer's octets through our door to the message that leaves."""
    near = door(lan=(NeighbourSettings(address="127.0.0.1", name="Mairie"),))
    async with relay() as server, office(tmp_path, server.port, near) as box:
        async with client(box.daemon.mail_port) as here:
            await here.say("MAIL FROM:<x@la-redorte.example>")
            await here.say(f"RCPT TO:<0639980001@sms.{DOMAIN}>", "DATA")
            said = await here.say(octets(program).removesuffix(b"\r\n") + b"\r\n.\r\n")
        assert said.startswith("250")
        async for _ in box.services.live.watch(box.actor, "broadcasts"):
            page = await box.services.broadcasts.list(box.actor)
            made = [one for one in page.items if not one.title.startswith("Re: ")]
            if made:
                break
        view = await box.services.broadcasts.view(box.actor, made[0].id)

    assert MEANT[program][1].translate(SIMPLE) in [t.translate(SIMPLE) for t in view.texts.values()]
