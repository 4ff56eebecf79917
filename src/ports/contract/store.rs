//! What every [`ConversationStore`] promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changes;
mod listing;
mod persisting;
mod reading;
mod receipts;
mod script;
mod workers;

pub use changes::*;
pub use listing::*;
pub use persisting::*;
pub use reading::*;
pub use receipts::*;
pub use script::Script;
pub use workers::*;

#[cfg(doc)]
use crate::store::ConversationStore;

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! store_contract {
    ($fresh:path) => {
        $crate::store_contract! { @each $fresh:
            a_conversation_that_nobody_wrote_is_not_there
            an_empty_batch_is_harmless
            a_batch_is_written_in_order_and_loads_as_its_fold
            a_batch_of_many_conversations_is_written_at_once
            a_batch_of_thousands_is_written_at_once
            a_batch_may_come_in_any_order
            a_repeated_batch_changes_nothing
            entries_behind_a_hole_wait_until_they_come_with_what_is_missing
            other_content_under_a_written_number_is_told_and_changes_nothing
            of_two_contents_under_one_new_number_the_first_logged_is_written
            the_same_entry_with_another_trace_is_the_same_entry
            a_request_under_two_numbers_is_told_and_what_follows_waits
            the_same_client_id_of_two_senders_is_two_requests
            participants_of_every_kind_write_and_are_found_again
            workers_with_overlapping_batches_write_each_entry_once
            workers_that_begin_the_same_conversations_do_not_fail
            the_same_conversation_id_in_two_tenants_is_two_conversations
            entries_of_every_kind_come_back_as_they_were
            whatever_stands_in_a_text_is_only_text
            entries_after_a_number_ascend_up_to_the_limit
            entries_before_a_number_are_the_last_ones_and_ascend
            contacts_are_given_public_entries_only_and_as_many_as_they_asked_for
            a_request_is_found_by_its_sender_in_its_conversation_only
            the_conversation_that_a_contact_opened_last_is_found
            a_list_row_shows_how_the_conversation_stands
            the_conversation_with_the_newest_entry_comes_first
            filters_choose_alone_and_together
            a_reader_is_listed_what_is_within_reach_in_full_pages
            pages_neither_lose_nor_repeat
            conversations_that_stay_in_place_are_on_exactly_one_page
            a_foreign_cursor_is_refused
            a_list_shows_one_tenant_only
            a_change_is_told_once_and_again_only_when_there_is_another
            conversations_changed_together_come_on_exactly_one_page
            a_batch_that_writes_nothing_is_no_change
            changes_belong_to_one_tenant
            too_many_changes_and_a_place_of_the_future_begin_anew
            a_reader_beside_many_workers_misses_no_change
            receipts_only_grow
            reading_implies_delivery
            receipts_may_come_before_the_entries
            receipts_belong_to_one_conversation_of_one_tenant
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::store::$promise(&*made).await;
            }
        )*
    };
}
