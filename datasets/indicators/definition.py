"""What an indicator, an element and a target are (design.md 6.5).

The catalogue files are checked against these models; catalogue.py turns what does not
fit into faults with file and line. Faults carry a code, worded as `catalogue.<code>`
in datasets/messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from datasets.errors import UsageError
from datasets.indicators.conditions_check import check_conditions
from datasets.indicators.lifecycle_counts import AGES, KINDS, Recipe, Where, freeze
from datasets.indicators.rules import BY_ID as RULES
from datasets.indicators.rules import RuleSet
from datasets.messages import LANGUAGES
from datasets.periods import Period, PeriodType
from datasets.schema import BY_NAME

UNITS = (
    "percent", "count", "dossiers", "petitions", "incidents", "registrations", "loudspeakers",
    "people", "households", "hamlets", "units", "days", "score", "dong",
    "million_dong", "million_dong_month", "million_dong_year", "hectares", "people_per_km2", "watts",
    "documents", "accounts", "certificates", "addresses", "payments", "visits", "messages", "phone_numbers", "reports",
    "cameras", "points", "machines", "devices", "lines", "providers", "systems", "computers", "panels", "teams",
    "cooperatives", "products", "classes", "schools", "facilities", "installs", "handsets", "agencies",
    "donors", "organisations", "models", "components", "rank", "pupils", "teachers", "cases", "deaths", "doses",
    "children", "pupils_per_class", "teachers_per_class",
)  # fmt: skip
"""Units of measure; shown as the message `unit.<key>`."""

FACTORS = {
    "percent": 100,
    "people_per_km2": 100,  # people / hectares
}
"""What a ratio in this unit of measure is multiplied by."""

PANELS = {
    "ps": "public_services",
    "pt": "public_services",
    "doc": "documents",
    "hl": "health",
    "ed": "education",
    "se": "socio_economic",
}
"""The panel that an id's prefix belongs to."""

Better = Literal["higher", "lower", "none"]
ComponentKind = Literal["count", "median", "average", "sum", "element"]


def fault(code: str, **params: object) -> PydanticCustomError:
    """A fault worded as `catalogue.<code>`; `at` leads from the faulty model to the key, as in "where/channel"."""
    return PydanticCustomError(code, code, {name: str(value) for name, value in params.items()})


def _both_languages(text: dict[str, str]) -> dict[str, str]:
    for language in LANGUAGES:
        if not text.get(language, "").strip():
            raise fault("language_missing", value=language)
    for language in text:
        if language not in LANGUAGES:
            raise fault("unknown_language", value=language, at=language)
    return text


def _cited(raw: object) -> object:
    """One string is said alike in every language, as a bare number and date of a law may be."""
    if isinstance(raw, str):
        if not raw.strip():
            raise fault("empty")
        return dict.fromkeys(LANGUAGES, raw)
    if not isinstance(raw, dict):
        raise fault("not_text", value=raw)
    return raw


def _known_unit(unit: str) -> str:
    if unit not in UNITS:
        raise fault("unknown_unit", value=unit)
    return unit


Number = Annotated[float, Field(strict=True)]  # 98, not "98" and not true
Text = Annotated[dict[str, str], AfterValidator(_both_languages)]
Basis = Annotated[Text, BeforeValidator(_cited)]
Unit = Annotated[str, AfterValidator(_known_unit)]


Expectation = Annotated[dict[Literal["numerator", "denominator", "value"], Number | None], Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, populate_by_name=True)


