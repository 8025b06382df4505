//! Operations of the library by what they do besides giving a value.

use crate::hir::Intrinsic;

/// The kinds of operations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// It only gives a value: it reads, computes, or makes something new.
    Reads,
    /// It writes to its first argument.
    Fills,
    /// Anything else.
    Acts,
}

pub(super) fn operation(intrinsic: Intrinsic) -> Operation {
    let fills = matches!(
        intrinsic,
        Intrinsic::ArraySet | Intrinsic::ArrayCopy | Intrinsic::StringCopy | Intrinsic::ListKeep
    );
    match fills {
        true => Operation::Fills,
        false if only_reads(intrinsic) => Operation::Reads,
        false => Operation::Acts,
    }
}

fn only_reads(intrinsic: Intrinsic) -> bool {
    matches!(
        intrinsic,
        Intrinsic::ArrayNew
            | Intrinsic::ArrayLength
            | Intrinsic::ArrayGet
            | Intrinsic::CheckIndex
            | Intrinsic::StringLength
            | Intrinsic::StringByte
            | Intrinsic::StringSlice
            | Intrinsic::StringOfBytes
            | Intrinsic::IsUtf8
            | Intrinsic::StringFind
            | Intrinsic::StringUpper
            | Intrinsic::StringLower
            | Intrinsic::IsFloat
            | Intrinsic::StringFloat
            | Intrinsic::CharIsWhitespace
            | Intrinsic::ByteToInt
            | Intrinsic::IntToByte
            | Intrinsic::CharToInt
            | Intrinsic::IntToChar
            | Intrinsic::IntToFloat
            | Intrinsic::FloatToInt
            | Intrinsic::CountOnes
            | Intrinsic::MultiplyHigh
            | Intrinsic::FloatSqrt
            | Intrinsic::FloatAbs
            | Intrinsic::FloatSin
            | Intrinsic::FloatCos
            | Intrinsic::FloatTan
            | Intrinsic::FloatExp
            | Intrinsic::FloatLn
            | Intrinsic::FloatPow
            | Intrinsic::FloatFloor
            | Intrinsic::FloatCeil
            | Intrinsic::FloatRound
            | Intrinsic::ShownInside
            | Intrinsic::HashSeed
            | Intrinsic::TaskIsDone
            | Intrinsic::TaskId
            | Intrinsic::WaitList
            | Intrinsic::ListKept
            | Intrinsic::AtomicNew
            | Intrinsic::AtomicGet
            | Intrinsic::Arguments
            | Intrinsic::Environment
            | Intrinsic::HasEnvironment
            | Intrinsic::Now
            | Intrinsic::ErrorText
    )
}
