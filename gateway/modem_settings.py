"""A modem's configuration as its supervisor takes it, its PIN read from its file."""

from __future__ import annotations

from pathlib import Path

from gateway.config import ModemSettings
from gateway.credentials import secret
from gateway.errors import ConfigError
from modem import supervisor as modems


def modem_settings(settings: ModemSettings) -> modems.ModemSettings:
    """Return a modem's configuration as its supervisor takes it."""
    match = settings.match
    return modems.ModemSettings(
        name=settings.name, port=settings.port, audio=settings.audio, profile=settings.profile,
        pin=_pin(settings.pin_file),
        match_imei=match.imei if match else None,
        match_usb_path=match.usb_path if match else None,
    )  # fmt: skip


def _pin(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return secret(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"pin_file {path} ne peut pas être lu : {error}") from None
