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
    /// A piece of a query without `=`, which some backends take for a name and some for a value.
    QueryFlag,
    /// The name of a cookie.
    CookieName,
    /// The value of a cookie.
    CookieValue,
    /// A header's value, or its name if that is unusual.
    Header,
    /// The value of a header for which no standard and no widespread program defines a syntax. Only
    /// the application knows what it means.
    OwnHeader,
    /// The name of a field of an urlencoded form.
    FormName,
    /// The value of a field of an urlencoded form.
    FormValue,
    /// A piece of an urlencoded form without `=`, likewise a name or a value.
    FormFlag,
    /// A key of a JSON object.
    JsonKey,
    /// A string or an unquoted word in JSON.
    JsonValue,
    /// Text, CDATA, a comment or a processing instruction in XML.
    XmlText,
    /// The value of an XML attribute.
    XmlAttribute,
    /// A whole document type declaration.
    XmlDtd,
    /// The name of a multipart part.
    PartName,
    /// The file name of a multipart part, plain or extended (`filename*`).
    FileName,
    /// A header line of a multipart part, or an unusual parameter of one.
    PartHeader,
    /// The content of a multipart part that is not a file.
    PartValue,
    /// The beginning of a file's content.
    FileContent,
    /// A body, or a part of it, as plain text.
    Text,
}

impl Carrier {
    /// The name in events and logs. That of a flag is that of a name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::QueryName | Self::QueryFlag => "query name",
            Self::QueryValue => "query",
            Self::CookieName => "cookie name",
            Self::CookieValue => "cookie",
            Self::Header | Self::OwnHeader => "header",
            Self::FormName | Self::FormFlag => "form name",
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

    /// Whether this is a name that the client chose, not a value, or may be one.
    #[must_use]
    pub const fn is_name(self) -> bool {
        matches!(
            self,
            Self::QueryName
                | Self::QueryFlag
                | Self::CookieName
                | Self::FormName
                | Self::FormFlag
                | Self::JsonKey
                | Self::PartName
        )
    }

    /// Whether the carrier is a tree (JSON, XML), for which there is a separate budget of fields.
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
    /// Where the value was found.
    pub carrier: Carrier,
    /// The name that the request gives the value: that of the parameter, cookie, header or part. In
    /// JSON and XML it is the path from the root, joined with dots, with each step cut to 64 bytes.
    /// For a name, a key or a flag it is the value itself. Empty if there is none.
    pub name: &'a [u8],
    /// The bytes after the carrier's own syntax was decoded once, and nothing more.
    pub value: &'a [u8],
}

/// Receives fields as they are found.
///
/// Any `FnMut(Field<'_>) -> ControlFlow<()>` is a sink.
pub trait Sink {
    /// Receives a field. `Break` means that the sink accepts no more, and the splitter returns
    /// [`Halt::Stopped`](super::Halt::Stopped).
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()>;
}

impl<F: FnMut(Field<'_>) -> ControlFlow<()>> Sink for F {
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()> {
        self(field)
    }
}
