"""No known oddity of a device is forgotten: each has a test of its own, or a reason for none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

_HERE: Final = Path(__file__).parent

#: Where each oddity is tried; the number is in the test's name.
TRIED: Final[dict[int, str]] = {
    1: "test_huawei_e1550",
    2: "test_huawei_e1550",
    3: "test_simcom_sim7600",
    4: "test_wavecom_and_others",
    5: "test_wavecom_and_others",
    6: "test_zte_k3565",
    7: "test_zte_k3565",
    8: "test_zte_k3565",
    9: "test_huawei_e1550",
    10: "test_huawei_e1550",
    11: "test_huawei_e1550",
    12: "test_huawei_e1550",
    13: "test_huawei_e1550",
    14: "test_quectel_ec25",
    15: "test_huawei_e1550",
    17: "test_huawei_e1550",
    18: "test_zte_k3565",
    19: "test_huawei_e1550",
    20: "test_huawei_e1550",
    21: "test_huawei_e1550",
    22: "test_zte_k3565",
    23: "test_wavecom_and_others",
    24: "test_simcom_sim7600",
    25: "test_zte_k3565",
    26: "test_quectel_ec25",
    27: "test_quectel_ec25",
    28: "test_huawei_e1550",
    29: "test_huawei_e1550",
    30: "test_huawei_e1550",
    31: "test_wavecom_and_others",
    32: "test_huawei_e1550",
    33: "test_simcom_sim7600",
    34: "test_simcom_sim7600",
    35: "test_simcom_sim7600",
    36: "test_simcom_sim7600",
    37: "test_simcom_sim7600",
    38: "test_simcom_sim7600",
    39: "test_simcom_sim7600",
    40: "test_simcom_sim7600",
    41: "test_quectel_ec25",
    42: "test_quectel_ec25",
    43: "test_quectel_ec25",
    44: "test_quectel_ec25",
    45: "test_quectel_ec25",
    46: "test_quectel_ec25",
    47: "test_huawei_e1550",
    48: "test_huawei_e1550",
    49: "test_zte_k3565",
    50: "test_wavecom_and_others",
    51: "test_simcom_a7670",
    52: "test_simcom_a7670",
    53: "test_wavecom_and_others",
    54: "test_wavecom_and_others",
    55: "test_huawei_e1550",
    56: "test_wavecom_and_others",
    57: "test_wavecom_and_others",
    58: "test_huawei_e1550",
    59: "test_huawei_e1550",
    60: "test_simcom_sim7600",
}

#: Oddities of devices that no profile of ours is for.
NOT_OURS: Final[dict[int, str]] = {
    16: "Novatel refuses AT+CNMA and needs it: not a supported family; AT+CSMS=0 never needs it",
}


def test_every_oddity_has_its_place() -> None:
    """Sixty are known; a new one is written down here first."""
    assert TRIED.keys() | NOT_OURS.keys() == set(range(1, 61))
    assert not TRIED.keys() & NOT_OURS.keys()


@pytest.mark.parametrize(("number", "module"), TRIED.items())
def test_each_oddity_is_tried_where_it_is_said_to_be(number: int, module: str) -> None:
    """By the number in the name of a test."""
    source = (_HERE / f"{module}.py").read_text(encoding="utf-8")

    assert re.search(rf"^(?:async )?def test_q{number}_\w+", source, re.MULTILINE)
