"""Which radio generation a model of modem ends at: 2G sticks outlive their networks.

Job: a table from what AT+CGMM answers to 2, 3 or 4. Not its job: when an operator switches
what off (the gateway's words). Pure; anybody may import it.
"""

from __future__ import annotations

import re
from typing import Final

_ENDS: Final = (
    (4, re.compile(r"SIM7[0-9]|A76|EC2[0-9]|EG[0-9]{2}|EM[0-9]{2}|E3372|E3272|E3276|E392|E398|E8")),
    (2, re.compile(r"SIM[89][0-9]{2}|M95|M66|MC5[25]|MC35|TC35|MULTIBAND|FASTRACK|GL86")),
    (3, re.compile(
        r"SIM5[0-9]{3}|UC(15|20)|UG9|E1[5-9][0-9]|E17|E2[0-9]{2}|E303|E31|E35|E36|K[34][0-9]{3}"
        r"|MF1|MF6|M6280|MU609"
    )),
)  # fmt: skip
_SEEN: Final = {"4G": 4, "4G+": 4}


def last_generation(model: str, technology: str = "") -> int | None:
    """Return the newest generation a modem can use: 2, 3 or 4 and up; None where it is unknown.

    ``technology`` is the one in use at this moment, which proves as much.
    """
    if technology in _SEEN:
        return _SEEN[technology]
    said = model.upper()
    return next((number for number, words in _ENDS if words.search(said)), None)
