//! Functions, blocks and the ways out of them.

use inkwell::basic_block::BasicBlock;
use inkwell::debug_info::DISubprogram;
use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};

use crate::arena::{Arena, Id};
use crate::codegen::attributes::TAILCC;
use crate::codegen::builder;
use crate::codegen::generator::Generator;
use crate::mir::{BlockId, Function, FunctionId, LocalId, Operand, Terminator, TerminatorKind};
use crate::source::Span;

/// What the linker calls a function begins with this, so that no name of a program is one of the runtime or of C.
pub(super) const LINKER_PREFIX: &str = "weft.";

/// The function whose body is being generated.
pub(super) struct Body<'g, 'ctx, 'a> {
    pub(super) g: &'g mut Generator<'ctx, 'a>,
    pub(super) function: &'a Function,
    value: FunctionValue<'ctx>,
    scope: DISubprogram<'ctx>,
    /// Where each local lives until they all become values; `()` lives nowhere.
    locals: Arena<LocalId, Option<PointerValue<'ctx>>>,
    blocks: Arena<BlockId, BasicBlock<'ctx>>,
    /// The statement or way out that is being generated.
    span: Span,
}

/// Declares a function of the program.
pub(super) fn declare<'ctx>(g: &Generator<'ctx, '_>, id: FunctionId) -> FunctionValue<'ctx> {
    let function = &g.input.program.functions[id];
    let table = &g.input.program.types;
    let parameters = function.locals.iter().take(function.parameter_count);
    let types = parameters.map(|parameter| g.types.value(table, parameter.ty));
    let ty = g.types.function(types, g.types.value(table, function.result));
    let name = format!("{LINKER_PREFIX}{}", function.name);
    let value = g.module.add_function(&name, ty, Some(Linkage::Internal));
    value.set_call_conventions(TAILCC);
    g.attributes.of_compiled(value);
    if g.input.yields.may_yield(id) {
        g.attributes.of_yielding(value);
    }
    value
}

/// Generates the body of a declared function.
pub(super) fn define(g: &mut Generator<'_, '_>, id: FunctionId) {
    let function = &g.input.program.functions[id];
    let value = g.functions[id];
    let scope = g.debug.describe(value, &function.name, function.span, g.input.sources);
    let entry = g.context.append_basic_block(value, "entry");
    let named = |block: BlockId| g.context.append_basic_block(value, &block.to_string());
    let blocks = function.blocks.ids().map(named).collect();
    let span = function.span;
    let mut body = Body { g, function, value, scope, locals: Arena::new(), blocks, span };
    body.at(span);
    body.g.builder.at_end(entry);
    body.place_locals();
    body.g.builder.jump(body.blocks[BlockId::new(0)]);
    for (id, block) in function.blocks.iter_enumerated() {
        body.g.builder.at_end(body.blocks[id]);
        for statement in &block.statements {
            body.at(statement.span);
            body.statement(statement);
        }
        body.at(block.terminator.span);
        body.terminator(&block.terminator);
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

    /// Gives every local its place and stores the parameters.
    fn place_locals(&mut self) {
        let (g, function) = (&*self.g, self.function);
        let mut parameters = self.value.get_param_iter();
        let mut locals = Arena::new();
        for (id, local) in function.locals.iter_enumerated() {
            let name = local.name.clone().unwrap_or_else(|| id.to_string());
            let ty = g.types.value(&g.input.program.types, local.ty);
            let place = ty.map(|ty| g.builder.alloca(ty, &name));
            if let Some(place) = place.filter(|_| id.raw() < function.parameter_count) {
                let parameter = parameters.next().expect("BUG: fewer parameters than declared");
                parameter.set_name(&name);
                g.builder.store(place, parameter);
            }
            locals.push(place);
        }
        self.locals = locals;
    }

    /// Stores into a local; `()` needs no store.
    pub(super) fn assign(&mut self, local: LocalId, value: Option<BasicValueEnum<'ctx>>) {
        match (self.locals[local], value) {
            (Some(place), Some(value)) => self.g.builder.store(place, value),
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => panic!("BUG: {local} and its value differ in type"),
        }
    }

    /// The value of an operand; `None` for `()`.
    pub(super) fn operand(&mut self, operand: &Operand) -> Option<BasicValueEnum<'ctx>> {
        let types = self.g.types;
        Some(match operand {
            Operand::Local(local) => {
                let local = &self.function.locals[*local];
                let ty = types.value(&self.g.input.program.types, local.ty)?;
                let place = self.place(operand);
                self.g.builder.load(ty, place, "")
            }
            Operand::Unit => return None,
            Operand::Bool(value) => types.bool.const_int((*value).into(), false).into(),
            Operand::Int(value) => types.word.const_int(*value as u64, true).into(),
            Operand::Float(value) => types.double.const_float(*value).into(),
            Operand::String(id) => {
                let text = &self.g.input.program.strings[*id];
                self.g.string(text).into()
            }
        })
    }

    fn place(&self, operand: &Operand) -> PointerValue<'ctx> {
        let Operand::Local(local) = operand else { panic!("BUG: {operand:?} has no place") };
        self.locals[*local].unwrap_or_else(|| panic!("BUG: {local} has a type and no place"))
    }

    /// The value of an operand that is not `()`.
    pub(super) fn value_of(&mut self, operand: &Operand) -> BasicValueEnum<'ctx> {
        self.operand(operand).unwrap_or_else(|| panic!("BUG: {operand:?} has no value"))
    }

    /// The values of a call's arguments, without those of type `()`.
    pub(super) fn operands(&mut self, operands: &[Operand]) -> Vec<BasicValueEnum<'ctx>> {
        operands.iter().filter_map(|operand| self.operand(operand)).collect()
    }

    /// `function(arguments)`
    pub(super) fn call(
        &mut self,
        function: FunctionId,
        arguments: &[Operand],
    ) -> Option<BasicValueEnum<'ctx>> {
        let arguments = self.operands(arguments);
        builder::result(self.g.builder.call(self.g.functions[function], &arguments, ""))
    }

    fn terminator(&mut self, terminator: &Terminator) {
        match &terminator.kind {
            TerminatorKind::Goto(target) => self.g.builder.jump(self.blocks[*target]),
            TerminatorKind::Branch { condition, then_block, else_block } => {
                let condition = self.value_of(condition).into_int_value();
                self.g.builder.branch(condition, self.blocks[*then_block], self.blocks[*else_block]);
            }
            TerminatorKind::Return(value) => {
                let value = self.operand(value);
                self.g.builder.ret(value);
            }
            TerminatorKind::TailCall(function, arguments) => {
                let arguments = self.operands(arguments);
                self.g.builder.tail_call(self.g.functions[*function], &arguments);
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
