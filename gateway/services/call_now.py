"""A call as the technician sees it while it lasts: how far it is, how loud both ends are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.lanes import Lane
from gateway.logs import masked
from gateway.model import Channel
from gateway.sentences import fr_all
from modem.call import CallState
from modem.loudness import SILENT

_STATES: Final = fr_all({
    CallState.DIALLING: "compose le numéro", CallState.RINGING: "le téléphone sonne",
    CallState.ACTIVE: "quelqu'un a décroché", CallState.ENDED: "l'appel se termine",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call under way. Levels go from 0 (silence) to 100 (overload) for a meter."""

    modem: str
    said: str
    number: str  # masked; empty for somebody who calls us
    sent: int
    heard: int


def call_now(lane: Lane) -> CallNow | None:
    """Return the call a modem is in, None when it is in none."""
    driver = lane.modem.driver if lane.modem is not None else None
    call = driver.call if driver is not None else None
    if call is None:
        return None
    said = "parle" if call.sound.speaking and call.state is CallState.ACTIVE else ""
    job = lane.job if lane.job is not None and lane.job.channel is Channel.VOICE else None
    sent, heard = call.sound.levels()
    return CallNow(
        lane.name, said or _STATES[call.state], masked(job.address) if job else "",
        percent(sent), percent(heard),
    )  # fmt: skip


def percent(dbov: float) -> int:
    """Return a level (dBov) as a share of the meter."""
    return round(100 * (1 - max(SILENT, min(0.0, dbov)) / SILENT))
