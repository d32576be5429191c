"""Which browser on which machine, in words. Pure: from what the browser says of itself."""

from __future__ import annotations

from typing import Final

from gateway.sentences import fr, listed

_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
    ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_MACHINES: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
    ("Windows", "Windows"), ("Macintosh", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def in_words(agent: str) -> str:
    """Return « Firefox, Windows », or « navigateur inconnu »."""
    browser = next((word for mark, word in _BROWSERS if mark in agent), fr("navigateur inconnu"))
    machine = next((word for mark, word in _MACHINES if mark in agent), "")
    if machine == "Android":
        machine = fr("téléphone Android") if "Mobile" in agent else fr("tablette Android")
    return listed(", ", (browser, machine)) if machine else browser
