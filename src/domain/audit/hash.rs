//! The hash of an audit entry.
//!
//! SHA-256 over these bytes, in this order; integers are big-endian, `text` is its length in bytes as 32 bits and then
//! its UTF-8:
//!
//! | part | encoding |
//! | --- | --- |
//! | mark of the definition | the 17 bytes `frontdesk-audit-1` |
//! | hash of the entry before | 32 bytes |
//! | tenant | 16 bytes |
//! | number | 64 bits |
//! | moment, in milliseconds since 1970 | 64 bits |
//! | actor's kind, actor's id, act, object's kind, object's id | five times `text` |
//! | how many fields changed | 32 bits |
//! | each field | its name as `text`; the value before and the value after, each as one byte 0 (none) or 1 and then `text` |
//!
//! Every part has a fixed length or says its own, so two different entries never give the same bytes.

use sha2::{Digest as _, Sha256};

use super::{AuditEntry, AuditHash, FieldChange};

/// The hash that `entry` has to carry.
pub(super) fn of(entry: &AuditEntry) -> AuditHash {
    let draft = &entry.draft;
    let mut hash = Sha256::new();
    hash.update(b"frontdesk-audit-1");
    hash.update(entry.previous);
    hash.update(draft.tenant.0.as_bytes());
    hash.update(entry.number.to_be_bytes());
    hash.update(draft.at.0.to_be_bytes());
    for part in [&*draft.actor.kind, &draft.actor.id, &*draft.act, &*draft.object.kind, &draft.object.id] {
        text(&mut hash, part);
    }
    length(&mut hash, draft.changes.len());
    for FieldChange { field, before, after } in &draft.changes {
        text(&mut hash, field);
        for value in [before, after] {
            hash.update([u8::from(value.is_some())]);
            value.iter().for_each(|value| text(&mut hash, value));
        }
    }
    hash.finalize().into()
}

fn text(hash: &mut Sha256, text: &str) {
    length(hash, text.len());
    hash.update(text);
}

/// Lengths beyond 32 bits do not exist: a body is 64 KiB at most.
fn length(hash: &mut Sha256, length: usize) {
    hash.update(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        audit::{Actor, AuditDraft, ChainHead, Object},
        ids::{AgentId, TenantId},
        timestamp::Timestamp,
    };

    fn draft() -> AuditDraft {
        AuditDraft {
            tenant: TenantId(Uuid::from_u128(1)),
            at: Timestamp(1_700_000_000_000),
            actor: Actor::agent(AgentId(Uuid::from_u128(2))),
            act: "agent.changed".into(),
            object: Object::new("agent", Uuid::from_u128(3)),
            changes: vec![
                FieldChange::set("name", "李"),
                FieldChange::secret("password"),
                FieldChange::between("role", "owner", "agent").unwrap(),
            ],
        }
    }

    #[test]
    fn the_hash_of_a_known_entry_never_changes() {
        let hash = ChainHead::default().append(draft()).hash;
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "94f4fc4509d94e6425c1a4546684af7d023465fde22cc119181d5468db3df4eb");
    }

    #[test]
    fn every_part_of_an_entry_is_hashed() {
        let entry = ChainHead::default().append(draft());
        let changes: [fn(&mut AuditEntry); 12] = [
            |entry| entry.number += 1,
            |entry| entry.previous[31] ^= 1,
            |entry| entry.draft.tenant = TenantId(Uuid::from_u128(9)),
            |entry| entry.draft.at = Timestamp(1_700_000_000_001),
            |entry| entry.draft.actor.kind = "system".into(),
            |entry| entry.draft.actor.id.push('0'),
            |entry| entry.draft.act = "agent.created".into(),
            |entry| entry.draft.object.kind = "inbox".into(),
            |entry| entry.draft.object.id.push('0'),
            |entry| entry.draft.changes[2].before = Some("admin".to_owned()),
            |entry| entry.draft.changes[1].after = Some(String::new()),
            |entry| drop(entry.draft.changes.pop()),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut changed = entry.clone();
            change(&mut changed);
            assert_ne!(of(&changed), entry.hash, "change {index} went unnoticed");
        }
    }

    #[test]
    fn text_that_moves_from_one_part_to_the_next_changes_the_hash() {
        let (mut one, mut other) = (draft(), draft());
        one.object = Object::new("agentx", "y");
        other.object = Object::new("agent", "xy");
        assert_ne!(ChainHead::default().append(one).hash, ChainHead::default().append(other).hash);
    }
}
