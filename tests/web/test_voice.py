"""The voice pages: names, recordings, and a listen before sending."""

from __future__ import annotations

from aiohttp import FormData

from tests.web.site import site


async def test_a_name_is_added_and_taken_off_again() -> None:
    """A form each, without a line of script."""
    async with site() as browser:
        added = await browser.post("/voix/prononciation", {"written": "Rieux", "spoken": "ri eu"})
        said = await browser.text("/voix")
        await browser.post("/voix/prononciation", {"written": "Azille", "action": "remove"})

        assert 303 == added.status
        assert "ri eu" in said
        assert {"Rieux": "ri eu"} == browser.town.sounds.said


async def test_a_name_without_its_sound_is_refused_and_not_lost() -> None:
    """What was typed is still there beside the reason."""
    async with site() as browser:
        answer = await browser.post("/voix/prononciation", {"written": "Rieux", "spoken": " "})
        said = await answer.text()

        assert 400 == answer.status
        assert "comme il se prononce" in said
        assert 'value="Rieux"' in said


async def test_a_recording_is_kept_or_refused_with_the_mend() -> None:
    """Found at compose time, not while the phones ring."""
    async with site() as browser:
        for content, status in ((b"RIFF....", 303), (b"text", 400)):
            form = FormData({"title": "Crue", "csrf": browser.csrf})
            form.add_field("sound", content, filename="crue.wav")
            answer = await browser.client.post(
                "/voix/enregistrement", data=form, headers={"Origin": browser.origin},
                allow_redirects=False,
            )  # fmt: skip

            assert status == answer.status
        assert ["Le maire : crue", "Crue"] == [one.title for one in browser.town.sounds.kept]


async def test_one_listens_to_the_call_before_sending() -> None:
    """With its urgency, its recording and its exercise, and back to the message unchanged."""
    async with site() as browser:
        answer = await browser.post(
            "/messages/ecouter",
            {"text": "L'eau monte.", "urgency": "vital", "exercise": "1", "recording": "a" * 40},
        )
        said = await answer.text()
        sound = await browser.get("/messages/ecouter/jeton.wav")
        gone = await browser.get("/messages/ecouter/autre.wav")

        assert [f"L'eau monte.|vital|True|{'a' * 40}"] == browser.town.sounds.heard
        assert "/messages/ecouter/jeton.wav" in said
        assert 'name="exercise" value="1"' in said
        assert ("audio/wav", 200, 404) == (sound.content_type, sound.status, gone.status)


async def test_nothing_to_listen_to_is_said() -> None:
    """An empty text is told, not played."""
    async with site() as browser:
        answer = await browser.post("/messages/ecouter", {"text": ""})

        assert "Écrivez le message à écouter." in await answer.text()
