//! Inlining of a generator that a single function makes and consumes; the generator object is no longer allocated.
//!
//! ```text
//!   _g = generator range(_n)      _i = _n; _s = 1; goto start
//!   goto head
//!   head: _r = next(_g)           head: switch _s { 1: goto start, 2: goto resume0, else goto none }
//!   ...                           start: the body, with `yield _v` as: _r = Some(_v); _s = 2; goto after
//!                                 none: _r = None; goto after
//! ```

use std::collections::{HashMap, HashSet};

use weft_abi::library::{NONE, SOME};

use crate::arena::Id;
use crate::generators::delegate::Types;
use crate::generators::editor::Editor;
use crate::generators::liveness::Liveness;
use crate::generators::machine::{Copied, Machine, NOT_BEGUN, SuspensionKind, copy, state_of};
use crate::generators::wrappers::Wrappers;
use crate::mir::{
    Block, BlockId, CleanupOp, Function, FunctionId, GeneratorOp, Inlined, LocalId, Operand, Rvalue,
    Statement, TerminatorKind,
};

/// The largest body that is inlined, in statements. A generator with a larger body costs a call for each element, which
/// is little compared with the work of such a body.
const LARGEST_BODY: usize = 400;
/// The largest function that inlining may produce, in statements: LLVM takes more than linear time in the size of a
/// function.
const LARGEST_FUNCTION: usize = 4_000;

/// The state of an inlined generator that has ended.
const ENDED: i64 = 0;

/// Inlines all generators that `function` makes and consumes and that nothing else can reach. `machines` contains the
/// bodies that may be inlined.
pub(super) fn inline(
    function: &mut Function,
    machines: &HashMap<FunctionId, Machine>,
    wrappers: &Wrappers,
    types: Types,
) {
    while let Some(found) = find(function, machines, wrappers) {
        apply(function, &machines[&found.body], &found, types);
    }
}

/// A generator that can be inlined.
struct Candidate {
    /// The `gen fn`.
    body: FunctionId,
    /// The locals that refer to the generator; the first is the destination of the operation that makes the generator.
    aliases: Vec<LocalId>,
    /// The function values that close the generator if the thread unwinds.
    closers: HashSet<LocalId>,
    /// The place of the only `next`.
    next: (BlockId, usize),
}

fn find(
    function: &Function,
    machines: &HashMap<FunctionId, Machine>,
    wrappers: &Wrappers,
) -> Option<Candidate> {
    let size: usize = function.blocks.iter().map(|block| block.statements.len()).sum();
    let assigned = assignments(function);
    let mut statements = function.blocks.iter().flat_map(|block| &block.statements);
    statements.find_map(|statement| {
        let (Some(made), Rvalue::Generator(GeneratorOp::New(body), _)) =
            (statement.destination, &statement.value)
        else {
            return None;
        };
        let machine = machines.get(body)?;
        let is_small = machine.size() <= LARGEST_BODY && size + machine.size() <= LARGEST_FUNCTION;
        if !is_small || machine.needs_close() || assigned[&made] != 1 {
            return None;
        }
        examine(function, &assigned, wrappers, made, *body)
    })
}

/// The number of statements that assign to each local.
fn assignments(function: &Function) -> HashMap<LocalId, usize> {
    let mut assigned = HashMap::new();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let Some(destination) = statement.destination {
            *assigned.entry(destination).or_insert(0) += 1;
        }
    }
    assigned
}

