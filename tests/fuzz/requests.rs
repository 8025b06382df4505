//! Random requests to a server, in pieces, and the check of what the server made of them.

use std::fmt::{self, Display};

use crate::framing::{self, End, Seen, find};
use crate::messages::{Writer, cuts};
use crate::mutation::shown;

/// The way in which a client ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    /// It ends its half of the connection, and reads all answers.
    HalfClose,
    /// It waits for the server, whose limits of time are short.
    Wait,
    /// It closes the connection, and reads nothing.
    Abort,
}

/// The bytes that a client sends over one connection.
pub struct Input {
    pub bytes: Vec<u8>,
    /// The places between the pieces in which they are sent.
    pub cuts: Vec<usize>,
    pub manner: Manner,
}

impl Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}, cut at {:?}: {}", self.manner, self.cuts, shown(&self.bytes))
    }
}

const METHODS: [&str; 9] = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "get", "M-SEARCH"];
const NO_METHODS: [&str; 6] = ["", "G@T", "CONNECT", "GET\t", "GETGETGETGETGETGETGETGETGETGETGETG", "\u{e4}"];
const TARGETS: [&str; 16] = [
    "/",
    "/ignore",
    "/echo",
    "/part",
    "/panic",
    "/whole?a=b&c",
    "/%41b",
    "http://h/echo",
    "HTTP://h:80?q",
    "http://h",
    "/a/../b",
    "/ignore?x",
    "/part",
    "/whole",
    "//h/x",
    "/%e2%82%ac?%ff",
];
const NO_TARGETS: [&str; 16] = [
    "",
    "*",
    "a",
    "/a b",
    "/%zz",
    "/%4",
    "/%00",
    "/%ff",
    "/#a",
    "ftp://h/",
    "http://",
    "http:///x",
    "http://a@b/",
    "/\u{e4}",
    "http:/x",
    "h:80",
];
const NO_VERSIONS: [&str; 10] = [
    "HTTP/1.2",
    "HTTP/2.0",
    "HTTP/0.9",
    "http/1.1",
    "HTTP/1.10",
    "HTTP/1,1",
    "HTTP/1.1 ",
    "",
    "HTTP/11",
    "HTTPS/1.1",
];
const HOSTS: [&str; 5] = ["Host: h", "host:h.example:80", "HOST: [::1]:8080", "Host:", "Host: \ta "];
const NO_HOSTS: [&str; 7] =
    ["X: h", "Host: a/b", "Host: a@b", "Host: a, b", "Host: a b", "Host : a", "Host: a\r\nHost: a"];
const CONNECTIONS: [&str; 7] = [
    "Connection: close",
    "Connection: keep-alive",
    "Connection: Close, x",
    "connection:,close",
    "Connection: KEEP-ALIVE",
    "Connection: xclose",
    "Connection: keep-alive\r\nConnection: close",
];

