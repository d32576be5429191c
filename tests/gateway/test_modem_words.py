"""Every trouble, remedy and rival of a modem has its French sentence and its mend."""

from __future__ import annotations

import pytest

from gateway.services import fleet, words
from modem.recovery import Rung
from modem.status import ModemState, ModemStatus, Trouble


@pytest.mark.parametrize("trouble", list(Trouble))
def test_every_trouble_has_a_sentence_and_a_mend(trouble: Trouble) -> None:
    """« no_sim » helps nobody at three in the morning."""
    said, mend = words.TROUBLES[trouble.value]

    assert said
    assert mend


@pytest.mark.parametrize("rung", list(Rung))
def test_every_remedy_has_a_word(rung: Rung) -> None:
    """The page shows the last one."""
    assert words.remedy(rung.value, "") != rung.value


@pytest.mark.parametrize(("profile", "vendor"), [("simcom", "1e0e"), ("huawei", "12d1")])
def test_modem_manager_is_named_with_the_rule_that_keeps_it_off(profile: str, vendor: str) -> None:
    """It takes every new modem for itself, on every desktop Debian."""
    status = ModemStatus(
        "m1", ModemState.SICK, Trouble.PORT_BUSY, profile=profile,
        holder="ModemManager (812)",
    )  # fmt: skip
    said, mend = fleet.trouble_of(status)

    assert "ModemManager (812)" in said
    assert f'ATTR{{idVendor}}=="{vendor}"' in mend
    assert "ID_MM_DEVICE_IGNORE" in mend


def test_another_rival_is_named_and_to_be_stopped() -> None:
    """Its name is half the mend."""
    status = ModemStatus("m1", ModemState.SICK, Trouble.PORT_BUSY, holder="gammu-smsd (77)")
    said, mend = fleet.trouble_of(status)

    assert "gammu-smsd (77)" in said
    assert "Arrêtez" in mend


def test_what_the_system_says_of_a_port_that_is_gone_stands_apart() -> None:
    """A sentence for whoever reads the page, or gets the alarm; the English of errno beside it."""
    status = ModemStatus(
        "m1", ModemState.SICK, Trouble.PORT_MISSING, detail="[Errno 2] No such file: /dev/ttyUSB2"
    )
    said, _ = fleet.trouble_of(status)

    assert "Errno" not in said
    assert said.startswith("modem débranché")
