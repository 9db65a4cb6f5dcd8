"""Documents in and out: counted from the registers, then what the pilots have reported of theirs."""

from dashboard.panel import Card, Chart, Panel, Section

PANEL = Panel(
    id="documents",
    path="/van-ban",
    sections=(
        Section(
            "main",
            cards=(
                Card("doc_overdue_open", on_wall=True),
                Card("doc_done_on_time_rate", on_wall=True),
                Card("doc_backlog", on_wall=True),
                Card("doc_incoming", on_wall=True),
                Card("doc_outgoing", on_wall=True),
                Card("doc_signed_rate", on_wall=True),
                Card("doc_due_3"),
                Card("doc_never_opened"),
                Card("doc_median_days"),
                Card("doc_via_interlink_rate"),
                Card("doc_reported_backlog"),
                Card("doc_accounts"),
                Card("doc_officials_on_system_rate"),
                Card("doc_handled_by_rule_rate"),
                Card("doc_signatures_people"),
                Card("doc_signatures_organisations"),
                Card("doc_signature_rate"),
                Card("doc_work_files_online_rate"),
                Card("doc_steering_documents"),
            ),
            charts=(
                Chart("documents_in_done", "trend", ("doc_incoming", "doc_done"), on_wall=True),
                Chart("backlog_by_handler", "bars", ("doc_backlog",), by="handler", on_wall=True),
                Chart("backlog_by_urgency", "bars", ("doc_backlog",), by="urgency"),
                Chart("backlog_by_issuer", "bars", ("doc_backlog",), by="issuer"),
                Chart("documents_on_time", "trend", ("doc_done_on_time_rate",)),
                Chart(
                    "documents_before_after",
                    "before_after",
                    ("doc_reported_backlog", "doc_accounts", "doc_signatures_people", "doc_signatures_organisations"),
                ),
            ),
        ),
    ),
    records="doc_overdue_open",
)
