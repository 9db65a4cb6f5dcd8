"""The kinds of value the configuration is made of, each read from text and checked.

Every check raises a fault code that faults.py words as `settings.<code>`. A secret's
own text is never part of a fault, a repr or a log line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import AfterValidator, BaseModel, ConfigDict, PlainValidator, SecretStr, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from datasets.messages import LANGUAGES
from datasets.schedule import trigger

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")
_SECRET_NAME = re.compile(r"secret|passw|token|authorization|cookie|api[-_]?key|mat[-_]?khau", re.IGNORECASE)
_STORES = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
_SQL_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "mssql": "mssql+pymssql",
    "oracle": "oracle+oracledb",
}
"""The driver where an address names none; those that are not PostgreSQL's are extras (pyproject.toml)."""
_UTC = ZoneInfo("UTC")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class Part(BaseModel):
    """A block of the configuration: exact types, no unknown keys, never changed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What reading a value needs beside the value: where paths begin, and the environment."""

    root: Path
    environ: Mapping[str, str]


def fault(code: str, **params: object) -> PydanticCustomError:
    """A fault worded as `settings.<code>`."""
    return PydanticCustomError(code, code, {name: str(value) for name, value in params.items()})


def _surroundings(info: ValidationInfo) -> Surroundings:
    assert isinstance(info.context, Surroundings)
    return info.context


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, str):
        raise fault("string_too_short")
    raise fault("quote" if isinstance(value, int | float) and not isinstance(value, bool) else "string_type")


def _duration(value: Any) -> timedelta:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found or not value:
        raise fault("duration", value=value)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise fault("duration", value=value) from None


def _hours(value: Any) -> str:
    """ "19:00-06:30", both within a day and not the same."""
    found = _HOURS.fullmatch(value.replace(" ", "")) if isinstance(value, str) else None
    if not found or found[1] == found[2]:
        raise fault("hours", value=value)
    return f"{found[1]}-{found[2]}"


def _lasting(value: timedelta) -> timedelta:
    if not value:
        raise fault("duration", value="0s")
    return value


def _cron(value: Any) -> str:
    said = " ".join(_text(value).split())
    try:
        trigger(said, _UTC)
    except ValueError:
        raise fault("cron", value=said) from None
    return said


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(value))
    except (KeyError, ValueError, OSError):  # unknown, absolute path, a folder of zones
        raise fault("time_zone", value=value) from None


def _path(value: Any, info: ValidationInfo) -> Path:
    return _surroundings(info).root / _text(value)


def _is_file(value: Path) -> Path:
    if not value.is_file():
        raise fault("file_missing", value=value)
    return value


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def _web_address(value: Any) -> str:
    said = _text(value)
    parts = _split(said)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", said):
        raise fault("web_address")
    if parts.password or parts.username:
        raise fault("secret_in_url")
    return said


def _encoding(value: Any) -> str:
    try:
        return codecs.lookup(_text(value)).name
    except LookupError:
        raise fault("encoding", value=value) from None


def _title(value: Any) -> dict[str, str]:
    if isinstance(value, str) and value.strip():
        return dict.fromkeys(LANGUAGES, value.strip())
    if not isinstance(value, dict) or not value or not set(value) <= set(LANGUAGES):
        raise fault("title")
    if not all(isinstance(word, str) and word.strip() for word in value.values()):
        raise fault("title")
    spare = next(iter(value.values()))
    return {language: value.get(language, spare) for language in LANGUAGES}


