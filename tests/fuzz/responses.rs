//! Random responses of a hostile server, and the check of what a client made of them.

use std::fmt::{self, Display};

use crate::framing::{self, Body, Head, MAX_BODY, MAX_RESPONSE_HEADERS};
use crate::messages::{Writer, cuts};
use crate::mutation::shown;

/// The longest head that the client accepts.
const MAX_HEAD: usize = 131_072;
/// The most heads with a status below 200, and the final one, that the client accepts.
const MAX_HEADS: usize = 20;

/// The bytes with which a server answers the first request of a connection.
pub struct Input {
    pub bytes: Vec<u8>,
    /// The places between the pieces in which they are sent.
    pub cuts: Vec<usize>,
    pub method: &'static str,
    /// Whether the server closes the connection behind them.
    pub closes: bool,
    /// The number of redirects that the client follows.
    pub redirects: usize,
}

impl Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Input { bytes, cuts, method, closes, redirects } = self;
        write!(f, "{method}, cut at {cuts:?}, closes: {closes}, redirects: {redirects}: {}", shown(bytes))
    }
}

const STATUSES: [&str; 14] = [
    "200 OK",
    "200",
    "204 No Content",
    "304 Not Modified",
    "404 Not Found",
    "500 ",
    "201 \u{e4}",
    "206 Partial",
    "205 R",
    "302 F",
    "301 M",
    "999 X",
    "200 \tx",
    "301 M",
];
const NO_STATUSES: [&str; 14] = [
    "",
    "20",
    "2000",
    "99 X",
    "000 X",
    "099 X",
    "-20 X",
    "2x0 X",
    "200\tOK",
    "200OK",
    "101 Switching Protocols",
    " 200 OK",
    "200 O\0K",
    "200 \u{7f}",
];
const NO_VERSIONS: [&str; 8] =
    ["HTTP/2.0", "http/1.1", "HTTP/11", "HTTP/1.x", "", " HTTP/1.1", "ICY", "HTTP/1.11"];
const LOCATIONS: [&str; 10] = [
    "Location: /x",
    "Location: http://h/x",
    "Location: http://other/x?y",
    "Location:",
    "Location: //h",
    "Location: ?q",
    "Location: https://h/",
    "Location: \u{e4}",
    "Location: http://[::1",
    "Location: ../../x#f",
];
const CONNECTIONS: [&str; 4] =
    ["Connection: close", "Connection: keep-alive", "Connection: x", "Connection: Close, TE"];

