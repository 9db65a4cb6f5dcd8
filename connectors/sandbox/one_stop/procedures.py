"""What one may apply for at a commune's one-stop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PROCEDURES_FILE = Path(__file__).parent.parent / "procedures.yaml"


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure (TTHC).

    weight       share of all dossiers, relative to the others
    term         working days until the result is due; 0 = the same day
    fee          đồng before exemptions
    level        MucDo, as the system writes it
    full         online from end to end ("toàn trình")
    online       shift of the online share in log-odds
    business     applicants are mostly household businesses
    """

    code: str
    name: str
    field_code: str
    field_name: str
    weight: float
    term: int
    fee: int
    level: str
    full: bool
    online: float
    business: bool


@cache
def procedures(path: Path = PROCEDURES_FILE) -> tuple[Procedure, ...]:
    """All procedures in the file's order."""
    said = yaml.safe_load(path.read_text("utf-8"))
    fields = said["fields"]
    return tuple(
        Procedure(
            code=row["code"],
            name=row["name"],
            field_code=fields[row["field"]]["code"],
            field_name=fields[row["field"]]["name"],
            weight=row["weight"],
            term=row["term"],
            fee=row["fee"],
            level=said["levels"][row["level"]],
            full=row["level"] == "full",
            online=row["online"],
            business=row.get("business", False),
        )
        for row in said["procedures"]
    )
