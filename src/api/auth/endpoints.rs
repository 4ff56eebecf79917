//! `/api/v1/auth`: signing in, staying signed in, signing out.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::header,
    post,
};
use frontdesk_domain::EmailAddress;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    MAX_PASSWORD_BYTES,
    logins::{self, SignedIn},
    refresh_token::RefreshToken,
    throttle::{Source, account_name},
};
use crate::{
    http::{Code, EmptyBody, JsonBody, Problem, Problems, client_address, is_unnamed_proxy, origin},
    state::ApiState,
    views::SignedInView,
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(login).service(refresh).service(logout);
}

const REFRESH_COOKIE: &str = "frontdesk_refresh";
const DEVICE_COOKIE: &str = "frontdesk_device";
const COOKIE_PATH: &str = "/api/v1/auth";

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginBody {
    /// The agent's address.
    #[schema(value_type = String, example = "ada@desk.example")]
    email: String,
    /// The agent's password.
    #[schema(example = "correct horse battery staple")]
    password: String,
}

/// A log-in, as the console needs it. The refresh token comes in a cookie.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginView {
    /// For `Authorization: Bearer` and for the socket's `hello`.
    access_token: String,
    /// How long it is good, in seconds.
    #[schema(example = 900)]
    expires_in: u64,
    /// Who signed in.
    agent: SignedInView,
}

/// Signs an agent in. A log-in of the same browser that went on until now ends.
#[utoipa::path(
    tag = "auth", request_body = LoginBody,
    responses(
        (status = 200, body = LoginView, description = "Signed in; sets the cookie `frontdesk_refresh`",
            headers(("set-cookie" = String, description = "frontdesk_refresh; HttpOnly; SameSite=Strict"))),
        Problems,
    ),
)]
#[post("/auth/login")]
async fn login(request: HttpRequest, state: ApiState, body: JsonBody<LoginBody>) -> Result<HttpResponse, Problem> {
    guard(&request, &state)?;
    let LoginBody { email, password } = body.0;
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(Problem::invalid(format!("a password has at most {MAX_PASSWORD_BYTES} bytes")));
    }
    // What is no address has no account; it goes the same way as an address without one.
    let email = email.parse::<EmailAddress>().map_or_else(|_| email.to_lowercase(), String::from);
    let device = request.cookie(DEVICE_COOKIE);
    let address = client_address(&request, &state);
    let source = Source { address, is_unnamed_proxy: is_unnamed_proxy(&request, &state) };
    let signed_in = logins::sign_in(&state, source, &email, password, device.as_ref().map(Cookie::value)).await?;
    if let Some(former) = presented(&request)
        && let Err(problem) = logins::sign_out(&state, &former).await
    {
        // Its cookie is replaced: without this it would go on unseen until it expires.
        tracing::warn!(login.id = %former.login, code = ?problem.code(), "the former log-in of this browser was not ended");
    }
    let known = state.tokens.issue_device(&account_name(&signed_in.agent.email), state.settings.auth.refresh_ttl);
    let mut response = answer(&state, signed_in);
    let _ = response.add_cookie(&cookie(&state, DEVICE_COOKIE, known.token));
    Ok(response)
}

/// Gives a new access token for the cookie, and a new cookie. When the answer was lost, the same can be repeated until
/// the new cookie was used. A cookie that is used after that ends the log-in: two hold it.
#[utoipa::path(
    tag = "auth", request_body = EmptyBody, security(("refresh_cookie" = [])),
    responses((status = 200, body = LoginView, description = "Still signed in; sets a new cookie"), Problems),
)]
#[post("/auth/refresh")]
async fn refresh(request: HttpRequest, state: ApiState, _: JsonBody<EmptyBody>) -> Result<HttpResponse, Problem> {
    guard(&request, &state)?;
    let presented = presented(&request).ok_or_else(Problem::unauthenticated)?;
    Ok(answer(&state, logins::refresh(&state, &presented).await?))
}

/// Ends the log-in of the cookie. Sockets and tokens of it end within seconds.
#[utoipa::path(
    tag = "auth", request_body = EmptyBody, security((), ("refresh_cookie" = [])),
    responses((status = 204, description = "Signed out, or never signed in"), Problems),
)]
#[post("/auth/logout")]
async fn logout(request: HttpRequest, state: ApiState, _: JsonBody<EmptyBody>) -> Result<HttpResponse, Problem> {
    guard(&request, &state)?;
    if let Some(presented) = presented(&request) {
        logins::sign_out(&state, &presented).await?;
    }
    let mut response = HttpResponse::NoContent().finish();
    let mut gone = cookie(&state, REFRESH_COOKIE, String::new());
    gone.set_max_age(CookieDuration::ZERO);
    let _ = response.add_cookie(&gone);
    Ok(response)
}

/// Cookies come along by themselves, so pages of other origins are kept out: they cannot send JSON unasked, and
/// browsers say where a request comes from.
fn guard(request: &HttpRequest, state: &ApiState) -> Result<(), Problem> {
    match request.headers().get(header::ORIGIN) {
        None => Ok(()),
        Some(_) if origin::may_use_console(request, state) => Ok(()),
        Some(_) => Err(Problem::new(Code::ForbiddenOrigin, Code::ForbiddenOrigin.title())),
    }
}

fn presented(request: &HttpRequest) -> Option<RefreshToken> {
    request.cookie(REFRESH_COOKIE).and_then(|cookie| RefreshToken::decode(cookie.value()))
}

fn answer(state: &ApiState, signed_in: SignedIn) -> HttpResponse {
    let SignedIn { agent, access, refresh: token } = signed_in;
    HttpResponse::Ok().cookie(cookie(state, REFRESH_COOKIE, token.encode())).json(LoginView {
        access_token: access.token,
        expires_in: access.expires_in,
        agent: SignedInView::from(&agent),
    })
}

fn cookie(state: &ApiState, name: &'static str, value: String) -> Cookie<'static> {
    let ttl = i64::try_from(state.settings.auth.refresh_ttl.as_secs()).unwrap_or(i64::MAX);
    Cookie::build(name, value)
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.settings.server.public_url().starts_with("https://"))
        .max_age(CookieDuration::seconds(ttl))
        .finish()
}
