"""The configuration as a whole (design.md 6.3)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from datasets.settings.sources import Source
from datasets.settings.values import (
    Address,
    Code,
    Cron,
    ExistingFile,
    Hours,
    Lasting,
    Part,
    Secret,
    StoreUrl,
    Text,
    WebAddress,
    Zone,
)


class Centre(Part):
    """The commune the centre is of. `demo` puts "SỐ LIỆU MINH HOẠ" on every surface."""

    name: Text
    unit: Code
    time_zone: Zone = ZoneInfo("Asia/Ho_Chi_Minh")
    language: Literal["vi", "en"] = "vi"
    demo: bool = False


class StoreSettings(Part):
    """The database. Loading pauses while its disk has less free than one of the two (SQLite; failures.md F28).

    min_free_share   of the disk, 0-1; of a large one never more than 20 GB
    min_free_gb      gigabytes
    """

    url: StoreUrl = Field(repr=False)
    min_free_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    min_free_gb: Annotated[float, Field(ge=0)] = 1.0


class Mail(Part):
    """How briefings are mailed. `to` gets one mail each, so that a wrong address holds nobody up.

    tls       starttls (port 587), tls from the first byte (port 465), or none inside one's own network
    most_mb   files together larger than this are linked instead of attached
    link      the desk's address as the recipients reach it, for links
    """

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Annotated[Address, Field(alias="from")]
    to: Annotated[list[Address], Field(min_length=1)]
    user: Text | None = None
    password: Secret | None = Field(default=None, repr=False)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    most_mb: Annotated[float, Field(gt=0)] = 10
    link: WebAddress | None = None


class Briefing(Part):
    """The weekly meeting's paper.

    schedule   when it is made: early in a week (Monday to Wednesday) of the week before, later of the week itself
    units      whose; the centre's own unit when empty
    """

    schedule: Cron = "30 6 * * 1"
    formats: Annotated[list[Literal["docx", "pdf", "pptx", "xlsx"]], Field(min_length=1)] = [
        "docx",
        "pdf",
        "pptx",
        "xlsx",
    ]
    units: list[Code] = []
    mail: Mail | None = None


class WallScene(Part):
    """A panel on the wall, or what calls for direction, and for how many seconds; a bare name: the usual time."""

    panel: Literal["directing", "overview", "socio_economic", "public_services", "documents", "health", "education"]
    seconds: Annotated[float, Field(ge=5, le=3600)] = 25

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, said: Any) -> Any:
        return {"panel": said} if isinstance(said, str) else said


class Wall(Part):
    """The screens in the meeting rooms. No `scenes` means every panel that has data.

    open_on_loopback   a browser on this very machine needs no approval while `host` is this machine only
    dim, blank         hours at which screens are darker, or dark, such as "19:00-06:30"
    """

    scenes: list[WallScene] = []
    diagonal_inch: Annotated[float, Field(gt=0)] = 55
    distance_m: Annotated[float, Field(gt=0)] = 4
    open_on_loopback: bool = True
    dim: Hours | None = None
    blank: Hours | None = None


class Privacy(Part):
    """Counts of sensitive figures below `minimum_cell` are withheld.

    keep_set_aside   how long what was kept of a quarantined record or a refused delivery may be kept
    raw_key          encrypts what sources answered until it is settled; a key in data/raw where there is none
    """

    minimum_cell: Annotated[int, Field(ge=1)] = 5
    keep_set_aside: Lasting = timedelta(days=90)
    raw_key: Secret | None = None


class Map(Part):
    """Where the units lie, for the pages that compare them; checked in units_map.py.

    geojson   polygons of communes or hamlets, in degrees; drawn here, nothing is fetched
    code      the property of a feature that holds the unit's code
    tiles     code,row,column: places on a grid of tiles where there are no polygons; else in the file's order
    """

    geojson: ExistingFile | None = None
    code: Text = "code"
    tiles: ExistingFile | None = None


class Settings(Part):
    """Everything a process is told. Paths are absolute, secrets resolved.

    path, root   the configuration file and its folder
    host, port   where the desk listens; 127.0.0.1 is this machine only
    """

    path: Path
    root: Path
    centre: Centre
    units: ExistingFile
    calendar: ExistingFile | None = None
    store: StoreSettings
    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8050
    sources: dict[str, Source] = {}
    briefing: Briefing = Briefing()
    wall: Wall = Wall()
    privacy: Privacy = Privacy()
    map: Map = Map()
