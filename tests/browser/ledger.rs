//! The ledger, as those who lead see it.

use frontdesk_tests::harness::{Browser, System, Window, until};
use serde_json::{Value, json};

use super::{DESKTOP, PHONE, answer, open_widget, sign_in, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_sees_that_everything_is_there_and_has_it_checked() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let shop = browser.window("shop", DESKTOP).await;
    let desk = browser.window("desk", DESKTOP).await;
    open_widget(&shop, node).await;
    write(&shop, "Is anything ever lost here?").await;
    sign_in(&desk, node, &system.demo().owner).await;
    desk.click("tab-unassigned").await;
    desk.click("conversation-row").await;
    desk.click("claim").await;
    answer(&desk, "No, and you can see it.").await;

    desk.click("to-ledger").await;
    // Opened, asked, claimed, answered.
    shows(&desk, "ledger-accepted", "4").await;
    shows(&desk, "ledger-persisted", "4").await;
    shows(&desk, "ledger-unpersisted", "0").await;
    desk.picture("ledger-before-1280x800").await;
    desk.click("ledger-check-now").await;
    desk.shows("ledger-check", "data-state", "done").await;
    for name in ["missing", "duplicated", "misordered"] {
        shows(&desk, &format!("found-{name}"), "0").await;
    }
    shows(&desk, "ledger-verdict", "4 accepted, 4 in the database, missing 0").await;
    desk.picture("ledger-1280x800").await;
    desk.click("ledger-check-now").await;
    shows(&desk, "ledger-check", "Try again in").await;

    // What is wrong is said, and stays readable on a phone.
    desk.run(PRETEND, damaged()).await;
    shows(&desk, "found-missing", "2").await;
    desk.picture("ledger-damaged-1280x800").await;
    desk.click("redeliver").await;
    toasts(&desk, "could not be filed this time either").await;
    // Nothing is dropped by one click, and a hole is not torn by two.
    desk.click("drop").await;
    desk.element("confirm-drop").await;
    desk.picture("ledger-drop-1280x800").await;
    assert_eq!(asked(&desk).await, ["POST dead-letters/MESSAGES-0.persist.42/redeliver"]);
    desk.click("confirm").await;
    shows(&desk, "confirm-drop", "never be stored").await;
    desk.picture("ledger-drop-hole-1280x800").await;
    desk.resize(PHONE).await;
    desk.picture("ledger-damaged-390x844").await;
    assert!(!desk.overflows().await, "the ledger fits on a phone");
    desk.click("confirm").await;
    until("the dead letter is gone", async || desk.texts("dead-letter").await.is_empty().then_some(())).await;
    let force = "DELETE dead-letters/MESSAGES-0.persist.42?force=true";
    assert_eq!(asked(&desk).await[1..], ["DELETE dead-letters/MESSAGES-0.persist.42", force]);
    desk.run("window.fetch = window.realFetch", Value::Null).await;
    shows(&desk, "ledger-verdict", "missing 0").await;
    desk.picture("ledger-390x844").await;
    desk.resize(DESKTOP).await;

    desk.run("localStorage.setItem('frontdesk.language', 'zh-CN')", Value::Null).await;
    desk.reload().await;
    shows(&desk, "ledger-verdict", "已接收 4，已入库 4，缺失 0").await;
    desk.picture("ledger-chinese-1280x800").await;
    desk.run("localStorage.setItem('frontdesk.language', 'en')", Value::Null).await;
    desk.reload().await;
    shows(&desk, "ledger-verdict", "missing 0").await;

    // Without the desk the last figures stay on screen, marked as such.
    node.kill();
    until("it says so", async || {
        desk.texts("ledger").await.iter().any(|text| text.contains("last figures")).then_some(())
    })
    .await;
    desk.picture("ledger-stale-1280x800").await;
    node.start();
    desk.click("tab-mine").await;
    desk.element("conversation-row").await;
    shop.close().await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_not_shown_the_ledger() {
    let system = System::up();
    let browser = Browser::start();
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, system.gateway(0), &system.demo().agent).await;
    desk.element("tab-mine").await;
    assert!(desk.texts("to-ledger").await.is_empty());
    desk.open(&format!("{}/console/#/ledger", system.gateway(0).origin())).await;
    desk.element("tab-mine").await;
    assert!(desk.texts("ledger").await.is_empty());
    desk.close().await;
}

