use weft_abi::PanicKind;
use weft_abi::RuntimeFunction;

use crate::mir::build::ProgramBuilder;
use crate::mir::{BinaryOp, ForeignType, Operand, Representation, Rvalue, TerminatorKind, UnaryOp};
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

/// Statements and terminators of kinds that `dump.txt` lacks; the program need not make sense.
#[test]
fn every_shape_has_its_text() {
    let mut builder = ProgramBuilder::new();
    let [int, byte] = [Type::Int, Type::Byte].map(|ty| builder.ty(ty));
    let array = builder.ty(Type::Array(byte));
    let point = builder.nominal("Point", Representation::Object, &[("Point", &[Type::Int])]);
    let option = builder.nominal("Option", Representation::Value, &[("Some", &[Type::Int]), ("None", &[])]);
    let [point, option] = [point, option].map(|ty| builder.ty(ty));
    let tuple = builder.ty(Type::Tuple(vec![int, int]));
    let foreign = builder.foreign("cos", &[ForeignType::Float], ForeignType::Float);
    let main = builder.declare("main", &[], Type::Unit);
    builder.define(main, |f| {
        let local = f.local(Type::Int);
        let (a, n) = (|| Operand::Local(local), Operand::Int);
        f.effect(Rvalue::CallValue(a(), vec![Operand::Char('\n'), Operand::Byte(b'\'')]));
        f.effect(Rvalue::Foreign(foreign, vec![Operand::Float(0.0)]));
        f.effect(Rvalue::Blocking(RuntimeFunction::TextFinish, vec![]));
        f.effect(Rvalue::Closure(int, main, vec![a()]));
        f.effect(Rvalue::Construct(point, 0, vec![n(1)]));
        f.effect(Rvalue::Construct(option, 1, vec![]));
        f.effect(Rvalue::Construct(tuple, 0, vec![n(1), n(2)]));
        f.effect(Rvalue::Field(a(), 1, 0));
        f.effect(Rvalue::SetField(a(), 2, n(3)));
        f.effect(Rvalue::Variant(a()));
        f.effect(Rvalue::Same(a(), a()));
        f.effect(Rvalue::NewCell(n(1)));
        f.effect(Rvalue::ReadCell(a()));
        f.effect(Rvalue::WriteCell(a(), n(1)));
        f.effect(Rvalue::NewArray(array, vec![Operand::Byte(0), Operand::Byte(255)]));
        f.effect(Rvalue::AllocateArray(array, n(4)));
        f.effect(Rvalue::CheckIndex(n(1), n(2)));
        f.effect(Rvalue::Element(a(), n(1)));
        f.effect(Rvalue::SetElement(a(), n(1), n(2)));
        let (to, from) = (a(), a());
        f.effect(Rvalue::CopyElements { to, at: n(1), from, start: n(2), count: n(3) });
        f.effect(Rvalue::ClearElements(a(), n(1), n(2)));
        f.effect(Rvalue::Wait(a()));
        f.effect(Rvalue::HasPanicked(a()));
        f.effect(Rvalue::PanicMessage(a()));
        f.effect(Rvalue::Unary(UnaryOp::LeadingZeros, a()));
        f.effect(Rvalue::Binary(BinaryOp::MultiplyHigh, a(), a()));
        let [second, third] = [f.block(), f.block()];
        f.end(TerminatorKind::Switch {
            value: a(),
            targets: vec![(-1, second), (7, third)],
            otherwise: third,
        });
        f.at(second);
        f.end(TerminatorKind::TailCallValue(a(), vec![n(1)]));
    });
    assert_eq!(builder.finish().to_string(), include_str!("shapes.txt"));
}
