//! The second opinion on HTTP/1.1: the requests that a stream of bytes contains, or the response. It works on copies of
//! whole messages, in several passes, and knows only one way to read a message, as RFC 9112 does in its strictest form.

/// The limits of the server in `server.weft`, and those that a client has.
pub const MAX_HEAD: usize = 8_192;
pub const MAX_HEADERS: usize = 30;
pub const MAX_BODY: usize = 4_096;
pub const MAX_RESPONSE_HEADERS: usize = 200;
const MAX_EXTENSIONS: usize = 16_384;
const MAX_TRAILERS: usize = 8_192;
const MAX_TRAILER_FIELDS: usize = 100;

/// Headers that matter for framing, and all headers as the programs of these tests print them.
#[derive(Default)]
pub struct Fields {
    pub text: String,
    pub length: Option<usize>,
    pub chunked: bool,
    pub hosts: usize,
    pub closes: bool,
    pub keeps_alive: bool,
    pub expects: bool,
}

/// A body, and the bytes behind it.
pub enum Body<'a> {
    Whole(Vec<u8>, &'a [u8]),
    /// It breaks a rule or a limit.
    Malformed,
    /// It does not end.
    Truncated,
}

pub fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
}

fn is_value(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| *b == b'\t' || (*b >= b' ' && *b != 0x7f))
}

fn is_host(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+;=:[]".contains(b))
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_blank = |b: &u8| *b == b' ' || *b == b'\t';
    let start = bytes.iter().position(|b| !is_blank(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !is_blank(b)).map_or(start, |at| at + 1);
    &bytes[start..end]
}

/// The value of a header as `std.http` gives it.
fn text_of(value: &[u8]) -> String {
    match str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|b| char::from(*b)).collect(),
    }
}

/// The lines of a head without its last two line endings; `None` if there are other line endings.
fn lines(head: &[u8]) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    let mut rest = head;
    while let Some(at) = find(rest, b"\r\n") {
        found.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    found.push(rest);
    let is_line = |line: &&[u8]| !line.iter().any(|b| matches!(b, b'\r' | b'\n' | 0));
    found.iter().all(is_line).then_some(found)
}

/// The headers in lines; `None` if they must be refused. Some headers are for requests only, and mean nothing
/// elsewhere.
pub fn fields(lines: &[&[u8]], most: usize, are_of_request: bool) -> Option<Fields> {
    let mut fields = Fields::default();
    if lines.len() > most {
        return None;
    }
    for line in lines {
        let colon = line.iter().position(|b| *b == b':')?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if !is_token(name) || !is_value(value) {
            return None;
        }
        note(&mut fields, name, trimmed(value), are_of_request)?;
    }
    Some(fields)
}

fn note(fields: &mut Fields, name: &[u8], value: &[u8], is_of_request: bool) -> Option<()> {
    let text = format!("{}:{}\n", String::from_utf8_lossy(name), text_of(value));
    fields.text.push_str(&text);
    match name.to_ascii_lowercase().as_slice() {
        b"host" if is_of_request => {
            fields.hosts += 1;
            is_host(value).then_some(())
        }
        b"expect" if is_of_request => {
            fields.expects = true;
            value.eq_ignore_ascii_case(b"100-continue").then_some(())
        }
        b"connection" => {
            for option in value.split(|b| *b == b',') {
                fields.closes |= trimmed(option).eq_ignore_ascii_case(b"close");
                fields.keeps_alive |= trimmed(option).eq_ignore_ascii_case(b"keep-alive");
            }
            Some(())
        }
        b"content-length" => {
            let is_number = !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit);
            if fields.length.is_some() || !is_number {
                return None;
            }
            fields.length = str::from_utf8(value).ok()?.parse().ok();
            Some(())
        }
        b"transfer-encoding" => {
            let is_second = std::mem::replace(&mut fields.chunked, true);
            (!is_second && value.eq_ignore_ascii_case(b"chunked")).then_some(())
        }
        _ => Some(()),
    }
}

/// The head in front of the empty line, as lines, and the bytes behind it.
pub enum Head<'a> {
    Lines(Vec<&'a [u8]>, usize, &'a [u8]),
    Malformed,
    Truncated,
}

