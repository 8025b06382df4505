//! MIR built by hand, for tests. Nothing is checked here: the tests of the verifier build invalid programs.

use std::collections::HashMap;

use weft_abi::{PanicKind, RuntimeFunction};

use crate::arena::{Arena, Id};
use crate::mir::{
    BinaryOp, Block, BlockId, Field, Foreign, ForeignId, ForeignType, Function, FunctionId, Local, LocalId,
    Nominal, Operand, Program, Representation, Rvalue, Statement, Terminator, TerminatorKind, UnaryOp,
    Variant,
};
use crate::source::{FileId, Span};
use crate::types::{Type, TypeId, TypeTable};

/// A builder of programs. The function named `main` becomes a program's entry.
pub(crate) struct ProgramBuilder {
    program: Program,
}

impl ProgramBuilder {
    /// A program without functions.
    pub(crate) fn new() -> ProgramBuilder {
        let program = Program {
            functions: Arena::new(),
            strings: Arena::new(),
            bytes: Arena::new(),
            foreigns: Arena::new(),
            types: TypeTable::new(),
            nominals: HashMap::new(),
            frames: Arena::new(),
            main: FunctionId::new(0),
        };
        ProgramBuilder { program }
    }

    /// Interns a type.
    pub(crate) fn ty(&mut self, ty: Type) -> TypeId {
        self.program.types.intern(ty)
    }

    /// A function type with the given parameters and result.
    pub(crate) fn function_type(&mut self, parameters: &[Type], result: Type) -> Type {
        let parameters = parameters.iter().map(|ty| self.ty(ty.clone())).collect();
        Type::Function { share: false, parameters, result: self.ty(result) }
    }

    /// Adds a struct or an enum; each variant is given by its name and the types of its fields.
    pub(crate) fn nominal(
        &mut self,
        name: &str,
        representation: Representation,
        variants: &[(&str, &[Type])],
    ) -> Type {
        let ty = Type::Nominal(self.program.types.names.nominals.push(name.to_owned()), Vec::new());
        let variants = variants.iter().map(|(name, fields)| {
            let fields = fields.iter().map(|ty| Field {
                name: None,
                ty: self.program.types.intern(ty.clone()),
                is_length: false,
            });
            Variant { name: (*name).to_owned(), fields: fields.collect() }
        });
        let nominal =
            Nominal { name: name.to_owned(), library: false, representation, variants: variants.collect() };
        let id = self.program.types.intern(ty.clone());
        self.program.nominals.insert(id, nominal);
        ty
    }

    /// Adds a C function.
    pub(crate) fn foreign(
        &mut self,
        symbol: &str,
        parameters: &[ForeignType],
        result: ForeignType,
    ) -> ForeignId {
        let (symbol, parameters) = (symbol.to_owned(), parameters.to_vec());
        self.program.foreigns.push(Foreign { symbol, parameters, result, blocking: false })
    }

    /// Makes a C function blocking, so that its calls are yield points.
    pub(crate) fn make_blocking(&mut self, function: ForeignId) {
        self.program.foreigns[function].blocking = true;
    }

    /// Adds a string literal.
    pub(crate) fn string(&mut self, text: &str) -> Operand {
        Operand::String(self.program.strings.push(text.to_owned()))
    }

    /// Declares a function; [`ProgramBuilder::define`] adds its body later.
    pub(crate) fn declare(&mut self, name: &str, parameters: &[Type], result: Type) -> FunctionId {
        let parameter = |ty: &Type| Local { ty: self.program.types.intern(ty.clone()), name: None };
        let locals: Arena<LocalId, Local> = parameters.iter().map(parameter).collect();
        let function = Function {
            name: name.to_owned(),
            span: span(0),
            parameter_count: locals.len(),
            result: self.program.types.intern(result),
            locals,
            blocks: Arena::new(),
            element: None,
            frame: None,
            inlined: Arena::new(),
            library: false,
            inlining: crate::mir::Inlining::Free,
        };
        let id = self.program.functions.push(function);
        if name == "main" {
            self.program.main = id;
        }
        id
    }

    /// Adds the body of a declared function.
    pub(crate) fn define(&mut self, function: FunctionId, body: impl FnOnce(&mut FunctionBuilder<'_>)) {
        let mut builder = FunctionBuilder { program: self, function, current: BlockId::new(0), spans: 0 };
        builder.block();
        body(&mut builder);
    }

    /// Declares and defines a function.
    pub(crate) fn function(
        &mut self,
        name: &str,
        parameters: &[Type],
        result: Type,
        body: impl FnOnce(&mut FunctionBuilder<'_>),
    ) -> FunctionId {
        let id = self.declare(name, parameters, result);
        self.define(id, body);
        id
    }

    /// The program built so far.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// The program, for tests that run it or change it further.
    pub(crate) fn finish(self) -> Program {
        self.program
    }
}

/// A builder of one function's body. Every statement and terminator gets its own span.
pub(crate) struct FunctionBuilder<'a> {
    program: &'a mut ProgramBuilder,
    function: FunctionId,
    current: BlockId,
    spans: usize,
}

impl FunctionBuilder<'_> {
    fn function(&mut self) -> &mut Function {
        &mut self.program.program.functions[self.function]
    }

