//! Floats in the usual cases, which take a fraction of the time of Rust's library. Each function appends the same text
//! as Rust does, or nothing if it leaves the float to Rust.

/// The number of bits of a float's mantissa that are stored.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// A float that is not negative, as an integer and a power of two.
///
/// ```text
///   2.75 = 11 / 2^2       as the bits of the float say: 11 * 2^49 / 2^51
/// ```
struct Scaled {
    mantissa: u64,
    /// The exponent of the power of two by which the mantissa is divided; for great floats it is negative.
    shift: i32,
}

impl Scaled {
    /// The absolute value of a float, as its bits say; `None` for floats that are infinite or not normal, except zero.
    fn of(value: f64) -> Option<Scaled> {
        let bits = value.abs().to_bits();
        let (exponent, fraction) = ((bits >> FRACTION_BITS) as i32, bits & ((1 << FRACTION_BITS) - 1));
        match exponent {
            0 if fraction == 0 => Some(Scaled { mantissa: 0, shift: 0 }),
            0 | 0x7ff => None,
            _ => Some(Scaled {
                mantissa: fraction | 1 << FRACTION_BITS,
                shift: 1023 + FRACTION_BITS as i32 - exponent,
            }),
        }
    }

    /// Whether the shortest digits may lie halfway between two numbers of as many digits, so that both are equally near
    /// to the float. Then the exact number ends in 5 and has one digit more than the shortest, so it has at most 18
    /// digits; and numbers of up to 15 digits are their own shortest digits.
    fn may_be_halfway(&self) -> bool {
        // An odd number divided by 2^n has n digits after the point: the decimal digits of the odd number times 5^n.
        let zeros = self.mantissa.trailing_zeros();
        let places = self.shift - zeros as i32;
        const MOST_PLACES: i32 = 25; // 5^26 has 19 digits.
        if !(1..=MOST_PLACES).contains(&places) {
            return false;
        }
        let digits = u128::from(self.mantissa >> zeros) * u128::from(5u64.pow(places as u32));
        (10u128.pow(15)..10u128.pow(18)).contains(&digits)
    }
}

/// Appends the shortest decimal number that reads back as `value`. Returns false and appends nothing if the number may
/// have to be rounded up where `zmij` rounds half to even, or if Rust and `zmij` place the point differently.
pub(super) fn push_shortest(out: &mut Vec<u8>, value: f64) -> bool {
    const WITH_EXPONENT: f64 = 1e16;
    // In this range only Rust writes an exponent.
    if (1e-5..1e-4).contains(&value.abs()) || Scaled::of(value).is_none_or(|scaled| scaled.may_be_halfway()) {
        return false;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    if value.abs() >= WITH_EXPONENT {
        // Only `zmij` writes the sign of a positive exponent.
        text.split('+').for_each(|part| out.extend_from_slice(part.as_bytes()));
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    true
}

/// Appends a float with `digits` digits after the point, rounded half to even, if integers can compute them: the float
/// is below 2^53, and the digits without the point fit in 64 bits. Otherwise appends nothing and returns false.
///
/// ```text
///   2.718 = m / 2^51, m = 6120393263840494       to two digits: 100 m / 2^51 = 271 and a rest that is above one half,
///                                                so 272, which is written as 2.72
/// ```
pub(super) fn push_fixed(out: &mut Vec<u8>, value: f64, digits: usize) -> bool {
    const MOST_DIGITS: usize = 19; // 10^19 is the greatest power of 10 below 2^64.
    let Some(Scaled { mantissa, shift }) = Scaled::of(value) else { return false };
    if digits > MOST_DIGITS || !(0..u128::BITS as i32).contains(&shift) {
        return false;
    }
    let scaled = u128::from(mantissa) * u128::from(10u64.pow(digits as u32));
    let (floor, rest) = (scaled >> shift, scaled & ((1 << shift) - 1));
    let Ok(floor) = u64::try_from(floor) else { return false };
    let half = if shift == 0 { 1 } else { 1 << (shift - 1) };
    let up = rest > half || rest == half && floor % 2 == 1;
    let Some(rounded) = floor.checked_add(up.into()) else { return false };
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(rounded).as_bytes();
    if digits == 0 {
        out.extend_from_slice(text);
    } else if let Some(whole) = text.len().checked_sub(digits).filter(|&whole| whole > 0) {
        out.extend_from_slice(&text[..whole]);
        out.push(b'.');
        out.extend_from_slice(&text[whole..]);
    } else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + digits - text.len(), b'0');
        out.extend_from_slice(text);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64) {
        let mut out = Vec::new();
        if push_shortest(&mut out, value) {
            assert_eq!(String::from_utf8(out).unwrap(), format!("{value:?}"));
        } else {
            assert_eq!(out, b"");
        }
        for digits in [0, 1, 2, 3, 6, 17, 19] {
            let mut out = Vec::new();
            if push_fixed(&mut out, value, digits) {
                assert_eq!(String::from_utf8(out).unwrap(), format!("{value:.digits$}"));
            } else {
                assert_eq!(out, b"");
            }
        }
    }

    #[test]
    fn texts_are_those_of_rust() {
        // Numbers halfway between two of the shortest ones, and at the limits of the ranges.
        let special = [
            2.0f64.powi(-25),
            2.0f64.powi(49) + 0.25,
            2.0f64.powi(50) + 0.25,
            2.5,
            0.5,
            1e-5,
            1e-4,
            9.9e-5,
            1e15,
            1e16,
            1.5e16,
            1e22,
            1e23,
            0.0,
            5e-324,
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::INFINITY,
            f64::NAN,
            0.3,
            999.9995,
        ];
        special.into_iter().for_each(|value| [value, -value].into_iter().for_each(check));
        for exponent in 0..0x800 {
            for fraction in [0, 1, 2, (1 << FRACTION_BITS) - 1, 1 << (FRACTION_BITS - 1)] {
                check(f64::from_bits(exponent << FRACTION_BITS | fraction));
            }
        }
        // Xorshift (Marsaglia, 2003): floats of all sizes, and floats with few digits before or after the point.
        let mut random = 0x1234_5678_9abc_def1_u64;
        for _ in 0..30_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            check(f64::from_bits(random));
            check((random >> 24) as f64 / 1024.0);
            check((random >> 40) as f64 * 1e-3);
            check((random >> 11) as f64 / 2.0f64.powi((random % 64) as i32));
        }
    }
}
