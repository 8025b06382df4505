//! Programs with values of every shape, whose machine code must keep the rules of the stack verifier.

use std::slice::from_ref;

use object::{Object, ObjectSymbol};

use super::*;
use crate::arena::Id;
use crate::mir::{BlockId, Representation, TerminatorKind};
use crate::types::TypeId;

const INT: RuntimeFunction = RuntimeFunction::TextInt;
const FLOAT: RuntimeFunction = RuntimeFunction::TextFloat;
const STRING: RuntimeFunction = RuntimeFunction::TextString;

/// The types that the programs here use.
struct Shapes {
    /// Scalars of every kind, more than there are registers for a result.
    mixed: Type,
    /// More `Int`s than fit into the registers for a result and `Worker::results`.
    wide: Type,
    /// `Circle(Float)`, `Named(String, Bool)`, `Empty`, represented by value.
    shape: Type,
    /// `Some(String)`, `None`, represented by value.
    option: Type,
    /// `Leaf`, `Node(Tree, Int, Tree)`, represented as objects.
    tree: Type,
    /// A struct with two `var` fields.
    counter: Type,
    /// `fn(Int) -> Int`
    unary: Type,
    /// The type of a function with more arguments than there are registers.
    many: Type,
}

const WIDE: usize = 30;
const MANY_ARGUMENTS: usize = 9;

impl Shapes {
    fn of(program: &mut ProgramBuilder) -> Shapes {
        let tuple = |program: &mut ProgramBuilder, parts: &[Type]| {
            Type::Tuple(parts.iter().map(|part| program.ty(part.clone())).collect())
        };
        let scalars = [Type::Int, Type::Float, Type::Bool, Type::Char, Type::Byte, Type::String];
        let (value, object) = (Representation::Value, Representation::Object);
        let tree = Type::Nominal(crate::types::NominalId::new(2), Vec::new());
        Shapes {
            mixed: tuple(program, &scalars),
            wide: tuple(program, &vec![Type::Int; WIDE]),
            shape: program.nominal(
                "Shape",
                value,
                &[("Circle", &[Type::Float]), ("Named", &[Type::String, Type::Bool]), ("Empty", &[])],
            ),
            option: program.nominal("Option", value, &[("Some", &[Type::String]), ("None", &[])]),
            tree: program.nominal(
                "Tree",
                object,
                &[("Leaf", &[]), ("Node", &[tree.clone(), Type::Int, tree.clone()])],
            ),
            counter: program.nominal("Counter", object, &[("Counter", &[Type::Int, Type::Float])]),
            unary: program.function_type(&[Type::Int], Type::Int),
            many: program.function_type(&vec![Type::Int; MANY_ARGUMENTS], Type::Int),
        }
    }
}

fn id(f: &mut FunctionBuilder<'_>, ty: &Type) -> TypeId {
    f.ty(ty.clone())
}

fn construct(f: &mut FunctionBuilder<'_>, ty: &Type, variant: usize, fields: Vec<Operand>) -> Operand {
    let of = id(f, ty);
    f.value(ty.clone(), Rvalue::Construct(of, variant, fields))
}

fn field(f: &mut FunctionBuilder<'_>, ty: Type, of: &Operand, variant: usize, index: usize) -> Operand {
    f.value(ty, Rvalue::Field(of.clone(), variant, index))
}

/// Branches to a new block for each variant; each block ends the function.
fn by_variant(f: &mut FunctionBuilder<'_>, value: &Operand, arms: &[&dyn Fn(&mut FunctionBuilder<'_>)]) {
    let variant = f.value(Type::Int, Rvalue::Variant(value.clone()));
    let blocks: Vec<BlockId> = arms.iter().map(|_| f.block()).collect();
    let otherwise = f.block();
    let targets = (0..).zip(blocks.iter().copied()).collect();
    f.end(TerminatorKind::Switch { value: variant, targets, otherwise });
    for (block, arm) in blocks.into_iter().zip(arms) {
        f.at(block);
        arm(f);
    }
}