pub fn head(bytes: &[u8]) -> Head<'_> {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Head::Truncated };
    match lines(&bytes[..end]) {
        Some(lines) => Head::Lines(lines, end + 4, &bytes[end + 4..]),
        None => Head::Malformed,
    }
}

/// The body of a message with these headers.
pub fn body<'a>(fields: &Fields, bytes: &'a [u8], most: usize) -> Body<'a> {
    if fields.chunked {
        return chunked(bytes, most);
    }
    let length = fields.length.unwrap_or(0);
    if length > most {
        Body::Malformed
    } else if bytes.len() < length {
        Body::Truncated
    } else {
        Body::Whole(bytes[..length].to_vec(), &bytes[length..])
    }
}

fn chunked(bytes: &[u8], most: usize) -> Body<'_> {
    let (mut data, mut rest, mut extensions) = (Vec::new(), bytes, 0);
    loop {
        let digits = rest.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let Some(end) = find(rest, b"\r\n") else {
            let is_unclear =
                digits == rest.len() || rest[digits..].iter().all(|b| *b == b'\r' || is_value(&[*b]));
            return if is_unclear { Body::Truncated } else { Body::Malformed };
        };
        let extension = &rest[digits..end.max(digits)];
        extensions += extension.len();
        // Blanks are wrong, and must be accepted only before an extension.
        let is_extension = extension.is_empty()
            || extension.trim_ascii_start().first() == Some(&b';') && is_value(extension);
        if digits == 0 || digits > 15 || !is_extension || extensions > MAX_EXTENSIONS {
            return Body::Malformed;
        }
        let digits = str::from_utf8(&rest[..digits]).expect("they are digits");
        let size = usize::from_str_radix(digits, 16).expect("they are few digits");
        rest = &rest[end + 2..];
        if size == 0 {
            return trailers(data, rest);
        }
        if data.len() + size > most {
            return Body::Malformed;
        }
        if rest.len() < size + 2 {
            let is_wrong = rest.len() > size && rest[size] != b'\r';
            return if is_wrong { Body::Malformed } else { Body::Truncated };
        }
        data.extend_from_slice(&rest[..size]);
        if &rest[size..size + 2] != b"\r\n" {
            return Body::Malformed;
        }
        rest = &rest[size + 2..];
    }
}

fn trailers(data: Vec<u8>, rest: &[u8]) -> Body<'_> {
    if let Some(behind) = rest.strip_prefix(b"\r\n") {
        return Body::Whole(data, behind);
    }
    match head(rest) {
        Head::Truncated => Body::Truncated,
        Head::Lines(lines, length, behind)
            if length <= MAX_TRAILERS && fields(&lines, MAX_TRAILER_FIELDS, false).is_some() =>
        {
            Body::Whole(data, behind)
        }
        _ => Body::Malformed,
    }
}

/// A request that a handler must see.
pub struct Seen {
    pub method: String,
    pub path: String,
    /// The method, and the target, the path and the headers in hexadecimal digits, as `server.weft` tells them.
    pub line: String,
    /// `None` if the body is malformed or does not end.
    pub body: Option<Vec<u8>>,
    /// Whether the connection is closed after the response.
    pub closes: bool,
    /// Whether it may be closed.
    pub may_close: bool,
}

/// The reason why no further request is seen.
#[derive(Debug, PartialEq)]
pub enum End {
    /// All bytes belong to requests.
    Clean,
    /// The last request closes the connection.
    Closed,
    /// The rest, or the body of the last request, must be refused.
    Refused,
    /// The rest, or the body of the last request, does not end.
    Truncated,
}

