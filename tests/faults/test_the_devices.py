"""What the technician reads of modems is what the profiles know and the emulator has proved."""

from __future__ import annotations

from modem.profiles import PROFILES
from tests.faults.devices import ADVICE, MEANT, devices, tried, written
from tests.faults.table import GUIDE


def test_the_guide_has_the_table_of_the_profiles() -> None:
    """After a change: make guide."""
    assert written() == GUIDE.read_text(encoding="utf-8")


def test_every_profile_is_told_and_was_tried_on_a_device_of_its_kind() -> None:
    """A profile that no emulated device chooses is a guess: the guide would call it tried."""
    assert set(MEANT) == {profile.name for profile in PROFILES}
    assert [] == [profile.name for profile in PROFILES if not devices(profile)]


def test_a_firmware_at_fault_is_named_beside_its_model() -> None:
    """The installer who holds one must find it in the table."""
    for profile in PROFILES:
        for advice in profile.advice:
            assert advice.word in ADVICE
            assert ADVICE[advice.word] in tried(profile)
            assert advice.revision in tried(profile)
