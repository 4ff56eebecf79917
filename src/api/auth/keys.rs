//! The keys that sign tokens: a file that every node of a desk shares, made at first start.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frontdesk_domain::Timestamp;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};

use super::{key_error::KeyError, key_file};

/// A fresh key signs only after this time, so that every node has read it before the first token with it comes along.
const SIGNS_AFTER_MS: i64 = 30_000;

/// A key as it lies in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRecord {
    kid: String,
    secret: String,
    created: Timestamp,
}

/// A key in use.
pub(super) struct Key {
    pub(super) kid: String,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    created: Timestamp,
}

/// Tells one state of the file from another without reading it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    modified: (i64, i64),
    bytes: u64,
}

/// The keys of a desk: the first signs, both verify.
pub struct Keys {
    path: PathBuf,
    ring: RwLock<(Stamp, Vec<Arc<Key>>)>,
}

impl Keys {
    /// Reads the keys in `path`; makes the file with a first key when there is none. Blocks on the disk.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(path: impl Into<PathBuf>, now: Timestamp) -> Result<Self, KeyError> {
        let path = path.into();
        if let Err(error) = fs::metadata(&path) {
            if error.kind() != io::ErrorKind::NotFound {
                return Err(KeyError::Io { path, source: error });
            }
            key_file::create(&path, &encode(&[KeyRecord::fresh(now)?]))?;
        }
        let ring = RwLock::new(read(&path)?);
        Ok(Self { path, ring })
    }

    /// Reads the file again if it changed; says whether it did. Keeps the keys it has when the file cannot be read.
    /// Blocks on the disk; call it every few seconds.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn reload(&self) -> Result<bool, KeyError> {
        let metadata = fs::metadata(&self.path).map_err(|source| KeyError::Io { path: self.path.clone(), source })?;
        if Stamp::of(&metadata) == self.ring.read().unwrap_or_else(PoisonError::into_inner).0 {
            return Ok(false);
        }
        let fresh = read(&self.path)?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// Puts a new key first in the file at `path` and keeps one old key, so that tokens signed with it stay good.
    /// Returns the new key's id. Running nodes take it up when they reload. Blocks on the disk.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn rotate(path: &Path, now: Timestamp) -> Result<String, KeyError> {
        let mut records = vec![KeyRecord::fresh(now)?];
        records.extend(records_of(path, &key_file::read(path)?.1)?.into_iter().take(1));
        key_file::replace(path, &encode(&records))?;
        Ok(records.swap_remove(0).kid)
    }

    /// The key to sign with at `now`.
    pub(super) fn signing(&self, now: Timestamp) -> Arc<Key> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let old_enough = |key: &&Arc<Key>| key.created.plus_millis(SIGNS_AFTER_MS) <= now;
        let key = ring.1.iter().find(old_enough).or_else(|| ring.1.last());
        Arc::clone(key.expect("a ring is never empty"))
    }

    /// The key named `kid`.
    pub(super) fn find(&self, kid: &str) -> Option<Arc<Key>> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.1.iter().find(|key| key.kid == kid).cloned()
    }
}

impl KeyRecord {
    fn fresh(now: Timestamp) -> Result<Self, KeyError> {
        let (mut secret, mut kid) = ([0_u8; 32], [0_u8; 8]);
        getrandom::fill(&mut secret).and_then(|()| getrandom::fill(&mut kid)).map_err(KeyError::Random)?;
        Ok(Self { kid: URL_SAFE_NO_PAD.encode(kid), secret: URL_SAFE_NO_PAD.encode(secret), created: now })
    }
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Self { inode: metadata.ino(), modified, bytes: metadata.len() }
    }
}

fn read(path: &Path) -> Result<(Stamp, Vec<Arc<Key>>), KeyError> {
    let (metadata, bytes) = key_file::read(path)?;
    key_file::check_mode(path, &metadata)?;
    let keys = records_of(path, &bytes)?.into_iter().map(|record| {
        let secret = URL_SAFE_NO_PAD.decode(&record.secret).ok().filter(|secret| secret.len() >= 32)?;
        let (encoding, decoding) = (EncodingKey::from_secret(&secret), DecodingKey::from_secret(&secret));
        Some(Arc::new(Key { kid: record.kid, encoding, decoding, created: record.created }))
    });
    let keys: Option<Vec<_>> = keys.collect();
    Ok((Stamp::of(&metadata), keys.ok_or_else(|| KeyError::Malformed { path: path.to_owned() })?))
}

fn records_of(path: &Path, bytes: &[u8]) -> Result<Vec<KeyRecord>, KeyError> {
    // The parser's own words could quote a secret, so they are not passed on.
    let records: Option<Vec<KeyRecord>> = serde_json::from_slice(bytes).ok();
    let records = records.filter(|records| matches!(records.len(), 1 | 2));
    records.ok_or_else(|| KeyError::Malformed { path: path.to_owned() })
}

fn encode(records: &[KeyRecord]) -> Vec<u8> {
    serde_json::to_vec_pretty(records).expect("texts and numbers always encode")
}