/// The input of a seed.
pub fn input(seed: u64) -> Input {
    let mut writer = Writer::new(seed);
    for _ in 0..1 + writer.random.below(4) {
        request(&mut writer);
    }
    if writer.random.chance(50) {
        writer.push(b"GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    let (bytes, mut random) = writer.finish();
    let manner = match random.below(100) {
        0..2 => Manner::Wait,
        2..12 => Manner::Abort,
        _ => Manner::HalfClose,
    };
    Input { cuts: cuts(&mut random, bytes.len()), bytes, manner }
}

fn request(w: &mut Writer) {
    if w.random.chance(3) {
        w.push(b"\r\n");
    }
    w.push_one(&METHODS, &NO_METHODS);
    w.push(b" ");
    w.push_one(&TARGETS, &NO_TARGETS);
    w.push(b" ");
    let versions = if w.random.chance(85) { ["HTTP/1.1"] } else { ["HTTP/1.0"] };
    w.push_one(&versions, &NO_VERSIONS);
    w.line_end();
    w.push_one(&HOSTS, &NO_HOSTS);
    w.line_end();
    w.headers();
    if w.random.chance(15) {
        let connection = w.random.of(&CONNECTIONS);
        w.line(connection.as_bytes());
    }
    if w.random.chance(8) {
        w.push_one(&["Expect: 100-continue", "expect: 100-Continue"], &["Expect: 200-ok", "Expect:"]);
        w.line_end();
    }
    if w.random.chance(60) {
        let data = w.data();
        w.framed(&data);
    } else {
        w.line_end();
    }
}

/// The outcome of an exchange: the requests that handlers saw, the bytes of the answers, and whether the connection was
/// reset.
pub struct Outcome {
    pub seen: Vec<String>,
    pub answers: Vec<u8>,
    pub was_reset: bool,
}

/// An answer of the server.
struct Answer {
    status: u16,
    body: Vec<u8>,
    is_whole: bool,
    /// Whether the end of the connection is the end of the body, so that the client cannot see whether it is whole.
    until_close: bool,
}

/// The answers in the bytes from the server, to requests with these methods. The server's own messages have one form:
/// anything else is an error.
fn answers(bytes: &[u8], expected: &[Seen]) -> Result<Vec<Answer>, String> {
    let (mut found, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let Some(end) = find(rest, b"\r\n\r\n") else { return Err(format!("half a head: {}", shown(rest))) };
        let head = str::from_utf8(&rest[..end]).map_err(|_| "a head that is no text".to_owned())?;
        rest = &rest[end + 4..];
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status = first.strip_prefix("HTTP/1.1 ").and_then(|first| first.get(..3)?.parse().ok());
        let status: u16 = status.ok_or_else(|| format!("another first line: {first}"))?;
        if status == 100 {
            continue;
        }
        let lines: Vec<&[u8]> = lines.map(str::as_bytes).collect();
        let fields = framing::fields(&lines, usize::MAX, false).ok_or("a head that is malformed")?;
        let is_head = expected.get(found.len()).is_some_and(|seen| seen.method == "HEAD");
        let body = match framing::body(&fields, rest, usize::MAX / 2) {
            _ if is_head => Some(Vec::new()),
            framing::Body::Whole(body, behind) if fields.chunked || fields.length.is_some() => {
                rest = behind;
                Some(body)
            }
            framing::Body::Whole(..) => Some(std::mem::take(&mut rest).to_vec()),
            _ => None,
        };
        let is_whole = body.is_some();
        let until_close = !fields.chunked && fields.length.is_none();
        found.push(Answer { status, body: body.unwrap_or_default(), is_whole, until_close });
        if !is_whole {
            break;
        }
    }
    Ok(found)
}

/// The reason why an outcome is wrong, if it is.
pub fn check(input: &Input, outcome: &Outcome) -> Result<(), String> {
    let (expected, end) = framing::requests(&input.bytes);
    check_seen(input, outcome, &expected)?;
    if input.manner != Manner::HalfClose {
        return Ok(());
    }
    let answers = answers(&outcome.answers, &expected)?;
    let count = outcome.seen.len();
    if answers.len() < count {
        return Err(format!("{count} requests are seen, but {} answered", answers.len()));
    }
    for (request, answer) in expected.iter().zip(&answers).take(count) {
        check_answer(request, answer)?;
    }
    let is_cut_off = count < expected.len() || expected.last().is_some_and(|request| request.may_close);
    let is_answered = expected.last().is_some_and(|request| request.body.is_none());
    match &answers[count..] {
        [] if end == End::Refused && !is_cut_off && !is_answered => Err("it is not refused".to_owned()),
        [] => Ok(()),
        [answer] if answer.status >= 400 && matches!(end, End::Refused | End::Truncated) && !is_answered => {
            Ok(())
        }
        more => Err(format!("there are {} more answers: {}", more.len(), more[0].status)),
    }
}

fn check_seen(input: &Input, outcome: &Outcome, expected: &[Seen]) -> Result<(), String> {
    let count = outcome.seen.len();
    if count > expected.len() {
        return Err(format!("a request is seen that is not there: {}", outcome.seen[expected.len()]));
    }
    for (request, seen) in expected.iter().zip(&outcome.seen) {
        let (line, body) = seen.rsplit_once(' ').expect("it ends with a body");
        if line != request.line {
            return Err(format!("instead of\n{}\nanother request is seen:\n{line}", request.line));
        }
        let is_lost = body == "!" && input.manner != Manner::HalfClose;
        let right = match &request.body {
            Some(body) => format!("={}", framing::hex(body)),
            None => "!".to_owned(),
        };
        if body != "-" && body != right && !is_lost {
            return Err(format!("instead of {right}, another body is seen: {body}"));
        }
    }
    let may_be_less = input.manner != Manner::HalfClose || count > 0 && expected[count - 1].may_close;
    if count < expected.len() && !may_be_less {
        return Err(format!("{count} requests are seen, but there are {}", expected.len()));
    }
    Ok(())
}

fn check_answer(request: &Seen, answer: &Answer) -> Result<(), String> {
    let is_broken = request.body.is_none();
    let is_refused = is_broken && matches!(answer.status, 400 | 413);
    let is_right = match request.path.as_str() {
        "/panic" => answer.status == 500,
        "/ignore" => answer.status == 200,
        "/part" => answer.status == 200 || is_refused,
        "/echo" => {
            let is_same = request.method == "HEAD" || Some(&answer.body) == request.body.as_ref();
            let is_open = request.method == "HEAD" || !answer.is_whole || answer.until_close;
            is_refused || answer.status == 200 && (if is_broken { is_open } else { is_same })
        }
        _ => is_refused || answer.status == 200 && !is_broken,
    };
    if is_right && (answer.is_whole || is_broken) {
        return Ok(());
    }
    Err(format!("the answer to {} {} has the status {}", request.method, request.path, answer.status))
}
