//! The signatures of runtime functions in terms of MIR. The table is `weft_abi::for_each_runtime_function`.

use weft_abi::{BlockingResult, RuntimeFunction, RuntimeGroup, RuntimeType};

use crate::types::{Type, TypeId, TypeTable};

/// The signature with which MIR calls a runtime function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuntimeSignature {
    /// The parameters. A trailing `Site`, which code generation derives from the statement's span, is not among them.
    pub parameters: &'static [RuntimeType],
    /// The result type.
    pub result: RuntimeType,
    /// Whether a `Site` follows the arguments.
    pub takes_site: bool,
    /// For a function that may take long, so that `Rvalue::Blocking` calls it: the kind of its result. `None` for all
    /// other functions.
    pub blocking: Option<BlockingResult>,
}

/// The signature of a function that MIR may call; `None` for functions that only code generation and the runtime call.
/// `Rvalue::Runtime` and `Rvalue::Blocking` call functions that return, `TerminatorKind::Diverge` calls functions that
/// do not.
pub const fn runtime_signature(function: RuntimeFunction) -> Option<RuntimeSignature> {
    let blocking = match (function.group(), function.result_type()) {
        (RuntimeGroup::Program, _) => None,
        (RuntimeGroup::Blocking, RuntimeType::Outcome) => Some(BlockingResult::Outcome),
        (RuntimeGroup::Blocking, _) => Some(BlockingResult::Plain),
        (RuntimeGroup::Internal | RuntimeGroup::Anywhere, _) => return None,
    };
    let (parameters, takes_site) = match function.parameter_types() {
        [parameters @ .., RuntimeType::Site] => (parameters, true),
        parameters => (parameters, false),
    };
    Some(RuntimeSignature { parameters, result: function.result_type(), takes_site, blocking })
}

/// The language's type for a type of the runtime's table.
///
/// # Panics
/// For an address, which no signature of MIR contains.
pub fn runtime_type(ty: RuntimeType, types: &mut TypeTable) -> TypeId {
    let ty = match ty {
        RuntimeType::Unit => Type::Unit,
        RuntimeType::Bool => Type::Bool,
        RuntimeType::Int | RuntimeType::Outcome => Type::Int,
        RuntimeType::Float => Type::Float,
        RuntimeType::Char => Type::Char,
        RuntimeType::Byte => Type::Byte,
        RuntimeType::String => Type::String,
        RuntimeType::Bytes => Type::Array(types.intern(Type::Byte)),
        RuntimeType::Strings => Type::Array(types.intern(Type::String)),
        RuntimeType::Ints => Type::Array(types.intern(Type::Int)),
        RuntimeType::Waiter => Type::Task(types.intern(Type::Unit)),
        RuntimeType::Never => Type::Never,
        RuntimeType::Site | RuntimeType::Pointer => panic!("BUG: an address in a signature of MIR"),
    };
    types.intern(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_mir_have_types_of_the_language() {
        let mut types = TypeTable::new();
        for &function in RuntimeFunction::ALL {
            let Some(signature) = runtime_signature(function) else { continue };
            for &ty in signature.parameters.iter().chain([&signature.result]) {
                runtime_type(ty, &mut types);
            }
        }
    }
}
