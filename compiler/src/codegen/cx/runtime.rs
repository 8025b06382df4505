//! The runtime's other functions, called. They are thunks that move to the worker's own stack, so to compiled code
//! they are C functions that need no stack beyond a return address.

use inkwell::GlobalVisibility;
use inkwell::attributes::AttributeLoc;
use inkwell::values::{BasicValueEnum, FunctionValue};
use weft_abi::{AbiType, PanicKind, RuntimeFunction};

use crate::codegen::attributes::Attributes;
use crate::codegen::builder;
use crate::codegen::functions::Body;
use crate::codegen::generator::Generator;
use crate::codegen::types::Values;
use crate::mir::{Operand, runtime_signature};

impl<'ctx> Generator<'ctx, '_> {
    /// The declaration of a runtime function.
    pub(super) fn runtime_function(&self, function: RuntimeFunction) -> FunctionValue<'ctx> {
        let symbol = function.symbol();
        if let Some(known) = self.module.get_function(symbol) {
            return known;
        }
        let types = function.parameters().iter().map(|&parameter| self.types.abi(parameter));
        let ty = self.types.function(types, self.types.abi(function.result()));
        let declared = self.module.add_function(symbol, ty, None);
        describe(declared, function, &self.attributes);
        declared
    }

    /// Calls a runtime function. Returns what it gives, if it gives anything.
    pub(super) fn run(
        &self,
        function: RuntimeFunction,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> Option<BasicValueEnum<'ctx>> {
        builder::result(self.builder.call(self.runtime_function(function), arguments, ""))
    }
}

/// Tells LLVM what it may know of a runtime function.
pub(super) fn describe(declared: FunctionValue<'_>, function: RuntimeFunction, attributes: &Attributes) {
    // It is linked into the same executable: no detour through its tables of imported functions.
    declared.as_global_value().set_visibility(GlobalVisibility::Hidden);
    attributes.of_runtime(declared);
    match function.result() {
        AbiType::Never => attributes.of_no_return(declared),
        AbiType::Bool | AbiType::Byte => attributes.zero_extend(declared, AttributeLoc::Return),
        AbiType::Unit | AbiType::Int | AbiType::Float | AbiType::Char | AbiType::Pointer => {}
    }
    for (index, ty) in function.parameters().iter().enumerate() {
        if matches!(ty, AbiType::Bool | AbiType::Byte) {
            attributes.zero_extend(declared, AttributeLoc::Param(index as u32));
        }
    }
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// Calls a runtime function that MIR names; a `Site` is made of the statement's span.
    pub(super) fn call_runtime(&mut self, function: RuntimeFunction, arguments: &[Operand]) -> Values<'ctx> {
        let signature = runtime_signature(function);
        let signature = signature.unwrap_or_else(|| panic!("BUG: MIR must not call {function:?}"));
        let mut values = self.operands(arguments);
        if signature.takes_site {
            values.push(self.site().into());
        }
        let callee = self.g.runtime_function(function);
        let call = self.g.builder.call(callee, &values, "");
        if function.result() == AbiType::Never {
            self.g.attributes.keep_apart(call);
        }
        builder::result(call).into_iter().collect()
    }

    /// Calls one of the runtime's panics, with the statement's site as the last argument. Ends the block.
    pub(super) fn panic_with(&mut self, function: RuntimeFunction, arguments: &[BasicValueEnum<'ctx>]) {
        let site = self.site().into();
        let arguments = [arguments, &[site]].concat();
        let callee = self.g.runtime_function(function);
        let call = self.g.builder.call(callee, &arguments, "");
        self.g.attributes.keep_apart(call);
        self.g.builder.unreachable();
    }

    /// Panics with a fixed message. Ends the block.
    pub(super) fn panic_kind(&mut self, kind: PanicKind) {
        let kind = self.g.types.word.const_int(kind as u64, false);
        self.panic_with(RuntimeFunction::PanicKind, &[kind.into()]);
    }
}
