//! Programs in MIR that call C and wait for the operating system. The tests link and run these programs, and the stack
//! verifier checks the machine code.

use std::process::{Command, Output};

use weft_abi::RuntimeFunction;

use super::*;
use crate::mir::build::{FunctionBuilder, ProgramBuilder};
use crate::mir::{ForeignId, ForeignType as C, Operand, Representation, Rvalue};
use crate::types::Type;

const INT: RuntimeFunction = RuntimeFunction::TextInt;
const FLOAT: RuntimeFunction = RuntimeFunction::TextFloat;
const BOOL: RuntimeFunction = RuntimeFunction::TextBool;
const STRING: RuntimeFunction = RuntimeFunction::TextString;

fn input<'a>(program: &'a Program, yields: &'a Yields, sources: &'a SourceMap) -> codegen::Input<'a> {
    codegen::Input {
        program,
        yields,
        sources,
        folder: "",
        hot_bitcode: embedded::HOT,
        way: &codegen::WAYS[0],
        variables: false,
    }
}

/// Compiles, links and runs the program at each level, and returns the output, which must be the same at each level.
fn run(name: &str, program: &Program) -> Output {
    mir::verify::verify(program).expect("the program keeps MIR's rules");
    let mut sources = SourceMap::new();
    let file = sources.add("test.weft", "a line\n".repeat(100));
    let yields = yields::analyse(program);
    let input = input(program, &yields, &sources);
    let outputs = [Level::O0, Level::O2, Level::O3].map(|level| {
        let session = codegen::Session::new();
        let object = session.generate(&input, level).optimise().object();
        let path = std::env::temp_dir().join(format!("weft-{}-{name}-{level:?}", std::process::id()));
        link::to_file(&object, &Links::default(), &path, file).unwrap_or_else(|error| panic!("{error:?}"));
        stack_verifier::check(&fs::read(&path).expect("it was linked"))
            .unwrap_or_else(|fault| panic!("{fault}"));
        // The collector runs as often as possible. If compiled code fails to keep an object alive, the object's memory
        // is soon overwritten, and the output is wrong.
        let output = Command::new(&path).env("WEFT_GC_STRESS", "1").output().expect("it starts");
        fs::remove_file(&path).expect("it was there");
        output
    });
    let [first, rest @ ..] = outputs;
    assert!(rest.iter().all(|other| *other == first), "{first:?} {rest:?}");
    first
}

