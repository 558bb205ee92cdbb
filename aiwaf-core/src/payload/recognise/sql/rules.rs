//! The rules of the SQL recogniser, with samples that they must hit and must not hit.

use crate::payload::category::{Category, Severity};
use crate::payload::rules::{Carriers, Rule};

pub(super) static UNION: Rule = Rule::recognised(
    "sqli-union",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 union select 1,2,3",
        "-1' UNION ALL SELECT NULL,NULL-- -",
        "1/**/union/**/select/**/user",
        "1 uNiOn(select 1)",
        "1 /*!50000union*/ select 2",
        "1 %u%n%i%o%n %s%e%l%e%c%t 1,2",
        "1#x\nunion#y\nselect 2",
        "\\Nunion select 1",
        "1' union distinctrow/*x*/select 1",
        "books union select password from users",
        "books UNION ALL SELECT NULL,NULL-- x",
    ],
    &[
        "The union selected a committee",
        "student union select committee",
        "credit union select checking comes with free checks from us",
        "European Union",
    ],
);
pub(super) static STACKED: Rule = Rule::recognised(
    "sqli-stacked",
    Category::Sqli,
    Severity::Critical,
    &[
        "1; drop table users",
        "'; exec xp_cmdshell('dir')--",
        "1;declare @s varchar(9)",
        "1; waitfor delay '0:0:5'",
        "joe; SELECT NULL-- -",
    ],
    &[
        "Come in; select a seat",
        "clear the field; select null values",
        "drop me a line; update me later",
        "a; b; c",
    ],
);
pub(super) static FUNCTION: Rule = Rule::recognised(
    "sqli-function",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 and sleep(5)",
        "benchmark(5000000,md5(1))",
        "1;select pg_sleep(5)",
        "1 and exists fn_xe_file_target_read_file('x')",
        "extractvalue(1,concat(0x7e,version()))",
    ],
    &[
        "I need sleep (8 hours)",
        "sleep well",
        "time.sleep(5)",
        "thread::sleep(Duration::from_secs(1))",
        "group_concat is slow",
    ],
);
pub(super) static CALL: Rule = Rule::recognised(
    "sqli-call",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 and ascii(substr(database(),1,1))>64",
        "if(now()=sysdate(),1,0)",
        "1 and char(97)=char(97)",
        "' and substring(user(),1,1)='r",
    ],
    &[
        "char(5)",
        "left(1)",
        "count(x)",
        "=IF(COUNT(E8:E37)=0,\"\",SUM(E8:E37))",
    ],
);
pub(super) static SELECT: Rule = Rule::recognised(
    "sqli-select",
    Category::Sqli,
    Severity::Critical,
    &[
        "(select password from users limit 1)",
        "select * from users where id=1",
        "1 and (select count(*) from t)>0",
    ],
    &[
        "select a plan from the list",
        "Please (select one)",
        "select me from the crowd",
    ],
);
pub(super) static QUERY: Rule = Rule::recognised(
    "sqli-query-in-text",
    Category::Sqli,
    Severity::High,
    &["how to select * from users", "now select count(*) from c"],
    &[
        "select a plan from the list",
        "select, my love, from all the stars",
    ],
)
.only(Carriers::NO_HEADERS);
pub(super) static STATEMENT: Rule = Rule::recognised(
    "sqli-statement",
    Category::Sqli,
    Severity::High,
    &[
        "insert into users values (1)",
        "drop table users",
        "delete from users where 1=1",
    ],
    &["drop us a line", "insert coins", "delete this post"],
)
.only(Carriers::NO_HEADERS);
pub(super) static CLAUSE: Rule = Rule::recognised(
    "sqli-clause",
    Category::Sqli,
    Severity::Critical,
    &[
        "1' order by 10-- -",
        "' ORDER BY -1-- -",
        "1 order by 3#",
        "1 having 1=1",
        "1 procedure analyse(1)",
        "1 into outfile '/tmp/x'",
        "1' group by 1-- -",
        "delete from users where id=1",
        "update users set a=1 where b=2",
    ],
    &[
        "order by phone",
        "status = 'Done' AND where = here",
        "sorted in order by 5 people",
        "having 2 children",
    ],
);
pub(super) static BREAKOUT: Rule = Rule::recognised(
    "sqli-breakout",
    Category::Sqli,
    Severity::Critical,
    &[
        "' or '1'='1",
        "' or 1=1--",
        "\" or \"a\"=\"a",
        "admin') or ('1'='1'--",
        "'||'a'='a",
        "'-'",
        "' like '%",
        "'+(1)+'",
        "x' and 1=2 and 'a'='a",
        "1'|1=1",
        "x'::int--",
        "1' or {`if`1}#",
        "admin' or 1<2d--",
        "' from users/*",
        "<x \">1 or 1=1--",
    ],
    &[
        "O'Brien and 'sons'",
        "<div style=\"font-family:'Segoe UI'\">Hi; see you @ 5</div>",
        "'From Russia--with love'",
        "\"From C# to Rust\"",
        "'from x/* to y */ z'",
        "rock 'n' roll",
        "It's 5 o'clock and we're late",
        "\"foo\" AND \"bar\"",
        "RECLAIMED WOOD\" + \"SIGN\" + \"PRIMITIVE\"",
        "1/4\"-1/2\" WIDE RIBBON",
        "the dogs' & cats' home",
        "'Vec'::new is a path",
        "printf(\"<{}> {}\", i);",
        "5' | 6'",
        "File \"<stdin>\", line 1, in <module>",
    ],
);
pub(super) static COMMENT: Rule = Rule::recognised(
    "sqli-quote-comment",
    Category::Sqli,
    Severity::Critical,
    &["admin'--", "admin' #", "admin')/*", "x' -- -", "';--"],
    &[
        "citta' -- Dante Alighieri",
        "e' vero\n\t\t-- Totò",
        "the '90s -- best decade",
        "C# and F#",
    ],
);
pub(super) static TAUTOLOGY: Rule = Rule::recognised(
    "sqli-tautology",
    Category::Sqli,
    Severity::Critical,
    &[
        "1 or 1=1",
        "1) or (1=1",
        "5 and 'a'='a'",
        " or a = a",
        "1 or 2>1",
        "1 || 1=1",
        "5#a\nand#b\n1=1",
        "or true--",
        "5 and 68 like 64",
        "1 or id=1",
        "1 or id=1 or 1<2e",
        "1 and name is not null",
        "1||lpad(user,7,1)",
        "|| ascii (mid (user (),1,1))>64",
        "&&version ()>5",
        "|| ascii (name)>64",
        "or length (user ())>1",
    ],
    &[
        "or done, version (final)",
        "page 1 or done, version (final)",
        "3 or 4 people",
        "black and white = classic",
        "a and b = c",
        "one or 2",
        "x = 1 and y = 2",
        "5 and 6 is 11",
        "3 or more = 10",
        "1 or two in 10",
        "0 || round(x)",
        "move || { let tx = tx.clone(); tx.send(1) }",
        "2 and x=y",
        "x^2 + 1\n\nOR\n\n0 < 2x\n2x less than or equal to x^2+1",
    ],
);
pub(super) static TRUTH: Rule = Rule::recognised(
    "sqli-truth",
    Category::Sqli,
    Severity::High,
    &["' or 1", "' or true", "' and 5"],
    &["'n or 5", "ladies' or gents'"],
);
pub(super) static CONDITIONAL: Rule = Rule::recognised(
    "sqli-conditional-comment",
    Category::Sqli,
    Severity::Critical,
    &["1 /*!or*/ 1=1", "/*!50000select*/ 1"],
    &["/* ! */", "/*! normalize.css v8 */"],
);
pub(super) static SIGNS: Rule = Rule::recognised(
    "sqli-heuristic-signs",
    Category::Sqli,
    Severity::Critical,
    &["5,)'\"(.(,.(", "chair).((').\".("],
    &[
        "('','','')",
        "\"\",\"\",\"\",\"\"",
        "f(\"a\",'b').g((1,2))",
        "(((...)))",
        "'\"'\"'\"'\"((",
    ],
)
.only(Carriers::VALUES);
pub(super) static VARIABLE: Rule = Rule::recognised(
    "sqli-variable",
    Category::Sqli,
    Severity::High,
    &["1 and @@version", "select @@hostname", "@@datadir"],
    &["a@@b", "me@example.com"],
);

/// The rules of this recogniser.
pub(in crate::payload::recognise) static RULES: &[&Rule] = &[
    &UNION,
    &STACKED,
    &FUNCTION,
    &CALL,
    &SELECT,
    &QUERY,
    &STATEMENT,
    &CLAUSE,
    &BREAKOUT,
    &COMMENT,
    &TAUTOLOGY,
    &TRUTH,
    &CONDITIONAL,
    &VARIABLE,
    &SIGNS,
];