/// The requests in the bytes that a client sends.
pub fn requests(bytes: &[u8]) -> (Vec<Seen>, End) {
    let (mut seen, mut rest) = (Vec::new(), bytes);
    loop {
        if rest.is_empty() {
            return (seen, End::Clean);
        }
        rest = rest.strip_prefix(b"\r\n").unwrap_or(rest);
        let (lines, behind) = match head(rest) {
            Head::Truncated => return (seen, End::Truncated),
            Head::Malformed => return (seen, End::Refused),
            Head::Lines(_, length, _) if length > MAX_HEAD => return (seen, End::Refused),
            Head::Lines(lines, _, behind) => (lines, behind),
        };
        let Some((mut request, fields)) = request(&lines) else { return (seen, End::Refused) };
        match body(&fields, behind, MAX_BODY) {
            Body::Whole(body, behind) => {
                request.body = Some(body);
                rest = behind;
            }
            Body::Malformed => {
                seen.push(request);
                return (seen, End::Refused);
            }
            Body::Truncated => {
                seen.push(request);
                return (seen, End::Truncated);
            }
        }
        let closes = request.closes;
        seen.push(request);
        if closes {
            return (seen, End::Closed);
        }
    }
}

/// The request of a head, without its body.
fn request(lines: &[&[u8]]) -> Option<(Seen, Fields)> {
    let first: Vec<&[u8]> = lines[0].split(|b| *b == b' ').collect();
    let [method, target, version] = first[..] else { return None };
    let is_1_0 = version == b"HTTP/1.0";
    if !is_token(method) || method.len() > 32 || !(is_1_0 || version == b"HTTP/1.1") || method == b"CONNECT" {
        return None;
    }
    let (path, authority) = target_parts(method, target)?;
    let mut fields = fields(&lines[1..], MAX_HEADERS, true)?;
    let hosts = if is_1_0 { 0..=1 } else { 1..=1 };
    if !hosts.contains(&fields.hosts) || fields.chunked && (fields.length.is_some() || is_1_0) {
        return None;
    }
    if fields.length.is_some_and(|length| length > MAX_BODY) {
        return None;
    }
    if let Some(authority) = authority {
        let is_other = |line: &&str| !line.to_ascii_lowercase().starts_with("host:");
        fields.text = fields.text.split_inclusive('\n').filter(is_other).collect();
        fields.text.push_str(&format!("Host:{authority}\n"));
    }
    let has_body = fields.chunked || fields.length.is_some_and(|length| length > 0);
    let is_echo = path == "/echo" && method != b"HEAD";
    let closes = fields.closes || (is_1_0 && (!fields.keeps_alive || is_echo)) || path == "/panic";
    // The server closes the connection if the handler does not read the body of a client that waits for `100 Continue`,
    // and if the handler would stream the body in a response to `HEAD`, unless the body has come already.
    let is_left = has_body
        && (path == "/echo" && method == b"HEAD" || fields.expects && (path == "/ignore" || is_echo));
    let method = String::from_utf8_lossy(method).into_owned();
    let line = format!("{method} {} {} {}", hex(target), hex(path.as_bytes()), hex(fields.text.as_bytes()));
    Some((Seen { method, path, line, body: None, closes, may_close: is_left }, fields))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The decoded path of a target, and its authority if it has one.
fn target_parts(method: &[u8], target: &[u8]) -> Option<(String, Option<String>)> {
    let is_visible = |b: &u8| (0x21..=0x7e).contains(b) && *b != b'#';
    if target.is_empty() || !target.iter().all(is_visible) {
        return None;
    }
    decoded(target)?;
    let before = target.split(|b| *b == b'?').next().expect("there is a part");
    if before.starts_with(b"/") {
        return Some((path_of(before)?, None));
    }
    if target == b"*" {
        return (method == b"OPTIONS").then(|| ("*".to_owned(), None));
    }
    if before.len() < 7 || !before[..7].eq_ignore_ascii_case(b"http://") {
        return None;
    }
    let rest = &before[7..];
    let slash = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
    let authority = &rest[..slash];
    if authority.is_empty() || !is_host(authority) {
        return None;
    }
    Some((path_of(&rest[slash..])?, Some(String::from_utf8_lossy(authority).into_owned())))
}

fn path_of(path: &[u8]) -> Option<String> {
    let bytes = decoded(path)?;
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then(|| if text.is_empty() { "/".to_owned() } else { text })
}

fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits =
                bytes.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            out.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    Some(out)
}
