"""What a component counts, in words: "Hồ sơ đã giải quyết trong kỳ (Thời hạn: Trước hạn, Đúng hạn)"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashboard.members import CHOICES, member_name
from dashboard.queries import Queries
from datasets.indicators.definition import Component
from datasets.messages import text
from datasets.vietnamese import number

BOUNDS = ("min", "max", "above")


def component_words(queries: Queries, component: Component, language: str) -> str:
    """One component of an indicator in a sentence's part."""
    if component.element is not None:
        element = queries.catalogue.elements[component.element]
        name = element.name[language]
        category = component.category
        return f"{name}: {element.categories[category][language]}" if category in element.categories else name
    counted = text(
        f"indicator.kind.{component.count or component.of}",
        language,
        what=text(f"indicator.dataset.{component.dataset}", language),
    )
    if component.field is not None:
        field = text(f"desk.column.{component.field}", language)
        counted = text(f"indicator.statistic.{component.kind}", language, field=field, of=counted)
    conditions = "; ".join(_conditions(queries, component.where, language))
    return f"{counted} ({conditions})" if conditions else counted


def _conditions(queries: Queries, where: Mapping[str, object], language: str) -> Iterator[str]:
    for name, wanted in where.items():
        if name == "overdue":
            yield text(f"indicator.where.{'overdue' if wanted else 'in_time'}", language)
        elif name == "has_due":
            yield text(f"indicator.where.{'with_due' if wanted else 'without_due'}", language)
        elif name == "due_within_days":
            yield text("indicator.where.due_within", language, days=wanted)
        else:
            column = text(f"desk.column.{name}", language)
            yield f"{column}: {_wanted(queries, name, wanted, language)}"


def _wanted(queries: Queries, name: str, wanted: object, language: str) -> str:
    if isinstance(wanted, Mapping):
        bounds = [
            text(f"indicator.bound.{bound}", language, value=number(float(wanted[bound]), language=language))
            for bound in BOUNDS
            if bound in wanted
        ]
        if "known" in wanted:
            bounds.append(text(f"indicator.bound.{'known' if wanted['known'] else 'unknown'}", language))
        if "other_than" in wanted:
            column = text(f"desk.column.{wanted['other_than']}", language)
            bounds.append(text("indicator.bound.other_than", language, column=column))
        return ", ".join(bounds)
    if isinstance(wanted, list | tuple):
        return ", ".join(_wanted(queries, name, each, language) for each in wanted)
    if isinstance(wanted, bool):
        return text(f"choice.yes.{str(wanted).lower()}", language)
    if wanted is None or name in CHOICES:
        return member_name(queries, name, str(wanted or ""), language)
    return text("indicator.ended", language) if name == "end_class" else str(wanted)
