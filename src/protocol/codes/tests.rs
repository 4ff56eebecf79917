use std::{collections::BTreeSet, fs, path::Path};

use frontdesk_domain::Rejection;

use super::*;

#[test]
fn codes_are_words_and_no_two_are_alike() {
    let words: BTreeSet<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words.len(), ProblemCode::ALL.len());
    let all = words.into_iter().chain(ErrorCode::ALL.iter().map(|code| code.as_str()));
    assert!(all.into_iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
}

#[test]
fn the_socket_writes_the_words_of_the_table() {
    for code in RejectCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.problem().as_str());
    }
    for code in ErrorCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}

#[test]
fn a_refusal_by_the_rules_has_the_word_that_stands_in_the_log() {
    let rejections = [
        Rejection::NotFound,
        Rejection::Forbidden,
        Rejection::NotClaimed,
        Rejection::IdReuse,
        Rejection::Resolved,
        Rejection::SnoozeOutOfRange,
        Rejection::UnsupportedPart { kind: "file".to_owned() },
        Rejection::MessageTooLong { max_bytes: 100 },
        Rejection::InboxDisabled,
        Rejection::TooManyTags { max: 32 },
    ];
    for rejection in rejections {
        let logged = serde_json::to_value(&rejection).unwrap();
        assert_eq!(logged["code"], RejectCode::of(&rejection).problem().as_str());
        assert!((400..500).contains(&RejectCode::of(&rejection).problem().status()));
    }
}

#[test]
fn the_reference_of_error_codes_is_current() {
    let written = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("error-codes.md")).unwrap();
    assert_eq!(written.trim(), reference().trim(), "replace src/protocol/error-codes.md by:\n{}", reference());
}
