"""What stands against the files of a message that is being written."""

from __future__ import annotations

from collections.abc import Collection

from gateway.attachments import check_all
from gateway.errors import Refused
from gateway.model import Channel
from gateway.services.values import Actor, Draft
from gateway.store import Store, attachments


async def against(
    store: Store, actor: Actor, draft: Draft, channels: Collection[Channel]
) -> list[Refused]:
    """Return what stands against the files of a draft that goes by these channels."""
    if not draft.file_ids:
        return []
    rows = await store.read(lambda db: attachments.about(db, actor.entity_id, draft.file_ids))
    try:
        check_all([row["size"] for row in rows])
    except Refused as refusal:
        return [refusal]
    if len(rows) < len(set(draft.file_ids)):
        return [Refused("Une pièce jointe n'est plus là : joignez-la de nouveau.", "attached")]
    if Channel.EMAIL not in channels:
        return [Refused("Une pièce jointe ne part que par courriel : cochez Courriel.",
                        "attached")]  # fmt: skip
    return []
