"""A member of a dimension in words: choices by their message, units by their name."""

from __future__ import annotations

from dashboard.queries import Queries
from datasets.indicators.daily import day_said
from datasets.messages import catalogue, text
from datasets.vietnamese import day

CHOICES = ("channel", "urgency", "direction", "service_level", "status", "timeliness")
"""Columns whose values are words of the catalogue, not of people."""


def member_name(queries: Queries, dimension: str, member: str, language: str) -> str:
    """How people call a member; a value the catalogue of words does not know is shown as it came."""
    if not member:
        return text("choice.unknown", language)
    if dimension in CHOICES:
        return catalogue(language).get(f"choice.{dimension}.{member}", member)
    if dimension == "category":
        elements = queries.catalogue.elements.values()
        return next((e.categories[member][language] for e in elements if member in e.categories), member)
    if dimension == "due_on":
        return day(day_said(member))
    unit = queries.units.find(member) if dimension in ("unit", "hamlet") else None
    return unit.name if unit else member