/// The output of a program whose `main` is built by `builder`.
fn printed(name: &str, builder: impl FnOnce(&mut ProgramBuilder)) -> String {
    let mut program = ProgramBuilder::new();
    builder(&mut program);
    let output = run(name, &program.finish());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// The panic report of a program whose `main` is built by `builder`.
fn panic_of(name: &str, builder: impl FnOnce(&mut ProgramBuilder)) -> String {
    let mut program = ProgramBuilder::new();
    builder(&mut program);
    let output = run(name, &program.finish());
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let report = String::from_utf8(output.stderr).expect("it prints text");
    report.lines().next().expect("it reports").to_owned()
}

fn call(f: &mut FunctionBuilder<'_>, result: Type, function: ForeignId, arguments: &[Operand]) -> Operand {
    f.value(result, Rvalue::Foreign(function, arguments.to_vec()))
}

#[test]
fn values_travel_to_c_and_back() {
    let text = printed("values", |program| {
        let abs = program.foreign("abs", &[C::CInt], C::CInt);
        let labs = program.foreign("labs", &[C::Int], C::Int);
        let strlen = program.foreign("strlen", &[C::CString], C::CSize);
        let strchr = program.foreign("strchr", &[C::CString, C::CInt], C::CString);
        let cos = program.foreign("cos", &[C::Float], C::Float);
        let to_upper = program.foreign("toupper", &[C::Byte], C::Byte);
        // The same C function may be declared with several signatures.
        let truth = program.foreign("abs", &[C::Bool], C::Bool);
        let srand = program.foreign("srand", &[C::CInt], C::Unit);
        program.function("main", &[], Type::Unit, |f| {
            let small = call(f, Type::Int, abs, &[Operand::Int(-7)]);
            let large = call(f, Type::Int, labs, &[Operand::Int(-1 << 40)]);
            let negative = call(f, Type::Int, abs, &[Operand::Int(i64::from(i32::MIN))]);
            let weft = f.string("Schuß");
            let length = call(f, Type::Int, strlen, std::slice::from_ref(&weft));
            // `strchr` returns a pointer into the copy that was passed to it.
            let tail = call(f, Type::String, strchr, &[weft, Operand::Int(i64::from(b'h'))]);
            let one = call(f, Type::Float, cos, &[Operand::Float(0.0)]);
            let letter = call(f, Type::Byte, to_upper, &[Operand::Byte(b'a')]);
            let [yes, no] = [true, false].map(|value| call(f, Type::Bool, truth, &[Operand::Bool(value)]));
            f.effect(Rvalue::Foreign(srand, vec![Operand::Int(1)]));
            let space = f.string(" ");
            f.print(&[
                (INT, small),
                (STRING, space.clone()),
                (INT, large),
                (STRING, space.clone()),
                (INT, negative),
            ]);
            f.print(&[(INT, length), (STRING, tail), (FLOAT, one), (RuntimeFunction::TextByte, letter)]);
            f.print(&[(BOOL, yes), (BOOL, no)]);
            f.ret(Operand::Unit);
        });
    });
    assert_eq!(text, "7 1099511627776 -2147483648\n6huß1.065\ntruefalse\n");
}

/// A C function with a variable number of arguments: `printf`, with more integers or more floats than fit into
/// registers.
#[test]
fn arguments_beyond_the_registers_are_found() {
    for (integers, floats) in [(6, 8), (5, 9), (9, 10), (8, 0), (0, 11), (10, 9)] {
        let text = printed("many arguments", |program| {
            let mut parameters = vec![C::CString];
            let (mut format, mut arguments) = (String::new(), Vec::new());
            for number in 0..integers.max(floats) {
                if number < integers {
                    parameters.push(C::Int);
                    format += "%ld ";
                    arguments.push(Operand::Int(number << 33));
                }
                if number < floats {
                    parameters.push(C::Float);
                    format += "%.1f ";
                    arguments.push(Operand::Float(number as f64 + 0.5));
                }
            }
            let printf = program.foreign("printf", &parameters, C::CInt);
            program.function("main", &[], Type::Unit, |f| {
                arguments.insert(0, f.string(&format));
                f.effect(Rvalue::Foreign(printf, arguments));
                f.ret(Operand::Unit);
            });
        });
        let expected: Vec<String> = (0..integers.max(floats))
            .flat_map(|number| {
                let integer = (number < integers).then(|| format!("{} ", number << 33));
                let float = (number < floats).then(|| format!("{:.1} ", number as f64 + 0.5));
                [integer, float]
            })
            .flatten()
            .collect();
        assert_eq!(text, expected.concat(), "{integers} integers and {floats} floats");
    }
}

#[test]
fn a_pointer_is_a_struct_of_one_integer() {
    let text = printed("pointer", |program| {
        let pointer = program.nominal("CPtr", Representation::Value, &[("CPtr", &[Type::Int])]);
        let malloc = program.foreign("malloc", &[C::CSize], C::CPtr);
        let set = program.foreign("memset", &[C::CPtr, C::CInt, C::CSize], C::CPtr);
        let length = program.foreign("strnlen", &[C::CPtr, C::CSize], C::CSize);
        let free = program.foreign("free", &[C::CPtr], C::Unit);
        program.function("main", &[], Type::Unit, |f| {
            let memory = call(f, pointer.clone(), malloc, &[Operand::Int(64)]);
            let same = call(f, pointer.clone(), set, &[memory.clone(), Operand::Int(65), Operand::Int(64)]);
            let count = call(f, Type::Int, length, &[same, Operand::Int(40)]);
            f.effect(Rvalue::Foreign(free, vec![memory]));
            f.print(&[(INT, count)]);
            f.ret(Operand::Unit);
        });
    });
    assert_eq!(text, "40\n");
}

#[test]
fn what_c_cannot_take_or_give_is_a_panic() {
    let one = |symbol: &'static str, parameter: C, result: C, ty: Type, argument: Operand| {
        panic_of(symbol, move |program| {
            let function = program.foreign(symbol, &[parameter], result);
            let argument = match argument {
                Operand::Unit => program.string("a\0b"),
                other => other,
            };
            program.function("main", &[], Type::Unit, |f| {
                call(f, ty, function, &[argument]);
                f.ret(Operand::Unit);
            });
        })
    };
    let too_large = one("abs", C::CInt, C::CInt, Type::Int, Operand::Int(1 << 31));
    assert_eq!(too_large, "panic: 2147483648 does not fit C's int: it is 32 bits wide");
    let negative = one("malloc", C::CSize, C::Int, Type::Int, Operand::Int(-1));
    assert_eq!(negative, "panic: -1 is no size for C: it is negative");
    let zero = one("strlen", C::CString, C::CSize, Type::Int, Operand::Unit);
    assert_eq!(
        zero,
        "panic: a string for C ends at its first zero byte, but this one has one inside, at byte 1"
    );
    let null = one("setlocale", C::CInt, C::CString, Type::String, Operand::Int(9999));
    assert_eq!(
        null,
        "panic: the C function returned no string but a null pointer: declare its result as a CPtr"
    );
}

