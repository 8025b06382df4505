//! Generation: from MIR to one module of unoptimised LLVM IR.

use std::collections::HashSet;

use inkwell::context::Context;
use inkwell::module::{FlagBehavior, Module};

use crate::arena::Arena;
use crate::codegen::body::functions;
use crate::codegen::cx::attributes::Attributes;
use crate::codegen::cx::builder::Builder;
use crate::codegen::cx::debug_info::DebugInfo;
use crate::codegen::cx::descriptors::Descriptors;
use crate::codegen::cx::fast_paths;
use crate::codegen::cx::inlining::Inlining;
use crate::codegen::cx::input::{Input, Level};
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::{Constants, Entries, ForeignCode, OutlinedCopies, Spawns, Stubs};
use crate::codegen::cx::tbaa::Accesses;
use crate::codegen::cx::types::Types;
use crate::codegen::declare::declare;
use crate::codegen::threads::{spawn, switch};
use crate::mir::layout::Layouts;
use crate::mir::{Operand, Rvalue, call_graph};
use crate::types::TypeId;

/// The alignment of stacks in bytes: one word, half of what C's calling convention on x86-64 requires.
///
/// Frames are multiples of 8 bytes and need no padding. `tailcc` does not round up the size of stack arguments to 16
/// bytes; rounding would cost an addition at every return. In exchange, vectors are spilled by unaligned moves.
const STACK_ALIGNMENT: u64 = 8;

/// Generates one module with all functions of a program, and with the functions and tables that their bodies request.
pub(in crate::codegen) fn generate<'ctx>(
    context: &'ctx Context,
    input: &Input<'_>,
    level: Level,
) -> Module<'ctx> {
    let attributes = Attributes::new(context, input.way.preserves_registers);
    let (module, fast_paths) = fast_paths::open(context, input.hot_bitcode, &attributes);
    let alignment = context.i32_type().const_int(STACK_ALIGNMENT, false);
    module.add_basic_value_flag("override-stack-alignment", FlagBehavior::Error, alignment);
    let mut cx = ModuleCx {
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
        switches: switch::define(context, &module, &attributes),
        functions: Arena::new(),
        stubs: Stubs::default(),
        foreign: ForeignCode::default(),
        entries: Entries::default(),
        identities: identities(input),
        inlining: Inlining::plan(input, level),
        allocations: 0,
        spawns: Spawns::default(),
        outlined: OutlinedCopies::default(),
        fast_paths,
        attributes,
        module,
    };
    // All functions are declared before the first body, since bodies call other functions.
    cx.functions = input.program.functions.ids().map(|id| declare(&cx, id)).collect();
    for id in call_graph::keep_recursive(input.program) {
        cx.attributes.keep_recursion(cx.functions[id]);
    }
    for id in input.program.functions.ids() {
        functions::define(&mut cx, id);
    }
    // Generating the bodies has requested stubs, first functions, outlined copies, descriptors and assembly. First
    // functions may request more outlined copies, so outlined copies come last.
    cx.define_stubs();
    cx.define_entries();
    spawn::define_main(&mut cx);
    cx.define_outlined();
    cx.define_spawns();
    let stubs = cx.stubs();
    cx.foreign.text.push_str(&stubs);
    cx.descriptors.define(context, &cx.module, cx.types);
    cx.define_foreign_code();
    cx.debug.finish();
    cx.module
}

/// The types whose objects have an identity, because the program stores into objects of the type or compares references
/// to such objects.
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
