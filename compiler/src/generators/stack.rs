//! The body of a `gen fn` as a function that runs on a stack of the generator's own.
//!
//! ```text
//!   gen fn walk(t: Tree) -> Int { .. yield v; yield from walk(r) }
//!
//!   walk(t, g):            `g` is the generator on whose stack this runs
//!     yield v              _c = give(g, v); if _c return true
//!     yield from walk(r)   return walk(r, g), as a tail call
//!     (end)                return false
//!   _r = next(g)           if is suspended(g) { _r = switch(g, false) } else { _r = running(g) }
//! ```
//!
//! A body returns whether the generator is being closed. A `yield from` whose generator is made right before becomes a
//! call on the same stack, so an element takes the same time at any depth. A first `next` directly after the creation
//! of its generator becomes `start`, a switch whose target is known. `running` is the function of `stubs` that panics
//! if the generator runs, and returns `None` if the generator has ended.

use std::collections::HashMap;

use crate::arena::Id;
use crate::generators::delegate::{self, Types};
use crate::generators::direct;
use crate::generators::editor::Editor;
use crate::generators::machine::{NOT_BEGUN, remove_tail_call};
use crate::generators::stubs::Stubs;
use crate::mir::{
    BlockId, Element, Frame, FrameForm, Function, FunctionId, GeneratorOp, Local, LocalId, MachineOp,
    Operand, Program, Rvalue, Statement, TerminatorKind,
};
use crate::types::{Type, TypeId, TypeTable};

/// Lowers all generators of a program to stacks of their own.
pub(super) fn lower(program: &mut Program, bodies: &[FunctionId], types: Types, stubs: &mut Stubs) {
    for &id in bodies {
        let element = program.functions[id].element.expect("BUG: a generator of what is no `gen fn`");
        let generator = program.types.intern(Type::Generator(element.ty));
        body(program, id, generator, types);
    }
    let mut elements: HashMap<TypeId, Element> = HashMap::new();
    for function in program.functions.iter_mut() {
        direct::start(function);
        for statement in function.blocks.iter().flat_map(|block| &block.statements) {
            if let Some(element) = resumed(&program.types, function, statement) {
                elements.insert(element.option, element);
            }
        }
    }
    let running: HashMap<TypeId, FunctionId> =
        elements.into_iter().map(|(option, element)| (option, stubs.of(program, element))).collect();
    for function in program.functions.iter_mut() {
        let mut next = 0;
        while next < function.blocks.len() {
            let block = BlockId::new(next);
            next += 1;
            if let Some(at) = function.blocks[block].statements.iter().position(is_resumption) {
                resume(function, (block, at), &running, types);
            }
        }
    }
}

/// The type of the elements of the generator that a statement resumes. The program may have no `gen fn` of that type.
fn resumed(types: &TypeTable, function: &Function, statement: &Statement) -> Option<Element> {
    let Rvalue::Generator(GeneratorOp::Next(option) | GeneratorOp::Close(option), operands) =
        &statement.value
    else {
        return None;
    };
    let [Operand::Local(generator)] = operands[..] else { return None };
    let ty = function.locals[generator].ty;
    if let Type::Generator(ty) = *types.get(ty) { Some(Element { ty, option: *option }) } else { None }
}

fn is_resumption(statement: &Statement) -> bool {
    matches!(statement.value, Rvalue::Generator(GeneratorOp::Next(_) | GeneratorOp::Close(_), _))
}

