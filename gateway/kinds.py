"""Kinds of messages that are the box's own, and what sets them apart in the queue. Pure.

In one place, because the queue, the replies and the lists of what was sent must agree on them.
"""

from __future__ import annotations

from typing import Final

#: Something is wrong with the box itself, or is so no more.
ALARM: Final = "alarm"
#: What the box owes somebody: an answer, a sign of life, a word to whoever launched.
AUTO: Final = "auto"
#: What it tells mailboxes each day, and what may wait until there is room or current again.
SUMMARY: Final = "summary"

#: These are begun even where only alerts may leave: a disk nearly full, a supply nearly empty.
ALWAYS: Final = (ALARM, AUTO)
#: The box's own words: no message of a town's, and nothing that an SMS could answer.
OWN: Final = (*ALWAYS, SUMMARY, "question", "answer", "forward")
