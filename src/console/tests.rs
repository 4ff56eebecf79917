//! What can be known of the files without a browser.

use std::collections::{BTreeMap, BTreeSet};

use super::{Console, Demo, Shared, Vendor, Widget, asset};

/// Every file, by the address (without the leading `/`) that it is served at.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut add = |prefix: &str, names: Vec<Cow>| {
        for name in names {
            let path = format!("{prefix}/{name}");
            let bytes = asset(&path).unwrap_or_else(|| panic!("{path} is embedded")).bytes;
            files.insert(path, String::from_utf8(bytes.into_owned()).expect("text"));
        }
    };
    add("console", Console::iter().collect());
    add("widget", Widget::iter().collect());
    add("demo", Demo::iter().collect());
    for screen in ["console", "widget"] {
        add(&format!("{screen}/shared"), Shared::iter().collect());
        add(&format!("{screen}/vendor"), Vendor::iter().collect());
    }
    files
}

type Cow = std::borrow::Cow<'static, str>;

fn is_ours(path: &str) -> bool {
    !path.contains("/vendor/")
}

/// The texts between `start` and `end`, wherever they stand in `text`.
fn between<'a>(text: &'a str, start: &str, end: char) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

/// `reference`, as it stands in the file at `from`, as an address without the leading `/`.
fn resolved(from: &str, reference: &str) -> String {
    if let Some(absolute) = reference.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut segments: Vec<&str> = from.split('/').collect();
    segments.pop();
    for segment in reference.split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments.join("/")
}

#[test]
fn every_file_that_another_names_exists() {
    let mut missing = BTreeSet::new();
    for (path, text) in files() {
        let mut references = Vec::new();
        if path.ends_with(".js") {
            references.extend(between(&text, "from '", '\''));
            references.extend(between(&text, "from\"", '"'));
            references.extend(between(&text, "from \"", '"'));
            references.extend(between(&text, "import('", '\''));
            references.extend(between(&text, "new URL('./", '\''));
            // Examples in the comments of libraries name packages.
            references.retain(|reference| is_ours(&path) || reference.starts_with('.'));
        } else if path.ends_with(".html") {
            references.extend(between(&text, "src=\"", '"'));
            references.extend(between(&text, "href=\"", '"'));
            references.retain(|reference| !reference.starts_with('#'));
        } else if path.ends_with(".css") {
            references.extend(between(&text, "url('", '\''));
        }
        for reference in references {
            if asset(&resolved(&path, reference)).is_none() {
                missing.insert(format!("{path} names {reference}"));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn the_loader_names_only_modules_that_exist() {
    let loader = String::from_utf8(asset("widget.js").unwrap().bytes.into_owned()).unwrap();
    let names: Vec<_> = between(&loader, "'", '\'').into_iter().filter(|name| name.ends_with(".js")).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(asset(&format!("widget/{name}")).is_some(), "{name}");
    }
}

#[test]
fn pages_keep_to_the_content_security_policy() {
    for (path, text) in files().iter().filter(|(path, _)| path.ends_with(".html")) {
        let page = text.to_lowercase();
        for tag in between(&page, "<script", '<') {
            let (attributes, content) = tag.split_once('>').unwrap();
            assert!(attributes.contains("src=") && content.trim().is_empty(), "{path}: inline script");
        }
        for inline in ["<style", " style=", " onclick=", " onload=", " onerror=", "javascript:", "<base"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
        assert!(!page.contains("//") || !page.contains("https://"), "{path}: something from elsewhere");
    }
}

#[test]
fn no_script_turns_data_into_markup_or_code() {
    let forbidden = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "dangerouslySetInnerHTML",
        "document.write",
        "eval(",
        "new Function",
        "srcdoc",
        "setAttribute('style'",
        "style=$",
        "style=\"",
    ];
    for (path, text) in files().iter().filter(|(path, _)| path.ends_with(".js") && is_ours(path)) {
        for word in forbidden {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
}

#[test]
fn vendored_libraries_come_with_their_licences() {
    for library in ["preact", "htm", "linkify-it", "uc.micro"] {
        assert!(Vendor::get(&format!("{library}.js")).is_some());
        assert!(Vendor::get(&format!("{library}.LICENSE")).is_some());
    }
}

#[test]
fn files_stay_small_enough_to_read() {
    for (path, text) in files().iter().filter(|(path, _)| is_ours(path)) {
        assert!(text.lines().count() < 400, "{path} is long");
    }
}

#[test]
fn addresses_lead_to_their_files() {
    let index = asset("console/").unwrap();
    assert_eq!(index, asset("console/index.html").unwrap());
    assert_eq!(index.content_type, "text/html; charset=utf-8");
    assert!(index.etag.starts_with('"') && index.etag.len() == 34);
    assert_eq!(asset("widget.js"), asset("widget/loader.js"));
    assert_eq!(asset("console/shared/desk.js"), asset("widget/shared/desk.js"));
    assert_ne!(asset("console/main.js").unwrap().etag, asset("widget/main.js").unwrap().etag);
    for stranger in [
        "",
        "console",
        "lib.rs",
        "Cargo.toml",
        "console/../lib.rs",
        "shared/desk.js",
        "demo/shared/desk.js",
        "console//",
    ] {
        assert!(asset(stranger).is_none(), "{stranger}");
    }
}
