"""The process a workbook is read in: the same rows, narrow limits, and whose fault its death is."""

from __future__ import annotations

import errno
import io
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors import confined
from connectors.confined import confined_workbook
from connectors.header import Names
from connectors.old_sheets import read_ods, read_xls
from connectors.spreadsheet import read_workbook
from datasets.errors import PullError, SourceChanged
from tests.connectors.sheet_files import ods, xls
from tests.connectors.test_files import HEADER, SHEET, House, sheet_of, workbook, zipped

NAMES = Names(HEADER)
ROW: list[object] = ["X0001", "ed_pupils", "2026", "", 610.5, "Lan"]
STRINGS = (
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
    + b"x" * 900_000
    + b"</t></si></sst>"
)
REPEATED = b'<worksheet><sheetData><row r="1">' + b'<c t="s"><v>0</v></c>' * 1000 + b"</row></sheetData></worksheet>"
GREEDY = zipped({"xl/sharedStrings.xml": STRINGS, SHEET: REPEATED})
"""Less than 2 MB unpacked, a gigabyte when built."""
MERGED = (
    b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="A900000"><v>1</v></c></row>'
    b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:A900000"/>' * 30_000 + b"</mergeCells></worksheet>"
)
ENDLESS = zipped({SHEET: MERGED})
"""Twenty-seven thousand million cells to fill."""


def typed(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.merge_range(1, 0, 3, 0, "X0001")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for line in range(1, 700):
        sheet.write(line, 1, f"dòng {line}")
        sheet.write_datetime(line, 2, datetime(2026, 5, 11), day)
        sheet.write_datetime(line, 3, datetime(2026, 5, 11, 8, 30), book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
        sheet.write_number(line, 4, line / 3)
        sheet.write_boolean(line, 5, line % 2 == 0)
    sheet.write_formula(699, 4, "=1/0", None, "#DIV/0!")


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every child that is started, as it comes."""
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *said: Any, **more: Any) -> None:
            super().__init__(*said, **more)
            started.append(self)

    monkeypatch.setattr(confined.subprocess, "Popen", Noted)
    return started


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (workbook(typed), read_workbook),
        (ods([list(HEADER), ROW, ROW]), read_ods),
        (xls([list(HEADER), ROW, ROW]), read_xls),
    ],
    ids=["xlsx", "ods", "xls"],
)
def test_the_rows_are_those_of_the_reader_itself(content: bytes, read: Callable[..., Any]) -> None:
    here = read(content, NAMES, None)
    with confined_workbook(content, NAMES, None) as table:
        assert list(table.rows) == [(line, list(cells)) for line, cells in here.rows]
        assert (table.errors, table.shift) == (here.errors, here.shift)


def test_a_workbook_that_would_take_too_much_memory_is_refused_and_the_next_file_is_read(house: House) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    house.drop("bieu.xlsx", GREEDY)
    assert house.refused().key == "files.too_heavy"
    assert house.report("refused").startswith("TỆP BỊ TỪ CHỐI")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes, here
    house.drop("sau.xlsx", sheet_of([ROW]))
    assert len(house.pull()) == 1


def test_a_workbook_that_takes_too_long_is_ended_and_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MOST_SECONDS", 1)
    house.drop("bieu.xlsx", ENDLESS)
    assert house.refused().params == {"megabytes": "512", "seconds": "1"}


def test_a_workbook_over_which_the_parser_breaks_is_refused(house: House) -> None:
    broken = bytearray(xls([list(HEADER), ROW]))
    broken[512 + 2] = 0  # the length of the first record: python-calamine panics
    house.drop("bieu.xls", bytes(broken))
    assert house.refused().key == "files.bad_workbook"


def test_what_reads_a_workbook_gets_no_socket_and_no_file_from_the_kernel() -> None:
    script = (
        "import ctypes, os, socket\nfrom connectors.confined import _confine\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n_confine(2**29, 10)\n"
        "for ask in (socket.socket, lambda: os.open('/etc/passwd', os.O_RDONLY), os.pipe):\n"
        "    try:\n        ask()\n    except OSError as error:\n        print(error.errno)\n"
        "print(libc.socket(2, 1, 0), ctypes.get_errno())\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.split() == [str(errno.EMFILE)] * 3 + ["-1", str(errno.EMFILE)]


def test_a_child_that_is_stopped_from_outside_or_never_starts_says_nothing_about_the_file(
    house: House, children: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("bieu.xlsx", ENDLESS)
    reading = house.connector().fetch(None)
    monkeypatch.setattr(confined.pickle, "dump", lambda *said: children[-1].send_signal(signal.SIGTERM))
    with pytest.raises(PullError) as caught:
        next(reading)
    assert caught.value.key == "connectors.stopped"
    assert not isinstance(caught.value, SourceChanged)
    monkeypatch.undo()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError):
        next(house.connector().fetch(None))
    assert house.lying_in() == ["bieu.xlsx"]


def test_no_child_outlives_a_reading_that_is_given_up(house: House, children: list[subprocess.Popen[bytes]]) -> None:
    house.drop("bieu.xlsx", sheet_of([ROW] * 5000))
    reading = house.connector().fetch(None)
    next(reading)
    assert children[-1].returncode is None
    reading.close()
    assert children[-1].returncode == -signal.SIGKILL


def test_a_child_is_believed_to_send_cells_only() -> None:
    with pytest.raises(RuntimeError):
        confined._Plain(io.BytesIO(pickle.dumps(Path))).load()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
