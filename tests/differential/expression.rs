//! Expressions of each type, and the names that they may use.

use super::program::{Function, Type, parameter};
use super::random::Random;

/// A name in scope.
#[derive(Clone)]
pub struct Variable {
    /// The name of the variable.
    pub name: String,
    /// The type of the variable; for a task, the type of its result.
    pub ty: Type,
    /// Whether the variable is a task.
    pub is_task: bool,
    /// Whether the variable can be assigned, and so cannot be captured.
    pub is_var: bool,
}

/// A function's body under construction.
pub struct Body<'a> {
    /// The source of all choices.
    pub random: &'a mut Random,
    functions: &'a [Function],
    /// The variables in scope.
    pub scope: Vec<Variable>,
    /// The text so far.
    pub text: String,
    pub(super) indent: usize,
    /// The number of times that code written now runs in one call of the function.
    pub(super) times: u64,
    cost: u64,
    limit: u64,
    names: usize,
}

impl<'a> Body<'a> {
    /// An empty body. It may call `functions` as long as its cost stays below `limit`.
    pub fn new(random: &'a mut Random, functions: &'a [Function], limit: u64) -> Body<'a> {
        let (scope, text) = (Vec::new(), String::new());
        Body { random, functions, scope, text, indent: 1, times: 1, cost: 1, limit, names: 0 }
    }

    /// Returns the text of the body, and the cost of a call of the function.
    pub fn finish(self) -> (String, u64) {
        (self.text, self.cost)
    }

    /// Brings the parameters into scope.
    pub fn declare_parameters(&mut self, function: &Function) {
        for (index, &ty) in function.parameters.iter().enumerate() {
            self.declare(parameter(index), ty, false, false);
        }
    }

    pub(super) fn declare(&mut self, name: String, ty: Type, is_task: bool, is_var: bool) {
        self.scope.push(Variable { name, ty, is_task, is_var });
    }

    pub(super) fn new_name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// The name of a variable of that type in scope, if there is one.
    pub(super) fn name_of(&mut self, ty: Type, is_task: bool) -> Option<String> {
        let fits = |variable: &&Variable| variable.ty == ty && variable.is_task == is_task;
        let names: Vec<&str> =
            self.scope.iter().filter(fits).map(|variable| variable.name.as_str()).collect();
        (!names.is_empty()).then(|| self.random.of(&names).to_owned())
    }

    /// Chooses a function that returns a `ty` and whose cost is within the limit, and adds its cost.
    pub(super) fn callee(&mut self, ty: Type) -> Option<Function> {
        let left = self.limit.saturating_sub(self.cost);
        let fits = |function: &&Function| function.result == ty && function.cost * self.times < left;
        let callees: Vec<&Function> = self.functions.iter().filter(fits).collect();
        let callee = (!callees.is_empty()).then(|| self.random.of(&callees).clone())?;
        self.cost += callee.cost * self.times;
        Some(callee)
    }

    /// A call with random arguments: `name(arguments)`.
    pub(super) fn call(&mut self, function: &Function) -> String {
        let first = function.depth.map(|depth| self.random.below(depth as usize + 1).to_string());
        self.call_with(function, first)
    }

    /// A call. If the function counts its recursion down, `first` is the counter, its first argument.
    pub(super) fn call_with(&mut self, function: &Function, first: Option<String>) -> String {
        let skipped = usize::from(first.is_some());
        let others: Vec<Type> = function.parameters[skipped..].to_vec();
        let others = others.into_iter().map(|ty| self.expression(ty, 1));
        let arguments: Vec<String> = first.into_iter().chain(others).collect();
        format!("{}({})", function.name, arguments.join(", "))
    }

    /// An expression of a type, nested at most `depth` deep.
    pub fn expression(&mut self, ty: Type, depth: usize) -> String {
        self.cost += self.times;
        if depth == 0 || self.random.chance(15) {
            return self.leaf(ty);
        }
        match self.random.below(10) {
            0 => self.choice(ty, depth),
            1 | 2 => match self.callee(ty) {
                Some(function) => self.call(&function),
                None => self.leaf(ty),
            },
            3 => match self.name_of(ty, true) {
                Some(task) => format!("{task}.join()"),
                None => self.leaf(ty),
            },
            _ => match ty {
                Type::Int => self.int(depth - 1),
                Type::Float => self.float(depth - 1),
                Type::Bool => self.bool(depth - 1),
                Type::String => self.string(depth - 1),
            },
        }
    }

    fn choice(&mut self, ty: Type, depth: usize) -> String {
        let condition = self.bool(depth - 1);
        let (one, other) = (self.expression(ty, depth - 1), self.expression(ty, depth - 1));
        format!("(if {condition} {{ {one} }} else {{ {other} }})")
    }

    /// A name or a literal.
    fn leaf(&mut self, ty: Type) -> String {
        if self.random.chance(80)
            && let Some(name) = self.name_of(ty, false)
        {
            return name;
        }
        let literals: &[&str] = match ty {
            Type::Int => {
                &["0", "1", "2", "7", "63", "0xff", "1_000", "9223372036854775807", "(-1)", "(-300)"]
            }
            Type::Float => &["0.0", "1.0", "0.5", "2.5e-3", "1e9", "1e300", "(-0.0)", "(-3.25)"],
            Type::Bool => &["true", "false"],
            Type::String => &["\"\"", "\"a\"", "\"weft\"", "\"\\u{1F9F5}\"", "\"a\\tb\""],
        };
        self.random.of(literals).to_owned()
    }

    fn int(&mut self, depth: usize) -> String {
        let left = self.expression(Type::Int, depth);
        let right = self.expression(Type::Int, depth);
        match self.random.below(14) {
            0..4 => format!("({left} {} {right})", self.random.of(&["+%", "-%", "*%"])),
            4 | 5 => format!("({left} {} {right})", self.random.of(&["&", "|", "^"])),
            6 => format!("(({left} & 1023) {} ({right} & 1023))", self.random.of(&["+", "-", "*"])),
            7 => format!("({left} {} ({right} | 1))", self.random.of(&["/", "%"])),
            8 => format!("({left} {} ({right} & 63))", self.random.of(&["<<", ">>"])),
            9 => format!("({}({left} & 255))", self.random.of(&["-", "~"])),
            10 => format!("{}.len()", self.expression(Type::String, depth)),
            11 => format!("(({} % 1000.0) * 8.0).to_int()", self.finite(depth)),
            12 => self.checked(&left, &right),
            _ => format!("({left} +% {right} -% {})", self.expression(Type::Int, depth)),
        }
    }

    /// An operation on two integers, sometimes an operation that may panic.
    fn checked(&mut self, left: &str, right: &str) -> String {
        let operator =
            if self.random.chance(10) { self.random.of(&["+", "-", "*", "/", "%", "<<"]) } else { "^" };
        format!("({left} {operator} {right})")
    }

    /// A finite float of limited size.
    fn finite(&mut self, depth: usize) -> String {
        format!("({} & 0xfffff).to_float()", self.expression(Type::Int, depth))
    }

    fn float(&mut self, depth: usize) -> String {
        let left = self.expression(Type::Float, depth);
        match self.random.below(6) {
            0..4 => {
                let right = self.expression(Type::Float, depth);
                format!("({left} {} {right})", self.random.of(&["+", "-", "*", "/", "%"]))
            }
            4 => format!("(-{left})"),
            _ => format!("{}.to_float()", self.expression(Type::Int, depth)),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        match self.random.below(6) {
            0 => {
                let (left, right) = (self.expression(Type::Bool, depth), self.expression(Type::Bool, depth));
                format!("({left} {} {right})", self.random.of(&["&&", "||"]))
            }
            1 => format!("(!{})", self.expression(Type::Bool, depth)),
            2 => {
                let ty = self.random.of(&Type::ALL);
                self.name_of(ty, true)
                    .map_or_else(|| self.leaf(Type::Bool), |task| format!("{task}.is_done()"))
            }
            _ => {
                let ty = self.random.of(&[Type::Int, Type::Float, Type::String]);
                let (left, right) = (self.expression(ty, depth), self.expression(ty, depth));
                format!("({left} {} {right})", self.random.of(&["==", "!=", "<", "<=", ">", ">="]))
            }
        }
    }

    fn string(&mut self, depth: usize) -> String {
        let left = self.expression(Type::String, depth);
        if self.random.chance(40) {
            return format!("clip({left} + {})", self.expression(Type::String, depth));
        }
        let ty = self.random.of(&Type::ALL);
        let name = self.name_of(ty, false).unwrap_or_else(|| "1".to_owned());
        let format = match ty {
            Type::Int => self.random.of(&["", ":x", ":>8", ":08"]),
            Type::Float => self.random.of(&["", ":.3", ":>10"]),
            Type::Bool => "",
            Type::String => self.random.of(&["", ":<6", ":^7"]),
        };
        let format = if name == "1" { "" } else { format };
        format!("clip({left} + \"-{{{name}{format}}}\")")
    }
}
