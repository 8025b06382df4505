//! State machines: the functions that `next` and `close` call with a generator.
//!
//! ```text
//!   gen fn walk(t: Tree) -> Int { .. yield v; yield from walk(r) .. }
//!
//!   if is entered(g) goto running else goto enter
//!   enter:  enter(g); s = state(g); c = s < 0; if c goto close else goto go on
//!   go on:  switch s { 1: goto start, 2: goto resume0, 3: goto resume1, else goto end }
//!   start:  _t = get slot 0(g); goto the body's first block
//!   yield:  set slot 1(g, _r); set state(g, 2); leave(g); return Some(_v)
//!   nested: set slot ..; push(g, 3); _t = _r; goto the body's first block
//!   return: if c goto end; s = pop(g); if s == 0 goto end else goto go on
//!   end:    set state(g, 0); leave(g); return None
//!   running: return Gen.running(g), which panics
//! ```
//!
//! Bodies that pass control to each other by `yield from` are one function. A suspension stores only the locals that
//! are live there and that may differ from their slots. It clears the slots of other locals that may still contain a
//! reference, so that the generator keeps no garbage alive. For the same reason a record is cleared before it is
//! removed or replaced.

use std::collections::{BTreeSet, HashMap};

use weft_abi::library::{NONE, SOME};

use crate::arena::{Arena, Id};
use crate::generators::delegate::Types;
use crate::generators::editor::Editor;
use crate::generators::liveness::{Liveness, Paths, in_slots};
use crate::generators::machine::{Copied, Machine, Suspension, SuspensionId, SuspensionKind, copy};
use crate::generators::stubs::Stubs;
use crate::mir::{
    BinaryOp, Block, BlockId, Element, Frame, FrameForm, FrameId, Function, FunctionId, Inlined, Inlining,
    Local, LocalId, MachineOp, Operand, Program, Rvalue, TerminatorKind,
};
use crate::types::Type;

/// The state of a generator that has ended.
const ENDED: i64 = 0;

/// A body of a state machine.
struct Member<'a> {
    id: FunctionId,
    machine: &'a Machine,
    liveness: Liveness,
    paths: Paths,
    /// For each suspension, the live locals that need not be stored.
    in_slots: Arena<SuspensionId, BTreeSet<LocalId>>,
    frame: FrameId,
    /// The slots of the locals that live across a suspension.
    slots: HashMap<LocalId, usize>,
    /// The state in which the body is not begun; the states of its suspensions follow.
    start: i64,
}

/// Replaces the bodies of a component of `gen fn`s by one state machine. `nested` tells whether the bodies pass control
/// to each other.
pub(super) fn build(
    program: &mut Program,
    component: &[FunctionId],
    machines: &HashMap<FunctionId, Machine>,
    nested: bool,
    (types, stubs): (Types, &mut Stubs),
) {
    let code = component[0];
    let mut members: Vec<Member<'_>> = Vec::new();
    let mut start = ENDED + 1;
    for &id in component {
        let machine = &machines[&id];
        let liveness = Liveness::of(machine);
        let kept = kept(machine, &liveness);
        // The operation that makes a generator stores the parameters. The arguments of a nested body are in no slots.
        let stored = if nested { 0 } else { machine.parameter_count };
        let in_slots = in_slots(machine, &liveness, machine.locals.ids().take(stored).collect());
        let slots = kept.iter().map(|&local| machine.locals[local].ty).collect();
        let parameter_count = machine.parameter_count;
        let form = if nested { FrameForm::Nested } else { FrameForm::Flat };
        let frame = program.frames.push(Frame { slots, parameter_count, code, start, form });
        let slots = kept.into_iter().enumerate().map(|(slot, local)| (local, slot)).collect();
        let paths = Paths::of(machine);
        members.push(Member { id, machine, liveness, paths, in_slots, frame, slots, start });
        start += 1 + machine.suspensions.len() as i64;
    }
    let element = members[0].machine.element;
    let ty = program.types.intern(Type::Generator(element.ty));
    let running = stubs.of(program, element);
    for member in &members {
        program.functions[member.id] = empty(program, member, ty);
    }
    let slots: usize = members.iter().map(|member| program.frames[member.frame].slots.len()).sum();
    let mut function = empty(program, &members[0], ty);
    function.blocks = Arena::new();
    let mut editor = Editor { function: &mut function, span: members[0].machine.span, inlined: None };
    let blocks = Blocks::new(&mut editor);
    let [state, closing] = [types.int, types.bool].map(|ty| editor.local(ty));
    let copied = members.iter().map(|member| {
        let done = if nested { cleared(&mut editor, member, blocks.done) } else { blocks.done };
        copy_member(&mut editor, member, code, done)
    });
    let copied = copied.collect();
    let is_alone = !nested && members[0].machine.suspensions.len() == 1;
    let builder = Builder { members, copied, element, nested, is_alone, blocks, state, closing, types };
    builder.enter(&mut editor, running);
    let mut resumes = Vec::new();
    let mut closes = Vec::new();
    for member in 0..builder.members.len() {
        builder.member(&mut editor, member, &mut resumes, &mut closes);
    }
    builder.dispatch(&mut editor, resumes, closes);
    builder.finish(&mut editor, slots);
    program.functions[code] = function;
}

