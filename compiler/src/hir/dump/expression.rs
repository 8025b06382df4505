//! Expressions: one node per line, with its children indented below.

use std::fmt::{self, Write as _};

use super::{Place, Printer};
use crate::hir::body::{Block, Branch, Condition, ExprKind, SelectArm, SelectEvent, Statement, TypeBase};
use crate::hir::ids::ExprId;
use crate::hir::interpolation::Part;

impl<'a> Printer<'a> {
    /// Writes an expression. A chain of operators is flat: the first operand, then each operator with its right
    /// operand.
    pub(super) fn line(&mut self, place: Place<'a>, expr: ExprId) -> fmt::Result {
        let spine = place.body.left_spine(expr);
        let (&first, operators) = spine.split_last().expect("BUG: an empty chain");
        if operators.is_empty() {
            self.head(place, expr)?;
            return self.children(place, expr);
        }
        self.text_line("chain")?;
        self.indent += 1;
        self.line(place, first)?;
        for &at in operators.iter().rev() {
            self.head(place, at)?;
            self.children(place, at)?;
        }
        self.indent -= 1;
        Ok(())
    }

    fn text_line(&mut self, text: &str) -> fmt::Result {
        self.margin()?;
        writeln!(self.out, "{text}")
    }

    fn head(&mut self, place: Place<'a>, expr: ExprId) -> fmt::Result {
        self.margin()?;
        let text = self.text(place, expr);
        self.out.push_str(&text);
        if let Some(ty) = place.function.and_then(|function| (self.annotation)(function, expr)) {
            write!(self.out, ": {ty}")?;
        }
        self.out.push('\n');
        Ok(())
    }

    fn text(&self, place: Place<'a>, expr: ExprId) -> String {
        let hir = self.hir;
        match &place.body.exprs[expr].kind {
            ExprKind::Error => "error".into(),
            ExprKind::Unit => "()".into(),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Int(value) => value.to_string(),
            ExprKind::Float(value) => format!("{value:?}"),
            ExprKind::Char(value) => format!("{value:?}"),
            ExprKind::Byte(value) => format!("byte {value}"),
            ExprKind::Bytes(value) => format!("bytes b\"{}\"", value.escape_ascii()),
            ExprKind::String(text) => format!("{text:?}"),
            ExprKind::Interpolation(_) => "interpolate".into(),
            ExprKind::Local(local) => place.local(*local),
            ExprKind::Constant(constant) => hir.constants[*constant].name.to_string(),
            ExprKind::Function(function) => format!("fn {}", hir.functions[*function].name),
            ExprKind::VariantFunction(nominal, variant) => {
                format!("fn {}", self.variant_name(*nominal, *variant))
            }
            ExprKind::BuiltinFunction(builtin) => format!("builtin {}", builtin.name()),
            ExprKind::Tuple(_) => "tuple".into(),
            ExprKind::Array(_) => "array".into(),
            ExprKind::Range { inclusive: false, .. } => "range".into(),
            ExprKind::RangeFrom(_) => "range from".into(),
            ExprKind::Range { inclusive: true, .. } => "range up to".into(),
            ExprKind::Unary(op, _) => op.symbol().into(),
            ExprKind::Binary(op, ..) => op.symbol().into(),
            ExprKind::Logical(op, ..) => op.symbol().into(),
            ExprKind::Call(function, _) => format!("call {}", hir.functions[*function].name),
            ExprKind::CallBuiltin(builtin, _) => format!("call builtin {}", builtin.name()),
            ExprKind::CallValue(..) => "call the value".into(),
            ExprKind::CallMethod { method, .. } => format!("call method {method}"),
            ExprKind::CallAssociated { of, name, .. } => format!("call {}.{name}", self.base(*of)),
            ExprKind::Associated { of, name } => format!("{}.{name}", self.base(*of)),
            ExprKind::Struct { nominal, .. } => format!("struct {}", hir.nominals[*nominal].name),
            ExprKind::Variant { nominal, variant, .. } => self.variant_name(*nominal, *variant),
            ExprKind::Shared(shared) => format!("shared {}", shared.name),
            ExprKind::Misfit(_) => "misfit".into(),
            _ => self.text_of_action(place, expr),
        }
    }

