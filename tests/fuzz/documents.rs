//! Random JSON documents: valid ones, invalid ones of each kind that JSONTestSuite has, and changes of both.
//! (N. Seriot, "Parsing JSON is a Minefield", 2016.)

use std::fmt::{self, Display};

use crate::mutation::{mutate, shown};
use crate::random::Random;

/// The greatest number of arrays and objects around a value that `std.json` accepts.
const MAX_DEPTH: usize = 5_000;

/// A document.
pub struct Document {
    /// The bytes.
    pub text: Vec<u8>,
    /// Whether the document is JSON, if the generator knows.
    pub verdict: Option<bool>,
}

impl Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", shown(&self.text))
    }
}

const WORDS: [&[u8]; 3] = [b"true", b"false", b"null"];
const NUMBERS: [&[u8]; 38] = [
    b"0",
    b"-0",
    b"1",
    b"-1",
    b"12",
    b"0.0",
    b"-0.0",
    b"1.5",
    b"1e5",
    b"1E+2",
    b"1e-7",
    b"0e0",
    b"0e+1",
    b"-0e-9",
    b"9007199254740993",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"-9223372036854775809",
    b"18446744073709551615",
    b"18446744073709551616",
    b"999999999999999999",
    b"1000000000000000000",
    b"123456789012345678901234567890",
    b"1.7976931348623157e308",
    b"4.9e-324",
    b"2.4e-324",
    b"2.2250738585072011e-308",
    b"0.1",
    b"1e22",
    b"1e23",
    b"8.5e22",
    b"9007199254740992e22",
    b"1e-400",
    b"0e999999",
    b"123456789.987654321e-5",
    b"0.000000000000000000000000000000000000001",
    b"1e00000000000000000000000000000000007",
];
/// Almost numbers, and numbers that are too large.
const NO_NUMBERS: [&[u8]; 36] = [
    b"-",
    b"+1",
    b"01",
    b"-01",
    b"00",
    b"1.",
    b".5",
    b"-.5",
    b"1.e1",
    b"1e",
    b"1e+",
    b"1E-",
    b"1e1.5",
    b"0x1",
    b"1_000",
    b"NaN",
    b"-NaN",
    b"Infinity",
    b"-Infinity",
    b"inf",
    b"1e309",
    b"-1e999",
    b"1e99999999999999999999",
    b"1.0e",
    b"--1",
    b"1-1",
    b"- 1",
    b"1 .5",
    b"1. 5",
    b"\xef\xbc\x91",
    b"1f",
    b"1a",
    b"0b1",
    b"1,5",
    b"-a",
    b"1ee2",
];
const PARTS_OF_STRINGS: [&[u8]; 28] = [
    b"a",
    b"key",
    b"\\\"",
    b"\\\\",
    b"\\/",
    b"\\b",
    b"\\f",
    b"\\n",
    b"\\r",
    b"\\t",
    b"\\u0000",
    b"\\u0041",
    b"\\u00e4",
    b"\\u2028",
    b"\\uFFFF",
    b"\\uD834\\uDD1E",
    b"\\udbff\\udfff",
    b"\\u001f",
    b"\x7f",
    "ä".as_bytes(),
    "€".as_bytes(),
    "\u{1f9f5}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{ffff}".as_bytes(),
    "\u{feff}".as_bytes(),
    b"/",
    b"'",
    b" ",
];
const NO_PARTS_OF_STRINGS: [&[u8]; 34] = [
    b"\\",
    b"\\x41",
    b"\\a",
    b"\\0",
    b"\\'",
    b"\\u",
    b"\\u1",
    b"\\u12",
    b"\\u123",
    b"\\u123g",
    b"\\U0041",
    b"\\ud800",
    b"\\udc00",
    b"\\ud800\\u0041",
    b"\\ud800\\ud800",
    b"\\udc00\\ud800",
    b"\\ud800\\n",
    b"\\ud800\\",
    b"\\ud800\\u",
    b"\\ud800\\udc0",
    b"\\u00 1",
    b"\\u{41}",
    b"\0",
    b"\t",
    b"\n",
    b"\x1f",
    b"\xff",
    b"\xc0\x80",
    b"\xe0\x80\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\x80",
    b"\\\xe4",
];
const BLANKS: [&[u8]; 6] = [b" ", b"\n", b"\t", b"\r", b"\r\n", b"   "];
const NO_BLANKS: [&[u8]; 12] = [
    b"\x0c",
    b"\x0b",
    b"\0",
    b"\xc2\xa0",
    b"\xe2\x81\xa0",
    b"\xef\xbb\xbf",
    b"//\n",
    b"/**/",
    b"#\n",
    b"\x85",
    b"\x1a",
    b"\\n",
];
/// Bytes that mutations insert.
const PIECES: [&[u8]; 26] = [
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"\"",
    b"\\",
    b"0",
    b"1",
    b"-",
    b".",
    b"e",
    b"+",
    b"null",
    b"true",
    b"\\u",
    b"\0",
    b"\"a\":",
    b"[]",
    b"{}",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\n",
    b" ",
    b"1e999",
];

