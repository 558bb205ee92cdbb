//! The rules of `header_validation`, compiled.

use super::agents::Agents;
use super::keywords::KeywordError;
use crate::headers::Header;
use crate::settings::{RequiredHeaders, Settings};

/// The headers that requests with one method must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Required {
    /// The check is off.
    Off,
    /// `Accept`, if the user agent claims to be a browser.
    OfBrowsers,
    /// All of these headers.
    Fields(Vec<RequiredField>),
}

/// A required header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredField {
    /// The header's name, in lower case.
    pub name: String,
    /// The well-known header with this name, if it is one.
    pub known: Option<Header>,
}

/// The rules of `header_validation`.
#[derive(Debug)]
pub struct HeaderRules {
    /// The names to search user agents for.
    pub agents: Agents,
    by_method: Vec<(String, Required)>,
    otherwise: Required,
}

impl HeaderRules {
    /// Compiles the settings.
    ///
    /// # Errors
    /// If the names of user agents cannot be compiled.
    pub fn new(settings: &Settings) -> Result<Self, KeywordError> {
        let wanted = &settings.headers.required;
        let by_method = match wanted {
            RequiredHeaders::ByMethod(methods) => methods
                .iter()
                .map(|(method, names)| (method.clone(), fields(names)))
                .collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            agents: Agents::new(settings)?,
            by_method,
            // Methods that the table does not name follow the preset, not GET: turning GET off must
            // not turn off every unknown method.
            otherwise: uniform(wanted)
                .or_else(|| uniform(&settings.preset.settings().headers.required))
                .unwrap_or(Required::OfBrowsers),
        })
    }

    /// The headers that a request with this method must have.
    pub fn required(&self, method: &str) -> &Required {
        self.by_method
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(method))
            .map_or(&self.otherwise, |(_, required)| required)
    }
}

/// The requirement for all methods, if it is the same for each.
fn uniform(required: &RequiredHeaders) -> Option<Required> {
    match required {
        RequiredHeaders::Browsers => Some(Required::OfBrowsers),
        RequiredHeaders::All(names) => Some(fields(names)),
        RequiredHeaders::ByMethod(_) => None,
    }
}

fn fields(names: &[String]) -> Required {
    if names.is_empty() {
        return Required::Off;
    }
    let field = |name: &String| RequiredField {
        known: Header::from_name(name),
        name: name.clone(),
    };
    Required::Fields(names.iter().map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Layers, Preset};

    fn rules(required: &str) -> HeaderRules {
        let layers = Layers::new()
            .environment([("AIWAF_REQUIRED_HEADERS", required)])
            .unwrap();
        HeaderRules::new(&layers.settings().unwrap()).unwrap()
    }

    #[test]
    fn a_method_that_no_table_names_keeps_the_default() {
        let rules = rules(r#"{"head": [], "POST": ["HTTP_USER_AGENT", "X-Api-Key"]}"#);
        assert_eq!(rules.required("HEAD"), &Required::Off);
        assert_eq!(rules.required("PURGE"), &Required::OfBrowsers);
        let Required::Fields(fields) = rules.required("POST") else {
            panic!("a list was given")
        };
        assert_eq!(fields[0].known, Some(Header::UserAgent));
        assert_eq!(
            (fields[1].name.as_str(), fields[1].known),
            ("x-api-key", None)
        );
        let mut classic = Preset::Classic.settings();
        classic.headers.required = RequiredHeaders::ByMethod([("GET".to_owned(), vec![])].into());
        let rules = HeaderRules::new(&classic).unwrap();
        assert_eq!(rules.required("GET"), &Required::Off);
        assert!(matches!(rules.required("PURGE"), Required::Fields(_)));
    }

    #[test]
    fn a_list_holds_for_all_methods_and_the_word_for_the_default() {
        assert!(
            matches!(rules("Accept, User-Agent").required("PUT"), Required::Fields(f) if f.len() == 2)
        );
        assert_eq!(rules("browsers").required("PUT"), &Required::OfBrowsers);
    }
}
