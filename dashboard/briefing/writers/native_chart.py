"""Charts that stay charts: made by python-pptx, shown on a slide, or moved into a Word document.

A chart part of a presentation and one of a Word document are the same DrawingML with
the same embedded workbook; only the frame around it differs. So one builder feeds both.
"""

from __future__ import annotations

import copy
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from dashboard.briefing.model import Chart
from dashboard.briefing.writers.plain import plain

KINDS = {
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "stacked": XL_CHART_TYPE.BAR_STACKED,
}
PALETTE = ("1F4E79", "9DB8D6", "5B7F55", "B08A3C")
ROLES = {"bad": "B3261E", "attention": "B26A00", "target": "7F7F7F", "muted": "9DB8D6"}
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EMU_PER_MM = 36000
NEAR = 5.0
MANY_LABELS = 13
"""Above this many points the numbers are left to the axis."""


def add_chart(slide: Any, chart: Chart, place: tuple[int, int, int, int], font: str, size: float) -> Any:
    """The chart as a native one on a slide; `place` is left, top, width, height in EMU."""
    data = CategoryChartData(number_format="#,##0.0" if chart.unit == "%" else "#,##0")
    order = range(len(chart.categories))
    if chart.kind in ("bar", "stacked"):
        order = range(len(chart.categories) - 1, -1, -1)  # bars are drawn from below
    data.categories = [plain(chart.categories[i]) for i in order]
    for series in chart.series:
        data.add_series(plain(series.name), [series.values[i] for i in order])
    frame = slide.shapes.add_chart(KINDS[chart.kind], *(Emu(x) for x in place), data)
    made = frame.chart
    made.font.name, made.font.size = font, Pt(size)
    made.has_title = False
    made.has_legend = len(chart.series) > 1
    if made.has_legend:
        made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _paint(made, chart)
    _axes(made, chart)
    _labels(made, chart, size)
    return frame


def _paint(made: Any, chart: Chart) -> None:
    normal = 0
    for series, drawn in zip(chart.series, made.plots[0].series, strict=True):
        colour = ROLES.get(series.role)
        if colour is None:
            colour, normal = PALETTE[normal % len(PALETTE)], normal + 1
        rgb = RGBColor.from_string(colour)
        if chart.kind == "line":
            drawn.smooth = False
            drawn.format.line.color.rgb, drawn.format.line.width = rgb, Pt(1.25 if series.role == "target" else 2.25)
            if series.role == "target":
                drawn.format.line.dash_style = MSO_LINE.DASH
                drawn.marker.style = XL_MARKER_STYLE.NONE
            else:
                drawn.marker.format.fill.solid()
                drawn.marker.format.fill.fore_color.rgb = rgb
                drawn.marker.format.line.color.rgb = rgb
        else:
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = rgb
    if chart.kind != "line":
        made.plots[0].gap_width = 60
        if chart.kind == "stacked":
            made.plots[0].overlap = 100


def _axes(made: Any, chart: Chart) -> None:
    values = made.value_axis
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = RGBColor.from_string("D9D9D9")
    values.format.line.fill.background()
    if chart.kind != "line":
        values.minimum_scale = 0
    values.tick_labels.number_format = _ticks(chart)
    values.tick_labels.number_format_is_linked = False
    made.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    made.category_axis.format.line.color.rgb = RGBColor.from_string("7F7F7F")


def _ticks(chart: Chart) -> str:
    """Percents that lie near each other need a decimal, or ticks would read alike."""
    known = [x for series in chart.series for x in series.values if x is not None]
    near = bool(known) and max(known) - min(known) < NEAR
    return ("0.0" if near else "0") if chart.unit == "%" else "#,##0"


def _labels(made: Any, chart: Chart, size: float) -> None:
    plot = made.plots[0]
    counted = [series for series in chart.series if series.role != "target"]
    if len(counted) > 1 or len(chart.categories) > MANY_LABELS:
        return  # numbers over each other cannot be read; the axis tells them
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.font.size = Pt(size - 1)
    labels.number_format = "0.0" if chart.unit == "%" else "#,##0"
    labels.number_format_is_linked = False
    labels.show_value = True


def insert_in_word(
    document: WordDocument, paragraph: WordParagraph, chart: Chart, mm: tuple[float, float], number: int, scratch: Any
) -> None:
    """The chart into a paragraph of a Word document, native and with its workbook.

    mm        width, height
    scratch   a presentation that nobody keeps, in which the chart is made
    """
    width, height = (int(side * EMU_PER_MM) for side in mm)
    slide = scratch.slides.add_slide(scratch.slide_layouts[6])
    made = add_chart(slide, chart, (0, 0, width, height), "Times New Roman", 10).chart
    package = document.part.package
    book = Part(
        PackURI(f"/word/embeddings/bao-cao-{number}.xlsx"),
        WORKBOOK_TYPE,
        made.part.chart_workbook.xlsx_part.blob,
        package,
    )
    space = copy.deepcopy(made._chartSpace)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART_TYPE, b"", package)
    space.find(qn("c:externalData")).set(qn("r:id"), part.relate_to(book, RT.PACKAGE))
    part._blob = etree.tostring(space, xml_declaration=True, encoding="UTF-8", standalone=True)
    relation = document.part.relate_to(part, RT.CHART)
    said = plain(f"{chart.title}. {chart.finding}").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    paragraph.add_run()._r.append(
        parse_xml(
            '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
            'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
            'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr id="{100 + number}" name="Chart {number}" descr="{said}"/>'
            "<wp:cNvGraphicFramePr/><a:graphic>"
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
            '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
            f'r:id="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
        )
    )
