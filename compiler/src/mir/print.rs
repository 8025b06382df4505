//! MIR as text, for `weft emit mir` and for the verifier's messages.
//!
//! ```text
//! fn fib(_0 n: Int) -> Int {
//!     let _1: Bool
//!
//!   bb0:
//!     _1 = _0 < 2
//!     if _1 goto bb1 else goto bb2
//! }
//! ```

use std::collections::BTreeSet;
use std::fmt;

use crate::arena::Id;
use crate::mir::liveness::Liveness;
use crate::mir::{
    BinaryOp, ForeignId, Function, FunctionId, GeneratorOp, Local, LocalId, MachineOp, Operand, Program,
    Rvalue, Statement, TerminatorKind, UnaryOp,
};
use crate::types::TypeId;

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.functions.ids().try_for_each(|id| {
            let gap = if id.raw() > 0 { "\n" } else { "" };
            write!(f, "{gap}{}", self.display_function(id))
        })
    }
}

impl Program {
    /// A function as text.
    pub fn display_function(&self, id: FunctionId) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| function(f, self, &self.functions[id], None))
    }

    /// A function as text, with a comment above each yield point: the names of the locals that are live over it.
    pub fn display_function_with_live_sets(&self, id: FunctionId) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| {
            let of = &self.functions[id];
            function(f, self, of, Some(&Liveness::of(of)))
        })
    }

    /// A statement as text.
    pub fn display_statement<'a>(&'a self, statement: &'a Statement) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| {
            if let Some(destination) = statement.destination {
                write!(f, "{destination} = ")?;
            }
            rvalue(f, self, &statement.value)
        })
    }

    /// A terminator as text.
    pub fn display_terminator<'a>(&'a self, kind: &'a TerminatorKind) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| terminator_kind(f, self, kind))
    }
}

fn function(
    f: &mut fmt::Formatter<'_>,
    program: &Program,
    function: &Function,
    liveness: Option<&Liveness>,
) -> fmt::Result {
    let typed = |(id, local): (LocalId, &Local)| {
        let name = local.name.iter().map(|name| format!(" {name}")).collect::<String>();
        format!("{id}{name}: {}", program.types.display(local.ty))
    };
    let locals = || function.locals.iter_enumerated();
    let parameters: Vec<String> = locals().take(function.parameter_count).map(typed).collect();
    let result = program.types.display(function.result);
    writeln!(f, "fn {}({}) -> {result} {{", function.name, parameters.join(", "))?;
    for local in locals().skip(function.parameter_count) {
        writeln!(f, "    let {}", typed(local))?;
    }
    for (id, body) in function.blocks.iter_enumerated() {
        if id.raw() > 0 || function.locals.len() > function.parameter_count {
            writeln!(f)?;
        }
        writeln!(f, "  {id}:")?;
        for (index, statement) in body.statements.iter().enumerate() {
            if let Some(liveness) = liveness.filter(|_| statement.value.is_yield_point(program)) {
                let live = liveness.over(function, id, index);
                writeln!(f, "    // live: {}", names(function, &live))?;
            }
            writeln!(f, "    {}", program.display_statement(statement))?;
        }
        writeln!(f, "    {}", program.display_terminator(&body.terminator.kind))?;
    }
    writeln!(f, "}}")
}

/// The names of locals in the source; a temporary has only its number.
fn names(function: &Function, locals: &BTreeSet<LocalId>) -> String {
    let name = |&id: &LocalId| function.locals[id].name.clone().unwrap_or_else(|| id.to_string());
    match locals.is_empty() {
        true => "nothing".to_owned(),
        false => locals.iter().map(name).collect::<Vec<String>>().join(", "),
    }
}

