"""A look at the uninterruptible supply: what NUT says of it, and who stops the machine in time."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gateway.config import Config
from gateway.errors import TocsinError
from gateway.sentences import fr
from gateway.upkeep import findings
from gateway.upkeep.findings import Finding, Machine
from gateway.upkeep.supply import Supply, SupplyState
from gateway.watch import nearly_empty


async def power(config: Config, machine: Machine) -> AsyncIterator[Finding]:
    """Tell how the supply is, and whether its end would be a stop or a fall."""
    if config.power.ups is None:
        yield findings.unknown(
            "ups",
            fr("aucun onduleur n'est déclaré"),
            fr(
                "s'il y en a un : installez NUT, puis écrivez [power] ups = "
                '"onduleur@localhost" dans tocsin.toml (guide du technicien)'
            ),
        )
        return
    try:
        yield _judged(await Supply(config.power).look())
    except TocsinError as error:
        yield findings.fault(
            "ups",
            fr("l'onduleur ne répond pas : {error}", error=error),
            fr("systemctl status nut-server ; upsc {ups}", ups=config.power.ups),
        )
    if "upsmon" not in machine.programs():
        yield findings.warning(
            "ups.stop",
            fr("upsmon ne tourne pas : batterie vide, la machine s'éteindrait d'un coup"),
            fr("systemctl enable --now nut-monitor (voyez le guide, « L'onduleur, avec NUT »)"),
        )


def _judged(state: SupplyState) -> Finding:
    if state.nearly_empty:
        said = nearly_empty(state.sentence)
        return findings.fault("ups", said.sentence, said.mend)
    if state.on_battery:
        return findings.fault("ups", state.sentence, fr("le courant est-il coupé ?"))
    if state.replace_battery:
        return findings.warning(
            "ups", fr("la batterie de l'onduleur est usée"), fr("changez la batterie")
        )
    return findings.good("ups", fr("onduleur {said}", said=state.sentence))
