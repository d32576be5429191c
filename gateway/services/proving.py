"""The proof run: what this modem, with this SIM, really does.

Nothing but a real text and a real call can tell. The result is kept per modem and SIM; until a
person has heard the voice and pressed a key, every screen says *voix non vérifiée*.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from gateway import phone as phones
from gateway.changes import MODEMS, Changes
from gateway.clock import Clock
from gateway.errors import Refused, TocsinError
from gateway.lanes import Lane
from gateway.logs import log_for
from gateway.sentences import fr, fr_all
from gateway.services import sunset
from gateway.services.fleet import Fleet
from gateway.services.values import Actor
from gateway.services.workshop import Workshop, ready_driver
from gateway.store import Store, people, proofs
from gateway.store.proofs import Finding, Proof
from gateway.taps import Heard, Taps
from modem.driver import Driver
from modem.errors import CommandFailed, ModemError, OutcomeUnknown
from modem.events import Answered, DigitPressed, IncomingSms, Released, StatusReport
from modem.generations import last_generation
from modem.refusal import judge
from modem.sms import DeliveryVerdict, encode_submit, verdict
from modem.voice import VoiceCall

#: Seconds for a text, and for its receipt, to come.
TEXT_LIMIT: Final = 120.0
#: Seconds for the called person to pick up, and to press the key once the message has been said.
RING_LIMIT: Final = 60.0
KEY_LIMIT: Final = 12.0
_SAYINGS: Final = 3
#: A sample this loud (of 32767) is no silence: the other end is heard.
_AUDIBLE: Final = 300
_SPOKEN: Final = (
    "Ceci est un essai de Tocsin, la passerelle d'alerte de la mairie. "
    "Si vous entendez bien ce message, appuyez sur la touche 1."
)
_KEY: Final = "1"
_CALLS_BY: Final = fr_all({
    "4G": "appel porté par la 4G (VoLTE)", "4G+": "appel porté par la 4G (VoLTE)",
    "3G": "repli sur la 3G", "2G": "repli sur la 2G",
})  # fmt: skip

_log = log_for(__name__)


class Speech(Protocol):
    """What turns a text into telephone audio."""

    async def pcm(self, text: str) -> bytes:
        """Return s16le samples, 8 kHz, mono."""
        ...


#: Seconds between two looks at what is to be proved again, and the hours it may be done in.
_LOOK: Final = 3600.0
_OFFICE: Final = range(10, 17)


@dataclass(slots=True)
class _Run:
    """One modem being proved."""

    lane: Lane
    driver: Driver
    heard: Heard
    number: str
    findings: list[Finding] = field(default_factory=list)
    voice: bool = False

    def found(self, step: str, ok: bool | None, said: str, mend: str = "") -> bool:
        """Write a finding down; return whether it is a good one."""
        self.findings.append(Finding(step, ok, said, mend))
        return bool(ok)


class Proving:
    """Runs proofs, one modem at a time."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, fleet: Fleet, workshop: Workshop,
        taps: Taps, speech: Speech,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._changes = store, clock, changes
        self._fleet, self._workshop, self._taps, self._speech = fleet, workshop, taps, speech

    async def check(
        self, actor: Actor, name: str = "", phone: str = "",
        numbers: Mapping[str, str] | None = None,
    ) -> list[Proof]:  # fmt: skip
        """Prove one modem, or all; call ``phone`` where it is given.

        ``numbers`` are the modems' own numbers, for SIMs that do not know theirs. Raises Refused.
        """
        lanes = [self._fleet.lane(name)] if name else [
            lane for lane in self._fleet.lanes if lane.modem is not None
        ]  # fmt: skip
        if not lanes:
            raise Refused("Aucun modem n’est déclaré : lancez « tocsin init --modems ».")
        _log.info("proof run", modem=name or "all", calls=bool(phone), by=actor.login)
        called = phones.parse(phone).e164 if phone else ""
        known = {lane: phones.parse(number).e164 for lane, number in (numbers or {}).items()}
        for lane in self._fleet.lanes:
            driver = lane.modem.driver if lane.modem else None
            if driver is not None and lane.name not in known:
                known[lane.name] = await _own_number(driver)
        return [await self._prove(lane, called, known, actor.name) for lane in lanes]

    async def text_to(self, actor: Actor, name: str, number: str) -> Proof:
        """Send one text to ``number`` (E.164) and wait for its receipt; nothing is kept of it.

        Raises Refused: no such modem, or it stays busy.
        """
        lane = self._fleet.lane(name)
        _log.info("trial text", modem=name, by=actor.login)

        async def steps(run: _Run) -> None:
            await self._text(run, "SMS d’essai", "", number)

        async with self._workshop.held(name) as (_, recalled):
            with self._taps.listening() as heard:
                findings, _ = await self._findings(lane, heard, steps, "", recalled)
        return await self._proof(lane, findings, voice=False, called=False)

    async def keep_proved(self) -> None:
        """Repeat the texts of each proof that is a month old, in office hours, for ever.

        A call needs somebody at the other end: the page asks for it, nobody is rung by surprise.
        """
        while True:
            await asyncio.sleep(_LOOK)
            for lane, actor in await self._due():
                try:
                    await self.check(actor, lane.name)
                except Refused as refusal:
                    _log.warning("proof not repeated", modem=lane.name, why=refusal.message)

    async def _due(self) -> list[tuple[Lane, Actor]]:
        now = self._clock.now()
        town = await self._store.read(people.first_entity)
        if town is None:
            return []
        hour = datetime.fromtimestamp(now, ZoneInfo(town["timezone"])).hour
        if hour not in _OFFICE:
            return []
        known = await self._store.read(proofs.latest)
        actor = Actor(None, "tocsin", "Tocsin", "technician", town["id"], town["name"],
                      town["timezone"])  # fmt: skip
        found = []
        for lane in self._fleet.lanes:
            imei = lane.modem.status.imei if lane.modem and lane.modem.driver else ""
            proof = known.get((imei, lane.sim))
            if proof is not None and now - proof.at > proofs.LASTS and lane.idle:
                found.append((lane, actor))
        return found

    async def _prove(
        self, lane: Lane, called: str, known: Mapping[str, str], by: str
    ) -> Proof:  # fmt: skip
        async with self._workshop.held(lane.name) as (_, recalled):
            with self._taps.listening() as heard:
                findings, voice = await self._findings(
                    lane, heard, partial(self._steps, called=called, known=known),
                    known.get(lane.name, ""), recalled,
                )  # fmt: skip
        proof = await self._proof(lane, findings, voice=voice, called=bool(called))
        if proof.imei:
            await self._store.write(lambda db: proofs.keep(db, proof, by))
            self._changes.touch(MODEMS)
        return proof

    async def _proof(
        self, lane: Lane, findings: list[Finding], *, voice: bool, called: bool
    ) -> Proof:
        assert lane.modem is not None  # noqa: S101  a lane that is proved has a modem
        status, now = lane.modem.status, self._clock.now()
        before = (await self._store.read(proofs.latest)).get((status.imei, lane.sim))
        at = now if voice else before.voice_at if before and not called else None
        return Proof(status.imei, lane.sim, lane.name, now, status.operator, status.technology,
                     tuple(findings), at)  # fmt: skip

    async def _findings(
        self, lane: Lane, heard: Heard, steps: Callable[[_Run], Coroutine[None, None, None]],
        number: str, recalled: asyncio.Event,
    ) -> tuple[list[Finding], bool]:  # fmt: skip
        driver = await ready_driver(lane)
        if driver is None:
            said = fr("le modem n’est pas prêt")
            return [Finding(fr("réseau"), False, said, fr("Voyez « tocsin modem list »."))], False
        run = _Run(lane, driver, heard, number)
        work = asyncio.create_task(steps(run), name=f"proof:{lane.name}")
        recall = asyncio.create_task(recalled.wait(), name=f"recall:{lane.name}")
        try:
            await asyncio.wait({work, recall}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            recall.cancel()
            if not work.done():
                work.cancel()
                run.found(fr("essai"), None, fr("interrompu : une alerte avait besoin du modem"))
            with contextlib.suppress(asyncio.CancelledError):
                await work
        return run.findings, run.voice

    async def _steps(self, run: _Run, called: str, known: Mapping[str, str]) -> None:
        _about_network(run)
        if run.lane.role != "voice":
            await self._texts(run, known)
        if run.lane.role != "sms":
            await self._voice(run, called)

    # --- texts

    async def _texts(self, run: _Run, known: Mapping[str, str]) -> None:
        others = {n: number for n, number in known.items() if number and n != run.lane.name}
        if not run.number:
            run.found(
                fr("SMS à soi-même"), None, fr("le numéro de ce modem n’est pas connu"),
                fr("Donnez-le : --number {name}=06…", name=run.lane.name),
            )  # fmt: skip
        else:
            await self._text(run, fr("SMS à soi-même"), run.lane.name, run.number)
        for name, number in list(others.items())[:1]:
            await self._text(run, fr("SMS vers {name}", name=name), name, number)

    async def _text(self, run: _Run, step: str, to: str, number: str) -> None:
        token = secrets.token_hex(3).upper()
        pdu = encode_submit(number, f"Essai Tocsin {token}", concat_reference=0)[0]
        try:
            reference = await run.driver.submit(pdu)
        except ModemError as error:
            run.found(
                step,
                False,
                fr("le SMS n’est pas parti ({short})", short=_short(error)),
                _mend(error),
            )
            return
        came, reported = await _await_text(run.heard, run.lane.name, to, token, reference)
        by = run.lane.modem.status.technology if run.lane.modem else ""
        if came or (reported and not to):
            run.found(step, True, _came(by))
        elif not to:
            run.found(step, None, fr("parti ; regardez votre téléphone"))
        else:
            run.found(
                step, False, fr("parti, mais pas arrivé en {limit:.0f} s", limit=TEXT_LIMIT),
                fr("Vérifiez le numéro et que l’abonnement reçoit les SMS."),
            )  # fmt: skip
        if reported:
            run.found(fr("accusé de réception"), True, fr("donné par le réseau"))
        else:
            run.found(
                fr("accusé de réception"),
                False,
                fr("aucun en {limit:.0f} s", limit=TEXT_LIMIT),
                fr(
                    "Certains réseaux n’en donnent pas : les SMS resteront « envoyés, "
                    "sans accusé »."
                ),
            )

    # --- voice

    async def _voice(self, run: _Run, called: str) -> None:
        if run.lane.modem is None or not run.lane.modem.status.voice:
            run.found(
                fr("appel"),
                None,
                fr("ce modem ne sait pas parler"),
                fr('Réservez-le : role = "sms".'),
            )
        elif not called:
            run.found(
                fr("appel"),
                None,
                fr("aucun téléphone à appeler"),
                fr("Donnez votre numéro de téléphone, il sonnera (--phone 06… au terminal)."),
            )
        else:
            await self._call(run, called)

    async def _call(self, run: _Run, called: str) -> None:
        try:
            pcm = await self._speech.pcm(_SPOKEN)
            call = await run.driver.dial(called)
        except (ModemError, TocsinError, RuntimeError) as error:
            run.found(
                fr("appel"),
                False,
                fr("l’appel n’est pas parti ({short})", short=_short(error)),
                _mend(error),
            )
            return
        try:
            await self._converse(run, call, pcm)
        finally:
            await call.hang_up()

    async def _converse(self, run: _Run, call: VoiceCall, pcm: bytes) -> None:
        if not await _answered(call):
            run.found(
                fr("appel"),
                False,
                fr("personne n’a décroché"),
                fr("Recommencez, téléphone en main."),
            )
            return
        by = _CALLS_BY.get(await run.driver.technology_now(), "")
        run.found(fr("appel"), True, fr("décroché ; {by}", by=by) if by else fr("décroché"))
        try:
            key = await _key_pressed(call, pcm)
        except ModemError as error:
            run.found(
                fr("voix"), False, fr("le son ne s’est pas ouvert ({short})", short=_short(error)),
                fr("Vérifiez audio = … dans la configuration, et que le modem porte le son."),
            )  # fmt: skip
            return
        self._about_sound(run, call, key)

    def _about_sound(self, run: _Run, call: VoiceCall, key: str) -> None:
        run.voice = key == _KEY
        if run.voice:
            run.found(
                fr("voix"), True, fr("entendue : la personne a fait ce que le message demandait")
            )
            run.found(fr("touches"), True, fr("la touche 1 est reconnue"))
        else:
            run.found(
                fr("voix"),
                False,
                fr("personne n’a appuyé sur 1") if not key else fr("touche {key} reçue", key=key),
                fr(
                    "Avez-vous entendu la voix ? Si non, vérifiez le port du son ; si oui, les "
                    "touches ne passent pas : essayez un autre téléphone."
                ),
            )
        audible = call.sound.loudest >= _AUDIBLE
        run.found(
            fr("écoute"),
            audible,
            fr("le modem entend l’autre bout") if audible else fr("le modem n’entend rien"),
            "" if audible else fr("Parlez pendant l’essai ; sinon vérifiez le port du son."),
        )


def _about_network(run: _Run) -> None:
    assert run.lane.modem is not None  # noqa: S101
    status = run.lane.modem.status
    by = " – ".join(filter(None, (status.operator, status.technology)))
    run.found(fr("réseau"), True, by or fr("enregistré"))
    red = sunset.warning(last_generation(status.model, status.technology), status.imsi)
    if red:
        run.found(fr("avenir"), False, red)


async def _own_number(driver: Driver) -> str:
    try:
        number = await driver.own_number()
        return phones.parse(number).e164 if number else ""
    except (ModemError, Refused):
        return ""


async def _await_text(
    heard: Heard, modem: str, to: str, token: str, reference: int
) -> tuple[bool, bool]:
    """Wait for a text to come in at modem ``to``, if any, and for its receipt at ``modem``."""
    came = reported = False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TEXT_LIMIT):
            while not (came and reported):
                where, event = await heard.get()
                if isinstance(event, IncomingSms):
                    came |= where == to and token in event.text
                if isinstance(event, StatusReport) and where == modem:
                    good = verdict(event.status) is DeliveryVerdict.DELIVERED
                    reported |= good and event.reference == reference
    return came, reported


