"""SMS-STATUS-REPORT, the fields after the first octet (3GPP 23.040, 9.2.2.3).

Job: decode one. Not its job: what a status means (`modem.sms.delivery`), whose it is (the
gateway matches SIM, reference and recipient). Pure; `modem.sms.incoming` is the way in.
"""

from __future__ import annotations

from modem.events import StatusReport
from modem.sms.octets import Octets, read_address, read_time


def decode_report(octets: Octets) -> StatusReport:
    """Read TP-MR RA SCTS DT ST; what may follow is optional and of no use to us.

    Raises RemoteProtocolError when it is cut short. Times that are no dates (all zero, all F:
    some networks) are None.
    """
    reference = octets.octet()
    recipient = read_address(octets)
    submitted_at, discharged_at = read_time(octets), read_time(octets)
    return StatusReport(reference, recipient, submitted_at, discharged_at, octets.octet())
