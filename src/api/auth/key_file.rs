//! A small secret file: made for its owner only, and always either the old or the new content, whatever is killed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use super::key_error::KeyError;

/// Far above what two keys take.
const MOST_BYTES: u64 = 64 * 1024;

/// Content and metadata of the same opened file.
pub(super) fn read(path: &Path) -> Result<(fs::Metadata, Vec<u8>), KeyError> {
    let read = || {
        let file = File::open(path)?;
        let (metadata, mut bytes) = (file.metadata()?, Vec::new());
        file.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok((metadata, bytes))
    };
    read().map_err(|source| KeyError::Io { path: path.to_owned(), source })
}

/// Whether the file is kept secret enough. Its group may read it: so a secret reaches a container that does not run as
/// root. A file that all users may read and none may write is what some systems make of a secret; there nothing can
/// be done about its mode, so it is only warned of.
pub(super) fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    let mode = metadata.permissions().mode() & 0o777;
    if mode & MAY_READ == mode {
        if mode & READ_BY_OTHERS != 0 {
            tracing::warn!(
                path = %path.display(),
                mode = format_args!("{mode:o}"),
                "every user of this machine may read the signing keys; mount the secret with mode 0440 or 0400"
            );
        }
        return Ok(());
    }
    if mode & FOR_OTHERS != 0 {
        return Err(KeyError::Exposed { path: path.to_owned(), mode });
    }
    Ok(())
}

/// Makes the file, unless another process was faster: then that one's content stays.
pub(super) fn create(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    let create = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let fresh = write_beside(path, content)?;
        let linked = match fs::hard_link(&fresh, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            done => done,
        };
        fs::remove_file(&fresh)?;
        linked.and_then(|()| sync_folder(path))
    };
    create().map_err(|source| KeyError::Io { path: path.to_owned(), source })
}

/// Puts new content into the file's place, for the same owner, group and readers: the command that does so may run as
/// another user than the processes that read it.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    let replace = || {
        let old = fs::metadata(path)?;
        let fresh = write_beside(path, content)?;
        let made = fs::metadata(&fresh)?;
        let of_same_owner = (made.uid(), made.gid()) == (old.uid(), old.gid());
        let kept = if of_same_owner { Ok(()) } else { chown(&fresh, Some(old.uid()), Some(old.gid())) };
        let kept = kept.and_then(|()| fs::set_permissions(&fresh, fs::Permissions::from_mode(old.mode() & 0o640)));
        if let Err(error) = kept.and_then(|()| fs::rename(&fresh, path)) {
            let _may_stay = fs::remove_file(&fresh);
            return Err(error);
        }
        sync_folder(path)
    };
    replace().map_err(|source| KeyError::Io { path: path.to_owned(), source })
}

fn write_beside(path: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let fresh = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().as_simple()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(fresh)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

/// Bits that allow reading and nothing else.
const MAY_READ: u32 = 0o444;

/// The bit that lets every user read.
const READ_BY_OTHERS: u32 = 0o004;

/// What neither the group nor other users may be allowed: everything but reading by the group.
const FOR_OTHERS: u32 = 0o037;

#[cfg(test)]
mod tests {
    use frontdesk_domain::Timestamp;

    use super::*;
    use crate::auth::Keys;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/when/missing/keys.json");
        (folder, path)
    }

    #[test]
    fn the_first_start_makes_a_key_that_the_next_start_finds() {
        let (_folder, path) = place();
        let first = Keys::open(&path, Timestamp(0)).unwrap().signing(Timestamp(0)).kid.clone();
        assert_eq!(Keys::open(&path, Timestamp(9)).unwrap().signing(Timestamp(9)).kid, first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_remedy() {
        let (_folder, path) = place();
        drop(Keys::open(&path, Timestamp(0)).unwrap());
        for mode in [0o644, 0o604, 0o660, 0o620, 0o602, 0o750, 0o666, 0o777, 0o440 | 0o002] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = Keys::open(&path, Timestamp(0)).err().unwrap_or_else(|| panic!("{mode:o} was accepted"));
            assert!(refused.to_string().contains("chmod 640"), "{refused}");
        }
    }

    #[test]
    fn a_file_that_another_system_hands_out_as_a_secret_is_accepted() {
        let (_folder, path) = place();
        let made = Keys::open(&path, Timestamp(0)).unwrap().signing(Timestamp(0)).kid.clone();
        for mode in [0o400, 0o600, 0o440, 0o640, 0o444] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let keys = Keys::open(&path, Timestamp(0)).unwrap_or_else(|error| panic!("{mode:o}: {error}"));
            assert_eq!(keys.signing(Timestamp(0)).kid, made, "{mode:o}");
        }
    }

    #[test]
    fn a_new_key_keeps_the_readers_of_the_file() {
        let (_folder, path) = place();
        drop(Keys::open(&path, Timestamp(0)).unwrap());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        // Only root may give files away; as anyone else, the file is of one owner and group already.
        let _only_as_root = chown(&path, Some(65_534), Some(65_534));
        let before = fs::metadata(&path).unwrap();
        Keys::rotate(&path, Timestamp(1_000_000)).unwrap();
        let after = fs::metadata(&path).unwrap();
        let readers = |file: &fs::Metadata| (file.uid(), file.gid(), file.mode() & 0o777);
        assert_eq!(readers(&after), readers(&before));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_damaged_file_is_refused_without_quoting_it() {
        let (_folder, path) = place();
        drop(Keys::open(&path, Timestamp(0)).unwrap());
        for content in ["", "[]", "{", r#"[{"kid":"a","secret":"c2hvcnQ","created":0}]"#] {
            fs::write(&path, content).unwrap();
            let refused = Keys::open(&path, Timestamp(0)).err().unwrap();
            assert!(matches!(refused, KeyError::Malformed { .. }), "{content}: {refused}");
            assert!(!refused.to_string().contains("c2hvcnQ"));
        }
    }

    #[test]
    fn a_new_key_verifies_at_once_and_signs_once_every_node_has_it() {
        let (_folder, path) = place();
        let keys = Keys::open(&path, Timestamp(0)).unwrap();
        let old = keys.signing(Timestamp(0)).kid.clone();
        assert!(!keys.reload().unwrap(), "nothing changed yet");

        let new = Keys::rotate(&path, Timestamp(1_000_000)).unwrap();
        assert!(keys.reload().unwrap());
        assert!(keys.find(&old).is_some() && keys.find(&new).is_some());
        assert_eq!(keys.signing(Timestamp(1_000_001)).kid, old);
        assert_eq!(keys.signing(Timestamp(1_030_000)).kid, new);

        Keys::rotate(&path, Timestamp(2_000_000)).unwrap();
        keys.reload().unwrap();
        assert!(keys.find(&old).is_none(), "two keys at most");
    }

    #[test]
    fn keys_stay_in_use_while_the_file_cannot_be_read() {
        let (_folder, path) = place();
        let keys = Keys::open(&path, Timestamp(0)).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(keys.reload().is_err());
        let kid = keys.signing(Timestamp(0)).kid.clone();
        assert!(keys.find(&kid).is_some());
    }
}
