//! The optimiser's results on arrays and function values.

use super::*;
use crate::mir::LocalId;

/// Builds `for index in 0..end { body }`.
fn counted(f: &mut FunctionBuilder<'_>, end: Operand, body: impl FnOnce(&mut FunctionBuilder<'_>, LocalId)) {
    let index = f.local(Type::Int);
    f.assign(index, Rvalue::Use(Operand::Int(0)));
    let (head, inside, done) = (f.block(), f.block(), f.block());
    f.goto(head);
    f.at(head);
    let goes_on = f.binary(Type::Bool, BinaryOp::Less, Operand::Local(index), end);
    f.branch(goes_on, inside, done);
    f.at(inside);
    body(f, index);
    f.assign(index, Rvalue::Binary(BinaryOp::Add, Operand::Local(index), Operand::Int(1)));
    f.goto(head);
    f.at(done);
}

/// A program whose `main` spawns `function` with unknown arguments.
fn spawned(mut program: ProgramBuilder, function: FunctionId, parameters: &[Type], result: Type) -> Program {
    program.function("main", &[], Type::Unit, |f| {
        let arguments = parameters.iter().map(|ty| unknown(f, ty)).collect();
        let task = f.task(result);
        f.assign(task, Rvalue::Spawn(function, arguments));
        f.ret(Operand::Unit);
    });
    program.finish()
}

fn unknown(f: &mut FunctionBuilder<'_>, ty: &Type) -> Operand {
    let text = f.text(&[]);
    let number = f.value(Type::Int, Rvalue::Length(text));
    if let Type::Array(_) = ty {
        let id = f.ty(ty.clone());
        return f.value(ty.clone(), Rvalue::AllocateArray(id, number));
    }
    number
}

/// The optimised IR of the spawned function `name`, which is inlined into the first function of its thread.
fn optimised(program: &Program, name: &str) -> String {
    let ir = with_module(program, Level::O2, |module| module.optimise().ir());
    body_of(&ir, &format!("{name}.entry")).to_owned()
}

/// The index check is removed if the loop's condition already implies it.
#[test]
fn a_loop_over_an_array_checks_no_index() {
    let mut program = ProgramBuilder::new();
    let ints = Type::Array(program.ty(Type::Int));
    let sum = program.function("sum", std::slice::from_ref(&ints), Type::Int, |f| {
        let total = f.local(Type::Int);
        f.assign(total, Rvalue::Use(Operand::Int(0)));
        let array = f.parameter(0);
        let length = f.value(Type::Int, Rvalue::Length(array.clone()));
        counted(f, length, |f, index| {
            let length = f.value(Type::Int, Rvalue::Length(array.clone()));
            f.effect(Rvalue::CheckIndex(Operand::Local(index), length));
            let element = f.value(Type::Int, Rvalue::Element(array.clone(), Operand::Local(index)));
            f.assign(total, Rvalue::Binary(BinaryOp::WrappingAdd, Operand::Local(total), element));
        });
        f.ret(Operand::Local(total));
    });
    let sum = optimised(&spawned(program, sum, &[ints], Type::Int), "sum");
    assert!(!sum.contains("weft_panic"), "{sum}");
    assert_eq!(sum.matches("!invariant.load").count(), 1, "{sum}");
}

/// An element is loaded once before a loop, even if the loop stores elements of an array of another type.
#[test]
fn a_store_into_one_array_does_not_reload_from_another() {
    let mut program = ProgramBuilder::new();
    let (ints, floats) = (Type::Array(program.ty(Type::Int)), Type::Array(program.ty(Type::Float)));
    let parameters = [ints, floats, Type::Int];
    let fill = program.function("fill", &parameters, Type::Unit, |f| {
        let (from, to, end) = (f.parameter(0), f.parameter(1), f.parameter(2));
        counted(f, end, |f, index| {
            let element = f.value(Type::Int, Rvalue::Element(from.clone(), Operand::Int(3)));
            let float = f.unary(Type::Float, UnaryOp::IntToFloat, element);
            f.effect(Rvalue::SetElement(to.clone(), Operand::Local(index), float));
        });
        f.ret(Operand::Unit);
    });
    let fill = optimised(&spawned(program, fill, &parameters, Type::Unit), "fill");
    assert_eq!(fill.matches("sitofp").count(), 1, "{fill}");
    let stored = fill.lines().position(|line| line.contains("store double") || line.contains("store <"));
    let loaded = fill.lines().position(|line| line.contains("load i64"));
    assert!(loaded < stored, "{fill}");
}

/// A call of a function value is inlined if the calling function has created the value. Here `added` creates the value,
/// and calls it after `map` was inlined into `added`.
#[test]
fn a_lambda_that_is_called_where_it_is_made_is_no_call() {
    let mut program = ProgramBuilder::new();
    let (ints, unary) = (Type::Array(program.ty(Type::Int)), program.function_type(&[Type::Int], Type::Int));
    let add = program.function("add", &[Type::Int, Type::Int], Type::Int, |f| {
        let sum = f.binary(Type::Int, BinaryOp::WrappingAdd, f.parameter(0), f.parameter(1));
        f.ret(sum);
    });
    let map = program.function("map", &[ints.clone(), unary.clone()], ints.clone(), |f| {
        let (array, function) = (f.parameter(0), f.parameter(1));
        let length = f.value(Type::Int, Rvalue::Length(array.clone()));
        let id = f.ty(ints.clone());
        let result = f.value(ints.clone(), Rvalue::AllocateArray(id, length.clone()));
        counted(f, length, |f, index| {
            let element = f.value(Type::Int, Rvalue::Element(array.clone(), Operand::Local(index)));
            let mapped = f.value(Type::Int, Rvalue::CallValue(function.clone(), vec![element]));
            f.effect(Rvalue::SetElement(result.clone(), Operand::Local(index), mapped));
        });
        f.ret(result);
    });
    let parameters = [ints.clone(), Type::Int];
    let added = program.function("added", &parameters, ints.clone(), |f| {
        let id = f.ty(unary.clone());
        let lambda = f.value(unary.clone(), Rvalue::Closure(id, add, vec![f.parameter(1)]));
        let result = f.value(ints.clone(), Rvalue::Call(map, vec![f.parameter(0), lambda]));
        f.ret(result);
    });
    let added = optimised(&spawned(program, added, &parameters, ints), "added");
    assert!(!added.contains("call tailcc i64"), "{added}");
}
