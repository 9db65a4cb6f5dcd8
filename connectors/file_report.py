"""The report beside a file, in Vietnamese: what is wrong, where, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.inbox import report_of
from datasets.messages import text
from datasets.schema.dataset import Dataset, FieldType
from datasets.vietnamese import moment

if TYPE_CHECKING:
    from datasets.validate import Problem

MOST_LINES = 200
_LANGUAGE = "vi"  # it is for the clerk who dropped the file


@dataclass(slots=True)
class Report:
    """What there is to say about one file.

    kind       refused, taken or repeated
    let_go     why the file itself is not kept (keeping.py), "" when it is
    """

    file: str
    kind: str
    reason: str = ""
    folder: Path | None = None
    read: int = 0
    quarantined: int = 0
    left_out: Mapping[str, int] = field(default_factory=Counter)
    repaired: str = ""
    problems: Sequence[Problem] = ()
    let_go: str = ""

    @property
    def worth_writing(self) -> bool:
        """A taken file with nothing to say gets no report."""
        odd = any(kind != "blank" for kind in self.left_out)
        return self.kind != "taken" or bool(self.quarantined or self.problems or self.repaired or self.let_go or odd)

    def written(
        self, now: datetime, zone: ZoneInfo, dataset: Dataset, labels: Mapping[str, str], content_hash: str
    ) -> str:
        """The report's text. Values of free text are not repeated: they may name people.

        labels         the file's column for each canonical field
        content_hash   SHA-256 of the file, in hexadecimal
        """

        def say(key: str, **params: object) -> str:
            return text(key, _LANGUAGE, **params)

        lines = [say(f"files.report.{self.kind}"), say("files.report.file", file=self.file)]
        lines.append(say("files.report.moment", moment=moment(now, zone)))
        if self.reason:
            lines.append(say("files.report.reason", reason=self.reason))
        if self.let_go:
            lines += [say(f"files.let_go.{self.let_go}"), say("files.report.hash", hash=content_hash)]
        if self.kind == "refused" and self.folder:
            lines.append(say("files.report.todo", folder=self.folder))
        if self.read:
            lines.append(say("files.report.counts", read=self.read, quarantined=self.quarantined))
        if self.left_out:
            kinds = ", ".join(say(f"files.left_out.{kind}", count=count) for kind, count in self.left_out.items())
            lines.append(say("files.report.left_out", count=sum(self.left_out.values()), kinds=kinds))
        if self.repaired:
            lines.append(say("files.report.repaired", encoding=self.repaired))
        if self.problems:
            lines += ["", say("files.report.problems")]
        for problem in self.problems[:MOST_LINES]:
            said = say(f"problem.{problem.code}")
            if problem.field:
                lines.append(
                    say(
                        "files.report.problem",
                        row=problem.row,
                        column=labels.get(problem.field, problem.field),
                        value=_shown(dataset, problem),
                        problem=said,
                    )
                )
            else:
                lines.append(say("files.report.problem_row", row=problem.row, problem=said))
        if len(self.problems) > MOST_LINES:
            lines.append(say("files.report.more", count=len(self.problems) - MOST_LINES))
        return "\r\n".join(lines) + "\r\n"


@dataclass(slots=True)
class BundleReport:
    """What became of each file of a zip, by its place there.

    passed_over   files of the system, such as Thumbs.db
    """

    file: str
    passed_over: int = 0
    places: dict[int, tuple[Report, str]] = field(default_factory=dict)

    worth_writing = True

    def add(self, place: int, report: Report, written: str) -> None:
        self.places[place] = report, written

    @property
    def kind(self) -> str:
        """As of one file: refused when one was, so that the zip lies where it is looked for."""
        return "refused" if self._count("refused") else "taken"

    @property
    def let_go(self) -> str:
        """Why the zip is not kept: the gravest reason of its files. A refused one is, but for secrets."""
        reasons = [report.let_go for report, _ in self.places.values()]
        grave = ("secret",) if self.kind == "refused" else ("secret", "people", "strange", "more")
        return next((reason for reason in grave if reason in reasons), "")

    def written(self, now: datetime, zone: ZoneInfo, content_hash: str) -> str:
        """The zip's own lines, then the report of each file."""
        lines = [
            text(
                "files.zip.report",
                _LANGUAGE,
                taken=self._count("taken"),
                refused=self._count("refused"),
                repeated=self._count("repeated"),
            ),
            text("files.report.file", _LANGUAGE, file=self.file),
            text("files.report.moment", _LANGUAGE, moment=moment(now, zone)),
        ]
        if self.passed_over:
            lines.append(text("files.zip.passed_over", _LANGUAGE, count=self.passed_over))
        if self.kind == "refused":
            lines.append(text("files.zip.todo", _LANGUAGE))
        if self.let_go:
            lines.append(text(f"files.let_go.{self.let_go}", _LANGUAGE))
            lines.append(text("files.report.hash", _LANGUAGE, hash=content_hash))
        parts = [part for _, part in (self.places[place] for place in sorted(self.places))]
        return "\r\n".join([*lines, "", *parts])

    def _count(self, kind: str) -> int:
        return sum(report.kind == kind for report, _ in self.places.values())


def write_report(path: Path, content: str) -> None:
    """Lay a report beside a file, whole or not at all; with a mark, so that Notepad reads it right."""
    target = report_of(path)
    whole = target.with_name(f".{target.name}.tmp")
    whole.write_text(content, "utf-8-sig", newline="")
    whole.replace(target)


def _shown(dataset: Dataset, problem: Problem) -> str:
    for declared in dataset.fields:
        if declared.name == problem.field:
            free = declared.type is FieldType.TEXT and declared.name not in dataset.key
            return "…" if free else problem.value
    return "…"
