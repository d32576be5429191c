"""A modem and its network, in software: the demo's default and the tests' double.

Job: everything a real modem shows at its ports, with people at the other end. Not its job:
anything of alerts or towns. It reads AT and PDUs on its own and imports of `modem` only the
value types (`modem.errors`, `modem.events`), so that it cannot share the product's mistakes.
Reached through `modem.transport` by ``emulator:NAME``, or on pseudo-terminals through
`modem.emulator.terminal`.
"""

from modem.emulator.behaviour import Behaviour, Press
from modem.emulator.device import Device
from modem.emulator.faults import Faults, Gap
from modem.emulator.handset import Handset, ReceivedCall, ReceivedPart, ReceivedSms
from modem.emulator.network import Network
from modem.emulator.pace import Pace

__all__ = [
    "Behaviour",
    "Device",
    "Faults",
    "Gap",
    "Handset",
    "Network",
    "Pace",
    "Press",
    "ReceivedCall",
    "ReceivedPart",
    "ReceivedSms",
]
