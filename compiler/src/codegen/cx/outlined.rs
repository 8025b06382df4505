//! Hot paths that are called: one copy for all places that the budget of `inlining` leaves out.
//!
//! Each reads the worker itself. It is a function with a prologue, where the thread may be stopped and go on on
//! another worker; what a caller had read before would be that of the first.

use inkwell::module::Linkage;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValueEnum, FunctionValue};
use weft_abi::layout::SHARED_SUFFIX;

use crate::codegen::attributes::TAILCC;
use crate::codegen::builder;
use crate::codegen::functions::{Body, LINKER_PREFIX};
use crate::codegen::generator::Generator;

/// The copies that were asked for, still to be defined.
#[derive(Default)]
pub(super) struct Shared<'ctx> {
    undefined: Vec<(Operation, FunctionValue<'ctx>)>,
}

/// An operation that has a shared copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    /// `()`: another thread runs
    Yield,
    /// `()`: the thread waits for a choice
    Pause,
    /// `(site, entry, argument 1 ... argument n) -> task`
    Spawn(usize),
    /// `(header, size) -> object`
    Allocate,
    /// `(task, result)`: the thread ends
    End,
}

impl Operation {
    fn name(self) -> String {
        match self {
            Operation::Yield => "yield".into(),
            Operation::Pause => "pause".into(),
            Operation::Spawn(words) => format!("spawn.{words}"),
            Operation::Allocate => "allocate".into(),
            Operation::End => "end".into(),
        }
    }

    fn switches(self) -> bool {
        match self {
            Operation::Yield | Operation::Pause | Operation::End => true,
            Operation::Spawn(_) | Operation::Allocate => false,
        }
    }
}

impl<'ctx> Generator<'ctx, '_> {
    /// Calls the shared copy of an operation; returns what it gives, if it gives anything.
    pub(super) fn call_shared(
        &mut self,
        operation: Operation,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> Option<BasicValueEnum<'ctx>> {
        let function = self.shared_copy(operation);
        builder::result(self.builder.call(function, arguments, ""))
    }

    fn shared_copy(&mut self, operation: Operation) -> FunctionValue<'ctx> {
        let name = format!("{LINKER_PREFIX}{}{SHARED_SUFFIX}", operation.name());
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let (word, pointer) = (Some(self.types.word.into()), Some(self.types.pointer.into()));
        let (parameters, result): (Vec<Option<BasicTypeEnum<'ctx>>>, _) = match operation {
            Operation::Yield | Operation::Pause => (Vec::new(), None),
            Operation::Spawn(words) => ([pointer; 2].into_iter().chain(vec![word; words]).collect(), pointer),
            Operation::Allocate => (vec![word, word], pointer),
            Operation::End => (vec![pointer, word], None),
        };
        let ty = self.types.function(parameters, result);
        let function = self.module.add_function(&name, ty, Some(Linkage::Internal));
        function.set_call_conventions(TAILCC);
        self.attributes.of_mover(function);
        if operation.switches() {
            self.attributes.of_yielding(function);
        }
        self.shared.undefined.push((operation, function));
        function
    }

    /// Defines the copies that were asked for.
    pub(super) fn define_shared(&mut self) {
        for (operation, function) in std::mem::take(&mut self.shared.undefined) {
            // Traces leave it out; it needs a place in a file all the same.
            let main = self.input.program.main;
            self.begin_named(main, function, &format!("{}{SHARED_SUFFIX}", operation.name()));
            let parameters = function.get_params();
            match operation {
                Operation::Yield => Body::of_added(self, main, function).yield_now(),
                Operation::Pause => {
                    Body::of_added(self, main, function).pause();
                }
                Operation::Spawn(_) => {
                    let task = self.start_thread(parameters[0], parameters[1], &parameters[2..]);
                    self.builder.ret(Some(task));
                    continue;
                }
                Operation::Allocate => {
                    let worker = self.current_worker().into();
                    let object = self.call(self.hot.allocate, &[worker, parameters[0], parameters[1]]);
                    self.builder.ret(Some(object));
                    continue;
                }
                Operation::End => {
                    self.end_thread(parameters[0], parameters[1]);
                    continue;
                }
            }
            self.builder.ret(None);
        }
    }
}
