"""SMS as texts and PDUs: measure, cut, encode, decode, judge reports. Pure; anybody may import."""

from __future__ import annotations

from modem.sms.alphabet import foreign_characters, is_gsm7, to_gsm7
from modem.sms.delivery import DeliveryVerdict, reason, verdict
from modem.sms.incoming import decode_incoming
from modem.sms.segments import Encoding, Foreign, Measure, count_segments, measure, split
from modem.sms.submit import SubmitPdu, encode_submit
from modem.sms.typography import plain_typography

__all__ = [
    "DeliveryVerdict",
    "Encoding",
    "Foreign",
    "Measure",
    "SubmitPdu",
    "count_segments",
    "decode_incoming",
    "encode_submit",
    "foreign_characters",
    "is_gsm7",
    "measure",
    "plain_typography",
    "reason",
    "split",
    "to_gsm7",
    "verdict",
]
