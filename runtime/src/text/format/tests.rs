use super::*;

const PLAIN: FormatSpec = FormatSpec { align: Align::Right, ..FormatSpec::PLAIN };

fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = b"before ".to_vec();
    write(&mut out);
    let text = String::from_utf8(out).unwrap();
    text.strip_prefix("before ").unwrap().to_owned()
}

fn int(value: i64, spec: FormatSpec) -> String {
    text(|out| push_int_as(out, value, spec))
}

fn float(value: f64, spec: FormatSpec) -> String {
    text(|out| push_float_as(out, value, spec))
}

fn string(value: &str, spec: FormatSpec) -> String {
    text(|out| push_string_as(out, value, spec))
}

#[test]
fn integers_and_truth_values() {
    for value in [0, 7, -7, 10, 99, 100, i64::MAX, i64::MIN] {
        assert_eq!(text(|out| push_int(out, value)), value.to_string());
        assert_eq!(int(value, PLAIN), value.to_string());
    }
    assert_eq!(text(|out| push_bool(out, true)), "true");
    assert_eq!(text(|out| push_bool(out, false)), "false");
}

#[test]
fn floats_are_shortest_and_read_back() {
    let cases = [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (100000.0, "100000.0"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e16"),
        (0.0001, "0.0001"),
        (0.00009, "9e-5"),
        (1.5e-7, "1.5e-7"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e308"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "NaN"),
        (-f64::NAN, "NaN"),
    ];
    for (value, expected) in cases {
        let shown = text(|out| push_float(out, value));
        assert_eq!(shown, expected);
        assert!(value.is_nan() || shown.parse::<f64>().unwrap().to_bits() == value.to_bits());
    }
}

#[test]
fn precision_rounds_the_exact_value_half_to_even() {
    let digits = |value, precision| float(value, FormatSpec { precision: Some(precision), ..PLAIN });
    assert_eq!(digits(0.5, 0), "0");
    assert_eq!(digits(1.5, 0), "2");
    assert_eq!(digits(2.5, 0), "2");
    assert_eq!(digits(0.125, 2), "0.12");
    assert_eq!(digits(0.375, 2), "0.38");
    // The double nearest to 2.675 is less than 2.675.
    assert_eq!(digits(2.675, 2), "2.67");
    assert_eq!(digits(-0.04, 1), "-0.0");
    assert_eq!(digits(1e22, 1), "10000000000000000000000.0");
    assert_eq!(digits(f64::NAN, 3), "NaN");
    let longest = digits(5e-324, FormatSpec::MAX_PRECISION);
    assert_eq!(longest.len(), 2 + FormatSpec::MAX_PRECISION as usize);
    assert_eq!(longest.trim_end_matches('0').len(), 2 + 1074);
}

#[test]
fn radixes_show_the_bits() {
    let hexadecimal = FormatSpec { notation: Notation::Hexadecimal, ..PLAIN };
    let binary = FormatSpec { notation: Notation::Binary, ..PLAIN };
    assert_eq!(int(255, hexadecimal), "ff");
    assert_eq!(int(-1, hexadecimal), "ffffffffffffffff");
    assert_eq!(int(i64::MIN, hexadecimal), "8000000000000000");
    assert_eq!(int(5, binary), "101");
    assert_eq!(int(-2, binary), format!("{}0", "1".repeat(63)));
    assert_eq!(int(0, binary), "0");
    assert_eq!(int(255, FormatSpec { width: 8, zero: true, ..hexadecimal }), "000000ff");
}

#[test]
fn zeros_go_after_the_sign() {
    let zeros = FormatSpec { width: 8, zero: true, ..PLAIN };
    assert_eq!(int(42, zeros), "00000042");
    assert_eq!(int(-42, zeros), "-0000042");
    assert_eq!(int(-123456789, zeros), "-123456789");
    assert_eq!(float(-1.5, zeros), "-00001.5");
    assert_eq!(float(-1.5, FormatSpec { precision: Some(2), ..zeros }), "-0001.50");
    assert_eq!(float(f64::NEG_INFINITY, zeros), "    -inf");
    assert_eq!(float(f64::NAN, zeros), "     NaN");
}

#[test]
fn width_counts_characters() {
    let aligned = |align| FormatSpec { align, width: 6, ..PLAIN };
    assert_eq!(string("äöü", aligned(Align::Left)), "äöü   ");
    assert_eq!(string("äöü", aligned(Align::Right)), "   äöü");
    assert_eq!(string("🧵", aligned(Align::Centre)), "  🧵   ");
    assert_eq!(string("sechs!", aligned(Align::Right)), "sechs!");
    assert_eq!(string("seventy", aligned(Align::Right)), "seventy");
    assert_eq!(string("", aligned(Align::Centre)), "      ");
    assert_eq!(int(-7, aligned(Align::Left)), "-7    ");
    assert_eq!(float(0.5, aligned(Align::Centre)), " 0.5  ");
    let widest = FormatSpec { width: FormatSpec::MAX_WIDTH, ..PLAIN };
    assert_eq!(int(1, widest).len(), FormatSpec::MAX_WIDTH as usize);
}

#[test]
fn characters_are_padded_as_text_and_bytes_as_numbers() {
    let wide = FormatSpec { width: 4, align: Align::Right, ..PLAIN };
    assert_eq!(text(|out| push_char(out, 'ß')), "ß");
    assert_eq!(text(|out| push_char_as(out, '🧵', wide)), "   🧵");
    assert_eq!(text(|out| push_byte_as(out, 255, wide)), " 255");
    assert_eq!(text(|out| push_byte_as(out, 10, FormatSpec { zero: true, ..wide })), "0010");
    assert_eq!(
        text(|out| push_byte_as(out, 255, FormatSpec { notation: Notation::Hexadecimal, ..PLAIN })),
        "ff"
    );
}

/// A precision gives the digits of the exact value, rounded half to even, whichever way computes them.
#[test]
fn digits_after_the_point_are_exact() {
    let check = |value: f64, digits: u32| {
        let spec = FormatSpec { precision: Some(digits), ..PLAIN };
        assert_eq!(
            float(value, spec),
            format!("{value:.*}", digits as usize),
            "{value:e} to {digits} digits"
        );
    };
    let ties = [0.5, 1.5, 2.5, 0.125, 0.375, -0.125, 0.0625, 1e15 + 0.5, 4503599627370496.5];
    let ends =
        [0.0, -0.0, 9.995, 999.9996, -0.0004, 9007199254740992.0, 1e19, 5e-324, 1e-17, f64::MAX, f64::NAN];
    for value in ties.into_iter().chain(ends).chain([f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE]) {
        (0..=25).for_each(|digits| check(value, digits));
    }
    let seed = std::time::UNIX_EPOCH.elapsed().map_or(1, |time| time.as_nanos() as u64 | 1);
    println!("seed {seed}");
    let mut random = seed;
    for _ in 0..200_000 {
        // Marsaglia's xorshift
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let digits = (random >> 40) as u32 % 22;
        check(f64::from_bits(random), digits);
        check((random >> 20) as f64 / 8192.0, digits);
        check((random >> 44) as f64 / 1000.0, digits);
    }
}
