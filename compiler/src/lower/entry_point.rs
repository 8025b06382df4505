//! The entry point: calls `main` with its arguments and uses its result, or runs the tests.

use weft_abi::RuntimeFunction;
use weft_abi::library::{ERR, OK};

use super::Entry;
use super::graph::Graph;
use super::impls::Instance;
use super::instances::{Instances, Source};
use crate::hir;
use crate::mir::{BinaryOp, Function, FunctionId, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// The function that the program starts with.
pub(super) enum Started {
    /// The program's own function.
    Directly(FunctionId),
    /// A generated function that calls the program's own function or the test runner.
    Through(Function),
}

pub(super) fn entry(instances: &mut Instances<'_>, entry: Entry<'_>) -> Started {
    match entry {
        Entry::Main(main) => self::main(instances, main),
        Entry::Tests(tests) => Started::Through(self::tests(instances, tests)),
    }
}

fn main(instances: &mut Instances<'_>, id: hir::FunctionId) -> Started {
    let instance = Instance { function: id, arguments: Vec::new() };
    let (parameters, result) = instances.signature(&instance);
    let callee = instances.function(Source::Function(instance));
    let gives_result = matches!(instances.ty(result), Type::Nominal(..));
    if parameters.is_empty() && !gives_result {
        return Started::Directly(callee);
    }
    let span = instances.hir.functions[id].name.span;
    let mut graph = Graph::new();
    let arguments: Vec<Operand> = parameters
        .iter()
        .map(|&ty| {
            let arguments = graph.local(ty, None);
            graph.push(Some(arguments), Rvalue::Runtime(RuntimeFunction::Arguments, Vec::new()), span);
            Operand::Local(arguments)
        })
        .collect();
    let name = "main.start".to_string();
    if !gives_result {
        graph.end(TerminatorKind::TailCall(callee, arguments), span);
        return Started::Through(graph.finish(name, span, 0, result));
    }
    let outcome = graph.local(result, None);
    graph.push(Some(outcome), Rvalue::Call(callee, arguments), span);
    let int = instances.intern(Type::Int);
    report_failure(instances, &mut graph, Operand::Local(outcome), span);
    Started::Through(graph.finish(name, span, 0, int))
}

/// Returns 0 for `Ok`; for `Err`, writes the message to standard error and returns 1.
fn report_failure(instances: &mut Instances<'_>, graph: &mut Graph, outcome: Operand, span: Span) {
    let temporary = |instances: &mut Instances<'_>, graph: &mut Graph, ty: Type, value| {
        let ty = instances.intern(ty);
        let local = graph.local(ty, None);
        graph.push(Some(local), value, span);
        Operand::Local(local)
    };
    let variant = temporary(instances, graph, Type::Int, Rvalue::Variant(outcome.clone()));
    let is_ok = Rvalue::Binary(BinaryOp::Equal, variant, Operand::Int(OK as i64));
    let condition = temporary(instances, graph, Type::Bool, is_ok);
    let [then_block, else_block] = [graph.block(), graph.block()];
    graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
    graph.enter(then_block);
    graph.end(TerminatorKind::Return(Operand::Int(0)), span);
    graph.enter(else_block);
    let message = temporary(instances, graph, Type::String, Rvalue::Field(outcome, ERR, 0));
    let prefix = instances.string("error: ");
    let text = Rvalue::Runtime(RuntimeFunction::StringConcat, vec![prefix, message]);
    let text = temporary(instances, graph, Type::String, text);
    graph.push(None, Rvalue::Runtime(RuntimeFunction::EprintLine, vec![text]), span);
    graph.end(TerminatorKind::Return(Operand::Int(1)), span);
}

/// Passes the names and bodies of the tests to the library's runner, whose result is the exit status.
fn tests(instances: &mut Instances<'_>, tests: &[hir::Test]) -> Function {
    let instance = Instance { function: instances.hir.lang_items.test_run, arguments: Vec::new() };
    let span = instances.span(&instance);
    let (parameters, status) = instances.signature(&instance);
    let runner = instances.function(Source::Function(instance));
    let mut graph = Graph::new();
    let names: Vec<Operand> = tests.iter().map(|test| instances.string(&test.name)).collect();
    let body_type = element(instances, parameters[1]);
    let bodies: Vec<Operand> = tests
        .iter()
        .map(|test| {
            let instance = Instance { function: test.function, arguments: Vec::new() };
            let function = instances.function(Source::Function(instance));
            let local = graph.local(body_type, None);
            graph.push(Some(local), Rvalue::Closure(body_type, function, Vec::new()), span);
            Operand::Local(local)
        })
        .collect();
    let arguments = [(parameters[0], names), (parameters[1], bodies)].map(|(ty, elements)| {
        let local = graph.local(ty, None);
        graph.push(Some(local), Rvalue::NewArray(ty, elements), span);
        Operand::Local(local)
    });
    graph.end(TerminatorKind::TailCall(runner, arguments.to_vec()), span);
    graph.finish("tests.start".to_string(), span, 0, status)
}

fn element(instances: &Instances<'_>, array: TypeId) -> TypeId {
    match *instances.ty(array) {
        Type::Array(element) => element,
        _ => panic!("BUG: the test runner takes arrays"),
    }
}
