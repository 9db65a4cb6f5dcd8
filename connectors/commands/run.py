"""`run`: the scheduler's process."""

from __future__ import annotations

import argparse

from connectors.house import open_house
from connectors.scheduler import run as run_scheduler
from connectors.terminal import Terminal
from datasets.command_line import Parser


def add_arguments(parser: Parser) -> None:
    """No options of its own."""


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    terminal.language = house.settings.centre.language
    return run_scheduler(house)
