//! The body of a `gen fn` as a coroutine of LLVM, whose frame LLVM lays out, and the function that resumes it.
//!
//! ```text
//!   gen fn upto(n: Int) -> Int { .. yield i .. }
//!
//!   upto(n):   g = begin; ..                                 returns `g`; the rest runs from the first `next` on
//!              set slot 0(g, i); set state(g, 2); suspend(g); ..
//!              set state(g, 0); return g
//!   upto.value(g): s = state(g); if s == 0 goto none         `next` and `close` call this
//!              enter(g); resume(g); leave(g); s = state(g); if s == 0 goto none else return Some(get slot 0(g))
//! ```

use weft_abi::layout::VALUE_SUFFIX;
use weft_abi::library::{NONE, SOME};

use crate::arena::{Arena, Id};
use crate::generators::delegate::Types;
use crate::generators::editor::Editor;
use crate::generators::machine::{NOT_BEGUN, remove_tail_call};
use crate::generators::stubs::Stubs;
use crate::mir::{
    BinaryOp, BlockId, Element, Frame, FrameForm, FrameId, Function, FunctionId, GeneratorOp, Inlining,
    Local, LocalId, MachineOp, Operand, Program, Rvalue, Statement, TerminatorKind,
};
use crate::types::{Type, TypeId};

/// The state of a generator that has ended.
const ENDED: i64 = 0;
/// The state of a generator that waits at a suspension.
const SUSPENDED: i64 = NOT_BEGUN + 1;

/// Makes the body of a `gen fn` a coroutine.
pub(super) fn build(program: &mut Program, id: FunctionId, (types, stubs): (Types, &mut Stubs)) {
    let element = program.functions[id].element.expect("BUG: a coroutine of what is no `gen fn`");
    let ty = program.types.intern(Type::Generator(element.ty));
    let running = stubs.of(program, element);
    let parameter_count = program.functions[id].parameter_count;
    let code = FunctionId::new(program.functions.len());
    let frame = program.frames.push(Frame {
        slots: vec![element.ty],
        parameter_count,
        code,
        start: NOT_BEGUN,
        form: FrameForm::Coroutine,
    });
    let function = resuming(&program.functions[id], element, ty, frame, (types, running));
    program.functions.push(function);
    body(&mut program.functions[id], ty, frame, types);
}

/// Replaces the suspensions in a body.
fn body(function: &mut Function, ty: TypeId, frame: FrameId, types: Types) {
    function.frame = Some(frame);
    function.result = ty;
    let span = function.span;
    let generator = function.locals.push(Local { ty, name: None });
    let begin = Rvalue::Machine(MachineOp::Begin, Vec::new());
    let first = &mut function.blocks[BlockId::new(0)].statements;
    first.insert(0, Statement { destination: Some(generator), value: begin, span });
    let generator = || Operand::Local(generator);
    let mut next = 0;
    while next < function.blocks.len() {
        let block = BlockId::new(next);
        next += 1;
        remove_tail_call(&mut function.blocks[block]);
        let inlined = function.blocks[block].inlined;
        let mut editor = Editor { function: &mut *function, span, inlined };
        let gives =
            |statement: &Statement| matches!(statement.value, Rvalue::Generator(GeneratorOp::Yield, _));
        if let Some(at) = editor.function.blocks[block].statements.iter().position(gives) {
            suspend(&mut editor, (block, at), &generator, frame, types);
        }
        if let TerminatorKind::Return(_) = editor.function.blocks[block].terminator.kind {
            editor.operate(block, MachineOp::SetState, vec![generator(), Operand::Int(ENDED)]);
            editor.end(block, TerminatorKind::Return(generator()));
        }
    }
}

/// Replaces a `yield` of an element.
fn suspend(
    editor: &mut Editor<'_>,
    (block, at): (BlockId, usize),
    generator: &impl Fn() -> Operand,
    frame: FrameId,
    types: Types,
) {
    let (statement, rest) = editor.split(block, at);
    editor.span = statement.span;
    let Rvalue::Generator(_, operands) = statement.value else { panic!("BUG: no `yield`") };
    let set = vec![generator(), operands[0].clone()];
    editor.operate(block, MachineOp::Set(frame, 0), set);
    editor.operate(block, MachineOp::SetState, vec![generator(), Operand::Int(SUSPENDED)]);
    editor.operate(block, MachineOp::Suspend, vec![generator()]);
    let state = editor.local(types.int);
    editor.push(block, Some(state), Rvalue::Machine(MachineOp::State, vec![generator()]));
    let closes = statement.destination.unwrap_or_else(|| editor.local(types.bool));
    let negative = Rvalue::Binary(BinaryOp::Less, Operand::Local(state), Operand::Int(ENDED));
    editor.push(block, Some(closes), negative);
    if statement.destination.is_some() {
        return editor.goto(block, rest);
    }
    let ends = editor.block();
    editor.branch(block, closes, ends, rest);
    editor.end(ends, TerminatorKind::Return(Operand::Unit));
}

/// The function that `next` and `close` call. Stack traces omit the function, since its name ends in [`VALUE_SUFFIX`].
fn resuming(
    body: &Function,
    element: Element,
    ty: TypeId,
    frame: FrameId,
    (types, running): (Types, FunctionId),
) -> Function {
    let mut function = Function {
        name: format!("{}{VALUE_SUFFIX}", body.name),
        span: body.span,
        parameter_count: 1,
        result: element.option,
        locals: [Local { ty, name: None }].into_iter().collect(),
        blocks: Arena::new(),
        element: None,
        frame: None,
        inlined: Arena::new(),
        library: body.library,
        inlining: Inlining::Free,
    };
    let mut editor = Editor { function: &mut function, span: body.span, inlined: None };
    let generator = || Operand::Local(LocalId::new(0));
    let [entry, runs, enter, not_begun, resume, some, none] = std::array::from_fn(|_| editor.block());
    let is_entered = editor.local(types.bool);
    editor.push(entry, Some(is_entered), Rvalue::Machine(MachineOp::IsEntered, vec![generator()]));
    editor.branch(entry, is_entered, runs, enter);
    editor.end(runs, TerminatorKind::TailCall(running, vec![generator()]));
    let state = editor.local(types.int);
    let read = || Rvalue::Machine(MachineOp::State, vec![generator()]);
    editor.push(enter, Some(state), read());
    let targets = vec![(ENDED, none), (-NOT_BEGUN, not_begun)];
    editor.end(enter, TerminatorKind::Switch { value: Operand::Local(state), targets, otherwise: resume });
    editor.operate(not_begun, MachineOp::SetState, vec![generator(), Operand::Int(ENDED)]);
    editor.goto(not_begun, none);
    for op in [MachineOp::Enter, MachineOp::Resume, MachineOp::Leave] {
        editor.operate(resume, op, vec![generator()]);
    }
    editor.push(resume, Some(state), read());
    let is_ended = editor.local(types.bool);
    let equal = Rvalue::Binary(BinaryOp::Equal, Operand::Local(state), Operand::Int(ENDED));
    editor.push(resume, Some(is_ended), equal);
    editor.branch(resume, is_ended, none, some);
    let value = editor.local(element.ty);
    editor.push(some, Some(value), Rvalue::Machine(MachineOp::Get(frame, 0), vec![generator()]));
    for (block, variant, fields) in [(some, SOME, vec![Operand::Local(value)]), (none, NONE, Vec::new())] {
        let result = editor.local(element.option);
        editor.push(block, Some(result), Rvalue::Construct(element.option, variant, fields));
        editor.end(block, TerminatorKind::Return(Operand::Local(result)));
    }
    function
}