fn rvalue(f: &mut fmt::Formatter<'_>, program: &Program, value: &Rvalue) -> fmt::Result {
    let show = |operand| show(program, operand);
    let ty = |ty: &TypeId| program.types.display(*ty).to_string();
    match value {
        Rvalue::Use(operand) => write!(f, "{}", show(operand)),
        Rvalue::Unary(op, operand) => match unary_symbol(*op) {
            (symbol, true) => write!(f, "{symbol}{}", show(operand)),
            (name, false) => write!(f, "{name}({})", show(operand)),
        },
        Rvalue::Binary(op, left, right) => {
            write!(f, "{} {} {}", show(left), binary_symbol(*op), show(right))
        }
        Rvalue::Call(callee, arguments) => called(f, program, "", &name(program, *callee), arguments),
        Rvalue::Runtime(callee, arguments) => called(f, program, "runtime ", &callee.symbol(), arguments),
        Rvalue::CallValue(callee, arguments) => called(f, program, "value ", &show(callee), arguments),
        Rvalue::Foreign(callee, arguments) => {
            called(f, program, "foreign ", &foreign(program, *callee), arguments)
        }
        Rvalue::Blocking(callee, arguments) => called(f, program, "blocking ", &callee.symbol(), arguments),
        Rvalue::Closure(_, callee, captures) => {
            called(f, program, "closure ", &name(program, *callee), captures)
        }
        Rvalue::Deferred(callee) => write!(f, "deferred {}", name(program, *callee)),
        Rvalue::Register(_, deferred, captures) => called(f, program, "register ", &show(deferred), captures),
        Rvalue::Cleanup(op, operands) => called(f, program, "cleanup ", &format!("{op:?}"), operands),
        Rvalue::Construct(of, variant, fields) => {
            called(f, program, "", &variant_name(program, *of, *variant), fields)
        }
        Rvalue::Field(value, variant, index) => write!(f, "{}.{variant}.{index}", show(value)),
        Rvalue::SetField(object, index, value) => write!(f, "{}.0.{index} = {}", show(object), show(value)),
        Rvalue::Variant(value) => write!(f, "variant({})", show(value)),
        Rvalue::Same(left, right) => write!(f, "same({}, {})", show(left), show(right)),
        Rvalue::NewCell(value) => write!(f, "cell({})", show(value)),
        Rvalue::ReadCell(cell) => write!(f, "*{}", show(cell)),
        Rvalue::WriteCell(cell, value) => write!(f, "*{} = {}", show(cell), show(value)),
        Rvalue::NewArray(of, elements) => called(f, program, "array ", &ty(of), elements),
        Rvalue::AllocateArray(of, length) => write!(f, "zeros {}({})", ty(of), show(length)),
        Rvalue::Length(operand) => write!(f, "length({})", show(operand)),
        Rvalue::CheckIndex(index, length) => write!(f, "check {} < {}", show(index), show(length)),
        Rvalue::Element(array, index) => write!(f, "{}[{}]", show(array), show(index)),
        Rvalue::SetElement(array, index, value) => {
            write!(f, "{}[{}] = {}", show(array), show(index), show(value))
        }
        Rvalue::CopyElements { to, at, from, start, count } => {
            let (to, at, from, start) = (show(to), show(at), show(from), show(start));
            write!(f, "copy {to}[{at}] from {from}[{start}] * {}", show(count))
        }
        Rvalue::ClearElements(array, first, count) => {
            write!(f, "clear {}[{}] * {}", show(array), show(first), show(count))
        }
        Rvalue::Spawn(callee, arguments) => called(f, program, "spawn ", &name(program, *callee), arguments),
        Rvalue::Join(task) => write!(f, "join({})", show(task)),
        Rvalue::Wait(task) => write!(f, "wait({})", show(task)),
        Rvalue::HasPanicked(task) => write!(f, "has_panicked({})", show(task)),
        Rvalue::PanicMessage(task) => write!(f, "panic_message({})", show(task)),
        Rvalue::IsDone(task) => write!(f, "is_done({})", show(task)),
        Rvalue::TaskId(task) => write!(f, "id({})", show(task)),
        Rvalue::Waiting(op, _, operands) => called(f, program, "", &format!("{op:?}"), operands),
        Rvalue::Continuation(op, _, operands) => {
            called(f, program, "continuation ", &format!("{op:?}"), operands)
        }
        Rvalue::Atomic(op, operands) => called(f, program, "atomic ", &format!("{op:?}"), operands),
        Rvalue::Yield => f.write_str("yield"),
        Rvalue::Generator(op, operands) => generator(f, program, *op, operands),
        Rvalue::Machine(op, operands) => machine(f, program, *op, operands),
        Rvalue::Undefined(of) => write!(f, "undefined {}", ty(of)),
    }
}