/// Builds a function that uses results of every size, from calls and tail calls.
fn results(program: &mut ProgramBuilder, shapes: &Shapes) -> FunctionId {
    let mixed = program.function("mixed", &[Type::Int], shapes.mixed.clone(), |f| {
        let text = f.string("text");
        let float = f.unary(Type::Float, UnaryOp::IntToFloat, f.parameter(0));
        let byte = f.unary(Type::Byte, UnaryOp::IntToByte, f.parameter(0));
        let is_few = f.binary(Type::Bool, BinaryOp::Less, f.parameter(0), Operand::Int(10));
        let fields = vec![f.parameter(0), float, is_few, Operand::Char('w'), byte, text];
        let value = construct(f, &shapes.mixed, 0, fields);
        f.ret(value);
    });
    let again = program.function("again", &[Type::Int], shapes.mixed.clone(), |f| {
        let next = f.binary(Type::Int, BinaryOp::Multiply, f.parameter(0), Operand::Int(100));
        f.tail_call(mixed, vec![next]);
    });
    let wide = program.function("wide", &[Type::Int], shapes.wide.clone(), |f| {
        let fields = (0..WIDE as i64)
            .map(|at| f.binary(Type::Int, BinaryOp::WrappingAdd, f.parameter(0), Operand::Int(at)));
        let fields = fields.collect();
        let value = construct(f, &shapes.wide, 0, fields);
        f.ret(value);
    });
    program.function("results", &[], Type::Unit, |f| {
        for called in [mixed, again] {
            let value = f.value(shapes.mixed.clone(), Rvalue::Call(called, vec![Operand::Int(3)]));
            let types = [Type::Int, Type::Float, Type::Bool, Type::Char, Type::Byte, Type::String];
            let parts = [
                INT,
                FLOAT,
                RuntimeFunction::TextBool,
                RuntimeFunction::TextChar,
                RuntimeFunction::TextByte,
                STRING,
            ];
            let shown: Vec<_> =
                (0..6).map(|at| (parts[at], field(f, types[at].clone(), &value, 0, at))).collect();
            f.print(&shown);
        }
        let value = f.value(shapes.wide.clone(), Rvalue::Call(wide, vec![Operand::Int(1000)]));
        let shown: Vec<_> = [0, 7, WIDE - 1].map(|at| (INT, field(f, Type::Int, &value, 0, at))).into();
        f.print(&shown);
        f.ret(Operand::Unit);
    })
}

/// Builds a function that makes, returns and matches enums that are represented by value.
fn enums(program: &mut ProgramBuilder, shapes: &Shapes) -> FunctionId {
    let describe = program.function("describe", from_ref(&shapes.shape), Type::String, |f| {
        let shape = f.parameter(0);
        by_variant(
            f,
            &shape.clone(),
            &[
                &|f| {
                    let radius = field(f, Type::Float, &shape, 0, 0);
                    let text = f.text(&[(FLOAT, radius)]);
                    f.ret(text);
                },
                &|f| {
                    let name = field(f, Type::String, &shape, 1, 0);
                    let is_set = field(f, Type::Bool, &shape, 1, 1);
                    let (yes, no) = (f.block(), f.block());
                    f.branch(is_set, yes, no);
                    f.at(yes);
                    f.ret(name);
                    f.at(no);
                    let text = f.string("unset");
                    f.ret(text);
                },
                &|f| {
                    let text = f.string("empty");
                    f.ret(text);
                },
            ],
        );
    });
    let or_none = program.function("or_none", from_ref(&shapes.option), Type::String, |f| {
        let option = f.parameter(0);
        by_variant(
            f,
            &option.clone(),
            &[
                &|f| {
                    let text = field(f, Type::String, &option, 0, 0);
                    f.ret(text);
                },
                &|f| {
                    let text = f.string("none");
                    f.ret(text);
                },
            ],
        );
    });
    program.function("enums", &[], Type::Unit, |f| {
        let name = f.string("name");
        let values = [
            (0, vec![Operand::Float(2.5)]),
            (1, vec![name.clone(), Operand::Bool(true)]),
            (1, vec![name.clone(), Operand::Bool(false)]),
            (2, vec![]),
        ];
        for (variant, fields) in values {
            let value = construct(f, &shapes.shape, variant, fields);
            let text = f.value(Type::String, Rvalue::Call(describe, vec![value]));
            f.print(&[(STRING, text)]);
        }
        for (variant, fields) in [(0, vec![name]), (1, vec![])] {
            let value = construct(f, &shapes.option, variant, fields);
            let text = f.value(Type::String, Rvalue::Call(or_none, vec![value]));
            f.print(&[(STRING, text)]);
        }
        f.ret(Operand::Unit);
    })
}

