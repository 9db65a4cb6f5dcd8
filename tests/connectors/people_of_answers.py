"""Everybody whom the sandbox names, gathered from its answers and files; and a search of kept bytes for all of them.

There are thousands of them, so the search goes by words: a text's words are walked through
once, and a value is found where its words follow one another, whatever stands between them.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook
from werkzeug.serving import BaseWSGIServer

WORD = re.compile(r"[^\W_]+")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
SHORTEST = 8
"""Letters and digits of a value; shorter ones stand everywhere."""
JSON_FIELDS = {
    *("ChuHoSo", "MaDoiTuong", "SoDienThoai", "Email", "DiaChi"),
    *("HoTen", "TieuDe", "NoiDung", "NoiDungTraLoi", "DuongDanTaiTepTin", "DuongDanTepTinKetQua"),
}
XML_FIELDS = {"FullName", "Telephone", "Mobile", "Email", "X509SubjectName", "Subject"}
USER_FIELDS = {"sourcedId", "username", "identifier", "phone", "sms", "email"}
COLUMNS = re.compile(
    r"^(họ (và )?tên.*|học sinh vắng|tên học sinh vắng|giáo viên chủ nhiệm|gvcn|sđt.*|số điện thoại.*|email"
    r"|mã định danh.*|số định danh.*|cccd.*|trích yếu.*|mã học sinh|mã giáo viên|địa chỉ.*|nơi ở.*|cha|mẹ)$",
    re.IGNORECASE,
)
"""Columns of lists and registers that hold people, or what is said of them."""


class Heard:
    """Wraps a web application: every answer it gives is kept as the bytes that went out."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
        body = b"".join(self._app(environ, start))
        self.bodies.append(body)
        return [body]


def listened(server: BaseWSGIServer) -> Heard:
    heard = Heard(server.app)
    server.app = heard
    return heard


def people_of(body: bytes) -> Iterator[str]:
    """The personal values of one answer: JSON, a message within it, or a zip of rosters."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for row in csv.DictReader(io.StringIO(archive.read("users.csv").decode("utf-8-sig"))):
                yield f"{row['familyName']} {row['givenName']}"
                yield from (row[name] for name in USER_FIELDS if row.get(name))
        return
    if body.lstrip().startswith(b"{"):
        yield from _of_json(json.loads(body))


def _of_json(said: object) -> Iterator[str]:
    if isinstance(said, list):
        for each in said:
            yield from _of_json(each)
    elif isinstance(said, dict):
        for name, value in said.items():
            if name in JSON_FIELDS and value:
                yield str(value)
            elif isinstance(value, str) and "<edXML" in value:
                yield from _of_message(value)
            else:
                yield from _of_json(value)


def _of_message(said: str) -> Iterator[str]:
    for element in ElementTree.fromstring(said.encode()).iter():
        if element.tag.rpartition("}")[2] in XML_FIELDS and element.text:
            yield element.text


def people_in(path: Path) -> Iterator[str]:
    """The personal values of a list or register, by the names of its columns."""
    for rows in _tables(path):
        wanted: dict[int, str] = {}
        for row in rows:
            named = {place: cell for place, cell in enumerate(row) if COLUMNS.match(cell)}
            if named:
                wanted = named
                continue
            for place in wanted:
                if place < len(row):
                    yield from row[place].split(", ") if "vắng" in wanted[place].lower() else [row[place]]


def _tables(path: Path) -> Iterator[list[list[str]]]:
    if path.suffix == ".csv":
        text = path.read_text("utf-8-sig")
        yield list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ","))
        return
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        yield [[str(cell).strip() for cell in row] for row in book.get_sheet_by_name(name).to_python()]


class Search:
    """Looks for many values at once."""

    def __init__(self, people: Iterable[str]) -> None:
        self._by_first: dict[str, set[tuple[str, ...]]] = {}
        self.values = {words for words in map(_words, people) if sum(map(len, words)) >= SHORTEST}
        for words in self.values:
            self._by_first.setdefault(words[0], set()).add(words)
        self._lengths = {first: sorted({len(words) for words in several}) for first, several in self._by_first.items()}

    def of_text(self, text: str) -> set[str]:
        """The values whose words follow one another in a text."""
        words = _words(ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
        found: set[str] = set()
        for place, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                if words[place : place + length] in self._by_first[word]:
                    found.add(" ".join(words[place : place + length]))
        return found

    def of_bytes(self, content: bytes) -> set[str]:
        """In whatever letters they were written; inside a zip too."""
        found = self.of_text(content.decode("utf-8", "ignore")) | self.of_text(content.decode("utf-16-le", "ignore"))
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found |= {value for name in archive.namelist() for value in self.of_bytes(archive.read(name))}
        return found

    def below(self, root: Path, but: Sequence[Path] = ()) -> dict[str, set[str]]:
        """File -> values found in it, of every file below a folder but the sources' own."""
        own = {path.resolve() for path in but}
        files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.resolve() not in own]
        found = {str(path.relative_to(root)): self.of_bytes(path.read_bytes()) for path in files}
        return {name: values for name, values in found.items() if values}


def _words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(unicodedata.normalize("NFC", text).casefold()))
