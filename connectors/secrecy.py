"""State secrets stay outside (domain.md 3.4, 10): a document marked secret is refused and counted, nothing else.

The rule is not left to field maps: whatever a source calls its mark of secrecy (độ mật),
any value that does not plainly say "not secret" refuses the record before it is mapped.
In a register's file a row is also secret when a cell of it is nothing but a level of
secrecy, wherever it stands, and a file when its title says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from connectors.words import is_level
from datasets.vietnamese import fold

MARKS = frozenset(
    [
        "domat",
        "mucdomat",
        "mat",
        "vanbanmat",
        "capdomat",
        "dobaomat",
        "secret",
        "secrecy",
        "secretlevel",
        "securitylevel",
        "security",
        "confidential",
        "confidentiality",
        "classification",
    ]
)
"""Names of the mark, folded, letters only."""
OPEN = frozenset(
    (
        "",
        "0",
        "-",
        "false",
        "no",
        "none",
        "normal",
        "public",
        "open",
        "thuong",
        "binh thuong",
        "khong",
        "khong mat",
        "van ban thuong",
        "cong khai",
    )
)
"""What says plainly that a document is not secret, folded."""

MARK = "DoMat"
"""The mark that a connector puts on a record of which nothing else is handed on."""
_NOT_A_LETTER = re.compile(r"[^a-z]")


@lru_cache(maxsize=4096)
def is_mark(name: str) -> bool:
    """Whether a column or an element of this name tells how secret a document is."""
    return _NOT_A_LETTER.sub("", fold(name)) in MARKS


def is_secret(values: Mapping[str, object]) -> bool:
    """Whether a raw record carries a mark of secrecy."""
    return any(_says_secret(value) for name, value in values.items() if is_mark(name))


def is_secret_row(values: Mapping[str, object]) -> bool:
    """Whether a row of a register is marked, in a column for it or by a cell that only says how secret it is."""
    return is_secret(values) or any(isinstance(value, str) and is_level(value) for value in values.values())


def _says_secret(value: object) -> bool:
    if value is None or value is False or value == 0:
        return False
    return fold(str(value)) not in OPEN
