use weft_abi::RuntimeFunction;

use super::verify;
use crate::arena::{Arena, Id};
use crate::mir::build::{FunctionBuilder, ProgramBuilder};
use crate::mir::{
    BinaryOp, BlockId, FunctionId, LocalId, Operand, Program, Rvalue, StringId, TerminatorKind, UnaryOp,
};
use crate::types::{Type, TypeId};

/// A program whose `main` has the given body and returns `()`. Function 0 is `other(Int) -> Float`.
fn with_main(body: impl FnOnce(&mut FunctionBuilder<'_>)) -> Program {
    let mut builder = ProgramBuilder::new();
    builder.function("other", &[Type::Int], Type::Float, |f| f.ret(Operand::Float(1.0)));
    builder.function("main", &[], Type::Unit, |f| {
        f.ret(Operand::Unit);
        body(f);
    });
    builder.finish()
}

fn other() -> FunctionId {
    FunctionId::new(0)
}

/// The faults as text, one per line.
fn faults(program: &Program) -> String {
    let faults = verify(program).err().unwrap_or_default();
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The only fault of a `main` with the given body.
fn fault(body: impl FnOnce(&mut FunctionBuilder<'_>)) -> String {
    faults(&with_main(body))
}

/// The only fault of a `main` with a statement that discards the given value.
fn fault_of(value: Rvalue) -> String {
    fault(|f| f.effect(value))
}

#[test]
fn a_good_program_has_no_faults() {
    let program = with_main(|f| {
        let [looping, body, end] = [f.block(), f.block(), f.block()];
        let count = f.local(Type::Int);
        f.assign(count, Rvalue::Use(Operand::Int(3)));
        f.goto(looping);
        f.at(looping);
        let more = f.binary(Type::Bool, BinaryOp::Greater, Operand::Local(count), Operand::Int(0));
        f.branch(more, body, end);
        f.at(body);
        f.assign(count, Rvalue::Binary(BinaryOp::Subtract, Operand::Local(count), Operand::Int(1)));
        let task = f.task(Type::Float);
        f.assign(task, Rvalue::Spawn(other(), vec![Operand::Local(count)]));
        f.value(Type::Float, Rvalue::Join(Operand::Local(task)));
        f.goto(looping);
        f.at(end);
        f.ret(Operand::Unit);
    });
    assert_eq!(faults(&program), "");
}

#[test]
fn names_main_and_entry() {
    let mut builder = ProgramBuilder::new();
    let empty = builder.declare("twice", &[], Type::Unit);
    builder.function("twice", &[], Type::Unit, |f| f.ret(Operand::Unit));
    builder.function("main", &[Type::Int], Type::Float, |f| f.ret(Operand::Float(0.0)));
    let mut program = builder.finish();
    assert_eq!(
        faults(&program),
        "two functions have the name twice\nmain has parameters\nmain gives Float\n\
         twice: there is no entry block"
    );
    program.functions[empty].name = String::new();
    program.main = FunctionId::new(7);
    assert_eq!(
        faults(&program),
        "fn0 has no name\nmain is fn7, which does not exist\nthere is no entry block"
    );
}

#[test]
fn ids_that_name_nothing() {
    let missing = fault(|f| {
        f.effect(Rvalue::Call(FunctionId::new(9), vec![Operand::String(StringId::new(8))]));
        f.assign(LocalId::new(7), Rvalue::Use(Operand::Local(LocalId::new(6))));
        f.goto(BlockId::new(5));
    });
    let expected = "main: bb0: fn9(str8): there is no fn9\n\
                    main: bb0: fn9(str8): there is no str8\n\
                    main: bb0: _7 = _6: there is no _6\n\
                    main: bb0: _7 = _6: there is no _7\n\
                    main: bb0: goto bb5: there is no bb5";
    assert_eq!(missing, expected);
}

#[test]
fn no_local_is_never() {
    let never = fault(|f| {
        f.local(Type::Never);
    });
    assert_eq!(never, "main: _0 has the type !");
    let mut program = with_main(|_| ());
    program.functions[other()].locals = Arena::new();
    assert_eq!(faults(&program), "other: there are fewer locals than parameters");
}

#[test]
fn operands_of_operations() {
    let (int, float, bool) = (Operand::Int(1), Operand::Float(1.0), Operand::Bool(true));
    let binary = |op, left: &Operand, right: &Operand| {
        fault_of(Rvalue::Binary(op, left.clone(), right.clone())).replace("main: bb0: ", "")
    };
    assert_eq!(binary(BinaryOp::Add, &int, &float), "1 + 1.0: the operands have the types Int and Float");
    assert_eq!(binary(BinaryOp::Remainder, &float, &float), "1.0 % 1.0: Remainder does not take Float");
    assert_eq!(binary(BinaryOp::Multiply, &bool, &bool), "true * true: Multiply does not take Bool");
    assert_eq!(binary(BinaryOp::Xor, &float, &float), "1.0 ^ 1.0: Xor does not take Float");
    assert_eq!(binary(BinaryOp::Less, &Operand::Unit, &Operand::Unit), "() < (): Less does not take ()");
    assert_eq!(binary(BinaryOp::Less, &bool, &bool), "");
    assert_eq!(fault_of(Rvalue::Unary(UnaryOp::Not, int.clone())), "main: bb0: !1: Not does not take Int");
    let negated = fault(|f| {
        f.unary(Type::Int, UnaryOp::Negate, Operand::Float(1.0));
    });
    assert_eq!(negated, "main: bb0: _0 = -1.0: the destination has to have the type Int, not Float");
    assert_eq!(
        fault_of(Rvalue::Element(int.clone(), int.clone())),
        "main: bb0: 1[1]: Element does not take Int"
    );
    assert_eq!(fault_of(Rvalue::Length(float)), "main: bb0: length(1.0): Length does not take Float");
    assert_eq!(fault_of(Rvalue::Join(int)), "main: bb0: join(1): Join does not take Int");
}

#[test]
fn arguments_of_calls() {
    let call = |arguments| fault_of(Rvalue::Call(other(), arguments));
    assert_eq!(call(vec![]), "main: bb0: other(): 0 arguments for 1 parameters");
    assert_eq!(
        call(vec![Operand::Bool(true)]),
        "main: bb0: other(true): parameter 0 has to have the type Int, not Bool"
    );
    let spawned = fault(|f| {
        let task = f.task(Type::Int);
        f.assign(task, Rvalue::Spawn(other(), vec![Operand::Int(1)]));
    });
    assert_eq!(
        spawned,
        "main: bb0: _0 = spawn other(1): the destination has to have the type Task[Int], not Task[Float]"
    );
    assert_eq!(
        fault(|f| f.tail_call(other(), vec![Operand::Int(1)])),
        "main: bb0: return other(1) in place: the function has to have the type (), not Float"
    );
}

#[test]
fn runtime_functions_are_called_as_the_table_says() {
    let runtime = |function, arguments| fault_of(Rvalue::Runtime(function, arguments));
    assert_eq!(
        runtime(RuntimeFunction::TextIntAs, vec![Operand::Int(1)]),
        "main: bb0: runtime weft_text_int_as(1): 1 arguments for 3 parameters"
    );
    assert_eq!(
        runtime(RuntimeFunction::FloatSin, vec![Operand::Int(1)]),
        "main: bb0: runtime weft_float_sin(1): parameter 0 has to have the type Float, not Int"
    );
    assert_eq!(
        runtime(RuntimeFunction::GrowRunQueue, vec![]),
        "main: bb0: runtime weft_grow_run_queue(): MIR may not call this function"
    );
    assert_eq!(
        runtime(RuntimeFunction::Exit, vec![Operand::Int(1)]),
        "main: bb0: runtime weft_exit(1): it does not return, so it belongs at the block's end"
    );
    let path = || vec![Operand::String(StringId::new(0))];
    let blocking = |value| {
        fault(|f| {
            f.string("x");
            f.effect(value);
        })
    };
    assert_eq!(
        blocking(Rvalue::Runtime(RuntimeFunction::RemovePath, path())),
        "main: bb0: runtime weft_remove_path(\"x\"): it may take long, so it has to be called as blocking"
    );
    assert_eq!(
        blocking(Rvalue::Blocking(RuntimeFunction::Print, path())),
        "main: bb0: blocking weft_print(\"x\"): it runs on the worker only, so it cannot be called as blocking"
    );
    assert_eq!(blocking(Rvalue::Blocking(RuntimeFunction::RemovePath, path())), "");
    let seed = fault(|f| f.end(TerminatorKind::Diverge(RuntimeFunction::HashSeed, vec![])));
    assert_eq!(seed, "main: bb0: diverge weft_hash_seed(): it returns, with Int");
    assert_eq!(fault(|f| f.end(TerminatorKind::Diverge(RuntimeFunction::Exit, vec![Operand::Int(1)]))), "");
}

#[test]
fn ways_out() {
    assert_eq!(
        fault(|f| f.ret(Operand::Int(1))),
        "main: bb0: return 1: the function has to have the type (), not Int"
    );
    let branch = fault(|f| f.branch(Operand::Int(1), BlockId::new(0), BlockId::new(0)));
    assert_eq!(
        branch,
        "main: bb0: if 1 goto bb0 else goto bb0: the operand has to have the type Bool, not Int"
    );
}

/// The fault of a `main` with four blocks, or an empty string. bb0 branches to bb1 and bb2, both of which jump to bb3.
/// The blocks in `written_in` write `_0`; bb3 reads `_0`.
fn diamond(written_in: &[usize]) -> String {
    fault(|f| {
        let [left, right, end] = [f.block(), f.block(), f.block()];
        let local = f.local(Type::Int);
        let write = |f: &mut FunctionBuilder<'_>, block: usize| {
            if written_in.contains(&block) {
                f.assign(local, Rvalue::Use(Operand::Int(1)));
            }
        };
        write(f, 0);
        f.branch(Operand::Bool(true), left, right);
        for block in [left, right] {
            f.at(block);
            write(f, block.raw());
            f.goto(end);
        }
        f.at(end);
        f.effect(Rvalue::Use(Operand::Local(local)));
        f.ret(Operand::Unit);
    })
}

#[test]
fn locals_are_written_before_they_are_read() {
    let unwritten = "main: _0, read in bb3, may not be written before";
    assert_eq!(diamond(&[0]), "");
    assert_eq!(diamond(&[1, 2]), "");
    assert_eq!(diamond(&[1]), unwritten);
    assert_eq!(diamond(&[2]), unwritten);
    assert_eq!(diamond(&[]), unwritten);
}

#[test]
fn a_loop_or_its_own_statement_writes_too_late() {
    let increment = |local| Rvalue::Binary(BinaryOp::Add, Operand::Local(local), Operand::Int(1));
    let looped = fault(|f| {
        let looping = f.block();
        let local = f.local(Type::Int);
        f.goto(looping);
        f.at(looping);
        f.assign(local, increment(local));
        f.goto(looping);
    });
    assert_eq!(looped, "main: _0, read in bb1, may not be written before");
    let unreachable = fault(|f| {
        let island = f.block();
        let local = f.local(Type::Int);
        f.at(island);
        f.assign(local, increment(local));
        f.goto(island);
    });
    assert_eq!(unreachable, "");
}

mod shapes;
