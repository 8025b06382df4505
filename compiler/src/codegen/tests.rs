//! Hand-built programs as IR and as machine code. The cases in `tests/run` test how programs run.

use weft_abi::RuntimeFunction;

use super::*;
use crate::mir::build::{FunctionBuilder, ProgramBuilder};
use crate::mir::{BinaryOp, FunctionId, Operand, Program, Rvalue, UnaryOp, verify::verify};
use crate::source::SourceMap;
use crate::stack_verifier;
use crate::types::Type;

mod budget;
mod quality;
mod shapes;

const HOT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weft_hot.bc"));

const LEVELS: [Level; 3] = [Level::O0, Level::O2, Level::O3];

fn with_module<T>(program: &Program, level: Level, use_module: impl FnOnce(Module<'_>) -> T) -> T {
    verify(program).expect("the program keeps MIR's rules");
    let mut sources = SourceMap::new();
    sources.add("test.weft", "a line\n".repeat(100));
    let yields = crate::yields::analyse(program);
    let session = Session::new();
    let input = Input {
        program,
        yields: &yields,
        sources: &sources,
        folder: "/work",
        hot_bitcode: HOT,
        way: &WAYS[0],
        variables: false,
    };
    use_module(session.generate(&input, level))
}

fn ir(program: &Program) -> String {
    with_module(program, Level::O2, |module| module.ir())
}

fn assembly(program: &Program, level: Level) -> String {
    with_module(program, level, |module| module.optimise().assembly())
}

/// The text from a line that begins with `start` up to the next line that begins with `end`.
fn section<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(&format!("\n{start}")).unwrap_or_else(|| panic!("no {start} in\n{text}"));
    let rest = &text[from + 1..];
    &rest[..rest.find(&format!("\n{end}")).expect("it ends")]
}

fn function_of<'a>(assembly: &'a str, name: &str) -> &'a str {
    section(assembly, &format!("weft.{name}:"), ".Lfunc_end")
}

fn body_of<'a>(ir: &'a str, name: &str) -> &'a str {
    let symbol = format!("@weft.{name}(");
    let defined =
        ir.split("\ndefine ").find(|part| part.lines().next().is_some_and(|line| line.contains(&symbol)));
    let body = defined.unwrap_or_else(|| panic!("no definition of {name} in\n{ir}"));
    &body[..body.find("\n}").expect("it ends")]
}

/// A number of yields at which LLVM does not inline the function.
const YIELDS: usize = 16;

/// Builds a body that yields and then returns the square of the sum of all parameters, which are live over the yields.
fn sum_after_yields(f: &mut FunctionBuilder<'_>, count: usize) {
    for _ in 0..YIELDS {
        f.effect(Rvalue::Yield);
    }
    let mut sum = Operand::Int(0);
    for index in 0..count {
        sum = f.binary(Type::Int, BinaryOp::WrappingAdd, sum, f.parameter(index));
    }
    // The square instead of the sum: the sum of one parameter would be the parameter itself, without an operation.
    let result = f.binary(Type::Int, BinaryOp::WrappingMultiply, sum.clone(), sum);
    f.ret(result);
}

/// A program whose function `f` has `live` integers live over a yield.
fn yielder(live: usize) -> Program {
    let mut program = ProgramBuilder::new();
    let f = program.function("f", &vec![Type::Int; live], Type::Int, |f| sum_after_yields(f, live));
    program.function("main", &[], Type::Int, |main| {
        // Called from two places and with unknown arguments, `f` is neither inlined nor specialised.
        let [one, two] = [0, 1].map(|_| {
            let unknown = main.text(&[]);
            let lengths = (0..live).map(|_| main.value(Type::Int, Rvalue::Length(unknown.clone())));
            let lengths = lengths.collect();
            main.value(Type::Int, Rvalue::Call(f, lengths))
        });
        let status = main.binary(Type::Int, BinaryOp::Add, one, two);
        main.ret(status);
    });
    program.finish()
}

