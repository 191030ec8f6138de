//! Runs the portal as a program and speaks just enough HTTP to it; requests and responses are
//! checked as they are on the wire.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::Server;

/// A running portal, which is killed when it is dropped.
pub(crate) struct Portal {
    child: Child,
    pub(crate) address: String,
    log: Arc<Mutex<Vec<String>>>,
    /// Reads the log to its end, once it is let.
    reader: Option<JoinHandle<()>>,
    let_read: Option<Sender<()>>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Portal {
    pub(crate) fn start(server: &Server, more: &[&str]) -> Self {
        Self::start_with(server, more, &[])
    }

    pub(crate) fn start_with(server: &Server, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut portal = Self::start_quietly(server, more, environment);
        portal.read_log_from_now_on();
        portal
    }

    /// One whose log isn't read until this is requested.
    pub(crate) fn start_unread(server: &Server) -> Self {
        Self::start_quietly(server, &[], &[])
    }

    fn start_quietly(server: &Server, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
        let mut child = server
            .command(&arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("the portal doesn’t start")).unwrap();
            let said: Value = serde_json::from_str(&line).unwrap_or_default();
            log.lock().unwrap().push(line);
            if said["event"] == "started" {
                break said["address"].as_str().unwrap().to_owned();
            }
        };
        let all = Arc::clone(&log);
        let (let_read, may_read) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let _: Result<(), _> = may_read.recv();
            for line in lines.map_while(Result::ok) {
                all.lock().unwrap().push(line);
            }
        });
        Self { child, address, log, reader: Some(reader), let_read: Some(let_read) }
    }

    pub(crate) fn read_log_from_now_on(&mut self) {
        self.let_read = None;
    }

    /// The whole log, once the program has ended.
    pub(crate) fn log_to_its_end(mut self) -> String {
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        self.reader.take().unwrap().join().unwrap();
        self.log()
    }

    /// The log so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Page {
        self.get_with(path, "")
    }

    pub(crate) fn get_with(&self, path: &str, headers: &str) -> Page {
        self.say(format!(
            "GET {path} HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n{headers}\r\n"
        ))
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_with(path, fields, "")
    }

    pub(crate) fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &str) -> Page {
        self.say(form_request(path, fields, headers))
    }

    /// Hands a text in through the one box.
    pub(crate) fn hand_in(&self, text: &str) -> Page {
        self.say(box_request(text))
    }

    pub(crate) fn say(&self, request: impl AsRef<[u8]>) -> Page {
        self.try_say(request).unwrap()
    }

    /// The same where the portal may accept no more connections.
    pub(crate) fn try_say(&self, request: impl AsRef<[u8]>) -> std::io::Result<Page> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(request.as_ref());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Ok(Page::of(&answer))
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end and gives its exit status.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The most memory that it has had so far, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// How many processes it has started that haven't ended.
    pub(crate) fn children(&self) -> usize {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let children = threads.flatten().map(|thread| {
            let children = std::fs::read_to_string(thread.path().join("children"));
            children.unwrap_or_default().split_whitespace().count()
        });
        children.sum()
    }

    /// Asks for a seat and gives the response; nothing if the server ended meanwhile.
    pub(crate) fn try_activate(&self, request: &str) -> Option<String> {
        let body = format!("token={request}");
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let _ = stream.write_all(
            format!(
                "POST /activate HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let page = Page::of(&answer);
        let whole = page.status == 200 && page.body.ends_with("</html>");
        whole.then(|| page.token())
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says something from another address of this machine.
pub(crate) fn from_address(own: [u8; 4], portal: &str, request: &[u8]) -> Page {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let portal: SocketAddr = portal.parse().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((own, 0).into()).unwrap();
        socket.connect(portal).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    let mut stream = stream;
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Page::of(&answer)
}

/// The request that a form sends.
pub(crate) fn form_request(path: &str, fields: &[(&str, &str)], headers: &str) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    let body = fields.join("&");
    format!(
        "POST {path} HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// The request that the form with the one box sends.
pub(crate) fn box_request(text: &str) -> String {
    let body = format!(
        "--frontier\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n--frontier--\r\n"
    );
    format!(
        "POST / HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n\
         content-type: multipart/form-data; boundary=frontier\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

impl Page {
    pub(crate) fn of(answer: &[u8]) -> Self {
        let answer = String::from_utf8_lossy(answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// A header, in small letters.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_else(|| panic!("no {name} in {}\n{}", self.head, self.body))
    }

    /// The page that it leads on to, of a portal at the root.
    #[track_caller]
    pub(crate) fn leads_to(&self) -> String {
        format!("/{}", self.header("location").trim_start_matches("../").trim_start_matches("./"))
    }

    /// What stands in this attribute of the element with this test id.
    #[track_caller]
    pub(crate) fn attribute(&self, id: &str, name: &str) -> String {
        let tag = self.tag(id).unwrap_or_else(|| panic!("no “{id}” on the page:\n{}", self.body));
        let value =
            tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.unwrap_or_else(|| panic!("no {name} in <{tag}>")).0.to_owned()
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.tag(id).is_some()
    }

    fn tag(&self, id: &str) -> Option<&str> {
        let at = self.body.find(&format!("data-testid=\"{id}\""))?;
        let start = self.body[..at].rfind('<')? + 1;
        let end = at + self.body[at..].find('>')?;
        Some(&self.body[start..end])
    }

    /// The code of the error that it shows, or nothing.
    pub(crate) fn error(&self) -> String {
        if self.has("error") { self.attribute("error", "data-code") } else { String::new() }
    }

    /// The name of the page.
    #[track_caller]
    pub(crate) fn name(&self) -> String {
        self.attribute("page", "data-page")
    }

    /// The token that it hands out.
    #[track_caller]
    pub(crate) fn token(&self) -> String {
        let at = self.body.find("data-testid=\"token\"");
        let at = at.unwrap_or_else(|| panic!("no token on the page:\n{}", self.body));
        let text = &self.body[at..];
        let text = &text[text.find('>').unwrap() + 1..];
        text[..text.find('<').unwrap()].to_owned()
    }
}
