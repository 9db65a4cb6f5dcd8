"""config.yaml and the environment -> frozen `Settings`, or every fault in one report.

    config.yaml ── lined_yaml (strict YAML, lines) ── models, sources (pydantic) ── Settings
                                   └── faults (one sentence and line for each error)

Environment: IOC_CONFIG names the file, IOC_STORE_URL and IOC_PORT stand above it,
secrets are read from where the file says (`env:NAME`, `file:PATH`). Relative paths
begin at the folder of the file, whoever starts the process from wherever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from datasets.errors import ConfigError, Fault
from datasets.lined_yaml import At, LinedYaml, read
from datasets.messages import text
from datasets.settings.database_sources import SqlSource
from datasets.settings.document_sources import EdxmlSource
from datasets.settings.faults import faults_of
from datasets.settings.folder_sources import FilesSource
from datasets.settings.health_sources import Dhis2Source
from datasets.settings.models import Briefing, Centre, Privacy, Settings, StoreSettings, Wall
from datasets.settings.school_sources import OneRosterSource
from datasets.settings.source import Expect, Reconcile, SourceBase
from datasets.settings.sources import CONNECTORS, DATASETS, Source
from datasets.settings.values import Surroundings
from datasets.settings.web_sources import HttpSource, RestSource, WebSource

__all__ = [
    "CONNECTORS",
    "DATASETS",
    "Briefing",
    "Centre",
    "Dhis2Source",
    "EdxmlSource",
    "Expect",
    "FilesSource",
    "HttpSource",
    "OneRosterSource",
    "Privacy",
    "Reconcile",
    "RestSource",
    "Settings",
    "Source",
    "SourceBase",
    "SqlSource",
    "StoreSettings",
    "Wall",
    "WebSource",
    "config_path",
    "language_named",
    "load_settings",
]

DEFAULT_STORE = "sqlite:///data/ioc.db"
_ENGLISH = re.compile(r"""\blanguage:\s*["']?en\b""")
_SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_GIVEN_BY_US = ("path", "root")


def config_path(argument: Path | str | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: --config, else IOC_CONFIG, else config.yaml where we stand."""
    return Path(argument or environ.get("IOC_CONFIG") or "config.yaml").absolute()


def language_named(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """The language of the configuration that a command line names, before either of them is checked."""
    named = None
    for place, word in enumerate(arguments):
        if word == "--config":
            named = next(iter(arguments[place + 1 : place + 2]), None)
        elif word.startswith("--config="):
            named = word.partition("=")[2]
    return _language(config_path(named, environ))


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read and check the configuration. Raises ConfigError with every fault, each with its line.

    The sentences are in the language the file asks for.
    """
    path = path.absolute()
    language = _language(path)
    lined = read(path, strict=True, language=language)
    faults = list(lined.faults)
    if isinstance(lined.content, dict):
        raw = _complete(lined.content, path, environ, lined, faults, language)
        try:
            settings = Settings.model_validate(raw, context=Surroundings(path.parent, environ))
        except ValidationError as error:
            faults += faults_of(error, path, lined, language)
    elif not faults:
        faults.append(Fault(path, 0, text("settings.empty", language)))
    if faults:
        raise ConfigError(sorted(faults, key=lambda fault: fault.line))
    return settings


def _language(path: Path) -> str:
    """Known before the file is, so that a file with bad syntax is complained about in it too."""
    try:
        return "en" if _ENGLISH.search(path.read_text("utf-8-sig")) else "vi"
    except (OSError, UnicodeDecodeError):
        return "vi"


def _complete(
    content: Mapping[str, Any],
    path: Path,
    environ: Mapping[str, str],
    lined: LinedYaml,
    faults: list[Fault],
    language: str,
) -> dict[str, Any]:
    """The file's content with what the environment says and what the models carry beside it."""

    def fault(at: At, key: str, /, **params: object) -> None:
        faults.append(Fault(path, lined.line(at), text(key, language, **params)))

    for key in _GIVEN_BY_US:
        if key in content:
            fault((key,), "settings.reserved", key=key)
    raw = {**content, "path": path, "root": path.parent}
    raw.setdefault("store", {"url": DEFAULT_STORE})
    if environ.get("IOC_STORE_URL"):
        store = raw["store"] if isinstance(raw["store"], dict) else {}
        raw["store"] = {**store, "url": "env:IOC_STORE_URL"}
    if said := environ.get("IOC_PORT"):
        raw["port"] = int(said) if re.fullmatch(r"[0-9]{1,5}", said) else 0
        if not 1 <= raw["port"] <= 65535:
            faults.append(Fault(Path("IOC_PORT"), 0, text("settings.port", language, value=said)))
            raw["port"] = 8050
    if isinstance(raw.get("sources"), dict):
        _check_names(raw["sources"], fault)
        raw["sources"] = {name: _source(name, block, path.parent) for name, block in raw["sources"].items()}
    return raw


def _check_names(sources: Mapping[str, Any], fault: Callable[..., None]) -> None:
    """Names must do for ledger and files; two sources on one folder would take each other's files."""
    inboxes: dict[tuple[str, str], str] = {}
    for name, block in sources.items():
        at = ("sources", name)
        if not _SOURCE_NAME.fullmatch(name):
            fault(at, "settings.source_name", value=name)
        if not isinstance(block, dict):
            continue
        if "name" in block:
            fault((*at, "name"), "settings.reserved", key="name")
        if block.get("connector") in ("files", "edxml", "oneroster") and "path" in block:
            inbox = (str(block["path"]).rstrip("/"), str(block.get("pattern", "*")))
            if inboxes.setdefault(inbox, name) != name:
                fault(at, "settings.same_inbox", source=name, other=inboxes[inbox])


def _source(name: str, block: object, root: Path) -> object:
    """A source's block with its name; a field map's path begins here, a bare name stays a name."""
    if not isinstance(block, dict):
        return block
    named = {**block, "name": name}
    said = block.get("map")
    if isinstance(said, str) and (said.endswith((".yaml", ".yml")) or "/" in said):
        named["map"] = str(root / said)
    return named