    fn span(&mut self) -> Span {
        self.spans += 1;
        span(self.spans)
    }

    /// Adds a string literal.
    pub(crate) fn string(&mut self, text: &str) -> Operand {
        self.program.string(text)
    }

    /// A parameter as an operand.
    pub(crate) fn parameter(&self, index: usize) -> Operand {
        Operand::Local(LocalId::new(index))
    }

    /// Adds a parameter; must be called before other locals are added.
    pub(crate) fn become_parameter(&mut self, ty: Type) {
        self.local(ty);
        self.function().parameter_count += 1;
    }

    /// Adds a local.
    pub(crate) fn local(&mut self, ty: Type) -> LocalId {
        let ty = self.program.ty(ty);
        self.function().locals.push(Local { ty, name: None })
    }

    /// Interns a type.
    pub(crate) fn ty(&mut self, ty: Type) -> TypeId {
        self.program.ty(ty)
    }

    /// Adds a local for a task whose result has the given type.
    pub(crate) fn task(&mut self, result: Type) -> LocalId {
        let result = self.program.ty(result);
        self.local(Type::Task(result))
    }

    /// Adds a block. Its terminator is `Unreachable` until `end` sets another terminator.
    pub(crate) fn block(&mut self) -> BlockId {
        let terminator = Terminator { kind: TerminatorKind::Unreachable, span: span(0) };
        self.function().blocks.push(Block { statements: Vec::new(), terminator, inlined: None })
    }

    /// Directs the next statements to `block`.
    pub(crate) fn at(&mut self, block: BlockId) {
        self.current = block;
    }

    /// `destination = value`
    pub(crate) fn assign(&mut self, destination: LocalId, value: Rvalue) {
        self.statement(Some(destination), value);
    }

    /// Assigns a value to a new local; returns the local as an operand.
    pub(crate) fn value(&mut self, ty: Type, value: Rvalue) -> Operand {
        let local = self.local(ty);
        self.assign(local, value);
        Operand::Local(local)
    }

    /// A binary operation with a result of type `ty`.
    pub(crate) fn binary(&mut self, ty: Type, op: BinaryOp, left: Operand, right: Operand) -> Operand {
        self.value(ty, Rvalue::Binary(op, left, right))
    }

    /// A unary operation with a result of type `ty`.
    pub(crate) fn unary(&mut self, ty: Type, op: UnaryOp, operand: Operand) -> Operand {
        self.value(ty, Rvalue::Unary(op, operand))
    }

    /// Adds a statement whose value is discarded.
    pub(crate) fn effect(&mut self, value: Rvalue) {
        self.statement(None, value);
    }

    /// Prints the text of the parts as a line.
    pub(crate) fn print(&mut self, parts: &[(RuntimeFunction, Operand)]) {
        let text = self.text(parts);
        self.effect(Rvalue::Runtime(RuntimeFunction::PrintLine, vec![text]));
    }

    /// Builds the text of the parts; each part is a value and the runtime function that writes the value.
    pub(crate) fn text(&mut self, parts: &[(RuntimeFunction, Operand)]) -> Operand {
        let none = self.string("");
        for (part, operand) in parts {
            self.effect(Rvalue::Runtime(*part, vec![none.clone(), operand.clone()]));
        }
        self.value(Type::String, Rvalue::Runtime(RuntimeFunction::TextFinish, vec![none]))
    }

    fn statement(&mut self, destination: Option<LocalId>, value: Rvalue) {
        let (block, span) = (self.current, self.span());
        self.function().blocks[block].statements.push(Statement { destination, value, span });
    }

    /// Sets the terminator of the current block.
    pub(crate) fn end(&mut self, kind: TerminatorKind) {
        let (block, span) = (self.current, self.span());
        self.function().blocks[block].terminator = Terminator { kind, span };
    }

    /// `goto target`
    pub(crate) fn goto(&mut self, target: BlockId) {
        self.end(TerminatorKind::Goto(target));
    }

    /// `if condition goto then_block else goto else_block`
    pub(crate) fn branch(&mut self, condition: Operand, then_block: BlockId, else_block: BlockId) {
        self.end(TerminatorKind::Branch { condition, then_block, else_block });
    }

    /// `return value`
    pub(crate) fn ret(&mut self, value: Operand) {
        self.end(TerminatorKind::Return(value));
    }

    /// `return callee(arguments)` as a tail call
    pub(crate) fn tail_call(&mut self, callee: FunctionId, arguments: Vec<Operand>) {
        self.end(TerminatorKind::TailCall(callee, arguments));
    }

    /// `panic kind`
    pub(crate) fn panic(&mut self, kind: PanicKind) {
        self.end(TerminatorKind::Panic(kind));
    }
}

/// The span of one byte at `at`, in a file that need not exist.
pub(crate) fn span(at: usize) -> Span {
    Span::new(FileId::new(0), at, at + 1)
}
