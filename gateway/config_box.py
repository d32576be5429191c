"""What boot needs to know of the box itself: backups, health, supply. Tables of the TOML.

`gateway.config` puts them into the whole; nothing else reads them from here.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from gateway.errors import Refused

_AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
#: The port NUT listens on unless told otherwise.
NUT = 3493
_UPS = re.compile(
    r"(?P<name>[A-Za-z0-9_.-]+)@(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{1,5}))?"
)
_USB = re.compile(r"usb:[A-Za-z0-9_.-]{1,64}")


def _from_the_root(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError(
            f"« {value} » dépend du dossier d'où on lance Tocsin : donnez le chemin entier, "
            "depuis / (exemple : /var/lib/tocsin)"
        )
    return value


#: A file or folder by its whole path: the service stands in another folder than whoever types.
Whole = Annotated[Path, AfterValidator(_from_the_root)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BackupSettings(_Table):
    """Where backups go, how many stay, who can open them."""

    to: tuple[str, ...] = ()  # "/folder", "usb:LABEL", "sftp://user@host/folder"
    keep: int = Field(default=14, ge=1, le=400)  # of each place
    recipient: str | None = None  # the public half of the key on the sheet in the safe
    sftp_key_file: Whole | None = None
    sftp_host_key: str | None = None  # "ssh-ed25519 AAAA…", as the other machine shows it
    copy_hours: float = Field(default=6.0, ge=1, le=168)  # between two copies to fall back on

    @field_validator("to")
    @classmethod
    def _places(cls, places: tuple[str, ...]) -> tuple[str, ...]:
        for place in places:
            if not (place.startswith("/") or _USB.fullmatch(place) or _is_sftp(place)):
                raise ValueError(
                    f"« {place} » n'est pas une destination (exemples : /mnt/nas/tocsin, "
                    "usb:TOCSIN, sftp://tocsin@nas.exemple.fr/sauvegardes)"
                )
        return places

    @field_validator("recipient")
    @classmethod
    def _key(cls, value: str | None) -> str | None:
        if value is not None and not _AGE_KEY.fullmatch(value):
            raise ValueError(
                "ce n'est pas une clé publique : « tocsin backup --new-key » en fait une "
                "(age1…) ; la clé secrète, elle, reste sur papier au coffre"
            )
        return value

    @model_validator(mode="after")
    def _knows_the_other_machine(self) -> BackupSettings:
        if any(_is_sftp(place) for place in self.to) and not (
            self.sftp_host_key and self.sftp_key_file
        ):
            raise ValueError(
                "une destination sftp:// demande sftp_key_file (notre clé) et sftp_host_key (celle "
                "de l'autre machine : « ssh-keyscan -t ed25519 NOM », sans le nom du début)"
            )
        return self


def _is_sftp(place: str) -> bool:
    parts = urlsplit(place)
    try:
        named = bool(parts.hostname and parts.username and parts.path and parts.port != 0)
    except ValueError:  # a port that is none
        return False
    return parts.scheme == "sftp" and named


def _telephone(value: str) -> str:
    from gateway import phone  # its tables are heavy, and few boxes name one

    try:
        return phone.parse(value).e164
    except Refused as refusal:
        raise ValueError(refusal.message) from None


def mailbox_of(value: str) -> str:
    """Return an address of mail; raise ValueError for what reaches nobody.

    Read as our mail door reads one, so that what is taken here can be written to.
    """
    from gateway.mail import addresses  # no other use of it at boot

    try:
        return addresses.target(value, "invalid.invalid").value
    except addresses.BadAddress:
        raise ValueError(
            f"« {value} » n'est pas une adresse de courriel (exemple : nom@exemple.fr)"
        ) from None


#: An address of mail, without a name beside it.
Mailbox = Annotated[str, AfterValidator(mailbox_of)]

#: A telephone as people write it; E.164 once it is read.
Telephone = Annotated[str, AfterValidator(_telephone)]


class WatchedBox(_Table):
    """Another box of ours that tells by SMS that it lives."""

    name: str = Field(min_length=1, max_length=60)
    number: Telephone  # the SIM its signs come from
    also: tuple[Telephone, ...] = ()  # its other SIMs: whichever modem works gives the sign
    hours: float = Field(default=26.0, ge=2, le=168)  # of silence before it is told


class HealthSettings(_Table):
    """Who hears how the box is, and by which way."""

    technician_sms: Telephone | None = None
    technician_mail: Mailbox | None = None
    sign_of_life: Literal["none", "sms", "mail"] = "none"
    sign_of_life_at: str = Field(default="08:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    sign_to: tuple[Telephone, ...] = ()  # other boxes of ours that watch this one
    watch: tuple[WatchedBox, ...] = ()
    ping_url: str | None = None  # asked with a GET after every good look at oneself
    heartbeat_hours: float = Field(default=24.0, ge=0, le=168)  # 0: modems do not text each other
    metrics_from: tuple[str, ...] = ()  # addresses or networks that may read /metrics
    metrics_token_file: Whole | None = None

    @field_validator("ping_url")
    @classmethod
    def _web(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("il faut une adresse https://…")
        return value

    @field_validator("metrics_from")
    @classmethod
    def _networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ipaddress.ip_network(value)
            except ValueError:
                raise ValueError(
                    f"« {value} » n'est pas une adresse ni un réseau (exemple : 192.168.1.0/24)"
                ) from None
        return values

    @model_validator(mode="after")
    def _somebody_hears(self) -> HealthSettings:
        way = {"sms": self.technician_sms, "mail": self.technician_mail}
        if self.sign_of_life in way and not way[self.sign_of_life]:
            raise ValueError(
                f"le signe de vie par « {self.sign_of_life} » demande "
                f"technician_{self.sign_of_life}"
            )
        return self


class PowerSettings(_Table):
    """The uninterruptible supply, where NUT watches one: its upsmon stops the machine in time."""

    ups: str | None = None
    username: str | None = None
    password_file: Whole | None = None

    @field_validator("ups")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        found = _UPS.fullmatch(value) if value is not None else None
        if value is not None and (found is None or not 1 <= int(found["port"] or NUT) <= 65535):
            raise ValueError(
                f"« {value} » n'est pas un onduleur : attend onduleur@machine, et :port (1 à "
                "65535) s'il n'est pas celui de NUT, comme « onduleur@localhost »"
            )
        return value

    @property
    def place(self) -> tuple[str, str, int]:
        """The supply's name, its machine and the port there; raise ValueError where none is."""
        found = _UPS.fullmatch(self.ups or "")
        if found is None:
            raise ValueError(f"no supply: {self.ups}")
        return found["name"], found["host"].strip("[]"), int(found["port"] or NUT)
