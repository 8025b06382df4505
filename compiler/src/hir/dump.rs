//! The tree as text, for `weft emit hir`: close to the source, with names made unique and each node's type if it is
//! known.

use std::fmt::{self, Write as _};

use super::tree::{
    Block, Body, ExprId, ExprKind, Function, FunctionId, Hir, Iterable, LocalId, Part, Statement,
};

/// What [`dump`] writes after an expression: its type, once there is one.
pub type Annotation<'a> = &'a dyn Fn(FunctionId, ExprId) -> Option<String>;

/// The whole program as text.
pub fn dump(hir: &Hir, annotation: Annotation<'_>) -> String {
    let mut out = String::new();
    for (id, function) in hir.functions.iter_enumerated() {
        if !out.is_empty() {
            out.push('\n');
        }
        let mut printer = Printer { hir, id, body: &function.body, annotation, indent: 0, out: &mut out };
        printer.function(function).expect("BUG: a String takes any text");
    }
    out
}

struct Printer<'a> {
    hir: &'a Hir,
    id: FunctionId,
    body: &'a Body,
    annotation: Annotation<'a>,
    indent: usize,
    out: &'a mut String,
}

impl Printer<'_> {
    fn function(&mut self, function: &Function) -> fmt::Result {
        let named = |ty: super::NamedType| {
            ty.map_or_else(|| "?".to_string(), |ty| self.hir.types.display(ty).to_string())
        };
        let parameters: Vec<String> = function
            .parameters
            .iter()
            .map(|parameter| format!("{}: {}", self.local(parameter.local), named(parameter.ty)))
            .collect();
        writeln!(
            self.out,
            "fn {}({}) -> {} {{",
            function.name,
            parameters.join(", "),
            named(function.result)
        )?;
        self.indent += 1;
        self.line(function.body.root)?;
        self.indent -= 1;
        writeln!(self.out, "}}")
    }

    fn local(&self, local: LocalId) -> String {
        format!("{}{local}", self.body.locals[local].name)
    }

    fn margin(&mut self) -> fmt::Result {
        write!(self.out, "{:1$}", "", self.indent * 2)
    }

    /// One node a line; its children below it, indented. A chain of operators is flat: its first operand, then each
    /// operator with what stands to its right.
    fn line(&mut self, expr: ExprId) -> fmt::Result {
        let spine = self.body.left_spine(expr);
        let (&first, operators) = spine.split_last().expect("BUG: an empty chain");
        if operators.is_empty() {
            self.head(expr)?;
            return self.children(expr);
        }
        self.margin()?;
        writeln!(self.out, "chain")?;
        self.indent += 1;
        self.line(first)?;
        for &at in operators.iter().rev() {
            self.head(at)?;
            self.children(at)?;
        }
        self.indent -= 1;
        Ok(())
    }

    fn head(&mut self, expr: ExprId) -> fmt::Result {
        self.margin()?;
        let text = self.text(expr);
        self.out.push_str(&text);
        if let Some(ty) = (self.annotation)(self.id, expr) {
            write!(self.out, ": {ty}")?;
        }
        self.out.push('\n');
        Ok(())
    }

    fn text(&self, expr: ExprId) -> String {
        match &self.body.exprs[expr].kind {
            ExprKind::Error => "error".into(),
            ExprKind::Unit => "()".into(),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Int(value) => value.to_string(),
            ExprKind::Float(value) => format!("{value:?}"),
            ExprKind::String(text) => format!("{text:?}"),
            ExprKind::Interpolation(_) => "interpolate".into(),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Unary(op, _) => op.symbol().into(),
            ExprKind::Binary(op, ..) => op.symbol().into(),
            ExprKind::Logical(op, ..) => op.symbol().into(),
            ExprKind::Call(function, _) => format!("call {}", self.hir.functions[*function].name),
            ExprKind::CallBuiltin(builtin, _) => format!("call builtin {}", builtin.name()),
            ExprKind::CallValue(..) => "call the value".into(),
            ExprKind::CallMethod { method, .. } => format!("call method {method}"),
            ExprKind::Field(_, name) => format!("field {name}"),
            ExprKind::Index(..) => "index".into(),
            ExprKind::Block(_) => "block".into(),
            ExprKind::If { .. } => "if".into(),
            ExprKind::Loop(id, _) => format!("{id}"),
            ExprKind::For { id, variable, iterable, .. } => {
                let what = match iterable {
                    Iterable::Range { inclusive: false, .. } => "range",
                    Iterable::Range { inclusive: true, .. } => "range up to",
                    Iterable::Value(_) => "the elements of",
                };
                format!("{id}: for {} in {what}", self.local(*variable))
            }
            ExprKind::Break(id, _) => format!("break {id}"),
            ExprKind::Continue(id) => format!("continue {id}"),
            ExprKind::Return(_) => "return".into(),
            ExprKind::Assign(local, _) => format!("{} =", self.local(*local)),
            ExprKind::Spawn(id) => format!("{id}"),
            ExprKind::Yield => "yield".into(),
        }
    }

    fn children(&mut self, expr: ExprId) -> fmt::Result {
        let body = self.body;
        self.indent += 1;
        match &body.exprs[expr].kind {
            ExprKind::Error
            | ExprKind::Unit
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::String(_)
            | ExprKind::Local(_)
            | ExprKind::Continue(_)
            | ExprKind::Break(_, None)
            | ExprKind::Return(None)
            | ExprKind::Yield => {}
            ExprKind::Interpolation(parts) => parts.iter().try_for_each(|part| self.part(part))?,
            ExprKind::Unary(_, child)
            | ExprKind::Field(child, _)
            | ExprKind::Loop(_, child)
            | ExprKind::Break(_, Some(child))
            | ExprKind::Return(Some(child))
            | ExprKind::Assign(_, child) => self.line(*child)?,
            ExprKind::Binary(_, _, right) | ExprKind::Logical(_, _, right) => self.line(*right)?,
            ExprKind::Index(base, index) => self.lines(&[*base, *index])?,
            ExprKind::Call(_, arguments) | ExprKind::CallBuiltin(_, arguments) => self.lines(arguments)?,
            ExprKind::CallValue(receiver, arguments) | ExprKind::CallMethod { receiver, arguments, .. } => {
                self.line(*receiver)?;
                self.lines(arguments)?;
            }
            ExprKind::Block(block) => self.block(block)?,
            ExprKind::If { branches, otherwise } => {
                for branch in branches {
                    self.lines(&[branch.condition, branch.body])?;
                }
                self.lines(otherwise.as_slice())?;
            }
            ExprKind::For { iterable, body, .. } => {
                match iterable {
                    Iterable::Range { start, end, .. } => self.lines(&[*start, *end])?,
                    Iterable::Value(value) => self.line(*value)?,
                }
                self.line(*body)?;
            }
            ExprKind::Spawn(id) => {
                let spawn = &body.spawns[*id];
                for (local, value) in &spawn.arguments {
                    self.binding("argument", *local, *value)?;
                }
                self.line(spawn.body)?;
            }
        }
        self.indent -= 1;
        Ok(())
    }

    fn lines(&mut self, exprs: &[ExprId]) -> fmt::Result {
        exprs.iter().try_for_each(|&expr| self.line(expr))
    }

    fn binding(&mut self, word: &str, local: LocalId, value: ExprId) -> fmt::Result {
        self.margin()?;
        writeln!(self.out, "{word} {} =", self.local(local))?;
        self.indent += 1;
        self.line(value)?;
        self.indent -= 1;
        Ok(())
    }

    fn block(&mut self, block: &Block) -> fmt::Result {
        for statement in &block.statements {
            match statement {
                Statement::Let { local, value, .. } => {
                    let word = if self.body.locals[*local].mutable { "var" } else { "let" };
                    self.binding(word, *local, *value)?;
                }
                Statement::Expr(expr) => self.line(*expr)?,
            }
        }
        match block.value {
            Some(value) => {
                self.margin()?;
                writeln!(self.out, "value")?;
                self.indent += 1;
                self.line(value)?;
                self.indent -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn part(&mut self, part: &Part) -> fmt::Result {
        match part {
            Part::Text(text) => {
                self.margin()?;
                writeln!(self.out, "{text:?}")
            }
            Part::Value { value, format } => {
                self.line(*value)?;
                match format {
                    Some(format) => {
                        self.margin()?;
                        writeln!(self.out, "as {:?}", format.spec)
                    }
                    None => Ok(()),
                }
            }
        }
    }
}
