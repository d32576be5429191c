"""A modem's configuration as its supervisor takes it, with what reads its PIN from its file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from gateway.config import ModemSettings
from gateway.credentials import secret
from modem import supervisor as modems


def modem_settings(settings: ModemSettings) -> modems.ModemSettings:
    """Return a modem's configuration as its supervisor takes it."""
    match = settings.match
    return modems.ModemSettings(
        name=settings.name, port=settings.port, audio=settings.audio, profile=settings.profile,
        read_pin=partial(_pin, settings.pin_file),
        match_imei=match.imei if match else None,
        match_usb_path=match.usb_path if match else None,
    )  # fmt: skip


def _pin(path: Path | None) -> str | None:
    """Return the PIN; raise ValueError that begins with the file's name where it cannot be read."""
    if path is None:
        return None
    try:
        return secret(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error}") from error