/// The document of a seed.
pub fn document(seed: u64) -> Document {
    let mut random = Random::new(seed);
    match random.below(1000) {
        0..15 => return deep(&mut random),
        15..20 => return long(&mut random),
        _ => {}
    }
    // The percentage of the places with a fault. Half of the documents have none.
    let faults = if random.chance(50) { 0 } else { 1 + random.below(12) };
    let mut writer = Writer { random, out: Vec::new(), faults };
    writer.document();
    let Writer { mut random, out: mut text, .. } = writer;
    let changes = if random.chance(60) { 0 } else { 1 + random.below(4) };
    for _ in 0..changes {
        mutate(&mut random, &mut text, &PIECES);
    }
    Document { verdict: (faults == 0 && changes == 0).then_some(true), text }
}

/// A document that is nested near the limit, or far beyond it.
fn deep(random: &mut Random) -> Document {
    let depth = match random.below(4) {
        0 => MAX_DEPTH - random.below(2),
        1 => MAX_DEPTH + 1 + random.below(2),
        2 => 1 + random.below(1000),
        _ => 100_000,
    };
    let arrays: Vec<bool> = (0..depth).map(|_| random.chance(50)).collect();
    let mut text: Vec<u8> = Vec::new();
    for is_array in &arrays {
        text.extend_from_slice(if *is_array { b"[" } else { b"{\"a\":" });
    }
    text.extend_from_slice(random.of(&[b"1".as_slice(), b"[]", b"\"\"", b"null"]));
    let inner = usize::from(text.ends_with(b"[]"));
    let is_closed = random.chance(80);
    let missing = if is_closed { 0 } else { 1 + random.below(depth) };
    for is_array in arrays[missing..].iter().rev() {
        text.push(if *is_array { b']' } else { b'}' });
    }
    Document { text, verdict: Some(is_closed && depth + inner <= MAX_DEPTH) }
}

/// A long number, string, array, object or row of blanks.
fn long(random: &mut Random) -> Document {
    let most = 1 << (10 + random.below(8));
    let size = 1 + random.below(most);
    let (text, verdict) = match random.below(8) {
        0 => (b"7".repeat(size), size < 309),
        1 => ([b"0.".as_slice(), &b"3".repeat(size)].concat(), true),
        2 => ([b"1e-".as_slice(), &b"9".repeat(size)].concat(), true),
        3 => ([b"[".as_slice(), &b"1,".repeat(size), b"2]"].concat(), true),
        4 => ([b"\"".as_slice(), &b"\\u00e4x".repeat(size), b"\""].concat(), true),
        5 => ([b"{".as_slice(), &b"\"a\":1,".repeat(size), b"\"a\":[]}"].concat(), true),
        6 => ([b"\"".as_slice(), &b"y".repeat(8 * size)].concat(), false),
        _ => {
            let keys: String = (0..size).map(|n| format!("\"{}\":{n},", n % 10_000)).collect();
            (format!("{{{keys}\"\":0}}").into_bytes(), true)
        }
    };
    Document { text, verdict: Some(verdict) }
}

/// A writer of a document, with faults.
struct Writer {
    random: Random,
    out: Vec<u8>,
    faults: usize,
}

