//! Random parts of HTTP messages, with faults: headers, lengths and bodies.

use crate::framing::MAX_BODY;
use crate::mutation::mutate;
use crate::random::Random;

/// Bytes that mutations insert.
pub const PIECES: [&[u8]; 42] = [
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b"\0",
    b",",
    b";",
    b"\r\n\r\n",
    b"\n\n",
    b"\r\n ",
    b"Content-Length: 5\r\n",
    b"Content-Length: 6\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n",
    b"Transfer-Encoding\t: chunked\r\n",
    b"Content-Length : 5\r\n",
    b" Content-Length: 5\r\n",
    b"X: y\r\n",
    b"Host: b\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"Expect: 100-continue\r\n",
    b"0",
    b"-",
    b"+",
    b"0x",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/1.1 200 OK\r\n",
    b"GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n",
    b"0\r\n\r\n",
    b"5\r\nhello\r\n",
    b"%",
    b"#",
    b"\xc3\xa4",
    b"\xff",
    b"chunked",
    b"ffffffffffffffff",
];
const LENGTH_NAMES: [&str; 4] = ["Content-Length", "content-length", "CONTENT-LENGTH", "Content-length"];
const CODING_NAMES: [&str; 3] = ["Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING"];
const NO_LENGTHS: [&str; 20] = [
    "",
    "+5",
    "-5",
    "5,5",
    "5, 5",
    "5 5",
    "0x5",
    "5.0",
    "5;",
    "1e1",
    "99999999999999999",
    "999999999999999999",
    "0000000000000000005",
    "9223372036854775808",
    "18446744073709551616",
    "18446744073709551621",
    "\u{b}5",
    "5\u{a0}",
    "five",
    "4096, 4096",
];
const NO_CODINGS: [&str; 16] = [
    "",
    "identity",
    "gzip",
    "gzip, chunked",
    "chunked, gzip",
    "chunked, chunked",
    "xchunked",
    "chunkedx",
    "chunked;q=1",
    "\"chunked\"",
    "\u{b}chunked",
    "chunked\u{c}",
    "chunked,",
    ", chunked",
    "chun\u{212a}ed",
    "cow",
];
const HEADERS: [&str; 18] = [
    "X: 1",
    "Accept: */*",
    "Cookie: a=b; c=d",
    "X-Y:\t z ",
    "X-Empty:",
    "x-long-name-of-a-header: value, value",
    "Via: 1.1 a",
    "X-Quote: \"a\\\"b\"",
    "X: \u{e4}\u{20ac}",
    "Content_Length: 5",
    "Transfer_Encoding: chunked",
    "X-Content-Length: 7",
    "Connection: X",
    "Connection: keep-alive, x",
    "TE: trailers",
    "Trailer: X",
    "Content-Type: text/plain",
    "Upgrade: h2c",
];
const NO_HEADERS: [&[u8]; 20] = [
    b"X : 1",
    b"X\t: 1",
    b" X: 1",
    b"\tX: 1",
    b": 1",
    b"X",
    b"",
    b"X(1): 1",
    b"X: 1\r",
    b"X: \r1",
    b"X: 1\n",
    b"X: \x001",
    b"X: \x7f",
    b"X\0: 1",
    b"X\xff: 1",
    b"X: 1\r\n folded",
    b"X: 1\r\n\tContent-Length: 5",
    b"X: a\nY: b",
    b"\r",
    b"X:\x01",
];
/// Parts of bodies. Most of them look like something else if a reader loses count.
const DATA: [&[u8]; 14] = [
    b"hello",
    b"x",
    b"\r\n",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden",
    b"\0\xff\n",
    b"5\r\nhello\r\n",
    b"POST /hidden HTTP/1.1\r\n",
    b"ab",
    b"Content-Length: 3\r\n",
    b"\n\n",
    b"}",
];
const EXTENSIONS: [&str; 6] = ["", ";a", ";a=b", ";a=\"b c\"", ";", ";\t x = y"];
const NO_SIZES: [&[u8]; 20] = [
    b"",
    b"0x5",
    b" 5",
    b"5 ",
    b"-1",
    b"+5",
    b"5\t",
    b"g",
    b"ffffffffffffffff",
    b"10000000000000000",
    b"fffffffffffffff",
    b"7fffffffffffffff",
    b"8000000000000000",
    b"0000000000000000",
    b"00000000000000005",
    b"5\r",
    b"5\n",
    b"5,5",
    b"5 ;a",
    b"5;\x00",
];
const TRAILERS: [&str; 5] =
    ["X: 1", "Trailer-Name: v", "Content-Length: 5", "Transfer-Encoding: chunked", "Host: h"];

/// A writer of messages.
pub struct Writer {
    pub random: Random,
    pub out: Vec<u8>,
    /// The percentage of the places with a fault.
    pub faults: usize,
}

