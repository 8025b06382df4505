//! Replaces calls of the library's functions `next` and `close` by the operations in them, so that later passes see
//! on which generator each operation acts.

use std::collections::HashMap;

use crate::arena::Id;
use crate::mir::{
    Block, Function, FunctionId, GeneratorOp, Local, LocalId, Operand, Program, Rvalue, Statement,
    TerminatorKind,
};

/// The library's functions that only perform an operation on the generator that they take.
pub(super) type Wrappers = HashMap<FunctionId, GeneratorOp>;

/// Replaces all calls of wrappers; returns the wrappers.
pub(super) fn expose(program: &mut Program) -> Wrappers {
    let wrapper = |(id, function)| Some((id, operation_of(function)?));
    let wrappers: Wrappers = program.functions.iter_enumerated().filter_map(wrapper).collect();
    for id in program.functions.ids() {
        if wrappers.contains_key(&id) {
            continue;
        }
        let function = &mut program.functions[id];
        for block in function.blocks.ids() {
            for statement in &mut function.blocks[block].statements {
                if let Rvalue::Call(callee, arguments) = &mut statement.value
                    && let Some(&op) = wrappers.get(callee)
                {
                    statement.value = Rvalue::Generator(op, std::mem::take(arguments));
                }
            }
        }
        expose_tail_calls(function, &wrappers);
    }
    wrappers
}

/// The operation that a function performs, if the function does nothing else.
fn operation_of(function: &Function) -> Option<GeneratorOp> {
    if !function.library || function.blocks.len() != 1 || function.parameter_count != 1 {
        return None;
    }
    let Block { statements, terminator, .. } = &function.blocks[Id::new(0)];
    let [Statement { destination, value: Rvalue::Generator(op, operands), .. }] = &statements[..] else {
        return None;
    };
    let is_parameter = *operands == [Operand::Local(Id::new(0))];
    let is_returned = match (&terminator.kind, destination) {
        (TerminatorKind::Return(Operand::Unit), None) => true,
        (TerminatorKind::Return(Operand::Local(returned)), Some(destination)) => returned == destination,
        _ => false,
    };
    let is_operation = matches!(op, GeneratorOp::Next(_) | GeneratorOp::Close(_));
    (is_operation && is_parameter && is_returned).then_some(*op)
}

fn expose_tail_calls(function: &mut Function, wrappers: &Wrappers) {
    for block in function.blocks.ids() {
        let terminator = &mut function.blocks[block].terminator;
        let TerminatorKind::TailCall(callee, arguments) = &mut terminator.kind else { continue };
        let Some(&op) = wrappers.get(callee) else { continue };
        let value = Rvalue::Generator(op, std::mem::take(arguments));
        let span = terminator.span;
        let destination: Option<LocalId> = match op {
            GeneratorOp::Next(ty) => Some(function.locals.push(Local { ty, name: None })),
            GeneratorOp::New(_) | GeneratorOp::Close(_) | GeneratorOp::Yield | GeneratorOp::YieldFrom => None,
        };
        terminator.kind = TerminatorKind::Return(destination.map_or(Operand::Unit, Operand::Local));
        function.blocks[block].statements.push(Statement { destination, value, span });
    }
}
