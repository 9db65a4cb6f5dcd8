"""Attributes of HTML whose names are no Python names: `data-*` and `aria-*`."""

from __future__ import annotations

from typing import Any


def data(**said: str) -> dict[str, Any]:
    """`**data(count="3")` is `data-count="3"`."""
    return {f"data-{name}": value for name, value in said.items()}


def aria(**said: str) -> dict[str, Any]:
    """`**aria(label="...")` is `aria-label="..."`."""
    return {f"aria-{name}": value for name, value in said.items()}
