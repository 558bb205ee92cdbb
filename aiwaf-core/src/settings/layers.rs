//! Layers: the preset's defaults, then the file, then the environment. The builder comes last.

use std::collections::BTreeMap;
use std::fmt;

use toml::{Table, Value};

use super::environment::{VARIABLES, Variable, meant};
use super::told;
use super::types::Settings;
use super::validate::InvalidSetting;

/// Why settings cannot be used. Each message names the place, the value and what was expected, but
/// never a value of `honeypot.keys` or `store`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file is not valid TOML, or it has an unknown key or a value of the wrong type.
    #[error("{place}: {message}")]
    File {
        /// The file, or the name that the caller gave the text.
        place: String,
        /// The line, the column, the setting, its value and what was expected.
        message: String,
    },
    /// An environment variable has an invalid value.
    #[error("environment variable {name}={value:?}: {message}")]
    Variable {
        /// The variable's name.
        name: String,
        /// The variable's value, unless it is secret.
        value: String,
        /// What was expected.
        message: String,
    },
    /// A value is well formed but not allowed.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
}

/// The layers above the preset's defaults. Each is optional.
///
/// ```
/// use aiwaf_core::settings::Layers;
///
/// let settings = Layers::new()
///     .file("aiwaf.toml", "[rate_limit]\nmax = 50\nflood = 80")?
///     .environment([("AIWAF_RATE_MAX", "60")])?
///     .settings()?;
/// assert_eq!(settings.rate_limit.max, 60);
/// # Ok::<(), aiwaf_core::settings::SettingsError>(())
/// ```
#[derive(Clone, Default)]
pub struct Layers {
    merged: Table,
    sources: Vec<String>,
    notes: Vec<String>,
}

/// Shows no values, because there may be keys among them.
impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers")
            .field("sources", &self.sources)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

impl Layers {
    /// Starts without any layer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the text of a settings file. `place` names it in errors.
    ///
    /// # Errors
    /// If the text is not valid TOML, or has an unknown key or a value of the wrong type.
    pub fn file(mut self, place: &str, text: &str) -> Result<Self, SettingsError> {
        // Deserialise the text first and by itself, because only then does an error have its line.
        let failed = |error| SettingsError::File {
            place: place.to_owned(),
            message: told::in_text(error, text),
        };
        toml::from_str::<Settings>(text).map_err(failed)?;
        let table = text.parse::<Table>().map_err(failed)?;
        merge(&mut self.merged, table);
        self.sources.push(place.to_owned());
        Ok(self)
    }

    /// Adds environment variables. Names that do not begin with `AIWAF_` are ignored. An unknown
    /// name that does is noted, not rejected, because orchestrators inject names of their own.
    ///
    /// # Errors
    /// If the value of a known variable is invalid.
    pub fn environment<K: AsRef<str>, V: AsRef<str>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, SettingsError> {
        let variables: BTreeMap<String, String> = variables
            .into_iter()
            .filter(|(name, _)| name.as_ref().starts_with("AIWAF_"))
            .map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned()))
            .collect();
        for (name, value) in &variables {
            match VARIABLES.iter().find(|known| known.name == name) {
                Some(known) => self.variable(known, value, &variables)?,
                None => self.notes.push(match meant(name) {
                    Some(known) => format!(
                        "environment variable {name} is not a setting of aiwaf; for {}, use {}",
                        known.setting, known.name
                    ),
                    None => format!("environment variable {name} is not a setting of aiwaf"),
                }),
            }
        }
        Ok(self)
    }

    fn variable(
        &mut self,
        variable: &Variable,
        value: &str,
        all: &BTreeMap<String, String>,
    ) -> Result<(), SettingsError> {
        let failed = |message: String| SettingsError::Variable {
            name: variable.name.to_owned(),
            value: told::value(variable.setting, value),
            message,
        };
        let Some((path, parsed)) = variable.read(value, all).map_err(&failed)? else {
            return Ok(());
        };
        if variable.gives_way() && self.merged.contains_key(path) {
            return Ok(());
        }
        let mut layer = Table::new();
        insert(&mut layer, path, parsed);
        // Deserialise this layer by itself, so that the error can name the variable.
        Settings::deserialize_layer(&layer).map_err(failed)?;
        merge(&mut self.merged, layer);
        self.sources.push(variable.name.to_owned());
        Ok(())
    }

    /// The files and environment variables that set something, in the order in which they were
    /// added.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Remarks about the layers, for the log and for `aiwaf config check`.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The settings: the preset's defaults, overridden by all layers.
    ///
    /// # Errors
    /// If a value is not allowed.
    pub fn settings(&self) -> Result<Settings, SettingsError> {
        let shown = |message: String| SettingsError::File {
            place: "settings".to_owned(),
            message,
        };
        let preset = Settings::deserialize_layer(&self.merged)
            .map_err(shown)?
            .preset;
        let mut table =
            Table::try_from(preset.settings()).map_err(|error| shown(error.to_string()))?;
        merge(&mut table, self.merged.clone());
        let settings = Settings::deserialize_layer(&table).map_err(shown)?;
        settings.validate()?;
        Ok(settings)
    }
}

impl Settings {
    fn deserialize_layer(table: &Table) -> Result<Self, String> {
        Value::Table(table.clone())
            .try_into::<Self>()
            .map_err(told::in_table)
    }

    /// All settings as the text of a settings file. The keys of the form guard are not shown.
    pub fn to_toml(&self) -> String {
        // Every field is a table, list, string or number, all of which TOML can represent.
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

/// Merges one table over another: tables are merged, everything else is replaced.
fn merge(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Sets a value at a dotted path.
fn insert(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = table
                .entry(head)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
