//! Log-ins: begun with a password, kept alive by refreshing, ended by logging out.

use std::{error::Error, net::IpAddr};

use frontdesk_domain::{Agent, LoginId, Timestamp};
use frontdesk_ports::{Login, Rotation};
use uuid::Uuid;

use super::{PasswordError, live::Standing, refresh_token::RefreshToken, throttle, tokens::Issued};
use crate::{
    http::{Code, Problem},
    state::ApiState,
};

/// What a sign-in or refresh gives.
pub(super) struct SignedIn {
    pub(super) agent: Agent,
    pub(super) access: Issued,
    pub(super) refresh: RefreshToken,
}

/// Begins a log-in. Whatever is wrong, the answer is the same, and so is the work.
pub(super) async fn sign_in(
    state: &ApiState,
    address: IpAddr,
    email: &str,
    password: String,
    device: Option<&str>,
) -> Result<SignedIn, Problem> {
    let account = throttle::account_name(email);
    let device = device.and_then(|token| state.tokens.verify_device(token, &account));
    throttle::admit(state, address, &account, device).await?;
    let (agent, hash) = state.database.directory.agent_by_email(email).await?.unzip();
    let right = state.passwords.verify(password, hash).await?;
    let Some(agent) = agent.filter(|agent| {
        let admitted = right && agent.active;
        if !admitted {
            record_refusal(state, agent.clone());
        }
        admitted
    }) else {
        return Err(Problem::new(Code::WrongCredentials, "e-mail address or password is wrong"));
    };
    let id = LoginId(Uuid::new_v4());
    let refresh = RefreshToken::fresh(id).map_err(no_randomness)?;
    let login = Login {
        id,
        tenant: agent.tenant,
        agent: agent.id,
        token_hash: refresh.hash(),
        expires_at: end(state),
        revoked: false,
    };
    frontdesk_application::logins::begin(&state.application, &login).await?;
    Ok(SignedIn { access: state.tokens.issue_access(&agent, id), agent, refresh })
}

/// Exchanges a refresh token for the next one. One that is used twice ends its log-in: a second holder has it too.
pub(super) async fn refresh(state: &ApiState, presented: &RefreshToken) -> Result<SignedIn, Problem> {
    let _turn = state.refreshes.turn(presented.login).await;
    let (next, login) = exchange(state, presented).await?;
    // The token's own word is not enough here: what is issued now is good for a while.
    state.live.forget(login.id);
    match state.live.standing(login.id).await {
        Standing::Live(agent) => {
            Ok(SignedIn { access: state.tokens.issue_access(&agent, login.id), agent, refresh: next })
        }
        Standing::Ended => Err(Problem::unauthenticated()),
        Standing::Unknown => {
            Err(Problem::new(Code::Unavailable, "the database does not answer")
                .after(std::time::Duration::from_secs(1)))
        }
    }
}

/// Ends the log-in of a refresh token.
pub(super) async fn sign_out(state: &ApiState, presented: &RefreshToken) -> Result<(), Problem> {
    let _turn = state.refreshes.turn(presented.login).await;
    match exchange(state, presented).await {
        Ok((_, login)) => end_login(state, &login).await,
        // Nothing to end.
        Err(problem) if problem.code() == Code::Unauthenticated => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// Adds a refused attempt to the audit trail. Beside the answer, whose time must not tell whether the account exists.
fn record_refusal(state: &ApiState, agent: Agent) {
    let application = state.application.clone();
    tokio::spawn(async move {
        if let Err(error) = frontdesk_application::logins::refused(&application, &agent).await {
            tracing::error!(error = &error as &dyn Error, agent.id = %agent.id, "a refused attempt was not audited");
        }
    });
}

async fn end_login(state: &ApiState, login: &Login) -> Result<(), Problem> {
    frontdesk_application::logins::end(&state.application, login.tenant, login.agent, login.id).await?;
    state.refreshes.forget(login.id);
    state.live.forget(login.id);
    Ok(())
}

async fn exchange(state: &ApiState, presented: &RefreshToken) -> Result<(RefreshToken, Login), Problem> {
    let (hash, now) = (presented.hash(), state.clock.monotonic());
    if let Some(repeated) = state.refreshes.repeated(&hash) {
        return Ok(repeated);
    }
    let next = RefreshToken::fresh(presented.login).map_err(no_randomness)?;
    let application = &state.application;
    let rotation =
        frontdesk_application::logins::exchange(application, presented.login, hash, next.hash(), end(state)).await?;
    match rotation {
        Rotation::Rotated(login) => {
            state.refreshes.remember(hash, now, next.clone(), login.clone());
            Ok((next, login))
        }
        Rotation::Reused(_) => {
            state.live.forget(presented.login);
            tracing::warn!(login.id = %presented.login, "a refresh token was used twice; its log-in was ended");
            Err(Problem::unauthenticated())
        }
        Rotation::Unknown => Err(Problem::unauthenticated()),
    }
}

fn end(state: &ApiState) -> Timestamp {
    let ttl = i64::try_from(state.settings.auth.refresh_ttl.as_millis()).unwrap_or(i64::MAX);
    state.clock.now().plus_millis(ttl)
}

fn no_randomness(error: getrandom::Error) -> Problem {
    tracing::error!(%error, "the system gives no random numbers");
    Problem::new(Code::Internal, Code::Internal.title())
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        if let PasswordError::Busy = error {
            return Self::new(Code::Overloaded, "too many passwords wait to be checked")
                .after(std::time::Duration::from_secs(2));
        }
        tracing::error!(error = &error as &dyn Error, "a password could not be hashed");
        Self::new(Code::Internal, Code::Internal.title())
    }
}
