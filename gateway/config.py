"""What boot needs, from one TOML file: typed, unknown keys refused, errors name key and line.

What is edited on the page lives in the database instead.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import tomllib
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway import config_words
from gateway.config_box import (
    BackupSettings,
    HealthSettings,
    PowerSettings,
    Whole,
    mailbox_of,
)
from gateway.errors import ConfigError
from gateway.system_words import why
from gateway.visible import has_unseen

DEFAULT_PATH = Path("/etc/tocsin/tocsin.toml")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45}")
_ADDRESS = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TownSettings(_Table):
    """The town this box stands in."""

    name: str = Field(min_length=1)
    timezone: str = "Europe/Paris"

    @field_validator("name")
    @classmethod
    def _in_one_line(cls, value: str) -> str:
        if has_unseen(value):
            raise ValueError(
                "s'écrit sur une seule ligne, sans tabulation ni caractère invisible : retapez-le"
            )
        return value

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(
                f"« {value} » n'est pas un fuseau horaire (exemple : Europe/Paris)"
            ) from None
        return value


def _can_be_host(host: str) -> bool:
    """Tell whether it is a name or an address; figures and dots that are no address are neither."""
    if not re.fullmatch(r"[\d.]+", host):
        return True
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


class ListenSettings(_Table):
    """Where something listens, as ``host:port``."""

    listen: str

    @field_validator("listen")
    @classmethod
    def _address(cls, value: str) -> str:
        match = _ADDRESS.fullmatch(value)
        if not match or int(match["port"]) > 65535 or not _can_be_host(match["host"]):
            raise ValueError(f"« {value} » n'est pas une adresse (exemple : 127.0.0.1:8080)")
        return value

    @property
    def host(self) -> str:
        """The address without its port."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port, 0 for any free one."""
        return int(self.listen.rpartition(":")[2])


class WebSettings(ListenSettings):
    """The page: in clear on the machine itself, else over TLS."""

    listen: str = "127.0.0.1:8080"
    names: tuple[str, ...] = ()  # by which people call the box, beside its own name
    certificate: Whole | None = None  # the site's; without it, beyond loopback, the box's own
    key: Whole | None = None
    trusted_proxies: tuple[str, ...] = ()  # whose X-Forwarded headers are believed

    @field_validator("names")
    @classmethod
    def _callable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"« {name} » n'est ni un nom de machine ni une adresse (exemple : "
                    "alerte.commune.fr)"
                )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in value:
            try:
                network = ipaddress.ip_network(proxy, strict=False)
            except ValueError:
                raise ValueError(f"« {proxy} » n'est pas une adresse IP ni un réseau") from None
            if network.prefixlen == 0:
                raise ValueError("nommez les serveurs mandataires : le monde entier n'en est pas")
        return value

    @model_validator(mode="after")
    def _both_or_none(self) -> WebSettings:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate et key vont ensemble")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        return self.host in LOOPBACK

    @property
    def address(self) -> str:
        """Where the page answers, as far as the file says."""
        everywhere = self.host in {"0.0.0.0", "::"}  # noqa: S104  # compared, not bound
        host = (self.names[0] if self.names else socket.gethostname()) if everywhere else self.host
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self.encrypted else 'http'}://{shown}:{self.port}"

    @property
    def encrypted(self) -> bool:
        """Whether the page speaks TLS itself."""
        return self.certificate is not None or not self.loopback


class NeighbourSettings(_Table):
    """A machine of the building that may send by mail without a password."""

    address: str  # an IP address, or a network
    name: str = Field(min_length=1)

    @field_validator("address")
    @classmethod
    def _network(cls, value: str) -> str:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"« {value} » n'est pas une adresse IP ni un réseau") from None
        return value


