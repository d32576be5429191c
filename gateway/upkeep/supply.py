"""The uninterruptible supply as NUT tells it. Not its job: what is done about it (`power`)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config_box import PowerSettings
from gateway.credentials import secret
from gateway.errors import TocsinError
from gateway.sentences import fr, listed


@dataclass(frozen=True, slots=True)
class SupplyState:
    """The supply now: NUT's ``ups.status`` words, percent of charge, minutes left."""

    words: frozenset[str]
    charge: float | None = None
    minutes: float | None = None

    @property
    def on_battery(self) -> bool:
        """Whether the mains have gone."""
        return "OB" in self.words

    @property
    def low(self) -> bool:
        """Whether the supply itself says that it is nearly empty."""
        return "LB" in self.words

    @property
    def replace_battery(self) -> bool:
        """Whether its battery is worn out."""
        return "RB" in self.words

    @property
    def sentence(self) -> str:
        """Say how it stands."""
        parts = [fr("sur batterie") if self.on_battery else fr("sur secteur")]
        if self.charge is not None:
            parts.append(fr("batterie à {charge:.0f} %", charge=self.charge))
        if self.minutes is not None:
            parts.append(fr("encore {minutes:.0f} min", minutes=self.minutes))
        return listed(", ", parts)


class Supply:
    """One supply of a NUT server: ``name@host[:port]``."""

    def __init__(self, settings: PowerSettings) -> None:
        self._settings = settings

    async def look(self) -> SupplyState:
        """Ask NUT; raise `TocsinError` or OSError when it does not answer."""
        from aionut import AIONUTClient, NUTError

        name, _, where = (self._settings.ups or "").partition("@")
        host, _, port = where.partition(":")
        key = self._settings.password_file
        client = AIONUTClient(
            host=host, port=int(port or 3493), username=self._settings.username,
            password=secret(key) if key else None, persistent=False, timeout=5,
        )  # fmt: skip
        try:
            known = await client.list_vars(name)
        except NUTError as error:
            raise TocsinError(str(error)) from error
        finally:
            client.shutdown()
        runtime = _number(known.get("battery.runtime"))
        return SupplyState(
            frozenset(known.get("ups.status", "").split()), _number(known.get("battery.charge")),
            None if runtime is None else runtime / 60,
        )  # fmt: skip


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
