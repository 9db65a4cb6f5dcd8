"""What is common to all sources: name, map, schedule, promise, expectations."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from datasets.settings.values import Cron, Lasting, Part, Text, Title, fault

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


class Expect(Part):
    """What a delivery must look like, or nothing of it is written.

    max_quarantined_share   of the records read, 0-1
    max_drop_share          how far below the usual count of that weekday, 0-1; 1 is never
    wanted                  columns of the source that must be there
    """

    min_rows: Count = 0
    max_quarantined_share: Share = 0.2
    max_drop_share: Share = 1.0
    wanted: list[Text] = []


class SourceBase(Part):
    """Common to all sources.

    name         its key in the configuration; also its name in ledger and store
    title        how the screens call it, by language; without one, the name
    map          name of a field map in connectors/maps, or the absolute path of one
    schedule     cron line in the centre's zone
    stale_after  the promise: after this long without a good pull it counts as late
    contact      whom to call when it stays away
    constants    canonical fields that are the same for every record of the source
    """

    name: str
    title: Title
    dataset: Literal["dossier", "document", "petition", "observation"]
    map: Text
    schedule: Cron = "*/15 * * * *"
    stale_after: Lasting = timedelta(days=1)
    expect: Expect = Expect()
    contact: Text | None = None
    constants: dict[str, str | int | float | bool] = {}

    @model_validator(mode="before")
    @classmethod
    def _titled(cls, raw: Any) -> Any:
        return {"title": raw["name"], **raw} if isinstance(raw, dict) else raw

    @field_validator("constants")
    @classmethod
    def _unit_is_text(cls, constants: dict[str, str | int | float | bool]) -> dict[str, str | int | float | bool]:
        for name in ("unit", "period", "element", "category"):
            if not isinstance(constants.get(name, ""), str):
                raise fault("quote_key", key=name)
        return constants


class Reconcile(Part):
    """Now and then the source is read `days` back and compared with what we hold (cron line in the centre's zone)."""

    schedule: Cron = "0 2 * * 0"
    days: Positive = 35
