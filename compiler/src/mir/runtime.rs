//! The runtime's functions as MIR sees them: with types of the language in place of machine types.

use weft_abi::{BlockingResult, RuntimeFunction};

use crate::types::{Type, TypeId, TypeTable};

/// The type of a parameter or a result of a runtime function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuntimeType {
    /// `()`
    Unit,
    /// `Bool`
    Bool,
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `Char`
    Char,
    /// `Byte`
    Byte,
    /// `String`
    String,
    /// `[Byte]`
    Bytes,
    /// `[String]`
    Strings,
    /// `[Int]`, and what the library takes for one: a list of waiting threads
    Ints,
    /// `Task[()]`, and what the library takes for one: an arm of a `select`
    Waiter,
    /// The function does not return.
    Never,
}

impl RuntimeType {
    /// The type of the language.
    pub fn intern(self, types: &mut TypeTable) -> TypeId {
        let ty = match self {
            RuntimeType::Unit => Type::Unit,
            RuntimeType::Bool => Type::Bool,
            RuntimeType::Int => Type::Int,
            RuntimeType::Float => Type::Float,
            RuntimeType::Char => Type::Char,
            RuntimeType::Byte => Type::Byte,
            RuntimeType::String => Type::String,
            RuntimeType::Bytes => Type::Array(types.intern(Type::Byte)),
            RuntimeType::Strings => Type::Array(types.intern(Type::String)),
            RuntimeType::Ints => Type::Array(types.intern(Type::Int)),
            RuntimeType::Waiter => Type::Task(types.intern(Type::Unit)),
            RuntimeType::Never => Type::Never,
        };
        types.intern(ty)
    }
}

/// How MIR calls a runtime function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuntimeSignature {
    /// The arguments. A trailing `Site`, which code generation makes of the statement's span, is not among them.
    pub parameters: &'static [RuntimeType],
    /// What it gives.
    pub result: RuntimeType,
    /// Whether a `Site` follows the arguments.
    pub takes_site: bool,
    /// The kind of result of a function that may take long, which `Rvalue::Blocking` calls; `None` for all others.
    pub blocking: Option<BlockingResult>,
}

/// The signature of a function that MIR may call; `None` for those that only code generation and the runtime itself
/// call. `Rvalue::Runtime` and `Rvalue::Blocking` call those that return, `TerminatorKind::Diverge` those that do not.
pub const fn runtime_signature(function: RuntimeFunction) -> Option<RuntimeSignature> {
    use RuntimeFunction as F;
    use RuntimeType::{Bool, Bytes, Float, Int, Never, String, Strings, Unit};
    let (parameters, result): (&[RuntimeType], _) = match function {
        F::Print | F::Eprint | F::PrintLine | F::EprintLine | F::TextString => (&[String], Unit),
        F::FloatRemainder | F::FloatPow => (&[Float, Float], Float),
        F::FloatSin
        | F::FloatCos
        | F::FloatTan
        | F::FloatExp
        | F::FloatLn
        | F::FloatFloor
        | F::FloatCeil
        | F::FloatRound => (&[Float], Float),
        F::Arguments => (&[], Strings),
        F::Environment => (&[String], String),
        F::HasEnvironment => (&[String], Bool),
        F::WriteBytes => (&[Int, Bytes, Int, Int], Int),
        F::FlushOutput | F::Now | F::HashSeed => (&[], Int),
        F::ErrorText => (&[Int], String),
        F::OutcomeError => (&[Int], Int),
        F::OutcomeBytes => (&[Int], Bytes),
        F::OutcomeStrings => (&[Int], Strings),
        F::OutcomeFree => (&[Int], Unit),
        F::FillInput => (&[], Int),
        F::TakeInputLine | F::TakeInput => (&[], Bytes),
        F::ReadPath | F::RemovePath | F::ExistsPath | F::ListPath => (&[String], Int),
        F::WritePath => (&[String, String], Int),
        F::Exit => (&[Int], Never),
        F::Panic => (&[String], Never),
        F::PanicNotEqual => (&[String, String], Never),
        _ => match text_shape(function) {
            Some(shape) => shape,
            None => return None,
        },
    };
    let takes_site = matches!(function, F::Panic | F::PanicNotEqual);
    Some(RuntimeSignature { parameters, result, takes_site, blocking: blocking_result(function) })
}

