"""`template DATASET -o FILE.xlsx`: an entry form made from the schema."""

from __future__ import annotations

import argparse
from pathlib import Path

from connectors.terminal import Terminal
from datasets.clock import clock_from
from datasets.command_line import Parser
from datasets.entry_form import write_form
from datasets.errors import OpsError, UsageError
from datasets.forms import forms
from datasets.indicators.catalogue import load_catalogue
from datasets.settings import config_path, load_settings
from datasets.units import UnitTree


def add_arguments(parser: Parser) -> None:
    parser.add_argument("dataset", metavar="DATASET")
    parser.add_argument("-o", "--output", metavar="FILE.xlsx", required=True, type=Path)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    if arguments.dataset not in forms():
        raise UsageError("connectors.unknown_dataset", dataset=arguments.dataset, known=", ".join(forms()))
    settings = load_settings(config_path(arguments.config, terminal.environ), terminal.environ)
    terminal.language = settings.centre.language
    zone = settings.centre.time_zone
    today = clock_from(terminal.environ, zone)().astimezone(zone).date()
    output, units = arguments.output, UnitTree.load(settings.units)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_form(output, arguments.dataset, settings, units, load_catalogue(), today)
    except OSError as error:
        reason = error.strerror or error
        raise OpsError("connectors.template.cannot_write", file=output, reason=reason) from error
    terminal.say(terminal.text("connectors.template.written", file=output))
    return 0