/// Builds a function that uses objects and cells.
fn objects(program: &mut ProgramBuilder, shapes: &Shapes) -> FunctionId {
    let tree = program.declare("tree", &[Type::Int], shapes.tree.clone());
    program.define(tree, |f| {
        let (leaf, node) = (f.block(), f.block());
        let is_leaf = f.binary(Type::Bool, BinaryOp::LessEqual, f.parameter(0), Operand::Int(0));
        f.branch(is_leaf, leaf, node);
        f.at(leaf);
        let value = construct(f, &shapes.tree, 0, vec![]);
        f.ret(value);
        f.at(node);
        let less = f.binary(Type::Int, BinaryOp::Subtract, f.parameter(0), Operand::Int(1));
        let left = f.value(shapes.tree.clone(), Rvalue::Call(tree, vec![less.clone()]));
        let right = f.value(shapes.tree.clone(), Rvalue::Call(tree, vec![less]));
        let value = construct(f, &shapes.tree, 1, vec![left, f.parameter(0), right]);
        f.ret(value);
    });
    let sum = program.declare("sum", from_ref(&shapes.tree), Type::Int);
    program.define(sum, |f| {
        let of = f.parameter(0);
        by_variant(
            f,
            &of.clone(),
            &[&|f| f.ret(Operand::Int(0)), &|f| {
                let [left, right] = [0, 2].map(|at| {
                    let part = field(f, shapes.tree.clone(), &of, 1, at);
                    f.value(Type::Int, Rvalue::Call(sum, vec![part]))
                });
                let own = field(f, Type::Int, &of, 1, 1);
                let both = f.binary(Type::Int, BinaryOp::Add, left, right);
                let all = f.binary(Type::Int, BinaryOp::Add, both, own);
                f.ret(all);
            }],
        );
    });
    program.function("objects", &[], Type::Unit, |f| {
        let made = f.value(shapes.tree.clone(), Rvalue::Call(tree, vec![Operand::Int(10)]));
        let total = f.value(Type::Int, Rvalue::Call(sum, vec![made]));
        let [one, two] =
            [1, 2].map(|n| construct(f, &shapes.counter, 0, vec![Operand::Int(n), Operand::Float(0.5)]));
        f.effect(Rvalue::SetField(one.clone(), 0, total));
        f.effect(Rvalue::SetField(one.clone(), 1, Operand::Float(9.75)));
        let cell_type = Type::Cell(id(f, &shapes.counter));
        let cell = f.value(cell_type, Rvalue::NewCell(two.clone()));
        let before = f.value(shapes.counter.clone(), Rvalue::ReadCell(cell.clone()));
        f.effect(Rvalue::WriteCell(cell.clone(), one.clone()));
        let after = f.value(shapes.counter.clone(), Rvalue::ReadCell(cell));
        let same = [(&before, &two), (&after, &one), (&one, &two)].map(|(a, b)| {
            (RuntimeFunction::TextBool, f.value(Type::Bool, Rvalue::Same(a.clone(), b.clone())))
        });
        f.print(&same);
        let shown = [(INT, field(f, Type::Int, &after, 0, 0)), (FLOAT, field(f, Type::Float, &after, 0, 1))];
        f.print(&shown);
        f.ret(Operand::Unit);
    })
}