/// Replaces a `next` or `close`; `running` has the functions to call if the generator is not suspended.
fn resume(
    function: &mut Function,
    (block, at): (BlockId, usize),
    running: &HashMap<TypeId, FunctionId>,
    types: Types,
) {
    let inlined = function.blocks[block].inlined;
    let span = function.blocks[block].statements[at].span;
    let mut editor = Editor { function, span, inlined };
    let (statement, after) = editor.split(block, at);
    let Rvalue::Generator(op, generator) = statement.value else { panic!("BUG: no generator is resumed") };
    let (option, closes) = match op {
        GeneratorOp::Next(option) => (option, false),
        GeneratorOp::Close(option) => (option, true),
        GeneratorOp::New(_) | GeneratorOp::Yield | GeneratorOp::YieldFrom => {
            panic!("BUG: {op:?} resumes nothing")
        }
    };
    let [switches, refuses] = std::array::from_fn(|_| editor.block());
    let is_suspended = editor.local(types.bool);
    let check = Rvalue::Machine(MachineOp::IsSuspended, generator.clone());
    editor.push(block, Some(is_suspended), check);
    editor.branch(block, is_suspended, switches, refuses);
    let refuse = Rvalue::Call(running[&option], generator.clone());
    editor.push(refuses, statement.destination, refuse);
    editor.goto(refuses, after);
    let operands = generator.into_iter().chain([Operand::Bool(closes)]).collect();
    editor.push(switches, statement.destination, Rvalue::Machine(MachineOp::Switch(option), operands));
    editor.goto(switches, after);
}

/// Makes the body of a `gen fn` a function that takes the generator as its last argument and returns a `Bool`.
fn body(program: &mut Program, id: FunctionId, ty: TypeId, types: Types) {
    let function = &mut program.functions[id];
    let parameters: Vec<TypeId> =
        function.locals.iter().take(function.parameter_count).map(|local| local.ty).collect();
    let generator = add_parameter(function, ty);
    function.result = types.bool;
    suspend(function, generator, types);
    let parameter_count = parameters.len();
    let (form, code, start) = (FrameForm::Stack, id, NOT_BEGUN);
    let frame = program.frames.push(Frame { slots: parameters, parameter_count, code, start, form });
    program.functions[id].frame = Some(frame);
}

/// Adds a last parameter. The numbers of the locals that are not parameters rise by one.
fn add_parameter(function: &mut Function, ty: TypeId) -> LocalId {
    let at = function.parameter_count;
    let moved = |local: &mut LocalId| {
        if local.raw() >= at {
            *local = LocalId::new(local.raw() + 1);
        }
    };
    let moved_operand = |operand: &mut Operand| {
        if let Operand::Local(local) = operand {
            moved(local);
        }
    };
    let mut locals: Vec<Local> = function.locals.iter().cloned().collect();
    locals.insert(at, Local { ty, name: None });
    function.locals = locals.into_iter().collect();
    function.parameter_count += 1;
    for block in function.blocks.iter_mut() {
        for statement in &mut block.statements {
            statement.destination.iter_mut().for_each(moved);
            statement.value.operands_mut().for_each(moved_operand);
        }
        block.terminator.kind.operands_mut().for_each(moved_operand);
    }
    LocalId::new(at)
}

/// Replaces each `yield` and `yield from` of a body, and each value that the body returns.
fn suspend(function: &mut Function, generator: LocalId, types: Types) {
    let span = function.span;
    let closed = remember_closing(function, types);
    let result = closed.map_or(Operand::Bool(false), Operand::Local);
    for block in function.blocks.iter_mut() {
        remove_tail_call(block);
        if let TerminatorKind::Return(_) = block.terminator.kind {
            block.terminator.kind = TerminatorKind::Return(result.clone());
        }
    }
    let mut next = 0;
    while next < function.blocks.len() {
        let block = BlockId::new(next);
        next += 1;
        let inlined = function.blocks[block].inlined;
        while let Some((at, callee)) = delegate::next_call(function, block) {
            let mut editor = Editor { function: &mut *function, span, inlined };
            call(&mut editor, (block, at), callee, generator, types);
        }
    }
    delegate::expand(function, types, &[], |_| true);
    let mut next = 0;
    while next < function.blocks.len() {
        let block = BlockId::new(next);
        next += 1;
        if let TerminatorKind::Return(Operand::Unit) = function.blocks[block].terminator.kind {
            function.blocks[block].terminator.kind = TerminatorKind::Return(Operand::Bool(true));
        }
        let statements = &mut function.blocks[block].statements;
        let gives = |value: &Rvalue| matches!(value, Rvalue::Generator(GeneratorOp::Yield, _));
        let Some(at) = statements.iter().position(|statement| gives(&statement.value)) else { continue };
        let Rvalue::Generator(_, operands) = &mut statements[at].value else { continue };
        let operands = [Operand::Local(generator)].into_iter().chain(operands.drain(..)).collect();
        statements[at].value = Rvalue::Machine(MachineOp::Give, operands);
        let inlined = function.blocks[block].inlined;
        let mut editor = Editor { function: &mut *function, span, inlined };
        end_if_closed(&mut editor, (block, at), types);
    }
}