    fn text_of_action(&self, place: Place<'a>, expr: ExprId) -> String {
        match &place.body.exprs[expr].kind {
            ExprKind::Field(_, name) => format!("field {name}"),
            ExprKind::TupleField(_, index, _) => format!("field {index}"),
            ExprKind::Index(..) => "index".into(),
            ExprKind::Try(_) => "?".into(),
            ExprKind::Block(_) => "block".into(),
            ExprKind::If { .. } => "if".into(),
            ExprKind::Match { .. } => "match".into(),
            ExprKind::Select(_) => "select".into(),
            ExprKind::Scope(_) => "scope".into(),
            ExprKind::Loop(id, _) => format!("{id}"),
            ExprKind::For { id, pattern, .. } => format!("{id}: for {} in", self.pattern(place, *pattern)),
            ExprKind::Break(id, _) => format!("break {id}"),
            ExprKind::Continue(id) => format!("continue {id}"),
            ExprKind::Return(_) => "return".into(),
            ExprKind::Assign { operator: None, .. } => "=".into(),
            ExprKind::Assign { operator: Some(operator), .. } => format!("{}=", operator.symbol()),
            ExprKind::Lambda(id) => {
                let lambda = &place.body.lambdas[*id];
                let parameter = |(pattern, ty): &(_, Option<(_, _)>)| match ty {
                    Some((ty, _)) => format!("{}: {}", self.pattern(place, *pattern), self.ty(*ty)),
                    None => self.pattern(place, *pattern),
                };
                let parameters: Vec<String> = lambda.parameters.iter().map(parameter).collect();
                let captures = lambda.captures.iter().map(|&(local, _)| {
                    let cell = if place.body.locals[local].in_cell { "var " } else { "" };
                    format!(" {cell}{}", place.local(local))
                });
                let captures: String = captures.collect();
                let of = if captures.is_empty() { "" } else { " of" };
                format!("{id} |{}|{of}{captures}", parameters.join(", "))
            }
            ExprKind::Spawn(id) => format!("{id}"),
            ExprKind::Yield => "yield".into(),
            ExprKind::YieldValue(_) => "yield value".into(),
            ExprKind::YieldFrom(_) => "yield from".into(),
            other => unreachable!("BUG: {other:?} has a text of its own"),
        }
    }

    fn base(&self, base: TypeBase) -> String {
        match base {
            TypeBase::Nominal(nominal) => self.hir.nominals[nominal].name.to_string(),
            TypeBase::Array => "Array".into(),
            TypeBase::Task => "Task".into(),
            TypeBase::Generator => "Gen".into(),
            TypeBase::Parameter(parameter) => self.hir.parameters[parameter].name.to_string(),
            TypeBase::Type(ty) => self.hir.types.display(ty).to_string(),
        }
    }

    fn children(&mut self, place: Place<'a>, expr: ExprId) -> fmt::Result {
        self.indent += 1;
        match &place.body.exprs[expr].kind {
            ExprKind::Error
            | ExprKind::Unit
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Char(_)
            | ExprKind::Byte(_)
            | ExprKind::Bytes(_)
            | ExprKind::String(_)
            | ExprKind::Local(_)
            | ExprKind::Constant(_)
            | ExprKind::Function(_)
            | ExprKind::VariantFunction(..)
            | ExprKind::Misfit(_)
            | ExprKind::BuiltinFunction(_)
            | ExprKind::Associated { .. }
            | ExprKind::Continue(_)
            | ExprKind::Break(_, None)
            | ExprKind::Return(None)
            | ExprKind::Yield => {}
            ExprKind::YieldValue(child)
            | ExprKind::YieldFrom(child)
            | ExprKind::Unary(_, child)
            | ExprKind::Field(child, _)
            | ExprKind::TupleField(child, ..)
            | ExprKind::Try(child)
            | ExprKind::RangeFrom(child)
            | ExprKind::Scope(child)
            | ExprKind::Loop(_, child)
            | ExprKind::Break(_, Some(child))
            | ExprKind::Return(Some(child)) => self.line(place, *child)?,
            ExprKind::Binary(_, _, right) | ExprKind::Logical(_, _, right) => self.line(place, *right)?,
            ExprKind::Index(left, right)
            | ExprKind::Range { start: left, end: right, .. }
            | ExprKind::Assign { target: left, value: right, .. }
            | ExprKind::For { iterable: left, body: right, .. } => self.lines(place, &[*left, *right])?,
            ExprKind::Tuple(children)
            | ExprKind::Array(children)
            | ExprKind::Call(_, children)
            | ExprKind::CallBuiltin(_, children)
            | ExprKind::CallAssociated { arguments: children, .. } => self.lines(place, children)?,
            ExprKind::Variant { arguments, .. } => {
                let children: Vec<ExprId> = arguments.iter().map(|&(_, value)| value).collect();
                self.lines(place, &children)?;
            }
            ExprKind::Shared(shared) => {
                let children: Vec<ExprId> =
                    shared.candidates.iter().map(|&(_, candidate)| candidate).collect();
                self.lines(place, &children)?;
            }
            ExprKind::CallValue(first, arguments)
            | ExprKind::CallMethod { receiver: first, arguments, .. } => {
                self.line(place, *first)?;
                self.lines(place, arguments)?;
            }
            ExprKind::Interpolation(_)
            | ExprKind::Struct { .. }
            | ExprKind::Block(_)
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Select(_)
            | ExprKind::Lambda(_)
            | ExprKind::Spawn(_) => self.parts(place, expr)?,
        }
        self.indent -= 1;
        Ok(())
    }

