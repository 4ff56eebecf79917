//! Catching up with all conversations, as a console does when it comes back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{client::Socket, wire::is};

/// What a console was told about what it had missed.
#[derive(Debug)]
pub struct CaughtUp {
    /// The newest row of each conversation that changed, by its id.
    pub rows: BTreeMap<String, Value>,
    /// To be sent next.
    pub cursor: Option<String>,
    /// It cannot be continued: the lists are to be read anew.
    pub reset: bool,
    /// Something may be missing: ask again.
    pub behind: bool,
}

/// The cursor of this moment.
///
/// # Panics
/// When there is none.
pub async fn feed_cursor(socket: &Socket) -> String {
    let told = ask(socket, None).await;
    assert_eq!(told["conversations"], json!([]), "{told}");
    told["cursor"].as_str().unwrap_or_else(|| panic!("no cursor in {told}")).to_owned()
}

/// Asks for everything that changed since `cursor`, page by page.
///
/// # Panics
/// When there is no answer, or a conversation comes twice with the same row.
pub async fn catch_up(socket: &Socket, cursor: &str) -> CaughtUp {
    let mut caught_up =
        CaughtUp { rows: BTreeMap::new(), cursor: Some(cursor.to_owned()), reset: false, behind: false };
    loop {
        let told = ask(socket, caught_up.cursor.as_deref()).await;
        for row in told["conversations"].as_array().expect("a feed has rows") {
            let id = row["conversation"].as_str().expect("a row names its conversation").to_owned();
            if let Some(older) = caught_up.rows.insert(id, row.clone()) {
                assert!(older["last_seq"].as_u64() < row["last_seq"].as_u64(), "twice: {row}");
            }
        }
        caught_up.cursor = told["cursor"].as_str().map(ToOwned::to_owned).or(caught_up.cursor);
        (caught_up.reset, caught_up.behind) = (told["reset"] == true, told["behind"] == true);
        if told["more"] != true {
            return caught_up;
        }
    }
}

async fn ask(socket: &Socket, cursor: Option<&str>) -> Value {
    let mark = socket.mark();
    socket.send(&json!({"type": "feed", "cursor": cursor}));
    socket.find_after(mark, "the answer to feed", |frame| is(frame, "feed")).await
}