/// The locals with a slot: first the parameters, then the locals that live across a suspension.
fn kept(machine: &Machine, liveness: &Liveness) -> Vec<LocalId> {
    let mut kept: BTreeSet<LocalId> = machine.locals.ids().take(machine.parameter_count).collect();
    kept.extend(liveness.at.iter().flatten());
    kept.into_iter().collect()
}

/// A function that takes a generator, with an unreachable body.
fn empty(program: &Program, member: &Member<'_>, generator: crate::types::TypeId) -> Function {
    let machine = member.machine;
    let mut function = Function {
        name: machine.name.clone(),
        span: machine.span,
        parameter_count: 1,
        result: machine.element.option,
        locals: [Local { ty: generator, name: None }].into_iter().collect(),
        blocks: Arena::new(),
        element: Some(machine.element),
        frame: Some(member.frame),
        inlined: Arena::new(),
        library: program.functions[member.id].library,
        inlining: Inlining::Free,
    };
    Editor { function: &mut function, span: machine.span, inlined: None }.block();
    function
}

/// A new block for the returns of a member's body: it clears what the member's suspensions have stored in its record,
/// and jumps to `done`.
fn cleared(editor: &mut Editor<'_>, member: &Member<'_>, done: BlockId) -> BlockId {
    let block = editor.block();
    member.clear(editor, block, &member.live_at(member.paths.before_return()));
    editor.goto(block, done);
    block
}

/// Copies the body of a member. A member other than the first counts as inlined, with its own name.
fn copy_member(editor: &mut Editor<'_>, member: &Member<'_>, code: FunctionId, done: BlockId) -> Copied {
    let machine = member.machine;
    if member.id != code {
        let (name, declared) = (machine.name.clone(), machine.span);
        let inlined = Inlined { name, declared, call: editor.span, caller: None };
        editor.inlined = Some(editor.function.inlined.push(inlined));
    }
    let copied = copy(editor, machine, done);
    editor.inlined = None;
    copied
}

/// The blocks around the bodies.
#[derive(Clone, Copy)]
struct Blocks {
    entry: BlockId,
    running: BlockId,
    enter: BlockId,
    go_on: BlockId,
    close: BlockId,
    /// A body has returned.
    done: BlockId,
    end: BlockId,
}

impl Blocks {
    fn new(editor: &mut Editor<'_>) -> Blocks {
        let [entry, running, enter, go_on, close, done, end] = std::array::from_fn(|_| editor.block());
        Blocks { entry, running, enter, go_on, close, done, end }
    }
}

/// The generator, the only parameter.
fn generator() -> Operand {
    Operand::Local(LocalId::new(0))
}

/// A state machine that is being built.
struct Builder<'a> {
    members: Vec<Member<'a>>,
    copied: Vec<Copied>,
    element: Element,
    nested: bool,
    /// Whether there is a single suspension.
    is_alone: bool,
    blocks: Blocks,
    state: LocalId,
    closing: LocalId,
    types: Types,
}

