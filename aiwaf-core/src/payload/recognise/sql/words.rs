//! Words of SQL.

/// The longest word that is looked up.
const MAX: usize = 31;

/// Whether the lower-case spelling of a word passes a test; a longer word passes none.
pub(super) fn lowered(word: &[u8], test: impl Fn(&[u8]) -> bool) -> bool {
    let mut buffer = [0; MAX];
    buffer.get_mut(..word.len()).is_some_and(|lower| {
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        test(lower)
    })
}

/// For each first letter, the lengths of the words in a set, one bit per length.
pub(super) struct Shapes([u32; 32]);

impl Shapes {
    /// The shapes of words that begin with a letter.
    #[allow(clippy::indexing_slicing)] // the loop ends where the words do, and five bits index 32
    pub(super) const fn of(words: &[&[u8]]) -> Self {
        let mut lengths = [0; 32];
        let mut at = 0;
        while at < words.len() {
            let word = words[at];
            assert!(word.len() <= MAX && word[0].is_ascii_lowercase());
            lengths[(word[0] & 31) as usize] |= 1 << word.len();
            at += 1;
        }
        Self(lengths)
    }

    /// Whether a word of the set may be equal to `word`. Rules out most words without reading them.
    #[inline]
    pub(super) fn may_hold(&self, word: &[u8]) -> bool {
        let lengths = word
            .first()
            .and_then(|first| self.0.get(usize::from(first & 31)));
        word.len() <= MAX && lengths.is_some_and(|lengths| lengths >> word.len() & 1 != 0)
    }
}

