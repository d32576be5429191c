"""What a relay's refusal means for whoever sets this box up, in French, with the mend. Pure.

`gateway.mail.verdict` says what it means for a message.
"""

from __future__ import annotations

from gateway.config import RelaySettings
from gateway.mail.mends import Trouble, where
from gateway.mail.session import AnswerLost, Refusal
from gateway.mail.verdict import Stage, enhanced, told


def greeting(refusal: Refusal, relay: RelaySettings) -> Trouble:
    """Return what it means that a relay sends us away before we said a word."""
    said = f"{where(relay)} nous renvoie : {told(refusal.code, refusal.text)}"
    if refusal.code < 500:
        return Trouble(said, "attendez quelques minutes et recommencez")
    return Trouble(said, "il refuse l'adresse IP du boîtier : prenez le relais de votre "
                   'fournisseur (port = 587, tls = "starttls", username)')  # fmt: skip


def login(refusal: Refusal, relay: RelaySettings) -> Trouble:
    """Return what it means that a relay refuses our login."""
    said = f"le relais refuse l'identification : {told(refusal.code, refusal.text)}"
    if refusal.code in {530, 538}:
        return Trouble(said, '[relay] tls = "starttls" : il veut d\'abord du chiffrement')
    if refusal.code // 100 == 4:
        return Trouble(said, "attendez cinq minutes : trop d'essais, ou il est en panne")
    if "5.7.139" in refusal.text or "5.7.57" in refusal.text:
        return Trouble(said, "faites activer « SMTP authentifié » sur ce compte (Microsoft 365)")
    if refusal.code == 534 or "5.7.9" in refusal.text:
        return Trouble(said, f"faites un mot de passe d'application, dans {relay.password_file}")
    return Trouble(
        said, f"vérifiez [relay] username ({relay.username}) et le mot de passe dans "
        f"{relay.password_file or 'password_file, qui manque'}",
    )  # fmt: skip


def hung_up(relay: RelaySettings) -> Trouble:
    """Return what it means that a relay hangs up while we log in."""
    return Trouble(
        "le relais a coupé pendant l'identification",
        f"vérifiez [relay] username ({relay.username}) et le mot de passe ; trop d'essais faux "
        "ferment la porte un moment",
    )


def no_login(relay: RelaySettings) -> Trouble:
    """Return what it means that a relay offers no login that we know."""
    chosen = "" if relay.tls != "none" else ' ou mettez tls = "starttls",'
    return Trouble(
        f"{where(relay)} ne propose pas d'identification",
        f"prenez [relay] port = 587,{chosen} ou retirez username si ce relais n'en veut pas",
    )


def lost(error: Exception) -> Trouble:
    """Return what it means that a relay left in the middle of a mail."""
    if isinstance(error, AnswerLost):
        return Trouble(
            "le relais n'a pas dit s'il a pris le message",
            "recommencez ; si cela dure, demandez à qui tient le relais",
        )
    return Trouble(
        f"le relais a coupé au milieu du message ({error})",
        "recommencez ; si cela dure, demandez à qui tient le relais",
    )


def mail(refusal: Refusal, relay: RelaySettings, to: str) -> Trouble:
    """Return what it means that a relay refuses a mail, at which word and with which code."""
    code, about = refusal.code, enhanced(refusal.text)
    answer = told(code, refusal.text)
    said = {
        Stage.MAIL: f"le relais refuse l'expéditeur {relay.account} : {answer}",
        Stage.RCPT: f"le relais refuse le destinataire {to} : {answer}",
    }.get(refusal.stage, f"le relais refuse le texte : {answer}")
    if code < 500:
        return Trouble(said, "attendez cinq minutes et recommencez : beaucoup de relais font "
                       "patienter un inconnu")  # fmt: skip
    if code in {530, 538}:
        return Trouble(said, "il veut un mot de passe : [relay] username et password_file, avec "
                       'tls = "starttls"')  # fmt: skip
    return Trouble(said, _mend(refusal.stage, code, about[1] if about else 0, relay))


def _mend(stage: Stage, code: int, subject: int, relay: RelaySettings) -> str:
    if code == 552 or (subject, stage) == (3, Stage.MAIL):
        return "la boîte ou le relais est plein, ou le message trop gros pour lui"
    if stage is Stage.MAIL:
        whose = f"du compte {relay.username}" if relay.username else "que ce relais connaît"
        return f"[relay] sender (ou return_path) doit être une adresse {whose}"
    if stage is Stage.RCPT and subject in {1, 2}:
        return "vérifiez cette adresse : elle n'existe pas, ou sa boîte est fermée"
    if stage is Stage.RCPT:
        return (
            "il ne relaie pas pour ce boîtier : [relay] username et password_file, ou faites-y "
            "admettre l'adresse IP du boîtier"
        )
    if subject == 7:
        return (
            "sa politique le refuse : [relay] sender doit être une adresse du compte, et son "
            "domaine avoir SPF et DKIM pour ce relais"
        )
    return "demandez à qui tient le relais pourquoi il refuse ce message"