/// While the main green thread waits in C, two green threads print. A third green thread yields forever, which must not
/// delay the main thread. Then blocking C functions, which run in another OS thread, take strings and return strings.
#[test]
fn only_the_green_thread_waits_for_a_blocking_call() {
    let text = printed("blocking", |program| {
        let sleep = program.foreign("usleep", &[C::CInt], C::CInt);
        let text_of = program.foreign("strsignal", &[C::CInt], C::CString);
        let find = program.foreign("strstr", &[C::CString, C::CString], C::CString);
        for function in [sleep, text_of, find] {
            program.make_blocking(function);
        }
        let work = program.function("work", &[Type::Int], Type::Unit, |f| {
            for _ in 0..3 {
                f.print(&[(INT, f.parameter(0))]);
                f.effect(Rvalue::Yield);
            }
            f.ret(Operand::Unit);
        });
        let endless = program.function("endless", &[], Type::Unit, |f| {
            let again = f.block();
            f.goto(again);
            f.at(again);
            f.effect(Rvalue::Yield);
            f.goto(again);
        });
        program.function("main", &[], Type::Unit, |f| {
            f.effect(Rvalue::Spawn(endless, vec![]));
            f.effect(Rvalue::Spawn(work, vec![Operand::Int(1)]));
            f.effect(Rvalue::Spawn(work, vec![Operand::Int(2)]));
            let status = call(f, Type::Int, sleep, &[Operand::Int(50_000)]);
            let signal = call(f, Type::String, text_of, &[Operand::Int(9)]);
            let (hay, needle) = (f.string("warp and weft"), f.string("and"));
            let found = call(f, Type::String, find, &[hay, needle]);
            f.print(&[(INT, status), (STRING, signal), (STRING, found)]);
            f.ret(Operand::Unit);
        });
    });
    assert_eq!(text, "1\n2\n1\n2\n1\n2\n0Killedand weft\n");
}

/// More green threads wait for blocking calls at the same time than the runtime's pool for these calls has OS threads.
/// Each green thread gets the result of its own call.
#[test]
fn many_calls_may_be_out() {
    let text = printed("many calls", |program| {
        let sleep = program.foreign("usleep", &[C::CInt], C::CInt);
        let length = program.foreign("strlen", &[C::CString], C::CSize);
        program.make_blocking(sleep);
        program.make_blocking(length);
        let work = program.function("work", &[Type::String], Type::Int, |f| {
            call(f, Type::Int, sleep, &[Operand::Int(1000)]);
            let count = call(f, Type::Int, length, &[f.parameter(0)]);
            f.ret(count);
        });
        program.function("main", &[], Type::Unit, |f| {
            let mut sum = Operand::Int(0);
            let mut tasks = Vec::new();
            for number in 0..100 {
                let text = f.string(&"x".repeat(number));
                let task = f.task(Type::Int);
                f.assign(task, Rvalue::Spawn(work, vec![text]));
                tasks.push(task);
            }
            for task in tasks {
                let count = f.value(Type::Int, Rvalue::Join(Operand::Local(task)));
                sum = f.binary(Type::Int, crate::mir::BinaryOp::Add, sum, count);
            }
            f.print(&[(INT, sum)]);
            f.ret(Operand::Unit);
        });
    });
    assert_eq!(text, "4950\n");
}

