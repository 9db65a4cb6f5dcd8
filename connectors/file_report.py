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
    labels     the file's column for each canonical field
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

    @property
    def worth_writing(self) -> bool:
        """A taken file with nothing to say gets no report."""
        odd = any(kind != "blank" for kind in self.left_out)
        return self.kind != "taken" or bool(self.quarantined or self.problems or self.repaired or odd)

    def written(self, now: datetime, zone: ZoneInfo, dataset: Dataset, labels: Mapping[str, str]) -> str:
        """The report's text. Values of free text are not repeated: they may name people."""

        def say(key: str, **params: object) -> str:
            return text(key, _LANGUAGE, **params)

        lines = [say(f"files.report.{self.kind}"), say("files.report.file", file=self.file)]
        lines.append(say("files.report.moment", moment=moment(now, zone)))
        if self.reason:
            lines.append(say("files.report.reason", reason=self.reason))
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