fn generator(
    f: &mut fmt::Formatter<'_>,
    program: &Program,
    op: GeneratorOp,
    operands: &[Operand],
) -> fmt::Result {
    let text = match op {
        GeneratorOp::New(body) => format!("generator {}", name(program, body)),
        GeneratorOp::Next(_) => "next".to_string(),
        GeneratorOp::Close(_) => "close".to_string(),
        GeneratorOp::Yield => "yield".to_string(),
        GeneratorOp::YieldFrom => "yield from".to_string(),
    };
    called(f, program, "", &text, operands)
}

fn machine(
    f: &mut fmt::Formatter<'_>,
    program: &Program,
    op: MachineOp,
    operands: &[Operand],
) -> fmt::Result {
    let text = match op {
        MachineOp::State => "state".to_string(),
        MachineOp::SetState => "set state".to_string(),
        MachineOp::IsEntered => "is entered".to_string(),
        MachineOp::Enter => "enter".to_string(),
        MachineOp::Leave => "leave".to_string(),
        MachineOp::Get(_, slot) => format!("get slot {slot}"),
        MachineOp::Set(_, slot) => format!("set slot {slot}"),
        MachineOp::Clear(_, slot) => format!("clear slot {slot}"),
        MachineOp::CheckEnded => "check ended".to_string(),
        MachineOp::Push(_, frame) => format!("push {frame}"),
        MachineOp::Replace(frame) => format!("replace {frame}"),
        MachineOp::Pop => "pop".to_string(),
        MachineOp::Release => "release".to_string(),
        MachineOp::Begin => "begin".to_string(),
        MachineOp::Suspend => "suspend".to_string(),
        MachineOp::Resume => "resume".to_string(),
        MachineOp::IsSuspended => "is suspended".to_string(),
        MachineOp::Switch(_) => "switch".to_string(),
        MachineOp::Start(body, _) => format!("start {}", name(program, body)),
        MachineOp::Give => "give".to_string(),
    };
    called(f, program, "", &text, operands)
}

fn terminator_kind(f: &mut fmt::Formatter<'_>, program: &Program, kind: &TerminatorKind) -> fmt::Result {
    match kind {
        TerminatorKind::Goto(target) => write!(f, "goto {target}"),
        TerminatorKind::Branch { condition, then_block, else_block } => {
            write!(f, "if {} goto {then_block} else goto {else_block}", show(program, condition))
        }
        TerminatorKind::Switch { value, targets, otherwise } => {
            write!(f, "switch {} {{ ", show(program, value))?;
            targets.iter().try_for_each(|(number, target)| write!(f, "{number}: goto {target}, "))?;
            write!(f, "else goto {otherwise} }}")
        }
        TerminatorKind::Return(value) => write!(f, "return {}", show(program, value)),
        TerminatorKind::TailCall(callee, arguments) => {
            called(f, program, "return ", &name(program, *callee), arguments)?;
            f.write_str(" in place")
        }
        TerminatorKind::TailCallValue(callee, arguments) => {
            called(f, program, "return value ", &show(program, callee), arguments)?;
            f.write_str(" in place")
        }
        TerminatorKind::Panic(kind) => write!(f, "panic {kind:?}"),
        TerminatorKind::Diverge(callee, arguments) => {
            called(f, program, "diverge ", &callee.symbol(), arguments)
        }
        TerminatorKind::Unreachable => f.write_str("unreachable"),
    }
}

