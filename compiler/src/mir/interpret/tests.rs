use weft_abi::{Align, FormatSpec, PanicKind, RuntimeFunction};

use super::interpreter::Interpreter;
use super::value::Value;
use super::{End, Options, Outcome, interpret};
use crate::arena::Id;
use crate::mir::build::{FunctionBuilder, ProgramBuilder, span};
use crate::mir::verify::verify;
use crate::mir::{BinaryOp, BlockId, FunctionId, LocalId, Operand, Program, Rvalue, TerminatorKind, UnaryOp};
use crate::source::SourceMap;
use crate::types::Type;

const INT: RuntimeFunction = RuntimeFunction::TextInt;

fn run_with(program: &Program, options: &Options) -> Outcome {
    assert_eq!(verify(program).err(), None);
    let mut sources = SourceMap::new();
    sources.add("a.weft", "x".repeat(60));
    interpret(program, Some(&sources), options)
}

fn run(builder: ProgramBuilder) -> Outcome {
    run_with(&builder.finish(), &Options { step_limit: Some(100_000_000), ..Options::default() })
}

/// Runs a `main` with the given body, which must contain its return.
fn run_main(result: Type, body: impl FnOnce(&mut FunctionBuilder<'_>)) -> Outcome {
    let mut builder = ProgramBuilder::new();
    builder.function("main", &[], result, body);
    run(builder)
}

/// The output of a `main` that prints the operand that `body` builds.
fn shown(part: RuntimeFunction, body: impl FnOnce(&mut FunctionBuilder<'_>) -> Operand) -> String {
    let outcome = run_main(Type::Unit, |f| {
        let value = body(f);
        f.print(&[(part, value)]);
        f.ret(Operand::Unit);
    });
    format!("{}{}", outcome.stdout.trim_end(), outcome.stderr.lines().next().unwrap_or_default())
}

fn ints(op: BinaryOp, left: i64, right: i64) -> String {
    shown(INT, |f| f.binary(Type::Int, op, Operand::Int(left), Operand::Int(right)))
}

#[test]
fn int_operators_panic_as_the_language_says() {
    let panic = |kind: PanicKind| format!("panic: {}", kind.message());
    assert_eq!(ints(BinaryOp::Add, i64::MAX, 1), panic(PanicKind::AddOverflow));
    assert_eq!(ints(BinaryOp::WrappingAdd, i64::MAX, 1), i64::MIN.to_string());
    assert_eq!(ints(BinaryOp::Subtract, i64::MIN, 1), panic(PanicKind::SubtractOverflow));
    assert_eq!(ints(BinaryOp::Multiply, 1 << 62, 2), panic(PanicKind::MultiplyOverflow));
    assert_eq!(ints(BinaryOp::Divide, -7, 2), "-3");
    assert_eq!(ints(BinaryOp::Remainder, -7, 2), "-1");
    assert_eq!(ints(BinaryOp::Divide, 1, 0), panic(PanicKind::DivideByZero));
    assert_eq!(ints(BinaryOp::Remainder, 1, 0), panic(PanicKind::RemainderByZero));
    assert_eq!(ints(BinaryOp::Remainder, i64::MIN, -1), panic(PanicKind::DivideOverflow));
    assert_eq!(ints(BinaryOp::ShiftLeft, 3, 63), i64::MIN.to_string());
    assert_eq!(ints(BinaryOp::ShiftRight, -8, 1), "-4");
    assert_eq!(ints(BinaryOp::ShiftLeft, 1, 64), panic(PanicKind::ShiftRange));
    assert_eq!(ints(BinaryOp::ShiftRight, 1, -1), panic(PanicKind::ShiftRange));
    let negated = shown(INT, |f| f.unary(Type::Int, UnaryOp::Negate, Operand::Int(i64::MIN)));
    assert_eq!(negated, panic(PanicKind::NegateOverflow));
}

#[test]
fn floats_become_ints_where_they_fit() {
    let to_int = |value| shown(INT, |f| f.unary(Type::Int, UnaryOp::FloatToInt, Operand::Float(value)));
    let panic = format!("panic: {}", PanicKind::FloatToInt.message());
    assert_eq!(to_int(-2.9), "-2");
    assert_eq!(to_int(-(2f64.powi(63))), i64::MIN.to_string());
    assert_eq!(to_int(2f64.powi(63)), panic);
    assert_eq!(to_int(f64::NAN), panic);
    let compared = shown(RuntimeFunction::TextBool, |f| {
        f.binary(Type::Bool, BinaryOp::NotEqual, Operand::Float(f64::NAN), Operand::Float(f64::NAN))
    });
    assert_eq!(compared, "true");
}

#[test]
fn text_is_formatted() {
    let spec = FormatSpec { align: Align::Centre, width: 9, precision: Some(2), ..FormatSpec::PLAIN };
    let outcome = run_main(Type::Unit, |f| {
        let arguments = vec![f.string(""), Operand::Float(2.0 / 3.0), Operand::Int(spec.pack())];
        f.effect(Rvalue::Runtime(RuntimeFunction::TextFloatAs, arguments));
        f.print(&[(RuntimeFunction::TextFloat, Operand::Float(1e21))]);
        f.ret(Operand::Unit);
    });
    assert_eq!(outcome.stdout, "  0.67   1e21\n");
}

#[test]
fn arguments_and_statuses() {
    let mut builder = ProgramBuilder::new();
    let string = builder.ty(Type::String);
    builder.function("main", &[], Type::Int, |f| {
        let arguments = f.value(Type::Array(string), Rvalue::Runtime(RuntimeFunction::Arguments, vec![]));
        let length = f.value(Type::Int, Rvalue::Length(arguments.clone()));
        let last = f.binary(Type::Int, BinaryOp::Subtract, length.clone(), Operand::Int(1));
        f.effect(Rvalue::CheckIndex(last.clone(), length.clone()));
        let last = f.value(Type::String, Rvalue::Element(arguments, last));
        f.effect(Rvalue::Runtime(RuntimeFunction::Print, vec![last]));
        f.ret(length);
    });
    let program = builder.finish();
    let options = Options { arguments: vec!["a".to_owned(), "b".to_owned()], ..Options::default() };
    let outcome = run_with(&program, &options);
    assert_eq!((outcome.stdout.as_str(), outcome.end), ("b", End::Status(2)));
    let outcome = run_with(&program, &Options::default());
    assert!(outcome.stderr.starts_with("panic: index -1 is out of bounds: the length is 0\n"));
    let exit = run_main(Type::Unit, |f| {
        f.end(TerminatorKind::Diverge(RuntimeFunction::Exit, vec![Operand::Int(-1)]));
    });
    assert_eq!(exit.end, End::Status(255));
}

/// `fn work(n)`: prints `n`, yields, prints `n + 100`, returns `n`.
fn worker(builder: &mut ProgramBuilder) -> FunctionId {
    builder.function("work", &[Type::Int], Type::Int, |f| {
        let n = f.parameter(0);
        f.print(&[(INT, n.clone())]);
        f.effect(Rvalue::Yield);
        let later = f.binary(Type::Int, BinaryOp::Add, n.clone(), Operand::Int(100));
        f.print(&[(INT, later)]);
        f.ret(n);
    })
}

#[test]
fn threads_take_turns_in_the_order_of_the_runtime() {
    let mut builder = ProgramBuilder::new();
    let work = worker(&mut builder);
    builder.function("main", &[], Type::Unit, |f| {
        let tasks = [1, 2, 3].map(|n| {
            let task = f.task(Type::Int);
            f.assign(task, Rvalue::Spawn(work, vec![Operand::Int(n)]));
            Operand::Local(task)
        });
        f.print(&[(INT, Operand::Int(0))]);
        f.effect(Rvalue::Yield);
        f.print(&[(INT, Operand::Int(10))]);
        let sum = tasks.iter().fold(Operand::Int(0), |sum, task| {
            let result = f.value(Type::Int, Rvalue::Join(task.clone()));
            f.binary(Type::Int, BinaryOp::Add, sum, result)
        });
        let id = f.value(Type::Int, Rvalue::TaskId(tasks[2].clone()));
        let space = f.string(" ");
        f.print(&[(INT, sum), (RuntimeFunction::TextString, space), (INT, id)]);
        f.ret(Operand::Unit);
    });
    let outcome = run(builder);
    assert_eq!(outcome.stdout, "0\n1\n2\n3\n10\n101\n102\n103\n6 4\n");
    assert_eq!((outcome.stderr.as_str(), outcome.end), ("", End::Status(0)));
}

#[test]
fn the_first_to_wait_is_woken_first() {
    let mut builder = ProgramBuilder::new();
    let int = builder.ty(Type::Int);
    let work = worker(&mut builder);
    let wait = builder.function("wait", &[Type::Task(int), Type::Int], Type::Unit, |f| {
        f.effect(Rvalue::Join(f.parameter(0)));
        f.print(&[(INT, f.parameter(1))]);
        f.ret(Operand::Unit);
    });
    builder.function("main", &[], Type::Unit, |f| {
        let task = f.task(Type::Int);
        f.assign(task, Rvalue::Spawn(work, vec![Operand::Int(1)]));
        for n in [11, 12, 13] {
            f.effect(Rvalue::Spawn(wait, vec![Operand::Local(task), Operand::Int(n)]));
        }
        f.effect(Rvalue::Join(Operand::Local(task)));
        f.effect(Rvalue::Yield);
        f.ret(Operand::Unit);
    });
    // `main` waits first, so it is woken first. Then it yields, so that the other threads print before it ends.
    assert_eq!(run(builder).stdout, "1\n101\n11\n12\n13\n");
}

#[test]
fn a_panic_ends_its_thread_and_goes_on_in_a_join() {
    let mut builder = ProgramBuilder::new();
    let fail = builder.function("fail", &[], Type::Int, |f| {
        let message = f.string("no\nway");
        f.end(TerminatorKind::Diverge(RuntimeFunction::Panic, vec![message]));
    });
    builder.function("main", &[], Type::Unit, |f| {
        let task = f.task(Type::Int);
        f.assign(task, Rvalue::Spawn(fail, vec![]));
        f.effect(Rvalue::Yield);
        let done = f.value(Type::Bool, Rvalue::IsDone(Operand::Local(task)));
        f.print(&[(RuntimeFunction::TextBool, done)]);
        f.effect(Rvalue::Join(Operand::Local(task)));
        f.ret(Operand::Unit);
    });
    let outcome = run(builder);
    let reports = "panic: no\n       way\n  at a.weft:1:2\n  in green thread 2, spawned at a.weft:1:2\n  calls:\n    \
                   0: fail at a.weft:1:2\n\
                   panic: no\n       way\n  at a.weft:1:8\n  \
                   in green thread 1 (main)\n  \
                   calls:\n    0: main at a.weft:1:8\n";
    assert_eq!(outcome.stderr, reports);
    assert_eq!((outcome.stdout.as_str(), outcome.end), ("true\n", End::Status(101)));
}

/// The test gives each thread the other thread's task directly. In a program, the threads would have to exchange their
/// tasks, for example through a channel.
#[test]
fn threads_that_wait_for_each_other_are_a_deadlock() {
    let mut builder = ProgramBuilder::new();
    let unit = builder.ty(Type::Unit);
    let wait = builder.function("wait", &[Type::Task(unit)], Type::Unit, |f| {
        f.effect(Rvalue::Join(f.parameter(0)));
        f.ret(Operand::Unit);
    });
    let program = builder.finish();
    let mut sources = SourceMap::new();
    sources.add("a.weft", "one\ntwo\n");
    let mut interpreter = Interpreter::new(&program, Some(&sources), &Options::default());
    let main = interpreter.spawn(wait, vec![Value::Unit], None, None);
    let other = interpreter.spawn(wait, vec![Value::Task(main)], Some(span(5)), None);
    interpreter.run_queue[0].set(LocalId::new(0), Value::Task(other));
    let outcome = interpreter.schedule();
    assert_eq!(
        outcome.stderr,
        "deadlock: 2 green threads are waiting\n  \
         green thread 1 (main) waits to join green thread 2 at a.weft:1:2\n  \
         green thread 2 waits to join green thread 1 at a.weft:1:2, spawned at a.weft:2:2\n"
    );
    assert_eq!(outcome.end, End::Status(102));
}

/// `fn down(n) -> Int { if n == 0 { 0 } else { down(n - 1) + 1 } }`, or with a tail call in place of the sum.
fn recursion(depth: i64, in_place: bool, options: &Options) -> Outcome {
    let mut builder = ProgramBuilder::new();
    let down = builder.declare("down", &[Type::Int], Type::Int);
    builder.define(down, |f| {
        let [end, deeper] = [f.block(), f.block()];
        let last = f.binary(Type::Bool, BinaryOp::Equal, f.parameter(0), Operand::Int(0));
        f.branch(last, end, deeper);
        f.at(end);
        f.ret(Operand::Int(0));
        f.at(deeper);
        let less = f.binary(Type::Int, BinaryOp::Subtract, f.parameter(0), Operand::Int(1));
        if in_place {
            return f.tail_call(down, vec![less]);
        }
        let below = f.value(Type::Int, Rvalue::Call(down, vec![less]));
        let sum = f.binary(Type::Int, BinaryOp::Add, below, Operand::Int(1));
        f.ret(sum);
    });
    builder.function("main", &[], Type::Unit, |f| {
        let value = f.value(Type::Int, Rvalue::Call(down, vec![Operand::Int(depth)]));
        f.print(&[(INT, value)]);
        f.ret(Operand::Unit);
    });
    run_with(&builder.finish(), options)
}

#[test]
fn recursion_is_bounded_by_the_option_alone_and_tail_calls_by_nothing() {
    let small = Options { stack_max: 4096, ..Options::default() };
    assert_eq!(recursion(1_000_000, false, &Options::default()).stdout, "1000000\n");
    assert_eq!(recursion(100_000, true, &small).stdout, "0\n");
    let exhausted = recursion(100_000, false, &small);
    assert_eq!(exhausted.end, End::Status(101));
    let report = exhausted.stderr;
    assert!(report.starts_with("panic: the stack is exhausted: it may take 4096 bytes"), "{report}");
    assert_eq!(report.lines().count(), 4 + 21, "{report}");
    assert!(report.contains(" more calls ...\n"), "{report}");
}

#[test]
fn a_run_can_be_stopped() {
    let mut builder = ProgramBuilder::new();
    builder.function("main", &[], Type::Unit, |f| f.goto(BlockId::new(0)));
    let options = Options { step_limit: Some(1000), ..Options::default() };
    assert_eq!(run_with(&builder.finish(), &options).end, End::StepLimit);
}

mod objects;
mod waiting;
