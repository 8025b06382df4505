//! Randomly mutated programs: the parser always terminates, and reports an error if the tree has an error node.

use super::{WHOLE, parse_text};
use crate::syntax::dump::dump_ast;

/// The splitmix64 random number generator: the seed alone determines a run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Tokens and characters that are likely to break a program at a random place.
const PIECES: &[&str] = &[
    "{", "}", "(", ")", "[", "]", "\"", "'", "\\", "{\"", "}\"", "/*", "*/", "//", "///", "//!", "\n", "\r",
    ";", ",", ":", "=", "=>", "->", "|", "||", "..", ".", "?", "-", "fn", "let", "match", "select", "yield",
    "from", "break", "else", "if", "struct", "r#\"", "0x", "1e+", "1.", "é", "\u{202e}", "\u{feff}", "\0",
    "after", "share", "b'",
];

fn mutate(text: &mut Vec<char>, random: &mut Random) {
    let at = random.below(text.len());
    match random.below(4) {
        0 => {
            let end = (at + 1 + random.below(12)).min(text.len());
            text.drain(at..end);
        }
        1 => {
            let end = (at + 1 + random.below(40)).min(text.len());
            let copy: Vec<char> = text[at..end].to_vec();
            let to = random.below(text.len());
            text.splice(to..to, copy);
        }
        2 => {
            let piece = PIECES[random.below(PIECES.len())];
            text.splice(at..at, piece.chars());
        }
        _ => {
            let byte = random.below(128) as u8;
            if let Some(place) = text.get_mut(at) {
                *place = char::from(byte);
            }
        }
    }
}

#[test]
fn no_mutation_panics_or_goes_unreported() {
    let seed = std::env::var("WEFT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |since| since.as_nanos() as u64)
    });
    println!("seed: {seed} (repeat with WEFT_SEED={seed})");
    for round in 0..300u64 {
        let mut random = Random(seed.wrapping_add(round << 32));
        let mut text: Vec<char> = WHOLE.chars().collect();
        for _ in 0..=random.below(6) {
            mutate(&mut text, &mut random);
        }
        let text: String = text.into_iter().collect();
        let (ast, diagnostics) = parse_text(&text);
        let dump = dump_ast(&ast);
        // An error node without a reported error would let a wrong program compile.
        let wrong = dump.lines().any(|line| line.trim_start().starts_with("error"));
        assert!(!wrong || !diagnostics.is_empty(), "seed {seed}, round {round}: silent error in\n{text}");
        for diagnostic in &diagnostics {
            let span = diagnostic.primary.span;
            assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize));
        }
    }
}