/// Builds a function that sums an array of `Int`s in a loop that checks its index.
fn array_sum(program: &mut ProgramBuilder) -> FunctionId {
    let ints = Type::Array(program.ty(Type::Int));
    program.function("array_sum", &[ints], Type::Int, |f| {
        let (index, total) = (f.local(Type::Int), f.local(Type::Int));
        f.assign(index, Rvalue::Use(Operand::Int(0)));
        f.assign(total, Rvalue::Use(Operand::Int(0)));
        let (head, body, done) = (f.block(), f.block(), f.block());
        f.goto(head);
        f.at(head);
        let length = f.value(Type::Int, Rvalue::Length(f.parameter(0)));
        let goes_on = f.binary(Type::Bool, BinaryOp::Less, Operand::Local(index), length);
        f.branch(goes_on, body, done);
        f.at(body);
        let length = f.value(Type::Int, Rvalue::Length(f.parameter(0)));
        f.effect(Rvalue::CheckIndex(Operand::Local(index), length));
        let element = f.value(Type::Int, Rvalue::Element(f.parameter(0), Operand::Local(index)));
        f.assign(total, Rvalue::Binary(BinaryOp::WrappingAdd, Operand::Local(total), element));
        f.assign(index, Rvalue::Binary(BinaryOp::Add, Operand::Local(index), Operand::Int(1)));
        f.goto(head);
        f.at(done);
        f.ret(Operand::Local(total));
    })
}

/// Builds a function that uses strings and arrays: with elements of one scalar and of several, with few and with many
/// elements, and with overlapping copies.
fn arrays(program: &mut ProgramBuilder, sum: FunctionId, count: i64) -> FunctionId {
    let name = format!("arrays{count}");
    program.function(&name, &[], Type::Unit, |f| {
        let pair = Type::Tuple(vec![id(f, &Type::Int), id(f, &Type::Bool)]);
        let (ints, pairs) = (Type::Array(id(f, &Type::Int)), Type::Array(id(f, &pair)));
        let (ints_id, pairs_id) = (id(f, &ints), id(f, &pairs));
        let array = f.value(ints.clone(), Rvalue::AllocateArray(ints_id, Operand::Int(2 * count)));
        for at in [0, 1, count - 1] {
            f.effect(Rvalue::SetElement(array.clone(), Operand::Int(at), Operand::Int(at + 7)));
        }
        let total = |f: &mut FunctionBuilder<'_>| {
            let total = f.value(Type::Int, Rvalue::Call(sum, vec![array.clone()]));
            let last = f.value(Type::Int, Rvalue::Element(array.clone(), Operand::Int(count)));
            let space = f.string(" ");
            f.print(&[(INT, total), (STRING, space), (INT, last)]);
        };
        for (at, start) in [(1, 0), (0, 1), (count, 0)] {
            f.effect(Rvalue::CopyElements {
                to: array.clone(),
                at: Operand::Int(at),
                from: array.clone(),
                start: Operand::Int(start),
                count: Operand::Int(count),
            });
            total(f);
        }
        f.effect(Rvalue::ClearElements(array.clone(), Operand::Int(1), Operand::Int(count)));
        total(f);
        let [one, two] = [(5, true), (6, false)]
            .map(|(n, is)| construct(f, &pair, 0, vec![Operand::Int(n), Operand::Bool(is)]));
        let array = f.value(pairs, Rvalue::NewArray(pairs_id, vec![one.clone(), two, one]));
        let middle = f.value(pair, Rvalue::Element(array, Operand::Int(1)));
        let shown = [
            (INT, field(f, Type::Int, &middle, 0, 0)),
            (RuntimeFunction::TextBool, field(f, Type::Bool, &middle, 0, 1)),
        ];
        f.print(&shown);
        let constant = f.value(ints, Rvalue::NewArray(ints_id, [3, 4, 5].map(Operand::Int).into()));
        let total = f.value(Type::Int, Rvalue::Call(sum, vec![constant]));
        let text = f.string("abc");
        let length = f.value(Type::Int, Rvalue::Length(text.clone()));
        let byte = f.value(Type::Byte, Rvalue::Element(text, Operand::Int(1)));
        f.print(&[(INT, total), (INT, length), (RuntimeFunction::TextByte, byte)]);
        f.ret(Operand::Unit);
    })
}

