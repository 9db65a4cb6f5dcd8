"""What is wrong with the records of a careless commune. One fault a record, always the same one."""

from __future__ import annotations

from random import Random

Record = dict[str, object]


def _day_first(said: Record) -> None:
    """A date typed by hand: still readable, but not as agreed."""
    moment = str(said["NgayTiepNhan"])
    said["NgayTiepNhan"] = f"{moment[6:8]}/{moment[4:6]}/{moment[:4]}"


def _impossible_date(said: Record) -> None:
    said["NgayTiepNhan"] = f"{str(said['NgayTiepNhan'])[:4]}1345000000"


def _zero_date(said: Record) -> None:
    said["NgayHenTra"] = "00000000000000"


def _unknown_status(said: Record) -> None:
    said["TrangThaiHoSo"] = "11"


def _unknown_channel(said: Record) -> None:
    said["KenhThucHien"] = "9"


def _no_receipt(said: Record) -> None:
    said["NgayTiepNhan"] = ""


def _ended_before(said: Record) -> None:
    """Finished a year before it came: a slip of the year. Ended dossiers only."""
    moment = str(said["NgayKetThucXuLy"])
    if moment:
        said["NgayKetThucXuLy"] = f"{int(moment[:4]) - 1}{moment[4:]}"


def _stray_spaces(said: Record) -> None:
    """No-break spaces and decomposed letters from a word processor: to be repaired, not refused."""
    said["TenTTHC"] = f"\u00a0{said['TenTTHC']} "
    said["Thon"] = str(said["Thon"]).replace(" ", "\u00a0")


SPOILERS = (
    _day_first, _impossible_date, _zero_date, _unknown_status, _unknown_channel, _no_receipt, _ended_before,
    _stray_spaces,
)  # fmt: skip


def spoil(said: Record, random: Random) -> None:
    """Spoil one thing in a record, in place."""
    SPOILERS[int(random.random() * len(SPOILERS))](said)
