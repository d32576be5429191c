"""Whose fault a refusal is, and whether trying again helps.

Job: one table over the codes of 24.011 (E-2), 23.040 (9.2.3.22), 27.005 (3.2.5) and 27.007
(9.2). Not its job: what to do about it (the gateway's policy). Pure; anybody may import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from modem.errors import CommandFailed


class Blame(Enum):
    """Who has to change before the same request can succeed."""

    RECIPIENT_FOREVER = "recipient_forever"  # this number will never take it
    RECIPIENT_LATER = "recipient_later"  # this number, not now
    MODEM = "modem"  # this device: try another, mend this one
    SIM = "sim"  # this card or its contract: tell a human
    NETWORK_LATER = "network_later"  # nobody's number: wait
    US = "us"  # we asked for nonsense


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal, judged. ``retry_after`` in seconds, None where trying again is of no use."""

    blame: Blame
    code: str
    reason: str
    retry_after: float | None


_Row = tuple[Blame, str, float | None]
_FOREVER, _LATER, _MODEM = Blame.RECIPIENT_FOREVER, Blame.RECIPIENT_LATER, Blame.MODEM
_SIM, _NETWORK, _US = Blame.SIM, Blame.NETWORK_LATER, Blame.US

_CMS: Final[dict[int, _Row]] = {
    1: (_FOREVER, "unassigned number", None),
    8: (_SIM, "barred by the operator", None),
    10: (_SIM, "call barred", None),
    17: (_NETWORK, "network failure", 30.0),
    21: (_LATER, "message rejected", 60.0),
    22: (_NETWORK, "congestion", 60.0),
    27: (_LATER, "destination out of service", 300.0),
    28: (_FOREVER, "unidentified subscriber", None),
    29: (_SIM, "facility rejected", None),
    30: (_SIM, "sender unknown to the network", None),
    38: (_NETWORK, "network out of order", 60.0),
    41: (_NETWORK, "temporary failure", 20.0),
    42: (_NETWORK, "congestion", 60.0),
    47: (_NETWORK, "no resources", 30.0),
    50: (_SIM, "SMS not in this contract", None),
    69: (_SIM, "facility not implemented", None),
    81: (_US, "invalid transaction", None),
    95: (_US, "invalid message", None),
    96: (_US, "mandatory part missing", None),
    97: (_US, "unknown message type", None),
    98: (_NETWORK, "message in the wrong state", 10.0),
    99: (_US, "unknown part", None),
    111: (_NETWORK, "protocol error", 10.0),
    127: (_NETWORK, "interworking failure", 30.0),
    128: (_US, "telematic interworking not supported", None),
    129: (_US, "silent messages not supported", None),
    130: (_US, "nothing to replace", None),
    143: (_US, "protocol identifier refused", None),
    144: (_US, "alphabet not supported", None),
    145: (_US, "message class not supported", None),
    159: (_US, "coding refused", None),
    160: (_US, "command cannot be acted on", None),
    161: (_US, "command not supported", None),
    175: (_US, "command refused", None),
    176: (_US, "message type not supported", None),
    192: (_NETWORK, "service centre busy", 60.0),
    193: (_SIM, "no service centre subscription", None),
    194: (_NETWORK, "service centre failure", 60.0),
    195: (_FOREVER, "invalid address", None),
    196: (_FOREVER, "destination barred", None),
    197: (_LATER, "taken for a duplicate", None),  # so an equal one has left: see `TAKEN`
    198: (_NETWORK, "validity not supported", 5.0),
    208: (_MODEM, "SIM storage full", 5.0),
    211: (_MODEM, "memory full", 5.0),
    212: (_MODEM, "SIM application busy", 5.0),
    300: (_MODEM, "device failure", 5.0),
    301: (_MODEM, "SMS service reserved", 5.0),
    302: (_MODEM, "not allowed now", 5.0),
    303: (_MODEM, "not supported by the device", None),
    304: (_US, "invalid PDU", None),
    305: (_US, "invalid text parameter", None),
    310: (_SIM, "no SIM", None),
    311: (_SIM, "PIN needed", None),
    312: (_SIM, "operator lock", None),
    313: (_SIM, "SIM failure", None),
    314: (_MODEM, "SIM busy", 2.0),
    315: (_SIM, "wrong SIM", None),
    316: (_SIM, "PUK needed", None),
    317: (_SIM, "PIN2 needed", None),
    318: (_SIM, "PUK2 needed", None),
    320: (_MODEM, "memory failure", 5.0),
    321: (_MODEM, "no such message", None),
    322: (_MODEM, "memory full", 5.0),
    330: (_SIM, "service centre number missing", None),
    331: (_NETWORK, "no network", 30.0),
    332: (_NETWORK, "network time-out", 10.0),
    340: (_MODEM, "acknowledgement not expected", None),
    350: (_MODEM, "cancelled", 5.0),
    500: (_NETWORK, "unknown, often no signal", 15.0),
    512: (_NETWORK, "network refused", 15.0),
    513: (_NETWORK, "radio link failed", 15.0),
    514: (_NETWORK, "network answered with an error", 15.0),
    515: (_MODEM, "service not ready", 5.0),
    531: (_SIM, "number not among the fixed ones of this SIM", None),
}
#: CMS 197: the service centre has an equal message already. That is no refusal of this one.
TAKEN: Final = 197
#: What a code outside the table means, by the range it lies in.
_CMS_RANGES: Final[tuple[tuple[range, _Row], ...]] = (
    (range(80, 128), (_US, "message refused as malformed", None)),
    (range(128), (_NETWORK, "refused by the network", 60.0)),
    (range(128, 144), (_US, "protocol identifier refused", None)),
    (range(144, 160), (_US, "coding refused", None)),
    (range(160, 192), (_US, "request refused", None)),
    (range(192, 256), (_NETWORK, "refused by the service centre", 60.0)),
)
_CME: Final[dict[int, _Row]] = {
    3: (_MODEM, "not allowed now", 5.0),
    4: (_MODEM, "not supported by the device", None),
    5: (_SIM, "SIM locked to another device", None),
    10: (_SIM, "no SIM", None),
    11: (_SIM, "PIN needed", None),
    12: (_SIM, "PUK needed", None),
    13: (_SIM, "SIM failure", None),
    14: (_MODEM, "SIM busy", 2.0),
    15: (_SIM, "wrong SIM", None),
    16: (_SIM, "wrong PIN", None),
    17: (_SIM, "PIN2 needed", None),
    18: (_SIM, "PUK2 needed", None),
    20: (_MODEM, "memory full", 5.0),
    30: (_NETWORK, "no network", 30.0),
    31: (_NETWORK, "network time-out", 10.0),
    32: (_SIM, "emergency calls only", 60.0),
    515: (_MODEM, "device still starting", 5.0),
}
_UNKNOWN: Final[_Row] = (_MODEM, "refused without a reason", 10.0)
#: Devices set to long form, or that ignore AT+CMEE=1, say words instead of numbers.
_SAID: Final = {
    "SIM NOT INSERTED": 10,
    "SIM PIN REQUIRED": 11,
    "SIM PUK REQUIRED": 12,
    "SIM FAILURE": 13,
    "SIM BUSY": 14,
    "SIM WRONG": 15,
    "INCORRECT PASSWORD": 16,
    "NO NETWORK SERVICE": 30,
    "NETWORK TIMEOUT": 31,
    "OPERATION NOT ALLOWED": 3,
    "OPERATION NOT SUPPORTED": 4,
}


def code_of(error: CommandFailed) -> int | None:
    """Return the number of a CME or CMS error, also where the device said it in words."""
    return error.code if error.code is not None else _SAID.get(error.text.upper())


def judge(error: CommandFailed) -> Refusal:
    """Return whose fault ``error`` is; never raises, an unknown code is the device's."""
    code = code_of(error)
    blame, reason, retry_after = _row(error.kind, code)
    shown = error.kind if code is None else f"{error.kind} {code}"
    return Refusal(blame, shown, reason, retry_after)


def _row(kind: str, code: int | None) -> _Row:
    if code is None:
        return _UNKNOWN
    if kind == "CME":
        return _CME.get(code, _UNKNOWN)
    if code in _CMS:
        return _CMS[code]
    return next((row for codes, row in _CMS_RANGES if code in codes), _UNKNOWN)