class SmtpSettings(ListenSettings):
    """Mail in: the door for programs, printers and mailers of the building."""

    listen: str = "127.0.0.1:2525"
    domain: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.-]*\.[a-z0-9-]{2,}$"
    )  # sms.DOMAIN, groupe.DOMAIN
    tls: Literal["none", "starttls", "implicit"] = "none"
    certificate: Whole | None = None
    key: Whole | None = None
    lan: tuple[NeighbourSettings, ...] = ()
    max_octets: int = Field(default=15_000_000, ge=10_000, le=50_000_000)
    max_recipients: int = Field(default=200, ge=1, le=5000)
    per_minute: int = Field(default=60, ge=1, le=10_000)  # mails of one sender

    @model_validator(mode="after")
    def _hides_passwords(self) -> SmtpSettings:
        if self.tls != "none" and not (self.certificate and self.key):
            raise ValueError("tls demande certificate et key")
        if self.tls == "none" and self.host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError(
                'un mot de passe ne passe jamais en clair : mettez tls = "starttls", ou écoutez '
                "sur 127.0.0.1"
            )
        return self


class RelaySettings(_Table):
    """Mail out."""

    host: str = "127.0.0.1"
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["none", "starttls", "implicit"] = "none"
    ca_file: Whole | None = None  # the one authority believed, for a server of the town's own
    username: str | None = None
    password_file: Whole | None = None
    sender: str = "tocsin@localhost"
    reply_to: str = ""
    return_path: str = ""  # envelope sender; the sender's address unless the relay wants another
    verp: bool = False  # name each mail in its envelope sender, where the mailbox takes a + part
    connections: int = Field(default=2, ge=1, le=8)
    per_minute: int = Field(default=0, ge=0)  # mails to everybody; 0 is no limit
    per_domain_per_minute: int = Field(default=0, ge=0)
    grace_seconds: float = Field(default=300.0, ge=10, le=86400)  # then telephones, if it is cut

    @field_validator("sender", "reply_to", "return_path")
    @classmethod
    def _can_be_answered(cls, value: str) -> str:
        """Take an address, with a name before it or not; the machine's own name is one too."""
        address = parseaddr(value)[1] if "<" in value else value
        if address and address.rpartition("@")[2] != "localhost":
            mailbox_of(address)
        elif value and not address.rpartition("@")[0]:
            raise ValueError(f"« {value} » n'est pas une adresse de courriel")
        return value

    @property
    def account(self) -> str:
        """The envelope sender: where what comes back goes to."""
        return self.return_path or parseaddr(self.sender)[1]

    @model_validator(mode="after")
    def _sends_secrets_encrypted(self) -> RelaySettings:
        if self.username and self.tls == "none" and self.host not in {"127.0.0.1", "localhost"}:
            raise ValueError('un mot de passe ne part jamais en clair : mettez tls = "starttls"')
        return self


class MailboxSettings(_Table):
    """The mailbox where bounces and answers come back, read by IMAP."""

    host: str
    port: int = Field(default=993, ge=1, le=65535)
    tls: Literal["none", "starttls", "implicit"] = "implicit"
    ca_file: Whole | None = None
    username: str
    password_file: Whole
    folder: str = "INBOX"
    every_seconds: float = Field(default=60.0, ge=10, le=3600)

    @model_validator(mode="after")
    def _logs_in_encrypted(self) -> MailboxSettings:
        if self.tls == "none" and self.host not in {"127.0.0.1", "localhost"}:
            raise ValueError('un mot de passe ne part jamais en clair : mettez tls = "implicit"')
        return self


class SpeechSettings(_Table):
    """How calls sound."""

    engines: tuple[Literal["kokoro", "piper", "espeak"], ...] = ("kokoro", "espeak")
    level: float = Field(default=-18.0, ge=-24.0, le=-16.0)  # dBov; louder may be clipped
    rate: int = Field(default=125, ge=90, le=180)  # words a minute
    piper_voice: Whole | None = None


class CallSettings(_Table):
    """How calls are placed, and answered."""

    ring_seconds: float = Field(default=45.0, ge=10, le=120)  # a network gives up at 30 to 60
    pause_seconds: float = Field(default=1.0, ge=0, le=60)  # between two calls of one SIM
    answer: bool = True  # whoever calls hears the last message sent to their number
    keep_received: bool = False  # the other end's side of calls, as sound
    keep_received_days: int = Field(default=30, ge=1, le=366)


