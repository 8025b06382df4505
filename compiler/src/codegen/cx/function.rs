//! Functions, blocks and the ways out of them.

use std::collections::HashMap;

use inkwell::basic_block::BasicBlock;
use inkwell::debug_info::DISubprogram;
use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, CallSiteValue, FunctionValue, IntValue, PointerValue};

use weft_abi::layout::{ENTRY_SUFFIX, LIBRARY_FOLDER};

use crate::arena::{Arena, Id};
use crate::codegen::Input;
use crate::codegen::attributes::TAILCC;
use crate::codegen::builder;
use crate::codegen::generator::Generator;
use crate::codegen::inlining::Place;
use crate::codegen::types::Values;
use crate::mir::{
    Block, BlockId, Function, FunctionId, LocalId, Operand, Rvalue, Scalar, Statement, Terminator,
    TerminatorKind, WaitOp,
};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// What the linker calls a function begins with this, so that no name of a program is one of the runtime or of C.
pub(super) const LINKER_PREFIX: &str = "weft.";

/// What the program calls its first function.
const MAIN: &str = "main";

/// A function of the library with one block of so many statements is a wrapper of what they do.
const WRAPPER_STATEMENTS: usize = 2;
/// So many blocks a function may have that is inlined because it parks: sending and receiving.
const MEETING_BLOCKS: usize = 24;

/// The function whose body is being generated.
pub(super) struct Body<'g, 'ctx, 'a> {
    pub(super) g: &'g mut Generator<'ctx, 'a>,
    pub(super) function: &'a Function,
    value: FunctionValue<'ctx>,
    scope: DISubprogram<'ctx>,
    /// Where the scalars of each local live until they all become values.
    locals: Arena<LocalId, Vec<(Scalar, PointerValue<'ctx>)>>,
    /// The locals that are assigned to once, and their values as far as they were found to be constants.
    constants: HashMap<LocalId, Option<Values<'ctx>>>,
    result: Vec<Scalar>,
    blocks: Arena<BlockId, BasicBlock<'ctx>>,
    /// The statement or way out that is being generated.
    place: Place,
    span: Span,
}

/// The locals of a function that one statement assigns to. The value that it gives is theirs wherever they are read.
fn assigned_once<'ctx>(function: &Function) -> HashMap<LocalId, Option<Values<'ctx>>> {
    let mut once = HashMap::new();
    let mut often: Vec<LocalId> = function.locals.ids().take(function.parameter_count).collect();
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    for local in statements.filter_map(|statement| statement.destination) {
        if once.insert(local, None).is_some() {
            often.push(local);
        }
    }
    often.iter().for_each(|local| {
        once.remove(local);
    });
    once
}

/// Declares a function of the program.
pub(super) fn declare<'ctx>(g: &Generator<'ctx, '_>, id: FunctionId) -> FunctionValue<'ctx> {
    let function = &g.input.program.functions[id];
    let parameters = function.locals.iter().take(function.parameter_count).map(|parameter| parameter.ty);
    let scalars: Vec<Scalar> = parameters.clone().flat_map(|ty| g.scalars(ty)).collect();
    let ty = g.types.signature(&scalars, &g.scalars(function.result));
    let name = format!("{LINKER_PREFIX}{}", function.name);
    let value = g.module.add_function(&name, ty, Some(Linkage::Internal));
    value.set_call_conventions(TAILCC);
    g.attributes.of_compiled(value);
    g.describe_references(value, parameters);
    if g.input.yields.may_yield(id) {
        g.attributes.of_yielding(value);
    }
    if is_wrapper(&g.input, function) || (g.is_optimised() && is_meeting(&g.input, function)) {
        g.attributes.of_wrapper(value);
    }
    value
}

