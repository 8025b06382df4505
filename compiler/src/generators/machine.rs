//! The body of a `gen fn`, cut at its suspensions, the places where it gives elements.
//!
//! ```text
//!   bb0: _1 = 0; goto bb1                   bb0: _1 = 0; goto bb1
//!   bb1: yield _1; _1 = _1 + 1; goto bb1    bb1: goto bb2            suspension 0: gives `_1`, continues in bb2
//!                                           bb2: _1 = _1 + 1; goto bb1
//! ```

use std::collections::HashMap;

use crate::arena::{Arena, Id};
use crate::define_id;
use crate::generators::editor::Editor;
use crate::mir::{
    Block, BlockId, Element, Function, FunctionId, GeneratorOp, Inlined, InlinedId, Local, LocalId, Operand,
    Rvalue, Statement, TerminatorKind,
};
use crate::source::Span;

define_id! {
    /// A place where a body gives an element.
    SuspensionId "suspension";
}

/// The body of a `gen fn`, cut at its suspensions.
#[derive(Clone)]
pub(super) struct Machine {
    pub name: String,
    pub span: Span,
    pub element: Element,
    pub parameter_count: usize,
    pub locals: Arena<LocalId, Local>,
    pub blocks: Arena<BlockId, Block>,
    pub inlined: Arena<InlinedId, Inlined>,
    pub suspensions: Arena<SuspensionId, Suspension>,
    /// The suspensions by the blocks that end with them.
    ends: HashMap<BlockId, SuspensionId>,
}

/// A place where a body gives an element.
#[derive(Clone)]
pub(super) struct Suspension {
    /// The block that ends here. Its terminator is a jump to `resume`.
    pub block: BlockId,
    pub kind: SuspensionKind,
    /// The block where the body continues.
    pub resume: BlockId,
    pub span: Span,
}

/// The kind of a suspension: the event after which the body continues.
#[derive(Clone)]
pub(super) enum SuspensionKind {
    /// The next resumption.
    Element {
        /// The element that is given.
        value: Operand,
        /// The local that tells the body, when it continues, whether the generator is being closed; `None` if the body
        /// has no code to run when the generator is closed here.
        closes: Option<LocalId>,
    },
    /// The end of another body of the same component, which gives its elements in the meantime.
    Nested { callee: FunctionId, arguments: Vec<Operand> },
}

impl Suspension {
    /// The operands that are read before the suspension.
    pub fn operands(&self) -> &[Operand] {
        match &self.kind {
            SuspensionKind::Element { value, .. } => std::slice::from_ref(value),
            SuspensionKind::Nested { arguments, .. } => arguments,
        }
    }

    /// The local that is set when the body continues, if there is one: it tells whether the generator is being closed.
    pub fn closes(&self) -> Option<LocalId> {
        match self.kind {
            SuspensionKind::Element { closes, .. } => closes,
            SuspensionKind::Nested { .. } => None,
        }
    }
}

/// The state of a generator whose body is not begun.
pub(super) const NOT_BEGUN: i64 = 1;

/// The state of a generator that waits at a suspension of a body that is not nested.
pub(super) fn state_of(suspension: SuspensionId) -> i64 {
    suspension.raw() as i64 + NOT_BEGUN + 1
}

impl Machine {
    /// Cuts a body. Each remaining `yield from` must directly follow the operation that makes its generator. Tail calls
    /// become ordinary calls: the caller of a resumed body expects an option, not the callee's result.
    pub fn of(body: &Function) -> Machine {
        let mut cut = body.clone();
        let mut editor = Editor { function: &mut cut, span: body.span, inlined: None };
        let mut suspensions = Arena::new();
        let mut ends = HashMap::new();
        let mut next = 0;
        while next < editor.function.blocks.len() {
            let block = BlockId::new(next);
            remove_tail_call(&mut editor.function.blocks[block]);
            let gives = |statement: &Statement| {
                matches!(statement.value, Rvalue::Generator(GeneratorOp::Yield | GeneratorOp::YieldFrom, _))
            };
            if let Some(at) = editor.function.blocks[block].statements.iter().position(gives) {
                let (statement, resume) = editor.split(block, at);
                editor.goto(block, resume);
                let span = statement.span;
                let kind = kind_of(statement, &mut editor.function.blocks[block]);
                ends.insert(block, suspensions.push(Suspension { block, kind, resume, span }));
            }
            next += 1;
        }
        Machine {
            name: cut.name,
            span: cut.span,
            element: body.element.expect("BUG: a machine of what is no `gen fn`"),
            parameter_count: cut.parameter_count,
            locals: cut.locals,
            blocks: cut.blocks,
            inlined: cut.inlined,
            suspensions,
            ends,
        }
    }

