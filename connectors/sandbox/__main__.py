"""`python -m connectors sandbox`: set the simulated systems up and serve until Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType

from sqlalchemy import make_url

import datasets
from connectors.sandbox.documents.api import add_documents
from connectors.sandbox.documents.office_day import keep_dropping
from connectors.sandbox.documents.system import DocumentSystem
from connectors.sandbox.education import drops
from connectors.sandbox.education.api import add_education
from connectors.sandbox.education.schools import Schools
from connectors.sandbox.faults import Faults, parse_fault
from connectors.sandbox.health.dhis2 import dhis2_api
from connectors.sandbox.health.drop import keep_dropping_forms
from connectors.sandbox.health.system import HealthSystem
from connectors.sandbox.inbox import NAME, drop
from connectors.sandbox.one_stop.api import create_api
from connectors.sandbox.one_stop.one_stop import OneStop
from connectors.sandbox.one_stop.tokens import Tokens
from connectors.sandbox.petitions.api import petitions_api
from connectors.sandbox.petitions.cases import Petitions
from connectors.sandbox.ready import PORT
from connectors.sandbox.server import listen, server_on
from connectors.sandbox.society.forms import Forms
from connectors.sandbox.society.register import write_register
from connectors.sandbox.starts import note_start
from datasets.clock import clock_from
from datasets.errors import OpsError
from datasets.messages import text
from datasets.settings import Settings, config_path, load_settings
from datasets.working_days import WorkingCalendar

SEED = 7
FAULTS_IN_ENVIRONMENT = "IOC_SANDBOX_FAULTS"  # error:0.1,slow:0.05
STARTS = Path("data/sandbox-starts.txt")
PILOT_FACTS = Path(datasets.__file__).parent / "demo" / "pilot_facts.csv"


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit codes: 0 ended, 2 wrong use or configuration."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.DEBUG if arguments.verbose else logging.INFO, format="%(message)s")
    try:
        serve(arguments, environ)
    except OpsError as error:
        print(error.message(), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0
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
    calendar = WorkingCalendar.load(settings.calendar) if settings.calendar else WorkingCalendar()
    one_stop = OneStop(arguments.seed, started, calendar, settings.units, lively=not stands_still)
    tokens = Tokens(clients(settings), arguments.seed, clock)
    documents = DocumentSystem(arguments.seed, started, calendar, settings.units)
    app = create_api(one_stop, tokens, faults, clock, zone, time.sleep)
    add_documents(app, documents, tokens, faults, clock, zone, time.sleep)
    petitions = Petitions(one_stop.communes, arguments.seed, started, calendar)
    app.register_blueprint(petitions_api(petitions, bearers(settings), faults, clock, zone, time.sleep))
    health = HealthSystem(arguments.seed, started, calendar, settings.units)
    app.register_blueprint(dhis2_api(health, api_tokens(settings), faults, clock, zone, time.sleep))
    schools = Schools(arguments.seed, calendar, settings.units, min(started).date())
    add_education(app, schools, tokens, faults, clock, zone, time.sleep)
    server = server_on(listening, app)
    signal.signal(signal.SIGTERM, _end)
    print(text("sandbox.listening", address=f"http://{arguments.host}:{server.port}/"), flush=True)
    if (dropped := _drop_pilot_facts(settings)) is not None:
        print(text("sandbox.dropped", path=dropped), flush=True)
    _lay_out_society(settings, arguments.seed, started[0], now, {c.code: c.name for c in one_stop.communes.values()})
    keep_dropping(documents, settings, clock)
    keep_dropping_forms(health, settings, clock)
    drops.keep_dropping(schools, settings, clock)
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        server.server_close()


def clients(settings: Settings) -> dict[str, str]:
    """The client ids and secrets of the configuration's own sources: whoever may read, may sign in."""
    known = {}
    for source in settings.sources.values():
        auth = getattr(source, "auth", None)
        if auth is not None and auth.type == "oauth2_client_credentials":
            known[auth.client_id] = auth.client_secret.get_secret_value()
    return known


def bearers(settings: Settings) -> frozenset[str]:
    """The bearer tokens of the configuration's own sources."""
    found = (source.auth for source in settings.sources.values() if source.connector == "rest")
    return frozenset(auth.token.get_secret_value() for auth in found if auth.type == "bearer")


def api_tokens(settings: Settings) -> frozenset[str]:
    """The access tokens of the configuration's own DHIS2 sources."""
    found = (source.auth for source in settings.sources.values() if source.connector == "dhis2")
    return frozenset(auth.token.get_secret_value() for auth in found if auth.type == "api_token")


def _drop_pilot_facts(settings: Settings) -> Path | None:
    source = settings.sources.get(NAME)
    if source is None or source.connector != "files":
        return None
    return drop(PILOT_FACTS, source.path)


def _lay_out_society(settings: Settings, seed: int, first: datetime, now: datetime, names: Mapping[str, str]) -> None:
    """The monthly forms into their inbox, the civil register into its database; where they are configured."""
    budget, register = settings.sources.get("budget"), settings.sources.get("civil_register")
    if budget is not None and budget.connector == "files":
        Forms(names, seed, first).drop(budget.path, now.date())
    if register is not None and register.connector == "sql":
        database = make_url(register.address.get_secret_value()).database
        write_register(Path(str(database)), seed, first, now)


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m connectors sandbox", description=text("sandbox.help"))
    parser.add_argument("--port", type=int, default=PORT, help=text("sandbox.help.port", port=PORT))
    parser.add_argument("--host", default="127.0.0.1", help=text("sandbox.help.host"))
    parser.add_argument("--seed", type=int, default=SEED, help=text("sandbox.help.seed"))
    parser.add_argument("--config", metavar="FILE", help=text("sandbox.help.config"))
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[:SHARE]", help=text("sandbox.help.fault"))
    parser.add_argument("--wait", action="store_true", help=text("sandbox.help.wait"))
    parser.add_argument("--verbose", action="store_true", help=text("sandbox.help.verbose"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
