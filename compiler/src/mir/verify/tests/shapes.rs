//! Tests of tuples, structs, enums, cells, arrays, function values and calls of C functions.

use super::*;
use crate::mir::{ForeignId, ForeignType, Representation};

/// The types that the tests use.
struct Shapes {
    point: Type,
    counter: Type,
    option: Type,
    array: Type,
    function: Type,
    pointer: Type,
}

/// The only fault of a function with the given body, in a program with these types.
fn fault_with(body: impl FnOnce(&mut FunctionBuilder<'_>, &Shapes)) -> String {
    let mut builder = ProgramBuilder::new();
    builder.function("other", &[Type::Int], Type::Float, |f| f.ret(Operand::Float(1.0)));
    let [int, string] = [Type::Int, Type::String].map(|ty| builder.ty(ty));
    let (value, object) = (Representation::Value, Representation::Object);
    let shapes = Shapes {
        point: Type::Tuple(vec![int, string]),
        counter: builder.nominal("Counter", object, &[("Counter", &[Type::Int])]),
        option: builder.nominal("Option", value, &[("Some", &[Type::Int]), ("None", &[])]),
        array: Type::Array(int),
        function: builder.function_type(&[Type::Int], Type::Float),
        pointer: builder.nominal("CPtr", value, &[("CPtr", &[Type::Int])]),
    };
    let (int, pointer) = (ForeignType::CInt, ForeignType::CPtr);
    builder.foreign("find", &[int, ForeignType::CString], pointer);
    builder.function("main", &[], Type::Unit, |f| f.ret(Operand::Unit));
    builder.function("work", &[], Type::Unit, |f| {
        f.ret(Operand::Unit);
        body(f, &shapes);
    });
    faults(&builder.finish()).replace("work: bb0: ", "")
}

/// The only fault of the statement that `value` builds from a parameter of type `ty` and from the id of that type.
fn fault_on(ty: impl FnOnce(&Shapes) -> Type, value: impl FnOnce(Operand, TypeId) -> Rvalue) -> String {
    fault_with(|f, shapes| {
        let ty = ty(shapes);
        let id = f.ty(ty.clone());
        f.become_parameter(ty);
        f.effect(value(f.parameter(0), id));
    })
}

fn int() -> Operand {
    Operand::Int(1)
}

#[test]
fn data() {
    let construct = |ty: fn(&Shapes) -> Type, variant, fields| {
        fault_on(ty, move |_, id| Rvalue::Construct(id, variant, fields))
    };
    let point = |shapes: &Shapes| shapes.point.clone();
    let option = |shapes: &Shapes| shapes.option.clone();
    let counter = |shapes: &Shapes| shapes.counter.clone();
    assert_eq!(construct(point, 0, vec![int()]), "(Int, String)(1): 1 arguments for 2 fields");
    assert_eq!(
        construct(point, 0, vec![int(), int()]),
        "(Int, String)(1, 1): field 1 has to have the type String, not Int"
    );
    assert_eq!(construct(point, 1, vec![]), "(Int, String)(): (Int, String) has no variant 1");
    assert_eq!(construct(option, 0, vec![]), "Option.Some(): 0 arguments for 1 fields");
    assert_eq!(construct(option, 2, vec![]), "Option.2(): Option has no variant 2");
    assert_eq!(construct(option, 1, vec![]), "");
    assert_eq!(construct(|_| Type::Int, 0, vec![]), "Int(): Int has no variant 0");
    assert_eq!(
        fault_on(point, |value, _| Rvalue::Field(value, 0, 2)),
        "_0.0.2: (Int, String) has no field 0.2"
    );
    assert_eq!(fault_on(option, |value, _| Rvalue::Field(value, 1, 0)), "_0.1.0: Option has no field 1.0");
    assert_eq!(
        fault_on(point, |value, _| Rvalue::Variant(value)),
        "variant(_0): Variant does not take (Int, String)"
    );
    assert_eq!(
        fault_on(option, |value, _| Rvalue::SetField(value, 0, int())),
        "_0.0.0 = 1: SetField does not take Option"
    );
    assert_eq!(
        fault_on(counter, |value, _| Rvalue::SetField(value, 0, Operand::Unit)),
        "_0.0.0 = (): field 0 has to have the type Int, not ()"
    );
    assert_eq!(
        fault_on(counter, |value, _| Rvalue::SetField(value, 1, int())),
        "_0.0.1 = 1: Counter has no field 0.1"
    );
    assert_eq!(fault_on(counter, |value, _| Rvalue::Same(value.clone(), value)), "");
    assert_eq!(
        fault_on(option, |value, _| Rvalue::Same(value.clone(), value)),
        "same(_0, _0): Same does not take Option"
    );
    assert_eq!(
        fault_on(counter, |value, _| Rvalue::Same(value, int())),
        "same(_0, 1): the other has to have the type Counter, not Int"
    );
}

#[test]
fn cells_and_arrays() {
    let array = |shapes: &Shapes| shapes.array.clone();
    assert_eq!(fault_of(Rvalue::ReadCell(int())), "main: bb0: *1: ReadCell does not take Int");
    let written = fault(|f| {
        let id = f.ty(Type::Int);
        let cell = f.value(Type::Cell(id), Rvalue::NewCell(int()));
        f.effect(Rvalue::WriteCell(cell, Operand::Unit));
    });
    assert_eq!(written, "main: bb0: *_0 = (): the cell has to have the type Int, not ()");
    assert_eq!(
        fault_on(array, |_, id| Rvalue::NewArray(id, vec![int(), Operand::Unit])),
        "array [Int](1, ()): element 1 has to have the type Int, not ()"
    );
    assert_eq!(
        fault_on(|_| Type::Int, |_, id| Rvalue::NewArray(id, vec![])),
        "array Int(): NewArray does not take Int"
    );
    let operand = "the operand has to have the type Int, not ()";
    assert_eq!(
        fault_on(array, |_, id| Rvalue::AllocateArray(id, Operand::Unit)),
        format!("zeros [Int](()): {operand}")
    );
    assert_eq!(
        fault_of(Rvalue::CheckIndex(int(), Operand::Unit)),
        format!("main: bb0: check 1 < (): {operand}")
    );
    assert_eq!(
        fault_on(array, |value, _| Rvalue::Element(value, Operand::Unit)),
        format!("_0[()]: {operand}")
    );
    assert_eq!(
        fault_on(array, |value, _| Rvalue::SetElement(value, int(), Operand::Unit)),
        "_0[1] = (): the element has to have the type Int, not ()"
    );
    assert_eq!(
        fault_on(|_| Type::String, |value, _| Rvalue::SetElement(value, int(), int())),
        "_0[1] = 1: SetElement does not take String"
    );
    let copied = |from: fn(Operand) -> Operand, count| {
        fault_on(array, move |value, _| Rvalue::CopyElements {
            to: value.clone(),
            at: int(),
            from: from(value),
            start: int(),
            count,
        })
    };
    assert_eq!(copied(|value| value, int()), "");
    assert_eq!(
        copied(|_| int(), int()),
        "copy _0[1] from 1[1] * 1: the other array has to have the type [Int], not Int"
    );
    assert_eq!(copied(|value| value, Operand::Unit), format!("copy _0[1] from _0[1] * (): {operand}"));
    assert_eq!(
        fault_on(array, |value, _| Rvalue::ClearElements(value, int(), Operand::Unit)),
        format!("clear _0[1] * (): {operand}")
    );
}

#[test]
fn function_values() {
    let function = |shapes: &Shapes| shapes.function.clone();
    let call = |arguments| fault_on(function, move |value, _| Rvalue::CallValue(value, arguments));
    assert_eq!(call(vec![]), "value _0(): 0 arguments for 1 parameters");
    assert_eq!(call(vec![Operand::Unit]), "value _0(()): parameter 0 has to have the type Int, not ()");
    assert_eq!(
        fault_of(Rvalue::CallValue(int(), vec![])),
        "main: bb0: value 1(): CallValue does not take Int"
    );
    assert_eq!(fault_on(function, |_, id| Rvalue::Closure(id, other(), vec![])), "");
    assert_eq!(
        fault_on(function, |_, id| Rvalue::Closure(id, other(), vec![int()])),
        "closure other(1): 1 captures and 1 arguments for 1 parameters"
    );
    let closure = |parameters: &[Type], result: Type, captures| {
        fault_with(|f, _| {
            let parameters = parameters.iter().map(|ty| f.ty(ty.clone())).collect();
            let ty = Type::Function { share: true, parameters, result: f.ty(result) };
            let id = f.ty(ty);
            f.effect(Rvalue::Closure(id, other(), captures));
        })
    };
    assert_eq!(
        closure(&[Type::Float], Type::Float, vec![]),
        "closure other(): argument 0 has to have the type Float, not Int"
    );
    assert_eq!(
        closure(&[Type::Int], Type::Int, vec![]),
        "closure other(): the result has to have the type Int, not Float"
    );
    assert_eq!(
        closure(&[], Type::Float, vec![Operand::Unit]),
        "closure other(()): capture 0 has to have the type Int, not ()"
    );
    let tail = fault_with(|f, shapes| {
        let id = f.ty(shapes.function.clone());
        let value = f.value(shapes.function.clone(), Rvalue::Closure(id, other(), vec![]));
        f.end(TerminatorKind::TailCallValue(value, vec![int()]));
    });
    assert_eq!(tail, "return value _0(1) in place: the function has to have the type (), not Float");
}

#[test]
fn shared_functions_will_do_for_others_but_not_the_reverse() {
    let used = |given: bool, wanted: bool| {
        fault_with(|f, _| {
            let (int, float) = (f.ty(Type::Int), f.ty(Type::Float));
            let ty = |share| Type::Function { share, parameters: vec![int], result: float };
            let id = f.ty(ty(given));
            let value = f.value(ty(given), Rvalue::Closure(id, other(), vec![]));
            f.value(ty(wanted), Rvalue::Use(value));
        })
    };
    assert_eq!(used(true, false), "");
    assert_eq!(
        used(false, true),
        "_1 = _0: the destination has to have the type share fn(Int) -> Float, not fn(Int) -> Float"
    );
}

#[test]
fn functions_in_c() {
    let foreign = |destination: fn(&Shapes) -> Type, arguments| {
        fault_with(|f, shapes| {
            let local = f.local(destination(shapes));
            f.assign(local, Rvalue::Foreign(ForeignId::new(0), arguments));
        })
    };
    let pointer = |shapes: &Shapes| shapes.pointer.clone();
    let text = || Operand::String(StringId::new(0));
    assert_eq!(foreign(pointer, vec![int()]), "_0 = foreign find(1): 1 arguments for 2 parameters");
    assert_eq!(
        foreign(pointer, vec![Operand::Unit, int()]),
        "_0 = foreign find((), 1): parameter 0 is a CInt, for which () does not stand"
    );
    assert_eq!(
        foreign(pointer, vec![int(), int()]),
        "_0 = foreign find(1, 1): parameter 1 is a CString, for which Int does not stand"
    );
    assert_eq!(foreign(pointer, vec![int(), text()]), "_0 = foreign find(1, str0): there is no str0");
    let given = fault_with(|f, _| {
        let text = f.string("x");
        f.value(Type::Int, Rvalue::Foreign(ForeignId::new(0), vec![int(), text]));
    });
    assert_eq!(given, "_0 = foreign find(1, \"x\"): the destination is a CPtr, for which Int does not stand");
    let missing = fault_of(Rvalue::Foreign(ForeignId::new(3), vec![]));
    assert_eq!(missing, "main: bb0: foreign foreign3(): there is no foreign3");
}

#[test]
fn tasks_and_switches() {
    let task = |what: &str, value: fn(Operand) -> Rvalue| {
        assert!(fault_of(value(int())).ends_with(&format!("{what} does not take Int")), "{what}");
    };
    task("Wait", Rvalue::Wait);
    task("HasPanicked", Rvalue::HasPanicked);
    task("PanicMessage", Rvalue::PanicMessage);
    task("TaskId", Rvalue::TaskId);
    let switch = |value, numbers: &[i64]| {
        let targets = numbers.iter().map(|&number| (number, BlockId::new(0))).collect();
        fault(|f| f.end(TerminatorKind::Switch { value, targets, otherwise: BlockId::new(0) }))
    };
    assert_eq!(switch(Operand::Char('a'), &[97, 98]), "");
    assert_eq!(
        switch(Operand::Byte(1), &[1, 2, 1]),
        "main: bb0: switch b'\\x01' { 1: goto bb0, 2: goto bb0, 1: goto bb0, else goto bb0 }: 1 stands twice"
    );
    assert_eq!(
        switch(Operand::Bool(true), &[]),
        "main: bb0: switch true { else goto bb0 }: Switch does not take Bool"
    );
    let missing = fault(|f| {
        let (value, otherwise) = (int(), BlockId::new(0));
        f.end(TerminatorKind::Switch { value, targets: vec![(1, BlockId::new(7))], otherwise });
    });
    assert_eq!(missing, "main: bb0: switch 1 { 1: goto bb7, else goto bb0 }: there is no bb7");
}

#[test]
fn bytes_and_characters() {
    let binary = |op, left: Operand, right: Operand| {
        fault_of(Rvalue::Binary(op, left, right)).replace("main: bb0: ", "")
    };
    let (byte, char) = (Operand::Byte(b'a'), Operand::Char('\''));
    assert_eq!(binary(BinaryOp::Add, byte.clone(), byte.clone()), "");
    assert_eq!(binary(BinaryOp::ShiftLeft, byte.clone(), int()), "");
    assert_eq!(binary(BinaryOp::ShiftLeft, byte.clone(), byte.clone()), "");
    assert_eq!(
        binary(BinaryOp::ShiftRight, int(), byte.clone()),
        "1 >> b'a': the operands have the types Int and Byte"
    );
    assert_eq!(
        binary(BinaryOp::MultiplyHigh, byte.clone(), byte.clone()),
        "b'a' *^ b'a': MultiplyHigh does not take Byte"
    );
    assert_eq!(binary(BinaryOp::LessEqual, char.clone(), char.clone()), "");
    assert_eq!(binary(BinaryOp::Add, char.clone(), char.clone()), "'\\'' + '\\'': Add does not take Char");
    let unary = |op, operand| fault_of(Rvalue::Unary(op, operand)).replace("main: bb0: ", "");
    assert_eq!(unary(UnaryOp::ByteToInt, int()), "byte_to_int(1): ByteToInt does not take Int");
    assert_eq!(unary(UnaryOp::IntToChar, char), "int_to_char('\\''): IntToChar does not take Char");
    assert_eq!(unary(UnaryOp::SquareRoot, int()), "sqrt(1): SquareRoot does not take Int");
}

#[test]
fn structs_and_enums_are_known_and_end() {
    let mut builder = ProgramBuilder::new();
    let endless = builder.nominal("Endless", Representation::Value, &[("A", &[Type::Int]), ("B", &[])]);
    let empty = builder.nominal("Empty", Representation::Value, &[]);
    builder.function("main", &[], Type::Unit, |f| f.ret(Operand::Unit));
    let mut program = builder.finish();
    let [id, empty] = [endless, empty].map(|ty| program.types.intern(ty));
    // An enum without variants is treated like any other enum.
    assert_eq!(faults(&program), "");
    program.nominals.remove(&empty);
    program.nominals.get_mut(&id).expect("it was declared").variants[0].fields[0].ty = id;
    assert_eq!(faults(&program), "Endless contains itself");
    program.nominals.get_mut(&id).expect("it was declared").representation = Representation::Object;
    assert_eq!(faults(&program), "");
    program.nominals.get_mut(&id).expect("it was declared").variants[0].fields[0].ty = empty;
    assert_eq!(faults(&program), "Empty is not known");
    let parameter = program.types.names.parameters.push("T".to_owned());
    let parameter = program.types.intern(Type::Parameter(parameter));
    program.nominals.get_mut(&id).expect("it was declared").variants[0].fields[0].ty = parameter;
    assert_eq!(faults(&program), "T is a type parameter");
}
