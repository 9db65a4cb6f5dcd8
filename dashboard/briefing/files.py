"""The files of a report: made, named, and put in place whole or not at all (failures.md F27)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dashboard.briefing.model import Report
from dashboard.briefing.writers import WRITERS


def made(report: Report, formats: Iterable[str]) -> dict[str, bytes]:
    """File name -> content, in the order of the formats."""
    return {f"{report.file_name}.{name}": WRITERS[name](report) for name in formats}


def put(folder: Path, report: Report, formats: Iterable[str]) -> list[Path]:
    """Write the files into a folder. A kill leaves the former file or the new one, never half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in made(report, formats).items():
        target = folder / name
        beside = folder / f".{name}.part"
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        written.append(target)
    return written