class Match(_Table):
    """By what a modem is recognised whatever its port is called today."""

    imei: str | None = Field(default=None, pattern=r"^\d{15}$")
    usb_path: str | None = None


class ModemSettings(_Table):
    """One modem of the fleet."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    port: str | None = None
    audio: str | None = None
    profile: str = "auto"
    role: Literal["sms", "voice", "both"] = "both"
    regime: Literal["ordinary", "automated"] = "ordinary"
    pin_file: Whole | None = None
    match: Match | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> ModemSettings:
        if not self.port and not (self.match and (self.match.imei or self.match.usb_path)):
            raise ValueError('il faut port = "/dev/…" ou match = { imei = "…" }')
        return self


class Config(BaseSettings):
    """The whole file."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    data_dir: Whole = Path("/var/lib/tocsin")
    register_key_file: Whole | None = None  # `load`: secrets/register.key beside the file
    town: TownSettings
    web: WebSettings = WebSettings()
    smtp: SmtpSettings | None = None
    relay: RelaySettings | None = None
    mailbox: MailboxSettings | None = None
    speech: SpeechSettings = SpeechSettings()
    calls: CallSettings = CallSettings()
    backup: BackupSettings = BackupSettings()
    health: HealthSettings = HealthSettings()
    power: PowerSettings = PowerSettings()
    modem: tuple[ModemSettings, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Read the one file only: a stray environment variable must not change a town's box."""
        return (init_settings,)

    @field_validator("modem")
    @classmethod
    def _named_apart(cls, modems: tuple[ModemSettings, ...]) -> tuple[ModemSettings, ...]:
        for said, values in (
            ("s'appellent", [modem.name for modem in modems]),
            ("ont le port", [modem.port for modem in modems if modem.port]),
            ("ont l'IMEI", [m.match.imei for m in modems if m.match and m.match.imei]),
        ):
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise ValueError(f"deux modems {said} « {twice} »")
        return modems

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "tocsin.db"

    @property
    def control_socket(self) -> Path:
        """The socket of the command line."""
        return self.data_dir / "control.sock"

    @property
    def lock(self) -> Path:
        """The file whose lock tells whether a daemon runs."""
        return self.data_dir / "lock"

    @property
    def authority(self) -> Path:
        """Where the box's own authority and certificate are."""
        return self.data_dir / "tls"

    @property
    def speech_cache(self) -> Path:
        """Where rendered speech is kept, and forgotten when there is too much of it."""
        return self.data_dir / "speech"

    @property
    def voices(self) -> Path:
        """Where installed voices are."""
        return self.data_dir / "voices"

    @property
    def received_sounds(self) -> Path:
        """Where the other end's side of calls is kept, if at all."""
        return self.data_dir / "received"

    @property
    def recordings(self) -> Path:
        """Where recorded messages are kept."""
        return self.data_dir / "recordings"


def path_of(given: Path | None) -> Path:
    """Return the configuration file to use: as given, ``$TOCSIN_CONFIG``, or the default."""
    if given is not None:
        return given
    return Path(os.environ.get("TOCSIN_CONFIG") or DEFAULT_PATH)


def load(path: Path) -> Config:
    """Read the file; raise `ConfigError` with key, line and mend when it cannot be used."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")  # some editors begin a file with a mark
    except FileNotFoundError:
        raise ConfigError(
            f"{path} n'existe pas : lancez « tocsin init », ou donnez --config"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(config_words.not_utf8(path, data, error)) from None
    except PermissionError:
        raise ConfigError(
            f"{path} est fermé à cet utilisateur : recommencez avec sudo ; si c'est le service qui "
            f"le dit : chgrp tocsin {path} ; chmod 640 {path}"
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} ne peut pas être lu : {why(error)}") from None
    try:
        tables = tomllib.loads(text)
        tables.setdefault("register_key_file", path.absolute().parent / "secrets/register.key")
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(config_words.not_toml(path, text, error)) from None
    except RecursionError:
        raise ConfigError(config_words.too_deep(path, text)) from None
    try:
        return Config(**tables)
    except ValidationError as error:
        wrong = (config_words.told(path, text, item) for item in error.errors())
        raise ConfigError("\n".join(wrong)) from None
