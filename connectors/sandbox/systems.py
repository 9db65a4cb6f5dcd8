"""The simulated systems of one configuration, put together: what answers over HTTP, and what lies in files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from connectors.sandbox.documents.api import add_documents
from connectors.sandbox.documents.system import DocumentSystem
from connectors.sandbox.education.api import add_education
from connectors.sandbox.education.schools import Schools
from connectors.sandbox.health.dhis2 import dhis2_api
from connectors.sandbox.health.system import HealthSystem
from connectors.sandbox.one_stop.api import create_api
from connectors.sandbox.one_stop.one_stop import OneStop
from connectors.sandbox.one_stop.tokens import Tokens
from connectors.sandbox.petitions.api import petitions_api
from connectors.sandbox.petitions.cases import Petitions
from connectors.sandbox.society.forms import Forms
from connectors.sandbox.society.register import write_register
from datasets.working_days import WorkingCalendar

if TYPE_CHECKING:
    from flask import Flask

    from connectors.sandbox.faults import Faults
    from datasets.clock import Clock
    from datasets.settings import Settings


@dataclass(frozen=True, slots=True)
class Systems:
    """The systems, and the one web application that speaks for all of them."""

    app: Flask
    one_stop: OneStop
    documents: DocumentSystem
    petitions: Petitions
    health: HealthSystem
    schools: Schools


def build_systems(
    settings: Settings,
    seed: int,
    started: Sequence[datetime],
    faults: Faults,
    clock: Clock,
    sleep: Callable[[float], None],
    *,
    lively: bool,
) -> Systems:
    """Everything that the sources of a configuration ask for.

    started   naive local moments at which the sandbox was started, the first one first
    lively    whether new dossiers come while it runs
    """
    zone = settings.centre.time_zone
    calendar = WorkingCalendar.load(settings.calendar) if settings.calendar else WorkingCalendar()
    one_stop = OneStop(seed, started, calendar, settings.units, lively=lively)
    tokens = Tokens(clients(settings), seed, clock)
    documents = DocumentSystem(seed, started, calendar, settings.units)
    app = create_api(one_stop, tokens, faults, clock, zone, sleep)
    add_documents(app, documents, tokens, faults, clock, zone, sleep)
    petitions = Petitions(one_stop.communes, seed, started, calendar)
    app.register_blueprint(petitions_api(petitions, bearers(settings), faults, clock, zone, sleep))
    health = HealthSystem(seed, started, calendar, settings.units)
    app.register_blueprint(dhis2_api(health, api_tokens(settings), faults, clock, zone, sleep))
    schools = Schools(seed, calendar, settings.units, min(started).date())
    add_education(app, schools, tokens, faults, clock, zone, sleep)
    return Systems(app, one_stop, documents, petitions, health, schools)


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


def lay_out_society(systems: Systems, settings: Settings, seed: int, first: datetime, now: datetime) -> None:
    """The monthly forms into their inbox, the civil register into its database; where they are configured."""
    names = {commune.code: commune.name for commune in systems.one_stop.communes.values()}
    budget, register = settings.sources.get("budget"), settings.sources.get("civil_register")
    if budget is not None and budget.connector == "files":
        Forms(names, seed, first).drop(budget.path, now.date())
    if register is not None and register.connector == "sql":
        database = make_url(register.address.get_secret_value()).database
        write_register(Path(str(database)), seed, first, now)
