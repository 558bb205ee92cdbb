//! The tables, and the migration of older files.

use rusqlite::{Connection, TransactionBehavior};

use crate::open::Access;

/// "aiwf": distinguishes our files from other SQLite files.
const APPLICATION: i64 = 0x6169_7766;

/// Statement `n` migrates version `n` to `n + 1`. Only ever append to the end.
///
/// Dates are microseconds since 1970. A ban is automatic if it has a cause.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE allowed (network TEXT PRIMARY KEY NOT NULL, added INTEGER NOT NULL) STRICT;
    CREATE TABLE denied (
        network TEXT PRIMARY KEY NOT NULL,
        reason TEXT NOT NULL,
        added INTEGER NOT NULL,
        until INTEGER,
        cause TEXT,
        offences INTEGER,
        evidence TEXT
    ) STRICT;
    CREATE TABLE keywords (keyword TEXT PRIMARY KEY NOT NULL, added INTEGER NOT NULL) STRICT;
    CREATE TABLE exempt_paths (path TEXT PRIMARY KEY NOT NULL, reason TEXT NOT NULL, added INTEGER NOT NULL) STRICT;
    CREATE TABLE countries (country TEXT PRIMARY KEY NOT NULL, added INTEGER NOT NULL) STRICT;
"];

/// Why a file is not ours or cannot be used by this program. It is left unchanged.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    #[error(
        "it is another program's database (tables {0}) and is left unchanged; choose another file"
    )]
    Foreign(String),
    #[error(
        "its schema is version {found}, but this program knows versions up to {known}; use a newer aiwaf"
    )]
    Newer { found: i64, known: usize },
    #[error("it is empty; restore it, or delete it to begin with empty lists")]
    Empty,
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// Checks that a file is ours, or empty if it may be new.
pub(super) fn check(connection: &Connection, access: Access) -> Result<(), SchemaError> {
    match (version_at_once(connection)?, access) {
        // Somebody is about to put a backup in its place: those on its lists must not be let in.
        (0, Access::MustExist) => Err(SchemaError::Empty),
        _ => Ok(()),
    }
}

/// Migrates a file to the newest version. Concurrent openers wait for each other.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), SchemaError> {
    if version_at_once(connection)? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = version(&transaction)?;
    for migration in MIGRATIONS.iter().skip(from) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}

/// Reads [`version`] in one transaction. A process that creates the file at the same time commits
/// the marks and the tables together; two separate reads could see the tables without the marks.
fn version_at_once(connection: &Connection) -> Result<usize, SchemaError> {
    let transaction = connection.unchecked_transaction()?;
    version(&transaction)
}

/// The version of one of our files; 0 for an empty one.
fn version(connection: &Connection) -> Result<usize, SchemaError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = number("user_version")?;
    if number("application_id")? != APPLICATION {
        let tables: Option<String> = connection.query_row(
            "SELECT group_concat(name, ', ') FROM sqlite_schema WHERE type = 'table'",
            [],
            |row| row.get(0),
        )?;
        return match tables {
            None if found == 0 => Ok(0),
            tables => Err(SchemaError::Foreign(tables.unwrap_or_default())),
        };
    }
    let known = MIGRATIONS.len();
    usize::try_from(found)
        .ok()
        .filter(|version| *version <= known)
        .ok_or(SchemaError::Newer { found, known })
}