/// An operand; a string literal is shown as its text.
fn show<'a>(program: &'a Program, operand: &'a Operand) -> impl fmt::Display + 'a {
    fmt::from_fn(move |f| match operand {
        Operand::Local(local) => write!(f, "{local}"),
        Operand::Unit => f.write_str("()"),
        Operand::Bool(value) => write!(f, "{value}"),
        Operand::Int(value) => write!(f, "{value}"),
        Operand::Float(value) => write!(f, "{value:?}"),
        Operand::Char(value) => write!(f, "{value:?}"),
        Operand::Byte(value) => write!(f, "b'{}'", value.escape_ascii()),
        Operand::String(id) if id.raw() < program.strings.len() => write!(f, "{:?}", program.strings[*id]),
        Operand::String(id) => write!(f, "{id}"),
        Operand::Bytes(id) if id.raw() < program.bytes.len() => {
            write!(f, "b\"{}\"", program.bytes[*id].escape_ascii())
        }
        Operand::Bytes(id) => write!(f, "{id}"),
    })
}

/// `what callee(arguments)`
fn called(
    f: &mut fmt::Formatter<'_>,
    program: &Program,
    what: &str,
    callee: &dyn fmt::Display,
    arguments: &[Operand],
) -> fmt::Result {
    write!(f, "{what}{callee}(")?;
    for (at, argument) in arguments.iter().enumerate() {
        write!(f, "{}{}", if at > 0 { ", " } else { "" }, show(program, argument))?;
    }
    f.write_str(")")
}

/// A function's name, or its id if the id is invalid; the verifier prints programs with invalid ids.
fn name(program: &Program, function: FunctionId) -> impl fmt::Display + '_ {
    fmt::from_fn(move |f| match function.raw() < program.functions.len() {
        true => f.write_str(&program.functions[function].name),
        false => write!(f, "{function}"),
    })
}

/// The symbol of a C function, or its id if the id is invalid.
fn foreign(program: &Program, foreign: ForeignId) -> impl fmt::Display + '_ {
    fmt::from_fn(move |f| match foreign.raw() < program.foreigns.len() {
        true => f.write_str(&program.foreigns[foreign].symbol),
        false => write!(f, "{foreign}"),
    })
}

/// The type and, for an enum, the variant: `Point`, `Option[Int].Some`.
fn variant_name(program: &Program, ty: TypeId, variant: usize) -> impl fmt::Display + '_ {
    fmt::from_fn(move |f| {
        write!(f, "{}", program.types.display(ty))?;
        let Some(nominal) = program.nominals.get(&ty) else { return Ok(()) };
        match nominal.variants.get(variant) {
            Some(only) if nominal.variants.len() == 1 && only.name == nominal.name => Ok(()),
            Some(variant) => write!(f, ".{}", variant.name),
            None => write!(f, ".{variant}"),
        }
    })
}

/// The symbol or the name of an operator, and whether the operator is written as a symbol.
fn unary_symbol(op: UnaryOp) -> (&'static str, bool) {
    match op {
        UnaryOp::Negate => ("-", true),
        UnaryOp::Not => ("!", true),
        UnaryOp::Complement => ("~", true),
        UnaryOp::IntToFloat => ("to_float", false),
        UnaryOp::FloatToInt => ("to_int", false),
        UnaryOp::ByteToInt => ("byte_to_int", false),
        UnaryOp::IntToByte => ("int_to_byte", false),
        UnaryOp::CharToInt => ("char_to_int", false),
        UnaryOp::IntToChar => ("int_to_char", false),
        UnaryOp::FloatBits => ("bits", false),
        UnaryOp::Address => ("address", false),
        UnaryOp::CountOnes => ("count_ones", false),
        UnaryOp::LeadingZeros => ("leading_zeros", false),
        UnaryOp::SquareRoot => ("sqrt", false),
        UnaryOp::Absolute => ("abs", false),
    }
}

fn binary_symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Remainder => "%",
        BinaryOp::WrappingAdd => "+%",
        BinaryOp::WrappingSubtract => "-%",
        BinaryOp::WrappingMultiply => "*%",
        BinaryOp::MultiplyHigh => "*^",
        BinaryOp::And => "&",
        BinaryOp::Or => "|",
        BinaryOp::Xor => "^",
        BinaryOp::ShiftLeft => "<<",
        BinaryOp::ShiftRight => ">>",
        BinaryOp::ShiftRightLogical => ">>>",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
    }
}

#[cfg(test)]
mod tests;
