//! The bodies of outlined copies; `cx::outlined` declares them.

use weft_abi::layout::SHARED_SUFFIX;

use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Outlined;

impl ModuleCx<'_, '_> {
    /// Defines the outlined copies that have been called so far.
    pub(in crate::codegen) fn define_outlined(&mut self) {
        for (operation, function) in std::mem::take(&mut self.outlined.undefined) {
            // Stack traces omit outlined copies, but debug information needs a file: the file of `main`.
            let main = self.input.program.main;
            self.begin_named(main, function, &format!("{}{SHARED_SUFFIX}", operation.name()));
            let parameters = function.get_params();
            match operation {
                Outlined::Yield => FunctionCx::of_added(self, main, function).yield_now(),
                Outlined::Pause => {
                    FunctionCx::of_added(self, main, function).pause();
                }
                Outlined::Spawn(_) => {
                    let task = self.start_thread(parameters[0], parameters[1], &parameters[2..]);
                    self.builder.ret(Some(task));
                    continue;
                }
                Outlined::Allocate => {
                    let worker = self.current_worker().into();
                    let object = self.call(self.fast_paths.allocate, &[worker, parameters[0], parameters[1]]);
                    self.builder.ret(Some(object));
                    continue;
                }
                Outlined::End => {
                    self.end_thread(parameters[0], parameters[1]);
                    continue;
                }
            }
            self.builder.ret(None);
        }
    }
}
