//! ModSecurity's rules from the packages, with only the changes that a measurement needs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// The recommended settings that come with the module, in the copy that nobody edits.
const RECOMMENDED: &str = "/usr/share/nginx/docs/modsecurity/modsecurity.conf";
/// The file that the settings name for code points.
const CODE_POINTS: &str = "/usr/share/nginx/docs/modsecurity/unicode.mapping";
const SETUP: &str = "/etc/modsecurity/crs/crs-setup.conf";
const RULES: &str = "/usr/share/modsecurity-crs/rules";

/// Writes the settings to a folder and returns the file that nginx must read.
pub(super) fn write(folder: &Path, paranoia: u8) -> Result<PathBuf> {
    for needed in [CODE_POINTS, SETUP, RULES] {
        ensure!(Path::new(needed).exists(), "{needed} is missing");
    }
    let recommended =
        fs::read_to_string(RECOMMENDED).with_context(|| format!("cannot read {RECOMMENDED}"))?;
    fs::write(
        folder.join("modsecurity.conf"),
        adapted(&recommended, folder)?,
    )?;
    let whole = folder.join("rules.conf");
    fs::write(&whole, main(folder, paranoia))?;
    Ok(whole)
}

/// The rule set's level is set by an action between its settings file and the rules.
fn main(folder: &Path, paranoia: u8) -> String {
    let folder = folder.display();
    format!(
        "Include {folder}/modsecurity.conf\n\
         Include {SETUP}\n\
         SecAction \"id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level={paranoia}\"\n\
         Include {RULES}/*.conf\n"
    )
}

/// The recommended settings, changed to refuse, to write no audit log, and to keep files in the
/// folder only. A request that cannot be parsed is refused with 403 instead of 400, because nginx
/// itself answers 400.
fn adapted(recommended: &str, folder: &Path) -> Result<String> {
    let folder = folder.display();
    let line = |line: &str| match line.split_whitespace().next() {
        Some("SecRuleEngine") => "SecRuleEngine On".to_owned(),
        Some("SecAuditEngine") => "SecAuditEngine Off".to_owned(),
        Some(name @ ("SecTmpDir" | "SecDataDir")) => format!("{name} {folder}"),
        Some("SecAuditLog") => format!("SecAuditLog {folder}/audit.log"),
        Some("SecUnicodeMapFile") => format!("SecUnicodeMapFile {CODE_POINTS} 20127"),
        _ => line.replace("status:400", "status:403"),
    };
    let lines: Vec<_> = recommended.lines().map(line).collect();
    for needed in ["SecRuleEngine On", "SecRequestBodyAccess On"] {
        ensure!(
            lines.iter().any(|line| line == needed),
            "{RECOMMENDED} has no {needed:?}"
        );
    }
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGED: &str = "\
# SecRuleEngine is documented elsewhere
SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecRule REQBODY_ERROR \"!@eq 0\" \\
\"id:'200002', phase:2,t:none,log,deny,status:400,severity:2\"
SecTmpDir /tmp/
SecAuditEngine RelevantOnly
SecAuditLog /var/log/nginx/modsec_audit.log
SecUnicodeMapFile unicode.mapping 20127
";

    #[test]
    fn settings_refuse_and_write_into_the_folder_only() {
        let text = adapted(PACKAGED, Path::new("/f")).unwrap();
        assert_eq!(text.lines().count(), PACKAGED.lines().count());
        for line in [
            "# SecRuleEngine is documented elsewhere",
            "SecRuleEngine On",
            "SecTmpDir /f",
            "SecAuditEngine Off",
            "SecAuditLog /f/audit.log",
            "\"id:'200002', phase:2,t:none,log,deny,status:403,severity:2\"",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("/tmp") && !text.contains("/var"));
    }

    #[test]
    fn settings_that_would_not_read_bodies_are_an_error() {
        let blind = PACKAGED.replace("BodyAccess On", "BodyAccess Off");
        assert!(adapted(&blind, Path::new("/f")).is_err());
    }

    #[test]
    fn the_level_is_set_before_the_rules() {
        let text = main(Path::new("/f"), 2);
        let at = |part: &str| text.find(part).unwrap();
        assert!(at("crs-setup.conf") < at("tx.paranoia_level=2"));
        assert!(at("tx.paranoia_level=2") < at("rules/*.conf"));
    }
}
