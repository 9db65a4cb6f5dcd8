"""`sandbox`: the simulated source systems, with options of their own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from connectors.terminal import Terminal
from datasets.command_line import Parser


def add_arguments(parser: Parser) -> None:
    parser.add_argument("options", nargs="*", metavar="OPTION")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    return delegate(arguments.options, terminal.environ)


def delegate(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    if "--wait" in argv:
        from connectors.sandbox import ready

        return ready.main(argv)
    from connectors.sandbox.__main__ import main  # only who simulates needs the simulation

    return main(list(argv), environ)
