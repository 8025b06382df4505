//! What code generation has at hand everywhere, and the order in which a program is generated.

use std::collections::HashSet;

use inkwell::context::Context;
use inkwell::module::{FlagBehavior, Module};
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};

use crate::arena::Arena;
use crate::codegen::attributes::Attributes;
use crate::codegen::builder::{self, Builder};
use crate::codegen::closures::Stubs;
use crate::codegen::constants::Constants;
use crate::codegen::debug_info::DebugInfo;
use crate::codegen::descriptors::Descriptors;
use crate::codegen::foreign::ForeignCode;
use crate::codegen::hot::Hot;
use crate::codegen::inlining::Inlining;
use crate::codegen::memory::Accesses;
use crate::codegen::shared::Shared;
use crate::codegen::spawn::Entries;
use crate::codegen::switch::Switches;
use crate::codegen::types::Types;
use crate::codegen::{Input, Level, functions, hot, recursion, spawn};
use crate::mir::layout::Layouts;
use crate::mir::{FunctionId, Operand, Rvalue, Scalar};
use crate::types::TypeId;

/// Stacks hold words, so frames are multiples of eight bytes and not of sixteen: no padding, and `tailcc` would also
/// round the arguments up, which costs every return an addition. Spilled vectors are moved unaligned.
const STACK_ALIGNMENT: u64 = 8;

/// The program so far.
pub(super) struct Generator<'ctx, 'a> {
    pub(super) context: &'ctx Context,
    pub(super) input: Input<'a>,
    pub(super) level: Level,
    pub(super) module: Module<'ctx>,
    pub(super) builder: Builder<'ctx>,
    pub(super) types: Types<'ctx>,
    pub(super) layouts: Layouts<'a>,
    pub(super) accesses: Accesses<'ctx>,
    pub(super) attributes: Attributes,
    pub(super) debug: DebugInfo<'ctx>,
    pub(super) constants: Constants<'ctx>,
    pub(super) descriptors: Descriptors,
    pub(super) hot: Hot<'ctx>,
    pub(super) switches: Switches<'ctx>,
    /// The functions of the program; all are declared before the first body is generated.
    pub(super) functions: Arena<FunctionId, FunctionValue<'ctx>>,
    /// The code of function values.
    pub(super) stubs: Stubs<'ctx>,
    /// What leads to C.
    pub(super) foreign: ForeignCode,
    /// What new green threads run first.
    pub(super) entries: Entries<'ctx>,
    /// The types of objects that the program can tell apart.
    pub(super) identities: HashSet<TypeId>,
    /// The places where hot paths are inlined.
    pub(super) inlining: Inlining,
    /// The number of allocations of the function that is being generated.
    pub(super) allocations: usize,
    /// The hot paths that are called.
    pub(super) shared: Shared<'ctx>,
}

/// Generates the whole program.
pub(super) fn generate<'ctx>(context: &'ctx Context, input: &Input<'_>, level: Level) -> Module<'ctx> {
    let attributes = Attributes::new(context);
    let (module, hot) = hot::open(context, input.hot_bitcode, &attributes);
    let alignment = context.i32_type().const_int(STACK_ALIGNMENT, false);
    module.add_basic_value_flag("override-stack-alignment", FlagBehavior::Error, alignment);
    let mut generator = Generator {
        context,
        input: *input,
        level,
        builder: Builder::new(context),
        types: Types::new(context),
        layouts: Layouts::new(input.program),
        accesses: Accesses::new(context),
        debug: DebugInfo::new(context, &module, input, level),
        constants: Constants::default(),
        descriptors: Descriptors::default(),
        switches: Switches::define(context, &module, &attributes),
        functions: Arena::new(),
        stubs: Stubs::default(),
        foreign: ForeignCode::default(),
        entries: Entries::default(),
        identities: identities(input),
        inlining: Inlining::plan(input, level),
        allocations: 0,
        shared: Shared::default(),
        hot,
        attributes,
        module,
    };
    generator.functions =
        input.program.functions.ids().map(|id| functions::declare(&generator, id)).collect();
    for id in recursion::not_to_be_loops(input.program) {
        generator.attributes.keep_recursion(generator.functions[id]);
    }
    for id in input.program.functions.ids() {
        functions::define(&mut generator, id);
    }
    generator.define_stubs();
    generator.define_entries();
    spawn::define_main(&mut generator);
    generator.define_shared();
    generator.define_descriptors();
    generator.define_foreign_code();
    generator.debug.finish();
    generator.module
}

/// The types of objects that the program stores into, or asks of whether they are the same.
fn identities(input: &Input<'_>) -> HashSet<TypeId> {
    let mut found = HashSet::new();
    for function in input.program.functions.iter() {
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let Rvalue::SetField(object, ..) | Rvalue::Same(object, _) = &statement.value
                && let Operand::Local(object) = object
            {
                found.insert(function.locals[*object].ty);
            }
        }
    }
    found
}

impl<'ctx> Generator<'ctx, '_> {
    /// The kinds of the scalars that values of a type consist of.
    pub(super) fn scalars(&self, ty: TypeId) -> Vec<Scalar> {
        self.layouts.scalars(ty).to_vec()
    }

    /// Whether anything looks at what LLVM is told of values and of memory.
    pub(super) fn is_optimised(&self) -> bool {
        self.level != Level::O0
    }

    /// Calls a function that gives one value.
    pub(super) fn call(
        &self,
        function: FunctionValue<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> BasicValueEnum<'ctx> {
        let result = builder::result(self.builder.call(function, arguments, ""));
        result.unwrap_or_else(|| panic!("BUG: {} gives nothing", function.get_name().to_string_lossy()))
    }

    /// The worker that runs this instruction; not to be kept over a switch.
    pub(super) fn current_worker(&self) -> PointerValue<'ctx> {
        self.call(self.switches.current_worker, &[]).into_pointer_value()
    }
}
