//! Outlined copies of fast paths: one function for all call sites that the plan of `inlining` does not inline.
//!
//! An outlined copy reads the current worker itself instead of taking it as an argument. If the caller passed the
//! worker, the thread could be preempted in the copy's prologue and resume on another worker, and the copy would use
//! the wrong worker.

use inkwell::module::Linkage;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValueEnum, FunctionValue};
use weft_abi::layout::SHARED_SUFFIX;

use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::builder;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Outlined;
use weft_abi::layout::PROGRAM_PREFIX;

impl Outlined {
    pub(in crate::codegen) fn name(self) -> String {
        match self {
            Outlined::Yield => "yield".into(),
            Outlined::Pause => "pause".into(),
            Outlined::Spawn(words) => format!("spawn.{words}"),
            Outlined::Allocate => "allocate".into(),
            Outlined::End => "end".into(),
        }
    }

    pub(in crate::codegen) fn symbol(self) -> String {
        format!("{PROGRAM_PREFIX}{}{SHARED_SUFFIX}", self.name())
    }

    fn switches(self) -> bool {
        match self {
            Outlined::Yield | Outlined::Pause | Outlined::End => true,
            Outlined::Spawn(_) | Outlined::Allocate => false,
        }
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Calls the outlined copy of an operation; returns its result, if any.
    pub(in crate::codegen) fn call_outlined(
        &mut self,
        operation: Outlined,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> Option<BasicValueEnum<'ctx>> {
        let function = self.outlined_copy(operation);
        builder::result(self.builder.call(function, arguments, ""))
    }

    /// The outlined copy of an operation; declares it at its first use.
    pub(in crate::codegen) fn outlined_copy(&mut self, operation: Outlined) -> FunctionValue<'ctx> {
        let name = operation.symbol();
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let (word, pointer) = (Some(self.types.word.into()), Some(self.types.pointer.into()));
        let (parameters, result): (Vec<Option<BasicTypeEnum<'ctx>>>, _) = match operation {
            Outlined::Yield | Outlined::Pause => (Vec::new(), None),
            Outlined::Spawn(words) => ([pointer; 2].into_iter().chain(vec![word; words]).collect(), pointer),
            Outlined::Allocate => (vec![word, word], pointer),
            Outlined::End => (vec![pointer, word], None),
        };
        let ty = self.types.function(parameters, result);
        let function = self.module.add_function(&name, ty, Some(Linkage::Internal));
        function.set_call_conventions(TAILCC);
        match operation {
            Outlined::Allocate => self.attributes.of_allocator(self.context, function),
            Outlined::Yield | Outlined::Pause | Outlined::Spawn(_) | Outlined::End => {
                self.attributes.of_mover(function);
            }
        }
        if operation.switches() {
            self.attributes.of_yielding(function);
        }
        self.outlined.undefined.push((operation, function));
        function
    }
}