/// Checks all uses of the generator that `made` refers to. Each alias is assigned by a single statement, so an alias
/// always refers to the generator that was made last.
fn examine(
    function: &Function,
    assigned: &HashMap<LocalId, usize>,
    wrappers: &Wrappers,
    made: LocalId,
    body: FunctionId,
) -> Option<Candidate> {
    let mut aliases = vec![made];
    let mut closers = HashSet::new();
    let mut next = None;
    let mut at = 0;
    while at < aliases.len() {
        let alias = Operand::Local(aliases[at]);
        at += 1;
        for (id, block) in function.blocks.iter_enumerated() {
            if block.terminator.kind.operands().any(|operand| *operand == alias) {
                return None;
            }
            for (index, statement) in block.statements.iter().enumerate() {
                if !statement.value.operands().any(|operand| *operand == alias) {
                    continue;
                }
                match use_of(statement, wrappers)? {
                    Use::Copy(copy) => {
                        if assigned[&copy] != 1 {
                            return None;
                        }
                        aliases.push(copy);
                    }
                    Use::Next => {
                        if next.replace((id, index)).is_some() {
                            return None;
                        }
                    }
                    Use::Close => {}
                    Use::Register(closer) => {
                        closers.insert(closer);
                    }
                }
            }
        }
    }
    Some(Candidate { body, aliases, closers, next: next? })
}

/// A use of a generator that does not let it escape.
enum Use {
    Copy(LocalId),
    Next,
    Close,
    /// Registers a call of `close` for the case that the thread unwinds.
    Register(LocalId),
}

fn use_of(statement: &Statement, wrappers: &Wrappers) -> Option<Use> {
    let is_close = |function| matches!(wrappers.get(function), Some(GeneratorOp::Close(_)));
    if let (Rvalue::Use(_), Some(copy)) = (&statement.value, statement.destination) {
        return Some(Use::Copy(copy));
    }
    if let Rvalue::Register(function, Operand::Local(closer), _) = &statement.value {
        return is_close(function).then_some(Use::Register(*closer));
    }
    let Rvalue::Generator(op, _) = &statement.value else { return None };
    match op {
        GeneratorOp::Next(_) => Some(Use::Next),
        GeneratorOp::Close(_) => Some(Use::Close),
        GeneratorOp::New(_) | GeneratorOp::Yield | GeneratorOp::YieldFrom => None,
    }
}

fn apply(function: &mut Function, machine: &Machine, found: &Candidate, types: Types) {
    let (block, index) = found.next;
    let call = function.blocks[block].statements[index].span;
    let caller = function.blocks[block].inlined;
    let (name, declared) = (machine.name.clone(), machine.span);
    let inlined = function.inlined.push(Inlined { name, declared, call, caller });
    let mut editor = Editor { function, span: call, inlined: Some(inlined) };
    let state = editor.local(types.int);
    let none = editor.block();
    let copied = copy(&mut editor, machine, none);
    let (next, after) = editor.split(block, index);
    let option = machine.element.option;
    // The program may discard the element.
    let result = next.destination.unwrap_or_else(|| editor.local(option));
    let mut targets = vec![(NOT_BEGUN, copied.blocks[BlockId::new(0)])];
    for (id, suspension) in machine.suspensions.iter_enumerated() {
        let gives = copied.blocks[suspension.block];
        let SuspensionKind::Element { value, .. } = &suspension.kind else {
            panic!("BUG: a recursive body is inlined")
        };
        let value = copied.operand(value);
        editor.push(gives, Some(result), Rvalue::Construct(option, SOME, vec![value]));
        editor.push(gives, Some(state), Rvalue::Use(Operand::Int(state_of(id))));
        editor.goto(gives, after);
        targets.push((state_of(id), copied.blocks[suspension.resume]));
    }
    editor.end(block, TerminatorKind::Switch { value: Operand::Local(state), targets, otherwise: none });
    editor.push(none, Some(state), Rvalue::Use(Operand::Int(ENDED)));
    editor.push(none, Some(result), Rvalue::Construct(option, NONE, Vec::new()));
    editor.goto(none, after);
    begin(editor.function, machine, found, &copied, state);
    clean(editor.function, found, state);
    let is_empty = editor.function.blocks[block].statements.is_empty();
    if is_empty {
        enter_directly(editor.function, block, copied.blocks[BlockId::new(0)], state);
    }
}

