"""National language tables of the 7-bit alphabet (3GPP 23.038, A.2 and A.3), for what comes in.

Job: the characters a message's header may put in place of the default ones: Turkish, Spanish
and Portuguese. Not its job: choosing one for what goes out: telephones that know them are few,
so we send UCS-2. Pure; for `modem.sms.incoming` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from modem.sms.alphabet import BASIC, EXTENSION

TURKISH, SPANISH, PORTUGUESE = 1, 2, 3

#: What an escape leads to, by language (A.2): the default extension and more.
SINGLE_SHIFT: Final[Mapping[int, Mapping[int, str]]] = {
    TURKISH: {
        **EXTENSION,
        0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş",
    },
    SPANISH: {
        **EXTENSION,
        0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú",
        0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú",
    },
    PORTUGUESE: {
        **EXTENSION,
        0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á",
        0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê",
        0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ",
        0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â",
    },
}  # fmt: skip

#: What stands for the default table itself, by language (A.3); Spanish has none.
LOCKING_SHIFT: Final[Mapping[int, str]] = {
    TURKISH: (
        "@£$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\ufffeŞşßÉ"
        " !\"#¤%&'()*+,-./0123456789:;<=>?"
        "İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
        "çabcdefghijklmnopqrstuvwxyzäöñüà"
    ),
    PORTUGUESE: (
        "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|\ufffeÂâÊÉ"
        " !\"#º%&'()*+,-./0123456789:;<=>?"
        "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§"
        "~abcdefghijklmnopqrstuvwxyzãõ`üà"
    ),
}


def tables(single: int, locking: int) -> tuple[str, Mapping[int, str]]:
    """Return the table and the extension for two language numbers; the default where unknown."""
    return LOCKING_SHIFT.get(locking, BASIC), SINGLE_SHIFT.get(single, EXTENSION)
