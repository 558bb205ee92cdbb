//! nginx on loopback with its own settings, in front of a server that answers 200 to everything.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::rules;
use crate::process;

const PROGRAM: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so";

/// How long nginx may take to read its rules and listen.
const PATIENCE: Duration = Duration::from_secs(60);

/// nginx, running as one process. Dropping it kills it.
pub(super) struct Nginx {
    process: Child,
    pub(super) address: SocketAddr,
    folder: TempDir,
}

impl Nginx {
    /// Starts nginx, with the rules at this paranoia level or without ModSecurity.
    pub(super) fn start(paranoia: Option<u8>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        // The port is free now, and other programs that ask for a loopback port get another one.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let rules = match paranoia {
            Some(level) => Some(rules::write(path, level)?),
            None => None,
        };
        let settings = path.join("nginx.conf");
        fs::write(&settings, render(path, address, rules.as_deref()))?;
        let said = File::create(path.join("said"))?;
        let process = Command::new(PROGRAM)
            .arg("-p")
            .arg(path)
            .arg("-c")
            .arg(&settings)
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .with_context(|| format!("cannot start {PROGRAM}"))?;
        let mut nginx = Self {
            process,
            address,
            folder,
        };
        nginx.listens()?;
        Ok(nginx)
    }

    /// The processor time spent so far.
    pub(super) fn spent(&self) -> Result<Duration> {
        process::cpu_time(self.process.id())
    }

    fn listens(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait()? {
                bail!("nginx ended with {status}: {}", self.said());
            }
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("nginx does not listen: {}", self.said())
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("said")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One process, so that its processor time is the total. nginx's own limits are high enough that
/// every row arrives whole. There is a server behind it because ModSecurity reads bodies only when
/// nginx passes them on.
fn render(folder: &Path, address: SocketAddr, rules: Option<&Path>) -> String {
    let folder = folder.display();
    let (module, inspection) = rules.map_or_else(Default::default, |rules| {
        let rules = rules.display();
        (
            format!("load_module {MODULE};\n"),
            format!("modsecurity on; modsecurity_rules_file {rules};"),
        )
    });
    format!(
        "\
{module}daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  large_client_header_buffers 8 256k;
  ignore_invalid_headers off;
  underscores_in_headers on;
  server {{
    listen unix:{folder}/behind;
    location / {{ return 200; }}
  }}
  server {{
    listen {address};
    {inspection}
    location / {{ proxy_pass http://unix:{folder}/behind; }}
  }}
}}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_loopback_and_writes_into_its_folder_only() {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 4321));
        let text = render(Path::new("/f"), address, Some(Path::new("/f/rules.conf")));
        let listens: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("listen "))
            .collect();
        assert_eq!(listens, ["unix:/f/behind;", "127.0.0.1:4321;"]);
        assert!(text.contains("modsecurity on; modsecurity_rules_file /f/rules.conf;"));
        for line in text.lines().filter(|line| line.contains("_path")) {
            assert!(line.contains(" /f/"), "{line}");
        }
        let alone = render(Path::new("/f"), address, None);
        assert!(!alone.contains("modsecurity"), "{alone}");
    }
}
