"""Four readers of SMS that are not ours. Each has faults of its own: see where it is asked."""

from __future__ import annotations

import io
import json
import struct
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import gammu
from gsmmodem.pdu import decodeSmsPdu
from smspdudecoder.fields import SMSDeliver, SMSSubmit

from tests.modem.sms.corpus import EXTENDED
from tests.tools import require

_UPPER_PDU = 252
_TAG_DISSECTOR, _TAG_DIRECTION, _TOWARDS_NETWORK = 12, 35, 1


@dataclass(frozen=True)
class Read:
    """What a judge read in one PDU."""

    text: str
    number: str
    part: int = 1
    total: int = 1
    reference: int | None = None


def by_tshark(pdus: list[str], folder: Path) -> list[Read]:
    """Have one tshark dissect all ``pdus`` (SUBMIT, with their empty service-centre octet)."""
    tags = struct.pack(">HH8s", _TAG_DISSECTOR, 8, b"gsm_sms\0")
    tags += struct.pack(">HHIHH", _TAG_DIRECTION, 4, _TOWARDS_NETWORK, 0, 0)
    capture = folder / "submits.pcap"
    with capture.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _UPPER_PDU))
        for second, pdu in enumerate(pdus):
            packet = tags + bytes.fromhex(pdu)[1:]
            file.write(struct.pack("<IIII", second, 0, len(packet), len(packet)) + packet)
    command = [require("tshark"), "-n", "-r", str(capture), "-T", "json"]
    command += ["-o", "gsm_sms.reassemble:FALSE"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    packets = json.loads(done.stdout)
    return [_of_tshark(_flat(packet["_source"]["layers"]["gsm_sms"])) for packet in packets]


def _flat(tree: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value)
        else:
            flat[name] = value
    return flat


def _of_tshark(fields: dict[str, str]) -> Read:
    reference = fields.get("gsm_sms.udh.mm.msg_id")
    return Read(
        text=fields.get("gsm_sms.sms_text", ""),
        number=fields["gsm_sms.tp-da"],
        part=int(fields.get("gsm_sms.udh.mm.msg_part", "1")),
        total=int(fields.get("gsm_sms.udh.mm.msg_parts", "1")),
        reference=None if reference is None else int(reference, 0),
    )


def by_gammu(pdu: str) -> Read:
    """Ask libgammu; for each extension character it leaves one of stale memory at the end."""
    read = gammu.DecodePDU(bytes.fromhex(pdu), True)
    header, text = read["UDH"], read["Text"]
    if read["Coding"] == "Default_No_Compression":
        count = len(text)
        text = next(text[:n] for n in range(count + 1) if _septets(text[:n]) >= count)
    if header["AllParts"] < 1:
        return Read(text, read["Number"])
    wide = header["ID16bit"] != -1
    reference = header["ID16bit" if wide else "ID8bit"]
    return Read(text, read["Number"], header["PartNumber"], header["AllParts"], reference)


def _septets(text: str) -> int:
    return sum(2 if char in EXTENDED else 1 for char in text)


def by_smspdudecoder(pdu: str) -> str:
    return str(SMSSubmit.decode(io.StringIO(pdu))["user_data"]["data"])


def delivered_by_smspdudecoder(pdu: str) -> str:
    return str(SMSDeliver.decode(io.StringIO(pdu))["user_data"]["data"])


def by_gsmmodem(pdu: str) -> str:
    """Ask python-gsmmodem-new; the surrogates it leaves apart are joined."""
    text = str(decodeSmsPdu(pdu)["text"])
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be")


def deliver_of_gammu(sender: str, text: str, sent_at: datetime, coding: str) -> str:
    """Return a DELIVER as libgammu writes it, in hexadecimal with its service centre."""
    message = {
        "Type": "Deliver",
        "Folder": 1,
        "SMSC": {"Number": "+33695000695"},
        "Number": sender,
        "Text": text,
        "Coding": coding,
        "Class": -1,
        "DateTime": sent_at,
        "SMSCDateTime": sent_at,
    }
    return bytes(gammu.EncodePDU(message, "Deliver")).hex()
