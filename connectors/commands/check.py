"""`check`: every fault of the configuration and what it names, then whether the sources can be reached.

Exit 2 when a file has a fault, 1 when only a source cannot be reached, 0 when all is well.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

import httpx

from connectors.field_map import FieldMap
from connectors.intake import is_cursor
from connectors.registry import CONNECTORS
from connectors.sql import checked_query, unreachable
from connectors.terminal import Terminal
from datasets.command_line import Parser
from datasets.errors import ConfigError, Fault, OpsError
from datasets.grounds import gather, survey
from datasets.indicators.catalogue import load_catalogue
from datasets.lined_yaml import read
from datasets.schema import BY_NAME
from datasets.settings import (
    EdxmlSource,
    FilesSource,
    HttpSource,
    OneRosterSource,
    Settings,
    Source,
    SourceBase,
    SqlSource,
    WebSource,
    config_path,
    load_settings,
)
from datasets.units_map import read_map

REACH_SECONDS = 5.0


def add_arguments(parser: Parser) -> None:
    """No options of its own."""


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    path = config_path(arguments.config, terminal.environ)
    faults: list[Fault] = []
    settings = gather(faults, lambda: load_settings(path, terminal.environ))
    if settings is not None:
        terminal.language = settings.centre.language
        _files(settings, terminal, faults)
    gather(faults, load_catalogue)
    if faults:
        terminal.warn(ConfigError(faults).message(terminal.language))
        return ConfigError.exit_code
    assert settings is not None
    terminal.say(terminal.text("connectors.check.files_good", path=path))
    reached = [_reach(source, settings.root, terminal) for source in settings.sources.values()]
    return 0 if all(reached) else 1


def _files(settings: Settings, terminal: Terminal, faults: list[Fault]) -> None:
    """Units, calendar, clock and each source's field map."""
    units, _, _ = survey(settings, terminal.environ, faults)
    lined = read(settings.path, language=terminal.language)
    if units is not None:
        drawn = settings.map
        gather(faults, lambda: read_map(drawn.geojson, drawn.code, drawn.tiles, units, terminal.language))
        for warning in units.check_known_communes(terminal.language):
            terminal.say(terminal.text("connectors.check.note", note=warning))
    for name, source in settings.sources.items():
        line = lined.line(("sources", name))
        if source.connector not in CONNECTORS:
            known = ", ".join(CONNECTORS)
            sentence = terminal.text("connectors.check.no_connector", connector=source.connector, known=known)
            faults.append(Fault(settings.path, line, sentence))
        if isinstance(source, WebSource | SqlSource) and source.cursor and _reads_another_moment(source, settings):
            sentence = terminal.text("connectors.check.cursor_field", field=source.cursor.field, map=source.map)
            faults.append(Fault(settings.path, lined.line(("sources", name, "cursor", "field")), sentence))
        if isinstance(source, SqlSource):
            at = lined.line(("sources", name))
            found: list[Fault] = []
            gather(found, lambda source=source, settings=settings: checked_query(source, settings))  # type: ignore[misc]
            faults += [replace(fault, line=at) if fault.file == settings.path else fault for fault in found]
        for fault in _map_faults(source, settings, terminal.language):
            missing = fault.line == 0 and not fault.file.exists()
            at = lined.line(("sources", name, "map"))
            faults.append(Fault(settings.path, at, str(fault)) if missing else fault)


def _map_faults(source: SourceBase, settings: Settings, language: str) -> list[Fault]:
    found: list[Fault] = []
    field_map = gather(found, lambda: FieldMap.find(source.map, settings.root, language))
    if field_map is not None:
        zone, dataset = settings.centre.time_zone, BY_NAME[source.dataset]
        gather(found, lambda: field_map.bind(dataset, None, zone, source.constants))
    return found


def _reads_another_moment(source: WebSource | SqlSource, settings: Settings) -> bool:
    field_map = gather([], lambda: FieldMap.find(source.map, settings.root))
    return field_map is not None and not is_cursor(source, field_map)


def _reach(source: Source, root: Path, terminal: Terminal) -> bool:
    trouble = None
    if isinstance(source, HttpSource) and source.url:
        trouble = _unreachable(source.url)
    elif isinstance(source, FilesSource | EdxmlSource | OneRosterSource) and source.path:
        trouble = _unusable(source.path, root)
    elif isinstance(source, SqlSource):
        trouble = unreachable(source)
    if trouble is None:
        terminal.say(terminal.text("connectors.check.reached", source=source.name))
        return True
    terminal.warn(f"{source.name}: {trouble.message(terminal.language)}")
    return False


def _unreachable(url: str) -> OpsError | None:
    """Ask for the headers alone, without credentials: any answer but a server's fault shows that somebody is there."""
    try:
        answer = httpx.head(url, timeout=REACH_SECONDS, follow_redirects=False, trust_env=False)
    except httpx.HTTPError as error:
        return OpsError("connectors.check.unreachable", host=httpx.URL(url).host, reason=type(error).__name__)
    if answer.status_code >= 500 and answer.status_code not in (501, 505):  # some know no HEAD
        return OpsError("connectors.check.unwell", host=httpx.URL(url).host, status=answer.status_code)
    return None


def _unusable(folder: Path, root: Path) -> OpsError | None:
    """A folder beneath the configuration is made by the first pull; one elsewhere must be there."""
    if not folder.exists() and root.resolve() in folder.resolve().parents:
        folder = next(parent for parent in folder.parents if parent.exists())
    if not folder.is_dir():
        return OpsError("connectors.check.no_folder", folder=folder)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return OpsError("connectors.check.folder_rights", folder=folder)
    return None
