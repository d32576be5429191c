"""Entry point of the command ``tocsin``; nothing else."""

from __future__ import annotations

import sys

import click

from gateway.cli.common import LazyCommands
from gateway.errors import TocsinError
from gateway.system_words import why


@click.command(cls=LazyCommands)
@click.version_option(package_name="tocsin", prog_name="tocsin")
def tocsin() -> None:
    """Tocsin : la passerelle d'alerte de la mairie (SMS, appels parlés, courriels)."""


def main() -> None:
    """Run the command; errors go to standard error with their mend, status 1 (2 for usage)."""
    try:
        # outside standalone mode click hands the status of an Exit back rather than raise it
        if status := tocsin(standalone_mode=False):
            sys.exit(status)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        click.echo("abandonné", err=True)
        sys.exit(1)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except TocsinError as error:
        click.echo(f"tocsin : {error}", err=True)
        sys.exit(1)
    except PermissionError as error:
        where = error.filename2 or error.filename or "le disque"
        click.echo(f"tocsin : {where} : {why(error)} ; recommencez avec sudo", err=True)
        sys.exit(1)
    except BaseExceptionGroup as group:
        # the mend is in the innermost error; the tree around it helps nobody at a terminal
        found = innermost(group)
        if not isinstance(found, TocsinError):
            raise
        click.echo(f"tocsin : {found}", err=True)
        sys.exit(1)


def innermost(error: BaseException) -> BaseException:
    """Return the first error of ours in a group of groups, else what was given."""
    if isinstance(error, BaseExceptionGroup):
        found = error.subgroup(TocsinError)
        return innermost(found.exceptions[0]) if found else error
    return error


if __name__ == "__main__":
    main()
