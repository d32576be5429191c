"""What an address of a mail that comes in asks for. Pure, and strict: in doubt it is refused.

``0639980001@sms.DOMAIN``, ``…@voice.DOMAIN``, ``elus@groupe.DOMAIN``, ``crue@scenario.DOMAIN``;
whatever is not under our domain is somebody else's, to be relayed for those who may.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway import phone
from gateway.errors import Refused
from gateway.french import folded


class Form(StrEnum):
    """What kind of target an address names."""

    SMS = "sms"
    VOICE = "voice"
    GROUP = "group"
    SCENARIO = "scenario"
    WARNING = "warning"  # for the people on duty, by the town's rules
    RETURN = "return"  # what comes back for our own mails
    OUTSIDE = "outside"  # somebody else's mailbox


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient: ``value`` is a number (E.164), a folded name, or a mail address."""

    form: Form
    value: str


class BadAddress(Exception):
    """An address nobody can be reached by; the text is an SMTP answer."""


_HOSTS: Final = {
    "sms": Form.SMS, "voice": Form.VOICE, "voix": Form.VOICE, "appel": Form.VOICE,
    "groupe": Form.GROUP, "group": Form.GROUP, "scenario": Form.SCENARIO,
}  # fmt: skip
#: No quote, no route, no percent, no bang, no second @: nothing a relay further on could unfold.
_LOCAL: Final = re.compile(r"[\w&'*+/=?^`{|}~$#-]+(\.[\w&'*+/=?^`{|}~$#-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST: Final = 254


def target(address: str, domain: str) -> Target:
    """Return what an address asks for at a door of this ``domain``; raise `BadAddress`."""
    local, at, host = address.rpartition("@")
    host = _host(host)
    if not at or len(address) > _LONGEST or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise BadAddress("553 5.1.3 adresse refusee : forme inconnue")
    domain = domain.lower()
    if host == domain:
        return _own(local)
    if not host.endswith("." + domain):
        return Target(Form.OUTSIDE, f"{local}@{host}")
    form = _HOSTS.get(host.removesuffix("." + domain))
    if form is None:
        raise BadAddress("550 5.1.2 domaine inconnu : sms, voice, groupe ou scenario")
    if form in {Form.SMS, Form.VOICE}:
        return Target(form, _number(local))
    return Target(form, slug(local))


def _host(host: str) -> str:
    """Return a domain in its one ASCII form: what looks like ours but is not stays another's."""
    try:
        plain = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise BadAddress("553 5.1.2 domaine refuse") from None
    plain = plain.lower()
    labels = plain.split(".")
    well = all(_LABEL.fullmatch(label) for label in labels) and len(plain) <= 253
    if not well or len(labels) < 2 or labels[-1].isdigit():
        raise BadAddress("553 5.1.2 domaine refuse")
    return plain


def _own(local: str) -> Target:
    base = local.partition("+")[0].lower()
    if base in {"ack", "bounce"} or "+tocsin." in local.lower():
        return Target(Form.RETURN, local)
    if base in {"avertissement", "warning"}:
        return Target(Form.WARNING, base)
    raise BadAddress("550 5.1.1 personne ici : ecrivez a sms, voice, groupe ou scenario")


def _number(local: str) -> str:
    try:
        return phone.parse(local).e164
    except Refused:
        raise BadAddress("550 5.1.3 numero refuse : verifiez-le") from None


def slug(name: str) -> str:
    """Return a name as an address may write it: *Quartier inondable* is quartier-inondable."""
    plain = unicodedata.normalize("NFKD", folded(name))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
