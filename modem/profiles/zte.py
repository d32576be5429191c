"""ZTE sticks (K3565-Z, MF series) and the Qualcomm M6280 inside some of them: SMS only. Pure.

ATD keeps silent until somebody answers, and says ``CONNECT``; asking AT+CLCC while it does so
makes the device drop the call. ``HANGUP: 1`` ends one. Before the PIN everything else is
refused. AT+CSMP would make it forget its service centre: it is never said. ``+CDS: ,<length>``
has an empty field in front; the port begins with a run of NULs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from modem.commands import Command, tries_at
from modem.profiles.base import PortRoles, ended
from modem.profiles.generic import GENERIC

ZTE: Final = replace(
    GENERIC,
    name="zte",
    identities=("zte", "k3565", "m6280"),
    ports={
        (0x19D2, 0x0001): PortRoles(at=(0, 2)),
        (0x19D2, 0x0002): PortRoles(at=(2, 4)),
    },
    signs={**GENERIC.signs, "HANGUP:": ended(None)},
    pin_tries=Command("AT+ZPINPUK=?", tries_at(0, 1), reply="+ZPINPUK"),
    storages=("SM", "ME"),
    poll_calls=None,
    answer_on_ok=True,
)
