"""The voice: how the town says its names, its recordings, and a listen before sending."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from aiohttp import web

from gateway.services import Refused, Right
from web import parts
from web.forms import Composed
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page
from web.texts import N_

ROUTES = web.RouteTableDef()


async def _show(request: web.Request, problem: Refused | None = None, **typed: str) -> web.Response:
    actor = allowed(request, Right.WRITE).actor
    sounds = request.app[SERVICES].sounds
    return page(
        request, "voice.html", status=400 if problem else 200, problem=problem,
        pronunciations=await sounds.pronunciations(actor),
        recordings=await sounds.recordings(actor), typed=typed,
    )  # fmt: skip


@ROUTES.get("/voix")
async def show(request: web.Request) -> web.Response:
    """List pronunciations and recordings."""
    return await _show(request)


async def _done(request: web.Request, work: Awaitable[Any], **typed: str) -> web.Response:
    try:
        await work
    except Refused as refusal:
        return await _show(request, refusal, **typed)
    raise elsewhere("/voix")


@ROUTES.post("/voix/prononciation")
async def set_pronunciation(request: web.Request) -> web.Response:
    """Add or change how a word is said, or take it off the list."""
    actor = allowed(request, Right.WRITE).actor
    form = await request.post()
    sounds = request.app[SERVICES].sounds
    written, spoken = str(form.get("written", "")), str(form.get("spoken", ""))
    if form.get("action") == "remove":
        return await _done(request, sounds.remove_pronunciation(actor, written))
    change = sounds.set_pronunciation(actor, written, spoken)
    return await _done(request, change, written=written, spoken=spoken)


@ROUTES.post("/voix/enregistrement")
async def keep_recording(request: web.Request) -> web.Response:
    """Take in a recorded message."""
    actor = allowed(request, Right.WRITE).actor
    form = await request.post()
    chosen, title = form.get("sound"), str(form.get("title", ""))
    if not isinstance(chosen, web.FileField) or not chosen.filename:
        none = Refused(N_("Choisissez d'abord un fichier."), "sound")
        return await _show(request, none, title=title)
    keep = request.app[SERVICES].sounds.keep_recording(actor, title, chosen.file.read())
    return await _done(request, keep, title=title)


@ROUTES.post("/messages/ecouter")
async def listen(request: web.Request) -> web.Response:
    """Prepare the call as the handset will play it, and show a player."""
    actor = allowed(request, Right.WRITE).actor
    composed = Composed.read(await request.post())
    heard, problem = None, None
    try:
        heard = await request.app[SERVICES].sounds.listen(
            actor, composed.voice_text or composed.text, urgency=composed.urgency,
            exercise=composed.exercise, recording=composed.recording,
        )  # fmt: skip
    except Refused as refusal:
        problem = refusal
    template = "_listen.html" if parts.asked(request) else "listen.html"
    return page(request, template, heard=heard, problem=problem, composed=composed)


@ROUTES.get("/messages/ecouter/{token}.wav")
async def sound(request: web.Request) -> web.Response:
    """Return a prepared call's sound."""
    actor = allowed(request, Right.WRITE).actor
    wav = request.app[SERVICES].sounds.sound(actor, request.match_info["token"])
    if wav is None:
        raise web.HTTPNotFound
    return web.Response(body=wav, content_type="audio/wav")