impl Writer {
    /// A writer for a seed; half of the writers make no faults.
    pub fn new(seed: u64) -> Writer {
        let mut random = Random::new(seed);
        let faults = if random.chance(50) { 0 } else { 1 + random.below(8) };
        Writer { random, out: Vec::new(), faults }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Appends one of `right` or, in a place with a fault, one of `wrong`.
    pub fn push_one(&mut self, right: &[&str], wrong: &[&str]) {
        let text = if self.fault() { self.random.of(wrong) } else { self.random.of(right) };
        self.push(text.as_bytes());
    }

    /// Whether there is a fault in this place.
    pub fn fault(&mut self) -> bool {
        self.faults > 0 && self.random.chance(self.faults)
    }

    pub fn line(&mut self, text: &[u8]) {
        self.push(text);
        self.line_end();
    }

    pub fn line_end(&mut self) {
        let end = if self.fault() {
            self.random.of(&[b"\n".as_slice(), b"\r", b"\r\r\n", b"", b" \r\n"])
        } else {
            b"\r\n"
        };
        self.push(end);
    }

    /// Headers that do not matter for framing.
    pub fn headers(&mut self) {
        for _ in 0..self.random.below(4) {
            let header = self.random.of(&HEADERS);
            self.line(header.as_bytes());
        }
        if self.fault() {
            let header = self.random.of(&NO_HEADERS);
            self.line(header);
        }
        if self.random.chance(1) {
            let header = format!("X: {}", "y".repeat(self.random.below(20_000)));
            self.line(header.as_bytes());
        }
        if self.random.chance(1) {
            for n in 0..20 + self.random.below(300) {
                self.line(format!("X{n}: z").as_bytes());
            }
        }
    }

    /// Bytes of a body.
    pub fn data(&mut self) -> Vec<u8> {
        let mut data = Vec::new();
        for _ in 0..self.random.below(6) {
            data.extend_from_slice(self.random.of(&DATA));
        }
        match self.random.below(100) {
            0..2 => data.resize(data.len() + self.random.below(6_000), b'z'),
            // The limit, and its neighbours.
            2..4 => data.resize(MAX_BODY - 1 + self.random.below(3), b'z'),
            _ => {}
        }
        data
    }

    /// The headers that say how long a body is, the empty line, and the body.
    pub fn framed(&mut self, data: &[u8]) {
        let is_chunked = self.random.chance(50);
        if is_chunked {
            self.coding()
        } else {
            self.length(data.len())
        }
        if self.fault() {
            match self.random.below(4) {
                0 => self.coding(),
                1 => self.length(data.len()),
                2 => self.length(data.len() + 1),
                _ => self.length(0),
            }
        }
        self.headers();
        self.line_end();
        if is_chunked { self.chunks(data) } else { self.push(data) }
    }

    fn length(&mut self, length: usize) {
        let name = self.random.of(&LENGTH_NAMES);
        let value = if self.fault() {
            self.random.of(&NO_LENGTHS).to_owned()
        } else if self.fault() {
            (length + self.random.below(40)).saturating_sub(20).to_string()
        } else {
            format!("{}{length}", "0".repeat(if self.random.chance(5) { 3 } else { 0 }))
        };
        let blank = self.random.of(&["", " ", " ", "  ", "\t"]);
        let last = if self.random.chance(5) { " " } else { "" };
        self.line(format!("{name}:{blank}{value}{last}").as_bytes());
    }

    fn coding(&mut self) {
        let name = self.random.of(&CODING_NAMES);
        self.push(format!("{name}: ").as_bytes());
        self.push_one(&["chunked", "Chunked", "CHUNKED "], &NO_CODINGS);
        self.line_end();
    }

    fn chunks(&mut self, data: &[u8]) {
        let mut rest = data;
        while !rest.is_empty() {
            let size = 1 + self.random.below(rest.len());
            let size = if self.random.chance(50) { size.min(7) } else { size };
            let written = if self.fault() { size + self.random.below(3) - 1 } else { size };
            self.size(written);
            self.push(&rest[..size]);
            self.line_end();
            rest = &rest[size..];
        }
        if !self.fault() {
            self.size(0);
        }
        while self.random.chance(10) {
            let trailer = self.random.of(&TRAILERS);
            self.line(trailer.as_bytes());
        }
        if self.fault() {
            let trailer = self.random.of(&NO_HEADERS);
            self.line(trailer);
        }
        self.line_end();
    }

    fn size(&mut self, size: usize) {
        if self.fault() {
            let size = self.random.of(&NO_SIZES);
            self.push(size);
        } else if self.random.chance(10) {
            self.push(format!("{size:04X}").as_bytes());
        } else {
            self.push(format!("{size:x}").as_bytes());
        }
        if self.random.chance(10) {
            let extension = self.random.of(&EXTENSIONS);
            self.push(extension.as_bytes());
        }
        self.line_end();
    }

    /// The message, changed in a third of the cases, and the generator for further choices.
    pub fn finish(mut self) -> (Vec<u8>, Random) {
        if self.random.chance(33) {
            for _ in 0..1 + self.random.below(3) {
                mutate(&mut self.random, &mut self.out, &PIECES);
            }
        }
        (self.out, self.random)
    }
}

/// Sorted places at which the bytes are cut into pieces.
pub fn cuts(random: &mut Random, length: usize) -> Vec<usize> {
    let count = if random.chance(50) { 0 } else { random.below(6) };
    let mut cuts: Vec<usize> = (0..count).map(|_| random.below(length + 1)).collect();
    cuts.sort_unstable();
    cuts
}
