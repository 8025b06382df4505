//! A string interpolation's format (`{x:>8}`), packed into one integer that generated code passes to the runtime.

/// The alignment of a value in its width.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Align {
    /// `<`
    Left,
    /// `>`
    Right,
    /// `^`
    Centre,
}

/// The base in which an integer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Radix {
    /// The default.
    Decimal,
    /// `x`
    Hexadecimal,
    /// `b`
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
    /// The number of digits after the point. At most [`FormatSpec::MAX_PRECISION`].
    pub precision: Option<u32>,
    /// The base in which an integer is written.
    pub radix: Radix,
}

impl FormatSpec {
    /// The largest width that can be asked for.
    pub const MAX_WIDTH: u32 = 0xffff;
    /// The largest precision that can be asked for: no double has a longer decimal expansion.
    pub const MAX_PRECISION: u32 = 1100;

    /// Packs the format: bits 0..16 width, 16..32 precision plus one, 32 zero, 33..35 align, 35..37 radix.
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
