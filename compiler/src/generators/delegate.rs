//! `yield from`, as a loop that hands on each element.
//!
//! ```text
//!   _c = yield from g        head: _r = next(g); if _r is Some goto some else goto none
//!                            some: _c = yield _r.0; if _c goto close else goto head
//!                            close: close(g); goto after
//!                            none: _c = false; goto after
//! ```

use std::collections::HashMap;

use weft_abi::library::SOME;

use crate::arena::Id;
use crate::generators::editor::Editor;
use crate::mir::{
    BinaryOp, BlockId, Element, Function, FunctionId, GeneratorOp, LocalId, Operand, Rvalue, Statement,
    TerminatorKind,
};
use crate::types::TypeId;

/// The types of the locals that a loop needs.
#[derive(Clone, Copy)]
pub(super) struct Types {
    pub int: TypeId,
    pub bool: TypeId,
}

/// Replaces every `yield from` in a body by a loop, except a `yield from` that can enter another body of `component`
/// directly. A component consists of `gen fn`s that reach each other by such `yield from`s. `needs_close` tells whether
/// closing a generator of a `gen fn` runs code of its body.
pub(super) fn expand(
    body: &mut Function,
    types: Types,
    component: &[FunctionId],
    needs_close: impl Fn(FunctionId) -> bool,
) {
    let Some(element) = body.element else { return };
    let mut next = 0;
    while next < body.blocks.len() {
        let block = BlockId::new(next);
        let found = (0..body.blocks[block].statements.len()).find(|&at| {
            is_yield_from(&body.blocks[block].statements[at])
                && !nested(body, block, at).is_some_and(|callee| component.contains(&callee))
        });
        if let Some(at) = found {
            let closes = source_of(body, block, at).is_none_or(&needs_close);
            expand_one(body, (block, at), element, types, closes);
        }
        next += 1;
    }
}

fn is_yield_from(statement: &Statement) -> bool {
    matches!(statement.value, Rvalue::Generator(GeneratorOp::YieldFrom, _))
}

/// The `gen fn`s whose bodies this body may enter directly, without a loop that calls `next`.
pub(super) fn nested_in(body: &Function) -> Vec<FunctionId> {
    let mut found = Vec::new();
    for (block, code) in body.blocks.iter_enumerated() {
        let places = (0..code.statements.len()).filter(|&at| is_yield_from(&code.statements[at]));
        found.extend(places.filter_map(|at| nested(body, block, at)));
    }
    found
}

/// The `gen fn` whose body a `yield from` may enter directly: the generator is made right before the `yield from` and
/// has no other use, and this body has no code to run if its own generator is closed here. `None` for every other
/// `yield from`.
fn nested(body: &Function, block: BlockId, at: usize) -> Option<FunctionId> {
    made_for(body, block, at).filter(|_| body.blocks[block].statements[at].destination.is_none())
}

/// The first `yield from` in a block whose generator is made right before and has no other use: the index of the
/// `yield from`, and the generator's `gen fn`.
pub(super) fn next_call(body: &Function, block: BlockId) -> Option<(usize, FunctionId)> {
    let statements = &body.blocks[block].statements;
    let mut places = (0..statements.len()).filter(|&at| is_yield_from(&statements[at]));
    places.find_map(|at| Some((at, made_for(body, block, at)?)))
}

/// The `gen fn` of the generator of a `yield from`, if the statement before makes the generator and nothing else uses
/// it.
fn made_for(body: &Function, block: BlockId, at: usize) -> Option<FunctionId> {
    let statements = &body.blocks[block].statements;
    let made = statements[at.checked_sub(1)?].destination.map(Operand::Local)?;
    let Rvalue::Generator(_, operands) = &statements[at].value else { return None };
    source_of(body, block, at).filter(|_| operands[..] == [made])
}

/// The `gen fn` of the generator whose elements a `yield from` hands on, if the generator has no other use.
fn source_of(body: &Function, block: BlockId, at: usize) -> Option<FunctionId> {
    let Rvalue::Generator(_, operands) = &body.blocks[block].statements[at].value else { return None };
    let [Operand::Local(generator)] = operands[..] else { return None };
    let mut made = None;
    let mut uses = HashMap::from([(generator, 0)]);
    for code in body.blocks.iter() {
        for statement in &code.statements {
            for operand in statement.value.operands() {
                if let Operand::Local(local) = operand
                    && let Some(count) = uses.get_mut(local)
                {
                    *count += 1;
                }
            }
            if statement.destination == Some(generator) {
                let Rvalue::Generator(GeneratorOp::New(function), _) = statement.value else { return None };
                if made.replace(function).is_some() {
                    return None;
                }
            }
        }
        if code.terminator.kind.operands().any(|operand| *operand == Operand::Local(generator)) {
            return None;
        }
    }
    made.filter(|_| uses[&generator] == 1)
}

fn expand_one(body: &mut Function, place: (BlockId, usize), element: Element, types: Types, closes: bool) {
    let (block, at) = place;
    let span = body.blocks[block].statements[at].span;
    let inlined = body.blocks[block].inlined;
    let mut editor = Editor { function: body, span, inlined };
    let (statement, after) = editor.split(block, at);
    let Rvalue::Generator(_, operands) = statement.value else { panic!("BUG: no `yield from`") };
    let generator = operands;
    let [head, some, none] = std::array::from_fn(|_| editor.block());
    let [taken, variant, is_some, value] =
        [element.option, types.int, types.bool, element.ty].map(|ty| editor.local(ty));
    editor.goto(block, head);
    let next = GeneratorOp::Next(element.option);
    editor.push(head, Some(taken), Rvalue::Generator(next, generator.clone()));
    editor.push(head, Some(variant), Rvalue::Variant(Operand::Local(taken)));
    let equal = Rvalue::Binary(BinaryOp::Equal, Operand::Local(variant), Operand::Int(SOME as i64));
    editor.push(head, Some(is_some), equal);
    editor.branch(head, is_some, some, none);
    editor.push(some, Some(value), Rvalue::Field(Operand::Local(taken), SOME, 0));
    let wanted: Option<LocalId> = statement.destination;
    let gives = Rvalue::Generator(GeneratorOp::Yield, vec![Operand::Local(value)]);
    if closes || wanted.is_some() {
        let is_closed = wanted.unwrap_or_else(|| editor.local(types.bool));
        let close = editor.block();
        editor.push(some, Some(is_closed), gives);
        editor.branch(some, is_closed, close, head);
        editor.push(close, None, Rvalue::Generator(GeneratorOp::Close(element.option), generator));
        match wanted {
            Some(_) => editor.goto(close, after),
            None => editor.end(close, TerminatorKind::Return(Operand::Unit)),
        }
    } else {
        editor.push(some, None, gives);
        editor.goto(some, head);
    }
    if let Some(wanted) = wanted {
        editor.push(none, Some(wanted), Rvalue::Use(Operand::Bool(false)));
    }
    editor.goto(none, after);
}
