//! Tests of tuples, structs, enums, cells, arrays and function values.

use super::*;
use crate::mir::Representation::{self, Object};
use crate::mir::{ForeignType, UnaryOp};
use crate::source::{FileId, Span};
use crate::types::TypeId;

const BOOL: RuntimeFunction = RuntimeFunction::TextBool;

fn construct(f: &mut FunctionBuilder<'_>, ty: &Type, variant: usize, fields: Vec<Operand>) -> Operand {
    let id = f.ty(ty.clone());
    f.value(ty.clone(), Rvalue::Construct(id, variant, fields))
}

fn field(f: &mut FunctionBuilder<'_>, value: &Operand, variant: usize, index: usize) -> Operand {
    f.value(Type::Int, Rvalue::Field(value.clone(), variant, index))
}

fn bytes(op: BinaryOp, left: u8, right: u8) -> String {
    shown(INT, |f| {
        let value = f.binary(Type::Byte, op, Operand::Byte(left), Operand::Byte(right));
        f.unary(Type::Int, UnaryOp::ByteToInt, value)
    })
}

#[test]
fn bytes_have_their_own_range_and_the_panics_of_ints() {
    let panic = |kind: PanicKind| format!("panic: {}", kind.message());
    assert_eq!(bytes(BinaryOp::Add, 200, 55), "255");
    assert_eq!(bytes(BinaryOp::Add, 200, 56), panic(PanicKind::AddOverflow));
    assert_eq!(bytes(BinaryOp::Subtract, 1, 2), panic(PanicKind::SubtractOverflow));
    assert_eq!(bytes(BinaryOp::Multiply, 16, 16), panic(PanicKind::MultiplyOverflow));
    assert_eq!(bytes(BinaryOp::Divide, 7, 0), panic(PanicKind::DivideByZero));
    assert_eq!(bytes(BinaryOp::Remainder, 7, 4), "3");
    assert_eq!(bytes(BinaryOp::WrappingSubtract, 1, 2), "255");
    assert_eq!(bytes(BinaryOp::WrappingMultiply, 100, 100), "16");
    let shifted = |op, left, right| {
        shown(INT, |f| {
            let value = f.binary(Type::Byte, op, Operand::Byte(left), Operand::Int(right));
            f.unary(Type::Int, UnaryOp::ByteToInt, value)
        })
    };
    assert_eq!(shifted(BinaryOp::ShiftLeft, 0x81, 1), "2");
    assert_eq!(shifted(BinaryOp::ShiftLeft, 1, 8), "0");
    assert_eq!(shifted(BinaryOp::ShiftLeft, 1, 64), panic(PanicKind::ShiftRange));
    assert_eq!(shifted(BinaryOp::ShiftRight, 0x81, 4), "8");
    assert_eq!(shifted(BinaryOp::ShiftRight, 1, -1), panic(PanicKind::ShiftRange));
    let unary = |op, byte| {
        shown(INT, |f| {
            let value = f.unary(Type::Byte, op, Operand::Byte(byte));
            f.unary(Type::Int, UnaryOp::ByteToInt, value)
        })
    };
    assert_eq!(unary(UnaryOp::Complement, 0x0f), "240");
    assert_eq!(unary(UnaryOp::Negate, 0), "0");
    assert_eq!(unary(UnaryOp::Negate, 1), panic(PanicKind::NegateOverflow));
}

