//! Log-ins: begun with a password, kept alive by refreshing, ended by logging out.

use std::error::Error;

use frontdesk_domain::{Agent, EmailAddress, LoginId, Timestamp};
use frontdesk_ports::{Login, PasswordHash, Rotation, StoreError};
use uuid::Uuid;

use super::{
    PasswordError,
    live::Standing,
    refresh_token::RefreshToken,
    throttle::{self, Attempt, Source},
    tokens::Issued,
};
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
    source: Source,
    email: &str,
    password: String,
    device: Option<&str>,
) -> Result<SignedIn, Problem> {
    let account = throttle::account_name(email);
    let device = device.and_then(|token| state.tokens.verify_device(token, &account));
    let attempt = Attempt::begin(state, source, &account, device).await?;
    let checked = check(state, email, password).await;
    match &checked {
        Ok(None) => attempt.was_wrong(state).await,
        Ok(Some(_)) | Err(_) => attempt.drop_count(state).await,
    }
    let (agent, hash) = checked?.ok_or_else(wrong_credentials)?;
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
    if !frontdesk_application::logins::begin(&state.application, &login, &hash).await? {
        return Err(wrong_credentials());
    }
    Ok(SignedIn { access: state.tokens.issue_access(&agent, id), agent, refresh })
}

/// The agent who may sign in with this, and the hash of the password.
async fn check(state: &ApiState, email: &str, password: String) -> Result<Option<(Agent, PasswordHash)>, Problem> {
    let found = agent_at(state, email).await?;
    let right = state.passwords.verify(password, found.as_ref().map(|(_, hash)| hash.clone())).await?;
    Ok(found.filter(|(agent, _)| {
        let admitted = right && agent.active;
        if !admitted {
            record_refusal(state, agent.clone());
        }
        admitted
    }))
}

/// The agent of an address, and its password. Older versions stored international domains in their own script.
async fn agent_at(state: &ApiState, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError> {
    let agents = &state.database.directory;
    let found = agents.agent_by_email(email).await?;
    let former = email.parse::<EmailAddress>().ok().map(|address| address.in_unicode());
    match former.filter(|former| found.is_none() && former != email) {
        Some(former) => agents.agent_by_email(&former).await,
        None => Ok(found),
    }
}

fn wrong_credentials() -> Problem {
    Problem::new(Code::WrongCredentials, "e-mail address or password is wrong")
}

/// Exchanges a refresh token for the next one. That can be repeated until the next one was used; after that the log-in
/// ends, because a second holder has it too.
pub(super) async fn refresh(state: &ApiState, presented: &RefreshToken) -> Result<SignedIn, Problem> {
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
    state.live.forget(login.id);
    Ok(())
}

async fn exchange(state: &ApiState, presented: &RefreshToken) -> Result<(RefreshToken, Login), Problem> {
    let salt = RefreshToken::salt().map_err(no_randomness)?;
    let next = presented.next(&salt);
    let renewal = presented.renewal(&next, salt);
    let application = &state.application;
    let rotation = frontdesk_application::logins::exchange(application, presented.login, &renewal, end(state)).await?;
    match rotation {
        Rotation::Rotated(login) => Ok((next, login)),
        Rotation::Repeated(login, salt) => {
            let next = presented.next(&salt);
            // A node of an earlier version may have exchanged it and left the salt of an exchange before that.
            if next.hash() == login.token_hash { Ok((next, login)) } else { Err(Problem::unauthenticated()) }
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