class Component(_Model):
    """One number, before it is divided or multiplied.

    Written as one of
        {dataset: dossier, count: KIND}
        {dataset: D, median|average|sum: FIELD, of: KIND}
        {dataset: observation, element: ID, category: KEY}
    with an optional `where`. A median may be of an age of what is pending (lifecycle_counts.AGES).
    Read as `kind`, with `count`, `field` and `of`, or `element` and `category`. Without a category
    the element's own row is meant (category ""); categories are parts shown beside it, never added
    up to it.
    """

    dataset: str
    kind: ComponentKind
    count: str | None = None
    field: str | None = None
    of: str | None = None
    element: str | None = None
    category: str | None = None
    where: Mapping[str, object] = Field(default_factory=dict)

    @cached_property
    def conditions(self) -> Where:
        """`where` in a form that can be a key; what can be said in two ways is said in one."""
        where = dict(self.where)
        for (column, members), (other, member) in BY_NAME[self.dataset].same:
            asked = where.get(column)
            if isinstance(asked, list | tuple) and members == set(asked) and other not in where:
                del where[column]
                where[other] = member
        return freeze(where)

    @cached_property
    def recipes(self) -> dict[RuleSet, Recipe]:
        """The recipes of its counts that were looked for already, by rule set (FigurePlan)."""
        return {}

    @model_validator(mode="before")
    @classmethod
    def _read(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        if "kind" in raw or "field" in raw:
            raise fault("unknown_key", word="kind" if "kind" in raw else "field")
        kinds = [kind for kind in ("count", "median", "average", "sum", "element") if kind in raw]
        if len(kinds) != 1:
            raise fault("component_kind", count=len(kinds))
        read = {**raw, "kind": kinds[0]}
        if kinds[0] in ("median", "average", "sum"):
            read["field"] = read.pop(kinds[0])
        return read

    @model_validator(mode="after")
    def _known(self) -> Component:
        dataset = BY_NAME.get(self.dataset)
        if dataset is None:
            raise fault("unknown_dataset", value=self.dataset, at="dataset")
        if (self.kind == "element") != (self.dataset == "observation"):
            raise fault("element_dataset", dataset=self.dataset)
        if self.kind != "element" and (self.category is not None):
            raise fault("unknown_key", word="category", at="category")
        if self.kind in ("count", "element") and self.of is not None:
            raise fault("unknown_key", word="of", at="of")
        counted = self.count if self.kind == "count" else self.of
        if self.kind != "element" and counted not in KINDS:
            at = "count" if self.kind == "count" else "of"
            raise fault("unknown_count", value=counted, known=", ".join(KINDS), at=at)
        is_age = self.field in AGES and self.kind == "median" and self.of == "pending"
        if self.field is not None and self.field not in dataset.columns and not is_age:
            raise fault("unknown_field", dataset=self.dataset, value=self.field, at=self.kind)
        check_conditions(dataset, counted, self.where, fault)
        return self


class Components(_Model):
    """A numerator and what it is divided by; None when it is a number by itself."""

    numerator: Component
    denominator: Component | None = None


class Target(_Model):
    """What somebody with the right to do so set as aim, for a time and for some units.

    from_, to   first day, and the day after the last (None: until replaced)
    basis       who set it, where it is written
    level       only for units of this level ("commune", "province"); None: all
    units       only for these units and all below them; (): all
    group       a group the unit tree does not know ("xã nông thôn mới nâng cao"); such a
                target is shown with the definition and never taken as in force by itself
    by_month    value is the year's; by the end of the n-th month n/12 of it is wanted
    """

    value: Number
    from_: date = Field(alias="from")
    to: date | None = None
    basis: Basis
    level: str | None = None
    units: tuple[str, ...] = ()
    group: str | None = None
    by_month: StrictBool = False

    @model_validator(mode="after")
    def _in_order(self) -> Target:
        if self.to is not None and self.to <= self.from_:
            raise fault("target_order")
        return self


class Thresholds(_Model):
    """Where a value begins to ask for attention, and where it is bad, in the indicator's unit."""

    watch: Number
    bad: Number


class Example(_Model):
    """A case worked by hand, computed by the tests on every store.

    as_of    the moment it is computed at; left out: 09:00 on the day after the period
    rows     rows of the numerator's dataset; what they leave out is filled in by
             example.complete_rows
    rules    the rule set of `expect`
    expect   any of numerator, denominator, value; None for a value that is not known
    under    the same under other rule sets
    """

    as_of: AwareDatetime
    period: str
    rules: str = "06a"
    rows: tuple[dict[str, object], ...]
    expect: Expectation
    under: dict[str, Expectation] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _morning_after(cls, raw: object) -> object:
        if not isinstance(raw, dict) or "as_of" in raw or "period" not in raw:
            return raw
        if not isinstance(raw["period"], str):
            raise fault("not_text", value=raw["period"], at="period")
        try:
            end = Period.parse(raw["period"]).end
        except UsageError:
            raise fault("wrong_period", value=raw["period"], at="period") from None
        return {**raw, "as_of": datetime.combine(end, time(9), ZoneInfo("Asia/Ho_Chi_Minh"))}

    @field_validator("period")
    @classmethod
    def _a_period(cls, period: str) -> str:
        try:
            return Period.parse(period).id
        except UsageError:
            raise fault("wrong_period", value=period) from None

    @model_validator(mode="after")
    def _rule_sets(self) -> Example:
        for rules in (self.rules, *self.under):
            if rules not in RULES:
                raise fault("unknown_rules", value=rules, at="under" if rules in self.under else "rules")
        return self

    def cases(self) -> tuple[tuple[str, Expectation], ...]:
        """Each rule set with what is expected under it."""
        return ((self.rules, self.expect), *self.under.items())


class Definition(_Model):
    """One indicator.

    unit          unit of measure of the value; percent values are 0-100
    numerator, denominator   under every rule set that `under` does not name
    under         {rule set: components} where that rule set divides otherwise
    drill_by      fields it may be split by
    minimum_denominator   below it the value is too thin to be judged: it gets no status
    basis         where the definition comes from
    sensitive     health or pupils' counts, under small-cell suppression
    """

    id: str
    panel: str
    name: Text
    description: Text | None = None
    unit: Unit
    better: Better
    numerator: Component
    denominator: Component | None = None
    under: dict[str, Components] = Field(default_factory=dict)
    drill_by: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    thresholds: Thresholds | None = None
    minimum_denominator: Number = 0
    basis: Basis
    example: Example
    sensitive: StrictBool = False

    @cached_property
    def factor(self) -> int:
        """What numerator / denominator is multiplied by; 1 for a number by itself."""
        return FACTORS.get(self.unit, 1) if self.denominator is not None else 1

    def components(self, rules: str) -> tuple[Component, Component | None]:
        """Numerator and denominator under the rule set."""
        under = self.under.get(rules)
        return (under.numerator, under.denominator) if under else (self.numerator, self.denominator)

    @model_validator(mode="after")
    def _hangs_together(self) -> Definition:
        prefix = self.id.partition("_")[0]
        if prefix not in PANELS:
            raise fault("wrong_prefix", value=self.id, known=", ".join(PANELS))
        if self.panel != PANELS[prefix]:
            raise fault("wrong_panel", value=self.panel, wanted=PANELS[prefix], at="panel")
        for rules in self.under:
            if rules not in RULES:
                raise fault("unknown_rules", value=rules, at=f"under/{rules}")
        for dimension in self.drill_by:
            if dimension not in BY_NAME[self.numerator.dataset].columns:
                raise fault("unknown_field", dataset=self.numerator.dataset, value=dimension, at="drill_by")
        if self.thresholds is not None:
            watch, bad = self.thresholds.watch, self.thresholds.bad
            if self.better == "none" or (watch < bad if self.better == "higher" else watch > bad):
                raise fault("threshold_order", at="thresholds")
        return self


class Element(_Model):
    """One quantity of the observation dataset (a DHIS2 data element).

    periods      types of period a value may be reported for
    over_units   how values of several units make one of the unit above: sum, the last
                 known (a value of one unit alone stands), or none
    over_time    how values of several periods make one of a longer period: their sum, or
                 the last of them
    cumulative   the value counts from the beginning, so growth is a difference
    categories   parts the value may be split into, key -> name
    """

    id: str
    name: Text
    unit: Unit
    periods: tuple[PeriodType, ...] = Field(min_length=1)
    over_units: Literal["sum", "last", "none"]
    over_time: Literal["sum", "last"]
    cumulative: StrictBool = False
    categories: dict[str, Text] = Field(default_factory=dict)
    sensitive: StrictBool = False

    @field_validator("id")
    @classmethod
    def _has_a_room(cls, name: str) -> str:
        if name.partition("_")[0] not in PANELS:
            raise fault("wrong_prefix", value=name, known=", ".join(PANELS))
        return name
