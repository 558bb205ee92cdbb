//! The command line and its help.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use aiwaf_core::settings::parse_duration;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Manage the aiwaf web application firewall of a service: its lists, its settings, its verdicts.
///
/// The tool works on the same settings and the same store as the service and needs no running service.
/// A running service applies changes within a second.
#[derive(Debug, Parser)]
#[command(
    name = "aiwaf",
    version,
    arg_required_else_help = true,
    after_help = "Exit status: 0 done, 1 refused or not found, 2 usage or failure.",
    after_long_help = AFTER_LONG_HELP,
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_LONG_HELP: &str = "\
The tool finds settings and store as the service does. Later sources win: the defaults, the file
aiwaf.toml in the current directory (or the one that --config or AIWAF_CONFIG names), the AIWAF_*
environment variables, --store or --data-dir. Relative paths start at the current directory.

Exit status: 0 done, 1 refused or not found, 2 usage or failure.

Examples:
  aiwaf demo
  aiwaf add blacklist 203.0.113.10 --reason \"SQL injection attempts\" --for 24h
  aiwaf add keyword \"union select\" \"<script>\"
  aiwaf check GET \"http://shop.example/search?q=1+union+select\"
  aiwaf list all --json";

/// The heading over the options that every command accepts.
const GLOBAL: &str = "Global options";

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The store of the lists: csv:DIR, sqlite:FILE or env:NAME (read from that variable).
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "SPEC", conflicts_with = "data_dir")]
    pub(crate) store: Option<String>,
    /// A directory of CSV files: short for --store csv:DIR.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The settings file to use instead of aiwaf.toml in the current directory.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Write JSON instead of text.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Count the entries in the store.
    Stats,
    /// Show the lists.
    List {
        /// The list to show.
        #[arg(value_enum, default_value_t = List::All)]
        list: List,
    },
    /// Add to a list. Creates a store that does not exist yet, and says so.
    #[command(subcommand)]
    Add(Add),
    /// Remove from a list.
    #[command(subcommand)]
    Remove(Remove),
    /// Exempt paths from every check but bans.
    #[command(subcommand)]
    ExemptPath(ExemptPath),
    /// Show step by step whether the firewall would refuse a request, and why. Nothing is sent anywhere.
    #[command(after_help = "Exit status: 0 allowed, 1 refused, 2 usage or failure.")]
    Check(Check),
    /// Check or show the settings.
    #[command(subcommand)]
    Config(Config),
    /// Watch a protected site under attack, on this machine only.
    ///
    /// Starts a small shop on a free loopback port with everything in memory, lets attackers and an ordinary visitor
    /// loose on it, shows what became of each request, and stays up for a visit of your own until Ctrl-C.
    Demo(Demo),
}

/// A list to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum List {
    /// Addresses and networks that pass every check.
    Whitelist,
    /// Denied addresses and networks, and automatic bans.
    Blacklist,
    /// The operator's keywords.
    Keywords,
    /// The operator's exempt paths.
    Paths,
    /// Blocked countries.
    Countries,
    /// All of them.
    All,
}

/// What can be added.
#[derive(Debug, Subcommand)]
pub(crate) enum Add {
    /// Let addresses or networks pass every check.
    Whitelist {
        #[command(flatten)]
        values: Networks,
        #[command(flatten)]
        width: Width,
    },
    /// Refuse addresses or networks.
    ///
    /// An entry that was added by hand stays unchanged unless --reason or --for is given; then a new entry replaces it.
    Blacklist {
        #[command(flatten)]
        values: Networks,
        /// The reason, shown in the list. Default: Manual CLI addition.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// For how long: 90s, 15m, 2h or 7d. Without it, the entry stays until it is removed.
        #[arg(long = "for", value_name = "DURATION", value_parser = positive_duration)]
        duration: Option<Duration>,
        #[command(flatten)]
        width: Width,
    },
    /// Refuse requests with a keyword in path or query (with `keywords.in_body = true`, in the body too).
    #[command(visible_alias = "keywords")]
    Keyword(Keywords),
}

/// What can be removed.
#[derive(Debug, Subcommand)]
pub(crate) enum Remove {
    /// No longer let addresses or networks pass every check.
    Whitelist(Networks),
    /// No longer refuse addresses or networks. Ends an automatic ban, and forgets its strikes and offences.
    Blacklist(Networks),
    /// No longer refuse requests for a keyword.
    #[command(visible_alias = "keywords")]
    Keyword(Keywords),
}

#[derive(Debug, Args)]
pub(crate) struct Networks {
    /// Addresses or networks, v4 or v6 (203.0.113.10, 2001:db8::/48); `-` reads them from standard input, one a line.
    #[arg(required = true, value_name = "ADDRESS")]
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Keywords {
    /// Keywords; a space stands for any white space; `-` reads them from standard input, one a line.
    #[arg(required = true, value_name = "KEYWORD")]
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Width {
    /// Accept networks wider than /8 (v4) or /16 (v6).
    #[arg(long)]
    pub(crate) force: bool,
}

/// What can be done with exempt paths.
#[derive(Debug, Subcommand)]
pub(crate) enum ExemptPath {
    /// Exempt paths.
    Add {
        #[command(flatten)]
        values: Paths,
        /// The reason, shown in the list. Default: Manual CLI addition.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// No longer exempt paths.
    Remove(Paths),
    /// Show them.
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    /// An exact path (/webhook), everything under one (/public/) or an extension (*.pdf); `-` reads standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) values: Vec<String>,
}

/// A request to ask about.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// GET, POST and so on.
    pub(crate) method: String,
    /// The requested URL.
    #[arg(
        help = "A URL, or only its path and query: http://shop.example/search?q=x or /search?q=x"
    )]
    pub(crate) url: String,
    /// A header line, `Name: value`. May be repeated.
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub(crate) headers: Vec<String>,
    /// The body, or @FILE to read it from a file. A form, unless a Content-Type header says otherwise.
    #[arg(short, long, value_name = "BODY")]
    pub(crate) data: Option<String>,
    /// The address of the client or proxy that connects. The default is a documentation address that no list contains.
    #[arg(long, value_name = "ADDRESS", default_value = "203.0.113.1")]
    pub(crate) peer: IpAddr,
    /// A route of the service, such as /blog/{slug}. Paths that a route names are not treated as probes. May be repeated.
    #[arg(long = "route", value_name = "PATTERN")]
    pub(crate) routes: Vec<String>,
}

/// What can be done with settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Config {
    /// Check whether the settings are valid, and summarise them.
    Check,
    /// Print all settings in force, including defaults, in the format of aiwaf.toml.
    Show,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Exit after the run, with status 0 if every attack was stopped and the visitor was not, otherwise 1.
    #[arg(long)]
    pub(crate) once: bool,
}

/// Requires a unit. In the predecessor's variables a bare number counts seconds; if a person types
/// one, the unit is unknown.
fn positive_duration(text: &str) -> Result<Duration, String> {
    if text
        .trim()
        .ends_with(|last: char| last.is_ascii_digit() || last == '.')
    {
        return Err(format!(
            "{text:?} has no unit; expected a number with ms, s, m, h or d, for example \"2h\""
        ));
    }
    let duration = parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() {
        return Err("a ban must last longer than zero; expected for example \"2h\"".to_owned());
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
