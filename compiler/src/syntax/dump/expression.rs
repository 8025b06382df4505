//! Expressions in a dump.

use super::Dump;
use crate::syntax::ast::*;

impl Dump<'_> {
    pub(super) fn expression(&mut self, id: ExpressionId) {
        let ast = self.ast;
        let expression = &ast.expressions[id];
        self.node(&head(&expression.kind), expression.span, |dump| dump.parts(id, &expression.kind));
    }

    fn expressions(&mut self, ids: &[ExpressionId]) {
        ids.iter().for_each(|&id| self.expression(id));
    }

    fn parts(&mut self, id: ExpressionId, kind: &ExpressionKind) {
        use ExpressionKind::*;
        match kind {
            Integer(_) | Float(_) | Char(_) | Byte(_) | Bytes(_) | Bool(_) | Name(_) | Receiver
            | Continue(_) | Yield | Error => {}
            String(parts) => parts.iter().for_each(|part| self.string_part(part)),
            Tuple(elements) | Array(elements) => self.expressions(elements),
            Call { callee, arguments } => {
                self.expression(*callee);
                arguments.iter().for_each(|argument| self.argument(argument));
            }
            Field { base, .. } | TupleField { base, .. } => self.expression(*base),
            Index { base, index } => self.expressions(&[*base, *index]),
            Try(inner) | Spawn(inner) | Scope(inner) | YieldValue(inner) | YieldFrom(inner) => {
                self.expression(*inner)
            }
            Unary { operand, .. } => self.expression(*operand),
            Binary { .. } => self.chain(id),
            Range { start, end, .. } => {
                self.expressions(start.as_slice());
                self.expressions(end.as_slice());
            }
            Assign { target, value, .. } => self.expressions(&[*target, *value]),
            Block(block) => {
                block.statements.iter().for_each(|statement| self.statement(statement));
                block.value.into_iter().for_each(|value| self.part("value", |dump| dump.expression(value)));
            }
            If { branches, otherwise } => {
                for branch in branches {
                    branch.conditions.iter().for_each(|test| self.condition(test));
                    self.expression(branch.body);
                }
                self.expressions(otherwise.as_slice());
            }
            Match { scrutinee, arms } => {
                self.expression(*scrutinee);
                arms.iter().for_each(|arm| self.arm(arm));
            }
            While { conditions, body, .. } => {
                conditions.iter().for_each(|test| self.condition(test));
                self.expression(*body);
            }
            Loop { body, .. } => self.expression(*body),
            For { pattern, iterable, body, .. } => {
                self.pattern(*pattern);
                self.expressions(&[*iterable, *body]);
            }
            Lambda { parameters, body } => {
                self.parameters(parameters);
                self.expression(*body);
            }
            Select(arms) => arms.iter().for_each(|arm| self.select_arm(arm)),
            Return(value) | Break { value, .. } => self.expressions(value.as_slice()),
        }
    }

    /// Writes a chain of operators as one node: the operands in order, with the operators between them.
    fn chain(&mut self, id: ExpressionId) {
        let spine: Vec<ExpressionId> = self.ast.left_spine(id).collect();
        for &link in spine.iter().rev() {
            match self.ast.expression(link) {
                ExpressionKind::Binary { operator, right, .. } => {
                    self.line(operator.as_str());
                    self.expression(*right);
                }
                _ => self.expression(link),
            }
        }
    }

    fn string_part(&mut self, part: &StringPart) {
        match part {
            StringPart::Text(text) => self.line(&format!("text {text:?}")),
            StringPart::Interpolation { value, format, span } => {
                let format = format.map_or("".to_string(), |format| format!(" {format:?}"));
                self.node(&format!("interpolation{format}"), *span, |dump| dump.expression(*value));
            }
        }
    }

    fn argument(&mut self, argument: &Argument) {
        match argument {
            Argument::Positional(value) => self.expression(*value),
            Argument::Labelled(name, value) => {
                self.node(&format!("{name}:"), name.span, |dump| dump.expression(*value));
            }
            Argument::Rest(value) => self.part("..", |dump| dump.expression(*value)),
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let(binding) => {
                self.node(if binding.mutable { "var" } else { "let" }, binding.span, |dump| {
                    dump.pattern(binding.pattern);
                    binding.ty.into_iter().for_each(|ty| dump.ty(ty));
                    dump.expression(binding.value);
                    let otherwise = binding.otherwise;
                    otherwise.into_iter().for_each(|block| dump.part("else", |dump| dump.expression(block)));
                });
            }
            Statement::Defer(defer) => self.node("defer", defer.span, |dump| dump.expression(defer.body)),
            Statement::Function(item) => self.item(*item),
            Statement::Expression(value) => self.expression(*value),
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Expression(test) => self.expression(*test),
            Condition::Let { pattern, value } => self.part("if let", |dump| {
                dump.pattern(*pattern);
                dump.expression(*value);
            }),
        }
    }

    fn arm(&mut self, arm: &Arm) {
        self.node("arm", arm.span, |dump| {
            dump.pattern(arm.pattern);
            arm.guard.into_iter().for_each(|guard| dump.part("if", |dump| dump.expression(guard)));
            dump.expression(arm.body);
        });
    }

    fn select_arm(&mut self, arm: &SelectArm) {
        self.node("arm", arm.span, |dump| {
            match &arm.event {
                SelectEvent::Operation { binding, operation } => {
                    binding.iter().for_each(|&binding| dump.pattern(binding));
                    dump.expression(*operation);
                }
                SelectEvent::After(time) => dump.part("after", |dump| dump.expression(*time)),
                SelectEvent::Else => dump.line("else"),
            }
            dump.expression(arm.body);
        });
    }
}