/// Replaces the operation that makes the generator by assignments: the parameters get the arguments, and the state
/// becomes `NOT_BEGUN`.
fn begin(function: &mut Function, machine: &Machine, found: &Candidate, copied: &Copied, state: LocalId) {
    let liveness = Liveness::of(machine);
    let parameters: HashSet<LocalId> = machine.locals.ids().take(machine.parameter_count).collect();
    let kept: HashSet<LocalId> = liveness.at.iter().flatten().copied().collect();
    for block in function.blocks.ids() {
        let statements = &mut function.blocks[block].statements;
        let is_it = |statement: &Statement| statement.destination == Some(found.aliases[0]);
        let Some(at) = statements.iter().position(is_it) else { continue };
        let Statement { value, span, .. } = statements[at].clone();
        let mut begin = Vec::new();
        let mut push = |local: LocalId, value: Rvalue| {
            begin.push(Statement { destination: Some(local), value, span });
        };
        for (parameter, operand) in machine.locals.ids().zip(value.operands()) {
            push(copied.locals[parameter], Rvalue::Use(operand.clone()));
        }
        for local in machine.locals.ids().filter(|local| kept.contains(local) && !parameters.contains(local))
        {
            push(copied.locals[local], Rvalue::Undefined(machine.locals[local].ty));
        }
        push(state, Rvalue::Use(Operand::Int(NOT_BEGUN)));
        statements.splice(at..=at, begin);
        return;
    }
}

/// Removes the remaining uses of the object: copies of the reference, and registrations of `close`. A call of `close`
/// becomes an assignment of `ENDED` to the state.
fn clean(function: &mut Function, found: &Candidate, state: LocalId) {
    let is_alias =
        |operand: &Operand| matches!(operand, Operand::Local(local) if found.aliases.contains(local));
    for block in function.blocks.ids() {
        let Block { statements, .. } = &mut function.blocks[block];
        statements.retain(|statement| !is_left(statement, is_alias, &found.closers));
        let is_shield = |statement: Option<&Statement>, op: CleanupOp| {
            statement
                .is_some_and(|statement| matches!(statement.value, Rvalue::Cleanup(found, _) if found == op))
        };
        let mut at = 0;
        while at < statements.len() {
            let closes = matches!(&statements[at].value, Rvalue::Generator(GeneratorOp::Close(_), operands)
                if operands.iter().any(is_alias));
            if closes {
                let ended = Rvalue::Use(Operand::Int(ENDED));
                statements[at] =
                    Statement { destination: Some(state), value: ended, span: statements[at].span };
                if at > 0
                    && is_shield(statements.get(at - 1), CleanupOp::Shield)
                    && is_shield(statements.get(at + 1), CleanupOp::Unshield)
                {
                    statements.remove(at + 1);
                    statements.remove(at - 1);
                    at -= 1;
                }
            }
            at += 1;
        }
    }
}

/// Whether a statement copies the reference to the generator, or makes, registers or unregisters a function value that
/// closes the generator.
fn is_left(statement: &Statement, is_alias: impl Fn(&Operand) -> bool, closers: &HashSet<LocalId>) -> bool {
    let is_closer = |operand: &Operand| matches!(operand, Operand::Local(local) if closers.contains(local));
    if let Rvalue::Use(operand) = &statement.value {
        is_alias(operand)
    } else if let Rvalue::Deferred(_) = statement.value {
        statement.destination.is_some_and(|local| closers.contains(&local))
    } else if let Rvalue::Register(_, closer, _) = &statement.value {
        is_closer(closer)
    } else if let Rvalue::Cleanup(CleanupOp::Pop, operands) = &statement.value {
        operands.iter().any(is_closer)
    } else {
        false
    }
}

/// If the block that makes the generator jumps to `head`, redirects this jump to the start of the body. The loop around
/// `head` then only continues the body, and a body with one `yield` needs no state.
fn enter_directly(function: &mut Function, head: BlockId, start: BlockId, state: LocalId) {
    for block in function.blocks.ids() {
        let Block { statements, terminator, .. } = &mut function.blocks[block];
        let begins = statements.iter().any(|statement| {
            statement.destination == Some(state) && statement.value == Rvalue::Use(Operand::Int(NOT_BEGUN))
        });
        if begins && terminator.kind == TerminatorKind::Goto(head) {
            terminator.kind = TerminatorKind::Goto(start);
        }
    }
}
