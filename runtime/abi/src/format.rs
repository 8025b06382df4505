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

/// The base in which an integer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Radix {
    /// Base 10, the default.
    Decimal,
    /// Base 16: `x`.
    Hexadecimal,
    /// Base 2: `b`.
    Binary,
}

/// The format: the text after the colon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct FormatSpec {
    /// The alignment of the value in its width.
    pub align: Align,
    /// The minimum number of characters; 0 for none. At most [`FormatSpec::MAX_WIDTH`].
    pub width: u32,
    /// Whether zeros after the sign fill the width, instead of spaces.
    pub zero: bool,
    /// The number of digits after the decimal point, at most [`FormatSpec::MAX_PRECISION`]. `None` for as many as the
    /// value needs.
    pub precision: Option<u32>,
    /// The base in which an integer is written.
    pub radix: Radix,
}

impl FormatSpec {
    /// The largest width that a format may have.
    pub const MAX_WIDTH: u32 = 0xffff;
    /// The largest precision that a format may have: no double has more than 1074 digits after the decimal point.
    pub const MAX_PRECISION: u32 = 1100;

    /// Packs the format: bits 0..16 are the width, 16..32 the precision plus one, 32 `zero`, 33..35 the alignment,
    /// 35..37 the radix. Without a precision, bits 16..32 are zero.
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
            | (self.radix as i64) << 35
    }

    /// The inverse of [`FormatSpec::pack`].
    pub const fn unpack(bits: i64) -> FormatSpec {
        let align = match bits >> 33 & 3 {
            0 => Align::Left,
            1 => Align::Right,
            _ => Align::Centre,
        };
        let radix = match bits >> 35 & 3 {
            0 => Radix::Decimal,
            1 => Radix::Hexadecimal,
            _ => Radix::Binary,
        };
        let precision = match bits >> 16 & 0xffff {
            0 => None,
            more => Some(more as u32 - 1),
        };
        FormatSpec { align, width: bits as u32 & 0xffff, zero: bits >> 32 & 1 == 1, precision, radix }
    }
}