/// The parameters and the result of a function of texts and characters. All functions that MIR may call are here or
/// above; the others stand behind statements and ways out, or are slow paths of the runtime's hot code.
const fn text_shape(function: RuntimeFunction) -> Option<(&'static [RuntimeType], RuntimeType)> {
    use RuntimeFunction as F;
    use RuntimeType::{Bool, Byte, Bytes, Char, Float, Int, String, Unit};
    Some(match function {
        F::TextInt => (&[Int], Unit),
        F::TextFloat => (&[Float], Unit),
        F::TextBool => (&[Bool], Unit),
        F::TextChar => (&[Char], Unit),
        F::TextByte => (&[Byte], Unit),
        F::TextStringAs => (&[String, Int], Unit),
        F::TextIntAs => (&[Int, Int], Unit),
        F::TextFloatAs => (&[Float, Int], Unit),
        F::TextCharAs => (&[Char, Int], Unit),
        F::TextByteAs => (&[Byte, Int], Unit),
        F::TextFinish => (&[], String),
        F::StringConcat => (&[String, String], String),
        F::StringEqual => (&[String, String], Bool),
        F::StringCompare => (&[String, String], Int),
        F::StringSlice => (&[String, Int, Int], String),
        F::StringOfBytes => (&[Bytes, Int, Int], String),
        F::IsUtf8 => (&[Bytes, Int, Int], Bool),
        F::StringCopy => (&[Bytes, Int, String], Unit),
        F::StringFind => (&[String, String, Int], Int),
        F::StringHash => (&[String], Int),
        F::StringUpper | F::StringLower | F::StringQuoted => (&[String], String),
        F::IsFloat => (&[String], Bool),
        F::StringFloat => (&[String], Float),
        F::CharQuoted => (&[Char], String),
        F::CharIsWhitespace => (&[Char], Bool),
        _ => return waiting_shape(function),
    })
}

/// The same of a function that concerns green threads which wait.
const fn waiting_shape(function: RuntimeFunction) -> Option<(&'static [RuntimeType], RuntimeType)> {
    use RuntimeFunction as F;
    use RuntimeType::{Bool, Int, Ints, Unit, Waiter};
    Some(match function {
        F::WaitListNew => (&[Int, Int], Ints),
        F::MultiWaitBegin => (&[Int], Unit),
        F::SelectEnlist => (&[Ints, Int, Int], Waiter),
        F::HasWaiter => (&[Ints, Int], Bool),
        F::SelectTimer => (&[Int, Int], Unit),
        F::SelectWithdraw => (&[Waiter], Unit),
        F::WaiterOutcome => (&[Waiter], Bool),
        F::RandomBelow => (&[Int], Int),
        F::ScopeOpen => (&[], Unit),
        F::IsHeld | F::Release => (&[Ints], Bool),
        F::Hold | F::WakeAll => (&[Ints], Unit),
        F::CleanupPlace => (&[Ints], Int),
        F::CleanupPut => (&[Ints, Int], Unit),
        F::TaskWasCancelled => (&[Waiter], Bool),
        _ => return None,
    })
}

/// The kind of result of a function that may take long.
const fn blocking_result(function: RuntimeFunction) -> Option<BlockingResult> {
    use RuntimeFunction as F;
    match function {
        F::FillInput => Some(BlockingResult::Plain),
        F::ReadPath | F::RemovePath | F::ExistsPath | F::ListPath | F::WritePath => {
            Some(BlockingResult::Outcome)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use weft_abi::AbiType;

    use super::*;

    /// The machine's type for a type of the language.
    fn lowered(ty: RuntimeType) -> AbiType {
        match ty {
            RuntimeType::Unit => AbiType::Unit,
            RuntimeType::Bool => AbiType::Bool,
            RuntimeType::Int => AbiType::Int,
            RuntimeType::Float => AbiType::Float,
            RuntimeType::Char => AbiType::Char,
            RuntimeType::Byte => AbiType::Byte,
            RuntimeType::String
            | RuntimeType::Bytes
            | RuntimeType::Strings
            | RuntimeType::Ints
            | RuntimeType::Waiter => AbiType::Pointer,
            RuntimeType::Never => AbiType::Never,
        }
    }

    #[test]
    fn signatures_agree_with_the_table() {
        for &function in RuntimeFunction::ALL {
            let Some(signature) = runtime_signature(function) else { continue };
            let site = signature.takes_site.then_some(AbiType::Pointer);
            let parameters: Vec<_> = signature.parameters.iter().copied().map(lowered).chain(site).collect();
            assert_eq!(parameters, function.parameters(), "{function:?}");
            assert_eq!(lowered(signature.result), function.result(), "{function:?}");
        }
    }
}
