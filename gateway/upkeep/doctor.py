"""Everything that can be wrong on such a box, looked at in one go. A check that fails is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

from gateway.clock import Clock, SystemClock
from gateway.config import Config, load
from gateway.errors import ConfigError
from gateway.french import of_town
from gateway.upkeep import (
    findings,
    look_data,
    look_machine,
    look_mail,
    look_outside,
    look_page,
    look_ports,
    look_register,
    look_supply,
)
from gateway.upkeep.findings import Finding, Level, Machine


async def examine(
    config_path: Path, *, machine: Machine | None = None, clock: Clock | None = None,
    outside: bool = True,
) -> list[Finding]:  # fmt: skip
    """Look at everything; ``outside`` also asks relay, mailbox, NUT and the running daemon."""
    machine, now = machine or Machine(), (clock or SystemClock()).now()
    found = _tried("versions", look_machine.versions)
    found += _tried("clock", lambda: look_machine.clock(machine, now))
    found += _tried("rivals", lambda: look_machine.rivals(machine))
    found += _tried("service", lambda: look_machine.service(machine))
    try:
        config = load(config_path)
    except ConfigError as error:
        return [_unusable(config_path, error), *found]
    found.insert(0, findings.good("configuration", f"{config_path} se lit"))
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "town": lambda: look_data.town(config, config_path),
        "disk": lambda: look_machine.disk(machine, config.data_dir),
        "data": lambda: look_data.rights(config, config_path),
        "database": lambda: look_data.database(config.database),
        "register": lambda: look_register.key(config),
        "history": lambda: look_data.history(config, now),
        "clock.back": lambda: look_data.set_back(config, now),
        "ports": lambda: look_machine.ports(machine, config),
        "listening": lambda: look_ports.listening(config),
        "page": lambda: look_page.certificate(config, now),
        "voice": lambda: look_outside.voices(config),
        "told": lambda: look_outside.told(config),
    }
    for code, check in checks.items():
        found += await asyncio.to_thread(_tried, code, check)
    if outside:
        found += await asyncio.to_thread(_tried, "daemon", lambda: look_outside.daemon(config))
        found += await _asked("relay", lambda: _all(look_outside.relay(config)))
        found += await _asked("mailbox", lambda: _all(look_mail.mailbox(config)))
        found += await _asked("smtp.door", lambda: _all(look_mail.door(config)))
        found += await _asked("ups", lambda: _all(look_supply.power(config, machine)))
    return _once(found)


def _unusable(config_path: Path, error: ConfigError) -> Finding:
    try:
        there = config_path.exists()
    except PermissionError:
        return findings.fault(
            "configuration", f"{config_path} est fermé à cet utilisateur", "sudo tocsin doctor"
        )
    if not there:
        return findings.fault(
            "configuration", f"{config_path} n'existe pas", "tocsin init, ou donnez --config"
        )
    return findings.fault("configuration", str(error), f"corrigez {config_path}")


#: Alarms of the box by what the doctor has looked at itself, just now.
_LOOKED_AT: Final = {
    "alarm.disk": "disk", "alarm.power": "ups", "alarm.nearly_empty": "ups",
    "alarm.battery": "ups", "alarm.supply": "ups", "alarm.backup": "backup",
    "alarm.apart": "clock.daemon", "alarm.clock": "clock.daemon",
}  # fmt: skip


def _once(found: list[Finding]) -> list[Finding]:
    """Leave out alarms of what was looked at anew: an older figure beside it contradicts it."""
    looked = {one.code for one in found}
    return [one for one in found if _LOOKED_AT.get(one.code) not in looked]


def _tried(code: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what a check finds; its own defect is told and hides nothing else."""
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001  a doctor who faints helps nobody
        return [findings.unknown(code, f"n'a pas pu être examiné : {error}")]


async def _asked(code: str, ask: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        return await ask()
    except Exception as error:  # noqa: BLE001  as above
        return [findings.unknown(code, f"n'a pas pu être examiné : {error}")]


async def _all(found: AsyncIterator[Finding]) -> list[Finding]:
    return [one async for one in found]


def worst(found: Iterable[Finding]) -> Level:
    """Return the worst level there is."""
    order = list(Level)
    return max((one.level for one in found), key=order.index, default=Level.GOOD)


_TITLES: Final = (
    (Level.FAULT, "À réparer"), (Level.WARNING, "À surveiller"), (Level.UNKNOWN, "Sans réponse"),
)  # fmt: skip


def in_words(found: Iterable[Finding], config: Config | None = None) -> str:
    """Return the findings as a letter: faults first, then warnings; what is good in one line."""
    kept = list(found)
    lines = [f"Tocsin {of_town(config.town.name)}" if config else "Tocsin", ""]
    for level, title in _TITLES:
        those = [one for one in kept if one.level is level]
        if those:
            lines += [f"{title} :", *(_line(one) for one in those), ""]
    fine = sum(one.level is Level.GOOD for one in kept)
    lines.append(f"{fine} points en ordre.")
    return "\n".join(lines)


def _line(one: Finding) -> str:
    return f"- {one.sentence}" + (f"\n    à faire : {one.mend}" if one.mend else "")
