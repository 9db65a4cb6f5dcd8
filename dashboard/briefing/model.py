"""A report as data: what it says and shows, with the figure behind every number, and no layout.

Composed once (compose.py), then written by each writer, or kept as JSON and written again
years later: a writer takes everything from here and never asks the store.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import TypeAdapter

from datasets.indicators.value import Value

CellKind = Literal["text", "number", "percent", "date"]
ChartKind = Literal["line", "column", "bar", "stacked"]
Role = Literal["normal", "attention", "bad", "target", "muted"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed value as the report used it; fields as in datasets.indicators.value.Value.

    said   the number as it stands in the text
    name   the indicator's name in the report's language
    """

    indicator: str
    name: str
    unit: str
    period: str
    rules: str
    by: dict[str, str] | None
    value: float | None
    numerator: float | None
    denominator: float | None
    status: str
    target: float | None
    as_of: datetime | None
    sources: tuple[str, ...]
    period_of_value: str
    said: str

    @classmethod
    def of(cls, value: Value, name: str, said: str) -> Figure:
        return cls(
            indicator=value.indicator,
            name=name,
            unit=value.unit,
            period=value.period,
            rules=value.rules,
            by=value.by,
            value=value.value,
            numerator=value.numerator,
            denominator=value.denominator,
            status=value.status.value,
            target=value.target,
            as_of=value.as_of,
            sources=value.sources,
            period_of_value=value.period_of_value,
            said=said,
        )

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What the figure is of, whatever its number."""
        return self.indicator, self.unit, self.period, self.rules, repr(sorted((self.by or {}).items()))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the figures its numbers come from."""

    text: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """body: running text; item: a line after a dash; note: small print below a table; warning: before all else."""

    sentences: tuple[Sentence, ...]
    style: Literal["body", "item", "note", "warning"] = "body"

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a table shows (`text`) and, for spreadsheets, the number itself; `day` is an ISO date."""

    text: str
    kind: CellKind = "text"
    number: float | None = None
    decimals: int = 0
    day: str | None = None
    figure: Figure | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """width: its share of the table's width, in any measure."""

    title: str
    width: float
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """`shown` rows stand on paper (None: all of them); the workbook has them all.

    told   of the rows that do not, how many the text tells
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    shown: int | None = None
    note: str = ""
    told: int = 0

    @property
    def on_paper(self) -> tuple[tuple[Cell, ...], ...]:
        return self.rows if self.shown is None else self.rows[: self.shown]

    @property
    def left_out(self) -> int:
        return len(self.rows) - len(self.on_paper) - self.told


@dataclass(frozen=True, slots=True)
class ChartSeries:
    name: str
    values: tuple[float | None, ...]
    role: Role = "normal"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as numbers. `finding` is one sentence that says what is to be seen."""

    id: str
    kind: ChartKind
    title: str
    finding: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[ChartSeries, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part. `own_words` are the office's own paragraphs, written for `id`.

    level   1 "I.", 2 "1.", 3 "a)"
    lines   empty dotted lines for handwriting, when nobody has written anything
    panel   the panel it reports on
    """

    id: str
    heading: str
    level: int
    paragraphs: tuple[Paragraph, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    own_words: tuple[str, ...] = ()
    lines: int = 0
    panel: str | None = None
    sections: tuple[Section, ...] = ()

    @property
    def paper_tables(self) -> tuple[Table, ...]:
        """The tables that have anything to show on paper."""
        return tuple(table for table in self.tables if table.on_paper or not table.rows)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The fixed parts of the official form (NĐ 30/2020/NĐ-CP, Phụ lục I).

    draft      the mark of a draft, "" on what was issued
    annex_of   stands below an annex's name
    """

    superior: str
    body: str
    motto: tuple[str, str]
    number: str
    place_and_date: str
    kind: str
    summary: str
    draft: str
    recipients_title: str
    recipients: tuple[str, ...]
    signature: tuple[str, ...]
    annex_of: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """A figure that the last issued report gave with another number, and why it changed."""

    indicator: str
    name: str
    period: str
    period_name: str
    old: str
    new: str
    cause: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report. `complete` False: `warnings` say what is missing, and it is never sent as complete."""

    unit: str
    unit_name: str
    period: str
    period_name: str
    language: str
    demo: str
    complete: bool
    warnings: tuple[str, ...]
    made_at: datetime
    version: int
    rules: str
    letterhead: Letterhead
    opening: Paragraph
    highlights: tuple[Sentence, ...]
    sections: tuple[Section, ...]
    annexes: tuple[Section, ...]
    figures: tuple[Figure, ...]
    revisions: tuple[Revision, ...] = ()
    closing: str = ""

    @property
    def file_name(self) -> str:
        return f"bao-cao-{self.unit}-{self.period}"


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def as_json(report: Report) -> str:
    """The report as JSON; the same report gives the same text."""
    return _adapter().dump_json(report).decode()


def from_json(said: str) -> Report:
    return _adapter().validate_json(said)


def digest(said: str) -> str:
    """SHA-256 of a kept report, to show that it is what was issued."""
    return hashlib.sha256(said.encode()).hexdigest()
