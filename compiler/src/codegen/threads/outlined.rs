//! The bodies of outlined copies; `cx::outlined` declares them.

use inkwell::values::FunctionValue;
use weft_abi::layout::SHARED_SUFFIX;

use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Outlined;

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Defines the outlined copies that have been called so far, and those that their bodies call.
    pub(in crate::codegen) fn define_outlined(&mut self) {
        while let Some((operation, function)) = self.outlined.undefined.pop() {
            self.define_copy(operation, function);
        }
    }

    fn define_copy(&mut self, operation: Outlined, function: FunctionValue<'ctx>) {
        // Stack traces omit outlined copies, but debug information needs a file: the file of `main`.
        let main = self.input.program.main;
        let name = format!("{}{SHARED_SUFFIX}", operation.name());
        let parameters = function.get_params();
        match operation {
            Outlined::Yield => {
                self.begin_named(main, function, &name);
                FunctionCx::of_added(self, main, function).yield_now();
                self.builder.ret(None);
            }
            Outlined::Pause => {
                self.begin_named(main, function, &name);
                FunctionCx::of_added(self, main, function).pause();
                self.builder.ret(None);
            }
            Outlined::Spawn(_) => {
                self.begin_named(main, function, &name);
                let task = self.start_thread(parameters[0], parameters[1], &parameters[2..]);
                self.builder.ret(Some(task));
            }
            Outlined::Allocate => {
                // No debug information: where LLVM inlines the code, its source position is that of the allocation.
                self.builder.at_end(self.context.append_basic_block(function, ""));
                self.builder.set_location(None);
                let worker = self.current_worker().into();
                let object = self.call(self.fast_paths.allocate, &[worker, parameters[0], parameters[1]]);
                self.builder.ret(Some(object));
            }
            Outlined::End => {
                self.begin_named(main, function, &name);
                self.end_thread(parameters[0], parameters[1]);
            }
        }
    }
}