/// The first line of an expression.
fn head(kind: &ExpressionKind) -> String {
    use ExpressionKind::*;
    let plain = match kind {
        Integer(value) => return format!("integer {value}"),
        Float(value) => return format!("float {value:?}"),
        Char(value) => return format!("char {value:?}"),
        Byte(value) => return format!("byte {value}"),
        Bytes(value) => return format!("bytes b\"{}\"", value.escape_ascii()),
        Bool(value) => return format!("bool {value}"),
        Name(name) => return format!("name {name}"),
        Field { name, .. } => return format!("field {name}"),
        TupleField { index, .. } => return format!("field {index}"),
        Unary { operator, .. } => return format!("unary {operator}"),
        Assign { operator, .. } => {
            return format!("assign {}=", operator.map_or("", BinaryOperator::as_str));
        }
        While { label, .. } => return with_label("while", label.as_ref()),
        Loop { label, .. } => return with_label("loop", label.as_ref()),
        For { label, .. } => return with_label("for", label.as_ref()),
        Break { label, .. } => return with_label("break", label.as_ref()),
        Continue(label) => return with_label("continue", label.as_ref()),
        String(_) => "string",
        Receiver => "self",
        Tuple(_) => "tuple",
        Array(_) => "array",
        Call { .. } => "call",
        Index { .. } => "index",
        Try(_) => "try",
        Binary { .. } => "chain",
        Range { start: Some(_), end: None, .. } => "range from",
        Range { start: None, end: None, .. } => "whole range",
        Range { start: None, inclusive: false, .. } => "range to",
        Range { start: None, inclusive: true, .. } => "inclusive range to",
        Range { inclusive: false, .. } => "range",
        Range { inclusive: true, .. } => "inclusive range",
        Block(_) => "block",
        If { .. } => "if",
        Match { .. } => "match",
        Lambda { .. } => "lambda",
        Spawn(_) => "spawn",
        Scope(_) => "scope",
        Select(_) => "select",
        Return(_) => "return",
        Yield => "yield",
        YieldValue(_) => "yield value",
        YieldFrom(_) => "yield from",
        Error => "error",
    };
    plain.to_string()
}

fn with_label(head: &str, label: Option<&super::super::ast::Name>) -> String {
    label.map_or(head.to_string(), |label| format!("{head} {label}"))
}