    /// Writes the children of an expression that has labels, patterns or other text beside its operands.
    fn parts(&mut self, place: Place<'a>, expr: ExprId) -> fmt::Result {
        match &place.body.exprs[expr].kind {
            ExprKind::Interpolation(parts) => parts.iter().try_for_each(|part| self.part(place, part)),
            ExprKind::Struct { nominal, fields, rest } => {
                for &(number, value) in fields {
                    let name = self.field_name(*nominal, number).to_string();
                    self.below(place, &name, value)?;
                }
                rest.iter().try_for_each(|&rest| self.below(place, "..", rest))
            }
            ExprKind::Block(block) => self.block(place, block),
            ExprKind::If { branches, otherwise } => {
                for branch in branches {
                    self.branch(place, branch)?;
                }
                self.lines(place, otherwise.as_slice())
            }
            ExprKind::Match { scrutinee, arms } => {
                self.line(place, *scrutinee)?;
                for arm in arms {
                    let pattern = self.pattern(place, arm.pattern);
                    self.text_line(&format!("{pattern} =>"))?;
                    self.indent += 1;
                    arm.guard.iter().try_for_each(|&guard| self.below(place, "if", guard))?;
                    self.line(place, arm.body)?;
                    self.indent -= 1;
                }
                Ok(())
            }
            ExprKind::Select(arms) => arms.iter().try_for_each(|arm| self.select_arm(place, arm)),
            ExprKind::Lambda(id) => self.line(place, place.body.lambdas[*id].body),
            ExprKind::Spawn(id) => {
                let spawn = &place.body.spawns[*id];
                for &(local, value) in &spawn.arguments {
                    self.below(place, &format!("argument {} =", place.local(local)), value)?;
                }
                self.line(place, spawn.body)
            }
            _ => Ok(()),
        }
    }

    fn branch(&mut self, place: Place<'a>, branch: &Branch) -> fmt::Result {
        for &condition in &branch.conditions {
            match condition {
                Condition::Expr(condition) => self.line(place, condition)?,
                Condition::Let(pattern, value) => {
                    let pattern = self.pattern(place, pattern);
                    self.below(place, &format!("let {pattern} ="), value)?;
                }
            }
        }
        self.line(place, branch.body)
    }

    fn select_arm(&mut self, place: Place<'a>, arm: &SelectArm) -> fmt::Result {
        match arm.event {
            SelectEvent::Receive(channel, None) => self.below(place, "recv", channel)?,
            SelectEvent::Receive(channel, Some(pattern)) => {
                let pattern = self.pattern(place, pattern);
                self.below(place, &format!("{pattern} = recv"), channel)?;
            }
            SelectEvent::Send(channel, value) => {
                self.below(place, "send", channel)?;
                self.below(place, "value", value)?;
            }
            SelectEvent::After(time) => self.below(place, "after", time)?,
            SelectEvent::Else => self.text_line("else")?,
        }
        self.below(place, "=>", arm.body)
    }

    fn lines(&mut self, place: Place<'a>, exprs: &[ExprId]) -> fmt::Result {
        exprs.iter().try_for_each(|&expr| self.line(place, expr))
    }

    /// Writes a word, and an expression below it.
    fn below(&mut self, place: Place<'a>, word: &str, value: ExprId) -> fmt::Result {
        self.text_line(word)?;
        self.indent += 1;
        self.line(place, value)?;
        self.indent -= 1;
        Ok(())
    }

    fn block(&mut self, place: Place<'a>, block: &Block) -> fmt::Result {
        for statement in &block.statements {
            match statement {
                Statement::Let { pattern, ty, value, otherwise } => {
                    let ty = ty.map_or_else(String::new, |(ty, _)| format!(": {}", self.ty(ty)));
                    let pattern = self.pattern(place, *pattern);
                    self.below(place, &format!("let {pattern}{ty} ="), *value)?;
                    otherwise.iter().try_for_each(|&block| self.below(place, "else", block))?;
                }
                Statement::Defer(lambda) => self.below(place, "defer", place.body.lambdas[*lambda].body)?,
                Statement::Expr(expr) => self.line(place, *expr)?,
            }
        }
        block.value.iter().try_for_each(|&value| self.below(place, "value", value))
    }

    fn part(&mut self, place: Place<'a>, part: &Part) -> fmt::Result {
        match part {
            Part::Text(text) => self.text_line(&format!("{text:?}")),
            Part::Value { value, format } => {
                self.line(place, *value)?;
                match format {
                    Some(format) => {
                        self.text_line(&format!("as {:?}", format.spec))?;
                        let computed = [format.width, format.precision].into_iter().flatten();
                        computed.into_iter().try_for_each(|value| self.line(place, value))
                    }
                    None => Ok(()),
                }
            }
        }
    }
}
