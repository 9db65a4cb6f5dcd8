"""Education: who comes to school, who teaches, and what the schools do without paper and cash."""

from dashboard.panel import Card, Chart, Panel, Section
from datasets.periods import PeriodType

PANEL = Panel(
    id="education",
    path="/giao-duc",
    sections=(
        Section(
            "attendance",
            cards=(
                Card("ed_attendance_rate", on_wall=True),
                Card("ed_absent_unexcused", on_wall=True),
                Card("ed_unexcused_rate"),
                Card("ed_absent"),
                Card("ed_dropouts"),
            ),
            charts=(
                Chart(
                    "attendance_by_day",
                    "trend",
                    ("ed_attendance_rate",),
                    buckets=20,
                    period=PeriodType.DAY,
                    on_wall=True,
                ),
                Chart(
                    "absent_by_school",
                    "bars",
                    ("ed_absent_excused", "ed_absent_unexcused"),
                    by="unit",
                    above="unit",
                    on_wall=True,
                ),
                Chart("attendance_by_week", "trend", ("ed_attendance_rate",), period=PeriodType.WEEK),
                Chart(
                    "absent_by_day",
                    "trend",
                    ("ed_absent_excused", "ed_absent_unexcused"),
                    buckets=20,
                    period=PeriodType.DAY,
                ),
            ),
        ),
        Section(
            "schools",
            cards=(
                Card("ed_pupils", on_wall=True),
                Card("ed_pupils_per_class", on_wall=True),
                Card("ed_schools"),
                Card("ed_classes"),
                Card("ed_teachers"),
                Card("ed_teachers_per_class"),
            ),
            charts=(Chart("pupils_by_school", "bars", ("ed_pupils",), by="unit", above="unit"),),
        ),
        Section(
            "quality",
            cards=(
                Card("ed_national_standard_rate"),
                Card("ed_universal_preschool_rate"),
                Card("ed_universal_primary_rate"),
                Card("ed_universal_secondary_rate"),
            ),
        ),
        Section(
            "digital_schools",
            cards=(
                Card("ed_digital_transcripts_rate", on_wall=True),
                Card("ed_cashless_rate", on_wall=True),
                Card("ed_contact_book_rate"),
                Card("ed_lesson_plans_approved"),
                Card("ed_online_lessons"),
                Card("ed_library_visits"),
                Card("ed_preschool_classes_managed"),
            ),
            charts=(
                Chart(
                    "digital_teachers",
                    "trend",
                    ("ed_digital_transcripts_rate", "ed_contact_book_rate", "ed_cashless_rate"),
                ),
            ),
        ),
    ),
    default_period="month",
)
