//! Ports of the API that the server implements, as a test sets them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{Error, HttpRequest, HttpResponse, web::Payload};
use async_trait::async_trait;
use frontdesk_api::{
    CheckRefused, Ledger, LedgerAway, LedgerCheck, LedgerFigures, LedgerRepairs, Readiness, ReadinessReport, Sockets,
    UpgradeRequest,
};
use frontdesk_domain::{ConversationKey, Decision, InboxRules, Request, TenantId};
use frontdesk_memory::MemoryStore;
use frontdesk_ports::{Clock as _, Commands, ConversationStore as _, ExecuteError, Executed, ManualClock, Record};
use frontdesk_protocol::{Envelope, socket::Durability};

/// Conversations that log straight into the database.
pub(crate) struct StoreCommands {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) fault: Mutex<Option<ExecuteError>>,
}

impl StoreCommands {
    pub(crate) fn fail_next(&self, error: ExecuteError) {
        *self.fault.lock().unwrap() = Some(error);
    }
}

#[async_trait]
impl Commands for StoreCommands {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        let fault = self.fault.lock().unwrap().take();
        if let Some(error) = fault {
            return Err(error);
        }
        let conversation = self.store.load(key).await.unwrap().unwrap_or_default().conversation;
        let sender = request.principal.participant();
        if let Some(found) = self.store.find_request(key, sender, request.client_id).await.unwrap() {
            assert_eq!(found.digest, request.command.digest(), "tests do not reuse ids");
            return Ok(Executed { answer: found.outcome?, durability: Durability::Disk });
        }
        let answer = match conversation.decide_unseen(&request, InboxRules::default(), self.clock.now())? {
            Decision::Append(entry) => {
                let answer = frontdesk_domain::Answer { seq: entry.seq, at: entry.at };
                let record = Record { log_seq: entry.seq, envelope: Envelope::new(key, entry, None) };
                self.store.persist(&[record]).await.unwrap();
                answer
            }
            Decision::Settled(outcome) => outcome?,
            Decision::AskStore => unreachable!("it was asked"),
        };
        Ok(Executed { answer, durability: Durability::Disk })
    }
}

/// What the server implements for the API: keeps the sockets that were opened, and reports what a test sets.
#[derive(Default)]
pub(crate) struct ServerStub {
    pub(crate) upgrades: Mutex<Vec<UpgradeRequest>>,
    pub(crate) report: Mutex<ReadinessReport>,
    pub(crate) draining: Mutex<bool>,
    /// Tenants whose ledgers were asked for, and whether a check was to begin.
    pub(crate) ledgers: Mutex<Vec<(TenantId, bool)>>,
    /// Whether checks are refused.
    pub(crate) no_checks: Mutex<bool>,
}

#[async_trait]
impl Ledger for ServerStub {
    async fn figures(&self, tenant: TenantId) -> Result<LedgerFigures, LedgerAway> {
        self.ledgers.lock().unwrap().push((tenant, false));
        let check = LedgerCheck { found: [("missing".to_owned(), 0)].into(), ..LedgerCheck::default() };
        Ok(LedgerFigures {
            accepted: 3,
            persisted: 2,
            unpersisted: 1,
            oldest_unpersisted_ms: Some(40),
            conversations: 1,
            repairs: LedgerRepairs::default(),
            check: Some(check),
        })
    }

    async fn begin_check(&self, tenant: TenantId) -> Result<(), CheckRefused> {
        self.ledgers.lock().unwrap().push((tenant, true));
        match *self.no_checks.lock().unwrap() {
            true => Err(CheckRefused { retry_after: Duration::from_secs(12) }),
            false => Ok(()),
        }
    }
}

impl Sockets for ServerStub {
    fn upgrade(&self, _: &HttpRequest, _: Payload, upgrade: UpgradeRequest) -> Result<HttpResponse, Error> {
        self.upgrades.lock().unwrap().push(upgrade);
        Ok(HttpResponse::SwitchingProtocols().finish())
    }
}

impl Readiness for ServerStub {
    fn report(&self) -> ReadinessReport {
        self.report.lock().unwrap().clone()
    }

    fn draining(&self) -> bool {
        *self.draining.lock().unwrap()
    }
}
