//! The runtime's functions as MIR sees them: with types of the language in place of machine types.

use weft_abi::RuntimeFunction;

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
    /// `String`
    String,
    /// `[String]`
    Strings,
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
            RuntimeType::String => Type::String,
            RuntimeType::Strings => Type::Array(types.intern(Type::String)),
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
}

/// The signature of a function that MIR may call; `None` for those that only code generation and the runtime itself
/// call. `Rvalue::Runtime` calls those that return, `TerminatorKind::Diverge` those that do not.
pub const fn runtime_signature(function: RuntimeFunction) -> Option<RuntimeSignature> {
    use RuntimeType::{Bool, Float, Int, Never, String, Strings, Unit};
    let (parameters, result, takes_site): (&[RuntimeType], _, _) = match function {
        RuntimeFunction::Print
        | RuntimeFunction::PrintLine
        | RuntimeFunction::Eprint
        | RuntimeFunction::EprintLine
        | RuntimeFunction::TextString => (&[String], Unit, false),
        RuntimeFunction::TextInt => (&[Int], Unit, false),
        RuntimeFunction::TextFloat => (&[Float], Unit, false),
        RuntimeFunction::TextBool => (&[Bool], Unit, false),
        RuntimeFunction::TextStringAs => (&[String, Int], Unit, false),
        RuntimeFunction::TextIntAs => (&[Int, Int], Unit, false),
        RuntimeFunction::TextFloatAs => (&[Float, Int], Unit, false),
        RuntimeFunction::TextFinish => (&[], String, false),
        RuntimeFunction::StringConcat => (&[String, String], String, false),
        RuntimeFunction::StringEqual => (&[String, String], Bool, false),
        RuntimeFunction::StringCompare => (&[String, String], Int, false),
        RuntimeFunction::FloatRemainder => (&[Float, Float], Float, false),
        RuntimeFunction::Arguments => (&[], Strings, false),
        RuntimeFunction::Exit => (&[Int], Never, false),
        RuntimeFunction::Panic => (&[String], Never, true),
        RuntimeFunction::PanicNotEqual => (&[String, String], Never, true),
        // These stand behind terminators, `Index` and `Join`, or are slow paths of the runtime's hot code.
        RuntimeFunction::PanicKind
        | RuntimeFunction::PanicIndex
        | RuntimeFunction::PanicJoin
        | RuntimeFunction::Idle
        | RuntimeFunction::GrowRunQueue
        | RuntimeFunction::MoreStacks
        | RuntimeFunction::FreeStack
        | RuntimeFunction::WakeJoiners
        | RuntimeFunction::AllocateSlow => return None,
    };
    Some(RuntimeSignature { parameters, result, takes_site })
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
            RuntimeType::String | RuntimeType::Strings => AbiType::Pointer,
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
