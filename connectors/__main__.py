"""`python -m connectors COMMAND`: how data come in, from the command line.

Exit codes: 0 done, 1 the work failed, 2 wrong use or wrong configuration.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from connectors.commands import COMMANDS, sandbox
from connectors.terminal import Terminal
from datasets.errors import OpsError
from datasets.logs import start_log
from datasets.messages import text

ARGPARSE_SENTENCES = (
    (re.compile(r"the following arguments are required: (?P<names>.+)"), "connectors.usage.required"),
    (re.compile(r"unrecognized arguments: (?P<names>.+)"), "connectors.usage.unrecognised"),
    (re.compile(r"argument (?P<name>\S+): invalid choice: (?P<value>.+?) \(choose from (?P<choices>.+)\)"),
     "connectors.usage.choice"),
    (re.compile(r"argument (?P<name>\S+): expected .+"), "connectors.usage.value"),
)  # fmt: skip


class Parser(argparse.ArgumentParser):
    """argparse, speaking the reader's language."""

    def __init__(self, **options: Any) -> None:
        wants_help = options.pop("add_help", True)
        super().__init__(**options, add_help=False)
        self._positionals.title = text("connectors.help.arguments")
        self._optionals.title = text("connectors.help.options")
        if wants_help:
            self.add_argument("-h", "--help", action="help", help=text("connectors.help.help"))

    def error(self, message: str) -> NoReturn:
        for pattern, key in ARGPARSE_SENTENCES:
            if found := pattern.fullmatch(message):
                message = text(key, **found.groupdict())
                break
        self.exit(2, f"{message}\n{text('connectors.usage.help', program=self.prog)}\n")


def parser() -> Parser:
    shared = Parser(add_help=False)
    shared.add_argument("--config", metavar="FILE", help=text("connectors.help.config"))
    shared.add_argument("--debug", action="store_true", help=text("connectors.help.debug"))
    top = Parser(prog="python -m connectors", description=text("connectors.help.program"))
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, command in COMMANDS.items():
        help_text = text(f"connectors.help.{name}")
        command.add_arguments(commands.add_parser(name, parents=[shared], help=help_text, description=help_text))
    return top


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    if argv[:1] == ["sandbox"]:  # has options of its own
        return sandbox.delegate(argv[1:], environ)
    arguments = parser().parse_args(argv)
    runs_on = arguments.command == "run"
    start_log(logging.DEBUG if arguments.debug else logging.INFO if runs_on else logging.CRITICAL)
    terminal = Terminal(environ)
    try:
        code: int = COMMANDS[arguments.command].run(arguments, terminal)
        return code
    except OpsError as error:
        if arguments.debug:
            raise
        terminal.warn(error.message(terminal.language))
        return error.exit_code
    except KeyboardInterrupt:
        return 1
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:  # the boundary to the person: a fault of ours is one sentence, too
        if arguments.debug:
            raise
        terminal.warn(terminal.text("error.unexpected", kind=type(fault).__name__))
        return 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:], os.environ))
