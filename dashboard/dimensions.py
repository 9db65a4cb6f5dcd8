"""The dimensions that pages, lists and the API may be narrowed by, and their words in an address."""

from __future__ import annotations

DIMENSIONS = {
    "thon": "hamlet",
    "linh-vuc": "procedure_field",
    "kenh": "channel",
    "can-bo": "handler",
    "thu-tuc": "procedure_code",
    "muc-do": "service_level",
    "noi-tiep-nhan": "receiving_unit",
    "noi-ho-tro": "supporting_unit",
    "trang-thai": "status",
    "thoi-han": "timeliness",
    "chieu": "direction",
    "do-khan": "urgency",
    "co-quan": "issuer",
    "phong-ban": "department",
    "loai-van-ban": "document_type",
    "phan-loai": "category",
    "ngay-hen": "due_on",
}
"""Address word -> canonical field. assets/js/desk.js holds the same words; a test compares them."""
DAYS = ("due_on",)
"""Those whose members are days, YYYY-MM-DD."""
WORD_OF = {dimension: word for word, dimension in DIMENSIONS.items()}
UNKNOWN = "khong-ghi"
"""The member of records that do not say theirs; in filters it is ""."""