/// Builds a function that calls function values: with and without captures, in tail position, and with more arguments
/// than registers.
fn closures(program: &mut ProgramBuilder, shapes: &Shapes) -> FunctionId {
    let scaled = program.function("scaled", &[Type::Int, Type::Float, Type::Int], Type::Int, |f| {
        let scale = f.unary(Type::Int, UnaryOp::FloatToInt, f.parameter(1));
        let product = f.binary(Type::Int, BinaryOp::Multiply, scale, f.parameter(2));
        let sum = f.binary(Type::Int, BinaryOp::Add, product, f.parameter(0));
        f.ret(sum);
    });
    let twice = program.function("twice", &[Type::Int], Type::Int, |f| {
        let twice = f.binary(Type::Int, BinaryOp::Multiply, f.parameter(0), Operand::Int(2));
        f.ret(twice);
    });
    let all = program.function("all", &vec![Type::Int; MANY_ARGUMENTS + 1], Type::Int, |f| {
        let mut sum = Operand::Int(0);
        for at in 0..=MANY_ARGUMENTS {
            let ten = f.binary(Type::Int, BinaryOp::Multiply, sum, Operand::Int(10));
            sum = f.binary(Type::Int, BinaryOp::Add, ten, f.parameter(at));
        }
        f.ret(sum);
    });
    let apply = program.function("apply", &[shapes.unary.clone(), Type::Int], Type::Int, |f| {
        let once = f.value(Type::Int, Rvalue::CallValue(f.parameter(0), vec![f.parameter(1)]));
        f.end(TerminatorKind::TailCallValue(f.parameter(0), vec![once]));
    });
    let spread = program.function("spread", &[shapes.many.clone(), Type::Int], Type::Int, |f| {
        let argument = |at| f.binary(Type::Int, BinaryOp::Add, f.parameter(1), Operand::Int(at as i64));
        let arguments = (0..MANY_ARGUMENTS).map(argument).collect();
        f.end(TerminatorKind::TailCallValue(f.parameter(0), arguments));
    });
    program.function("closures", &[], Type::Unit, |f| {
        let (unary, many) = (id(f, &shapes.unary), id(f, &shapes.many));
        let captures = vec![Operand::Int(5), Operand::Float(3.5)];
        let one = f.value(shapes.unary.clone(), Rvalue::Closure(unary, scaled, captures));
        let two = f.value(shapes.unary.clone(), Rvalue::Closure(unary, twice, vec![]));
        let three = f.value(shapes.many.clone(), Rvalue::Closure(many, all, vec![Operand::Int(4)]));
        for (called, function) in [(apply, one), (apply, two), (spread, three)] {
            let result = f.value(Type::Int, Rvalue::Call(called, vec![function, Operand::Int(1)]));
            f.print(&[(INT, result)]);
        }
        f.ret(Operand::Unit);
    })
}

/// Builds a function that spawns threads: with aggregates as arguments and results, and with a panic.
fn threads(program: &mut ProgramBuilder, shapes: &Shapes) -> FunctionId {
    let give = program.function("give", from_ref(&shapes.mixed), shapes.mixed.clone(), |f| {
        f.effect(Rvalue::Yield);
        let own = f.parameter(0);
        f.ret(own);
    });
    let fail = program.function("fail", &[Type::Int], Type::Int, |f| {
        let result = f.binary(Type::Int, BinaryOp::Divide, Operand::Int(1), f.parameter(0));
        f.ret(result);
    });
    program.function("threads", &[], Type::Unit, |f| {
        let text = f.string("sent");
        let fields = vec![
            Operand::Int(7),
            Operand::Float(1.5),
            Operand::Bool(true),
            Operand::Char('c'),
            Operand::Byte(9),
            text,
        ];
        let sent = construct(f, &shapes.mixed, 0, fields);
        let (task, failing) = (f.task(shapes.mixed.clone()), f.task(Type::Int));
        f.assign(task, Rvalue::Spawn(give, vec![sent]));
        f.assign(failing, Rvalue::Spawn(fail, vec![Operand::Int(0)]));
        let got = f.value(shapes.mixed.clone(), Rvalue::Join(Operand::Local(task)));
        let shown = [
            (INT, field(f, Type::Int, &got, 0, 0)),
            (FLOAT, field(f, Type::Float, &got, 0, 1)),
            (STRING, field(f, Type::String, &got, 0, 5)),
        ];
        f.print(&shown);
        f.effect(Rvalue::Wait(Operand::Local(failing)));
        let panicked = f.value(Type::Bool, Rvalue::HasPanicked(Operand::Local(failing)));
        let message = f.value(Type::String, Rvalue::PanicMessage(Operand::Local(failing)));
        f.print(&[(RuntimeFunction::TextBool, panicked), (STRING, message)]);
        f.ret(Operand::Unit);
    })
}