impl Writer {
    fn push(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Whether there is a fault in this place.
    fn fault(&mut self) -> bool {
        self.faults > 0 && self.random.chance(self.faults)
    }

    fn document(&mut self) {
        if self.fault() {
            let none = self.random.of(&[b"".as_slice(), b" ", b"\xef\xbb\xbf", b"\0", b"]", b",", b"\""]);
            self.push(none);
        }
        let depth = self.random.below(6);
        self.value(depth);
        if self.fault() {
            let rest = self.random.of(&[b"]".as_slice(), b"1", b",", b"x", b"\0", b"\"", b"{}", b"#", b"//"]);
            self.push(rest);
        }
    }

    fn blanks(&mut self) {
        if self.random.chance(20) {
            let blanks = self.random.of(&BLANKS);
            self.push(blanks);
        }
        if self.fault() {
            let blanks = self.random.of(&NO_BLANKS);
            self.push(blanks);
        }
    }

    fn value(&mut self, depth: usize) {
        self.blanks();
        match self.random.below(if depth == 0 { 5 } else { 12 }) {
            0 => self.word(),
            1..3 => self.number(),
            3..5 => self.string(),
            5..9 => self.sequence(depth - 1, *b"[]", false),
            _ => self.sequence(depth - 1, *b"{}", true),
        }
        self.blanks();
    }

    fn word(&mut self) {
        if self.fault() {
            let words = [
                b"True".as_slice(),
                b"nul",
                b"nulll",
                b"tru",
                b"FALSE",
                b"fals3",
                b"undefined",
                b"n",
                b"\xd1\x82rue",
            ];
            let word = self.random.of(&words);
            return self.push(word);
        }
        let word = self.random.of(&WORDS);
        self.push(word);
    }

    fn number(&mut self) {
        if self.fault() {
            let number = self.random.of(&NO_NUMBERS);
            return self.push(number);
        }
        if self.random.chance(50) {
            let number = self.random.of(&NUMBERS);
            return self.push(number);
        }
        let sign = if self.random.chance(30) { "-" } else { "" };
        let whole = self.digits(20).trim_start_matches('0').to_owned();
        let whole = if whole.is_empty() { "0".to_owned() } else { whole };
        let fraction = if self.random.chance(50) { format!(".{}", self.digits(25)) } else { String::new() };
        let exponent = if self.random.chance(40) {
            let letter = self.random.of(&["e", "E", "e+", "e-", "E-"]);
            format!("{letter}{}", self.random.below(289))
        } else {
            String::new()
        };
        self.push(format!("{sign}{whole}{fraction}{exponent}").as_bytes());
    }

    /// At least one digit, and at most `most`.
    fn digits(&mut self, most: usize) -> String {
        let count = 1 + self.random.below(most);
        (0..count).map(|_| char::from(b'0' + self.random.below(10) as u8)).collect()
    }

    fn string(&mut self) {
        if self.fault() {
            let string = self.random.of(&[
                b"'a'".as_slice(),
                b"\"",
                b"a",
                b"\"a",
                b"a\"",
                b"\\u0022a\"",
                b"`a`",
                b"\xe2\x80\x9ca\"",
            ]);
            return self.push(string);
        }
        self.push(b"\"");
        for _ in 0..self.random.below(6) {
            let part = self.random.of(&PARTS_OF_STRINGS);
            self.push(part);
            if self.fault() {
                let part = self.random.of(&NO_PARTS_OF_STRINGS);
                self.push(part);
            }
        }
        self.push(b"\"");
    }

    /// An array, or an object, which has keys.
    fn sequence(&mut self, depth: usize, [open, close]: [u8; 2], has_keys: bool) {
        if !self.fault() {
            self.out.push(open);
        }
        let count = self.random.below(5);
        for i in 0..count {
            if i > 0 || self.fault() {
                let comma = if self.fault() {
                    self.random.of(&[b"".as_slice(), b",,", b";", b":", b" "])
                } else {
                    b","
                };
                self.push(comma);
            }
            if has_keys {
                self.key();
            }
            if !self.fault() {
                self.value(depth);
            }
        }
        self.blanks();
        if self.fault() {
            let end = self.random.of(&[b",]".as_slice(), b"]", b"}", b"", b",", b",}", b"]]", b"}}", b":"]);
            return self.push(end);
        }
        self.out.push(close);
    }

    fn key(&mut self) {
        self.blanks();
        if self.fault() {
            let key = self.random.of(&[b"a".as_slice(), b"1", b"null", b"[]", b"'a'", b"", b":"]);
            self.push(key);
        } else {
            self.string();
        }
        self.blanks();
        let colon =
            if self.fault() { self.random.of(&[b"".as_slice(), b"::", b"=", b",", b"=>"]) } else { b":" };
        self.push(colon);
    }
}