/// Adds a local that tells, at each return of the body, whether the generator is being closed; returns the local.
///
/// A `yield` inside the scope of a deferred block has a destination: the code after it tests whether the generator is
/// being closed, runs the deferred blocks and returns as if the body had come to its end. So the local gets a copy of
/// each destination. Without destinations no local is needed, and the result is `None`.
fn remember_closing(function: &mut Function, types: Types) -> Option<LocalId> {
    let gives =
        |value: &Rvalue| matches!(value, Rvalue::Generator(GeneratorOp::Yield | GeneratorOp::YieldFrom, _));
    let mut closed = None;
    for block in function.blocks.ids() {
        let mut at = 0;
        while at < function.blocks[block].statements.len() {
            let Statement { destination, value, span } = &function.blocks[block].statements[at];
            at += 1;
            let (true, Some(tested), span) = (gives(value), *destination, *span) else { continue };
            let local =
                *closed.get_or_insert_with(|| function.locals.push(Local { ty: types.bool, name: None }));
            let value = Rvalue::Use(Operand::Local(tested));
            function.blocks[block].statements.insert(at, Statement { destination: Some(local), value, span });
        }
    }
    let span = function.span;
    let value = Rvalue::Use(Operand::Bool(false));
    let begins = |closed| Statement { destination: Some(closed), value, span };
    function.blocks[BlockId::new(0)].statements.splice(0..0, closed.map(begins));
    closed
}

/// Replaces a `yield from` by a call of its generator's body, or by a tail call if this body ends after it.
fn call(
    editor: &mut Editor<'_>,
    (block, at): (BlockId, usize),
    callee: FunctionId,
    generator: LocalId,
    types: Types,
) {
    let statements = &mut editor.function.blocks[block].statements;
    let made = statements.remove(at - 1);
    let Rvalue::Generator(_, mut arguments) = made.value else { panic!("BUG: no generator is made") };
    arguments.push(Operand::Local(generator));
    let is_last = at == statements.len() && statements[at - 1].destination.is_none();
    if is_last && returns(editor.function, block) {
        editor.function.blocks[block].statements.pop();
        return editor.end(block, TerminatorKind::TailCall(callee, arguments));
    }
    editor.function.blocks[block].statements[at - 1].value = Rvalue::Call(callee, arguments);
    end_if_closed(editor, (block, at - 1), types);
}

/// Whether a body does nothing more after the statements of a block.
fn returns(function: &Function, mut block: BlockId) -> bool {
    for _ in 0..function.blocks.len() {
        let TerminatorKind::Goto(next) = function.blocks[block].terminator.kind else { break };
        if !function.blocks[next].statements.is_empty() {
            return false;
        }
        block = next;
    }
    matches!(function.blocks[block].terminator.kind, TerminatorKind::Return(_))
}

/// Makes the body return after a statement if the statement's result is true, that is, if the generator is being
/// closed. Changes nothing if the statement has a destination: the code after it already tests the result.
fn end_if_closed(editor: &mut Editor<'_>, (block, at): (BlockId, usize), types: Types) {
    if editor.function.blocks[block].statements[at].destination.is_some() {
        return;
    }
    let (statement, rest) = editor.split(block, at);
    editor.span = statement.span;
    let closes = editor.local(types.bool);
    editor.push(block, Some(closes), statement.value);
    let ends = editor.block();
    editor.branch(block, closes, ends, rest);
    editor.end(ends, TerminatorKind::Return(Operand::Bool(true)));
}