#[test]
fn numbers_and_characters() {
    let int = |op, operand: Operand| shown(INT, |f| f.unary(Type::Int, op, operand));
    assert_eq!(int(UnaryOp::CharToInt, Operand::Char('ß')), "223");
    assert_eq!(int(UnaryOp::FloatBits, Operand::Float(1.0)), 0x3ff0_0000_0000_0000_i64.to_string());
    assert_eq!(int(UnaryOp::CountOnes, Operand::Int(-1)), "64");
    assert_eq!(int(UnaryOp::LeadingZeros, Operand::Int(0)), "64");
    assert_eq!(int(UnaryOp::LeadingZeros, Operand::Int(255)), "56");
    assert_eq!(ints(BinaryOp::MultiplyHigh, -1, -1), "-2");
    assert_eq!(ints(BinaryOp::MultiplyHigh, 1 << 62, 8), "2");
    let float =
        |op, value| shown(RuntimeFunction::TextFloat, |f| f.unary(Type::Float, op, Operand::Float(value)));
    assert_eq!(float(UnaryOp::SquareRoot, 2.25), "1.5");
    assert_eq!(float(UnaryOp::Absolute, -0.0), "0.0");
    let converted = shown(BOOL, |f| {
        let byte = f.unary(Type::Byte, UnaryOp::IntToByte, Operand::Int(0x163));
        let int = f.unary(Type::Int, UnaryOp::ByteToInt, byte);
        let char = f.unary(Type::Char, UnaryOp::IntToChar, int);
        f.binary(Type::Bool, BinaryOp::Equal, char, Operand::Char('c'))
    });
    assert_eq!(converted, "true");
}

#[test]
fn objects_are_shared_and_values_are_not() {
    let mut builder = ProgramBuilder::new();
    let counter = builder.nominal("Counter", Object, &[("Counter", &[Type::Int, Type::Int])]);
    let id = builder.ty(counter.clone());
    let pair = Type::Tuple(vec![id, id]);
    builder.function("main", &[], Type::Unit, |f| {
        let first = construct(f, &counter, 0, vec![Operand::Int(1), Operand::Int(2)]);
        let second = construct(f, &counter, 0, vec![Operand::Int(1), Operand::Int(2)]);
        let both = construct(f, &pair, 0, vec![first.clone(), second.clone()]);
        let again = f.value(counter.clone(), Rvalue::Field(both.clone(), 0, 0));
        f.effect(Rvalue::SetField(again.clone(), 1, Operand::Int(7)));
        let same = f.value(Type::Bool, Rvalue::Same(first.clone(), again));
        let other = f.value(Type::Bool, Rvalue::Same(first.clone(), second.clone()));
        let changed = field(f, &first, 0, 1);
        let kept = field(f, &second, 0, 1);
        f.print(&[(BOOL, same), (BOOL, other), (INT, changed), (INT, kept)]);
        f.ret(Operand::Unit);
    });
    assert_eq!(run(builder).stdout, "truefalse72\n");
}

#[test]
fn a_switch_takes_the_variant_and_otherwise_goes_elsewhere() {
    let mut builder = ProgramBuilder::new();
    let shape =
        builder.nominal("Shape", Representation::Value, &[("A", &[]), ("B", &[Type::Int]), ("C", &[])]);
    let show = builder.function("show", std::slice::from_ref(&shape), Type::Int, |f| {
        let [a, b, other] = [f.block(), f.block(), f.block()];
        let value = f.value(Type::Int, Rvalue::Variant(f.parameter(0)));
        f.end(TerminatorKind::Switch { value, targets: vec![(0, a), (1, b)], otherwise: other });
        f.at(a);
        f.ret(Operand::Int(-1));
        f.at(b);
        let field = field(f, &f.parameter(0), 1, 0);
        f.ret(field);
        f.at(other);
        f.ret(Operand::Int(-2));
    });
    builder.function("main", &[], Type::Unit, |f| {
        for (variant, fields) in [(0, vec![]), (1, vec![Operand::Int(5)]), (2, vec![])] {
            let value = construct(f, &shape, variant, fields);
            let value = f.value(Type::Int, Rvalue::Call(show, vec![value]));
            f.print(&[(INT, value)]);
        }
        let [letter, end] = [f.block(), f.block()];
        let targets = vec![(i64::from(u32::from('a')), letter)];
        f.end(TerminatorKind::Switch { value: Operand::Char('a'), targets, otherwise: end });
        f.at(letter);
        f.print(&[(INT, Operand::Int(97))]);
        f.goto(end);
        f.at(end);
        f.ret(Operand::Unit);
    });
    assert_eq!(run(builder).stdout, "-1\n5\n-2\n97\n");
}

