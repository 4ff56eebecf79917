//! What people paste: an access log, a stack trace, an answer in JSON.

use std::fmt::Write as _;

use crate::texts::{Chance, Words};

/// Ten to sixty lines of one sort. The sorts of the two halves differ in all their names.
pub(crate) fn lines(chance: &mut Chance, words: Words) -> String {
    let sort = chance.between(0, 2);
    let count = chance.between(10, 60);
    let mut text = String::new();
    for number in 0..count {
        let line = match (sort, words) {
            (0, Words::Known) => access(chance),
            (0, Words::Strange) => journal(chance, number),
            (1, Words::Known) => {
                frame(chance, number, &["com.shop.cart.Cart", "org.web.http.Dispatcher", "java.util.List"])
            }
            (1, Words::Strange) => {
                frame(chance, number, &["net.acme.ledger.Book", "io.rails.Router", "kotlin.flow.Sink"])
            }
            (_, Words::Known) => json(chance, &["id", "status", "updated_at"]),
            (_, Words::Strange) => json(chance, &["uid", "phase", "seenMs"]),
        };
        writeln!(text, "{line}").unwrap();
    }
    text
}

fn access(chance: &mut Chance) -> String {
    let (a, b, size) = (chance.between(1, 254), chance.between(1, 254), chance.between(120, 90_000));
    let (minute, second) = (chance.between(0, 59), chance.between(0, 59));
    let path = chance.of(&["/cart", "/api/v2/orders", "/login", "/static/app.js", "/search?q=lamp"]);
    let status = chance.of(&["200", "200", "304", "404", "502"]);
    format!(
        "10.0.{a}.{b} - - [21/Nov/2026:16:{minute:02}:{second:02} +0000] \"GET {path} HTTP/1.1\" {status} {size} \"-\" \"Mozilla/5.0\""
    )
}

fn journal(chance: &mut Chance, number: usize) -> String {
    let unit = chance.of(&["kernel", "sshd", "postfix/smtp", "cron", "dockerd"]);
    let what =
        chance.of(&["connection reset by peer", "accepted publickey for deploy", "status=deferred", "session opened"]);
    format!(
        "Nov 21 16:{:02}:{:02} web-{} {unit}[{}]: {what} ({:x})",
        number % 60,
        chance.between(0, 59),
        chance.between(1, 9),
        chance.between(200, 32_000),
        chance.next() >> 32
    )
}

fn frame(chance: &mut Chance, number: usize, classes: &[&str]) -> String {
    if number == 0 {
        return format!(
            "Exception in thread \"worker-{}\" IllegalStateException: item {:x}",
            chance.between(1, 64),
            chance.next()
        );
    }
    let method = chance.of(&["apply", "handle", "invoke", "accept", "lambda$run$0", "checkout"]);
    format!("\tat {}.{method}(Source.java:{})", chance.of(classes), chance.between(12, 900))
}

fn json(chance: &mut Chance, keys: &[&str; 3]) -> String {
    let status = chance.of(&["open", "paid", "shipped", "returned"]);
    let [id, state, at] = keys;
    format!(
        "  {{\"{id}\": \"{:016x}\", \"{state}\": \"{status}\", \"{at}\": {}}},",
        chance.next(),
        1_790_000_000 + chance.between(0, 9_000_000)
    )
}
