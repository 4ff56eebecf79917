//! Frames from the wire: what is read, what is refused, and with which words.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use frontdesk_domain::{ClientId, ConversationId, MessageText};

fn say(text: &str) -> ClientFrame {
    let client_id = ClientId(Uuid::from_u128(1));
    ClientFrame::Say {
        client_id,
        conversation: ConversationId(Uuid::from_u128(2)),
        text: MessageText::new(text).unwrap(),
        parts: vec![],
        repeat: false,
    }
}

#[test]
fn both_codecs_carry_the_same_frames() {
    for codec in Codec::ALL {
        for frame in [say("hi 你好"), ClientFrame::Ping {}, ClientFrame::Hello { token: "t".into() }] {
            assert_eq!(codec.decode(&codec.encode_client(&frame)).unwrap(), frame);
        }
        let frame = ServerFrame::Persisted { conversation: ConversationId(Uuid::from_u128(2)), up_to_seq: 3 };
        assert_eq!(codec.decode_server(&codec.encode(&frame)), Some(frame));
    }
}

#[test]
fn a_text_with_control_characters_or_half_an_emoji_is_taken_without_them() {
    let frame = |text: &str| {
        let ids = r#""client_id":"00000000-0000-0000-0000-000000000001","conversation":"00000000-0000-0000-0000-000000000002""#;
        format!(r#"{{"type":"say",{ids},"text":"{text}"}}"#)
    };
    for (written, expected) in
        [("hi \\ud83d", "hi \u{fffd}"), ("a\\u0000b\\u0085", "ab"), ("\\ud83d\\ude42", "🙂"), ("\\\\ud83d", "\\ud83d")]
    {
        assert_eq!(Codec::Json.decode(frame(written).as_bytes()), Ok(say(expected)), "{written}");
    }
    let mut packed = Codec::MessagePack.encode_client(&say("hi \u{fffd}")).to_vec();
    let at = packed.windows(3).position(|three| three == "\u{fffd}".as_bytes()).unwrap();
    packed[at..at + 3].copy_from_slice(&[0xed, 0xa0, 0xbd]);
    assert_eq!(Codec::MessagePack.decode(&packed), Ok(say("hi \u{fffd}")));
    for blank in ["\\u200b", "\\u0000 \\ufeff", "\\u2060\\u3164"] {
        let refused = Codec::Json.decode(frame(blank).as_bytes()).unwrap_err();
        assert!(refused.client_id.is_some() && refused.detail.contains("the text is empty"), "{refused}");
    }
}

#[test]
fn an_array_in_the_place_of_an_object_is_refused() {
    let ids =
        r#""client_id":"00000000-0000-0000-0000-000000000001","conversation":"00000000-0000-0000-0000-000000000002""#;
    for (array, object) in [
        (r#"["ping"]"#.to_owned(), r#"{"type":"ping"}"#.to_owned()),
        (
            format!(r#"{{"type":"set_field",{ids},"change":["priority","high"]}}"#),
            format!(r#"{{"type":"set_field",{ids},"change":{{"field":"priority","value":"high"}}}}"#),
        ),
        (
            format!(r#"{{"type":"say",{ids},"text":"a","parts":[["quote",3]]}}"#),
            format!(r#"{{"type":"say",{ids},"text":"a","parts":[{{"kind":"quote","seq":3}}]}}"#),
        ),
    ] {
        for codec in Codec::ALL {
            let bytes = |json: &str| match codec {
                Codec::Json => json.as_bytes().to_vec(),
                Codec::MessagePack => crate::log::to_msgpack(&serde_json::from_str::<serde_json::Value>(json).unwrap()),
            };
            assert!(codec.decode(&bytes(&object)).is_ok(), "{object}");
            assert!(codec.decode(&bytes(&array)).is_err(), "{array}");
        }
    }
}

#[test]
fn the_json_of_a_frame_is_pinned() {
    let json = r#"{"type":"say","client_id":"00000000-0000-0000-0000-000000000001","conversation":"00000000-0000-0000-0000-000000000002","text":"hi"}"#;
    assert_eq!(Codec::Json.encode_client(&say("hi")), json);
}

#[test]
fn the_json_of_the_feed_is_pinned() {
    for (json, cursor) in [(r#"{"type":"feed"}"#, None), (r#"{"type":"feed","cursor":"1.7"}"#, Some("1.7".to_owned()))]
    {
        assert_eq!(Codec::Json.decode(json.as_bytes()).unwrap(), ClientFrame::Feed { cursor });
    }
    let conversation = "00000000-0000-0000-0000-000000000002";
    let row = format!(
        r#"{{"conversation":"{conversation}","inbox":"{conversation}","contact":"{conversation}","contact_name":"Lin","#
    ) + r#""status":"open","snoozed_until":null,"assignment":null,"tags":[],"preview":null,"#
        + r#""opened_at":5,"last_at":6,"last_seq":7}"#;
    let json =
        format!(r#"{{"type":"feed","conversations":[{row}],"cursor":"1.7","more":true,"reset":false,"behind":false}}"#);
    let conversations = vec![serde_json::from_str(&row).unwrap()];
    let cursor = Some("1.7".to_owned());
    let frame = ServerFrame::Feed { conversations, cursor, more: true, reset: false, behind: false };
    assert_eq!(Codec::Json.encode(&frame), json);
    let frame = ServerFrame::Feed { conversations: vec![], cursor: None, more: false, reset: false, behind: true };
    let json = r#"{"type":"feed","conversations":[],"more":false,"reset":false,"behind":true}"#;
    assert_eq!(Codec::Json.encode(&frame), json);
    for codec in Codec::ALL {
        assert_eq!(codec.decode_server(&codec.encode(&frame)), Some(frame.clone()));
    }
}

#[test]
fn each_wrong_frame_gets_its_own_code() {
    let id = "00000000-0000-0000-0000-000000000001";
    let cases = [
        ("", ErrorCode::Malformed, false),
        ("[]", ErrorCode::Malformed, false),
        ("{\"type\":7}", ErrorCode::Malformed, false),
        ("{\"type\":\"shout\"}", ErrorCode::UnknownFrame, false),
        ("{\"type\":\"say\"}", ErrorCode::Invalid, false),
        ("{\"type\":\"feed\",\"cursor\":7}", ErrorCode::Invalid, false),
        ("{\"type\":\"presence\",\"state\":\"asleep\"}", ErrorCode::Invalid, false),
        (&format!(r#"{{"type":"say","client_id":"{id}","conversation":"*","text":"x"}}"#), ErrorCode::Invalid, true),
        (
            &format!(r#"{{"type":"say","client_id":"{id}","conversation":"{id}","text":"  "}}"#),
            ErrorCode::Invalid,
            true,
        ),
        (&format!(r#"{{"type":"read","conversation":"{id}","up_to_seq":-1}}"#), ErrorCode::Invalid, false),
        (&format!(r#"{{"type":"read","conversation":"{id}","up_to_seq":1e99}}"#), ErrorCode::Invalid, false),
        (r#"{"type":"say","client_id":{"a":[1]},"text":"x"}"#, ErrorCode::Invalid, false),
    ];
    for (text, code, named) in cases {
        let error = Codec::Json.decode(text.as_bytes()).unwrap_err();
        assert_eq!((error.code, error.client_id.is_some()), (code, named), "{text}: {error}");
    }
}

#[test]
fn nesting_and_claimed_sizes_are_bounded() {
    let deep = [b"{\"type\":\"ping\",\"x\":".to_vec(), b"[".repeat(20_000)].concat();
    assert_eq!(Codec::Json.decode(&deep).unwrap_err().code, ErrorCode::Malformed);
    let deep = [b"\x82\xa4type\xa4ping\xa1x".to_vec(), b"\x91".repeat(20_000)].concat();
    assert_eq!(Codec::MessagePack.decode(&deep).unwrap_err().code, ErrorCode::Malformed);
    let huge = [b"\x82\xa4type\xa4ping\xa1x".to_vec(), vec![0xdd, 0xff, 0xff, 0xff, 0xff]].concat();
    assert_eq!(Codec::MessagePack.decode(&huge).unwrap_err().code, ErrorCode::Malformed);
}

#[test]
fn the_schema_names_every_frame() {
    let schema = schema(65_536).to_string();
    for name in [
        "hello",
        "welcome",
        "standing",
        "settings_changed",
        "agents_changed",
        "hidden",
        "say",
        "accepted",
        "persisted",
        "delivered",
        "read",
        "rejected",
        "recovered",
        "reset",
        "feed",
        "bye",
    ] {
        assert!(schema.contains(&format!("\"const\":\"{name}\"")), "{name} is missing");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for codec in Codec::ALL {
            let _ = codec.decode(&bytes);
        }
    }

    #[test]
    fn damaged_frames_are_refused_or_still_frames(at in 0_usize..120, byte in any::<u8>()) {
        for codec in Codec::ALL {
            let mut bytes = codec.encode_client(&say("hello")).to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Err(error) = codec.decode(&bytes) {
                prop_assert!(!error.detail.is_empty() && error.detail.len() < 400);
            }
        }
    }
}

#[test]
fn a_field_whose_value_is_missing_misspelt_or_unknown_is_refused() {
    let id = "00000000-0000-0000-0000-000000000001";
    let frame = |change: &str| {
        let json = format!(r#"{{"type":"set_field","client_id":"{id}","conversation":"{id}","change":{change}}}"#);
        Codec::Json.decode(json.as_bytes()).map_err(|error| error.code)
    };
    for change in [r#"{"field":"priority","value":null}"#, r#"{"field":"priority","value":"high"}"#] {
        assert!(frame(change).is_ok(), "{change}");
    }
    // A missing value is not `null`, which clears the field.
    for change in [
        r#"{"field":"priority"}"#,
        r#"{"field":"priority","vlaue":"high"}"#,
        r#"{"field":"priority","value":"extreme"}"#,
        r#"{"field":"mood","value":"high"}"#,
    ] {
        assert_eq!(frame(change), Err(ErrorCode::Invalid), "{change}");
    }
}
