//! Hashes of strings, random numbers, and the seed of both. The seed is random, so an attacker who chooses the keys of
//! a map cannot know which keys collide.

use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::quality::FixedState;

use crate::os;

#[cfg(test)]
mod tests;

static SEED: OnceLock<u64> = OnceLock::new();

/// Sets the seed from the text of `WEFT_SEED`: any integer of 64 bits. Call once, before the first hash.
pub fn set_seed(setting: Option<&str>) -> Result<(), String> {
    let Some(text) = setting else { return Ok(()) };
    let seed = text.parse::<u64>().or_else(|_| text.parse::<i64>().map(i64::cast_unsigned));
    let seed =
        seed.map_err(|_| format!("WEFT_SEED is `{text}`, but it must be a whole number, such as 42"))?;
    SEED.set(seed).unwrap_or_else(|_| panic!("BUG: the seed is set twice"));
    Ok(())
}

/// Whether `WEFT_SEED` was set.
pub fn is_given() -> bool {
    SEED.get().is_some()
}

/// The seed, which differs from process to process unless `WEFT_SEED` is set.
pub fn seed() -> u64 {
    *SEED.get_or_init(os::random)
}

/// The number of random numbers that [`random_below`] has returned.
static DRAWN: AtomicU64 = AtomicU64::new(0);

/// A random number below `bound`, which is not 0. The distribution is nearly uniform, good enough for fairness. The
/// sequence of numbers is the same for the same `WEFT_SEED`.
pub fn random_below(bound: u64) -> u64 {
    // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), then Lemire's multiplication instead of a division (2019).
    let drawn = DRAWN.fetch_add(1, Ordering::Relaxed);
    let mut word = seed().wrapping_add(drawn.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^= word >> 31;
    ((u128::from(word) * u128::from(bound)) >> 64) as u64
}

/// The hash of a string's bytes.
pub fn of_bytes(bytes: &[u8]) -> u64 {
    of_bytes_with(seed(), bytes)
}

/// The hash of bytes with a seed.
fn of_bytes_with(seed: u64, bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(seed).build_hasher();
    // With `write` alone, all texts that consist of NUL bytes would have the same hash, whatever their lengths.
    hasher.write_usize(bytes.len());
    hasher.write(bytes);
    hasher.finish()
}
