//! Checks that `stdlib/intrinsics.weft` declares each instruction once, and declares runtime functions with the types
//! that they have in MIR.

use std::collections::HashSet;

use super::resolved;
use crate::hir::{FunctionBody, Instruction, Intrinsic};
use crate::mir::{runtime_signature, runtime_type};

#[test]
fn the_library_declares_each_instruction_once() {
    let (_, hir, _) = resolved("fn main() { }");
    let mut declared = HashSet::new();
    for function in hir.functions.iter() {
        if let FunctionBody::Intrinsic(Intrinsic::Instruction(instruction)) = function.body {
            assert!(declared.insert(instruction), "{instruction:?} is declared twice");
        }
    }
    let missing: Vec<_> = Instruction::ALL.iter().filter(|known| !declared.contains(known)).collect();
    assert!(missing.is_empty(), "not declared: {missing:?}");
}

#[test]
fn the_library_declares_runtime_functions_with_their_types() {
    let (_, hir, _) = resolved("fn main() { }");
    let mut types = hir.types.clone();
    let mut checked = 0;
    for function in hir.functions.iter() {
        let FunctionBody::Intrinsic(Intrinsic::Runtime(runtime)) = function.body else { continue };
        let signature = runtime_signature(runtime).expect("MIR may call it");
        let expected: Vec<_> =
            signature.parameters.iter().map(|&ty| Some(runtime_type(ty, &mut types))).collect();
        let declared: Vec<_> = function.parameters.iter().map(|parameter| parameter.ty).collect();
        let name = &function.name;
        assert_eq!(declared, expected, "the parameters of `{name}`");
        assert_eq!(
            function.result,
            Some(runtime_type(signature.result, &mut types)),
            "the result of `{name}`"
        );
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}
