"""A look at what the box leans on: relay and certificate, voices, the daemon itself."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

from gateway.config import Config, RelaySettings
from gateway.control import client
from gateway.errors import TocsinError
from gateway.sentences import fr
from gateway.system_words import why
from gateway.upkeep import findings
from gateway.upkeep.findings import Finding
from gateway.watch import SET_IT

#: Seconds for anything outside: a name server that hangs must not hang the doctor.
PATIENCE = 10.0
_SOON = 21  # days before a certificate's end


async def relay(config: Config) -> AsyncIterator[Finding]:
    """Tell whether the relay would take a mail: name, port, encryption, certificate, password."""
    if config.relay is None:
        yield findings.warning(
            "relay", "aucun serveur de courriel : les courriels ne partiront pas",
            "[relay] dans la configuration",
        )  # fmt: skip
        return
    where = f"{config.relay.host}:{config.relay.port}"
    try:
        async with asyncio.timeout(PATIENCE):
            found = await _asked(config.relay)
    except TimeoutError:
        found = findings.fault("relay", f"{where} ne répond pas en {PATIENCE:.0f} s",
                               "vérifiez host, port, le pare-feu et le DNS")  # fmt: skip
    except socket.gaierror as error:
        found = findings.fault("relay", f"« {config.relay.host} » est inconnu du DNS : "
                               f"{why(error)}", "vérifiez host, puis resolvectl query")  # fmt: skip
    except ssl.SSLCertVerificationError as error:
        found = findings.fault(
            "relay.certificate", f"certificat refusé par {where} : {error.verify_message}",
            "vérifiez host et l'heure de la machine",
        )  # fmt: skip
    except (OSError, TocsinError) as error:
        found = findings.fault("relay", f"{where} : {why(error)}", "vérifiez [relay]")
    yield found


async def _asked(settings: RelaySettings) -> Finding:
    from gateway.mail import session

    where = f"{settings.host}:{settings.port}"
    try:
        smtp = await session.connect(settings, limit=PATIENCE)
    except session.Refusal as refusal:
        return findings.fault("relay", f"{where} refuse ({refusal.code} {refusal.text})",
                              f"vérifiez username et {settings.password_file}")  # fmt: skip
    except session.Gone as gone:
        cause = _root_of(gone)
        if isinstance(cause, ssl.SSLCertVerificationError | socket.gaierror):
            raise cause from None
        return findings.fault("relay", f"{where} : {gone}", "vérifiez [relay]")
    try:
        days = _certificate_days(smtp)
    finally:
        smtp.close()
    if days is not None and days < _SOON:
        return findings.warning(
            "relay.certificate", f"le certificat de {where} finit dans {days} jours",
            "prévenez qui s'en occupe",
        )  # fmt: skip
    return findings.good("relay", f"{where} répond")


def _root_of(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _certificate_days(smtp: Any) -> int | None:
    found = smtp.get_transport_info("peercert")
    if not found or "notAfter" not in found:
        return None
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)
    return (end - datetime.now(UTC)).days


def voices(config: Config) -> Iterator[Finding]:
    """Tell whether a voice can speak: without one, alerts have no calls."""
    from tts import voices as known

    speaking = []
    for fact in known.listed(config.voices, config.speech.piper_voice):
        if fact.name not in config.speech.engines or not fact.installed:
            continue
        wrong = known.trouble(fact.name, config.voices)
        if wrong:
            yield findings.fault(f"voice.{fact.name}", f"la voix {fact.name} est abîmée : {wrong}",
                                 f"tocsin voice install {fact.name}")  # fmt: skip
        else:
            speaking.append(fact.name)
    if not speaking:
        yield findings.fault("voice", "aucune voix : les appels ne diront rien",
                             "apt install libespeak-ng1 ; tocsin voice install kokoro")  # fmt: skip
    elif speaking == ["espeak"]:
        yield findings.warning("voice", "seule la voix de secours parle (espeak)",
                               "tocsin voice install kokoro : bien mieux comprise")  # fmt: skip
    else:
        yield findings.good("voice", f"voix : {', '.join(speaking)}")


def told(config: Config) -> Iterator[Finding]:
    """Tell whether anybody far away hears of an alarm of the box itself."""
    health = config.health
    named = {"SMS": health.technician_sms, "courriel": health.technician_mail}
    works = {"SMS": bool(config.modem), "courriel": config.relay is not None}
    ways = [way for way, whom in named.items() if whom and works[way]]
    if ways:
        yield findings.good("told", f"les alarmes du boîtier vont par {' et '.join(ways)}")
    elif any(named.values()):
        yield findings.warning(
            "told", "le technicien est nommé, mais rien ne peut le prévenir : ni modem pour un "
            "SMS, ni serveur pour un courriel", "déclarez un [[modem]] ou [relay], ou donnez "
            "l'autre adresse dans [health]",
        )  # fmt: skip
    else:
        yield findings.warning(
            "told", "personne ne serait prévenu d'une panne du boîtier : elle ne se verrait que "
            "sur la page", 'technician_sms = "06…" ou technician_mail = "…" sous [health], puis '
            "systemctl restart tocsin",
        )  # fmt: skip


def daemon(config: Config) -> Iterator[Finding]:
    """Tell what the running daemon says of its modems."""
    try:
        modems = client.ask(config.control_socket, "modems")
        notices = client.ask(config.control_socket, "modem_notices")
        time = client.ask(config.control_socket, "clock")
    except client.NoDaemon:
        yield findings.fault("daemon", "le service ne tourne pas",
                             "systemctl start tocsin ; journalctl -u tocsin")  # fmt: skip
        return
    except (TocsinError, OSError) as error:
        yield findings.unknown("daemon", f"le service ne répond pas à cet utilisateur : {error}",
                               "lancez : sudo -u tocsin tocsin doctor")  # fmt: skip
        return
    yield findings.good("daemon", "le service tourne")
    yield from _clock(time)
    for notice in notices:
        if notice != time["notice"]:
            yield findings.warning("notice", notice, "")
    for modem in modems:
        code, name = f"modem.{modem['name']}", modem["name"]
        if modem["state"] != "ready":
            yield findings.fault(code, f"{name} : {modem['trouble'] or modem['state']}",
                                 modem["mend"] or f"tocsin modem check {name}")  # fmt: skip
        elif modem.get("trouble"):
            yield findings.warning(code, f"{name} : {modem['trouble']}", modem["mend"])
        else:
            yield findings.good(code, f"{name} : prêt, {modem.get('operator') or 'réseau'}")


def _clock(found: dict[str, Any]) -> Iterator[Finding]:
    """Tell what the daemon says of the time: it hears the network, and knows when it last lived."""
    if found["notice"]:
        told = findings.fault if found["held"] and not found["followed"] else findings.warning
        yield told("clock.daemon", found["notice"], SET_IT)
    elif not found["held"]:
        yield findings.good("clock.daemon", fr("le service tient l'heure pour sûre"))
