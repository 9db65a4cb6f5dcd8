"""`python -m connectors sandbox`: set the simulated systems up and serve until Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

import datasets
from connectors.sandbox.documents.office_day import keep_dropping
from connectors.sandbox.education import drops
from connectors.sandbox.faults import Faults, parse_fault
from connectors.sandbox.health.drop import keep_dropping_forms
from connectors.sandbox.inbox import NAME, drop
from connectors.sandbox.ready import PORT
from connectors.sandbox.server import listen, server_on
from connectors.sandbox.starts import note_start
from connectors.sandbox.systems import build_systems, lay_out_society
from datasets.clock import clock_from
from datasets.command_line import Parser
from datasets.errors import OpsError
from datasets.messages import text
from datasets.settings import Settings, config_path, language_named, load_settings

SEED = 7
FAULTS_IN_ENVIRONMENT = "IOC_SANDBOX_FAULTS"  # error:0.1,slow:0.05
STARTS = Path("data/sandbox-starts.txt")
PILOT_FACTS = Path(datasets.__file__).parent / "demo" / "pilot_facts.csv"


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit codes: 0 ended, 1 it could not be served, 2 wrong use or configuration."""
    language, debug = language_named(argv, environ), "--debug" in argv
    try:
        arguments = _parser(language).parse_args(argv)
        logging.basicConfig(level=logging.DEBUG if arguments.verbose else logging.INFO, format="%(message)s")
        serve(arguments, environ)
    except OpsError as error:
        if debug:
            raise
        print(error.message(language), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    except Exception as fault:  # the boundary to the person
        if debug:
            raise
        print(text("usage.unexpected", language, kind=type(fault).__name__), file=sys.stderr)
        return 1
    return 0


def serve(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    """Set everything up, say where it listens, and serve."""
    settings = load_settings(config_path(arguments.config, environ), environ)
    zone = settings.centre.time_zone
    clock = clock_from(environ, zone)
    now = clock().astimezone(zone).replace(tzinfo=None)
    faults = Faults(arguments.seed)
    for written in [*arguments.fault, *filter(None, environ.get(FAULTS_IN_ENVIRONMENT, "").split(","))]:
        faults.add(parse_fault(written))
    listening = listen(arguments.host, arguments.port)
    stands_still = bool(environ.get("IOC_NOW"))
    started = [now] if stands_still else note_start(settings.root / STARTS, now)
    systems = build_systems(settings, arguments.seed, started, faults, clock, time.sleep, lively=not stands_still)
    server = server_on(listening, systems.app)
    signal.signal(signal.SIGTERM, _end)
    print(text("sandbox.listening", address=f"http://{arguments.host}:{server.port}/"), flush=True)
    if (dropped := _drop_pilot_facts(settings)) is not None:
        print(text("sandbox.dropped", path=dropped), flush=True)
    lay_out_society(systems, settings, arguments.seed, started[0], now)
    keep_dropping(systems.documents, settings, clock)
    keep_dropping_forms(systems.health, settings, clock)
    drops.keep_dropping(systems.schools, settings, clock)
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        server.server_close()


def _drop_pilot_facts(settings: Settings) -> Path | None:
    source = settings.sources.get(NAME)
    if source is None or source.connector != "files":
        return None
    return drop(PILOT_FACTS, source.path)


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser(language: str) -> Parser:
    parser = Parser(language=language, prog="python -m connectors sandbox", description=text("sandbox.help", language))
    parser.add_argument("--port", type=int, default=PORT, help=parser.text("sandbox.help.port", port=PORT))
    parser.add_argument("--host", default="127.0.0.1", help=parser.text("sandbox.help.host"))
    parser.add_argument("--seed", type=int, default=SEED, help=parser.text("sandbox.help.seed"))
    parser.add_argument("--config", metavar="FILE", help=parser.text("sandbox.help.config"))
    parser.add_argument(
        "--fault", action="append", default=[], metavar="KIND[:SHARE]", help=parser.text("sandbox.help.fault")
    )
    parser.add_argument("--wait", action="store_true", help=parser.text("sandbox.help.wait"))
    parser.add_argument("--debug", action="store_true", help=parser.text("connectors.help.debug"))
    parser.add_argument("--verbose", action="store_true", help=parser.text("sandbox.help.verbose"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
