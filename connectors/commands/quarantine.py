"""`quarantine SOURCE`: the records set aside and why."""

from __future__ import annotations

import argparse
import csv
import io

from connectors.house import open_house
from connectors.terminal import Terminal
from datasets.messages import catalogue
from datasets.vietnamese import moment

MOST = 10_000
COLUMNS = ("record", "row", "field", "problem", "value", "first_seen", "last_seen", "times")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--format", choices=("table", "csv"), default="table")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    terminal.language = house.settings.centre.language
    house.source(arguments.source)
    zone = house.settings.centre.time_zone
    words = catalogue(terminal.language)
    found = []
    for line in house.store.quarantine.list(arguments.source, limit=MOST):
        seen = (moment(line.first_seen_at, zone), moment(line.last_seen_at, zone), str(line.times_seen))
        for problem in line.problems:
            said = words.get(f"problem.{problem['code']}", problem["code"])
            found.append((line.record_key, line.row_id, problem["field"], said, problem["value"], *seen))
    headers = [terminal.text(f"connectors.quarantine.{column}") for column in COLUMNS]
    if arguments.format == "csv":
        sheet = io.StringIO()
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows([_harmless(cell) for cell in row] for row in found)
        terminal.say(sheet.getvalue().rstrip("\n"))
    elif found:
        terminal.table(headers, found)
    else:
        terminal.say(terminal.text("connectors.quarantine.none", source=arguments.source))
    return 0


def _harmless(cell: str) -> str:
    """A spreadsheet must not take what a source wrote for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
