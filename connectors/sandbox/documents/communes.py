"""How the invented communes work their documents.

Size of the first after domain.md 1.9 (Hòa Phú, 7/2025: 1,195 in and 282 out a month).
Names and identification codes are those of the simulated one-stop.
"""

from __future__ import annotations

from dataclasses import dataclass

MAIN = "99001"


@dataclass(frozen=True, slots=True)
class Commune:
    """One register.

    agency     identification code (QĐ 20/2020), as in From/OrganId
    incoming, outgoing   documents a month, about
    late       share of what has a term that is done after it, and how late: working days, mean
    unopened   share that lies unopened for weeks
    slow       share of what has no term that lies for weeks
    signed     share of outgoing documents signed by person and organisation
    months     of history
    """

    code: str
    agency: str
    incoming: int
    outgoing: int
    late: float
    delay: float
    unopened: float = 0.002
    slow: float = 0.01
    signed: float = 0.995
    months: int = 15


COMMUNES = (
    Commune("99001", "H99.01.01", 1195, 282, late=0.025, delay=1.5, months=36),
    Commune("99002", "H99.01.02", 640, 130, late=0.24, delay=9.0, unopened=0.03, slow=0.16, signed=0.90),
    Commune("99003", "H99.01.03", 430, 100, late=0.05, delay=3.0, signed=0.97),
    Commune("99004", "H99.01.04", 330, 75, late=0.06, delay=3.0),
    Commune("99005", "H99.01.05", 290, 60, late=0.05, delay=3.0, signed=0.95),
    Commune("99006", "H99.01.06", 190, 40, late=0.02, delay=1.0),
)
BY_CODE = {commune.code: commune for commune in COMMUNES}