/// The OS threads of the pool for blocking calls write and read files. The paths and contents are objects on the
/// collected heap.
#[test]
fn files_are_written_and_read_by_other_threads() {
    let path = std::env::temp_dir().join(format!("weft-{}-file", std::process::id()));
    let path = path.to_str().expect("it is text").to_owned();
    let text = printed("files", |program| {
        let byte = program.ty(Type::Byte);
        program.function("main", &[], Type::Unit, |f| {
            let literal = [f.string(&path), f.string(""), f.string("warp and "), f.string("weft\n")];
            let [path, empty, first, second] = literal;
            let join = |f: &mut FunctionBuilder<'_>, left: &Operand, right: &Operand| {
                let arguments = vec![left.clone(), right.clone()];
                f.value(Type::String, Rvalue::Runtime(RuntimeFunction::StringConcat, arguments))
            };
            let contents = join(f, &first, &second);
            let path = join(f, &path, &empty);
            let write = vec![path.clone(), contents, Operand::Int(0)];
            let blocking = Rvalue::Blocking;
            let written = f.value(Type::Int, blocking(RuntimeFunction::WritePath, write));
            let read =
                f.value(Type::Int, blocking(RuntimeFunction::ReadPath, vec![path.clone(), Operand::Int(1)]));
            let removed = f.value(Type::Int, blocking(RuntimeFunction::RemovePath, vec![path.clone()]));
            let exists = f.value(Type::Int, blocking(RuntimeFunction::ExistsPath, vec![path]));
            for outcome in [written, removed, exists] {
                let error = Rvalue::Runtime(RuntimeFunction::OutcomeError, vec![outcome]);
                let error = f.value(Type::Int, error);
                f.print(&[(INT, error)]);
            }
            let bytes = Rvalue::Runtime(RuntimeFunction::OutcomeBytes, vec![read]);
            let bytes = f.value(Type::Array(byte), bytes);
            let count = f.value(Type::Int, Rvalue::Length(bytes.clone()));
            let write = vec![Operand::Int(1), bytes, Operand::Int(0), count];
            f.effect(Rvalue::Runtime(RuntimeFunction::WriteBytes, write));
            f.ret(Operand::Unit);
        });
    });
    assert_eq!(text, "0\n0\n2\nwarp and weft\n");
}

#[test]
fn a_function_that_no_library_has_is_named() {
    let mut program = ProgramBuilder::new();
    let missing = program.foreign("no_library_has_this", &[], C::Unit);
    program.function("main", &[], Type::Unit, |f| {
        f.effect(Rvalue::Foreign(missing, vec![]));
        f.ret(Operand::Unit);
    });
    let program = program.finish();
    let mut sources = SourceMap::new();
    let file = sources.add("test.weft", "a line\n".repeat(100));
    let yields = yields::analyse(&program);
    let input = input(&program, &yields, &sources);
    let session = codegen::Session::new();
    let object = session.generate(&input, Level::O2).optimise().object();
    let error = link::to_memory(&object, &Links::default(), file).expect_err("the symbol is missing");
    assert!(
        error.notes.iter().any(|note| note.starts_with("no library has `no_library_has_this`")),
        "{error:?}"
    );
    // A missing library is reported by its name.
    let links = Links { libraries: vec!["no_such_library".to_owned()], ..Links::default() };
    let error = link::to_memory(&object, &links, file).expect_err("it is missing");
    assert!(error.notes.iter().any(|note| note.contains("no_such_library")), "{error:?}");
}
