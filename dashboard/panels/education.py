"""Education: who comes to school, who teaches, and what the schools do without paper and cash."""

from dashboard.panel import Card, Chart, Panel, Section

PANEL = Panel(
    id="education",
    path="/giao-duc",
    sections=(
        Section(
            "main",
            cards=(
                Card("ed_attendance_rate", on_wall=True),
                Card("ed_absent_unexcused", on_wall=True),
                Card("ed_pupils", on_wall=True),
                Card("ed_pupils_per_class", on_wall=True),
                Card("ed_digital_transcripts_rate", on_wall=True),
                Card("ed_cashless_rate", on_wall=True),
                Card("ed_schools"),
                Card("ed_classes"),
                Card("ed_teachers"),
                Card("ed_teachers_per_class"),
                Card("ed_dropouts"),
                Card("ed_national_standard_rate"),
                Card("ed_contact_book_rate"),
                Card("ed_universal_preschool_rate"),
                Card("ed_universal_primary_rate"),
                Card("ed_universal_secondary_rate"),
                Card("ed_lesson_plans_approved"),
            ),
            charts=(
                Chart("attendance", "trend", ("ed_attendance_rate",), on_wall=True),
                Chart(
                    "absent_by_school", "bars", ("ed_absent_excused", "ed_absent_unexcused"), by="unit", on_wall=True
                ),
                Chart("pupils_by_school", "bars", ("ed_pupils",), by="unit"),
                Chart("cashless_fees", "trend", ("ed_cashless_rate",)),
            ),
        ),
    ),
    default_period="month",
)
