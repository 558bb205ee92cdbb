//! A store in a directory of CSV files, one per list, which people and spreadsheets can also edit.

mod disk;
mod journal;
mod records;
mod rows;
mod sheet;
mod stamp;

use std::path::{Path, PathBuf};

use aiwaf_core::store::{
    AllowedNetwork, Change, CountryRecord, DeniedNetwork, ExemptPathRecord, KeywordRecord, Records,
    RowProblem, Store, StoreError, StoreVersion,
};

use self::disk::{FileError, Lock};
use self::journal::{Contents, JOURNAL};
use self::sheet::{Listed, Sheet};
use crate::file_stamp::FileStamp;
use crate::open::{Access, OpenError};

/// The files, in the order in which they are written.
const FILES: [&str; 5] = [
    AllowedNetwork::FILE,
    DeniedNetwork::FILE,
    KeywordRecord::FILE,
    ExemptPathRecord::FILE,
    CountryRecord::FILE,
];

/// Why a list cannot be read whose file is gone.
const DISAPPEARED: &str = "the file has disappeared; restore it, write only its header to empty the list, or restart the service";

/// Keeps records in a directory of CSV files, in the format of the Flask predecessor.
///
/// | file | columns |
/// | --- | --- |
/// | `whitelist.csv` | `ip,added_date` |
/// | `blacklist.csv` | `ip,reason,added_date,extended_request_info`, then `until` for bans that end, and `cause,offences` for automatic ones |
/// | `keywords.csv` | `keyword,added_date` |
/// | `path_exemptions.csv` | `path,reason,added_date` |
/// | `geo_blocked_countries.csv` | `country,added_date` |
///
/// **Reading.** Columns are found by the header, in any order and letter case; `timestamp` is
/// another name of `added_date`. Only the first column of the table is required. Dates are RFC
/// 3339, or have no offset and are taken as UTC. A row that cannot be read is reported with file
/// and line, stays where it is, and does not hide the rows after it. Of two rows with the same key
/// the last counts. A missing file is an empty list. A file without a header, or one that vanishes
/// while the store is open, is an error.
///
/// **Writing.** Dates are RFC 3339 in UTC (`2025-09-14T10:30:00Z`). Unchanged rows, and columns
/// that are not ours, are kept as they are. A cell that a spreadsheet would run (`=`, `+`, `-`,
/// `@`) gets an apostrophe, which reading removes again. Once per batch, a file is written whole to
/// a temporary file that then replaces it, so readers never see half of it. Writers take turns with
/// a lock on `aiwaf.lock` and first read what others wrote. A change of several files is written to
/// the journal `aiwaf.journal`; if it is interrupted, the next process that uses the directory
/// finishes it. Root follows links only within the directory, unless nobody else may create links
/// there.
///
/// Each batch writes a whole file, so this store is for lists of up to some ten thousand entries;
/// for more, use SQLite.
#[derive(Debug)]
pub struct CsvStore {
    directory: PathBuf,
    /// The stamps of the files as they were last read or written here.
    seen: Stamps,
    /// How often the files were found changed by others.
    outside_changes: u64,
    /// Which files existed when they were last read or written here.
    known: [bool; FILES.len()],
}

/// The stamps of all files and of the journal.
type Stamps = [Option<FileStamp>; FILES.len() + 1];

impl CsvStore {
    /// Opens a directory, and finishes what a killed writer began there.
    ///
    /// # Errors
    /// If the directory is missing and must exist, cannot be created, or is not a directory.
    pub fn open(directory: impl Into<PathBuf>, access: Access) -> Result<Self, OpenError> {
        let store = Self {
            directory: directory.into(),
            seen: Stamps::default(),
            outside_changes: 0,
            known: [false; FILES.len()],
        };
        if !store.directory.exists() {
            if access == Access::MustExist {
                return Err(OpenError::Missing(store.describe()));
            }
            std::fs::create_dir_all(&store.directory).map_err(|error| {
                store.failed("creating it")(FileError::new(&store.directory, error))
            })?;
        }
        store
            .check_directory()
            .map_err(store.failed("opening it"))?;
        if let Ok(_lock) = Lock::exclusive(&store.directory) {
            disk::sweep(&store.directory);
            journal::recover(&store.directory, &FILES)
                .map_err(store.failed("finishing a journalled change"))?;
        }
        Ok(store)
    }

