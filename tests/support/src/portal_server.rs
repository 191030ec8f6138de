//! The licensing server as a running program, for a browser on another computer.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::Vendor;
use crate::desktop::{ProcessGroup, dies_with_parent};

/// A running portal, which is stopped when this value is dropped.
#[derive(Debug)]
pub struct PortalServer {
    /// Its address, without a slash at the end.
    pub address: String,
    _server: ProcessGroup,
}

impl PortalServer {
    /// Serves a vendor's data on a port of this machine, at the vendor's time and in the vendor's
    /// look.
    ///
    /// # Errors
    /// Fails if the server doesn't start.
    pub fn start(vendor: &Vendor, port: u16, look: Option<&Path>) -> Result<Self> {
        Self::start_under(&[], vendor, port, look)
    }

    /// The same, started by another program: `wrapper arguments… program arguments…`.
    pub(crate) fn start_under(
        wrapper: &[OsString],
        vendor: &Vendor,
        port: u16,
        look: Option<&Path>,
    ) -> Result<Self> {
        let server = vendor.program();
        let mut words = wrapper.iter().map(OsString::as_os_str).chain([server.as_os_str()]);
        let first = words.next().unwrap_or_default();
        let mut command: Command = dies_with_parent(&first.to_string_lossy());
        command.args(words);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .envs(vendor.clock.environment()?)
            .arg("--data")
            .arg(&vendor.data)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
        if let Some(look) = look {
            command.arg("--look").arg(look);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = ProcessGroup::spawn(&mut command)?;
        let output = server.0.stderr.take().context("the portal has no output")?;
        let mut lines = BufReader::new(output).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines
                .next()
                .with_context(|| format!("the portal didn't start: {said}"))?
                .context("the portal's output can't be read")?;
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if event["event"] == "started" {
                break event["address"].as_str().unwrap_or_default().to_owned();
            }
            said = line;
        };
        // The log has to be read, or the server waits for that.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self { address: format!("http://{address}"), _server: server })
    }

    /// Sends a page's form without a browser, and gives the status and the page that comes.
    ///
    /// # Errors
    /// Fails if the server doesn't answer completely.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<(u16, String)> {
        let host = self.address.strip_prefix("http://").context("not an address")?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let mut connection = TcpStream::connect(host).context("no server there")?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            form.len()
        );
        connection.write_all((head + &form).as_bytes()).context("it doesn't listen")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).context("no answer")?;
        let (head, page) = answer.split_once("\r\n\r\n").context("half an answer")?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.context("no status")?, page.to_owned()))
    }
}
