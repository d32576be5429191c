"""Does the report tell what the telephones lived? Compared against their own records."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from modem.emulator import Network

_HEARD = {"answered", "machine"}


def disagreements(network: Network, mail: list[str], report: dict[str, Any]) -> list[str]:
    """Return each sentence of the report that its telephone or mailbox contradicts."""
    texts: defaultdict[str, int] = defaultdict(int)
    for handset in network.handsets:
        texts[handset.number] = len(handset.inbox)
    found: list[str] = []
    for person in report["recipients"]:
        for job in person["jobs"]:
            said = f"{job['channel']} {job['endpoint']} {job['state']} {job['outcome'] or ''}"
            if not _true(network, mail, texts, job):
                found.append(said.strip())
    return found


def _true(network: Network, mail: list[str], texts: dict[str, int], job: dict[str, Any]) -> bool:
    number = job["endpoint"]
    if job["channel"] == "email":
        return bool(job["state"] == "handed_over") == (number in mail)
    if job["channel"] == "sms":
        return bool(job["state"] != "delivered") or texts[number] > 0
    calls = network.handset(number).calls
    if job["outcome"] == "acknowledged":
        return any("1" in call.keys for call in calls)
    if job["outcome"] in {"listened", "answered"}:
        return any(call.outcome in _HEARD for call in calls)
    return not any("1" in call.keys for call in calls)
