//! Random changes of valid input.

use crate::random::Random;

/// Changes the bytes in a random place: removes, repeats, inserts, overwrites or cuts off a part of them. Most
/// insertions are one of `pieces`.
pub fn mutate(random: &mut Random, bytes: &mut Vec<u8>, pieces: &[&[u8]]) {
    let at = random.below(bytes.len() + 1);
    let end = (at + 1 + random.below(8)).min(bytes.len());
    match random.below(10) {
        0 => drop(bytes.drain(at..end)),
        1 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        2 => bytes.insert(at, random.below(256) as u8),
        3 if at < bytes.len() => bytes[at] = random.below(256) as u8,
        4 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        5 if random.chance(20) => bytes.truncate(at),
        6 => {
            let from = random.below(bytes.len() + 1);
            let part = bytes[from..(from + random.below(40)).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        7 => drop(bytes.splice(at..end, random.of(pieces).iter().copied())),
        _ => drop(bytes.splice(at..at, random.of(pieces).iter().copied())),
    }
}

/// The bytes as a reader sees them, with escapes, and without the middle of a long text.
pub fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 1500;
    if bytes.len() <= 2 * MOST {
        return bytes.escape_ascii().to_string();
    }
    let (head, tail) = (&bytes[..MOST], &bytes[bytes.len() - MOST..]);
    format!("{} [... {} bytes ...] {}", head.escape_ascii(), bytes.len() - 2 * MOST, tail.escape_ascii())
}
