"""What every process stands on: configuration, org units, working calendar and clock, read and checked together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from datasets.clock import Clock, clock_from
from datasets.errors import ConfigError, Fault, UsageError
from datasets.lined_yaml import read
from datasets.messages import text
from datasets.settings import Settings, config_path, load_settings
from datasets.units import UnitTree
from datasets.working_days import WorkingCalendar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grounds:
    settings: Settings
    units: UnitTree
    calendar: WorkingCalendar
    clock: Clock


def read_grounds(config: Path | str | None, environ: Mapping[str, str]) -> Grounds:
    """Raises ConfigError: every fault of the configuration; or, where it has none, of all that it names."""
    settings = load_settings(config_path(config, environ), environ)
    faults: list[Fault] = []
    units, calendar, clock = survey(settings, environ, faults)
    if units is None or calendar is None or clock is None or faults:
        raise ConfigError(faults)
    return Grounds(settings, units, calendar, clock)


def survey(
    settings: Settings, environ: Mapping[str, str], faults: list[Fault]
) -> tuple[UnitTree | None, WorkingCalendar | None, Clock | None]:
    """Units, calendar and clock, as far as they can be had; adds every fault to `faults`."""
    language, said = settings.centre.language, settings.calendar
    units = gather(faults, lambda: UnitTree.load(settings.units, language))
    calendar = gather(faults, lambda: WorkingCalendar.load(said, language=language) if said else WorkingCalendar())
    if units is not None:
        faults += _unknown_units(settings, units)
    try:
        clock = clock_from(environ, settings.centre.time_zone)
    except UsageError as error:
        faults.append(Fault(Path("IOC_NOW"), 0, error.message(language)))
        return units, calendar, None
    return units, calendar, clock


def gather(faults: list[Fault], step: Callable[[], T]) -> T | None:
    """What the step gives; None when it has faults, which are added to the others."""
    try:
        return step()
    except ConfigError as error:
        faults += error.faults
        return None


def _unknown_units(settings: Settings, units: UnitTree) -> list[Fault]:
    """Units the configuration names and the file of units does not have."""
    places: list[tuple[tuple[str | int, ...], str]] = [(("centre", "unit"), settings.centre.unit)]
    places += [(("briefing", "units", place), code) for place, code in enumerate(settings.briefing.units)]
    unknown = [(at, code) for at, code in places if code not in units]
    if not unknown:
        return []
    lined, language = read(settings.path), settings.centre.language
    return [
        Fault(
            settings.path,
            lined.line(at),
            f"{'.'.join(map(str, at))}: {text('settings.no_unit', language, unit=code, file=settings.units)}",
        )
        for at, code in unknown
    ]
