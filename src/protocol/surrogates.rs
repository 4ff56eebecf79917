//! Halves of surrogate pairs, which are no characters: software that cuts a text after so many UTF-16 units, as split
//! SMS and some browsers do, leaves them in JSON (`"\\ud83d"`) and, written as three bytes, in MessagePack. Readers of
//! JSON and MessagePack refuse the whole message for one. Here each becomes U+FFFD, the replacement character.

use rmpv::Value;

/// `json` with U+FFFD for each half of a surrogate pair; `None` if there is none.
#[must_use]
pub fn mended_json(json: &[u8]) -> Option<Vec<u8>> {
    let mut mended = json.to_vec();
    let mut at = 0;
    let mut found = false;
    while let Some(byte) = json.get(at) {
        match (byte, unit(json, at)) {
            (b'\\', Some(0xd800..=0xdbff)) if matches!(unit(json, at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            (b'\\', Some(0xd800..=0xdfff)) => {
                mended[at..at + 6].copy_from_slice(b"\\ufffd");
                found = true;
                at += 6;
            }
            // The character after it is not the beginning of another escape.
            (b'\\', _) => at += 2,
            _ => at += 1,
        }
    }
    let found = replace_encoded(&mut mended) || found;
    found.then_some(mended)
}

/// `msgpack` with U+FFFD for each half of a surrogate pair in its texts; `None` if there is none, or if it is no value.
#[must_use]
pub fn mended_msgpack(msgpack: &[u8]) -> Option<Vec<u8>> {
    if !msgpack.windows(3).any(is_encoded_half) {
        return None;
    }
    let mut rest = msgpack;
    let mut value = rmpv::decode::read_value_with_max_depth(&mut rest, MAX_DEPTH).ok()?;
    if !rest.is_empty() || !mend(&mut value) {
        return None;
    }
    let mut mended = Vec::with_capacity(msgpack.len());
    rmpv::encode::write_value(&mut mended, &value).ok()?;
    Some(mended)
}

/// Deeper values are refused by every reader here.
const MAX_DEPTH: usize = 128;

/// The UTF-16 unit of the escape `\uXXXX` at `at`, if there is one.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

/// Whether these three bytes are half of a surrogate pair, written as UTF-8 writes other characters.
fn is_encoded_half(bytes: &[u8]) -> bool {
    matches!(bytes, [0xed, 0xa0..=0xbf, 0x80..=0xbf])
}

/// No text in UTF-8 has these bytes, so nothing else is changed.
fn replace_encoded(bytes: &mut [u8]) -> bool {
    let mut found = false;
    for at in 0..bytes.len().saturating_sub(2) {
        if is_encoded_half(&bytes[at..at + 3]) {
            bytes[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
            found = true;
        }
    }
    found
}

fn mend(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.is_err() => {
            let mut bytes = text.as_bytes().to_vec();
            if !replace_encoded(&mut bytes) {
                return false;
            }
            let Ok(text) = String::from_utf8(bytes) else { return false };
            *value = text.into();
            true
        }
        // All of them, not only the first that needs it.
        Value::Array(items) => items.iter_mut().map(mend).max().unwrap_or_default(),
        Value::Map(fields) => {
            fields.iter_mut().flat_map(|(name, item)| [mend(name), mend(item)]).max().unwrap_or_default()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_in_json_become_the_replacement_character_and_all_else_stays() {
        let mended = |json: &str| mended_json(json.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(mended(r#"{"a":"hi \ud83d"}"#).unwrap(), r#"{"a":"hi \ufffd"}"#);
        assert_eq!(
            mended(r#""\uDE42\ud83d\ude42\ud83d\ud83d\ude42""#).unwrap(),
            r#""\ufffd\ud83d\ude42\ufffd\ud83d\ude42""#
        );
        for whole in
            [r#""\ud83d\ude42""#, r#""\\ud83d""#, r#""\\\\ud83d""#, r#""\u00e9 \n""#, r#""\ud8""#, r#""\"#, "", "[1]"]
        {
            assert_eq!(mended(whole), None, "{whole}");
        }
        assert_eq!(mended(r#""\\\ud83d""#).unwrap(), r#""\\\ufffd""#, "an escaped backslash before it");
        let encoded = mended_json(b"\"a\xed\xa0\xbdb\"").unwrap();
        assert_eq!(encoded, "\"a\u{fffd}b\"".as_bytes());
    }

    #[test]
    fn halves_of_pairs_in_messagepack_are_replaced_in_texts_only() {
        let mut bytes = vec![0x82, 0xa1, b'a', 0xa4, b'x', 0xed, 0xa0, 0xbd, 0xa1, b'b', 0xcd, 0xed, 0xa0];
        let mended = mended_msgpack(&bytes).unwrap();
        let value = rmpv::decode::read_value(&mut mended.as_slice()).unwrap();
        assert_eq!(value["a"].as_str(), Some("x\u{fffd}"));
        assert_eq!(value["b"].as_u64(), Some(0xeda0));
        bytes.push(0xc0);
        assert_eq!(mended_msgpack(&bytes), None, "bytes after the end");
        assert_eq!(mended_msgpack(&[0xc4, 0x03, 0xed, 0xa0, 0xbd]), None, "no text");
        assert_eq!(mended_msgpack(&[0xa1, 0xff]), None, "other bytes that are no UTF-8");
    }
}