macro_rules! word_set {
    ($(#[$doc:meta])* $name:ident: $($word:literal)|+) => {
        $(#[$doc])*
        pub(super) fn $name(word: &[u8]) -> bool {
            static SHAPES: Shapes = Shapes::of(&[$($word),+]);
            SHAPES.may_hold(word) && lowered(word, |word| matches!(word, $($word)|+))
        }
    };
}

pub(super) use word_set;

word_set! {
    /// Words that join conditions.
    is_logic: b"or" | b"and" | b"xor"
}

word_set! {
    /// Words that compare.
    is_comparison: b"like" | b"ilike" | b"rlike" | b"regexp" | b"glob" | b"in" | b"is" | b"between" | b"similar"
        | b"sounds"
}

word_set! {
    /// Words that compute.
    is_operator: b"div" | b"mod" | b"collate"
}

word_set! {
    /// Words before a value that change it.
    is_unary: b"not" | b"exists" | b"distinct" | b"distinctrow" | b"binary" | b"any" | b"some" | b"escape"
}

word_set! {
    /// Words that continue a query after a condition.
    is_keyword: b"union" | b"limit" | b"order" | b"group" | b"having" | b"into" | b"where" | b"from"
        | b"procedure" | b"offset" | b"for" | b"then" | b"else" | b"end" | b"as" | b"select" | b"rlike" | b"when"
        | b"except" | b"intersect" | b"minus" | b"fetch" | b"waitfor"
}

word_set! {
    /// Words that begin a statement.
    is_statement: b"select" | b"insert" | b"update" | b"delete" | b"drop" | b"create" | b"alter"
        | b"truncate" | b"exec" | b"execute" | b"declare" | b"shutdown" | b"waitfor" | b"begin" | b"call"
        | b"grant" | b"revoke" | b"merge" | b"replace" | b"rename" | b"copy" | b"handler" | b"set" | b"if"
        | b"backup" | b"restore" | b"load" | b"attach" | b"vacuum" | b"pragma" | b"use" | b"do" | b"while"
}

word_set! {
    /// Every construct that is not a call contains one of these words or of those that begin a
    /// statement.
    is_clause: b"union" | b"select" | b"from" | b"by" | b"having" | b"case" | b"boolean" | b"into" | b"procedure"
        | b"where" | b"set" | b"table" | b"values"
}

/// Whether a construct may contain the word.
pub(super) fn is_construct(word: &[u8]) -> bool {
    is_clause(word) || is_statement(word)
}

word_set! {
    /// The object of a statement: `drop table`, `insert into`.
    is_object: b"table" | b"database" | b"schema" | b"user" | b"view" | b"index" | b"procedure" | b"function"
        | b"trigger" | b"login" | b"role" | b"into" | b"from" | b"column" | b"immediate" | b"sequence" | b"proc"
        | b"alias" | b"or" | b"data" | b"extension"
}

word_set! {
    /// Functions that only an attacker calls from a parameter.
    is_attack_function: b"sleep" | b"benchmark" | b"pg_sleep" | b"load_file" | b"extractvalue" | b"updatexml"
        | b"randomblob" | b"group_concat" | b"generate_series" | b"xp_cmdshell" | b"xp_dirtree" | b"xp_regread"
        | b"name_const" | b"concat_ws" | b"load_extension" | b"pg_read_file" | b"pg_ls_dir" | b"lo_import" | b"lo_get" | b"lo_put" | b"lo_export" | b"lo_from_bytea"
        | b"geometrycollection" | b"multipolygon" | b"multilinestring" | b"multipoint" | b"linestring" | b"gtid_subset"
        | b"row_count" | b"make_set" | b"elt" | b"utl_inaddr" | b"openrowset" | b"opendatasource" | b"xmltype"
        | b"json_keys" | b"gtid_subtract" | b"st_latfromgeohash" | b"st_longfromgeohash" | b"st_pointfromgeohash"
        | b"sysdate" | b"query_to_xml" | b"database_to_xml" | b"dblink_connect" | b"fn_xe_file_target_read_file"
        | b"sys_eval" | b"sys_exec" | b"aes_decrypt" | b"pg_sleep_for" | b"pg_sleep_until" | b"receive_message"
        | b"get_host_address" | b"serverproperty" | b"is_srvrolemember" | b"procedure_analyse" | b"ctxsys"
        | b"getmappingxpath" | b"drithsx" | b"parameters" | b"bitcount" | b"sqlite_version" | b"dbms_lock"
}

word_set! {
    /// SQL functions whose names other languages and people use too.
    is_common_function: b"char" | b"chr" | b"ascii" | b"concat" | b"substring" | b"substr" | b"mid" | b"version"
        | b"user" | b"database" | b"schema" | b"current_user" | b"session_user" | b"system_user" | b"length"
        | b"hex" | b"unhex" | b"ord" | b"if" | b"iif" | b"ifnull" | b"nullif" | b"coalesce" | b"cast" | b"convert"
        | b"count" | b"floor" | b"rand" | b"exp" | b"left" | b"right" | b"lower" | b"upper" | b"md5" | b"sha1" | b"bin"
        | b"lpad" | b"rpad" | b"replace" | b"reverse" | b"repeat" | b"instr" | b"locate" | b"position" | b"strcmp"
        | b"isnull" | b"len" | b"db_name" | b"user_name" | b"host_name" | b"object_id" | b"now" | b"polygon" | b"point"
        | b"unicode" | b"nchar" | b"to_char" | b"trim" | b"abs" | b"round" | b"space" | b"quote" | b"values"
        | b"last_insert_id" | b"found_rows" | b"connection_id" | b"exists" | b"rownum" | b"zeroblob" | b"likelihood"
        | b"max" | b"min" | b"sum" | b"decode" | b"conv" | b"pow" | b"power" | b"mod" | b"xmlelement" | b"encode" | b"bit_length"
        | b"char_length" | b"character_length" | b"octet_length" | b"soundex" | b"field" | b"interval" | b"row"
}

word_set! {
    /// Functions with which an attacker asks about a value, letter by letter.
    is_asking_function: b"instr" | b"locate" | b"find_in_set" | b"crc32" | b"regexp_like" | b"regexp_instr"
        | b"regexp_substr" | b"regexp_count" | b"regexp_replace" | b"starts_with" | b"strpos" | b"charindex" | b"patindex" | b"greatest"
        | b"least" | b"get_lock" | b"lnnvl" | b"json_extract" | b"json_value" | b"json_length" | b"json_contains"
        | b"json_depth" | b"json_search" | b"json_valid" | b"substring_index" | b"bit_count" | b"ltrim" | b"rtrim" | b"nvl" | b"nvl2"
        | b"uid" | b"unistr" | b"octet_length" | b"ascii" | b"substr" | b"substring" | b"ord" | b"char_length"
        | b"length" | b"len" | b"hex" | b"unhex" | b"glob" | b"likelihood" | b"unlikely" | b"ifnull" | b"nullif" | b"coalesce" | b"strcmp"
        | b"elt" | b"field" | b"instrb" | b"has_table_privilege" | b"pg_client_encoding" | b"textlen" | b"mid"
}

word_set! {
    /// What a database knows without an argument.
    is_niladic: b"user" | b"system_user" | b"session_user" | b"current_user" | b"current_role" | b"current_database"
        | b"current_schema" | b"db_name" | b"user_name" | b"host_name" | b"suser_name" | b"suser_sname" | b"app_name"
        | b"version" | b"database"
}

word_set! {
    /// Types and character sets whose name may stand before a string.
    is_type_name: b"bool" | b"boolean" | b"date" | b"time" | b"timestamp" | b"interval" | b"point" | b"box"
        | b"circle" | b"lseg" | b"path" | b"polygon" | b"inet" | b"cidr" | b"json" | b"jsonb" | b"text" | b"bit"
        | b"latin1" | b"utf8" | b"utf8mb4" | b"binary" | b"ascii" | b"xml" | b"uuid"
}

/// Whether a string may follow the word as one constant: `bool't'`, `_utf8'a'`.
pub(super) fn is_type(word: &[u8]) -> bool {
    is_type_name(word.strip_prefix(b"_").unwrap_or(word))
}

/// Whether databases have a function of that name.
pub(super) fn is_function(word: &[u8]) -> bool {
    is_attack_function(word) || is_common_function(word)
}

/// Whether `word` equals `expected`, ignoring case.
pub(super) fn is(word: &[u8], expected: &str) -> bool {
    word.eq_ignore_ascii_case(expected.as_bytes())
}
