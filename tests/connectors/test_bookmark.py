from datetime import UTC, datetime, timedelta

from connectors.bookmark import asked_since, format_bookmark, next_bookmark, parse_bookmark

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_pull_asks_for_everything():
    assert asked_since(None, 7 * HOUR, START) is None


def test_the_next_pull_asks_from_the_bookmark_less_the_lookback():
    assert asked_since(START - HOUR, 2 * HOUR, START) == START - 3 * HOUR


def test_the_bookmark_is_the_latest_change_that_was_accepted():
    assert next_bookmark(None, START - 5 * HOUR, START) == START - 5 * HOUR


def test_a_source_whose_clock_is_ahead_moves_the_bookmark_only_to_ten_minutes_before_the_start():
    assert next_bookmark(None, START + 3 * HOUR, START) == START - timedelta(minutes=10)


def test_the_bookmark_never_moves_backwards():
    assert next_bookmark(START - HOUR, START - 5 * HOUR, START) == START - HOUR


def test_an_empty_pull_leaves_the_bookmark_where_it_is():
    assert next_bookmark(START - HOUR, None, START) == START - HOUR
    assert next_bookmark(None, None, START) is None


def test_a_bookmark_from_the_future_is_brought_back_to_the_present():
    assert next_bookmark(START + 9 * HOUR, START + 9 * HOUR, START) == START
    assert asked_since(START + 9 * HOUR, HOUR, START) == START - HOUR


def test_a_bookmark_survives_being_stored():
    assert parse_bookmark(format_bookmark(START)) == START
