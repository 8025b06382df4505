//! Random statements, and the beginnings and ends of bodies.

use super::expression::{Body, Variable};
use super::program::{Function, Type};

/// The greatest depth of nested expressions.
const DEPTH: usize = 3;

impl Body<'_> {
    fn line(&mut self, line: &str) {
        self.text += &"  ".repeat(self.indent);
        self.text += line;
        self.text += "\n";
    }

    /// Writes `count` statements.
    pub fn statements(&mut self, count: usize) {
        for _ in 0..count {
            self.statement();
        }
    }

    fn statement(&mut self) {
        match self.random.below(16) {
            0..5 => self.bind(),
            5 | 6 => self.assign(),
            7 | 8 => self.line("yield"),
            9 => self.branch(),
            10 => self.repeat(),
            11 | 12 => self.spawn(),
            13 => self.spawn_block(),
            14 => self.many(),
            _ => self.print(),
        }
    }

    fn bind(&mut self) {
        let ty = self.random.of(&Type::ALL);
        let value = self.expression(ty, DEPTH);
        let is_var = self.random.chance(40);
        let name = self.new_name(if is_var { "v" } else { "x" });
        self.line(&format!("{} {name} = {value}", if is_var { "var" } else { "let" }));
        self.declare(name, ty, false, is_var);
    }

    /// Writes twelve variables of one type, so that code after them is likely to have more live values than registers.
    fn many(&mut self) {
        let ty = self.random.of(&[Type::Int, Type::Float]);
        for _ in 0..12 {
            let value = self.expression(ty, 1);
            let name = self.new_name("m");
            self.line(&format!("let {name} = {value}"));
            self.declare(name, ty, false, false);
        }
    }

    fn assign(&mut self) {
        let vars: Vec<Variable> = self.scope.iter().filter(|variable| variable.is_var).cloned().collect();
        if vars.is_empty() {
            return self.bind();
        }
        let index = self.random.below(vars.len());
        let Variable { name, ty, .. } = &vars[index];
        let value = self.expression(*ty, DEPTH);
        self.line(&format!("{name} = {value}"));
    }

    /// Writes statements in braces. Variables that they declare go out of scope at the end.
    fn nested(&mut self, head: &str) {
        self.line(head);
        let declared = self.scope.len();
        self.indent += 1;
        let count = 1 + self.random.below(3);
        self.statements(count);
        self.indent -= 1;
        self.scope.truncate(declared);
    }

    fn branch(&mut self) {
        let condition = self.expression(Type::Bool, 2);
        self.nested(&format!("if {condition} {{"));
        self.nested("} else {");
        self.line("}");
    }

    fn repeat(&mut self) {
        let times = 1 + self.random.below(6);
        let name = self.new_name("i");
        if self.indent > 3 {
            return self.print();
        }
        self.times *= times as u64;
        self.declare(name.clone(), Type::Int, false, false);
        if self.random.chance(50) {
            self.nested(&format!("for {name} in 0..{times} {{"));
        } else {
            // A `spawn` of a block inside the loop can capture this copy, but not the `var`.
            let inside = "  ".repeat(self.indent + 1);
            self.line(&format!("var of_{name} = 0"));
            self.nested(&format!("while of_{name} < {times} {{\n{inside}let {name} = of_{name}"));
            self.line(&format!("  of_{name} += 1"));
        }
        self.line("}");
        self.scope.pop();
        self.times /= times as u64;
    }

    fn spawn(&mut self) {
        let ty = self.random.of(&Type::ALL);
        let Some(function) = self.callee(ty) else { return self.bind() };
        let call = self.call(&function);
        let name = self.new_name("t");
        self.line(&format!("let {name} = spawn {call}"));
        self.declare(name, ty, true, false);
    }

    /// Writes a `spawn` of a block, which can read the variables around it, except any `var`.
    fn spawn_block(&mut self) {
        let ty = self.random.of(&Type::ALL);
        let scope = self.scope.clone();
        self.scope.retain(|variable| !variable.is_var);
        let name = self.new_name("t");
        self.line(&format!("let {name} = spawn {{"));
        self.indent += 1;
        self.statements(2);
        let value = self.expression(ty, DEPTH);
        self.line(&value);
        self.indent -= 1;
        self.line("}");
        self.scope = scope;
        self.declare(name, ty, true, false);
    }

    fn print(&mut self) {
        let ty = self.random.of(&Type::ALL);
        let value = self.expression(ty, 2);
        self.line(&format!("println({value})"));
    }

    /// Writes uses of all variables in scope, so that they are live up to here; sometimes writes nothing.
    pub fn use_all(&mut self) {
        if self.random.chance(30) {
            return;
        }
        let of = |scope: &[Variable], ty: Type| {
            let names = scope.iter().filter(|variable| variable.ty == ty && !variable.is_task);
            names.map(|variable| variable.name.clone()).collect::<Vec<String>>()
        };
        let ints = of(&self.scope, Type::Int).join(" ^ ");
        let floats = of(&self.scope, Type::Float).join(" + ");
        let bools = of(&self.scope, Type::Bool).join(" != ");
        let strings = of(&self.scope, Type::String).join(" + ");
        for (all, ty) in [(ints, Type::Int), (floats, Type::Float), (strings, Type::String)] {
            if !all.is_empty() {
                let name = self.new_name("all");
                self.line(&format!("let {name} = {all}"));
                self.line(&format!("println(\"{{{name}}}\")"));
                self.declare(name, ty, false, false);
            }
        }
        if let [name] = bools.split(" != ").collect::<Vec<&str>>()[..]
            && !name.is_empty()
        {
            self.line(&format!("println({name})"));
        }
    }

    /// Writes the last expression: half the time a tail call, if a function can be called.
    pub fn result(&mut self, ty: Type) {
        let callee = if self.random.chance(50) { self.callee(ty) } else { None };
        let value = match callee {
            Some(function) => self.call(&function),
            None => self.expression(ty, DEPTH),
        };
        self.line(&value);
    }

    /// Writes the base case of a recursion: the function returns if its first parameter, the depth, is 0.
    pub fn return_at_zero(&mut self, ty: Type) {
        let value = self.expression(ty, 1);
        self.line(&format!("if p0 <= 0 {{ return {value} }}"));
    }

    /// Writes a recursive call with a smaller first argument, sometimes after a conditional yield.
    pub fn recurse(&mut self, function: &Function) {
        if self.random.chance(50) {
            self.line("if p0 % 8 == 3 { yield }");
        }
        let call = self.call_with(function, Some("p0 - 1".to_owned()));
        let name = self.new_name("r");
        self.line(&format!("let {name} = {call}"));
        self.declare(name, function.result, false, false);
    }

    /// Writes a tail call of the partner with a smaller first argument.
    pub fn tail_call_partner(&mut self, partner: &Function) {
        let call = self.call_with(partner, Some("p0 - 1".to_owned()));
        self.line(&call);
    }
}