async def _answered(call: VoiceCall) -> bool:
    until = asyncio.get_running_loop().time() + RING_LIMIT
    while (left := until - asyncio.get_running_loop().time()) > 0:
        event = await call.next_event(left)
        if isinstance(event, Answered):
            return True
        if event is None or isinstance(event, Released):
            return False
    return False


async def _key_pressed(call: VoiceCall, pcm: bytes) -> str:
    """Say the message until a key comes; return it, empty for none. Raises SoundLost."""
    for _ in range(_SAYINGS):
        speaking = asyncio.create_task(call.play(pcm), name="proof speech")
        try:
            while True:
                event = await call.next_event(KEY_LIMIT + len(pcm) / 16000)
                if isinstance(event, DigitPressed):
                    return event.digit
                if isinstance(event, Released):
                    return ""
                if event is None:
                    break
        finally:
            speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await speaking
    return ""


def _came(by: str) -> str:
    return fr("parti et arrivé, par la {by}", by=by) if by else fr("parti et arrivé")


def _short(error: Exception) -> str:
    if isinstance(error, CommandFailed):
        refusal = judge(error)
        return f"{refusal.code}, {refusal.reason}"
    return (
        fr("réponse perdue : peut-être parti") if isinstance(error, OutcomeUnknown) else str(error)
    )


def _mend(error: Exception) -> str:
    if isinstance(error, CommandFailed):
        return fr("Vérifiez l’abonnement de cette carte (SMS et appels permis, crédit).")
    return fr("Recommencez ; si cela se répète, voyez « tocsin modem list ».")
