//! The description of the API is whole, and true.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::world::{World, v7};

fn description() -> Value {
    serde_json::to_value(frontdesk_api::openapi()).unwrap()
}

fn operations(description: &Value) -> Vec<(String, String, &Value)> {
    let paths = description["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, what)| (method.to_uppercase(), path.clone(), what))
    });
    all.collect()
}

#[test]
fn every_route_that_is_written_is_described() {
    let description = description();
    let described: BTreeSet<_> = operations(&description).into_iter().map(|(method, path, _)| (method, path)).collect();
    let mut written = BTreeSet::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [root.to_owned(), root.join("auth"), root.join("settings")] {
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_none_or(|extension| extension != "rs") || file.ends_with("socket.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let attributes = [
                ("#[get(\"", "GET"),
                ("#[post(\"", "POST"),
                ("#[put(\"", "PUT"),
                ("#[patch(\"", "PATCH"),
                ("#[delete(\"", "DELETE"),
            ];
            for (attribute, method) in attributes {
                for rest in text.split(attribute).skip(1) {
                    // What a part of the path may be is for the router only.
                    let path = rest.split('"').next().unwrap().replace(":inbox|team}", "}");
                    written.insert((method.to_owned(), format!("/api/v1{path}")));
                }
            }
            // The routes of one macro.
            for line in text.lines().filter(|line| line.contains("Body {") && line.contains(" \"/conversations/{id}/"))
            {
                let path = line.split('"').nth(1).unwrap();
                written.insert(("POST".to_owned(), format!("/api/v1{path}")));
            }
        }
    }
    assert_eq!(described, written);
    assert!(described.len() > 30, "{}", described.len());
}

#[actix_web::test]
async fn every_route_that_is_described_is_there_and_knows_no_other_method() {
    let world = World::new().await;
    let description = description();
    let known: BTreeSet<_> = operations(&description).into_iter().map(|(method, path, _)| (method, path)).collect();
    for (method, template) in &known {
        let id = if template.contains("dead-letters") { "MESSAGES-0.persist.1".to_owned() } else { v7().to_string() };
        let path = template.replace("{id}", &id).replace("{scope}", "inbox");
        let reply = world.send(world.request(method.parse().unwrap(), &path)).await;
        assert!(![404, 405].contains(&reply.status.as_u16()), "{method} {path}: {}", reply.text);
        for other in [Method::PUT, Method::DELETE, Method::TRACE, "BREW".parse().unwrap()] {
            if known.contains(&(other.to_string(), template.clone())) {
                continue;
            }
            let reply = world.send(world.request(other, &path)).await;
            assert_eq!(reply.code(), (405, "method_not_allowed"), "{path}");
            assert!(reply.header("allow").unwrap().contains(method), "{path}");
        }
    }
}