    /// Whether the body may have code to run when its generator is closed.
    pub fn needs_close(&self) -> bool {
        self.suspensions.iter().any(|suspension| suspension.closes().is_some())
    }

    /// The number of statements.
    pub fn size(&self) -> usize {
        self.blocks.iter().map(|block| block.statements.len() + 1).sum()
    }

    /// The number of the suspension at the end of a block, if there is one.
    pub fn suspension_at(&self, block: BlockId) -> Option<SuspensionId> {
        self.ends.get(&block).copied()
    }

    /// The suspension at the end of a block, if there is one.
    pub fn suspension_of(&self, block: BlockId) -> Option<&Suspension> {
        self.suspension_at(block).map(|id| &self.suspensions[id])
    }
}

/// The kind of the suspension that a statement stands for. `block` ends before the statement.
fn kind_of(statement: Statement, block: &mut Block) -> SuspensionKind {
    let Rvalue::Generator(op, mut operands) = statement.value else { panic!("BUG: no suspension") };
    if op == GeneratorOp::Yield {
        return SuspensionKind::Element { value: operands.remove(0), closes: statement.destination };
    }
    match block.statements.pop().map(|statement| statement.value) {
        Some(Rvalue::Generator(GeneratorOp::New(callee), arguments)) => {
            SuspensionKind::Nested { callee, arguments }
        }
        _ => panic!("BUG: a `yield from` of an unknown generator is left"),
    }
}

/// Turns a tail call at the end of a block into a call.
pub(super) fn remove_tail_call(block: &mut Block) {
    let span = block.terminator.span;
    let kind = &mut block.terminator.kind;
    let value = if let TerminatorKind::TailCall(callee, arguments) = kind {
        Rvalue::Call(*callee, std::mem::take(arguments))
    } else if let TerminatorKind::TailCallValue(callee, arguments) = kind {
        Rvalue::CallValue(callee.clone(), std::mem::take(arguments))
    } else {
        return;
    };
    *kind = TerminatorKind::Return(Operand::Unit);
    block.statements.push(Statement { destination: None, value, span });
}

/// A copy of a machine's blocks in another function.
pub(super) struct Copied {
    pub locals: Arena<LocalId, LocalId>,
    pub blocks: Arena<BlockId, BlockId>,
}

impl Copied {
    /// The operand of the machine as an operand of the function.
    pub fn operand(&self, operand: &Operand) -> Operand {
        let mut operand = operand.clone();
        self.rename(&mut operand);
        operand
    }

    fn rename(&self, operand: &mut Operand) {
        if let Operand::Local(local) = operand {
            *local = self.locals[*local];
        }
    }
}

/// Copies the blocks of a machine to the end of a function, with locals of their own. A return becomes a jump to `end`.
/// If the editor has an inlined body, all copied blocks belong to it.
pub(super) fn copy(editor: &mut Editor<'_>, machine: &Machine, end: BlockId) -> Copied {
    let locals = machine.locals.iter().map(|local| editor.function.locals.push(local.clone())).collect();
    let inlined = copy_inlined(editor, machine);
    let first = editor.function.blocks.len();
    let blocks = machine.blocks.ids().map(|block| BlockId::new(first + block.raw())).collect();
    let copied = Copied { locals, blocks };
    for block in machine.blocks.iter() {
        let mut block = block.clone();
        block.inlined = block.inlined.map(|id| inlined[id]).or(editor.inlined);
        for statement in &mut block.statements {
            statement.destination = statement.destination.map(|local| copied.locals[local]);
            statement.value.operands_mut().for_each(|operand| copied.rename(operand));
        }
        let kind = &mut block.terminator.kind;
        if let TerminatorKind::Return(_) = kind {
            *kind = TerminatorKind::Goto(end);
        } else {
            kind.operands_mut().for_each(|operand| copied.rename(operand));
            kind.successors_mut().into_iter().for_each(|target| *target = copied.blocks[*target]);
        }
        editor.function.blocks.push(block);
    }
    copied
}

/// Copies the list of bodies that are inlined in a machine; returns their numbers in the function.
fn copy_inlined(editor: &mut Editor<'_>, machine: &Machine) -> Arena<InlinedId, InlinedId> {
    let mut copied: Arena<InlinedId, InlinedId> = Arena::new();
    for inlined in machine.inlined.iter() {
        let caller = inlined.caller.map(|id| copied[id]).or(editor.inlined);
        copied.push(editor.function.inlined.push(Inlined { caller, ..inlined.clone() }));
    }
    copied
}
