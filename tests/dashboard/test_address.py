"""The address is the whole state, and says nothing it need not."""

from dashboard.desk.address import Address
from dashboard.desk.visit import visit


def test_an_address_written_and_read_again_is_the_same():
    whole = Address(
        path="/dich-vu-cong",
        unit="98001",
        period="2026W47",
        compare="last_year",
        filters={"hamlet": "Thôn Đông", "procedure_field": "Đất đai & môi trường"},
        rules="766",
        indicator="ps_pending",
        part="denominator",
        language="en",
    )
    assert Address.parse(whole.path, whole.search()) == whole


def test_the_words_of_the_address_are_those_of_the_contract():
    said = Address(
        unit="98001",
        period="202611",
        compare="target",
        filters={"hamlet": "T", "procedure_field": "L"},
        rules="07a",
        language="en",
    ).search()
    assert said == "?don-vi=98001&ky=202611&so-sanh=muc-tieu&thon=T&linh-vuc=L&quy-tac=07a&ngon-ngu=en"


def test_defaults_are_left_out():
    assert Address(path="/van-ban").search() == ""


def test_what_the_address_does_not_know_is_passed_over():
    read = Address.parse("/dich-vu-cong/", "?quy-tac=99&ngon-ngu=fr&so-sanh=gi-do&la=1&ky=")
    assert (read.path, read.rules, read.language, read.compare, read.period) == (
        "/dich-vu-cong",
        "06a",
        "vi",
        "previous",
        None,
    )


def test_a_unit_or_period_that_does_not_exist_falls_back_to_the_centre_and_now(queries):
    here = visit(queries, "/dich-vu-cong", "?don-vi=00000&ky=2026W99")
    assert (here.unit.code, here.period.id) == ("98001", "2026W47")


def test_a_period_still_to_come_becomes_the_running_one(queries):
    assert visit(queries, "/", "?ky=202704").period.id == "202611"


def test_another_page_keeps_unit_period_rules_and_language_but_no_filters(queries):
    here = visit(queries, "/dich-vu-cong", "?don-vi=98002&ky=202611&quy-tac=766&ngon-ngu=en&thon=T&chi-so=ps_pending")
    assert here.to("/van-ban") == "/van-ban?don-vi=98002&ky=202611&quy-tac=766&ngon-ngu=en"
