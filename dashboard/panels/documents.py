"""Documents in and out: until a document system is connected, what the pilots have reported of theirs."""

from dashboard.panel import Card, Chart, Panel

PANEL = Panel(
    id="documents",
    path="/van-ban",
    cards=(
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
        Chart(
            "documents_before_after",
            "before_after",
            ("doc_reported_backlog", "doc_accounts", "doc_signatures_people", "doc_signatures_organisations"),
        ),
    ),
    default_period="month",
)
