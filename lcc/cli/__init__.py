"""The command `lcc`: thin, one function per command, heavy imports inside it.

Exit codes: 0 clean; 1 something was repaired, set aside, or not covered; 2 nothing could be done.
"""

from __future__ import annotations

import logging
import sys

import click

from lcc.cli.bilan import bilan_command
from lcc.cli.budgets import accounts_command, budget_group
from lcc.cli.calendars import calendar_command
from lcc.cli.changes import change_command
from lcc.cli.clauses import clause_command
from lcc.cli.costs import cost_command
from lcc.cli.decp import decp_command
from lcc.cli.digital import digital_command
from lcc.cli.explorer import explore_command
from lcc.cli.indicators import indicators_command
from lcc.cli.kernels import kernel_group
from lcc.cli.maps import check_command, explain_command, map_command, mapping_command
from lcc.cli.measures import measure_next_command
from lcc.cli.opportunities import opportunities_command
from lcc.cli.options import EXIT_CLEAN, EXIT_FAILED
from lcc.cli.plans import plan_command
from lcc.cli.posts import posts_command
from lcc.cli.publish import publish_command
from lcc.cli.ranks import rank_command
from lcc.cli.registers import register_command
from lcc.cli.render import render_command
from lcc.cli.reports import demo_command, report_command, reports_command
from lcc.cli.rules import rules_command
from lcc.cli.suggestions import suggest_command
from lcc.cli.tables import table_command
from lcc.cli.tenders import annex_command, questionnaire_command, tender_command
from lcc.cli.trajectories import grid_command, trajectory_command
from lcc.cli.updates import update_command
from lcc.errors import LccError
from lcc.version import __version__

__all__ = ["main", "run"]

INTERRUPTED = "interrupted; nothing was left half-written"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lcc")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is done, step by step.")
def main(debug: bool, verbose: bool) -> None:
    """Carbon and life-cycle cost of a city's purchases, with honest uncertainty."""
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )


for command in (
    bilan_command,
    check_command,
    map_command,
    explain_command,
    mapping_command,
    posts_command,
    measure_next_command,
    report_command,
    reports_command,
    demo_command,
    explore_command,
    render_command,
    cost_command,
    questionnaire_command,
    annex_command,
    tender_command,
    grid_command,
    trajectory_command,
    rank_command,
    change_command,
    calendar_command,
    accounts_command,
    budget_group,
    table_command,
    suggest_command,
    plan_command,
    digital_command,
    clause_command,
    update_command,
    opportunities_command,
    rules_command,
    decp_command,
    register_command,
    rules_command,
    indicators_command,
    publish_command,
    kernel_group,
):
    main.add_command(command)


def run() -> None:
    """Run the command; turn every failure into one clear message and exit code 2."""
    debug = "--debug" in sys.argv
    try:
        main(standalone_mode=False)
    except LccError as error:
        _fail(str(error), error, debug)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (KeyboardInterrupt, click.Abort) as error:
        _fail(str(error) or INTERRUPTED, error, debug)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_FAILED)
    except BrokenPipeError:
        # The reader of our output left (`lcc … | head`): no fault of ours.
        sys.stderr.close()
        sys.exit(EXIT_CLEAN)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}", error, debug)
    except RuntimeError as error:
        # DuckDB turns Ctrl-C in the middle of a query into an error of its own.
        if "interrupt" not in str(error).lower():
            raise
        _fail(INTERRUPTED, error, debug)
    except MemoryError as error:
        _fail("not enough memory; give fewer files at a time", error, debug)


def _fail(message: str, error: BaseException, debug: bool) -> None:
    if debug:
        raise error
    click.echo(f"lcc: {message}", err=True)
    sys.exit(EXIT_FAILED)