/// Builds a function with the operators on `Byte` and `Char`, and with the rarer operators on numbers.
fn numbers(program: &mut ProgramBuilder) -> FunctionId {
    let bytes = program.function("bytes", &[Type::Byte, Type::Char], Type::Unit, |f| {
        let (byte, char) = (f.parameter(0), f.parameter(1));
        for op in [BinaryOp::Divide, BinaryOp::Remainder, BinaryOp::Subtract, BinaryOp::WrappingMultiply] {
            let result = f.binary(Type::Byte, op, byte.clone(), Operand::Byte(7));
            f.print(&[(RuntimeFunction::TextByte, result)]);
        }
        let is_more = f.binary(Type::Bool, BinaryOp::Greater, byte.clone(), Operand::Byte(100));
        let is_later = f.binary(Type::Bool, BinaryOp::Greater, char.clone(), Operand::Char('a'));
        let shifted = f.binary(Type::Byte, BinaryOp::ShiftLeft, byte, Operand::Int(1));
        let number = f.unary(Type::Int, UnaryOp::CharToInt, char);
        f.print(&[
            (RuntimeFunction::TextBool, is_more),
            (RuntimeFunction::TextBool, is_later),
            (RuntimeFunction::TextByte, shifted),
            (INT, number),
        ]);
        f.ret(Operand::Unit);
    });
    program.function("numbers", &[], Type::Unit, |f| {
        f.effect(Rvalue::Call(bytes, vec![Operand::Byte(200), Operand::Char('ß')]));
        let one = f.unary(Type::Int, UnaryOp::CountOnes, Operand::Int(-1));
        let two = f.unary(Type::Int, UnaryOp::LeadingZeros, Operand::Int(0));
        let three = f.unary(Type::Float, UnaryOp::SquareRoot, Operand::Float(2.25));
        let four = f.unary(Type::Float, UnaryOp::Absolute, Operand::Float(-2.0));
        let five = f.binary(Type::Int, BinaryOp::MultiplyHigh, Operand::Int(-1), Operand::Int(-1));
        let six = f.unary(Type::Int, UnaryOp::FloatBits, Operand::Float(1.0));
        f.print(&[(INT, one), (INT, two), (FLOAT, three), (FLOAT, four), (INT, five), (INT, six)]);
        f.ret(Operand::Unit);
    })
}

fn program() -> Program {
    let mut program = ProgramBuilder::new();
    let shapes = Shapes::of(&mut program);
    let sum = array_sum(&mut program);
    let parts = [
        results(&mut program, &shapes),
        enums(&mut program, &shapes),
        objects(&mut program, &shapes),
        arrays(&mut program, sum, 6),
        arrays(&mut program, sum, 60),
        closures(&mut program, &shapes),
        threads(&mut program, &shapes),
        numbers(&mut program),
    ];
    program.function("main", &[], Type::Unit, |f| {
        for part in parts {
            f.effect(Rvalue::Call(part, vec![]));
        }
        f.ret(Operand::Unit);
    });
    program.finish()
}

#[test]
fn no_stack_address_leaves_rsp_whatever_the_shapes() {
    let program = program();
    for level in LEVELS {
        let object = with_module(&program, level, |module| module.optimise().object());
        let report = stack_verifier::check(&object).unwrap_or_else(|broken| panic!("{level:?}: {broken}"));
        assert!(report.switches > 2, "{level:?}: {report:?}");
        assert_eq!(called_elsewhere(&object), [""; 0], "{level:?}");
    }
}

/// The undefined symbols of an object file other than runtime functions: C functions, which would run on a green
/// thread's stack.
fn called_elsewhere(object: &[u8]) -> Vec<String> {
    let file = object::File::parse(object).expect("LLVM writes object files");
    let names = file.symbols().filter(ObjectSymbol::is_undefined).filter_map(|symbol| symbol.name().ok());
    let is_known = |name: &&str| name.is_empty() || name.starts_with("weft_") || *name == "__morestack";
    names.filter(|name| !is_known(name)).map(str::to_owned).collect()
}
