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