/// `fn step(cell, by) { *cell += by; *cell }` as a function value that has captured the cell.
#[test]
fn function_values_share_the_cells_they_captured() {
    let mut builder = ProgramBuilder::new();
    let int = builder.ty(Type::Int);
    let cell = Type::Cell(int);
    let ty = builder.function_type(&[Type::Int], Type::Int);
    let step = builder.function("step", &[cell.clone(), Type::Int], Type::Int, |f| {
        let old = f.value(Type::Int, Rvalue::ReadCell(f.parameter(0)));
        let new = f.binary(Type::Int, BinaryOp::Add, old, f.parameter(1));
        f.effect(Rvalue::WriteCell(f.parameter(0), new.clone()));
        f.ret(new);
    });
    let last = builder.function("last", std::slice::from_ref(&ty), Type::Int, |f| {
        f.end(TerminatorKind::TailCallValue(f.parameter(0), vec![Operand::Int(100)]));
    });
    builder.function("main", &[], Type::Unit, |f| {
        let cell = f.value(cell.clone(), Rvalue::NewCell(Operand::Int(5)));
        let id = f.ty(ty.clone());
        let value = f.value(ty.clone(), Rvalue::Closure(id, step, vec![cell.clone()]));
        let six = f.value(Type::Int, Rvalue::CallValue(value.clone(), vec![Operand::Int(1)]));
        let more = f.value(Type::Int, Rvalue::Call(last, vec![value]));
        let now = f.value(Type::Int, Rvalue::ReadCell(cell));
        f.print(&[(INT, six)]);
        f.print(&[(INT, more)]);
        f.print(&[(INT, now)]);
        f.ret(Operand::Unit);
    });
    assert_eq!(run(builder).stdout, "6\n106\n106\n");
}

/// `fn down(self_, n) { if n == 0 { 0 } else { self_(self_, n - 1) } }`, called through a cell that contains the
/// function.
#[test]
fn tail_calls_of_values_take_no_stack() {
    let mut builder = ProgramBuilder::new();
    let ty = builder.function_type(&[Type::Int], Type::Int);
    let function = builder.ty(ty.clone());
    let cell = Type::Cell(function);
    let down = builder.function("down", &[cell.clone(), Type::Int], Type::Int, |f| {
        let [end, deeper] = [f.block(), f.block()];
        let last = f.binary(Type::Bool, BinaryOp::Equal, f.parameter(1), Operand::Int(0));
        f.branch(last, end, deeper);
        f.at(end);
        f.ret(Operand::Int(0));
        f.at(deeper);
        let less = f.binary(Type::Int, BinaryOp::Subtract, f.parameter(1), Operand::Int(1));
        let next = f.value(ty.clone(), Rvalue::ReadCell(f.parameter(0)));
        f.end(TerminatorKind::TailCallValue(next, vec![less]));
    });
    let unused = builder.function("unused", &[Type::Int], Type::Int, |f| f.ret(f.parameter(0)));
    builder.function("main", &[], Type::Unit, |f| {
        let id = f.ty(ty.clone());
        let first = f.value(ty.clone(), Rvalue::Closure(id, unused, vec![]));
        let place = f.value(cell.clone(), Rvalue::NewCell(first));
        let value = f.value(ty.clone(), Rvalue::Closure(id, down, vec![place.clone()]));
        f.effect(Rvalue::WriteCell(place, value.clone()));
        let zero = f.value(Type::Int, Rvalue::CallValue(value, vec![Operand::Int(100_000)]));
        f.print(&[(INT, zero)]);
        f.ret(Operand::Unit);
    });
    let small = Options { stack_max: 4096, ..Options::default() };
    assert_eq!(run_with(&builder.finish(), &small).stdout, "0\n");
}