/// What was asked of dead letters since the test pretends.
async fn asked(desk: &Window) -> Vec<String> {
    let asked = desk.run("return window.asked", Value::Null).await.unwrap_or_default();
    serde_json::from_value(asked).unwrap_or_default()
}

async fn toasts(desk: &Window, text: &str) {
    let shown = "return [...document.querySelectorAll('.toast')].map((toast) => toast.textContent)";
    until(&format!("a word about it: {text}"), async || {
        let toasts = desk.run(shown, Value::Null).await?;
        toasts.to_string().contains(text).then_some(())
    })
    .await;
}

async fn shows(desk: &Window, name: &str, text: &str) {
    until(&format!("{name} shows {text}"), async || {
        desk.texts(name).await.iter().any(|shown| shown.contains(text)).then_some(())
    })
    .await;
}

/// Answers for the ledger and the dead letters with what the test gives, and lets everything else through. What was
/// asked of dead letters is kept.
const PRETEND: &str = "
    window.realFetch ??= window.fetch;
    window.asked = [];
    const [{ ledger, deadLetters }] = arguments;
    ledger.check.ended_at = ledger.repairs.last_at = deadLetters[0].dead_lettered_at = Date.now() - 3_660_000;
    const answer = (body) => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
    window.fetch = async (address, how) => {
        const path = String(address).split('/api/v1/')[1];
        if (path === 'ledger') return answer(ledger);
        if (path.startsWith('dead-letters?')) return answer({ items: deadLetters, next_cursor: null });
        if (!path.startsWith('dead-letters/')) return window.realFetch(address, how);
        window.asked.push(`${how.method} ${path}`);
        if (how.method === 'POST') return answer({ outcome: 'failed_again', reason: 'entry 16 before it is missing' });
        if (path.includes('force')) { deadLetters.length = 0; return new Response(null, { status: 204 }); }
        return new Response('{\"code\":\"leaves_a_hole\"}', { status: 409 });
    };
";

/// What no healthy desk shows.
fn damaged() -> Value {
    let conversation = "00000000-0000-4000-8000-000000000001";
    let finding = |anomaly: &str, seq: u64, why: &str| json!({"anomaly": anomaly, "conversation": conversation, "seq": seq, "why": why});
    let told = "senders were told that it is in the database, and it is not";
    let ledger = json!({
        "accepted": 1_234_567, "persisted": 1_234_530, "unpersisted": 37, "oldest_unpersisted_ms": 7_300, "conversations": 90_210,
        "repairs": {"entries": 42, "acknowledgements": 3, "last_at": null},
        "check": {
            "state": "done", "began_at": 0, "ended_at": null,
            "looked_at": {"logged": 80_123, "conversations": 90_210, "entries": 1_234_530, "states": 270_630},
            "found": {"missing": 2, "duplicated": 0, "misordered": 0, "overstated": 1},
            "findings": [
                finding("missing", 17, "not in the database"),
                finding("missing", 18, "not in the database"),
                finding("overstated", 18, told),
            ],
        },
    });
    let dead_letter = json!({
        "id": "MESSAGES-0.persist.42", "queue": "persist", "kind": "entry", "conversation": conversation, "seq": 17, "dead_lettered_at": null,
        "reason": "entry 16 before it is missing", "tried_at": 0, "redeliveries": 2, "payload_bytes": 310,
    });
    json!({"ledger": ledger, "deadLetters": [dead_letter]})
}
