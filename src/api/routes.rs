//! The map: which address leads where.

use std::sync::OnceLock;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    dev::{HttpServiceFactory, ResourceDef},
    get,
    middleware::from_fn,
    web::{self, PayloadConfig, ServiceConfig},
};
use utoipa_actix_web::{OpenApiFactory, scope};

use crate::{
    agents, audit, auth, calendars, commands, contacts, conversations, dead_letters, docs, health, inboxes, ledger, me,
    messages,
    middleware::{admit, explain, observe, secure, share},
    openapi::openapi,
    pages,
    problem::{Code, Problem, http_status},
    roles, settings, skills, socket,
    state::ApiState,
    teams, widget,
};

/// Everything on the public listener: REST, sockets, pages, health. Takes every address, so mount it last.
pub fn configure(config: &mut ServiceConfig, state: &ApiState) {
    let body_limit = PayloadConfig::new(state.settings.server.max_body_bytes);
    let everything = web::scope("")
        .wrap(from_fn(admit))
        .wrap(from_fn(explain))
        .wrap(from_fn(secure))
        .wrap(from_fn(observe))
        .configure(health::configure)
        .configure(socket::configure)
        .service(problem_kind)
        .service(v1())
        .configure(pages::configure)
        .default_service(web::to(nowhere));
    config.app_data(state.clone()).app_data(body_limit).service(everything);
}

/// Everything below `/api/v1`. What is not registered here as a service is not part of the API.
pub(crate) fn v1() -> impl HttpServiceFactory + OpenApiFactory + 'static {
    scope("/api/v1")
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(me::me)
        .service(inboxes::list)
        .service(inboxes::create)
        .service(inboxes::change)
        .service(agents::list)
        .service(agents::create)
        .service(agents::change)
        .service(roles::list)
        .service(roles::create)
        .service(roles::change)
        .service(roles::remove)
        .service(settings::schema)
        .service(settings::tenant::read)
        .service(settings::tenant::write)
        .service(settings::tenant::history)
        .service(settings::tenant::restore)
        .service(settings::tenant::effective)
        .service(settings::scoped::read)
        .service(settings::scoped::write)
        .service(settings::scoped::history)
        .service(settings::scoped::restore)
        .service(settings::scoped::effective)
        .service(teams::list)
        .service(teams::create)
        .service(teams::change)
        .service(teams::remove)
        .service(skills::list)
        .service(skills::create)
        .service(skills::change)
        .service(skills::remove)
        .service(skills::of_agent)
        .service(skills::set_for_agent)
        .service(calendars::list)
        .service(calendars::create)
        .service(calendars::change)
        .service(calendars::remove)
        .service(calendars::import)
        .service(calendars::open)
        .service(audit::list)
        .service(audit::chain)
        .service(contacts::list)
        .service(contacts::one)
        .service(conversations::list)
        .service(conversations::one)
        .service(conversations::receipts)
        .service(messages::list)
        .service(commands::say)
        .service(commands::note)
        .service(commands::claim)
        .service(commands::assign)
        .service(commands::transfer)
        .service(commands::unassign)
        .service(commands::resolve)
        .service(commands::reopen)
        .service(commands::pend)
        .service(commands::snooze)
        .service(commands::tag)
        .service(commands::untag)
        .service(dead_letters::list)
        .service(dead_letters::one)
        .service(dead_letters::redeliver)
        .service(dead_letters::discard)
        .service(ledger::figures)
        .service(ledger::check)
        .service(widget::session)
        .service(widget::messages)
        .service(docs::description)
        .service(docs::socket_schema)
        .service(docs::bridge_schema)
        .service(docs::page)
        .service(docs::script)
        .service(docs::style)
        .default_service(web::to(nowhere))
        .wrap(from_fn(share))
}

/// What the `type` of a problem leads to.
#[get("/problems/{code}")]
async fn problem_kind(path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::ALL.iter().find(|code| code.as_str() == path.as_str());
    let code = code.ok_or_else(|| Problem::not_found("kind of problem"))?;
    let text = format!("{} ({})\n", code.title(), http_status(*code));
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

/// An address that leads nowhere, or only for other methods.
async fn nowhere(request: HttpRequest) -> Result<HttpResponse, Error> {
    static KNOWN: OnceLock<Vec<(ResourceDef, String)>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let paths = openapi().paths.paths.into_iter();
        paths.map(|(path, item)| (ResourceDef::new(path), methods(&item))).collect()
    });
    match known.iter().find(|(path, _)| path.is_match(request.path())) {
        Some((_, methods)) => {
            let problem = Problem::new(Code::MethodNotAllowed, format!("this address knows {methods}"));
            Err(problem.allowing(methods.clone()).into())
        }
        None => Err(Problem::not_found("address").into()),
    }
}

fn methods(item: &utoipa::openapi::PathItem) -> String {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let known = known.iter().filter_map(|(name, operation)| operation.as_ref().map(|_| *name));
    known.collect::<Vec<_>>().join(", ")
}
