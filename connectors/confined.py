"""Workbooks are read by a process of their own that cannot grow, linger or reach anything (failures.md F24).

A workbook is the one thing from outside that is built whole before a row of it is seen.
So each is given to a fresh child over a pipe, which hands the rows back as they are
taken; nothing of it is built in the process that pulls. The kernel ends a child that takes
more than MOST_MEMORY or MOST_SECONDS, and opens neither file nor socket for it.

    parent -> child   (names of columns, wanted sheet, content)
    child -> parent   READY, TABLE (lines with error cells, shift), ROWS as often as it takes, END;
                      REFUSED (message key, parameters) or FAULT (where in our code) may come instead

A child that dies by a limit refuses the file. One that a signal stopped, as when the whole
machine stops, or that never was ready says nothing about the file: it is read again.
"""

from __future__ import annotations

import codecs
import datetime
import logging
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.header import Names
from connectors.old_sheets import OLE, is_ods, read_ods, read_xls
from connectors.spreadsheet import read_workbook
from connectors.table import Cells, Table
from datasets.errors import PullError, SourceChanged
from datasets.logs import frames

log = logging.getLogger(__name__)

MOST_MEMORY = 512 * 1024 * 1024
"""Bytes of address space: the program, the file and all that is built of it."""
MOST_SECONDS = 10
"""On the clock until the first row is handed over; of the processor, in all."""
ROWS_AT_ONCE = 250
READY, TABLE, ROWS, END, REFUSED, FAULT = "ready", "table", "rows", "end", "refused", "fault"
_STOPPED = (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
_OPEN = 3
"""Files that a child has from the beginning; it gets no more, and no socket."""
_CELLS = ("date", "datetime", "time", "timedelta")


def is_workbook(content: bytes) -> bool:
    """Whether a content is to be read here, whatever it turns out to be."""
    return content.startswith((b"PK", OLE))


@contextmanager
def confined_workbook(content: bytes, names: Names, sheet: str | None) -> Iterator[Table]:
    """The rows of an .xlsx, .ods or .xls; the child that reads it lives as long as this context.

    Raises, here and while rows are taken, SourceChanged for a workbook that is refused or
    goes beyond the limits, PullError when the child was stopped from outside, RuntimeError
    for a fault of ours.
    """
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-E", "-s", "-m", "connectors.confined", str(MOST_MEMORY), str(MOST_SECONDS)],
        cwd=Path(__file__).parents[1],
        env={},  # what reads a file knows no secret
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it might quote the file
        process_group=0,  # Ctrl-C is for the house, which ends the child then
    ) as child:
        assert child.stdin is not None
        try:
            with suppress(BrokenPipeError), child.stdin as to_child:
                pickle.dump((names, sheet, content), to_child, pickle.HIGHEST_PROTOCOL)
            _heard(child, ready=False)
            _, errors, shift = _heard(child)
            yield Table(_rows(child), errors=errors, shift=shift)
        finally:
            child.kill()


def _rows(child: subprocess.Popen[bytes]) -> Iterator[tuple[int, Cells]]:
    while (heard := _heard(child))[0] == ROWS:
        yield from heard[1]


def _heard(child: subprocess.Popen[bytes], *, ready: bool = True) -> tuple[Any, ...]:
    """The child's next message; raises what it asks for, or what its death says."""
    assert child.stdout is not None
    said: tuple[Any, ...]
    try:
        said = _Plain(child.stdout).load()
    except (EOFError, pickle.UnpicklingError):
        if child.wait() in _STOPPED:
            raise PullError("connectors.stopped") from None
        if not ready:
            raise RuntimeError("no child to read workbooks") from None
        raise SourceChanged("files.too_heavy", megabytes=MOST_MEMORY >> 20, seconds=MOST_SECONDS) from None
    if said[0] == REFUSED:
        raise SourceChanged(said[1], **said[2])
    if said[0] == FAULT:
        log.error("a workbook cannot be read by a fault of ours\n%s", said[1])
        raise RuntimeError(FAULT)
    return said


class _Plain(pickle.Unpickler):
    """Makes nothing but cells: what reads a stranger's file is not believed either."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in _CELLS:
            return getattr(datetime, name)
        raise RuntimeError("a cell is of no known kind")


def main() -> None:
    """The child: says its piece on standard output, and reads one workbook from standard input."""

    def say(*message: object) -> None:
        pickle.dump(message, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()

    _confine(*map(int, sys.argv[1:]))
    say(READY)
    try:
        names, sheet, content = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
        table = _read(content, names, sheet)
        say(TABLE, table.errors, table.shift)
        signal.alarm(0)  # from here on the parent has its own pace
        rows = iter(table.rows)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            say(ROWS, some)
        say(END)
    except SourceChanged as refused:
        say(REFUSED, refused.key, refused.params)
    except MemoryError:
        sys.exit(1)
    except Exception as fault:  # noqa: BLE001 - the boundary of this process: the parent is told, with no word of the file
        say(FAULT, frames(fault))
    except BaseException:  # noqa: BLE001 - the parser gave up (a panic of Rust is no Exception)
        say(REFUSED, "files.bad_workbook", {})


def _read(content: bytes, names: Names, sheet: str | None) -> Table:
    """By what the content is; names and endings of files are not believed."""
    if content.startswith(OLE):
        return read_xls(content, names, sheet)
    if is_ods(content):
        return read_ods(content, names, sheet)
    return read_workbook(content, names, sheet)


def _confine(memory: int, seconds: int) -> None:
    """Limits that hold for this process until it ends, also for code that is not Python."""
    for stopping in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(stopping, signal.SIG_DFL)
    codecs.lookup("cp437")  # of names in a zip: later nothing more can be loaded
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN, _OPEN))
    signal.alarm(seconds)


if __name__ == "__main__":
    main()
