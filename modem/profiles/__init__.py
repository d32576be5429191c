"""The registry of profiles. A new kind of modem is one file here and one line below. Pure."""

from __future__ import annotations

from typing import Final

from modem.errors import LocalProtocolError
from modem.profiles.base import Profile
from modem.profiles.generic import GENERIC
from modem.profiles.simcom import SIM7600

#: The first whose words are found wins; the generic one has none and comes last.
PROFILES: Final = (SIM7600, GENERIC)


def choose(identity_text: str) -> Profile:
    """Return the profile for what ATI, AT+CGMI and AT+CGMM said together."""
    said = identity_text.lower()
    for profile in PROFILES:
        if any(word in said for word in profile.identities):
            return profile
    return GENERIC


def named(name: str) -> Profile:
    """Return the profile called ``name``; raise LocalProtocolError, listing them, if none is."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in PROFILES)
    raise LocalProtocolError(f"no modem profile {name!r}; there are: auto, {known}")


__all__ = ["GENERIC", "PROFILES", "SIM7600", "Profile", "choose", "named"]