impl Builder<'_> {
    /// Completes the entry: calls `running` if a thread has already entered the generator, otherwise reads the state.
    fn enter(&self, editor: &mut Editor<'_>, running: FunctionId) {
        let Blocks { entry, running: refuses, enter, .. } = self.blocks;
        let is_entered = editor.local(self.types.bool);
        editor.push(entry, Some(is_entered), Rvalue::Machine(MachineOp::IsEntered, vec![generator()]));
        editor.branch(entry, is_entered, refuses, enter);
        editor.end(refuses, TerminatorKind::TailCall(running, vec![generator()]));
        editor.operate(enter, MachineOp::Enter, vec![generator()]);
        let state = Rvalue::Machine(MachineOp::State, vec![generator()]);
        editor.push(enter, Some(self.state), state);
    }

    /// Adds the jump to the code for the state. `resumes` has the target of each state for a resumption, `closes` for a
    /// close.
    fn dispatch(
        &self,
        editor: &mut Editor<'_>,
        mut resumes: Vec<(i64, BlockId)>,
        closes: Vec<(i64, BlockId)>,
    ) {
        let Blocks { mut enter, go_on, close, end, .. } = self.blocks;
        let state = || Operand::Local(self.state);
        if self.is_alone {
            // Nearly all resumptions continue at the only suspension.
            let (number, resume) = resumes.pop().expect("BUG: a body without its suspension");
            let (is_there, other) = (editor.local(self.types.bool), editor.block());
            let equal = Rvalue::Binary(BinaryOp::Equal, state(), Operand::Int(number));
            editor.push(enter, Some(is_there), equal);
            editor.branch(enter, is_there, resume, other);
            enter = other;
        }
        let negative = Rvalue::Binary(BinaryOp::Less, state(), Operand::Int(ENDED));
        editor.push(enter, Some(self.closing), negative);
        editor.branch(enter, self.closing, close, go_on);
        editor.end(go_on, TerminatorKind::Switch { value: state(), targets: resumes, otherwise: end });
        editor.end(close, TerminatorKind::Switch { value: state(), targets: closes, otherwise: end });
    }

    /// Adds the code of a member's start and suspensions; adds the targets of its states to `resumes` and `closes`.
    fn member(
        &self,
        editor: &mut Editor<'_>,
        index: usize,
        resumes: &mut Vec<(i64, BlockId)>,
        closes: &mut Vec<(i64, BlockId)>,
    ) {
        let (member, copied) = (&self.members[index], &self.copied[index]);
        let start = editor.block();
        if self.is_alone {
            let state = Operand::Int(member.state_of(SuspensionId::new(0)));
            editor.operate(start, MachineOp::SetState, vec![generator(), state]);
        }
        self.load(editor, start, index, &member.liveness.at_start);
        editor.goto(start, copied.blocks[BlockId::new(0)]);
        resumes.push((member.start, start));
        for (id, suspension) in member.machine.suspensions.iter_enumerated() {
            editor.span = suspension.span;
            match &suspension.kind {
                SuspensionKind::Element { value, .. } => self.suspend(editor, index, id, value),
                SuspensionKind::Nested { callee, arguments } => {
                    self.descend(editor, index, id, (*callee, arguments));
                }
            }
            let state = member.state_of(id);
            resumes.push((state, self.resume(editor, index, id, false)));
            if suspension.closes().is_some() {
                closes.push((-state, self.resume(editor, index, id, true)));
            }
        }
    }

    /// Completes the block of a suspension: stores the live locals, and returns the element.
    fn suspend(&self, editor: &mut Editor<'_>, index: usize, id: SuspensionId, value: &Operand) {
        let (member, copied) = (&self.members[index], &self.copied[index]);
        let block = copied.blocks[member.machine.suspensions[id].block];
        self.store(editor, block, index, id);
        if !self.is_alone {
            let state = Operand::Int(member.state_of(id));
            editor.operate(block, MachineOp::SetState, vec![generator(), state]);
        }
        editor.operate(block, MachineOp::Leave, vec![generator()]);
        self.give(editor, block, SOME, vec![copied.operand(value)]);
    }

    /// Completes the block of a `yield from` of another member: the other member's parameters get the arguments, and
    /// its body runs in a new record. If this body does nothing after the `yield from`, the new record replaces this
    /// body's record.
    fn descend(
        &self,
        editor: &mut Editor<'_>,
        index: usize,
        id: SuspensionId,
        (callee, arguments): (FunctionId, &[Operand]),
    ) {
        let (member, copied) = (&self.members[index], &self.copied[index]);
        let suspension = &member.machine.suspensions[id];
        let block = copied.blocks[suspension.block];
        let other = self.members.iter().position(|other| other.id == callee);
        let other = other.expect("BUG: a body is nested in another component");
        let target = &self.members[other];
        if returns_at_once(member.machine, suspension) {
            member.clear(editor, block, &member.set_before(suspension.block));
            if other != index {
                editor.operate(block, MachineOp::Replace(target.frame), vec![generator()]);
            }
        } else {
            self.store(editor, block, index, id);
            let state = Operand::Int(member.state_of(id));
            editor.operate(block, MachineOp::Push(member.frame, target.frame), vec![generator(), state]);
        }
        // An argument may be one of the parameters that are assigned here, so all arguments are read first.
        let parameters: Vec<LocalId> = target.machine.locals.ids().take(arguments.len()).collect();
        let mut read = Vec::new();
        for (&parameter, argument) in parameters.iter().zip(arguments) {
            let temporary = editor.local(target.machine.locals[parameter].ty);
            editor.push(block, Some(temporary), Rvalue::Use(copied.operand(argument)));
            read.push(temporary);
        }
        for (parameter, temporary) in parameters.into_iter().zip(read) {
            let parameter = self.copied[other].locals[parameter];
            editor.push(block, Some(parameter), Rvalue::Use(Operand::Local(temporary)));
        }
        editor.goto(block, self.copied[other].blocks[BlockId::new(0)]);
    }

    /// A new block that continues a body at a suspension.
    fn resume(&self, editor: &mut Editor<'_>, index: usize, id: SuspensionId, closes: bool) -> BlockId {
        let (member, copied) = (&self.members[index], &self.copied[index]);
        let suspension = &member.machine.suspensions[id];
        let block = editor.block();
        self.load(editor, block, index, &member.liveness.at[id]);
        if let Some(local) = suspension.closes() {
            editor.push(block, Some(copied.locals[local]), Rvalue::Use(Operand::Bool(closes)));
        }
        editor.goto(block, copied.blocks[suspension.resume]);
        block
    }

    fn load(&self, editor: &mut Editor<'_>, block: BlockId, index: usize, locals: &BTreeSet<LocalId>) {
        let (member, copied) = (&self.members[index], &self.copied[index]);
        for local in locals {
            let op = MachineOp::Get(member.frame, member.slots[local]);
            editor.push(block, Some(copied.locals[*local]), Rvalue::Machine(op, vec![generator()]));
        }
    }

    fn store(&self, editor: &mut Editor<'_>, block: BlockId, index: usize, id: SuspensionId) {
        let (member, copied) = (&self.members[index], &self.copied[index]);
        for local in member.liveness.at[id].difference(&member.in_slots[id]) {
            let op = MachineOp::Set(member.frame, member.slots[local]);
            editor.operate(block, op, vec![generator(), Operand::Local(copied.locals[*local])]);
        }
        let set = member.set_before(member.machine.suspensions[id].block);
        member.clear(editor, block, &(&set - &member.liveness.at[id]));
    }

    /// Adds the code that runs after a body has returned, and the code that ends the generator.
    fn finish(&self, editor: &mut Editor<'_>, slots: usize) {
        let Blocks { go_on, done, end, .. } = self.blocks;
        editor.span = self.members[0].machine.span;
        if self.nested {
            let pops = editor.block();
            editor.branch(done, self.closing, end, pops);
            editor.push(pops, Some(self.state), Rvalue::Machine(MachineOp::Pop, vec![generator()]));
            let is_last = editor.local(self.types.bool);
            let compare = Rvalue::Binary(BinaryOp::Equal, Operand::Local(self.state), Operand::Int(ENDED));
            editor.push(pops, Some(is_last), compare);
            editor.branch(pops, is_last, end, go_on);
            editor.operate(end, MachineOp::Release, vec![generator()]);
        } else {
            editor.goto(done, end);
            for slot in 0..slots {
                editor.operate(end, MachineOp::Clear(self.members[0].frame, slot), vec![generator()]);
            }
        }
        editor.operate(end, MachineOp::SetState, vec![generator(), Operand::Int(ENDED)]);
        editor.operate(end, MachineOp::Leave, vec![generator()]);
        self.give(editor, end, NONE, Vec::new());
    }

    /// Ends a block with the return of a new `Option`, of the given variant and fields.
    fn give(&self, editor: &mut Editor<'_>, block: BlockId, variant: usize, fields: Vec<Operand>) {
        let option = self.element.option;
        let result = editor.local(option);
        editor.push(block, Some(result), Rvalue::Construct(option, variant, fields));
        editor.end(block, TerminatorKind::Return(Operand::Local(result)));
    }
}

