use weft_abi::PanicKind;
use weft_abi::RuntimeFunction;

use crate::mir::build::ProgramBuilder;
use crate::mir::{BinaryOp, Operand, Rvalue, TerminatorKind, UnaryOp};
use crate::types::Type;

#[test]
fn a_dump_shows_everything() {
    let mut builder = ProgramBuilder::new();
    let half = builder.declare("half", &[Type::Int], Type::Float);
    builder.define(half, |f| {
        let [then_block, else_block] = [f.block(), f.block()];
        let even = f.binary(Type::Bool, BinaryOp::LessEqual, f.parameter(0), Operand::Int(-7));
        f.branch(even, then_block, else_block);
        f.at(then_block);
        let float = f.unary(Type::Float, UnaryOp::IntToFloat, f.parameter(0));
        let float = f.unary(Type::Float, UnaryOp::Negate, float);
        f.ret(float);
        f.at(else_block);
        f.tail_call(half, vec![Operand::Int(1)]);
    });
    builder.function("main", &[], Type::Unit, |f| {
        let task = f.task(Type::Float);
        f.assign(task, Rvalue::Spawn(half, vec![Operand::Int(2)]));
        f.effect(Rvalue::Yield);
        f.effect(Rvalue::Join(Operand::Local(task)));
        let text = f.string("a \"b\"\n");
        f.effect(Rvalue::Runtime(RuntimeFunction::Print, vec![text]));
        let last = f.block();
        f.goto(last);
        f.at(last);
        f.panic(PanicKind::Assert);
        let exit = f.block();
        f.at(exit);
        f.end(TerminatorKind::Diverge(RuntimeFunction::Exit, vec![Operand::Int(0)]));
    });
    let mut program = builder.finish();
    let (_, parameter) = program.functions[half].locals.iter_enumerated().next().expect("it has a parameter");
    let named = crate::mir::Local { name: Some("n".to_owned()), ..parameter.clone() };
    program.functions[half].locals[crate::arena::Id::new(0)] = named;
    assert_eq!(program.to_string(), include_str!("dump.txt"));
}
