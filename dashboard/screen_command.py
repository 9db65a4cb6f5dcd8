"""`python -m dashboard screen approve | list | revoke`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from datasets.command_line import Parser
from datasets.messages import text

if TYPE_CHECKING:
    from dashboard.queries import Queries

Say = Callable[[str], str]


def add_screen_command(command: Parser, say: Callable[[str], str]) -> None:
    """The three actions and their arguments. `say` words a key of `screen.help`."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Parser)
    names = ("approve", "list", "revoke")
    made = {name: actions.add_parser(name, help=say(name), language=command.language) for name in names}
    for action in made.values():
        action.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS)
        action.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
    made["approve"].add_argument("code", metavar="CODE", help=say("code"))
    made["approve"].add_argument("--name", required=True, help=say("name"))
    made["approve"].add_argument("--unit", help=say("unit"))
    made["approve"].add_argument("--scenes", help=say("scenes"))
    made["approve"].add_argument("--diagonal", type=float, help=say("diagonal"))
    made["approve"].add_argument("--distance", type=float, help=say("distance"))
    made["revoke"].add_argument("number", type=int, metavar="NUMBER", help=say("number"))


def screen_command(queries: Queries, asked: argparse.Namespace) -> str:
    """Do what was asked and say what came of it. Raises UsageError."""
    from dashboard.screens import HEADS, Approval, approve, screens_of, table  # not loaded to print a number

    language = queries.settings.centre.language
    if asked.action == "approve":
        said = Approval(asked.code, asked.name, asked.unit, asked.scenes, asked.diagonal, asked.distance)
        line = approve(queries, said)
        unit = queries.units.get(line.unit).name
        return text("screen.approved", language, number=line.id, name=line.name, unit=unit)
    if asked.action == "revoke":
        line = screens_of(queries).revoke(asked.number)
        return text("screen.revoked", language, number=line.id, name=line.name)
    rows = [cells for _, cells in table(queries, language)]
    if not rows:
        return text("screen.none", language)
    heads = tuple(text(f"screen.head.{head}", language) for head in HEADS)
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in (heads, *rows))
