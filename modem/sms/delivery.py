"""What the status of a status report means (3GPP 23.040, 9.2.3.15).

Job: one table. Not its job: what to do next (the gateway's policy). Pure; anybody may import it.
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class DeliveryVerdict(Enum):
    """What became of one part, as far as the service centre knows."""

    DELIVERED = "delivered"  # the phone has it
    STILL_TRYING = "still_trying"  # not final: another report will come, or none
    FAILED_FOR_EVER = "failed_for_ever"  # trying again is of no use
    FAILED_FOR_NOW = "failed_for_now"  # given up for a cause that may pass


_TEMPORARY: Final = {
    0: "congestion",
    1: "phone_busy",
    2: "phone_does_not_answer",
    3: "service_rejected",
    4: "quality_not_available",
    5: "error_in_phone",
}
_PERMANENT: Final = {
    0x40: "remote_procedure_error",
    0x41: "incompatible_destination",
    0x42: "refused_by_phone",
    0x43: "not_obtainable",
    0x44: "quality_not_available",
    0x45: "no_interworking",
    0x46: "validity_expired",
    0x47: "deleted_by_sender",
    0x48: "deleted_by_service_centre",
    0x49: "message_unknown",
}
_COMPLETED: Final = {0: "received", 1: "forwarded", 2: "replaced"}


def verdict(status: int) -> DeliveryVerdict:
    """Return what TP-Status ``status`` (0 to 255) says; reserved values by their range."""
    if status < 0x20:
        return DeliveryVerdict.DELIVERED
    if status < 0x40:
        return DeliveryVerdict.STILL_TRYING
    if status < 0x60:
        return DeliveryVerdict.FAILED_FOR_EVER
    return DeliveryVerdict.FAILED_FOR_NOW


def reason(status: int) -> str:
    """Return one word for ``status``, for reports and translation; never empty."""
    if status < 0x20:
        return _COMPLETED.get(status, "completed")
    if status in _PERMANENT:
        return _PERMANENT[status]
    if status < 0x40 or 0x60 <= status < 0x80:
        return _TEMPORARY.get(status & 0x1F, "service_centre_reason")
    return "service_centre_reason"
