"""An alarm that did not arrive is an alarm too: by the other way, on the page, in doctor."""

from __future__ import annotations

from pathlib import Path

from modem.emulator import Behaviour
from tests.acceptance.test_asked_by_sms import texts
from tests.acceptance.test_the_box_watches_itself import TECHNICIAN, two_modems
from tests.acceptance.test_the_supply import MAIL, powered, standing


async def test_an_alarm_the_technician_never_got_is_told_by_the_other_way(tmp_path: Path) -> None:
    """A number changed since the installation: green everywhere, and nobody hears of anything."""
    made = two_modems()
    made.handset(TECHNICIAN).behaviour = Behaviour(sms="refused")
    async with powered(tmp_path, made, "OB", mail=MAIL) as (upsd, town):
        await town.sleep_through(3 * 3600)
        unheard = [one for one in await standing(town) if "dernier mot" in one]
        mails = [
            one.get_body(("plain",)).get_content()
            for address, one in town.mailbox.messages
            if address == MAIL
        ]
        made.handset(TECHNICIAN).behaviour = Behaviour()
        upsd.says("OL", charge=90)
        await town.advance(1800)
        mended = await standing(town)

    assert len(unheard) == 1
    assert "n'est pas arrivé" in unheard[0]
    assert "39980" not in unheard[0].replace(" ", "")
    assert any("dernier mot" in one for one in mails)
    assert any("C'est réglé" in one for one in texts(made, TECHNICIAN))
    assert [] == mended
