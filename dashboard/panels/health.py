"""Health: communicable diseases by week, the station's work by month; of the pilots what they reported.

A card whose figure nobody reported for the unit is left out, so that a pilot's page
shows the pilot's cards and the others theirs.
"""

from dashboard.panel import Card, Chart, Panel, Section
from datasets.periods import PeriodType

PANEL = Panel(
    id="health",
    path="/y-te",
    sections=(
        Section(
            "diseases",
            cards=(
                Card("hl_cases", on_wall=True),
                Card("hl_cases_year"),
                Card("hl_deaths_disease"),
                Card("hl_deaths_disease_year"),
                Card("hl_reports_on_time_rate", on_wall=True),
                Card("hl_reports_received_rate"),
            ),
            charts=(
                Chart("cases_by_week", "band", ("hl_cases",), buckets=26, period=PeriodType.WEEK, on_wall=True),
                Chart("cases_by_disease", "bars", ("hl_cases",), by="category"),
                Chart("cases_by_station", "bars", ("hl_cases",), by="unit"),
            ),
        ),
        Section(
            "care",
            cards=(
                Card("hl_visits", on_wall=True),
                Card("hl_visits_insured_rate"),
                Card("hl_insurance_rate", on_wall=True),
                Card("hl_health_records_opened_rate"),
                Card("hl_health_records_in_use_rate", on_wall=True),
            ),
            charts=(
                Chart("visits", "trend", ("hl_visits",)),
                Chart("insurance_records", "trend", ("hl_insurance_rate", "hl_health_records_in_use_rate")),
            ),
        ),
        Section(
            "mothers",
            cards=(
                Card("hl_full_immunisation_rate", on_wall=True),
                Card("hl_doses"),
                Card("hl_antenatal_4_rate"),
                Card("hl_underweight_rate"),
                Card("hl_births"),
            ),
            charts=(Chart("immunisation", "trend", ("hl_full_immunisation_rate",), on_wall=True),),
        ),
        Section(
            "chronic",
            cards=(
                Card("hl_hypertension_managed_rate"),
                Card("hl_diabetes_managed_rate"),
                Card("hl_deaths"),
                Card("hl_staff"),
            ),
            charts=(Chart("managed", "trend", ("hl_hypertension_managed_rate", "hl_diabetes_managed_rate")),),
        ),
        Section(
            "digital_health",
            cards=(
                Card("hl_telehealth_sessions"),
                Card("hl_medici_installs"),
                Card("hl_medici_rate"),
                Card("hl_ask_doctor_members"),
                Card("hl_digital_services"),
                Card("hl_health_record_rate"),
                Card("hl_health_records_created_rate"),
                Card("hl_facilities_on_record"),
            ),
        ),
    ),
    default_period="month",
)
