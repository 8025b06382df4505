//! The format of a value in a string interpolation, such as `>8` in `{x:>8}`. Generated code passes the format to the
//! runtime as one integer.

/// The alignment of a value that is shorter than its width.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Align {
    /// At the left: `<`.
    Left,
    /// At the right: `>`.
    Right,
    /// In the centre: `^`.
    Centre,
}

/// The way in which a value is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Notation {
    /// As without a format, the default.
    Plain,
    /// An integer in base 16: `x`.
    Hexadecimal,
    /// An integer in base 16 with capital letters: `X`.
    UpperHexadecimal,
    /// An integer in base 2: `b`.
    Binary,
    /// A float with one digit before the point and an exponent: `e`.
    Exponent,
    /// As inside another value, where strings and characters have quotes: `?`. The compiler replaces this notation, so
    /// the runtime never gets it.
    Inside,
}

/// The format: the text after the colon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct FormatSpec {
    /// The alignment of the value in its width.
    pub align: Align,
    /// The minimum number of characters; 0 for none. At most [`FormatSpec::MAX_WIDTH`].
    pub width: u32,
    /// The character that fills the width.
    pub fill: char,
    /// Whether a number that is not negative has the sign `+`.
    pub plus: bool,
    /// Whether zeros after the sign fill the width, instead of `fill`.
    pub zero: bool,
    /// The number of digits after the decimal point, at most [`FormatSpec::MAX_PRECISION`]. `None` for as many as the
    /// value needs.
    pub precision: Option<u32>,
    /// The way in which the value is written.
    pub notation: Notation,
}

impl FormatSpec {
    /// The largest width that a format may have.
    pub const MAX_WIDTH: u32 = 0xffff;
    /// The largest precision that a format may have: no double has more than 1074 digits after the decimal point.
    pub const MAX_PRECISION: u32 = 1100;

    /// The format of a value without a format: nothing is filled.
    pub const PLAIN: FormatSpec = FormatSpec {
        align: Align::Left,
        width: 0,
        fill: ' ',
        plus: false,
        zero: false,
        precision: None,
        notation: Notation::Plain,
    };

    /// Packs the format: bits 0..16 are the width, 16..32 the precision plus one, 32 `zero`, 33..35 the alignment,
    /// 35..38 the notation, 38 `plus`, 39..60 `fill`. Without a precision, bits 16..32 are zero. The library's
    /// functions `format_width` and `format_precision` set these bits, too.
    pub const fn pack(self) -> i64 {
        let precision = match self.precision {
            Some(digits) => digits as i64 + 1,
            None => 0,
        };
        let align = self.align as i64;
        self.width as i64
            | precision << 16
            | (self.zero as i64) << 32
            | align << 33
            | (self.notation as i64) << 35
            | (self.plus as i64) << 38
            | (self.fill as i64) << 39
    }

    /// The inverse of [`FormatSpec::pack`].
    pub const fn unpack(bits: i64) -> FormatSpec {
        let align = match bits >> 33 & 3 {
            0 => Align::Left,
            1 => Align::Right,
            _ => Align::Centre,
        };
        let notation = match bits >> 35 & 7 {
            0 => Notation::Plain,
            1 => Notation::Hexadecimal,
            2 => Notation::UpperHexadecimal,
            3 => Notation::Binary,
            4 => Notation::Exponent,
            _ => Notation::Inside,
        };
        let fill = match char::from_u32((bits >> 39) as u32 & 0x1f_ffff) {
            Some(fill) => fill,
            None => ' ',
        };
        let precision = match bits >> 16 & 0xffff {
            0 => None,
            more => Some(more as u32 - 1),
        };
        FormatSpec {
            align,
            width: bits as u32 & 0xffff,
            fill,
            plus: bits >> 38 & 1 == 1,
            zero: bits >> 32 & 1 == 1,
            precision,
            notation,
        }
    }
}