/// Prints all elements of an array of `Int`s.
fn print_ints(f: &mut FunctionBuilder<'_>, array: &Operand, count: i64) {
    let space = f.string(" ");
    let element = |f: &mut FunctionBuilder<'_>, index| {
        f.value(Type::Int, Rvalue::Element(array.clone(), Operand::Int(index)))
    };
    let parts: Vec<_> = (0..count)
        .flat_map(|index| [(INT, element(f, index)), (RuntimeFunction::TextString, space.clone())])
        .collect();
    f.print(&parts);
}

#[test]
fn elements_are_copied_and_cleared_in_place() {
    let mut builder = ProgramBuilder::new();
    let int = builder.ty(Type::Int);
    let array = builder.ty(Type::Array(int));
    builder.function("main", &[], Type::Unit, |f| {
        let numbers = (1..=5).map(Operand::Int).collect();
        let value = f.value(Type::Array(int), Rvalue::NewArray(array, numbers));
        let copy = |at, start| Rvalue::CopyElements {
            to: value.clone(),
            at: Operand::Int(at),
            from: value.clone(),
            start: Operand::Int(start),
            count: Operand::Int(3),
        };
        f.effect(copy(2, 1));
        print_ints(f, &value, 5);
        f.effect(copy(0, 1));
        print_ints(f, &value, 5);
        f.effect(Rvalue::SetElement(value.clone(), Operand::Int(4), Operand::Int(9)));
        f.effect(Rvalue::ClearElements(value.clone(), Operand::Int(1), Operand::Int(2)));
        print_ints(f, &value, 5);
        let text = f.string("é");
        let byte = f.value(Type::Byte, Rvalue::Element(text, Operand::Int(1)));
        let byte = f.unary(Type::Int, UnaryOp::ByteToInt, byte);
        f.print(&[(INT, byte)]);
        f.ret(Operand::Unit);
    });
    assert_eq!(run(builder).stdout, "1 2 2 3 4 \n2 2 3 3 4 \n2 0 0 3 9 \n169\n");
}

#[test]
fn an_array_has_its_limits() {
    let allocate = |length| {
        shown(INT, |f| {
            let int = f.ty(Type::Int);
            let array = f.ty(Type::Array(int));
            let value = f.value(Type::Array(int), Rvalue::AllocateArray(array, Operand::Int(length)));
            f.value(Type::Int, Rvalue::Length(value))
        })
    };
    assert_eq!(allocate(0), "0");
    assert_eq!(allocate(-1), "panic: an array cannot have -1 elements");
    assert_eq!(allocate(1 << 36), "panic: no memory for an array of 68719476736 elements");
}

#[test]
fn zero_bits_are_what_the_layout_says() {
    let mut builder = ProgramBuilder::new();
    let of = |builder: &mut ProgramBuilder, ty: Type| {
        builder.nominal("Option", Representation::Value, &[("Some", &[ty]), ("None", &[])])
    };
    let (number, text) = (of(&mut builder, Type::Int), of(&mut builder, Type::String));
    let parts: Vec<TypeId> =
        [Type::Int, Type::Bool, number.clone(), text.clone()].map(|ty| builder.ty(ty)).to_vec();
    let tuple = Type::Tuple(parts);
    let element = builder.ty(tuple.clone());
    let array = builder.ty(Type::Array(element));
    builder.function("main", &[], Type::Unit, |f| {
        let zeros = f.value(Type::Array(element), Rvalue::AllocateArray(array, Operand::Int(3)));
        let zero = f.value(tuple.clone(), Rvalue::Element(zeros, Operand::Int(2)));
        let int = field(f, &zero, 0, 0);
        let bool = f.value(Type::Bool, Rvalue::Field(zero.clone(), 0, 1));
        let number = f.value(number.clone(), Rvalue::Field(zero.clone(), 0, 2));
        let text = f.value(text.clone(), Rvalue::Field(zero, 0, 3));
        let [some, none] = [number, text].map(|value| f.value(Type::Int, Rvalue::Variant(value)));
        f.print(&[(INT, int), (BOOL, bool), (INT, some), (INT, none)]);
        f.ret(Operand::Unit);
    });
    assert_eq!(run(builder).stdout, "0false01\n");
}