#[test]
fn a_yield_point_is_a_call_of_swapstack() {
    let ir = ir(&yielder(2));
    assert_eq!(body_of(&ir, "f").matches("call void @swapstack(").count(), YIELDS);
}

#[test]
fn a_yield_stores_what_is_live_and_nothing_else() {
    for level in LEVELS {
        for live in 0..=5 {
            let assembly = assembly(&yielder(live), level);
            let f = function_of(&assembly, "f");
            assert_eq!(f.matches("Spill").count(), live, "{live} live at {level:?}\n{f}");
            let pushed = f.lines().filter_map(|line| line.trim().strip_prefix("pushq"));
            // Pushes of `%rax` and `%rcx` save no register for a caller: the switch pushes the resume address and the
            // limit, and a push of `%rax` may also reserve a frame of one word.
            let kept: Vec<&str> =
                pushed.map(str::trim).filter(|register| !["%rax", "%rcx"].contains(register)).collect();
            assert!(kept.is_empty(), "{level:?}: {kept:?} in\n{f}");
        }
    }
}

/// A number of arguments whose words on the stack need more room than the reserve below a checked frame.
const MANY: usize = 60;

/// A program with a recursion that has nothing live over the call, with calls and tail calls with stack arguments, with
/// checks of many kinds, and with threads that are started with arguments on their stacks.
fn everything() -> Program {
    let mut program = ProgramBuilder::new();
    let down = program.declare("down", &[Type::Int], Type::Unit);
    program.define(down, |f| {
        let (more, done) = (f.block(), f.block());
        let goes_on = f.binary(Type::Bool, BinaryOp::Less, Operand::Int(0), f.parameter(0));
        f.branch(goes_on, more, done);
        f.at(more);
        let next = f.binary(Type::Int, BinaryOp::WrappingSubtract, f.parameter(0), Operand::Int(1));
        f.effect(Rvalue::Call(down, vec![next]));
        f.effect(Rvalue::Call(down, vec![Operand::Int(0)]));
        f.goto(done);
        f.at(done);
        f.ret(Operand::Unit);
    });
    let few = program.declare("few", &[Type::Int, Type::Float], Type::Int);
    let many = program.declare("many", &[const { Type::Int }; MANY], Type::Int);
    program.define(few, |f| {
        let (n, x) = (f.parameter(0), f.parameter(1));
        let less = f.binary(Type::Float, BinaryOp::Divide, x, Operand::Float(2.0));
        let whole = f.unary(Type::Int, UnaryOp::FloatToInt, less);
        let called = f.value(Type::Int, Rvalue::Call(many, vec![whole.clone(); MANY]));
        let product = f.binary(Type::Int, BinaryOp::Multiply, called, n);
        f.tail_call(
            many,
            (0..MANY).map(|k| if k % 2 == 0 { product.clone() } else { whole.clone() }).collect(),
        );
    });
    program.define(many, |f| {
        let (done, more) = (f.block(), f.block());
        let is_done = f.binary(Type::Bool, BinaryOp::Equal, f.parameter(MANY - 1), f.parameter(MANY - 2));
        f.branch(is_done, done, more);
        f.at(done);
        sum_after_yields(f, MANY);
        f.at(more);
        let x = f.unary(Type::Float, UnaryOp::IntToFloat, f.parameter(20));
        let n = f.binary(Type::Int, BinaryOp::Remainder, f.parameter(30), f.parameter(0));
        f.tail_call(few, vec![n, x]);
    });
    main_of(&mut program, down, few, many);
    program.finish()
}

