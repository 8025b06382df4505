//! Calls of runtime functions. Compiled code calls a runtime function through a thunk, which moves to the worker's own
//! stack. So a call looks like the call of a C function that needs only a return address on the green thread's stack.

use inkwell::GlobalVisibility;
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};
use weft_abi::{AbiType, PanicKind, RuntimeFunction};

use crate::codegen::cx::builder;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::types::Values;
use crate::mir::{Operand, runtime_signature};

impl<'ctx> ModuleCx<'ctx, '_> {
    /// The declaration of a runtime function.
    pub(in crate::codegen) fn runtime_function(&self, function: RuntimeFunction) -> FunctionValue<'ctx> {
        let symbol = function.symbol();
        if let Some(known) = self.module.get_function(symbol) {
            return known;
        }
        let types = function.parameters().iter().map(|&parameter| self.types.abi(parameter));
        let ty = self.types.function(types, self.types.abi(function.result()));
        let declared = self.module.add_function(symbol, ty, None);
        self.attributes.of_runtime_function(declared, function);
        declared
    }

    /// The address of a label in the runtime's assembly.
    pub(in crate::codegen) fn runtime_label(&self, symbol: &str) -> PointerValue<'ctx> {
        let known = self.module.get_function(symbol);
        let label = known.unwrap_or_else(|| {
            let declared = self.module.add_function(symbol, self.types.function([], None), None);
            declared.as_global_value().set_visibility(GlobalVisibility::Hidden);
            declared
        });
        label.as_global_value().as_pointer_value()
    }

    /// Calls a runtime function; returns its result, if any.
    pub(in crate::codegen) fn run(
        &self,
        function: RuntimeFunction,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> Option<BasicValueEnum<'ctx>> {
        builder::result(self.builder.call(self.runtime_function(function), arguments, ""))
    }
}

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Calls a runtime function that MIR names. If the function takes a `Site`, adds the position of the statement as
    /// the last argument.
    pub(in crate::codegen) fn call_runtime(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Operand],
    ) -> Values<'ctx> {
        let signature = runtime_signature(function);
        let signature = signature.unwrap_or_else(|| panic!("BUG: MIR must not call {function:?}"));
        let mut values = self.operands(arguments);
        if signature.takes_site {
            values.push(self.site().into());
        }
        let callee = self.cx.runtime_function(function);
        let call = self.cx.builder.call(callee, &values, "");
        if function.result() == AbiType::Never {
            self.cx.attributes.keep_apart(call);
        }
        builder::result(call).into_iter().collect()
    }

    /// Calls a panic function of the runtime, with the statement's site as the last argument. Ends the block.
    pub(in crate::codegen) fn panic_with(
        &mut self,
        function: RuntimeFunction,
        arguments: &[BasicValueEnum<'ctx>],
    ) {
        let site = self.site().into();
        let arguments = [arguments, &[site]].concat();
        let callee = self.cx.runtime_function(function);
        let call = self.cx.builder.call(callee, &arguments, "");
        self.cx.attributes.keep_apart(call);
        self.cx.builder.unreachable();
    }

    /// Panics with the fixed message of `kind`. Ends the block.
    pub(in crate::codegen) fn panic_kind(&mut self, kind: PanicKind) {
        let kind = self.cx.types.word.const_int(kind as u64, false);
        self.panic_with(RuntimeFunction::PanicKind, &[kind.into()]);
    }
}
