//! Subjects of the broker are parsed by the adapters of the log only.

use super::tree;

#[test]
fn only_the_adapters_of_the_log_parse_subjects() {
    let is_product = |file: &std::path::Path| {
        (file.starts_with("src") || file.starts_with("actors"))
            && !file.starts_with("src/memory")
            && !file.iter().any(|part| part == "tests")
            && file.extension().is_some_and(|extension| extension == "rs")
    };
    let (mut looked_at, mut found) = (0, Vec::new());
    for file in tree::files().into_iter().filter(|file| is_product(file)) {
        let Some(text) = tree::text(&file) else { continue };
        looked_at += 1;
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if code.contains("subject") && code.contains("split") {
                found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(looked_at > 300, "only {looked_at} files were looked at");
    assert!(found.is_empty(), "take `Subject::names` instead:\n{}", found.join("\n"));
}
