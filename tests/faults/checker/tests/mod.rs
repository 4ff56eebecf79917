//! The checker proves itself: a valid history passes, and whatever a known bug would leave behind does not.

mod planted;
mod simulated;
mod told;

use proptest::prelude::*;

use super::{Expectations, check};
use simulated::{Simulated, Step};

const ANY: Expectations = Expectations { accepted: 0, fault: false };

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0_usize..4, 0_usize..3, 0_u8..10, 0_u8..6);
    let step = step.prop_map(|(conversation, member, act, outcome)| Step { conversation, member, act, outcome });
    prop::collection::vec(step, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_a_correct_desk_leaves_behind_is_valid(steps in steps()) {
        let lines = Simulated::run(&steps);
        let verdict = check(&lines, ANY);
        prop_assert!(verdict.is_valid(), "{verdict}");
    }

    #[test]
    fn a_record_survives_the_way_through_its_file(steps in steps()) {
        for line in Simulated::run(&steps) {
            let text = serde_json::to_string(&line).expect("it encodes");
            prop_assert_eq!(serde_json::from_str::<crate::history::Line>(&text).expect("it decodes"), line);
        }
    }
}
