"""What a database's error means for a pull: not there, not allowed, or changed.

The driver's words are not repeated: they may quote values. Tables and columns are told
apart by the code that each database gives.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from datasets.errors import PullError, SourceChanged, SourceRefused, SourceUnavailable

REFUSED = {
    "postgresql": ("28", "42501", "25006", "3D"),
    "mysql": ("1044", "1045", "1142", "1143", "1227", "1370", "1698", "1792"),
    "oracle": ("1017", "1031", "1045", "28000", "28001", "1456"),
    "mssql": ("18456", "229", "230", "4060", "916"),
}
CHANGED = {
    "postgresql": ("42", "22"),
    "mysql": ("1046", "1049", "1054", "1064", "1146"),
    "oracle": ("900", "904", "907", "911", "933", "936", "942"),
    "mssql": ("102", "156", "207", "208"),
}
"""SQLSTATE of PostgreSQL by its beginning (the manual's appendix A); error numbers of the others."""
TOO_SLOW = {
    "postgresql": ("57014",),
    "mysql": ("3024", "1317", "1969"),
    "oracle": ("1013", "3136"),
    "mssql": ("-2",),
}
EXTRAS = {"mysql": "mysql", "mariadb": "mysql", "mssql": "mssql", "oracle": "oracle"}

_PASSWORD_WORDS = re.compile(r"password authentication|authentication failed|no pg_hba|role .* does not exist", re.I)
_SQLITE_CHANGED = re.compile(r"no such (table|column|function)|syntax error|not a database|malformed|ambiguous")
_SQLITE_REFUSED = re.compile(r"readonly|read-only|not authorized")


def fault_of(error: sa.exc.DBAPIError, url: sa.URL, too_slow: SourceUnavailable) -> PullError:
    """The error in our words; without the driver's."""
    backend = url.get_backend_name().replace("mariadb", "mysql")
    where = url.host or "-"
    original = error.orig
    said = str(original)
    if backend == "sqlite":
        if "interrupted" in said:
            return too_slow
        if _SQLITE_REFUSED.search(said):
            return SourceRefused("sql.refused", host=where)
        if _SQLITE_CHANGED.search(said):
            return SourceChanged("sql.changed", reason=type(original).__name__)
        return SourceUnavailable("sql.no_file" if "unable to open" in said else "sql.unavailable", host=where)
    code = _code(original, backend)
    if _begins(code, TOO_SLOW.get(backend, ())):
        return too_slow
    if _begins(code, REFUSED.get(backend, ())) or (not code and _PASSWORD_WORDS.search(said)):
        return SourceRefused("sql.refused", host=where)
    if _begins(code, CHANGED.get(backend, ())) or isinstance(error, sa.exc.ProgrammingError | sa.exc.DataError):
        return SourceChanged("sql.changed", reason=code or type(original).__name__)
    return SourceUnavailable("sql.unavailable", host=where)


def no_driver(url: sa.URL, error: Exception) -> SourceRefused:
    """The driver is not installed, or the address names none that there is."""
    extra = EXTRAS.get(url.get_backend_name(), "") if isinstance(error, ImportError) else ""
    return SourceRefused("sql.no_driver", backend=url.drivername, extra=extra or "-")


def _code(original: BaseException | None, backend: str) -> str:
    if backend == "postgresql":
        return str(getattr(original, "sqlstate", None) or "")
    first = original.args[0] if original is not None and original.args else ""
    number = getattr(first, "code", first)
    if isinstance(number, tuple):
        number = number[0]
    found = re.search(r"ORA-0*(\d+)", str(first)) or re.search(r"-?\d+", str(number))
    return (found[1] if found.lastindex else found[0]) if found else ""


def _begins(code: str, known: tuple[str, ...]) -> bool:
    """PostgreSQL's classes are beginnings of a code; numbers are whole."""
    return bool(code) and any(
        code == one
        or (len(code) == 5 and not one.isdigit() and code.startswith(one))
        or (len(code) == 5 and len(one) == 2 and code.startswith(one))
        for one in known
    )