#[test]
fn a_long_list_is_dropped_without_recursion() {
    let mut builder = ProgramBuilder::new();
    let list = builder.nominal("List", Object, &[("Nil", &[]), ("Cons", &[Type::Int])]);
    let id = builder.ty(list.clone());
    builder.function("main", &[], Type::Unit, |f| {
        let [head, body, end] = [f.block(), f.block(), f.block()];
        let (last, count) = (f.local(list.clone()), f.local(Type::Int));
        f.assign(last, Rvalue::Construct(id, 0, vec![]));
        f.assign(count, Rvalue::Use(Operand::Int(300_000)));
        f.goto(head);
        f.at(head);
        let more = f.binary(Type::Bool, BinaryOp::Greater, Operand::Local(count), Operand::Int(0));
        f.branch(more, body, end);
        f.at(body);
        f.assign(count, Rvalue::Binary(BinaryOp::Subtract, Operand::Local(count), Operand::Int(1)));
        f.assign(last, Rvalue::Construct(id, 1, vec![Operand::Local(last)]));
        f.goto(head);
        f.at(end);
        f.print(&[(INT, Operand::Local(count))]);
        f.ret(Operand::Unit);
    });
    let mut program = builder.finish();
    let nominal = program.nominals.get_mut(&id).expect("it was declared");
    nominal.variants[1].fields[0].ty = id;
    assert_eq!(run_with(&program, &Options::default()).stdout, "0\n");
}

#[test]
fn functions_in_c_are_refused() {
    let mut builder = ProgramBuilder::new();
    let foreign = builder.foreign("getpid", &[ForeignType::CInt], ForeignType::CInt);
    builder.function("main", &[], Type::Unit, |f| {
        f.value(Type::Int, Rvalue::Foreign(foreign, vec![Operand::Int(1)]));
        f.ret(Operand::Unit);
    });
    let outcome = run(builder);
    assert_eq!(outcome.end, End::Unsupported);
    assert_eq!(outcome.stderr, "the C function getpid is not supported by the interpreter\n");
}

#[test]
fn a_panic_in_the_library_is_that_of_its_caller() {
    let mut builder = ProgramBuilder::new();
    let fail = builder.function("fail", &[], Type::Int, |f| f.panic(PanicKind::Assert));
    let outer = builder.function("outer", &[], Type::Int, |f| {
        let value = f.value(Type::Int, Rvalue::Call(fail, vec![]));
        f.ret(value);
    });
    builder.function("main", &[], Type::Unit, |f| {
        f.print(&[(INT, Operand::Int(1))]);
        f.effect(Rvalue::Call(outer, vec![]));
        f.ret(Operand::Unit);
    });
    let mut program = builder.finish();
    let mut sources = SourceMap::new();
    sources.add("a.weft", "x".repeat(60));
    sources.add("std/vec.weft", "x".repeat(60));
    let report = |program: &Program| interpret(program, Some(&sources), &Options::default()).stderr;
    let inside = Span::new(FileId::new(1), 8, 9);
    for function in [fail, outer] {
        let function = &mut program.functions[function];
        (function.span, function.library) = (inside, true);
        let block = &mut function.blocks[BlockId::new(0)];
        block.terminator.span = inside;
        block.statements.iter_mut().for_each(|statement| statement.span = inside);
    }
    let thread = "  in green thread 1 (main)\n  calls:\n";
    assert_eq!(
        report(&program),
        format!("panic: assertion failed\n  at a.weft:1:5\n{thread}    0: main at a.weft:1:5\n")
    );
    program.main = outer;
    let calls = "    0: fail at std/vec.weft:1:9\n    1: outer at std/vec.weft:1:9\n";
    assert_eq!(report(&program), format!("panic: assertion failed\n  at std/vec.weft:1:9\n{thread}{calls}"));
}

