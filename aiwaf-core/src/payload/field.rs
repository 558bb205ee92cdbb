//! Named values, as the carriers of a request hold them.

/// Where in a request a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    /// The value of a header.
    Header,
    /// The name of a field in a form body.
    FormName,
    /// The value of a field in a form body.
    FormValue,
    /// A key of a JSON object.
    JsonKey,
    /// A string or number in JSON.
    JsonValue,
    /// Text in XML.
    XmlText,
    /// The value of an attribute in XML.
    XmlAttribute,
    /// A whole document type definition, entity declarations included.
    XmlDtd,
    /// The name of a multipart part.
    PartName,
    /// The file name of an upload.
    FileName,
    /// The value of a header of a part.
    PartHeader,
    /// The content of a part that is no file.
    PartValue,
    /// The first bytes of an upload.
    FileContent,
    /// A text body, or one of unknown type.
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
            Self::Header => "header",
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
}

/// A named value of a request.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Where it was found.
    pub carrier: Carrier,
    /// The parameter, the header, the last key of the JSON path; for a name, the name itself.
    pub name: &'a [u8],
    /// The bytes after the carrier's own syntax was undone once, and nothing more.
    pub value: &'a [u8],
}
