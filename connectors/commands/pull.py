"""`pull [SOURCE ...]`: one pull each, a line per source."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable, Sequence

from connectors.house import open_house
from connectors.jobs import work_off
from connectors.pull import Caller, pull
from connectors.terminal import Terminal
from datasets.command_line import Parser
from datasets.errors import OpsError, UsageError
from datasets.standing import reconciled_sentence
from datasets.store import Confirmed, Counts
from datasets.vietnamese import clean

PATIENCE_SECONDS = 30.0
"""How long to wait for a pull of the same source that the scheduler is at."""
LONGEST_REASON = 500


def add_arguments(parser: Parser) -> None:
    parser.add_argument("sources", nargs="*", metavar="SOURCE")
    parser.add_argument("--reconcile", action="store_true", help=parser.text("connectors.help.reconcile"))
    parser.add_argument("--accept-shrink", metavar="REASON", help=parser.text("connectors.help.accept_shrink"))


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    house = open_house(arguments.config, terminal.environ)
    terminal.language = house.settings.centre.language
    names = list(dict.fromkeys(arguments.sources)) or list(house.settings.sources)
    for name in names:
        house.source(name)  # a misspelt name is said before anything is pulled
    confirmed = _confirmed(arguments, terminal, names)
    work_off(house)  # what the sources page asked for while no scheduler ran
    failed = False
    for name in names:
        caller = Caller(
            progress=_progress(terminal, name),
            patience_seconds=PATIENCE_SECONDS,
            reconcile=arguments.reconcile,
            confirmed=confirmed,
        )
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
            found = house.store.ledger.status(name).reconciled if arguments.reconcile else None
            if found:
                terminal.say(f"{name}: {reconciled_sentence(found, terminal.language)}")
    return 1 if failed else 0


def _confirmed(arguments: argparse.Namespace, terminal: Terminal, names: Sequence[str]) -> Confirmed | None:
    """Who takes a small delivery over, and why: of one source only, so that nobody waves everything through."""
    if arguments.accept_shrink is None:
        return None
    why = clean(arguments.accept_shrink)[:LONGEST_REASON]
    if not why or len(names) != 1 or not arguments.sources:
        raise UsageError("connectors.accept_shrink")
    return Confirmed(by=terminal.environ.get("SUDO_USER") or getpass.getuser(), why=why)


def line(counts: Counts) -> str:
    """The counts by their names in the contract, for people and programs alike."""
    said = f"read={counts.read} new={counts.new} changed={counts.changed} unchanged={counts.unchanged}"
    said += f" quarantined={counts.quarantined}"
    return f"{said} duplicates={counts.duplicates}" if counts.duplicates else said


def _progress(terminal: Terminal, name: str) -> Callable[[int], None]:
    return lambda read: terminal.progress(terminal.text("connectors.pull.progress", source=name, read=read))