    fn failed(&self, doing: &'static str) -> impl Fn(FileError) -> StoreError + use<> {
        let store = self.describe();
        move |error| StoreError {
            store: store.clone(),
            doing,
            source: Box::new(error),
        }
    }

    fn check_directory(&self) -> Result<(), FileError> {
        let metadata = std::fs::metadata(&self.directory);
        match metadata.map(|metadata| metadata.is_dir()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(FileError::new(&self.directory, "it is not a directory")),
            Err(error) => Err(FileError::new(&self.directory, error)),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn stamps(&self) -> Result<Stamps, FileError> {
        self.check_directory()?;
        let mut stamps = Stamps::default();
        for (stamp, name) in stamps.iter_mut().zip(FILES.iter().chain(&[JOURNAL])) {
            let path = self.path(name);
            *stamp = FileStamp::of(&path).map_err(|error| FileError::new(&path, error))?;
        }
        Ok(stamps)
    }

    /// Fails if the file of a list vanished while the store was open. Treating it as empty would
    /// let in everybody who was on the list.
    fn check_files(&self, stamps: &Stamps) -> Result<(), FileError> {
        let gone =
            |((known, stamp), _): &((&bool, &Option<FileStamp>), _)| **known && stamp.is_none();
        match self.known.iter().zip(stamps).zip(FILES).find(gone) {
            None => Ok(()),
            Some((_, name)) => Err(FileError::new(self.path(name), DISAPPEARED)),
        }
    }

    /// Remembers a file as it was written here. What others did to this or another file in the
    /// meantime is still to be noticed.
    fn remember_written(&mut self, name: &str, stamp: FileStamp) {
        let states = FILES.iter().zip(&mut self.seen).zip(&mut self.known);
        for ((file, seen), known) in states {
            if *file == name {
                *seen = Some(stamp);
                *known = true;
            }
        }
    }

    /// Remembers the state of the files as they are about to be read.
    fn remember(&mut self, stamps: Stamps) {
        self.seen = stamps;
        for (known, stamp) in self.known.iter_mut().zip(&stamps) {
            *known = stamp.is_some();
        }
    }

    /// Reads a list. A file that was there when the stamps were taken must still be there.
    fn read<R: Listed>(&self) -> Result<Sheet<R>, FileError> {
        let path = self.path(R::FILE);
        match disk::read(&path)? {
            None if self.was_seen(R::FILE) => Err(FileError::new(path, DISAPPEARED)),
            None => Ok(Sheet::new()),
            Some(bytes) => Sheet::parse(&bytes).map_err(|error| FileError::new(path, error)),
        }
    }

    fn was_seen(&self, name: &str) -> bool {
        let mut files = FILES.iter().zip(&self.seen);
        files.any(|(file, stamp)| *file == name && stamp.is_some())
    }

    fn list<R: Listed>(&self, problems: &mut Vec<RowProblem>) -> Result<Vec<R>, FileError> {
        let (records, found) = self.read::<R>()?.into_records();
        let found = found.into_iter().map(|problem| RowProblem {
            place: self.path(&problem.place).display().to_string(),
            ..problem
        });
        problems.extend(found);
        Ok(records)
    }

    fn load_all(&mut self) -> Result<Records, FileError> {
        self.check_directory()?;
        if self.path(JOURNAL).exists() {
            let _lock = Lock::exclusive(&self.directory)?;
            journal::recover(&self.directory, &FILES)?;
        }
        let _lock = Lock::shared(&self.directory)?;
        let stamps = self.stamps()?;
        self.check_files(&stamps)?;
        self.remember(stamps);
        let mut records = Records::default();
        let mut problems = Vec::new();
        records.allowed = self.list(&mut problems)?;
        records.denied = self.list(&mut problems)?;
        records.keywords = self.list(&mut problems)?;
        records.exempt_paths = self.list(&mut problems)?;
        records.countries = self.list(&mut problems)?;
        records.problems = problems;
        Ok(records)
    }

    fn apply_all(&mut self, changes: &[Change]) -> Result<Vec<bool>, FileError> {
        self.check_directory()?;
        let _lock = Lock::exclusive(&self.directory)?;
        journal::recover(&self.directory, &FILES)?;
        let mut edited = self.edit_all(changes)?;
        // Editors do not take the lock: what was saved a moment ago must not be overwritten.
        if self.stamps()? != self.seen {
            edited = self.edit_all(changes)?;
        }
        let (made, contents) = edited;
        for (name, stamp) in journal::commit(&self.directory, &contents)? {
            self.remember_written(name, stamp);
        }
        Ok(made)
    }

    /// Makes the changes in memory. Returns which of them changed something, and the new contents
    /// of the files.
    fn edit_all(&mut self, changes: &[Change]) -> Result<(Vec<bool>, Vec<Contents>), FileError> {
        self.notice_outside_changes()?;
        self.check_files(&self.seen)?;
        let mut made = vec![false; changes.len()];
        let mut contents = Vec::new();
        self.edit::<AllowedNetwork>(changes, &mut made, &mut contents)?;
        self.edit::<DeniedNetwork>(changes, &mut made, &mut contents)?;
        self.edit::<KeywordRecord>(changes, &mut made, &mut contents)?;
        self.edit::<ExemptPathRecord>(changes, &mut made, &mut contents)?;
        self.edit::<CountryRecord>(changes, &mut made, &mut contents)?;
        Ok((made, contents))
    }

    /// Makes the changes of one file, and returns its new contents.
    fn edit<R: Listed>(
        &self,
        changes: &[Change],
        made: &mut [bool],
        contents: &mut Vec<Contents>,
    ) -> Result<(), FileError> {
        if !changes.iter().any(|change| file_of(change) == R::FILE) {
            return Ok(());
        }
        let mut sheet = self.read::<R>()?;
        let mut changed = false;
        for (change, made) in changes.iter().zip(made) {
            if file_of(change) == R::FILE {
                *made = R::change(&mut sheet, change);
                changed |= *made;
            }
        }
        if changed {
            contents.push((R::FILE, sheet.into_bytes()));
        }
        Ok(())
    }

    fn notice_outside_changes(&mut self) -> Result<(), FileError> {
        let stamps = self.stamps()?;
        if stamps != self.seen {
            self.outside_changes += 1;
            self.seen = stamps;
        }
        Ok(())
    }
}

/// The file that a change affects.
fn file_of(change: &Change) -> &'static str {
    match change {
        Change::Allow(_) | Change::Disallow(_) => AllowedNetwork::FILE,
        Change::Deny(_) | Change::Undeny(_) | Change::EndBan(_) => DeniedNetwork::FILE,
        Change::AddKeyword(_) | Change::RemoveKeyword(_) => KeywordRecord::FILE,
        Change::AddExemptPath(_) | Change::RemoveExemptPath(_) => ExemptPathRecord::FILE,
        Change::AddCountry(_) | Change::RemoveCountry(_) => CountryRecord::FILE,
    }
}

impl Store for CsvStore {
    fn describe(&self) -> String {
        format!("csv:{}", Path::display(&self.directory))
    }

    fn load(&mut self) -> Result<Records, StoreError> {
        self.load_all().map_err(self.failed("reading it"))
    }

    fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError> {
        self.apply_all(changes).map_err(self.failed("writing it"))
    }

    fn version(&mut self) -> Result<StoreVersion, StoreError> {
        self.notice_outside_changes()
            .map_err(self.failed("looking at it"))?;
        Ok(StoreVersion(self.outside_changes))
    }
}
