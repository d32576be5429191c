"""The table of modems in the technician guide, made from the profiles and the emulator's devices.

`python -m tests.faults.devices` (``make guide``) writes it; a test checks that the guide has it.
What a profile claims comes from `modem.profiles`; what is proved, from the devices that the
emulator imitates and that choose that profile when they say who they are.
"""

from __future__ import annotations

from typing import Final

from modem.emulator.makes import PROFILES as EMULATED
from modem.emulator.profile import EmulatorProfile
from modem.profiles import PROFILES, Profile, choose
from modem.profiles.base import AudioKind
from tests.faults.table import GUIDE, drawn, put_between

_BEGIN: Final = "{# modems : écrit par « make guide » #}\n"
_END: Final = "{# fin des modems #}\n"
HEADS: Final = ("Profil", "Pour", "USB (lsusb)", "Son des appels", "Essayé, sur l'émulateur seul")
#: What each profile is for, as an installer knows it.
MEANT: Final = {
    "simcom": "SIMCom SIM7500, SIM7600 : 4G",
    "simcom-a76xx": "SIMCom A7670, A7672, A76xx : 4G",
    "quectel": "Quectel EC20, EC21, EC25, EG25 : 4G",
    "huawei": "Huawei E1550, E173, E1752, E303 : 3G, à ne plus acheter ; E3372 : 4G, avec le "
    "micrologiciel « stick »",
    "zte": "ZTE K3565-Z, MF : 3G, à ne plus acheter",
    "generic": "tout autre modem qui parle les commandes AT",
}
SOUND: Final = {
    AudioKind.SERIAL_PCM: "par un port USB",
    AudioKind.WIRED: "par ses broches, avec une carte son (audio)",
    AudioKind.NONE: "aucun : SMS seuls",
}
#: A firmware known to be at fault, by the word the page uses for it.
ADVICE: Final = {"firmware_drops_calls": "coupe les appels en VoLTE : à mettre à jour"}


def devices(profile: Profile) -> list[EmulatorProfile]:
    """Return the emulated devices that choose this profile by what they say of themselves."""
    return [
        one for one in EMULATED.values()
        if choose(f"{one.manufacturer} {one.model}") is profile
    ]  # fmt: skip


def tried(profile: Profile) -> str:
    """Return models with their firmware, each once; a firmware at fault says so."""
    found: dict[str, None] = {}
    for one in devices(profile):
        revision = one.revision.removeprefix("Revision: ")
        word = profile.advice_on(one.revision)
        model = " ".join(one.model.removeprefix("SIMCOM_").split())
        lacks = {"+CMGS": "SMS", "+CLCC": "appels", "^CVOICE": "appels"}
        without = " ni ".join(said for name, said in lacks.items() if name in one.missing)
        told = [
            revision,
            *([f"sans {without}"] if without else []),
            *([ADVICE[word]] if word else []),
        ]
        found[f"{model} ({', '.join(told)})"] = None
    return " ; ".join(found)


def section() -> str:
    """Return the table as the guide has it."""
    return drawn("Modems", HEADS, map(_cells, PROFILES))


def _cells(profile: Profile) -> tuple[str, ...]:
    usb = ", ".join(f"{vendor:04x}:{product:04x}" for vendor, product in sorted(profile.ports))
    return (
        profile.name, MEANT[profile.name], usb or "–", SOUND[profile.audio], tried(profile),
    )  # fmt: skip


def written() -> str:
    """Return the guide with the table as the profiles have it."""
    return put_between(_BEGIN, _END, section())


if __name__ == "__main__":
    GUIDE.write_text(written(), encoding="utf-8")
