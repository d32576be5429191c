"""The modems plugged into this machine, each asked who it is. For ``tocsin init``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.errors import Refused
from gateway.services.workshop import probed
from modem.discovery import UsbPort, at_ports, usb_ports
from modem.probe import Probe


@dataclass(frozen=True, slots=True)
class Found:
    """A modem that answered: the name proposed for it, and how it will be known again."""

    name: str
    port: str
    on_usb: bool
    probe: Probe

    @property
    def sentence(self) -> str:
        """Say who it is."""
        who = " ".join(filter(None, (self.probe.manufacturer, self.probe.model)))
        card = "avec une carte SIM" if self.probe.iccid else "sans carte SIM lisible"
        return f"{self.name} : {who or 'modèle inconnu'} sur {self.port}, {card}"


async def modems(more: Sequence[str] = ()) -> tuple[list[Found], list[str]]:
    """Return the modems found, and a sentence for each device that did not answer.

    ``more`` are ports nobody would find: a socket, a pseudo-terminal.
    """
    found: list[Found] = []
    silent: list[str] = []
    for candidates, on_usb in [*((ports, True) for ports in _devices()),
                               *(((port,), False) for port in more)]:  # fmt: skip
        answered = await _first_to_answer(candidates)
        if isinstance(answered, str):
            silent.append(answered)
        else:
            name = f"modem-{len(found) + 1}"
            found.append(Found(name, answered.address, on_usb, answered))
    return found, silent


def _devices() -> Iterable[tuple[str, ...]]:
    """Return the AT ports of each USB device, the best first."""
    ports: tuple[UsbPort, ...] = usb_ports()
    places = dict.fromkeys(port.place for port in ports)
    return [wires for place in places if (wires := at_ports(ports, place))]


async def _first_to_answer(candidates: Sequence[str]) -> Probe | str:
    why = ""
    for port in candidates:
        try:
            answered = await probed(port)
        except Refused as refusal:
            why = refusal.message
            continue
        if answered.answers:
            return answered
    return why or f"personne ne répond sur {', '.join(candidates)}"
