"""`python -m connectors COMMAND`: how data come in, from the command line.

Exit codes: 0 done, 1 the work failed, 2 wrong use or wrong configuration.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from connectors.commands import COMMANDS, sandbox
from connectors.terminal import Terminal
from datasets.command_line import Parser
from datasets.errors import OpsError
from datasets.logs import start_log
from datasets.settings import language_named

GIVES_WAY = 5
"""How nice the process is: beside one of ordinary priority that also wants the processor, it gets a quarter."""


def parser(language: str) -> Parser:
    shared = Parser(language=language, add_help=False)
    shared.add_argument("--config", metavar="FILE", help=shared.text("connectors.help.config"))
    shared.add_argument("--debug", action="store_true", help=shared.text("connectors.help.debug"))
    top = Parser(language=language, prog="python -m connectors", description=shared.text("connectors.help.program"))
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, command in COMMANDS.items():
        help_text = top.text(f"connectors.help.{name}")
        made = commands.add_parser(name, parents=[shared], help=help_text, description=help_text, language=language)
        command.add_arguments(made)
    return top


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    if argv[:1] == ["sandbox"]:  # has options of its own
        return sandbox.delegate(argv[1:], environ)
    terminal = Terminal(environ, language=language_named(argv, environ))
    debug = "--debug" in argv
    try:
        arguments = parser(terminal.language).parse_args(argv)
        _log(arguments.command, debug=debug)
        code: int = COMMANDS[arguments.command].run(arguments, terminal)
        return code
    except OpsError as error:
        if debug:
            raise
        terminal.warn(error.message(terminal.language))
        return error.exit_code
    except KeyboardInterrupt:
        return 1
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:  # the boundary to the person: a fault of ours is one sentence, too
        if debug:
            raise
        terminal.warn(terminal.text("usage.unexpected", kind=type(fault).__name__))
        return 1


def give_way() -> None:
    """Let the pages have the processor first, for as long as this process lives: a backfill may take its time."""
    with suppress(AttributeError, OSError):  # not every system knows of priorities
        os.setpriority(os.PRIO_PROCESS, 0, max(GIVES_WAY, os.getpriority(os.PRIO_PROCESS, 0)))


def _log(command: str, *, debug: bool) -> None:
    start_log(logging.DEBUG if debug else logging.INFO if command == "run" else logging.CRITICAL)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    give_way()
    sys.exit(main(sys.argv[1:], os.environ))
