//! The module context: the LLVM module of a program during generation, and the tables that belong to it.

use std::collections::HashSet;
use std::ops::Range;

use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};

use crate::arena::Arena;
use crate::codegen::cx::attributes::Attributes;
use crate::codegen::cx::builder::{self, Builder};
use crate::codegen::cx::debug_info::DebugInfo;
use crate::codegen::cx::descriptors::Descriptors;
use crate::codegen::cx::fast_paths::FastPaths;
use crate::codegen::cx::inlining::Inlining;
use crate::codegen::cx::input::{Input, Level};
use crate::codegen::cx::tables::{Constants, Entries, ForeignCode, OutlinedCopies, Spawns, Stubs, Switches};
use crate::codegen::cx::tbaa::Accesses;
use crate::codegen::cx::types::Types;
use crate::mir::layout::Layouts;
use crate::mir::{FrameId, FunctionId, Scalar};
use crate::types::TypeId;

/// A program during generation.
pub(in crate::codegen) struct ModuleCx<'ctx, 'a> {
    pub(in crate::codegen) context: &'ctx Context,
    pub(in crate::codegen) input: Input<'a>,
    pub(in crate::codegen) level: Level,
    pub(in crate::codegen) module: Module<'ctx>,
    pub(in crate::codegen) builder: Builder<'ctx>,
    pub(in crate::codegen) types: Types<'ctx>,
    pub(in crate::codegen) layouts: Layouts<'a>,
    pub(in crate::codegen) accesses: Accesses<'ctx>,
    pub(in crate::codegen) attributes: Attributes,
    pub(in crate::codegen) debug: DebugInfo<'ctx>,
    pub(in crate::codegen) constants: Constants<'ctx>,
    pub(in crate::codegen) descriptors: Descriptors,
    pub(in crate::codegen) fast_paths: FastPaths<'ctx>,
    pub(in crate::codegen) switches: Switches<'ctx>,
    /// The functions of the program; all are declared before the first body is generated.
    pub(in crate::codegen) functions: Arena<FunctionId, FunctionValue<'ctx>>,
    /// The code of function values.
    pub(in crate::codegen) stubs: Stubs<'ctx>,
    /// The module's assembly, through which C is called.
    pub(in crate::codegen) foreign: ForeignCode,
    /// The first functions of green threads, continuations and generators with stacks of their own.
    pub(in crate::codegen) entries: Entries<'ctx>,
    /// The types whose objects have an identity that the program can observe.
    pub(in crate::codegen) identities: HashSet<TypeId>,
    /// The plan that decides which fast paths are inlined.
    pub(in crate::codegen) inlining: Inlining,
    /// The number of allocations generated so far in the current function.
    pub(in crate::codegen) allocations: usize,
    /// The places that spawn threads, in a program that is compiled for tracing.
    pub(in crate::codegen) spawns: Spawns<'ctx>,
    /// The outlined copies of fast paths.
    pub(in crate::codegen) outlined: OutlinedCopies<'ctx>,
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// The scalars that a value of the type consists of, in their order.
    pub(in crate::codegen) fn scalars(&self, ty: TypeId) -> Vec<Scalar> {
        self.layouts.scalars(ty).to_vec()
    }

    /// Whether LLVM's optimiser runs. Without the optimiser, metadata about values and memory is useless.
    pub(in crate::codegen) fn is_optimised(&self) -> bool {
        self.level != Level::O0
    }

    /// Calls a function that returns a value; returns the value.
    pub(in crate::codegen) fn call(
        &self,
        function: FunctionValue<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> BasicValueEnum<'ctx> {
        let result = builder::result(self.builder.call(function, arguments, ""));
        result.unwrap_or_else(|| panic!("BUG: {} gives nothing", function.get_name().to_string_lossy()))
    }

    /// Generates code that reads the current worker. The result must not be used after a switch: the thread may resume
    /// on another worker.
    pub(in crate::codegen) fn current_worker(&self) -> PointerValue<'ctx> {
        self.call(self.switches.current_worker, &[]).into_pointer_value()
    }

    /// The scalars of the function's parameters with the numbers in `range`, in their order.
    pub(in crate::codegen) fn parameters(&self, function: FunctionId, range: Range<usize>) -> Vec<Scalar> {
        let function = &self.input.program.functions[function];
        let locals = function.locals.iter().take(range.end).skip(range.start);
        locals.flat_map(|local| self.scalars(local.ty)).collect()
    }

    /// The scalars of a generator's frame, slot by slot.
    pub(in crate::codegen) fn frame(&self, frame: FrameId) -> Vec<Scalar> {
        self.input.program.frames[frame].slots.iter().flat_map(|&ty| self.scalars(ty)).collect()
    }

    /// A slot of a generator's frame: the index of its first scalar in the frame, and its scalars.
    pub(in crate::codegen) fn slot(&self, frame: FrameId, slot: usize) -> (usize, Vec<Scalar>) {
        let slots = &self.input.program.frames[frame].slots;
        let before = slots[..slot].iter().map(|&ty| self.scalars(ty).len()).sum();
        (before, self.scalars(slots[slot]))
    }

    /// Begins a function that the compiler adds around a function of the program: describes the added function in debug
    /// information, and places the builder in its first block. Stack traces recognise the added function by the suffix.
    pub(in crate::codegen) fn begin(&self, function: FunctionId, added: FunctionValue<'ctx>, suffix: &str) {
        self.begin_named(
            function,
            added,
            &format!("{}{suffix}", self.input.program.functions[function].name),
        );
    }

    /// Begins an added function as [`ModuleCx::begin`] does, with `name` as its name in debug information.
    pub(in crate::codegen) fn begin_named(
        &self,
        function: FunctionId,
        added: FunctionValue<'ctx>,
        name: &str,
    ) {
        let around = &self.input.program.functions[function];
        let scope = self.debug.describe(added, name, around.span, self.input.sources);
        self.builder.at_end(self.context.append_basic_block(added, ""));
        self.builder.set_location(Some(self.debug.location(scope, around.span, None, self.input.sources)));
    }
}
