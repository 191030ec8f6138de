//! The log: one JSON line an event on standard error. A line is made of a fixed set of fields, none of which can hold a
//! token, a code or a path that a visitor wrote; nothing else is ever logged.

use std::io::Write as _;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Value, json};

/// A request that was answered. `route` is the route's pattern, not what was asked for: paths hold tokens.
pub(crate) fn request(method: &str, route: &str, status: u16, took: Duration, from: IpAddr) {
    write(json!({
        "event": "request",
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "from": from.to_string(),
    }));
}

/// Somebody asked more often than they may.
pub(crate) fn limited(what: &'static str, from: IpAddr) {
    write(json!({ "event": "limited", "what": what, "from": from.to_string() }));
}

/// The vendor's machine, data or keys can't be used: the error's code.
pub(crate) fn trouble(code: &'static str) {
    write(json!({ "event": "trouble", "code": code }));
}

/// The server's own life: started, stopping, stopped.
pub(crate) fn life(event: &'static str, address: &str) {
    write(json!({ "event": event, "address": address }));
}

fn write(mut line: Value) {
    let now = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
    line["at"] = now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string().into();
    // In one piece; if nobody reads the log there is nobody to tell.
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}
