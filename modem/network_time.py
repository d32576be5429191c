"""The network's time (NITZ, 22.042), as modems tell it.

Job: ask for it, read +CCLK and the notifications that carry it. A device that never heard the
network's time counts from a date of its own, long ago: such answers are no time. Not its job:
deciding which clock to trust (the gateway). The reading is pure; for the driver.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from modem.commands import Command, do
from modem.errors import RemoteProtocolError

#: Nobody's network tells a time before this; devices without one say 1970, 1980, 2004, 2018.
_EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_CLOCK: Final = re.compile(
    r'"?(\d{2,4})/(\d{1,2})/(\d{1,2}),(\d{1,2}):(\d{1,2}):(\d{1,2})(?:([+-]\d{1,3}))?'
)
_SPELLED: Final = re.compile(
    r"\*PSUTTZ:\s*(\d{4}),\s*(\d{1,2}),\s*(\d{1,2}),\s*(\d{1,2}),\s*(\d{1,2}),\s*(\d{1,2})"
)
_NOTICES: Final = ("+CTZE:", "+CTZV:", "^NWTIME:", "*PSUTTZ:")

#: Have the device take the network's time and tell of it; each may be refused.
ASK_FOR_IT: Final = (do("AT+CTZU=1"), do("AT+CTZR=1"))


def read_clock(lines: Sequence[str]) -> datetime:
    """Read ``+CCLK: "yy/MM/dd,hh:mm:ss±zz"``, zz in quarters of an hour (27.007, 8.15).

    Raises RemoteProtocolError for what is no time the network can have told.
    """
    moment = _moment(_CLOCK.search(lines[0]) if lines else None)
    if moment is None:
        raise RemoteProtocolError(f"no time in {list(lines)[:1]}")
    return moment


CLOCK: Final = Command("AT+CCLK?", read_clock, reply="+CCLK")


def read_notice(line: str) -> datetime | None:
    """Return the time a notification tells; None when it tells none."""
    if not line.startswith(_NOTICES):
        return None
    spelled = _SPELLED.match(line)
    if spelled:  # SIMCom: universal time, field by field
        return _known(*(int(group) for group in spelled.groups()), quarters=0)
    return _moment(_CLOCK.search(line))


def _moment(found: re.Match[str] | None) -> datetime | None:
    if found is None:
        return None
    numbers = [int(group) for group in found.groups()[:6]]
    return _known(*numbers, quarters=int(found[7] or 0))


def _known(
    year: int, month: int, day: int, hour: int, minute: int, second: int, *, quarters: int
) -> datetime | None:
    """Return local time with its zone as universal time, unless it is impossible or too old."""
    try:
        zone = timezone(timedelta(minutes=15 * quarters))
        century = 0 if year > 99 else 1900 if year >= 70 else 2000
        moment = datetime(century + year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None
    moment = moment.astimezone(UTC)
    return moment if moment >= _EARLIEST else None
