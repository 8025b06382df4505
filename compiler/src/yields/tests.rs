use std::collections::HashMap;

use weft_abi::RuntimeFunction;

use super::*;
use crate::arena::Id;
use crate::mir::{
    Block, Foreign, ForeignId, ForeignType, Function, Operand, Rvalue, Statement, Terminator, TerminatorKind,
};
use crate::source::{FileId, Span};
use crate::types::{Type, TypeTable};

/// A program with a function for each body. A function has no locals, returns `()`, and consists of one block with the
/// body's values and terminator. The program has two C functions; only the second is blocking.
fn program(bodies: Vec<(Vec<Rvalue>, TerminatorKind)>) -> Program {
    let mut types = TypeTable::new();
    let result = types.intern(Type::Unit);
    let span = Span::new(FileId::new(0), 0, 0);
    let function = |(number, (values, kind)): (usize, (Vec<Rvalue>, TerminatorKind))| {
        let statement = |value| Statement { destination: None, value, span };
        let statements = values.into_iter().map(statement).collect();
        let block = Block { statements, terminator: Terminator { kind, span }, inlined: None };
        let (locals, blocks) = (Arena::new(), [block].into_iter().collect());
        Function {
            name: format!("f{number}"),
            span,
            parameter_count: 0,
            result,
            locals,
            blocks,
            element: None,
            frame: None,
            inlined: Arena::new(),
            library: false,
            inlining: crate::mir::Inlining::Free,
        }
    };
    let functions = bodies.into_iter().enumerate().map(function).collect();
    let foreign = |blocking| Foreign {
        symbol: "work".to_owned(),
        parameters: Vec::new(),
        result: ForeignType::Unit,
        blocking,
    };
    Program {
        functions,
        bytes: Arena::new(),
        strings: Arena::new(),
        foreigns: [foreign(false), foreign(true)].into_iter().collect(),
        types,
        nominals: HashMap::new(),
        frames: Arena::new(),
        main: FunctionId::new(0),
    }
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

#[test]
fn who_calls_a_value_may_yield_and_so_may_what_values_are_made_of() {
    let mut types = TypeTable::new();
    let ty = types.intern(Type::Unit);
    let closure = Rvalue::Closure(ty, FunctionId::new(1), Vec::new());
    let called = Rvalue::CallValue(Operand::Unit, Vec::new());
    let bodies = vec![
        (vec![closure], done()),
        (vec![], done()),
        (vec![called], done()),
        (vec![], TerminatorKind::TailCallValue(Operand::Unit, Vec::new())),
        (vec![call(1)], done()),
    ];
    assert_eq!(analysed(bodies), [false, true, true, true, true]);
}

#[test]
fn whatever_may_wait_is_a_yield_point() {
    let bodies = vec![
        (vec![Rvalue::Wait(Operand::Unit)], done()),
        (vec![Rvalue::Blocking(RuntimeFunction::Print, Vec::new())], done()),
        (vec![Rvalue::Runtime(RuntimeFunction::Print, Vec::new())], done()),
        (vec![Rvalue::Foreign(ForeignId::new(0), Vec::new())], done()),
        (vec![Rvalue::Foreign(ForeignId::new(1), Vec::new())], done()),
    ];
    assert_eq!(analysed(bodies), [true, true, false, false, true]);
}