/// Whether a function of the library does little more than an operation of its own. Inlined at every level, it leaves
/// a panic in it to who called it, even by a tail call.
pub(super) fn is_wrapper(input: &Input<'_>, function: &Function) -> bool {
    let statements = function.blocks[BlockId::new(0)].statements.len();
    is_of_library(input, function) && function.blocks.len() == 1 && statements <= WRAPPER_STATEMENTS
}

/// Whether a short function of the library parks with a value. If it parked and then returned, the processor would take
/// the return to go where the other thread's last call was: an inlined one does not return.
fn is_meeting(input: &Input<'_>, function: &Function) -> bool {
    let parks = |statement: &Statement| {
        matches!(statement.value, Rvalue::Waiting(WaitOp::WaitTake | WaitOp::WaitGive, ..))
    };
    is_of_library(input, function)
        && function.blocks.len() <= MEETING_BLOCKS
        && function.blocks.iter().any(|block| block.statements.iter().any(parks))
}

/// Whether a function of the library is an operation that is inlined, and calls no function of the program.
fn is_operation(input: &Input<'_>, function: &Function) -> bool {
    let calls_value = |block: &Block| {
        matches!(block.terminator.kind, TerminatorKind::TailCallValue(..))
            || block.statements.iter().any(|statement| matches!(statement.value, Rvalue::CallValue(..)))
    };
    (is_wrapper(input, function) || is_meeting(input, function)) && !function.blocks.iter().any(calls_value)
}

/// Whether a function is the library's.
pub(super) fn is_of_library(input: &Input<'_>, function: &Function) -> bool {
    let sources = input.sources;
    sources.contains(function.span.file) && sources.file(function.span.file).name.starts_with(LIBRARY_FOLDER)
}

/// Generates the body of a declared function.
pub(super) fn define(g: &mut Generator<'_, '_>, id: FunctionId) {
    let function = &g.input.program.functions[id];
    let value = g.functions[id];
    // What is put around the program's `main` is no part of the program, and traces leave it out.
    let is_around_main = id == g.input.program.main && function.name != MAIN;
    let name = format!("{}{}", function.name, if is_around_main { ENTRY_SUFFIX } else { "" });
    let scope = g.debug.describe(value, &name, function.span, g.input.sources);
    let entry = g.context.append_basic_block(value, "entry");
    let named = |block: BlockId| g.context.append_basic_block(value, &block.to_string());
    let blocks = function.blocks.ids().map(named).collect();
    g.allocations = 0;
    let span = function.span;
    let result = g.scalars(function.result);
    let place = Place { function: id, block: BlockId::new(0), index: 0 };
    let (locals, constants) = (Arena::new(), assigned_once(function));
    let mut body = Body { g, function, value, scope, locals, constants, result, blocks, place, span };
    body.at(span);
    body.g.builder.at_end(entry);
    body.place_locals();
    body.g.builder.jump(body.blocks[BlockId::new(0)]);
    let function_id = id;
    for (id, block) in function.blocks.iter_enumerated() {
        body.g.builder.at_end(body.blocks[id]);
        for (index, statement) in block.statements.iter().enumerate() {
            body.place = Place { function: function_id, block: id, index };
            body.at(statement.span);
            body.statement(statement);
        }
        body.place = Place { function: function_id, block: id, index: block.statements.len() };
        body.at(block.terminator.span);
        body.terminator(&block.terminator);
    }
}

impl<'g, 'ctx, 'a> Body<'g, 'ctx, 'a> {
    /// A function that the compiler adds, whose first block is being built; it has no locals and no blocks of MIR.
    pub(super) fn of_added(
        g: &'g mut Generator<'ctx, 'a>,
        id: FunctionId,
        value: FunctionValue<'ctx>,
    ) -> Self {
        let function = &g.input.program.functions[id];
        let scope = value.get_subprogram().expect("BUG: a function is not described");
        let place = Place { function: id, block: BlockId::new(0), index: 0 };
        let (locals, constants, result, blocks) = (Arena::new(), HashMap::new(), Vec::new(), Arena::new());
        Body { g, function, value, scope, locals, constants, result, blocks, place, span: function.span }
    }
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// What follows comes from `span`.
    fn at(&mut self, span: Span) {
        self.span = span;
        // A location belongs to the function's file.
        let span = if span.file == self.function.span.file { span } else { self.function.span };
        let location = self.g.debug.location(self.scope, span, self.g.input.sources);
        self.g.builder.set_location(Some(location));
    }

