"""The address is the page's whole state: readable, shareable, restored by back and reload.

    /dich-vu-cong?don-vi=<unit>&ky=2026W47&so-sanh=ky-truoc&linh-vuc=Đất đai&quy-tac=06a&ngon-ngu=vi

    don-vi   org unit; the centre's own when absent
    ky       period id; the running one of the page's usual type when absent
    so-sanh  ky-truoc | cung-ky | muc-tieu
    thon, linh-vuc, kenh, can-bo, ...   one member of a drill dimension (DIMENSIONS); khong-ghi for "not stated"
    quy-tac  rule set of dossier counts
    chi-so, phan   which figure's records the list shows: indicator, and tu-so | mau-so
    tim      words the listed records must hold
    nhom     with whom a unit is compared: cung-cap-tren | cung-loai | ben-duoi
    dia-gioi luc-do: by the boundaries of the period; else by today's
    nguon, loi, viec   of the sources page: one source, one kind of problem, one request
    ngon-ngu vi | en

Unknown words and values are ignored, never an error page: old links keep working.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import parse_qsl, quote, urlencode

from dashboard.dimensions import DAYS, DIMENSIONS, UNKNOWN, WORD_OF
from datasets.indicators import rules
from datasets.messages import LANGUAGES

COMPARISONS = {"ky-truoc": "previous", "cung-ky": "last_year", "muc-tieu": "target"}
PARTS = {"tu-so": "numerator", "mau-so": "denominator"}
GROUPS = {"cung-cap-tren": "siblings", "cung-loai": "kind", "ben-duoi": "below"}
BOUNDARIES = {"luc-do": "then"}
LONGEST_SEARCH = 80

__all__ = ["COMPARISONS", "DIMENSIONS", "PARTS", "UNKNOWN", "WORD_OF", "Address"]


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says. None or empty: the default, which is left out when written."""

    path: str = "/"
    unit: str | None = None
    period: str | None = None
    compare: str = "previous"
    filters: Mapping[str, str] = field(default_factory=dict)
    rules: str = rules.DEFAULT
    indicator: str | None = None
    part: str = "numerator"
    search_words: str | None = None
    group: str | None = None
    boundaries: str = "now"
    language: str = "vi"
    source: str | None = None
    problem: str | None = None
    job: int | None = None

    @classmethod
    def parse(cls, path: str | None, search: str | None, language: str = "vi") -> Address:
        """The state of a path and its query string. `language` is the centre's own."""
        said = dict(parse_qsl((search or "").lstrip("?"), keep_blank_values=False))
        return cls(
            path=(path or "/").rstrip("/") or "/",
            unit=said.get("don-vi"),
            period=said.get("ky"),
            compare=COMPARISONS.get(said.get("so-sanh", ""), "previous"),
            filters={
                name: "" if said[word] == UNKNOWN else said[word]
                for word, name in DIMENSIONS.items()
                if word in said and (name not in DAYS or _is_day(said[word]))
            },
            rules=said["quy-tac"] if said.get("quy-tac") in rules.BY_ID else rules.DEFAULT,
            indicator=said.get("chi-so"),
            part=PARTS.get(said.get("phan", ""), "numerator"),
            search_words=said.get("tim", "").strip()[:LONGEST_SEARCH] or None,
            group=GROUPS.get(said.get("nhom", "")),
            boundaries=BOUNDARIES.get(said.get("dia-gioi", ""), "now"),
            language=said["ngon-ngu"] if said.get("ngon-ngu") in LANGUAGES else language,
            source=said.get("nguon"),
            problem=said.get("loi"),
            job=int(said["viec"]) if said.get("viec", "").isdecimal() and len(said["viec"]) < 12 else None,
        )

    def search(self, home_language: str = "vi") -> str:
        """The query string, "" or beginning with "?"; defaults are left out."""
        words = {
            "don-vi": self.unit,
            "ky": self.period,
            "so-sanh": None if self.compare == "previous" else _word(COMPARISONS, self.compare),
            **{word: self.filters[name] or UNKNOWN for word, name in DIMENSIONS.items() if name in self.filters},
            "quy-tac": None if self.rules == rules.DEFAULT else self.rules,
            "chi-so": self.indicator,
            "phan": None if self.part == "numerator" else _word(PARTS, self.part),
            "tim": self.search_words,
            "nhom": _word(GROUPS, self.group) if self.group else None,
            "dia-gioi": None if self.boundaries == "now" else _word(BOUNDARIES, self.boundaries),
            "nguon": self.source,
            "loi": self.problem,
            "viec": str(self.job) if self.job else None,
            "ngon-ngu": None if self.language == home_language else self.language,
        }
        said = urlencode({word: value for word, value in words.items() if value}, quote_via=quote, safe="")
        return f"?{said}" if said else ""

    def href(self, home_language: str = "vi", **changes: object) -> str:
        """The address with some things changed, for a link."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        return changed.path + changed.search(home_language)

    def page(self, path: str) -> Address:
        """The same unit, period, rule set, boundaries and language on another page; filters stay behind."""
        return replace(
            self,
            path=path,
            filters={},
            indicator=None,
            part="numerator",
            search_words=None,
            group=None,
            source=None,
            problem=None,
            job=None,
        )

    def with_filter(self, dimension: str, member: str | None) -> Address:
        """One filter set, or taken away with None; "" is the member of records that do not state it."""
        kept = {name: value for name, value in self.filters.items() if name != dimension}
        return replace(self, filters=kept if member is None else kept | {dimension: member})


def _is_day(said: str) -> bool:
    try:
        date.fromisoformat(said)
    except ValueError:
        return False
    return True


def _word(words: Mapping[str, str], meaning: str) -> str:
    return next(word for word, said in words.items() if said == meaning)
