"""The configuration file as ``tocsin init`` writes it: what was answered, the rest explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway import provisional
from gateway.cli.finding import Found


@dataclass(frozen=True, slots=True)
class Answers:
    """What the technician said; empty where nothing."""

    town: str
    timezone: str
    data_dir: Path
    listen: str
    relay: str = ""  # host:port, an address of IPv6 in brackets
    tls: str = "starttls"
    username: str = ""
    password_file: str = ""
    sender: str = ""
    technician: str = ""  # a mail address
    backup: tuple[str, ...] = ()
    technician_sms: str = ""  # E.164


def text_of(answers: Answers, modems: Sequence[Found]) -> str:
    """Return the file."""
    parts = [
        "# Configuration de Tocsin. Toute clé inconnue est refusée, avec son numéro de ligne.",
        f"data_dir = {quoted(str(answers.data_dir.absolute()))}",
        "",
        "[town]",
        f"name = {quoted(answers.town)}",
        f"timezone = {quoted(answers.timezone)}",
        "",
        "[web]",
        f"listen = {quoted(answers.listen)}",
        '# "0.0.0.0:8443" l\'ouvre aux ordinateurs de la mairie, en HTTPS ; voyez le guide',
        "",
        *_relay(answers),
        "",
        *_health(answers),
        "",
        *_modems(modems),
    ]
    return "\n".join(parts) + "\n"


def provisional_text(data_dir: Path) -> str:
    """Return the file the package writes, for a service that runs until somebody answers."""
    answers = Answers(provisional.TOWN, "Europe/Paris", data_dir, "127.0.0.1:8080")
    return f"{provisional.FIRST_LINE}\n{text_of(answers, [])}"


def quoted(text: str) -> str:
    """Return a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def _relay(answers: Answers) -> list[str]:
    if not answers.relay:
        return [
            "# Le serveur qui envoie les courriels de la mairie :",
            "# [relay]",
            '# host = "smtp.exemple.fr"',
            "# port = 587",
            '# tls = "starttls"            # none | starttls | implicit',
            '# username = "mairie@exemple.fr"',
            '# password_file = "/etc/tocsin/secrets/relay-password"',
            '# sender = "mairie@exemple.fr"',
        ]
    host, _, port = answers.relay.rpartition(":")
    lines = ["[relay]", f"host = {quoted(host.strip('[]'))}", f"port = {int(port)}",
             f"tls = {quoted(answers.tls)}"]  # fmt: skip
    if answers.username:
        lines += [f"username = {quoted(answers.username)}",
                  f"password_file = {quoted(answers.password_file)}"]  # fmt: skip
    return [*lines, f"sender = {quoted(answers.sender)}"]


def _health(answers: Answers) -> list[str]:
    lines = _technician(answers)
    if answers.backup:
        places = ", ".join(quoted(place) for place in answers.backup)
        return [*lines, "[backup]", f"to = [{places}]",
                '# recipient = "age1…"        # chiffrer : tocsin backup --new-key']  # fmt: skip
    return [
        *lines,
        "# Les sauvegardes de nuit ; « tocsin backup --new-key » fait la feuille du coffre :",
        "# [backup]",
        '# to = ["usb:TOCSIN", "/mnt/nas/tocsin"]',
        '# recipient = "age1…"',
    ]


def _technician(answers: Answers) -> list[str]:
    """Return who hears how the box is; a sign of life by the way that needs no internet."""
    if not (answers.technician or answers.technician_sms):
        return [
            "# Qui apprend au loin que le boîtier est en panne, et chaque matin qu'il vit :",
            "# [health]",
            '# technician_sms = "06…"',
            '# sign_of_life = "sms"        # sms | mail | none',
            "",
        ]
    way = "sms" if answers.technician_sms else "mail" if answers.relay else "none"
    named = (
        ("technician_sms", answers.technician_sms), ("technician_mail", answers.technician),
    )  # fmt: skip
    return [
        "[health]",
        *(f"{key} = {quoted(value)}" for key, value in named if value),
        f'sign_of_life = "{way}"        # sms | mail | none : un mot chaque matin, à 8 h',
        "",
    ]


def _modems(modems: Sequence[Found]) -> list[str]:
    if not modems:
        return [
            "# Un bloc par modem ; « tocsin modem list » montre les ports trouvés.",
            "# [[modem]]",
            '# name = "orange-1"',
            '# match = { imei = "…" }      # ou port = "/dev/tocsin/at-…"',
            '# role = "both"               # sms | voice | both',
            '# regime = "ordinary"         # automated : l\'opérateur a donné son accord écrit',
        ]
    return modem_tables(modems)


def modem_tables(modems: Sequence[Found]) -> list[str]:
    """Return a table of the file for each modem, as lines."""
    lines = []
    for one in modems:
        by_imei = one.on_usb and len(one.probe.imei) == 15 and one.probe.imei.isdigit()
        known = f'match = {{ imei = "{one.probe.imei}" }}' if by_imei else (
            f"port = {quoted(one.port)}"
        )  # fmt: skip
        lines += [
            f"# {' '.join(filter(None, (one.probe.manufacturer, one.probe.model)))}".rstrip(),
            "[[modem]]",
            f"name = {quoted(one.name)}",
            known,
            'role = "both"                 # sms | voice | both',
            'regime = "ordinary"           # automated : l\'opérateur a donné son accord écrit',
            "",
        ]
    return lines