#[test]
fn who_waits_for_a_task_learns_whether_it_panicked() {
    let mut builder = ProgramBuilder::new();
    let fail = builder.function("fail", &[], Type::Int, |f| {
        f.effect(Rvalue::Yield);
        f.panic(PanicKind::Assert)
    });
    let give = builder.function("give", &[], Type::Int, |f| f.ret(Operand::Int(3)));
    builder.function("main", &[], Type::Unit, |f| {
        let [failing, giving] = [fail, give].map(|function| {
            let task = f.task(Type::Int);
            f.assign(task, Rvalue::Spawn(function, vec![]));
            Operand::Local(task)
        });
        f.effect(Rvalue::Wait(failing.clone()));
        f.effect(Rvalue::Wait(giving.clone()));
        let [panicked, other] =
            [&failing, &giving].map(|task| f.value(Type::Bool, Rvalue::HasPanicked(task.clone())));
        let message = f.value(Type::String, Rvalue::PanicMessage(failing));
        f.print(&[(BOOL, panicked), (BOOL, other), (RuntimeFunction::TextString, message)]);
        f.ret(Operand::Unit);
    });
    let outcome = run(builder);
    assert_eq!(outcome.stdout, "truefalseassertion failed\n");
    assert_eq!(outcome.end, End::Status(0));
}

/// Another thread runs while `main` reads the standard input. Then `main` writes the first line in upper case.
#[test]
fn a_blocking_function_lets_others_run() {
    let mut builder = ProgramBuilder::new();
    let byte = builder.ty(Type::Byte);
    let work = builder.function("work", &[], Type::Unit, |f| {
        f.print(&[(INT, Operand::Int(2))]);
        f.ret(Operand::Unit);
    });
    builder.function("main", &[], Type::Unit, |f| {
        f.effect(Rvalue::Spawn(work, vec![]));
        let (zero, call) = (Operand::Int(0), Rvalue::Runtime);
        f.effect(Rvalue::Blocking(RuntimeFunction::FillInput, vec![]));
        let bytes = f.value(Type::Array(byte), call(RuntimeFunction::TakeInputLine, vec![]));
        let length = f.value(Type::Int, Rvalue::Length(bytes.clone()));
        let whole = vec![bytes.clone(), zero.clone(), length.clone()];
        let text = f.value(Type::String, call(RuntimeFunction::StringOfBytes, whole));
        let upper = f.value(Type::String, call(RuntimeFunction::StringUpper, vec![text]));
        f.effect(call(RuntimeFunction::StringCopy, vec![bytes.clone(), zero.clone(), upper]));
        f.effect(call(RuntimeFunction::WriteBytes, vec![Operand::Int(1), bytes, zero, length]));
        f.ret(Operand::Unit);
    });
    let options = Options { stdin: b"abc\ndef".to_vec(), ..Options::default() };
    assert_eq!(run_with(&builder.finish(), &options).stdout, "2\nABC\n");
}

#[test]
fn strings_are_searched_by_bytes() {
    let find = |text: &str, needle: &str, from| {
        shown(INT, |f| {
            let arguments = vec![f.string(text), f.string(needle), Operand::Int(from)];
            f.value(Type::Int, Rvalue::Runtime(RuntimeFunction::StringFind, arguments))
        })
    };
    assert_eq!(find("aßßa", "ß", 0), "1");
    assert_eq!(find("aßßa", "ß", 2), "3");
    assert_eq!(find("aßßa", "ßa", 4), "-1");
    assert_eq!(find("ab", "", 2), "2");
    assert_eq!(find("", "a", 0), "-1");
}
