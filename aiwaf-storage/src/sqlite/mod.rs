//! A store in one SQLite file.

mod rows;
mod schema;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aiwaf_core::store::{Change, Records, Store, StoreError, StoreVersion};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::links;
use crate::open::{Access, OpenError};

/// How long to wait for another writer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait between two attempts when SQLite itself does not wait.
const PAUSE: Duration = Duration::from_millis(5);

/// Keeps records in one SQLite file (with a `-journal` file while it is written).
///
/// It uses a rollback journal with `synchronous = FULL`: an acknowledged change survives a killed
/// process and a power cut, and between two changes everything is in the one file. So a backup may
/// be copied or moved into its place under a running service; a write-ahead log would be applied
/// over the backup. Readers and a writer wait for each other, but only on threads that no request
/// waits for.
///
/// The file has an application id and a schema version. A file that is not a database, belongs to
/// another program or was written by a newer version is an error, and is left unchanged; so is an
/// empty one that takes the place of the file while the store is open.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    connection: Connection,
    /// Identifies the file: a backup put in its place has another identity.
    identity: Option<u64>,
    /// How often the file was found to be replaced.
    replacements: u32,
}

impl SqliteStore {
    /// Opens a file and migrates it to the newest version.
    ///
    /// # Errors
    /// If the file is missing or empty and must exist, `path` is not the path of a file, or the file
    /// is not a database, is not ours, or was written by a newer version.
    pub fn open(path: impl Into<PathBuf>, access: Access) -> Result<Self, OpenError> {
        let path = path.into();
        must_name_a_file(&path)?;
        if access == Access::MustExist && !path.exists() {
            return Err(OpenError::Missing(describe(&path)));
        }
        Ok(Self {
            connection: connect(&path, access).map_err(failed(&path, "opening it"))?,
            identity: identity(&path),
            path,
            replacements: 0,
        })
    }

    /// If the file was replaced, opens the new one.
    fn follow(&mut self) -> Result<(), SqliteError> {
        let identity = identity(&self.path);
        if identity != self.identity || !self.path.exists() {
            self.connection = connect(&self.path, Access::MustExist)?;
            self.identity = identity;
            self.replacements = self.replacements.wrapping_add(1);
        }
        Ok(())
    }

    fn load_all(&mut self) -> Result<Records, SqliteError> {
        self.follow()?;
        // One transaction, so that all tables are read in the same state.
        let transaction = self.connection.transaction()?;
        Ok(rows::load(&transaction)?)
    }

    fn apply_all(&mut self, changes: &[Change]) -> Result<Vec<bool>, SqliteError> {
        self.follow()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let made = changes
            .iter()
            .map(|change| rows::apply(&transaction, change))
            .collect::<Result<Vec<bool>, _>>()?;
        transaction.commit()?;
        Ok(made)
    }

    fn version_now(&mut self) -> Result<StoreVersion, SqliteError> {
        self.follow()?;
        // Changes with every commit of another connection, but never with one of this connection.
        let commits: u32 = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))?;
        Ok(StoreVersion(
            u64::from(self.replacements) << 32 | u64::from(commits),
        ))
    }
}

#[derive(Debug, thiserror::Error)]
enum SqliteError {
    #[error(transparent)]
    Schema(#[from] schema::SchemaError),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    File(#[from] std::io::Error),
}

/// Rejects names that are not file paths. A database in memory would be empty each time it is
/// opened, and for a URI we could not tell whether its file is still there.
fn must_name_a_file(path: &Path) -> Result<(), OpenError> {
    let name = path.to_string_lossy();
    if !matches!(name.trim(), "" | ":memory:") && !name.trim().starts_with("file:") {
        return Ok(());
    }
    // The parameters of a URI may contain a key.
    let shown = name.split('?').next().unwrap_or_default();
    Err(OpenError::NoFile(shown.to_owned()))
}

fn connect(path: &Path, access: Access) -> Result<Connection, SqliteError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if access == Access::Create {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let pinned = links::pinned(path)?;
    if pinned.is_some() {
        flags |= OpenFlags::SQLITE_OPEN_NOFOLLOW;
    }
    let mut connection = Connection::open_with_flags(pinned.as_deref().unwrap_or(path), flags)?;
    connection.busy_timeout(PATIENCE)?;
    // First, before anything is written, check that the file is ours.
    schema::check(&connection, access)?;
    roll_back(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Chooses the rollback journal, even for a file that had a write-ahead log. While another process
/// does the same, SQLite returns "busy" at once instead of waiting, because it cannot know whether
/// the two wait for each other.
fn roll_back(connection: &Connection) -> rusqlite::Result<()> {
    let since = Instant::now();
    loop {
        let done = connection.pragma_update(None, "journal_mode", "DELETE");
        let is_busy = done.as_ref().is_err_and(|error| {
            error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
        });
        if !is_busy || since.elapsed() >= PATIENCE {
            return done;
        }
        std::thread::sleep(PAUSE);
    }
}

fn describe(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn failed<E: Into<SqliteError>>(
    path: &Path,
    doing: &'static str,
) -> impl Fn(E) -> StoreError + use<E> {
    let store = describe(path);
    move |error| StoreError {
        store: store.clone(),
        doing,
        source: Box::new(error.into()),
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<u64> {
    std::fs::metadata(path)
        .ok()
        .map(|metadata| std::os::unix::fs::MetadataExt::ino(&metadata))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<u64> {
    None
}

impl Store for SqliteStore {
    fn describe(&self) -> String {
        describe(&self.path)
    }

    fn load(&mut self) -> Result<Records, StoreError> {
        self.load_all().map_err(failed(&self.path, "reading it"))
    }

    fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError> {
        self.apply_all(changes)
            .map_err(failed(&self.path, "writing it"))
    }

    fn version(&mut self) -> Result<StoreVersion, StoreError> {
        self.version_now()
            .map_err(failed(&self.path, "looking at it"))
    }
}