#[test]
fn every_operation_says_what_it_needs_answers_and_refuses() {
    let description = description();
    let open = ["/api/v1/auth/login", "/api/v1/widget/session"];
    for (method, path, what) in operations(&description) {
        assert!(what["summary"].is_string(), "{method} {path} has no summary");
        if what["tags"] == json!(["docs"]) {
            continue;
        }
        assert!(open.contains(&path.as_str()) || what["security"].is_array(), "{method} {path} names no token");
        let responses = what["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
        for status in ["400", "401", "429", "503"] {
            let schema = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
        }
        assert_eq!(!["GET", "DELETE"].contains(&&*method), what["requestBody"].is_object(), "{method} {path}");
    }
}

#[test]
fn every_operation_has_an_id_of_its_own_and_describes_each_answer() {
    let description = description();
    let mut ids = BTreeSet::new();
    for (method, path, what) in operations(&description) {
        let id = what["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{method} {path}: {id} is taken");
        assert!(what["security"].is_array(), "{method} {path} does not say whether it needs a token");
        for (status, answer) in what["responses"].as_object().unwrap() {
            let text = answer["description"].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{method} {path} {status} is not described");
            let problem = answer["content"]["application/problem+json"].is_object();
            assert_eq!(problem, status.as_str() >= "400", "{method} {path} {status}");
        }
    }
    assert_eq!(description["servers"], json!([{ "url": "/" }]));
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
                Value::String(target) if name == "$ref" => drop(found.insert(target.clone())),
                value => walk(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let description = description();
    let mut references = BTreeSet::new();
    walk(&description, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    assert_eq!(description["openapi"], "3.1.0");
}

/// Checks `value` against `schema`, as far as our schemas go: types, fields, references, alternatives, constants.
fn fits(description: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return fits(description, description.pointer(&reference[1..]).ok_or("lost")?, value);
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(alternatives) = schema[word].as_array()
            && !alternatives.iter().any(|each| fits(description, each, value).is_ok())
        {
            return Err(format!("{value} fits no alternative of {schema}"));
        }
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Err(format!("{value} is not {}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        return Err(format!("{value} is not among {}", schema["enum"]));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.contains(&kind) {
        return Err(format!("{value} is not of type {kinds:?}"));
    }
    if let (Some(items), Some(item)) = (value.as_array(), schema.get("items")) {
        items.iter().try_for_each(|value| fits(description, item, value))?;
    }
    let Some(fields) = value.as_object() else { return Ok(()) };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap_or_default()) {
            return Err(format!("{name} is missing in {value}"));
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, value) in fields {
            match properties.get(name) {
                Some(schema) => fits(description, schema, value)?,
                None if schema.get("oneOf").is_some() => {}
                None => return Err(format!("{name} is not described in {schema}")),
            }
        }
    }
    Ok(())
}

#[actix_web::test]
async fn what_the_desk_answers_fits_its_description() {
    let world = World::new().await;
    let base = format!("/api/v1/conversations/{}", world.ours.conversation);
    let (agent, mut asked) = (&world.ours.supervisor, Vec::new());
    for (path, body) in [
        ("notes", json!({ "text": "n" })),
        ("claim", json!({})),
        ("tags", json!({ "tag": "vip" })),
        ("snooze", json!({ "until": 1_750_000_900_000_i64 })),
    ] {
        let mut body = body;
        body["client_id"] = json!(v7());
        let reply = world.post_as(agent, &format!("{base}/{path}"), &body).await;
        asked.push(("POST", format!("/api/v1/conversations/{{id}}/{path}"), reply));
    }
    let lost = world.post_as(&world.ours.agent, &format!("{base}/claim"), &json!({ "client_id": v7() })).await;
    asked.push(("POST", "/api/v1/conversations/{id}/claim".to_owned(), lost));
    let same = json!({ "email": agent.email, "name": "Ada", "role": "agent", "password": "correct horse" });
    let taken = world.post_as(&world.ours.owner, "/api/v1/agents", &same).await;
    assert_eq!(taken.code(), (409, "taken"));
    asked.push(("POST", "/api/v1/agents".to_owned(), taken));
    for (path, template) in [
        (base.clone(), "/api/v1/conversations/{id}"),
        ("/api/v1/conversations".to_owned(), "/api/v1/conversations"),
        (format!("{base}/messages"), "/api/v1/conversations/{id}/messages"),
        (format!("{base}/receipts"), "/api/v1/conversations/{id}/receipts"),
        ("/api/v1/agents".to_owned(), "/api/v1/agents"),
        ("/api/v1/inboxes".to_owned(), "/api/v1/inboxes"),
        ("/api/v1/contacts".to_owned(), "/api/v1/contacts"),
        (format!("/api/v1/contacts/{}", world.ours.contact.id), "/api/v1/contacts/{id}"),
        ("/api/v1/me".to_owned(), "/api/v1/me"),
        ("/api/v1/contacts/x".to_owned(), "/api/v1/contacts/{id}"),
    ] {
        asked.push(("GET", template.to_owned(), world.get_as(agent, &path).await));
    }
    let session = world.post("/api/v1/widget/session", &json!({ "inbox": world.ours.inbox.id }));
    let session = world.send(session.insert_header(("origin", crate::world::SHOP_ORIGIN))).await;
    asked.push(("POST", "/api/v1/widget/session".to_owned(), session));
    let description = description();
    for (method, path, reply) in asked {
        let answer = &description["paths"][&path][method.to_lowercase()]["responses"][reply.status.as_str()];
        let kind = reply.header("content-type").unwrap();
        let schema = &answer["content"][kind]["schema"];
        assert!(schema.is_object(), "{method} {path} {} {kind} is not described: {}", reply.status, reply.text);
        fits(&description, schema, &reply.body).unwrap_or_else(|why| panic!("{method} {path}: {why}"));
    }
}

#[actix_web::test]
async fn the_description_is_served_with_a_page_that_needs_nothing_from_elsewhere() {
    let world = World::new().await;
    let served = world.send(world.request(Method::GET, "/api/v1/openapi.json")).await;
    assert_eq!(served.body, description());
    let sockets = world.send(world.request(Method::GET, "/api/v1/socket.schema.json")).await;
    let max_frame_bytes = frontdesk_config::Settings::load(None, []).unwrap().session.max_frame_bytes;
    assert_eq!(sockets.body, frontdesk_protocol::socket::schema(max_frame_bytes));
    let bridges = world.send(world.request(Method::GET, "/api/v1/bridge.schema.json")).await;
    assert_eq!(bridges.body, frontdesk_protocol::bridge::schema());
    let page = world.send(world.request(Method::GET, "/api/v1/docs")).await;
    assert!(!page.text.contains("http://") && !page.text.contains("https://") && !page.text.contains("onclick"));
    for link in page.text.split(['"', '\'']).filter(|part| part.starts_with("/api/")) {
        assert_eq!(world.send(world.request(Method::GET, link)).await.status, 200, "{link}");
    }
}
