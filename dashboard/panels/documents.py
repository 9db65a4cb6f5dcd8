"""Documents in and out: counted from the registers, then the means of working without paper, then the pilots."""

from dashboard.panel import Card, Chart, Panel, Section
from datasets.periods import PeriodType

PANEL = Panel(
    id="documents",
    path="/van-ban",
    sections=(
        Section(
            "documents_work",
            cards=(
                Card("doc_overdue_open", on_wall=True),
                Card("doc_done_on_time_rate", on_wall=True),
                Card("doc_backlog", on_wall=True),
                Card("doc_backlog_median_age", path=False),
                Card("doc_due_1", path=False),
                Card("doc_due_3", path=False),
                Card("doc_never_opened", path=False),
                Card("doc_median_days", path=False),
            ),
            charts=(
                Chart("backlog_by_handler", "bars", ("doc_backlog",), by="handler", above="unit"),
                Chart("backlog_by_urgency", "bars", ("doc_backlog",), by="urgency", on_wall=True),
                Chart("backlog_by_issuer", "bars", ("doc_backlog",), by="issuer"),
                Chart("backlog_by_department", "bars", ("doc_backlog",), by="department"),
            ),
        ),
        Section(
            "documents_flow",
            cards=(
                Card("doc_incoming", on_wall=True),
                Card("doc_outgoing", on_wall=True),
                Card("doc_done"),
                Card("doc_done_late"),
                Card("doc_carried_over"),
            ),
            charts=(
                Chart("documents_in_done", "trend", ("doc_incoming", "doc_done"), on_wall=True),
                Chart("documents_on_time", "trend", ("doc_done_on_time_rate",)),
            ),
        ),
        Section(
            "signing",
            cards=(
                Card("doc_signed_rate", on_wall=True),
                Card("doc_signed_organisation_rate"),
                Card("doc_signed_person_rate", path=False),
                Card("doc_via_interlink_rate"),
                Card("doc_certificates_rate"),
                Card("doc_certificates_expiring"),
            ),
            charts=(Chart("documents_signed", "trend", ("doc_signed_rate", "doc_via_interlink_rate")),),
        ),
        Section(
            "paperless",
            cards=(
                Card("doc_work_files_rate"),
                Card("doc_accounts_active_rate"),
                Card("doc_email_accounts_active"),
            ),
            charts=(Chart("work_files", "trend", ("doc_work_files_rate",), period=PeriodType.MONTH),),
        ),
        Section(
            "pilots",
            cards=(
                Card("doc_reported_backlog"),
                Card("doc_accounts"),
                Card("doc_officials_on_system_rate"),
                Card("doc_handled_by_rule_rate"),
                Card("doc_signatures_people"),
                Card("doc_signatures_organisations"),
                Card("doc_signature_rate"),
                Card("doc_one_stop_certificate_rate"),
                Card("doc_work_files_online_rate"),
                Card("doc_steering_documents"),
            ),
            charts=(
                Chart(
                    "documents_before_after",
                    "before_after",
                    (
                        "doc_reported_backlog",
                        "doc_accounts",
                        "doc_signatures_people",
                        "doc_signatures_organisations",
                    ),
                ),
            ),
        ),
    ),
    records="doc_overdue_open",
)
