"""`quarantine SOURCE`: the records set aside and why."""

from __future__ import annotations

import argparse
import csv
import io
from datetime import datetime

from connectors.house import House, open_house
from connectors.terminal import Terminal
from datasets.command_line import Parser
from datasets.messages import catalogue
from datasets.store.quarantine import SetAside
from datasets.vietnamese import moment

MOST = 10_000
SHOWN = ("record", "row", "field", "problem", "value", "first_seen", "last_seen", "times")
COLUMNS = ("record", "row", "field", "code", "problem", "value", "first_seen", "last_seen", "times")


def add_arguments(parser: Parser) -> None:
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--format", choices=("table", "csv"), default="table")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    terminal.language = house.settings.centre.language
    house.source(arguments.source)
    as_csv = arguments.format == "csv"
    lines = house.store.quarantine.list(arguments.source, limit=MOST)
    found = [record for line in lines for record in _problems(line, house, as_csv)]
    if as_csv:
        sheet = io.StringIO()
        writer = csv.DictWriter(sheet, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _harmless(cell) for name, cell in record.items()} for record in found)
        terminal.say(sheet.getvalue().rstrip("\n"))
    elif found:
        headers = [terminal.text(f"connectors.quarantine.{column}") for column in SHOWN]
        terminal.table(headers, [[record[column] for column in SHOWN] for record in found])
    else:
        terminal.say(terminal.text("connectors.quarantine.none", source=arguments.source))
    return 0


def _problems(line: SetAside, house: House, as_csv: bool) -> list[dict[str, str]]:
    """One record for each thing wrong: moments as ISO for programs, as people write them on the screen."""
    zone, language = house.settings.centre.time_zone, house.settings.centre.language
    words = catalogue(language)

    def said(seen: datetime) -> str:
        return seen.astimezone(zone).isoformat(timespec="seconds") if as_csv else moment(seen, zone)

    return [
        {
            "record": line.record_key,
            "row": line.row_id,
            "field": problem["field"],
            "code": problem["code"],
            "problem": words.get(f"problem.{problem['code']}", problem["code"]),
            "value": problem["value"],
            "first_seen": said(line.first_seen_at),
            "last_seen": said(line.last_seen_at),
            "times": str(line.times_seen),
        }
        for problem in line.problems
    ]


def _harmless(cell: str) -> str:
    """A spreadsheet must not take what a source wrote for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