def resolve_secret(reference: str, around: Surroundings) -> str:
    """What "env:NAME" or "file:PATH" stands for. Raises the fault that says what is missing."""
    kind, colon, name = reference.partition(":")
    if not colon or kind not in ("env", "file") or not name:
        raise fault("secret_literal")
    if kind == "env":
        secret = around.environ.get(name, "").strip()
        if not secret:
            raise fault("secret_env", name=name)
        return secret
    try:
        secret = (around.root / name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise fault("secret_file", name=around.root / name) from None
    if not secret:
        raise fault("secret_file", name=around.root / name)
    return secret


def _secret(value: Any, info: ValidationInfo) -> SecretStr:
    if not isinstance(value, str):
        raise fault("secret_literal")
    return SecretStr(resolve_secret(value, _surroundings(info)))


def _parameters(value: Any, info: ValidationInfo) -> dict[str, str]:
    """Headers or query parameters; a value may be a reference, and must be one where its name says secret."""
    if not isinstance(value, dict):
        raise fault("dict_type")
    read = {}
    for name, said in value.items():
        written = _text(said)
        refers = written.startswith(("env:", "file:")) or _SECRET_NAME.search(name)
        read[name] = resolve_secret(written, _surroundings(info)) if refers else written
    return read


def _address(value: Any) -> str:
    """One e-mail address, bare: "van-phong@xa.gov.vn"."""
    said = _text(value)
    if not _ADDRESS.fullmatch(said):
        raise fault("mail_address", value=said)
    return said


def store_url(value: Any, info: ValidationInfo) -> str:
    """An address for SQLAlchemy: SQLite files begin at the configuration's folder, PostgreSQL goes by psycopg 3."""
    around = _surroundings(info)
    said = _text(value)
    literal = not said.startswith(("env:", "file:"))
    url = said if literal else resolve_secret(said, around)
    parts = _split(url)
    scheme = parts.scheme if parts else ""
    if parts is None or _STORES.get(scheme.partition("+")[0]) is None or "://" not in url:
        raise _wrong_store(said, literal)
    if literal and parts.password:
        raise fault("secret_in_url")
    if scheme.startswith("sqlite"):
        file = url.partition(":///")[2]
        if not file or file.startswith(":memory:"):  # each process would have its own
            raise _wrong_store(said, literal)
        return f"sqlite:///{around.root / file}"
    return url.replace(scheme, _STORES[scheme], 1) if scheme in _STORES else url


def _sql_address(value: Any, info: ValidationInfo) -> SecretStr:
    """A source's database: the address with its password, which no literal address may hold."""
    around = _surroundings(info)
    said = _text(value["url"])
    literal = not said.startswith(("env:", "file:"))
    try:
        url = sa.make_url(said if literal else resolve_secret(said, around))
    except sa.exc.ArgumentError:
        raise fault("sql_url") from None
    if literal and url.password:
        raise fault("secret_in_url")
    if url.drivername in _SQL_DRIVERS:
        url = url.set(drivername=_SQL_DRIVERS[url.drivername])
    if value["password"] is not None:
        url = url.set(password=_secret(value["password"], info).get_secret_value())
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database.startswith((":memory:", "file:")):
            raise fault("sql_url")
        url = url.set(database=str(around.root / url.database))
    return SecretStr(url.render_as_string(hide_password=False))


def _wrong_store(said: str, literal: bool) -> PydanticCustomError:
    return fault("store_url") if literal else fault("store_url_reference", name=said)


Text = Annotated[str, PlainValidator(_text)]
Address = Annotated[str, PlainValidator(_address)]
Code = Annotated[str, StringConstraints(min_length=1)]
Duration = Annotated[timedelta, PlainValidator(_duration)]
Lasting = Annotated[timedelta, PlainValidator(_duration), AfterValidator(_lasting)]
Hours = Annotated[str, PlainValidator(_hours)]
Cron = Annotated[str, PlainValidator(_cron)]
Zone = Annotated[ZoneInfo, PlainValidator(_zone)]
Place = Annotated[Path, PlainValidator(_path)]
ExistingFile = Annotated[Path, PlainValidator(_path), AfterValidator(_is_file)]
WebAddress = Annotated[str, PlainValidator(_web_address)]
Encoding = Annotated[str, PlainValidator(_encoding)]
Title = Annotated[dict[str, str], PlainValidator(_title)]
Secret = Annotated[SecretStr, PlainValidator(_secret)]
Parameters = Annotated[dict[str, str], PlainValidator(_parameters)]
SqlAddress = Annotated[SecretStr, PlainValidator(_sql_address)]
StoreUrl = Annotated[str, PlainValidator(store_url)]
