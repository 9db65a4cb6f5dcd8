"""The two canvases of the wall, landscape and portrait, and how much room each gives to what.

All lengths are design pixels. assets/wall/wall.css puts the same boxes in the same
places; the browser tests measure that nothing is cut in either.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.wall.tiles import Box

GAP = 16
EDGE_X = 28


@dataclass(frozen=True, slots=True)
class Layout:
    """One canvas.

    heading_lines  title and centre beside each other (1), or beneath (2)
    most_columns   of tiles; stacked: charts stand beneath instead of beside each other
    rows_above     height of a row of tiles above charts, by number of rows
    """

    name: str
    canvas: tuple[int, int]
    body: Box
    heading_width: float
    heading_lines: int
    foot_width: float
    foot_lines: int
    most_columns: int
    stacked: bool
    rows_above: tuple[float, ...]

    def grid(self, tiles: int) -> tuple[int, ...]:
        """How many tiles stand in each row, for at most six: rows without a hole, the first the widest."""
        if not tiles:
            return ()
        if self.most_columns == 2:
            odd = (1,) if tiles % 2 else ()
            return (*odd, *(2,) * (tiles // 2))
        return (tiles,) if tiles <= 3 else (tiles // 2, tiles - tiles // 2)

    def tiles_height(self, rows: int, with_charts: bool) -> float:
        if not rows:
            return 0
        return rows * self.rows_above[rows - 1] + (rows - 1) * GAP if with_charts else self.body.height

    def chart_room(self, charts: int, taken: float) -> Box:
        """The room of each of so many charts where tiles have taken so much of the height."""
        height = self.body.height - (taken + GAP if taken else 0)
        if self.stacked:
            return Box(self.body.width, (height - (charts - 1) * GAP) / max(charts, 1))
        return Box((self.body.width - (charts - 1) * GAP) / max(charts, 1), height)


LANDSCAPE = Layout(
    name="landscape",
    canvas=(1920, 1080),
    body=Box(1920 - 2 * EDGE_X, 880),
    heading_width=1058,
    heading_lines=1,
    foot_width=1534,
    foot_lines=1,
    most_columns=3,
    stacked=False,
    rows_above=(262, 212),
)
PORTRAIT = Layout(
    name="portrait",
    canvas=(1080, 1920),
    body=Box(1080 - 2 * EDGE_X, 1500),
    heading_width=1020,
    heading_lines=2,
    foot_width=1020,
    foot_lines=2,
    most_columns=2,
    stacked=True,
    rows_above=(262, 230, 222),
)
LAYOUTS = {layout.name: layout for layout in (LANDSCAPE, PORTRAIT)}
