//! MIR as text: what `weft emit mir` shows and what the verifier's messages quote.
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

use std::fmt;

use crate::arena::Id;
use crate::mir::{
    BinaryOp, Block, Function, FunctionId, Local, LocalId, Operand, Program, Rvalue, Statement,
    TerminatorKind, UnaryOp,
};

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.functions.ids().try_for_each(|id| {
            let gap = if id.raw() > 0 { "\n" } else { "" };
            write!(f, "{gap}{}", self.display_function(id))
        })
    }
}

impl Program {
    /// One function as text.
    pub fn display_function(&self, id: FunctionId) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| function(f, self, &self.functions[id]))
    }

    /// One statement as text.
    pub fn display_statement<'a>(&'a self, statement: &'a Statement) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| {
            if let Some(destination) = statement.destination {
                write!(f, "{destination} = ")?;
            }
            rvalue(f, self, &statement.value)
        })
    }

    /// One way out as text.
    pub fn display_terminator<'a>(&'a self, kind: &'a TerminatorKind) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| terminator_kind(f, self, kind))
    }
}

fn function(f: &mut fmt::Formatter<'_>, program: &Program, function: &Function) -> fmt::Result {
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
        block(f, program, body)?;
    }
    writeln!(f, "}}")
}

fn block(f: &mut fmt::Formatter<'_>, program: &Program, block: &Block) -> fmt::Result {
    for statement in &block.statements {
        writeln!(f, "    {}", program.display_statement(statement))?;
    }
    writeln!(f, "    {}", program.display_terminator(&block.terminator.kind))
}

fn rvalue(f: &mut fmt::Formatter<'_>, program: &Program, value: &Rvalue) -> fmt::Result {
    let show = |operand| show(program, operand);
    match value {
        Rvalue::Use(operand) => write!(f, "{}", show(operand)),
        Rvalue::Unary(op, operand) => match op {
            UnaryOp::Negate | UnaryOp::Not | UnaryOp::Complement => {
                write!(f, "{}{}", unary_symbol(*op), show(operand))
            }
            UnaryOp::IntToFloat | UnaryOp::FloatToInt => {
                write!(f, "{}({})", unary_symbol(*op), show(operand))
            }
        },
        Rvalue::Binary(op, left, right) => {
            write!(f, "{} {} {}", show(left), binary_symbol(*op), show(right))
        }
        Rvalue::Call(callee, arguments) => {
            write!(f, "{}", call(program, name(program, *callee), arguments))
        }
        Rvalue::Runtime(callee, arguments) => {
            write!(f, "runtime {}", call(program, callee.symbol(), arguments))
        }
        Rvalue::Index(array, index) => write!(f, "{}[{}]", show(array), show(index)),
        Rvalue::Length(operand) => write!(f, "length({})", show(operand)),
        Rvalue::Spawn(callee, arguments) => {
            write!(f, "spawn {}", call(program, name(program, *callee), arguments))
        }
        Rvalue::Join(task) => write!(f, "join({})", show(task)),
        Rvalue::IsDone(task) => write!(f, "is_done({})", show(task)),
        Rvalue::TaskId(task) => write!(f, "id({})", show(task)),
        Rvalue::Yield => f.write_str("yield"),
    }
}

fn terminator_kind(f: &mut fmt::Formatter<'_>, program: &Program, kind: &TerminatorKind) -> fmt::Result {
    match kind {
        TerminatorKind::Goto(target) => write!(f, "goto {target}"),
        TerminatorKind::Branch { condition, then_block, else_block } => {
            write!(f, "if {} goto {then_block} else goto {else_block}", show(program, condition))
        }
        TerminatorKind::Return(value) => write!(f, "return {}", show(program, value)),
        TerminatorKind::TailCall(callee, arguments) => {
            write!(f, "return {} in place", call(program, name(program, *callee), arguments))
        }
        TerminatorKind::Panic(kind) => write!(f, "panic {kind:?}"),
        TerminatorKind::Diverge(callee, arguments) => {
            write!(f, "diverge {}", call(program, callee.symbol(), arguments))
        }
        TerminatorKind::Unreachable => f.write_str("unreachable"),
    }
}

/// An operand, a string literal as its text.
fn show<'a>(program: &'a Program, operand: &'a Operand) -> impl fmt::Display + 'a {
    fmt::from_fn(move |f| match operand {
        Operand::Local(local) => write!(f, "{local}"),
        Operand::Unit => f.write_str("()"),
        Operand::Bool(value) => write!(f, "{value}"),
        Operand::Int(value) => write!(f, "{value}"),
        Operand::Float(value) => write!(f, "{value:?}"),
        Operand::String(id) if id.raw() < program.strings.len() => write!(f, "{:?}", program.strings[*id]),
        Operand::String(id) => write!(f, "{id}"),
    })
}

fn call(program: &Program, callee: impl fmt::Display, arguments: &[Operand]) -> String {
    let arguments: Vec<String> =
        arguments.iter().map(|argument| show(program, argument).to_string()).collect();
    format!("{callee}({})", arguments.join(", "))
}

/// A function's name; its id if the program has none such, which the verifier reports.
fn name(program: &Program, function: FunctionId) -> impl fmt::Display + '_ {
    fmt::from_fn(move |f| match function.raw() < program.functions.len() {
        true => f.write_str(&program.functions[function].name),
        false => write!(f, "{function}"),
    })
}

fn unary_symbol(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Negate => "-",
        UnaryOp::Not => "!",
        UnaryOp::Complement => "~",
        UnaryOp::IntToFloat => "to_float",
        UnaryOp::FloatToInt => "to_int",
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
        BinaryOp::And => "&",
        BinaryOp::Or => "|",
        BinaryOp::Xor => "^",
        BinaryOp::ShiftLeft => "<<",
        BinaryOp::ShiftRight => ">>",
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