    /// The `Site` of what is being generated.
    pub(super) fn site(&mut self) -> PointerValue<'ctx> {
        self.g.site(self.span)
    }

    /// A new block of this function, after the one that is being built.
    pub(super) fn block(&self, name: &str) -> BasicBlock<'ctx> {
        self.g.context.append_basic_block(self.value, name)
    }

    /// Gives every local its places and stores the parameters.
    fn place_locals(&mut self) {
        let (g, function) = (&*self.g, self.function);
        let mut parameters = self.value.get_param_iter();
        let mut locals = Arena::new();
        for (id, local) in function.locals.iter_enumerated() {
            let name = local.name.clone().unwrap_or_else(|| id.to_string());
            let place = |scalar| (scalar, g.builder.alloca(g.types.scalar(scalar), &name));
            let places: Vec<_> = g.scalars(local.ty).into_iter().map(place).collect();
            if id.raw() < function.parameter_count {
                for (_, place) in &places {
                    let parameter = parameters.next().expect("BUG: fewer parameters than declared");
                    parameter.set_name(&name);
                    g.builder.store(*place, parameter);
                }
            }
            locals.push(places);
        }
        self.locals = locals;
    }

    /// Stores into a local.
    pub(super) fn assign(&mut self, local: LocalId, values: &[BasicValueEnum<'ctx>]) {
        let places = &self.locals[local];
        assert_eq!(places.len(), values.len(), "BUG: {local} and its value differ in type");
        if let Some(constant) = self.constants.get_mut(&local)
            && values.iter().all(builder::is_constant)
        {
            *constant = Some(values.to_vec());
        }
        for (&(_, place), &value) in places.iter().zip(values) {
            self.g.builder.store(place, value);
        }
    }

    /// The scalars of an operand.
    pub(super) fn operand(&mut self, operand: &Operand) -> Values<'ctx> {
        let types = self.g.types;
        let constant = match operand {
            Operand::Local(local) => {
                if let Some(Some(constant)) = self.constants.get(local) {
                    return constant.clone();
                }
                let load = |&(scalar, place)| self.g.builder.load(types.scalar(scalar), place, "");
                return self.locals[*local].iter().map(load).collect();
            }
            Operand::Unit => return Vec::new(),
            Operand::Bool(value) => types.bool.const_int((*value).into(), false).into(),
            Operand::Int(value) => types.word.const_int(*value as u64, true).into(),
            Operand::Float(value) => types.double.const_float(*value).into(),
            Operand::Char(value) => types.i32.const_int((*value).into(), false).into(),
            Operand::Byte(value) => types.byte.const_int((*value).into(), false).into(),
            Operand::String(id) => self.g.string(&self.g.input.program.strings[*id]).into(),
        };
        vec![constant]
    }

    /// The value of an operand of one scalar.
    pub(super) fn value_of(&mut self, operand: &Operand) -> BasicValueEnum<'ctx> {
        match self.operand(operand)[..] {
            [value] => value,
            ref values => panic!("BUG: {operand:?} has {} scalars", values.len()),
        }
    }

    pub(super) fn int_of(&mut self, operand: &Operand) -> IntValue<'ctx> {
        self.value_of(operand).into_int_value()
    }

    pub(super) fn pointer_of(&mut self, operand: &Operand) -> PointerValue<'ctx> {
        self.value_of(operand).into_pointer_value()
    }

    /// The scalars of a call's arguments.
    pub(super) fn operands(&mut self, operands: &[Operand]) -> Values<'ctx> {
        operands.iter().flat_map(|operand| self.operand(operand)).collect()
    }

    /// The type of an operand that is no constant.
    pub(super) fn type_of(&self, operand: &Operand) -> TypeId {
        match operand {
            Operand::Local(local) => self.function.locals[*local].ty,
            _ => panic!("BUG: {operand:?} where only a local has the type"),
        }
    }

    /// That type itself.
    pub(super) fn shape_of(&self, operand: &Operand) -> &Type {
        self.g.input.program.types.get(self.type_of(operand))
    }

    /// The kinds of an operand's scalars.
    pub(super) fn scalars_of(&self, operand: &Operand) -> Vec<Scalar> {
        let constant = match operand {
            Operand::Local(local) => return self.g.scalars(self.function.locals[*local].ty),
            Operand::Unit => return Vec::new(),
            Operand::Bool(_) => Scalar::Bool,
            Operand::Int(_) => Scalar::Int,
            Operand::Float(_) => Scalar::Float,
            Operand::Char(_) => Scalar::Char,
            Operand::Byte(_) => Scalar::Byte,
            Operand::String(_) => Scalar::Reference,
        };
        vec![constant]
    }

    /// Whether what is being generated calls the shared copy of its hot path.
    pub(super) fn is_called(&self) -> bool {
        self.g.inlining.is_called(self.place)
    }

    fn direct_call(&mut self, function: FunctionId, arguments: &[Operand]) -> CallSiteValue<'ctx> {
        let arguments = self.operands(arguments);
        let call = self.g.builder.call(self.g.functions[function], &arguments, "");
        if self.is_called() {
            self.g.attributes.of_outer_call(call);
        }
        call
    }

    /// `function(arguments)`
    pub(super) fn call(&mut self, function: FunctionId, arguments: &[Operand]) -> Values<'ctx> {
        let call = self.direct_call(function, arguments);
        let result = self.g.scalars(self.g.input.program.functions[function].result);
        self.g.results(call, &result)
    }

    fn terminator(&mut self, terminator: &Terminator) {
        match &terminator.kind {
            TerminatorKind::Goto(target) => self.g.builder.jump(self.blocks[*target]),
            TerminatorKind::Branch { condition, then_block, else_block } => {
                let condition = self.int_of(condition);
                self.g.builder.branch(condition, self.blocks[*then_block], self.blocks[*else_block]);
            }
            TerminatorKind::Switch { value, targets, otherwise } => {
                let value = self.int_of(value);
                let case = |&(number, target): &(i64, BlockId)| {
                    (value.get_type().const_int(number as u64, true), self.blocks[target])
                };
                let cases: Vec<_> = targets.iter().map(case).collect();
                self.g.builder.switch(value, self.blocks[*otherwise], &cases);
            }
            TerminatorKind::Return(value) => {
                let values = self.operand(value);
                self.g.return_values(&values, &self.result);
            }
            TerminatorKind::TailCall(function, arguments)
                if self.is_called()
                    && is_operation(&self.g.input, &self.g.input.program.functions[*function]) =>
            {
                // It calls nothing that could come back here, and a panic in it is that of this function.
                let values = self.call(*function, arguments);
                self.g.return_values(&values, &self.result);
            }
            TerminatorKind::TailCall(function, arguments) => {
                let call = self.direct_call(*function, arguments);
                self.g.builder.return_call(call);
            }
            TerminatorKind::TailCallValue(function, arguments) => {
                let (call, _) = self.call_of_value(function, arguments);
                self.g.builder.return_call(call);
            }
            TerminatorKind::Panic(kind) => self.panic_kind(*kind),
            TerminatorKind::Diverge(function, arguments) => {
                self.call_runtime(*function, arguments);
                self.g.builder.unreachable();
            }
            TerminatorKind::Unreachable => self.g.builder.unreachable(),
        }
    }
}
