//! The first `next` of a generator with a stack of its own, if it follows right after the creation.
//!
//! ```text
//!   _g = generator range(_n)      _g = generator range(_n)
//!   goto head                     _r = start range(_g); goto rest     a jump to the body, whose address is known
//!   head: _r = next(_g); ..       head: _r = next(_g); goto rest
//!                                 rest: ..
//! ```

use crate::arena::Id;
use crate::generators::editor::Editor;
use crate::mir::{
    BlockId, Function, FunctionId, GeneratorOp, LocalId, MachineOp, Operand, Rvalue, TerminatorKind,
};
use crate::types::TypeId;

/// A generator that a block makes and that is not resumed before the end of the block.
struct Made {
    body: FunctionId,
    /// The locals that refer to the generator; the first is the destination of the operation that made the generator.
    aliases: Vec<LocalId>,
}

/// Replaces each `next` that follows right after the creation of its generator by `start`, which enters the body
/// directly. A `next` at the head of a loop stays there, and the block before the loop gets the `start`.
pub(super) fn start(function: &mut Function) {
    for number in 0..function.blocks.len() {
        let block = BlockId::new(number);
        if let Some(made) = in_block(function, block) {
            at_head(function, block, &made);
        }
    }
}

/// Replaces each first `next` within a block; returns the last generator that the block makes, if nothing resumes it.
fn in_block(function: &mut Function, block: BlockId) -> Option<Made> {
    let mut made: Option<Made> = None;
    for statement in &mut function.blocks[block].statements {
        if let (Rvalue::Generator(GeneratorOp::New(body), _), Some(generator)) =
            (&statement.value, statement.destination)
        {
            made = Some(Made { body: *body, aliases: vec![generator] });
            continue;
        }
        let Some(Made { body, aliases }) = &mut made else { continue };
        let is_overwritten = statement.destination.is_some_and(|local| aliases.contains(&local));
        if let Some(option) = asked(&statement.value, aliases) {
            let generator = Operand::Local(aliases[0]);
            statement.value = Rvalue::Machine(MachineOp::Start(*body, option), vec![generator]);
            made = None;
        } else if is_overwritten || resumes(&statement.value) {
            made = None;
        } else if let (Rvalue::Use(Operand::Local(from)), Some(to)) =
            (&statement.value, statement.destination)
            && aliases.contains(from)
        {
            aliases.push(to);
        }
    }
    made
}

/// Copies a `next` at the head of a loop, as a `start`, to the block before the loop, which makes the generator.
fn at_head(function: &mut Function, block: BlockId, made: &Made) {
    let TerminatorKind::Goto(head) = function.blocks[block].terminator.kind else { return };
    let Some(first) = function.blocks[head].statements.first() else { return };
    let Some(option) = asked(&first.value, &made.aliases) else { return };
    let (span, inlined) = (first.span, function.blocks[head].inlined);
    let mut editor = Editor { function, span, inlined };
    let (statement, rest) = editor.split(head, 0);
    editor.function.blocks[head].statements.push(statement.clone());
    editor.goto(head, rest);
    let start = Rvalue::Machine(MachineOp::Start(made.body, option), vec![Operand::Local(made.aliases[0])]);
    editor.push(block, statement.destination, start);
    editor.goto(block, rest);
}

/// Whether a computation may resume a generator.
fn resumes(value: &Rvalue) -> bool {
    !matches!(value, Rvalue::Use(_) | Rvalue::Deferred(_) | Rvalue::Register(..))
}

/// The type of the result if `value` is a `next` of the generator to which the locals `generators` refer.
fn asked(value: &Rvalue, generators: &[LocalId]) -> Option<TypeId> {
    let Rvalue::Generator(GeneratorOp::Next(option), operands) = value else { return None };
    let [Operand::Local(generator)] = operands[..] else { return None };
    generators.contains(&generator).then_some(*option)
}
