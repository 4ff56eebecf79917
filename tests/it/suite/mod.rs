//! What has to hold in every form of the desk. Each function is one test; [`suite!`] runs them all against one system.

pub(crate) mod access;
pub(crate) mod bridges;
pub(crate) mod claim;
pub(crate) mod commands;
pub(crate) mod feed;
pub(crate) mod identity;
pub(crate) mod leaving;
pub(crate) mod ledger;
pub(crate) mod order;
pub(crate) mod rest;
pub(crate) mod resume;
pub(crate) mod scopes;
pub(crate) mod secrets;
pub(crate) mod settings;
pub(crate) mod slow_reader;
pub(crate) mod snooze;
pub(crate) mod talk;
pub(crate) mod texts;
pub(crate) mod wrong_bytes;
pub(crate) mod wrong_inputs;

/// Makes a test of each function, against the system that `shared()` gives.
macro_rules! suite {
    () => {
        crate::suite::suite! {
            access: a_socket_that_does_not_say_who_is_there_is_closed, a_bad_token_is_told_so,
                a_token_is_good_at_its_own_door_only, pages_of_other_origins_are_kept_out,
                contacts_reach_nothing_of_one_another, tenants_reach_nothing_of_one_another,
                a_socket_ends_soon_after_its_log_in,
                a_change_of_role_reaches_open_consoles_on_every_node_within_seconds;
            bridges: what_a_bridge_brings_is_filed_once_and_in_order, a_bridge_reaches_no_inbox_but_its_own;
            claim: of_fifty_agents_one_wins_and_the_others_learn_who;
            commands: each_command_is_told_to_both_sides_and_shows_in_the_state,
                only_leaders_assign_others, a_message_reopens_a_resolved_conversation;
            feed: a_console_that_was_away_catches_up_from_one_cursor, a_feed_says_nothing_of_other_tenants,
                a_feed_of_another_history_begins_anew, contacts_have_no_feed;
            identity: a_repeated_request_gets_the_same_answer, an_id_used_for_something_else_is_refused,
                ids_are_known_after_many_later_entries, a_repeated_opening_finds_the_same_conversation;
            leaving: a_changed_agent_is_told_to_the_consoles_of_its_colleagues,
                an_agent_who_is_away_stays_so_in_consoles_on_every_node,
                a_new_password_ends_log_ins_and_sockets_on_every_node,
                the_work_of_a_deactivated_agent_goes_back_into_the_queue_in_every_console;
            ledger: log_and_database_agree_beside_a_running_desk, leaders_see_the_ledger_and_have_it_checked;
            order: two_who_write_at_once_through_two_gateways_see_one_order;
            rest: lists_come_in_pages, history_comes_in_pages, a_log_in_is_refreshed_once_per_cookie,
                the_interfaces_describe_themselves, operators_see_metrics_and_health,
                requests_and_frames_do_the_same;
            resume: exactly_what_was_missing_comes_back, a_foreign_epoch_begins_anew,
                a_cursor_beyond_the_end_begins_anew, what_does_not_fit_comes_by_range,
                ranges_lead_both_ways;
            scopes: a_change_of_team_reaches_open_consoles_on_every_node_by_its_notice;
            secrets: a_note_never_reaches_the_contact;
            settings: a_setting_takes_effect_on_every_node_by_its_notice,
                the_longest_message_holds_on_every_road_and_never_for_what_was_accepted;
            slow_reader: a_reader_that_stops_is_evicted_and_harms_nobody;
            snooze: a_snooze_ends_at_its_moment_in_every_console, what_ends_or_changes_a_snooze_is_not_undone_by_its_timer;
            talk: both_sides_talk_and_each_state_is_told_in_order, typing_is_told_and_never_logged,
                new_conversations_reach_agents_that_do_not_watch, all_devices_of_both_sides_hear_everything;
            texts: naughty_strings_are_filed_alike_by_every_way_in, half_an_emoji_keeps_no_message_from_being_filed,
                composed_letters_and_others_name_the_same;
            wrong_bytes: broken_websocket_frames_close_with_the_right_code, fragments_are_put_together,
                too_large_a_frame_closes_the_socket;
            wrong_inputs: no_frame_harms_the_connection, no_request_harms_the_server, known_mistakes_get_their_own_code;
        }
    };
    ($($module:ident: $($test:ident),+;)+) => {
        $(mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                crate::suite::$module::$test(crate::shared()).await;
            })+
        })+
    };
}
pub(crate) use suite;
