"""`pull [SOURCE ...]`: one pull each, a line per source."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from connectors.house import open_house
from connectors.pull import Caller, pull
from connectors.terminal import Terminal
from datasets.errors import OpsError
from datasets.store import Counts

PATIENCE_SECONDS = 30.0
"""How long to wait for a pull of the same source that the scheduler is at."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="*", metavar="SOURCE")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    terminal.language = house.settings.centre.language
    names = list(dict.fromkeys(arguments.sources)) or list(house.settings.sources)
    for name in names:
        house.source(name)  # a misspelt name is said before anything is pulled
    failed = False
    for name in names:
        caller = Caller(progress=_progress(terminal, name), patience_seconds=PATIENCE_SECONDS)
        try:
            counts = pull(name, house, caller)
        except OpsError as error:
            terminal.progress("")
            if arguments.debug:
                raise
            terminal.warn(f"{name}: {error.message(terminal.language)}")
            failed = True
        else:
            terminal.progress("")
            terminal.say(f"{name} {line(counts)}")
    return 1 if failed else 0


def line(counts: Counts) -> str:
    """The counts by their names in the contract, for people and programs alike."""
    said = f"read={counts.read} new={counts.new} changed={counts.changed} unchanged={counts.unchanged}"
    said += f" quarantined={counts.quarantined}"
    return f"{said} duplicates={counts.duplicates}" if counts.duplicates else said


def _progress(terminal: Terminal, name: str) -> Callable[[int], None]:
    return lambda read: terminal.progress(terminal.text("connectors.pull.progress", source=name, read=read))