impl Member<'_> {
    /// The state of a generator that waits at a suspension.
    fn state_of(&self, id: SuspensionId) -> i64 {
        self.start + 1 + id.raw() as i64
    }

    /// The locals whose slots may contain a reference when the body reaches the suspension at the end of `block`: the
    /// locals that are live at the suspensions before it. If there may be none before it, also the parameters, since
    /// the slots of a new generator contain its arguments.
    fn set_before(&self, block: BlockId) -> BTreeSet<LocalId> {
        let mut set = self.live_at(self.paths.before(block));
        if self.paths.may_be_first(block) {
            set.extend(self.machine.locals.ids().take(self.machine.parameter_count));
        }
        set
    }

    fn live_at(&self, suspensions: impl Iterator<Item = SuspensionId>) -> BTreeSet<LocalId> {
        suspensions.flat_map(|id| &self.liveness.at[id]).copied().collect()
    }

    fn clear(&self, editor: &mut Editor<'_>, block: BlockId, locals: &BTreeSet<LocalId>) {
        for local in locals {
            editor.operate(block, MachineOp::Clear(self.frame, self.slots[local]), vec![generator()]);
        }
    }
}

/// Whether a body does nothing more after a suspension.
fn returns_at_once(machine: &Machine, suspension: &Suspension) -> bool {
    let mut block = suspension.resume;
    for _ in 0..machine.blocks.len() {
        let Block { statements, terminator, .. } = &machine.blocks[block];
        if !statements.is_empty() || machine.suspension_of(block).is_some() {
            return false;
        }
        let TerminatorKind::Goto(next) = terminator.kind else {
            return matches!(terminator.kind, TerminatorKind::Return(_));
        };
        block = next;
    }
    false
}
