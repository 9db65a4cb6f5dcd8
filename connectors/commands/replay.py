"""`replay SOURCE`: try the quarantined records again, as after a mended map or unit list."""

from __future__ import annotations

import argparse

from connectors.commands.pull import PATIENCE_SECONDS, line
from connectors.house import open_house
from connectors.pull import Caller
from connectors.replay import replay
from connectors.terminal import Terminal
from datasets.command_line import Parser


def add_arguments(parser: Parser) -> None:
    parser.add_argument("source", metavar="SOURCE")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    terminal.language = house.settings.centre.language
    counts = replay(arguments.source, house, Caller(patience_seconds=PATIENCE_SECONDS))
    terminal.say(f"{arguments.source} {line(counts)}")
    return 0
