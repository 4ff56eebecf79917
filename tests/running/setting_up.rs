//! `frontdesk setup` with what people type.

use frontdesk_tests::harness::{Rest, System};
use serde_json::json;

fn setup(system: &System, changed: &[(&str, &str)]) -> (bool, String) {
    let usual = [("--tenant", "Acme"), ("--name", "Ada"), ("--email", "ada@acme.example")];
    let kept = usual.iter().filter(|(option, _)| changed.iter().all(|(other, _)| other != option));
    let options = kept.chain(changed).flat_map(|(option, value)| [*option, *value]);
    let words: Vec<_> = std::iter::once("setup").chain(options).collect();
    system.gateway(0).command(&words)
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_in_one_line_that_names_the_option() {
    let system = System::up();
    let wrong = [
        ("--tenant", ""),
        ("--tenant", "  "),
        ("--tenant", "\u{200b}"),
        ("--name", ""),
        ("--inbox", ""),
        ("--email", ""),
        ("--email", "x@"),
        ("--email", "@acme.example"),
        ("--email", "ada@acme..example"),
        ("--origin", ""),
        ("--origin", "acme.example"),
        ("--origin", "https://*.acme.example"),
        ("--origin", "https://acme.example/shop"),
        ("--origin", "https://acme.example:99999"),
    ];
    for (option, value) in wrong {
        let (succeeded, printed) = setup(&system, &[(option, value)]);
        assert!(!succeeded, "{option} {value:?}: {printed}");
        assert_eq!(printed.lines().count(), 1, "{option} {value:?}: {printed}");
        assert!(printed.starts_with(&format!("frontdesk: {option}")), "{option} {value:?}: {printed}");
    }
    let (succeeded, printed) = setup(&system, &[]);
    assert!(succeeded, "nothing of the above was made, so the address is free: {printed}");
}

#[tokio::test]
async fn an_origin_or_address_works_as_browsers_send_it_however_it_was_typed() {
    let system = System::up();
    let typed = [
        ("--origin", "https://Shop.example:443"),
        ("--origin", "http://b\u{fc}cher.example:80"),
        ("--origin", "https://\u{4f8b}\u{5b50}\u{3002}\u{4e2d}\u{56fd}"),
        ("--email", " Ada@B\u{fc}ro.example "),
    ];
    let (succeeded, printed) = setup(&system, &typed);
    assert!(succeeded, "{printed}");
    let value = |name: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {printed}")).trim().to_owned()
    };
    let rest = Rest::new(system.gateway(0));
    for sent in ["https://shop.example", "http://xn--bcher-kva.example", "https://xn--fsqu00a.xn--fiqs8s"] {
        let page = rest.from_origin(sent);
        page.post_ok("/api/v1/widget/session", &json!({ "inbox": value("inbox") })).await;
    }
    let owner = json!({ "email": "ada@xn--bro-hoa.example", "password": value("password") });
    rest.post_ok("/api/v1/auth/login", &owner).await;
}
