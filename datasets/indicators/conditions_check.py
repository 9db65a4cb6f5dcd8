"""Whether a catalogue `where` can mean anything: fields, values and special keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from datasets.indicators.lifecycle_counts import SPECIAL
from datasets.schema.dataset import Dataset, Field, FieldType

Raise = Callable[..., Exception]
BOUNDS = ("min", "max", "above")
_ORDERED = (FieldType.INTEGER, FieldType.NUMBER)
_PENDING = ("pending", "carried_over")
_ENDED = ("resolved", "in_hand")


def check_conditions(dataset: Dataset, counted: str | None, where: Mapping[str, object], fault: Raise) -> None:
    """Raise fault(code, ...) for the first condition that cannot stand.

    Special keys: `timeliness` of what is resolved (or, under QĐ 766, in hand); `overdue`,
    `due_within_days` (not yet overdue, due within n working days, today counting 0) of what is
    pending; `overdue_days` (working days past the due day, {min, max}) of what is pending; `has_due`
    of anything. `{other_than: FIELD}` is for texts that must differ from another text of the row.
    """
    for key, wanted in where.items():
        if key in SPECIAL:
            _check_special(dataset, counted, key, wanted, fault)
            continue
        if key not in dataset.columns or key == "source":
            raise fault("unknown_field", dataset=dataset.name, value=key, at=f"where/{key}")
        if isinstance(wanted, Mapping) and set(wanted) == {"other_than"}:
            _check_other(dataset, key, wanted["other_than"], fault)
        else:
            _check_value(dataset.field(key), wanted, fault)


def _check_other(dataset: Dataset, key: str, other: object, fault: Raise) -> None:
    if other not in dataset.columns or other == key or dataset.field(key).type is not FieldType.TEXT:
        raise fault("unknown_field", dataset=dataset.name, value=other, at=f"where/{key}")


def _check_special(dataset: Dataset, counted: str | None, key: str, wanted: object, fault: Raise) -> None:
    fits = key == "has_due" or counted in (_ENDED if key == "timeliness" else _PENDING)
    if "maybe_open" not in dataset.columns or not fits:
        raise fault("special_key", word=key, value=counted, at=f"where/{key}")
    if key == "timeliness":
        _check_value(dataset.field(key), wanted, fault)
    elif key == "overdue_days":
        if not isinstance(wanted, Mapping) or not wanted or not all(_is_days(k, n) for k, n in wanted.items()):
            raise fault("wrong_condition", field=key, value=wanted, at=f"where/{key}")
    elif key == "due_within_days":
        if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
            raise fault("wrong_condition", field=key, value=wanted, at=f"where/{key}")
    elif not isinstance(wanted, bool):
        raise fault("wrong_condition", field=key, value=wanted, at=f"where/{key}")


def _is_days(bound: object, days: object) -> bool:
    return bound in ("min", "max") and isinstance(days, int) and not isinstance(days, bool) and days >= 0


def _check_value(field: Field, wanted: object, fault: Raise) -> None:
    if isinstance(wanted, dict):
        fits = (
            bool(wanted)
            and field.type in _ORDERED
            and all(key in BOUNDS and _is_number(bound) for key, bound in wanted.items())
        )
    elif isinstance(wanted, list | tuple):
        fits = bool(wanted) and all(_fits(field, one) for one in wanted)
    else:
        fits = _fits(field, wanted)
    if not fits:
        raise fault("wrong_condition", field=field.name, value=wanted, at=f"where/{field.name}")


def _fits(field: Field, value: object) -> bool:
    if value is None:
        return True
    if field.type is FieldType.CHOICE:
        return value in field.choices
    if field.type is FieldType.BOOLEAN:
        return isinstance(value, bool)
    if field.type in _ORDERED:
        return _is_number(value)
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
