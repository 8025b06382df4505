use std::collections::HashSet;

use super::*;

#[test]
fn hashes_depend_on_the_text_and_on_the_seed() {
    assert_eq!(of_bytes_with(1, b"weft"), of_bytes_with(1, b"weft"));
    assert_ne!(of_bytes_with(1, b"weft"), of_bytes_with(2, b"weft"));
    assert_eq!(seed(), seed());
}

#[test]
fn hashes_differ_in_their_low_bits_and_in_their_high_ones() {
    let texts: Vec<String> =
        (0..4096).map(|n| format!("key{n}")).chain((0..64).map(|n| "\0".repeat(n))).collect();
    let hashes: Vec<u64> = texts.iter().map(|text| of_bytes_with(7, text.as_bytes())).collect();
    let different = |hashes: &mut dyn Iterator<Item = u64>| hashes.collect::<HashSet<u64>>().len();
    assert_eq!(different(&mut hashes.iter().copied()), texts.len());
    // Among 4160 random numbers below 65,536, about 130 pairs are equal.
    assert!(different(&mut hashes.iter().map(|hash| hash & 0xffff)) > 3900);
    assert!(different(&mut hashes.iter().map(|hash| hash >> 48)) > 3900);
}

#[test]
fn seeds_are_numbers() {
    for wrong in ["", "x", "1.5", "18446744073709551616"] {
        assert!(set_seed(Some(wrong)).is_err_and(|message| message.contains(&format!("`{wrong}`"))));
    }
    assert_eq!(set_seed(None), Ok(()));
}
