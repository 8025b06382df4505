//! What code generation has at hand everywhere, and the order in which a program is generated.

use std::collections::HashMap;

use inkwell::context::Context;
use inkwell::module::{FlagBehavior, Module};
use inkwell::values::FunctionValue;

use crate::arena::Arena;
use crate::codegen::attributes::Attributes;
use crate::codegen::builder::Builder;
use crate::codegen::constants::Constants;
use crate::codegen::debug_info::DebugInfo;
use crate::codegen::hot::Hot;
use crate::codegen::switch::Switches;
use crate::codegen::types::Types;
use crate::codegen::{Input, Level, functions, hot, recursion, spawn};
use crate::mir::FunctionId;

/// Stacks hold words, so frames are multiples of eight bytes and not of sixteen: no padding, and `tailcc` would also
/// round the arguments up, which costs every return an addition. Spilled vectors are moved unaligned.
const STACK_ALIGNMENT: u64 = 8;

/// The program so far.
pub(super) struct Generator<'ctx, 'a> {
    pub(super) context: &'ctx Context,
    pub(super) input: Input<'a>,
    pub(super) module: Module<'ctx>,
    pub(super) builder: Builder<'ctx>,
    pub(super) types: Types<'ctx>,
    pub(super) attributes: Attributes,
    pub(super) debug: DebugInfo<'ctx>,
    pub(super) constants: Constants<'ctx>,
    pub(super) hot: Hot<'ctx>,
    pub(super) switches: Switches<'ctx>,
    /// The functions of the program; all are declared before the first body is generated.
    pub(super) functions: Arena<FunctionId, FunctionValue<'ctx>>,
    /// What new green threads run first, for those functions that are spawned.
    pub(super) entries: HashMap<FunctionId, FunctionValue<'ctx>>,
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
        builder: Builder::new(context),
        types: Types::new(context),
        debug: DebugInfo::new(context, &module, input, level),
        constants: Constants::default(),
        switches: Switches::define(context, &module, &attributes),
        functions: Arena::new(),
        entries: HashMap::new(),
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
    spawn::define_main(&mut generator);
    generator.debug.finish();
    generator.module
}
