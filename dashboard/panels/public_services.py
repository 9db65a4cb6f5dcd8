"""Public services: the dossiers of the one-stop desk, what people say of them, and their petitions."""

from dashboard.panel import Card, Chart, Panel, Section
from datasets.periods import PeriodType

PANEL = Panel(
    id="public_services",
    path="/dich-vu-cong",
    sections=(
        Section(
            "flow",
            cards=(
                Card("ps_on_time_rate", on_wall=True),
                Card("ps_received", on_wall=True),
                Card("ps_resolved", on_wall=True),
                Card("ps_pending", on_wall=True),
                Card("ps_pending_overdue", on_wall=True),
                Card("ps_carried_over"),
            ),
            charts=(
                Chart("received_resolved", "trend", ("ps_received", "ps_resolved"), on_wall=True),
                Chart(
                    "pending_by_field",
                    "bars",
                    ("ps_pending_in_time", "ps_pending_overdue"),
                    by="procedure_field",
                    on_wall=True,
                ),
                Chart("on_time", "trend", ("ps_on_time_rate",)),
                Chart("timeliness", "trend", ("ps_resolved_early", "ps_resolved_on_time", "ps_resolved_late")),
            ),
        ),
        Section(
            "time",
            cards=(
                Card("ps_due_1", path=False),
                Card("ps_due_3", path=False),
                Card("ps_overdue_median_age", path=False),
                Card("ps_overdue_over_10", path=False),
                Card("ps_overdue_no_apology", path=False),
                Card("ps_median_working_days", path=False),
            ),
            charts=(
                Chart(
                    "overdue_by_age",
                    "bars",
                    ("ps_overdue_to_5", "ps_overdue_6_to_10", "ps_overdue_over_10"),
                    by="procedure_field",
                ),
                Chart("overdue_by_handler", "bars", ("ps_pending_overdue",), by="handler", above="unit"),
            ),
        ),
        Section(
            "online",
            cards=(
                Card("ps_online_rate", on_wall=True),
                Card("ps_full_service_rate"),
                Card("ps_paid_online_rate"),
                Card("ps_parts_digital_rate"),
                Card("ps_result_digital_rate", path=False),
                Card("ps_digitised_rate", path=False),
                Card("ps_data_reused_rate"),
                Card("ps_citizen_data_rate", path=False),
                Card("ps_received_postal"),
                Card("ps_out_of_area", path=False),
            ),
            charts=(
                Chart("online", "trend", ("ps_online_rate", "ps_full_service_rate", "ps_paid_online_rate")),
                Chart(
                    "received_by_channel",
                    "trend",
                    ("ps_received_online", "ps_received_direct", "ps_received_postal"),
                ),
                Chart("digitised", "trend", ("ps_parts_digital_rate", "ps_data_reused_rate")),
                Chart("received_by_hamlet", "bars", ("ps_received",), by="hamlet", above="unit"),
            ),
        ),
        Section("mirror", charts=(Chart("points_766", "points", ("ps_on_time_rate",)),)),
        Section(
            "people",
            cards=(
                Card("ps_satisfied_rate", path=False),
                Card("ps_satisfaction", path=False),
                Card("ps_disliked", path=False),
                Card("ps_supplemented_rate", path=False),
                Card("ps_refused_rate"),
                Card("ps_withdrawn_rate"),
            ),
        ),
        Section(
            "petitions",
            cards=(
                Card("pt_received"),
                Card("pt_answered_on_time_rate"),
                Card("pt_open"),
                Card("pt_overdue"),
                Card("pt_repeated_rate"),
                Card("pt_dissatisfied_rate"),
            ),
            charts=(
                Chart("petitions", "trend", ("pt_received", "pt_answered"), period=PeriodType.MONTH),
                Chart("petitions_by_category", "bars", ("pt_open_in_time", "pt_overdue"), by="category"),
            ),
        ),
        Section(
            "reported",
            cards=(
                Card("ps_form_received"),
                Card("ps_form_resolved"),
                Card("ps_form_late_rate"),
                Card("ps_form_pending"),
                Card("ps_form_pending_overdue"),
                Card("ps_vneid_accounts"),
                Card("pt_app_reports"),
                Card("ps_reported_on_time_rate"),
                Card("ps_reported_overdue_rate"),
                Card("ps_reported_digitised_rate"),
                Card("ps_end_to_end_offered_rate"),
                Card("ps_procedures_configured_rate"),
                Card("ps_one_stop_system_rate"),
                Card("ps_one_stop_staff_rate"),
                Card("ps_one_stop_account_rate"),
                Card("ps_online_users_rate"),
            ),
        ),
    ),
    records="ps_pending",
)