fn main_of(program: &mut ProgramBuilder, down: FunctionId, few: FunctionId, many: FunctionId) {
    program.function("main", &[], Type::Int, |f| {
        let (one, two, three) = (f.task(Type::Unit), f.task(Type::Int), f.task(Type::Int));
        f.assign(one, Rvalue::Spawn(down, vec![Operand::Int(9)]));
        f.assign(two, Rvalue::Spawn(few, vec![Operand::Int(3), Operand::Float(1.5)]));
        f.assign(three, Rvalue::Spawn(many, vec![Operand::Int(1); MANY]));
        f.effect(Rvalue::Call(down, vec![Operand::Int(9)]));
        f.effect(Rvalue::Call(many, (0..MANY as i64).map(Operand::Int).collect()));
        f.effect(Rvalue::Join(Operand::Local(one)));
        let two = f.value(Type::Int, Rvalue::Join(Operand::Local(two)));
        let three = f.value(Type::Int, Rvalue::Join(Operand::Local(three)));
        let status = f.binary(Type::Int, BinaryOp::Add, two, three);
        f.print(&[(RuntimeFunction::TextInt, status.clone())]);
        f.ret(status);
    });
}

#[test]
fn no_stack_address_leaves_rsp_and_every_frame_is_checked() {
    let program = everything();
    for level in LEVELS {
        let object = with_module(&program, level, |module| module.optimise().object());
        let report = stack_verifier::check(&object).unwrap_or_else(|broken| panic!("{level:?}: {broken}"));
        assert!(report.switches > YIELDS, "{level:?}: {report:?}");
    }
}

#[test]
fn a_tail_call_with_stack_arguments_is_not_left_to_musttail() {
    let program = everything();
    for level in LEVELS {
        let ir = with_module(&program, level, |module| module.optimise().ir());
        let many = body_of(&ir, "many");
        assert!(many.contains(" = tail call tailcc i64 @weft.few("), "{level:?}: {many}");
        assert!(!many.contains("musttail"), "{level:?}: {many}");
    }
}

#[test]
fn every_instruction_of_a_call_has_a_location() {
    let ir = ir(&everything());
    for (name, described) in
        [("down", "down"), ("few", "few"), ("many", "many"), ("main", "main"), ("many.entry", "many (entry)")]
    {
        let calls = body_of(&ir, name).lines().filter(|line| line.contains("call "));
        let lost: Vec<&str> = calls.filter(|line| !line.contains("!dbg")).collect();
        assert!(lost.is_empty(), "{name}: {lost:?}");
        assert!(ir.contains(&format!("!DISubprogram(name: \"{described}\"")), "{name}");
    }
}

#[test]
fn calls_that_panic_may_not_be_merged() {
    let ir = ir(&everything());
    let panics: Vec<&str> = ir.lines().filter(|line| line.contains("call void @weft_panic")).collect();
    assert!(panics.len() > 5, "{panics:?}");
    for call in panics {
        let group = call.split_whitespace().find(|word| word.starts_with('#')).expect("it has attributes");
        let attributes = section(&ir, &format!("attributes {} =", group.trim_end_matches(',')), "");
        assert!(attributes.contains("nomerge"), "{call}: {attributes}");
    }
}

/// The source text of a pass.
fn source_of(pass: &Pass) -> String {
    let folder = format!("{}/src/codegen/passes/{}", env!("CARGO_MANIFEST_DIR"), pass.name);
    let file = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
    let text = file.iter().find_map(|path| std::fs::read_to_string(path).ok());
    text.unwrap_or_else(|| panic!("the pass {} has no file of its name", pass.name))
}

#[test]
fn each_pass_says_in_its_file_what_it_requires_and_ensures() {
    for pass in &PASSES {
        let text = source_of(pass);
        for word in ["//! requires: ", "//! ensures: "] {
            assert!(text.lines().take(8).any(|line| line.starts_with(word)), "{}: no `{word}`", pass.name);
        }
    }
}

#[test]
fn a_pass_requires_only_passes_before_it() {
    let mut before = vec!["valid IR"];
    for pass in &PASSES {
        let is_before = |required: &str| before.contains(&required);
        assert!(pass.requires.split(", ").all(is_before), "{}: {}", pass.name, pass.requires);
        before.push(pass.name);
    }
}