/// The input of a seed.
pub fn input(seed: u64) -> Input {
    let mut writer = Writer::new(seed);
    let method = writer.random.of(&["GET", "GET", "GET", "HEAD", "POST", "OPTIONS"]);
    while writer.random.chance(8) {
        let interim = writer.random.of(&["100 Continue", "103 Early Hints", "102 P", "199 "]);
        let count = if writer.random.chance(5) { 15 + writer.random.below(10) } else { 1 };
        for _ in 0..count {
            writer.line(format!("HTTP/1.1 {interim}").as_bytes());
            writer.headers();
            writer.line_end();
        }
    }
    response(&mut writer);
    // Bytes that the client has not asked for: the response to its next request, as an attacker wants it.
    if writer.random.chance(20) {
        writer.push(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden");
    }
    let (bytes, mut random) = writer.finish();
    let redirects = if random.chance(10) { 3 } else { 0 };
    let (outcome, _) = response_in(&bytes, method);
    // If the connection stays open, the client would wait for the end of a response that does not end.
    let ends = !matches!(outcome, Outcome::Truncated | Outcome::UntilClose(..));
    let closes = !ends || redirects > 0 || random.chance(60);
    Input { cuts: cuts(&mut random, bytes.len()), bytes, method, closes, redirects }
}

fn response(w: &mut Writer) {
    let versions = if w.random.chance(85) { ["HTTP/1.1"] } else { ["HTTP/1.0"] };
    w.push_one(&versions, &NO_VERSIONS);
    w.push(b" ");
    let statuses = if w.random.chance(60) { &STATUSES[..2] } else { &STATUSES };
    w.push_one(statuses, &NO_STATUSES);
    w.line_end();
    w.headers();
    if w.random.chance(15) {
        let location = w.random.of(&LOCATIONS);
        w.line(location.as_bytes());
    }
    if w.random.chance(20) {
        let connection = w.random.of(&CONNECTIONS);
        w.line(connection.as_bytes());
    }
    let data = w.data();
    if w.random.chance(80) {
        w.framed(&data);
    } else {
        w.line_end();
        w.push(&data);
    }
}

/// The outcome that a client must find for a response.
enum Outcome {
    /// The status and the headers as the client prints them, and the body.
    Whole(String, Vec<u8>),
    /// The same, for a body that ends with the connection.
    UntilClose(String, Vec<u8>),
    /// A head, and a body that breaks a rule or a limit, or does not end.
    Broken(String),
    /// An error.
    Malformed,
    /// The response does not end. If a head is there, its body may be broken.
    Truncated,
}

/// The response to a request in the bytes from a server, and the number of bytes behind it.
fn response_in(bytes: &[u8], method: &str) -> (Outcome, usize) {
    let mut rest = bytes;
    for _ in 0..MAX_HEADS {
        let (lines, behind) = match framing::head(rest) {
            Head::Truncated => return (Outcome::Truncated, 0),
            Head::Malformed => return (Outcome::Malformed, 0),
            Head::Lines(_, length, _) if length > MAX_HEAD => return (Outcome::Malformed, 0),
            Head::Lines(lines, _, behind) => (lines, behind),
        };
        let Some((status, is_1_0)) = status_of(lines[0]) else { return (Outcome::Malformed, 0) };
        let Some(fields) = framing::fields(&lines[1..], MAX_RESPONSE_HEADERS, false) else {
            return (Outcome::Malformed, 0);
        };
        let is_twofold = fields.chunked && (fields.length.is_some() || is_1_0);
        if is_twofold || status == 101 {
            return (Outcome::Malformed, 0);
        }
        if status < 200 {
            rest = behind;
            continue;
        }
        let head = format!("{status} {}", framing::hex(fields.text.as_bytes()));
        if method == "HEAD" || status == 204 || status == 304 {
            return (Outcome::Whole(head, Vec::new()), behind.len());
        }
        if fields.length.is_some_and(|length| length > MAX_BODY) {
            return (Outcome::Malformed, 0);
        }
        if !fields.chunked && fields.length.is_none() {
            let is_long = behind.len() > MAX_BODY;
            let outcome =
                if is_long { Outcome::Broken(head) } else { Outcome::UntilClose(head, behind.to_vec()) };
            return (outcome, 0);
        }
        return match framing::body(&fields, behind, MAX_BODY) {
            Body::Whole(body, rest) => (Outcome::Whole(head, body), rest.len()),
            Body::Malformed => (Outcome::Broken(head), 0),
            Body::Truncated => (Outcome::Truncated, 0),
        };
    }
    (Outcome::Malformed, 0)
}

/// The status of a first line, and whether the version is 1.0.
fn status_of(line: &[u8]) -> Option<(u32, bool)> {
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let digits = rest.get(2..5)?;
    let is_number = rest[0].is_ascii_digit() && rest[1] == b' ' && digits.iter().all(u8::is_ascii_digit);
    let reason = &rest[5..];
    let is_reason = reason.is_empty() || reason[0] == b' ';
    let has_control = reason.iter().any(|b| *b != b'\t' && *b < b' ' || *b == 0x7f);
    let status = str::from_utf8(digits).ok()?.parse().ok()?;
    (is_number && is_reason && !has_control && status >= 100).then_some((status, rest[0] == b'0'))
}

/// The reason why the lines that the client printed about the first and the second response are wrong, if they are.
pub fn check(input: &Input, first: &str, second: &str) -> Result<(), String> {
    let (outcome, behind) = response_in(&input.bytes, input.method);
    if input.redirects == 0 {
        let (is_right, wanted) = match &outcome {
            Outcome::Whole(head, body) | Outcome::UntilClose(head, body) => {
                let wanted = format!("{head} ={}", framing::hex(body));
                (first == wanted, wanted)
            }
            Outcome::Broken(head) => (first == format!("{head} !"), format!("{head} !")),
            Outcome::Malformed => (first == "-", "-".to_owned()),
            Outcome::Truncated => (first == "-" || first.ends_with(" !"), "an error".to_owned()),
        };
        if !is_right {
            return Err(format!("instead of\n{wanted}\nthe client gets\n{first}"));
        }
    }
    // A piece behind the response may come when the next request was sent. No client can tell that it is no response.
    let end = input.bytes.len() - behind;
    let is_late = behind > 0 && input.cuts.iter().any(|cut| *cut >= end && *cut < input.bytes.len());
    if second == SECOND || is_late { Ok(()) } else { Err(format!("the second response is\n{second}")) }
}

/// The response to all requests but the first one, and the form in which the client prints it.
pub const SANE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const SECOND: &str = "200 436f6e74656e742d4c656e6774683a320a436f6e6e656374696f6e3a636c6f73650a =6f6b";
