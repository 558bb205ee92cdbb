//! The named value that every carrier is split into.

use std::ops::ControlFlow;

/// Where in a request a value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Carrier {
    /// The path of the target.
    Path,
    /// The name of a query parameter.
    QueryName,
    /// The value of a query parameter.
    QueryValue,
    /// The name of a cookie.
    CookieName,
    /// The value of a cookie.
    CookieValue,
    /// A header's value, or its name where that is unusual.
    Header,
    /// The value of a header that no standard and no widespread program gives a language of its own: what it
    /// means, the application alone knows.
    OwnHeader,
    /// The name of a field of an urlencoded form.
    FormName,
    /// The value of a field of an urlencoded form.
    FormValue,
    /// A key of a JSON object.
    JsonKey,
    /// A string (or a word without quotes) in JSON.
    JsonValue,
    /// Text, CDATA, a comment or a processing instruction in XML.
    XmlText,
    /// The value of an XML attribute.
    XmlAttribute,
    /// A document type declaration, whole.
    XmlDtd,
    /// The name of a multipart part.
    PartName,
    /// The file name of a multipart part, plain or extended (`filename*`).
    FileName,
    /// A header line of a multipart part, or an odd parameter of one.
    PartHeader,
    /// The content of a multipart part that is no file.
    PartValue,
    /// The head of a file's content.
    FileContent,
    /// A body, or a part of it, as plain text.
    Text,
}

impl Carrier {
    /// The name in events and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::QueryName => "query name",
            Self::QueryValue => "query",
            Self::CookieName => "cookie name",
            Self::CookieValue => "cookie",
            Self::Header | Self::OwnHeader => "header",
            Self::FormName => "form name",
            Self::FormValue => "form",
            Self::JsonKey => "json key",
            Self::JsonValue => "json",
            Self::XmlText => "xml text",
            Self::XmlAttribute => "xml attribute",
            Self::XmlDtd => "xml dtd",
            Self::PartName => "part name",
            Self::FileName => "file name",
            Self::PartHeader => "part header",
            Self::PartValue => "part",
            Self::FileContent => "file content",
            Self::Text => "text",
        }
    }

    /// Whether this is a name that the client chose, not a value.
    #[must_use]
    pub const fn is_name(self) -> bool {
        matches!(
            self,
            Self::QueryName | Self::CookieName | Self::FormName | Self::JsonKey | Self::PartName
        )
    }

    /// Whether the carrier is a tree (JSON, XML), which has a budget of fields of its own.
    #[must_use]
    pub const fn is_tree(self) -> bool {
        matches!(
            self,
            Self::JsonKey | Self::JsonValue | Self::XmlText | Self::XmlAttribute | Self::XmlDtd
        )
    }
}

/// One named value of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// Where it was found.
    pub carrier: Carrier,
    /// What the request calls it: the parameter, cookie, header or part; in JSON and XML the path
    /// from the root, joined with dots and each step cut to 64 bytes. Of a name or key it is the
    /// name itself. Empty where there is none.
    pub name: &'a [u8],
    /// The bytes after the carrier's own syntax was undone once, and nothing more.
    pub value: &'a [u8],
}

/// Takes fields as they are found.
///
/// Any `FnMut(Field<'_>) -> ControlFlow<()>` is one.
pub trait Sink {
    /// Takes a field; `Break` says that no more are wanted, and the splitter answers
    /// [`Halt::Stopped`](super::Halt::Stopped).
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()>;
}

impl<F: FnMut(Field<'_>) -> ControlFlow<()>> Sink for F {
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()> {
        self(field)
    }
}
