"""The fault matrix: each ingestion fault and each rule of failures.md, and the tests that try it.

A name is `module::test`, the module without its `test_` and below tests/connectors, or
with its path below tests. A test of this file makes sure that each of them is there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

PASSES = "faults_on_the_wire::test_a_fault_that_passes_costs_no_row_and_doubles_none"
STAYS = "faults_on_the_wire::test_a_fault_that_stays_changes_nothing_says_why_and_is_caught_up"
FIRST = "faults_on_the_wire::test_of_a_first_pull_that_fails_nothing_at_all_is_published"

MATRIX: dict[str, tuple[str, ...]] = {
    "F01": (  # source down
        "faults_of_the_house::test_a_source_that_is_switched_off_leaves_everything_and_is_caught_up_when_it_is_back",
        "http_client::test_nobody_at_the_door_is_unavailable",
        "http_client::test_a_connection_dropped_in_mid_answer_is_tried_again",
    ),
    "F02": (  # slow first byte
        "faults_of_the_house::test_a_source_that_is_slow_to_answer_is_given_up_and_others_start_at_once",
        "scheduler::test_systems_that_do_not_answer_keep_neither_folders_nor_other_systems_waiting",
        "http_client::test_a_source_that_never_answers_is_cut_at_the_read_limit",
        "http_client::test_the_run_ends_at_its_deadline_whatever_the_retries_allow",
    ),
    "F03": (  # drip
        "faults_of_the_house::test_a_source_that_drips_is_cut_at_the_total_deadline_and_nothing_is_published",
        "http_client::test_a_source_that_drips_byte_by_byte_is_cut_at_the_total_deadline",
        "http_client::test_a_request_has_twenty_seconds_and_a_run_five_minutes_unless_a_source_says_otherwise",
    ),
    "F04": (  # 5xx, some or for ever
        PASSES,
        STAYS,
        FIRST,
        "http_client::test_fifty_runs_over_two_faults_all_succeed",
        "pull::test_a_page_that_fails_half_way_publishes_nothing_of_the_pages_before_it",
    ),
    "F05": (  # Retry-After
        PASSES,
        STAYS,
        "faults_on_the_wire::test_no_request_goes_out_earlier_than_the_source_asked",
        "faults_on_the_wire::test_a_source_that_is_always_busy_is_asked_at_most_twenty_times",
        "http_client::test_retry_after_is_obeyed_as_seconds_and_as_a_date",
        "http_client::test_a_wait_beyond_the_run_is_left_to_the_next_run_without_another_request",
    ),
    "F06": (  # login page, error envelope
        STAYS,
        FIRST,
        "http_client::test_a_login_page_is_a_matter_of_credentials",
        "rest::test_an_error_in_a_good_answer_is_an_error_and_its_words_are_not_repeated",
    ),
    "F07": (  # truncated, bad chunk, no gzip
        PASSES,
        STAYS,
        FIRST,
        "http_client::test_an_answer_cut_short_is_tried_again_and_never_half_used",
        "http_client::test_json_that_is_not_strict_json_is_not_read",
    ),
    "F08": (PASSES, "rest::test_no_row_is_lost_over_random_shifts"),
    "F09": (PASSES, "rest::test_a_row_that_the_source_itself_holds_twice_is_no_shift"),
    "F10": (  # lying totals, endless pages
        PASSES,
        STAYS,
        "rest::test_a_link_that_loops_is_an_error_with_a_name",
        "rest::test_a_source_that_never_ends_is_stopped_at_the_page_cap",
        "rest::test_a_source_that_gives_the_same_page_for_ever_is_an_error_with_a_name",
        "rest::test_a_page_size_the_source_ignores_loses_nothing",
    ),
    "F11": (  # another host
        STAYS,
        "http_client::test_a_redirect_off_the_list_is_not_followed",
        "rest::test_a_next_link_to_another_host_is_not_followed",
        "http_client::test_a_redirect_to_a_named_host_is_followed_without_the_token",
    ),
    "F12": (  # token expires, credential revoked
        PASSES,
        STAYS,
        "faults_on_the_wire::test_an_account_that_is_refused_is_a_matter_for_a_person_and_is_not_hammered",
        "rest::test_a_token_that_expires_between_pages_is_renewed_once_and_reading_goes_on",
        "rest::test_a_broken_token_service_is_asked_three_times_a_run_at_most",
    ),
    "F13": (  # clocks
        "faults_of_the_house::test_rows_dated_beyond_tomorrow_are_set_aside_and_the_bookmark_is_never_in_the_future",
        "bookmark::test_a_source_whose_clock_is_ahead_moves_the_bookmark_only_to_ten_minutes_before_the_start",
        "bookmark::test_a_bookmark_from_the_future_is_brought_back_to_the_present",
    ),
    "F14": (  # naive, offset, epoch, /Date()/
        "field_map::test_any_instant_keeps_its_local_day_through_every_shape",
        "datasets/validate::test_the_local_day_counts_not_that_of_greenwich",
    ),
    "F15": (  # dd/mm, mixed, swapped
        "faults_of_files::test_dates_in_every_local_shape_are_read_in_the_countrys_order_and_doubtful_ones_wait",
        "faults_of_files::test_dates_a_foreign_spreadsheet_swapped_refuse_the_file",
        "field_map::test_a_date_that_two_declared_shapes_read_differently_is_a_problem",
    ),
    "F16": (  # serials, 1904
        "faults_of_files::test_serials_of_both_epochs_are_the_same_day",
        "files::test_a_workbook_that_counts_from_1904_is_not_four_years_off",
    ),
    "F17": (  # columns missing, renamed, doubled, shifted
        STAYS,
        "faults_of_files::test_a_column_missing_renamed_or_doubled_refuses_the_file_and_is_named",
        "faults_of_files::test_values_under_the_wrong_header_are_set_aside_and_refuse_the_file",
        "drift::test_a_missing_column_refuses_the_delivery_and_both_sides_of_the_header_are_shown",
    ),
    "F18": (  # a column more, with personal data
        PASSES,
        "faults_on_the_wire::test_a_strange_column_is_told_by_its_name_and_its_value_is_nowhere",
        "faults_of_files::test_an_added_column_of_personal_data_is_named_and_never_kept",
        "drift::test_an_export_that_only_grows_keeps_coming_in_and_the_new_columns_are_told",
        "keeping::test_what_nobody_reads_in_a_file_of_figures_lets_it_go",
        "keeping::test_a_register_with_secret_rows_is_taken_without_them_and_does_not_stay",
    ),
    "F19": (  # encodings
        "faults_of_files::test_a_file_in_any_encoding_gives_the_same_rows_without_a_broken_letter",
        "files::test_an_encoding_that_gives_no_known_word_is_refused",
        "files::test_letters_lost_as_question_marks_are_never_stored",
        "files::test_old_fonts_are_never_stored",
    ),
    "F20": (  # composed, decomposed, invisible letters; capitals
        "faults_of_files::test_composed_decomposed_and_invisible_letters_are_one_unit_and_one_category",
        "faults_of_files::test_categories_and_units_that_differ_in_capitals_only_are_one_and_the_repair_is_told",
        "field_map_wide::test_rows_counted_under_two_spellings_of_a_member_are_added_together",
        "datasets/store_spelling::test_texts_that_differ_in_capitals_only_are_one_member_shown_as_the_first_was_written",
        "datasets/store_spelling::test_of_two_deliveries_at_once_the_second_takes_the_firsts_spelling_also_for_what_it_staged",
    ),
    "F21": (  # merged headers, totals, units written once for several rows
        "faults_of_files::test_titles_totals_signatures_and_hidden_sheets_are_no_data_and_hidden_rows_are",
        "files::test_typed_cells_merged_units_and_hidden_sheets",
        "one_stop_report::test_every_column_of_the_form_is_a_figure_of_the_commune_and_of_each_field",
    ),
    "F22": ("faults_of_files::test_a_formula_never_calculated_refuses_the_file_and_an_error_cell_sets_its_row_aside",),
    "F23": ("faults_of_files::test_titles_totals_signatures_and_hidden_sheets_are_no_data_and_hidden_rows_are",),
    "F24": (  # bombs and false files
        "faults_of_files::test_a_harmful_file_is_refused_with_a_report_and_changes_nothing",
        "confined::test_a_workbook_that_would_take_too_much_memory_is_refused_and_the_next_file_is_read",
        "confined::test_a_workbook_that_takes_too_long_is_ended_and_refused",
        "confined::test_what_reads_a_workbook_gets_no_socket_and_no_file_from_the_kernel",
        "files::test_too_many_entries_and_too_many_bytes_are_refused",
        "files::test_a_damaged_workbook_is_refused",
        "bundle::test_a_harmful_or_false_zip_is_refused_as_a_whole_before_it_is_unpacked",
        "bundle::test_a_bad_file_in_a_zip_is_named_and_takes_no_good_one_down",
    ),
    "F25": (  # still being copied
        "faults_of_files::test_a_file_still_being_copied_lock_files_and_empty_ones_are_left_alone",
        "files::test_a_file_that_still_grows_waits_and_one_that_grows_while_read_is_not_committed",
        "files::test_a_header_without_rows_is_refused",
        "pull_folder::test_one_wait_serves_the_whole_folder",
    ),
    "F26": (  # kill -9
        "faults_of_the_house::test_killed_at_any_point_a_pull_is_published_whole_or_not_at_all",
        "bundle::test_a_process_that_died_in_mid_zip_is_caught_up_without_counting_twice",
        "crash::test_killed_at_random_moments_no_dossier_is_lost_or_doubled_and_the_bookmark_is_right",
        "files::test_a_crash_between_commit_and_move_reads_the_file_once_more_and_loses_nothing",
        "datasets/store_faults::test_a_process_killed_in_the_middle_of_a_delivery_leaves_no_half_of_it",
    ),
    "F28": (  # disk full
        "faults_of_the_house::test_a_full_disk_keeps_the_figures_readable_and_the_next_pull_after_it_brings_everything",
        "housekeeping::test_loading_pauses_before_the_disk_is_full_and_goes_on_by_itself",
    ),
    "F29": (  # locked or busy
        "faults_of_the_house::test_four_sources_and_a_reader_at_once_meet_no_locked_store",
        "datasets/store_faults::test_while_another_process_writes_readers_read_and_staging_goes_on",
        "datasets/store_faults::test_what_a_delivery_writes_is_worked_out_before_it_takes_the_write_lock",
        "datasets/store_faults::test_a_form_accepted_while_another_process_publishes_waits_for_its_turn_and_succeeds",
        "datasets/store_faults::test_a_short_write_outwaits_the_busy_time_out_while_a_delivery_is_written",
        "datasets/store_faults::test_folding_the_log_waits_for_no_reader_and_the_next_time_does_the_rest",
        "datasets/store_faults::test_a_write_lock_that_never_goes_is_said_in_a_sentence",
    ),
    "F32": (  # two schedulers
        "scheduler::test_a_second_scheduler_on_the_same_store_refuses_to_start",
        "pull::test_two_pulls_of_one_source_do_not_meet",
        "housekeeping::test_a_scheduler_that_died_is_seen_by_the_process_that_looks",
    ),
    "F34": (  # days off
        "faults_of_the_house::test_after_three_days_off_one_pull_catches_up_by_the_bookmark",
        "scheduler::test_a_run_missed_while_the_machine_was_off_is_made_up_once_and_others_wait",
        "housekeeping::test_a_reconciling_pull_missed_while_the_machine_was_off_is_made_up_once",
    ),
    "F35": (  # zones, leap seconds, year's end
        "faults_of_the_house::test_years_end_weeks_and_leap_seconds_are_the_same_in_any_zone_of_the_server",
    ),
    "F36": (  # late corrections
        "reconcile::test_a_record_dated_back_beyond_the_lookback_is_missed_until_the_sources_are_reconciled",
        "incremental::test_within_the_lookback_incremental_pulls_end_where_a_full_reload_does",
        "incremental::test_beyond_the_lookback_a_reconciling_pull_finds_what_was_missed_and_says_how_much",
        "withdrawn::test_a_database_is_compared_with_what_is_held",
        "withdrawn::test_weeks_before_the_lookback_are_compared_by_the_reconciling_pull",
        "dashboard/briefing_job::test_a_late_entry_changes_no_kept_figure_and_the_next_briefing_tells_both_numbers",
    ),
    "F37": (  # an old file again
        "faults_of_files::test_an_old_file_dropped_again_is_passed_over_and_an_older_state_never_returns",
        "datasets/store_delivery::test_an_older_update_never_overwrites_a_newer_one",
    ),
    "F38": (  # withdrawn, vanished, back again
        "reconcile::test_a_record_the_source_drops_is_marked_and_stays_counted",
        "reconcile::test_a_vanished_record_that_comes_back_loses_its_mark_and_its_history_is_kept",
        "reconcile::test_withdrawn_and_taken_up_again_is_counted_right_at_each_step",
        "withdrawn::test_a_value_deleted_at_dhis2_is_withdrawn_and_no_figure_any_more",
        "withdrawn::test_a_value_entered_anew_after_its_deletion_is_a_figure_again",
        "withdrawn::test_what_analytics_no_longer_gives_of_the_weeks_it_was_asked_for_is_withdrawn",
    ),
    "F39": (  # mass shrink
        "withdrawn::test_a_server_that_forgets_more_than_half_is_held_for_a_person",
        "withdrawn::test_a_mass_of_deletions_is_held_for_a_person",
        "reconcile::test_more_than_half_gone_is_held_for_a_person_who_confirms_with_a_reason",
        "reconcile::test_a_source_that_gives_everything_each_time_is_held_when_less_than_half_is_left",
        "reconcile::test_nothing_where_something_usually_comes_moves_no_bookmark_until_a_person_confirms",
        "reconcile::test_the_commands_reconcile_confirm_and_tell_what_vanished",
    ),
    "F40": ("faults_of_the_house::test_a_key_used_again_for_another_dossier_overwrites_nothing",),
    "F41": ("faults_of_the_house::test_a_huge_backfill_is_one_delivery_that_readers_do_not_wait_for",),
    "F42": (  # a running month or week
        "dashboard/queries::test_a_running_week_is_compared_over_as_many_working_days",
        "dashboard/figures::test_the_running_period_is_dotted_and_hollow",
        "dashboard/desk_everyone::test_a_period_that_still_runs_always_says_until_when",
    ),
    "F43": (  # one source always raises
        "scheduler::test_one_source_that_always_fails_does_not_disturb_the_others",
        "scheduler::test_a_source_that_only_a_person_can_mend_rests_for_an_hour",
    ),
}
RULES: dict[str, tuple[str, ...]] = {
    "R1": (  # whole or nothing
        "datasets/store_delivery::test_a_delivery_that_is_left_without_commit_changes_nothing",
        "conformance::test_killed_at_any_batch_the_next_pull_comes_to_the_same",
    ),
    "R2": ("datasets/store_delivery::test_a_record_unaccounted_for_refuses_the_delivery",),  # and Ground.balances
    "R3": (  # last good stays, a badge, then a notice
        "dashboard/sources_browser::test_a_source_that_fails_is_a_badge_at_first_and_a_notice_after_three_runs",
        "dashboard/sources_browser::test_the_wall_says_since_when_and_why_a_source_is_silent",
    ),
    "R4": (  # raw stays until it is settled: a file in its folder, a record set aside without its people
        "files::test_a_fault_of_the_house_leaves_the_file_where_it_is",
        "kept_record::test_only_what_the_map_reads_is_kept",
    ),
    "R5": (
        "conformance::test_what_is_stored_is_typed_keyed_complete_and_about_nobody_and_comes_once",
        "datasets/store_delivery::test_the_same_delivery_again_writes_nothing_not_even_a_time_stamp",
    ),
    "R6": (
        "reconcile::test_a_record_the_source_drops_is_marked_and_stays_counted",
        "reconcile::test_more_than_half_gone_is_held_for_a_person_who_confirms_with_a_reason",
    ),
    "R7": (
        "faults_of_files::test_a_file_in_any_encoding_gives_the_same_rows_without_a_broken_letter",
        "faults_of_files::test_values_under_the_wrong_header_are_set_aside_and_refuse_the_file",
    ),
    "R8": (
        "http_client::test_the_run_ends_at_its_deadline_whatever_the_retries_allow",
        "http_client::test_an_answer_beyond_the_size_limit_is_not_read_to_its_end",
        "http_client::test_json_nested_without_end_is_not_read",
        "rest::test_a_source_that_never_ends_is_stopped_at_the_page_cap",
    ),
    "R9": (
        "dashboard/briefing_job::test_a_late_entry_changes_no_kept_figure_and_the_next_briefing_tells_both_numbers",
    ),
    "R10": (
        "http_client::test_no_secret_is_in_an_error_or_a_log",
        "conformance::test_what_is_stored_is_typed_keyed_complete_and_about_nobody_and_comes_once",
    ),
}
"""The rules that hold under every fault."""
ELSEWHERE = {"F27", "F30", "F31", "F33"}
"""Of the first 43 those that are no ingestion faults."""


def names() -> Iterator[tuple[str, str]]:
    for fault, tried in (MATRIX | RULES).items():
        for name in tried:
            yield fault, name


def test_every_ingestion_fault_and_every_rule_is_in_the_matrix() -> None:
    assert {f"F{number:02}" for number in range(1, 44)} - ELSEWHERE == MATRIX.keys()
    assert {f"R{number}" for number in range(1, 11)} == RULES.keys()
    assert all((MATRIX | RULES).values())


@pytest.mark.parametrize(("fault", "name"), tuple(names()), ids=lambda value: value[:60])
def test_what_the_matrix_names_is_a_test_that_asserts_something(fault: str, name: str) -> None:
    module, _, function = name.partition("::")
    folder, _, stem = module.rpartition("/")
    tree = ast.parse((TESTS / (folder or "connectors") / f"test_{stem}.py").read_text("utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    assert re.match(r"test_\w+_\w+", found.name)
    checks = (ast.Assert, ast.With)  # a with: pytest.raises
    assert any(isinstance(node, checks) or "assert" in ast.unparse(node) for node in ast.walk(found))
    assert not any("skip" in ast.unparse(mark) for mark in found.decorator_list)
