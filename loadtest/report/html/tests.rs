//! The page stands alone, and nothing that is in a report becomes part of the page itself.

use crate::report::{Figure, Report, model::Step};

const V1: &str = include_str!("../samples/v1.json");

/// A report whose every text is an attack.
fn hostile() -> Report {
    fn attack(value: &mut serde_json::Value, key: &str) {
        match value {
            // Histograms have to be histograms.
            serde_json::Value::String(text) if key != "histogram" => text.push_str(ATTACK),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| attack(item, key)),
            serde_json::Value::Object(fields) => {
                let versions = key == "versions";
                fields.iter_mut().for_each(|(key, value)| attack(value, key));
                if versions {
                    fields.insert(ATTACK.to_owned(), "1".into());
                }
            }
            _ => {}
        }
    }
    let mut value = serde_json::from_str(V1).unwrap();
    attack(&mut value, "");
    let mut report = Report::from_json(&value.to_string()).unwrap();
    report.complaints.push(ATTACK.to_owned());
    report.figures.push(Figure::new(ATTACK, 1.0, ATTACK));
    report.validity.reasons.push(ATTACK.to_owned());
    report.steps = vec![Step { label: ATTACK.to_owned(), ..Default::default() }; 2];
    report
}

const ATTACK: &str = "\"'><script>alert(1)</script><img src=http://example.org/x onerror=alert(1)>";

#[test]
fn every_text_is_escaped() {
    let page = hostile().to_html();
    assert!(!page.contains("<script"), "a script got through");
    assert!(!page.contains("<img"), "an image got through");
    // Once for each place a text is shown at, and always as text.
    assert!(page.matches("&lt;script&gt;").count() > 15);
    assert!(page.matches("onerror").count() == page.matches("onerror=alert(1)&gt;").count());
}

#[test]
fn the_page_refers_to_nothing_outside_itself() {
    let page = Report::from_json(V1).unwrap().to_html();
    for reference in ["http:", "https:", "//", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"] {
        assert!(!page.contains(reference), "{reference}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn the_verdict_comes_first_and_says_how_many() {
    let mut report = Report::from_json(V1).unwrap();
    assert!(report.to_html().contains("0 lost, 0 duplicated, 0 misordered of 3 accepted"));
    assert!(report.to_html().contains("class=\"verdict sound\""));
    report.validity.reasons.push("the generator was the bottleneck".to_owned());
    assert!(report.to_html().contains("class=\"verdict invalid\""));
    report.checks.lost = 1;
    let page = report.to_html();
    assert!(page.contains("class=\"verdict broken\"") && page.contains("1 lost, 0 duplicated"));
}

#[test]
fn an_empty_report_has_a_page_too() {
    let empty = r#"{"format":1,"scenario":{"name":"nothing"},"seconds":0,"checks":{},
        "machine":{"cores":1,"processor":"","memory_bytes":0,"kernel":""}}"#;
    assert!(Report::from_json(empty).unwrap().to_html().contains("<h1>nothing</h1>"));
}
