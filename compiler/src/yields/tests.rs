use super::*;
use crate::arena::Id;
use crate::mir::{Function, Operand, Statement, Terminator, TerminatorKind};
use crate::source::{FileId, Span};
use crate::types::{Type, TypeTable};

/// A program of functions without locals, each of one block with those values; all return unit.
fn program(bodies: Vec<(Vec<Rvalue>, TerminatorKind)>) -> Program {
    let mut types = TypeTable::new();
    let result = types.intern(Type::Unit);
    let span = Span::new(FileId::new(0), 0, 0);
    let function = |(number, (values, kind)): (usize, (Vec<Rvalue>, TerminatorKind))| {
        let statement = |value| Statement { destination: None, value, span };
        let statements = values.into_iter().map(statement).collect();
        let block = Block { statements, terminator: Terminator { kind, span } };
        let (locals, blocks) = (Arena::new(), [block].into_iter().collect());
        Function { name: format!("f{number}"), span, parameter_count: 0, result, locals, blocks }
    };
    let functions = bodies.into_iter().enumerate().map(function).collect();
    Program { functions, strings: Arena::new(), types, main: FunctionId::new(0) }
}

fn call(callee: usize) -> Rvalue {
    Rvalue::Call(FunctionId::new(callee), Vec::new())
}

fn analysed(bodies: Vec<(Vec<Rvalue>, TerminatorKind)>) -> Vec<bool> {
    let program = program(bodies);
    let yields = analyse(&program);
    program.functions.ids().map(|id| yields.may_yield(id)).collect()
}

fn done() -> TerminatorKind {
    TerminatorKind::Return(Operand::Unit)
}

#[test]
fn yield_points_spread_to_callers_through_cycles_and_tail_calls() {
    let tail_call = TerminatorKind::TailCall(FunctionId::new(1), Vec::new());
    let bodies = vec![
        (vec![], tail_call),
        (vec![call(2)], done()),
        (vec![call(1), call(3)], done()),
        (vec![Rvalue::Join(Operand::Unit)], done()),
        (vec![call(5)], done()),
        (vec![call(4)], done()),
        (vec![Rvalue::Yield], done()),
    ];
    assert_eq!(analysed(bodies), [true, true, true, true, false, false, true]);
}

#[test]
fn spawning_is_no_yield_point() {
    let spawn = Rvalue::Spawn(FunctionId::new(1), Vec::new());
    let task = Rvalue::TaskId(Operand::Unit);
    assert_eq!(analysed(vec![(vec![spawn, task], done()), (vec![Rvalue::Yield], done())]), [false, true]);
}
