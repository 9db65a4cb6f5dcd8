"""Faults on demand: what real source systems do to those who read them.

    slow             waits before the first byte                      seconds=30
    drip             sends a few bytes at a time                      bytes=1, seconds=0.3 between them
    too_many         429                                              retry_after="5" (or a date, "-1", ...)
    error            a server error                                   status=500
    truncated        the body ends early, Content-Length stands
    broken_json      the body ends early and the length agrees
    shifted_pages    the list moves between pages                     mode=move | insert | delete, rows=3
    duplicates       rows of the page before come again               rows=5
    unknown_column   one column more                                  name=CotLa, value=...
    renamed_column   a column under another name                      column=NgayHenTra, name=NgayHen
    expired_token    401 although the token is good
    login_page       200 and an HTML page
    error_envelope   200 and an error in the body
    wrong_total      the total does not agree with the rows           by=7
    dirty_rows       something wrong in some rows                     share=0.3
    endless_pages    past the last page the first one comes again
    empty_page       a page without rows, with rows behind it
    redirect         302 to another host                              to=http://198.51.100.1/

Every fault also takes `probability` (of each request, 1 if not said), `skip` (requests
left alone at first) and `times` (how often it strikes, always if not said). Whether a
request is struck depends on the seed and the request's number only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Lock

from datasets.errors import UsageError

DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "slow": {"seconds": 30.0},
    "drip": {"bytes": 1, "seconds": 0.3},
    "too_many": {"retry_after": "5"},
    "error": {"status": 500},
    "truncated": {},
    "broken_json": {},
    "shifted_pages": {"mode": "move", "rows": 3},
    "duplicates": {"rows": 5},
    "unknown_column": {"name": "CotLa", "value": "Nguyen Thi Minh Hoa"},
    "renamed_column": {"column": "NgayHenTra", "name": "NgayHen"},
    "expired_token": {},
    "login_page": {},
    "error_envelope": {},
    "wrong_total": {"by": 7},
    "dirty_rows": {"share": 0.3},
    "endless_pages": {},
    "empty_page": {},
    "redirect": {"to": "http://198.51.100.1/"},
}
MODES = ("move", "insert", "delete")


@dataclass(slots=True)
class Fault:
    """One fault that is set. Counts its requests; `setting` has every name of DEFAULTS[kind]."""

    kind: str
    probability: float = 1.0
    skip: int = 0
    times: int | None = None
    setting: dict[str, object] = field(default_factory=dict)
    requests: int = 0
    struck: int = 0

    def said(self) -> dict[str, object]:
        """The fault as GET /faults shows it."""
        return {
            "kind": self.kind,
            "probability": self.probability,
            "skip": self.skip,
            "times": self.times,
            **self.setting,
            "requests": self.requests,
            "struck": self.struck,
        }

    def number(self, name: str) -> float:
        return float(str(self.setting[name]))

    def text(self, name: str) -> str:
        return str(self.setting[name])


class Faults:
    """The faults that are set. Safe for several threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._set: list[Fault] = []
        self._lock = Lock()

    def add(self, said: Mapping[str, object]) -> Fault:
        """Set a fault. Raises UsageError for an unknown kind, an unknown name or a wrong value."""
        fault = read_fault(said)
        with self._lock:
            self._set.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._set.clear()

    def listed(self) -> list[dict[str, object]]:
        with self._lock:
            return [fault.said() for fault in self._set]

    def strike(self) -> dict[str, Fault]:
        """The faults that strike the next request, by kind."""
        striking = {}
        with self._lock:
            for place, fault in enumerate(self._set):
                fault.requests += 1
                if fault.requests <= fault.skip or (fault.times is not None and fault.struck >= fault.times):
                    continue
                drawn = Random(f"{self._seed}/{place}/{fault.kind}/{fault.requests}").random()
                if drawn < fault.probability:
                    fault.struck += 1
                    striking[fault.kind] = fault
        return striking


def read_fault(said: Mapping[str, object]) -> Fault:
    """A fault from its JSON. Raises UsageError."""
    kind = str(said.get("kind", ""))
    if kind not in DEFAULTS:
        raise UsageError("sandbox.fault_kind", kind=kind, known=", ".join(DEFAULTS))
    rest = {name: value for name, value in said.items() if name not in ("kind", "probability", "skip", "times")}
    unknown = set(rest) - set(DEFAULTS[kind])
    if unknown:
        raise UsageError("sandbox.fault_setting", kind=kind, name=", ".join(sorted(unknown)))
    try:
        fault = Fault(
            kind,
            probability=float(str(said.get("probability", 1.0))),
            skip=int(str(said.get("skip", 0))),
            times=None if said.get("times") is None else int(str(said["times"])),
            setting={**DEFAULTS[kind], **rest},
        )
        for name, usual in DEFAULTS[kind].items():
            if isinstance(usual, int | float):
                fault.number(name)
    except ValueError as error:
        raise UsageError("sandbox.fault_value", kind=kind, value=error) from None
    if fault.setting.get("mode", "move") not in MODES or not 0 <= fault.probability <= 1:
        raise UsageError("sandbox.fault_value", kind=kind, value=said)
    return fault


def parse_fault(written: str) -> dict[str, object]:
    """`kind` or `kind:probability` from the command line. A wrong value is said by `read_fault`."""
    kind, colon, probability = written.partition(":")
    return {"kind": kind.strip(), "probability": probability} if colon else {"kind": kind.strip()}
