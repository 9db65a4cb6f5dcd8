"""Public services: the dossiers of the one-stop desk."""

from dashboard.panel import Card, Chart, Panel, Section

PANEL = Panel(
    id="public_services",
    path="/dich-vu-cong",
    sections=(
        Section(
            "main",
            cards=(
                Card("ps_on_time_rate", on_wall=True),
                Card("ps_received", on_wall=True),
                Card("ps_resolved", on_wall=True),
                Card("ps_pending", on_wall=True),
                Card("ps_pending_overdue", on_wall=True),
                Card("ps_online_rate", on_wall=True),
                Card("ps_paid_online_rate"),
                Card("ps_parts_digital_rate"),
                Card("ps_median_working_days"),
                Card("ps_carried_over"),
                Card("pt_received"),
                Card("pt_answered_on_time_rate"),
                Card("pt_open"),
                Card("pt_overdue"),
                Card("pt_repeated_rate"),
                Card("pt_dissatisfied_rate"),
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
                Chart("petitions", "trend", ("pt_received", "pt_answered")),
                Chart("petitions_by_category", "bars", ("pt_open", "pt_overdue"), by="category"),
                Chart("received_by_hamlet", "bars", ("ps_received",), by="hamlet"),
            ),
        ),
    ),
    records="ps_pending",
)
