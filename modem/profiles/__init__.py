"""The registry of profiles. A new kind of modem is one file here and one line below. Pure."""

from __future__ import annotations

from typing import Final

from modem.errors import LocalProtocolError
from modem.profiles.base import PortRoles, Profile
from modem.profiles.generic import GENERIC
from modem.profiles.huawei import HUAWEI
from modem.profiles.quectel import QUECTEL
from modem.profiles.simcom import A76XX, SIM7600
from modem.profiles.zte import ZTE

#: The first whose words are found wins; the generic one has none and comes last.
PROFILES: Final = (A76XX, SIM7600, QUECTEL, HUAWEI, ZTE, GENERIC)


def choose(identity_text: str, usb_id: tuple[int, int] | None = None) -> Profile:
    """Return the profile for a USB (vendor, product), else for what the device says it is.

    ``identity_text`` is what ATI, AT+CGMI and AT+CGMM said together.
    """
    for profile in PROFILES:
        if usb_id in profile.usb_ids:
            return profile
    said = identity_text.lower()
    for profile in PROFILES:
        if any(word in said for word in profile.identities):
            return profile
    return GENERIC


def roles_of(usb_id: tuple[int, int]) -> PortRoles | None:
    """Return what is on which interface of a USB (vendor, product); None when it is unknown."""
    return next((profile.ports[usb_id] for profile in PROFILES if usb_id in profile.ports), None)


def named(name: str) -> Profile:
    """Return the profile called ``name``; raise LocalProtocolError, listing them, if none is."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in PROFILES)
    raise LocalProtocolError(f"no modem profile {name!r}; there are: auto, {known}")


__all__ = [
    "A76XX",
    "GENERIC",
    "HUAWEI",
    "PROFILES",
    "QUECTEL",
    "SIM7600",
    "ZTE",
    "PortRoles",
    "Profile",
    "choose",
    "named",
    "roles_of",
]
