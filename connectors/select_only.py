"""Is a text exactly one SELECT? Answered strictly, before a database sees it.

The text is taken apart into words, with comments, strings and quoted names set aside. What
databases read differently (a backslash before a quote, nested or executable comments) is
refused and not interpreted. This is one of three locks: the connection is read-only where
the database knows that, and the account of a source should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

FORBIDDEN = frozenset(
    re.findall(
        r"\w+",
        """insert update delete merge truncate drop alter create grant revoke pragma attach detach vacuum reindex
        call exec execute copy into outfile dumpfile load lock unlock set do begin commit rollback savepoint listen
        notify declare prepare deallocate analyze refresh reset shutdown kill backup restore handler rename replace""",
    )
)
"""Words that no reading query needs outside quotes. A column of such a name must be quoted."""
FUNCTIONS = frozenset({"replace", "load"})
"""Forbidden as statements, harmless as functions: REPLACE(a, b, c)."""
UNSAFE_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        """nextval setval load_extension load_file lo_import lo_export lo_unlink dblink dblink_exec pg_read_file
        pg_read_binary_file pg_terminate_backend pg_cancel_backend pg_reload_conf pg_advisory_lock pg_sleep sleep
        benchmark set_config writefile readfile edit xp_cmdshell openrowset opendatasource openquery get_lock""",
    )
)
LOCKING = frozenset({"share", "key", "no"})
"""What follows FOR where rows are locked (UPDATE is forbidden by itself)."""

_WORD = re.compile(r"[^\W\d]\w*", re.UNICODE)
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")


class NotSelect(Exception):
    """The text is not one plain SELECT; `code` names the message sql.refused.<code>."""

    def __init__(self, code: str, word: str = "") -> None:
        super().__init__(code, word)
        self.code, self.word = code, word


def check_select(text: str, dialect: str) -> None:
    """Raises NotSelect with the reason. `dialect` is SQLAlchemy's name of the database."""
    words = list(_words(text, dialect))
    while words and words[-1] == ";":
        words.pop()
    if not words:
        raise NotSelect("empty")
    if ";" in words:
        raise NotSelect("several")
    opening = next((word for word in words if word != "("), "")
    if opening not in ("select", "with"):
        raise NotSelect("not_select", opening)
    if "select" not in words:
        raise NotSelect("not_select", opening)
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        if word in UNSAFE_FUNCTIONS and (after == "(" or word == "nextval"):
            raise NotSelect("word", word)
        if word in FORBIDDEN and not (word in FUNCTIONS and after == "("):
            raise NotSelect("word", word)
        if word in LOCKING and before == "for":
            raise NotSelect("word", f"for {word}")


def _words(text: str, dialect: str) -> Iterator[str]:  # noqa: PLR0912 - one branch for each kind of mark
    """Lower-case words, and the marks ; and ( between them; the rest is left out.

    A quoted name is left out too, unless it is called like a function.
    """
    place, end = 0, len(text)
    if "\0" in text:
        raise NotSelect("unclear", "\\0")
    while place < end:
        mark, two = text[place], text[place : place + 2]
        if two == "--":
            if dialect in ("mysql", "mariadb") and text[place + 2 : place + 3] not in ("", " ", "\t", "\n", "\r"):
                raise NotSelect("unclear", "--")
            place = _line_end(text, place)
        elif mark == "#" and dialect in ("mysql", "mariadb"):
            place = _line_end(text, place)
        elif two == "/*":
            place = _comment_end(text, place)
        elif mark in "'\"`" or (mark == "[" and dialect in ("mssql", "sqlite")):
            end_of_name = _quoted_end(text, place, "]" if mark == "[" else mark)
            if mark != "'" and text[end_of_name:].lstrip()[:1] == "(":
                yield text[place + 1 : end_of_name - 1].casefold()
            place = end_of_name
        elif mark == "$" and dialect == "postgresql" and (found := _DOLLAR.match(text, place)):
            closing = text.find(found[0], found.end())
            if closing < 0:
                raise NotSelect("unclear", found[0])
            place = closing + len(found[0])
        elif found := _WORD.match(text, place):
            yield found[0].casefold()
            place = found.end()
            if dialect == "postgresql":  # a$b is one name there
                while place < end and (text[place] == "$" or text[place].isalnum()):
                    place += 1
        else:
            if mark in ";(":
                yield mark
            place += 1


def _line_end(text: str, place: int) -> int:
    found = re.compile(r"[\r\n]").search(text, place)
    return found.end() if found else len(text)


def _comment_end(text: str, place: int) -> int:
    if text[place + 2 : place + 3] == "!" or text[place + 2 : place + 4].casefold() == "m!":
        raise NotSelect("unclear", "/*!")  # MySQL runs what stands in it
    closing = text.find("*/", place + 2)
    if closing < 0 or "/*" in text[place + 2 : closing]:
        raise NotSelect("unclear", "/*")
    return closing + 2


def _quoted_end(text: str, place: int, closing: str) -> int:
    """Behind the closing quote; a doubled one is part of the text."""
    place += 1
    while True:
        found = text.find(closing, place)
        if found < 0:
            raise NotSelect("unclear", closing)
        if found and text[found - 1] == "\\":
            raise NotSelect("unclear", f"\\{closing}")
        if text[found + 1 : found + 2] != closing:
            return found + 1
        place = found + 2
