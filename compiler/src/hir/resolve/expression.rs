//! Expressions by kind. Literals, strings and operators are resolved here, the other kinds in the files named after
//! them.

use std::sync::Arc;

use super::body::Resolver;
use super::keyword;
use super::scope::FrameKind;
use crate::arena::Id;
use crate::hir::body::ExprKind;
use crate::hir::errors::{self, YieldInside};
use crate::hir::ids::ExprId;
use crate::hir::interpolation::{Format, Part};
use crate::hir::operators::{BinaryOp, LogicalOp, UnaryOp};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOperator, ExpressionId, ExpressionKind, StringPart, UnaryOperator};

impl<'a> Resolver<'_, 'a> {
    /// Resolves an expression. Chains of operators are walked in a loop: they may be as long as the source.
    pub fn expression(&mut self, id: ExpressionId) -> ExprId {
        let ast = self.context.ast;
        let mut chain = Vec::new();
        let mut at = id;
        while let ExpressionKind::Binary { operator, left, right, .. } = ast.expression(at) {
            chain.push((*operator, *right, ast.expressions[at].span));
            at = *left;
        }
        let kind = self.operand(at);
        let mut value = self.push(kind, self.span(at));
        for (operator, right, span) in chain.into_iter().rev() {
            let right = self.expression(right);
            let kind = match operation(operator) {
                Operation::Binary(op) => ExprKind::Binary(op, value, right),
                Operation::Logical(op) => ExprKind::Logical(op, value, right),
            };
            value = self.push(kind, span);
        }
        value
    }

    fn expressions(&mut self, ids: &[ExpressionId]) -> Vec<ExprId> {
        ids.iter().map(|&id| self.expression(id)).collect()
    }

    /// Resolves an expression that is not a binary operator.
    pub fn operand(&mut self, id: ExpressionId) -> ExprKind {
        let ast = self.context.ast;
        let span = self.span(id);
        match ast.expression(id) {
            ExpressionKind::Integer(magnitude) => self.integer(*magnitude, span),
            ExpressionKind::Float(value) => ExprKind::Float(*value),
            ExpressionKind::Bool(value) => ExprKind::Bool(*value),
            ExpressionKind::Char(value) => ExprKind::Char(*value),
            ExpressionKind::Byte(value) => ExprKind::Byte(*value),
            ExpressionKind::Bytes(value) => ExprKind::Bytes(value.clone()),
            ExpressionKind::String(parts) => self.string(parts),
            ExpressionKind::Tuple(elements) if elements.is_empty() => ExprKind::Unit,
            ExpressionKind::Tuple(elements) => ExprKind::Tuple(self.expressions(elements)),
            ExpressionKind::Array(elements) => ExprKind::Array(self.expressions(elements)),
            ExpressionKind::Name(_) | ExpressionKind::Field { .. } | ExpressionKind::Receiver => {
                let reference = self.reference(id);
                self.value(reference, span)
            }
            ExpressionKind::TupleField { base, index, index_span } => {
                ExprKind::TupleField(self.expression(*base), *index as usize, *index_span)
            }
            ExpressionKind::Call { callee, arguments } => self.call(*callee, arguments, span),
            ExpressionKind::Index { base, index } => self.index(*base, *index, span),
            ExpressionKind::Try(inner) => self.resolve_try(*inner, span),
            ExpressionKind::Unary { operator, operand } => self.unary(*operator, *operand),
            ExpressionKind::Range { start, end, inclusive } => self.range(*start, *end, *inclusive, span),
            ExpressionKind::Assign { target, operator, value, .. } => self.assign(*target, *operator, *value),
            ExpressionKind::Block(block) => ExprKind::Block(self.block(block)),
            ExpressionKind::Lambda { parameters, body } => self.lambda(None, parameters, *body, span),
            ExpressionKind::Spawn(operand) => self.spawn(*operand, span),
            ExpressionKind::Return(value) => self.resolve_return(*value, span),
            ExpressionKind::Yield => ExprKind::Yield,
            ExpressionKind::Error => ExprKind::Error,
            ExpressionKind::Binary { .. } => self.chain_in_brackets(id),
            ExpressionKind::If { .. }
            | ExpressionKind::Match { .. }
            | ExpressionKind::While { .. }
            | ExpressionKind::Loop { .. }
            | ExpressionKind::For { .. }
            | ExpressionKind::Break { .. }
            | ExpressionKind::Continue(_)
            | ExpressionKind::Scope(_)
            | ExpressionKind::Select(_) => self.control(id, span),
            ExpressionKind::YieldValue(value) => {
                self.yield_element("yield", *value, span, ExprKind::YieldValue)
            }
            ExpressionKind::YieldFrom(value) => {
                self.yield_element("yield from", *value, span, ExprKind::YieldFrom)
            }
        }
    }

    /// Resolves `inner?`.
    fn resolve_try(&mut self, inner: ExpressionId, span: Span) -> ExprKind {
        let inner = self.expression(inner);
        let mark = Span { start: span.end.saturating_sub(1).max(span.start), ..span };
        match self.leaves_deferred("?", mark) {
            true => ExprKind::Error,
            false => ExprKind::Try(inner),
        }
    }

    /// Resolves `return` or `return value`.
    fn resolve_return(&mut self, value: Option<ExpressionId>, span: Span) -> ExprKind {
        let value = value.map(|value| self.expression(value));
        match self.leaves_deferred("return", keyword(span, "return")) {
            true => ExprKind::Error,
            false => ExprKind::Return(value),
        }
    }

    /// Resolves `yield e` or `yield from e`; `word` is `yield` or `yield from`.
    fn yield_element(
        &mut self,
        word: &str,
        value: ExpressionId,
        span: Span,
        kind: fn(ExprId) -> ExprKind,
    ) -> ExprKind {
        let value = self.expression(value);
        let place = keyword(span, word);
        let error = if let Some(frame) = self.frames.last() {
            let inside = match &frame.kind {
                FrameKind::Lambda { deferred: true, .. } => YieldInside::Deferred,
                FrameKind::Lambda { deferred: false, .. } => YieldInside::Lambda,
                FrameKind::Thread { .. } => YieldInside::Thread,
            };
            errors::yield_inside(word, place, inside, frame.span)
        } else if !self.generator {
            errors::yield_outside(word, place, self.function)
        } else if let Some(&scope) = self.open_scopes.last() {
            errors::yield_inside(word, place, YieldInside::Scope, scope)
        } else {
            return kind(value);
        };
        self.context.report(error);
        ExprKind::Error
    }

    /// Resolves a chain of operators in parentheses, such as `(a + b)` in `(a + b).abs()`. The caller pushes the node
    /// of the outermost operator, so the node that `expression` pushed is removed again.
    fn chain_in_brackets(&mut self, id: ExpressionId) -> ExprKind {
        let last = self.expression(id);
        let kind = self.exprs[last].kind.clone();
        self.exprs.truncate(last.raw());
        kind
    }

    fn control(&mut self, id: ExpressionId, span: Span) -> ExprKind {
        match self.context.ast.expression(id) {
            ExpressionKind::If { branches, otherwise } => self.if_chain(branches, *otherwise),
            ExpressionKind::Match { scrutinee, arms } => self.match_value(*scrutinee, arms),
            ExpressionKind::While { label, conditions, body } => {
                self.while_loop(label.as_ref(), conditions, *body, span)
            }
            ExpressionKind::Loop { label, body } => self.plain_loop(label.as_ref(), *body, span),
            ExpressionKind::For { label, pattern, iterable, body } => {
                self.for_loop(label.as_ref(), *pattern, *iterable, *body, span)
            }
            ExpressionKind::Break { label, value } => self.break_out(label.as_ref(), *value, span),
            ExpressionKind::Continue(label) => self.continue_with(label.as_ref(), span),
            ExpressionKind::Scope(block) => {
                self.open_scopes.push(keyword(span, "scope"));
                let block = self.expression(*block);
                self.open_scopes.pop();
                ExprKind::Scope(block)
            }
            ExpressionKind::Select(arms) => self.select(arms, keyword(span, "select")),
            _ => unreachable!("BUG: not control flow"),
        }
    }

    /// Resolves `xs[i]`. Reports brackets after the name of a type: they are meant as type arguments.
    fn index(&mut self, base: ExpressionId, index: ExpressionId, span: Span) -> ExprKind {
        if let ExpressionKind::Name(name) = self.context.ast.expression(base)
            && self.scopes.get(&name.text).is_none()
            && self.context.is_type(&name.text)
        {
            self.context.report(errors::type_arguments_in_value(name, span));
            return ExprKind::Error;
        }
        let base = self.expression(base);
        ExprKind::Index(base, self.expression(index))
    }

    fn range(
        &mut self,
        start: Option<ExpressionId>,
        end: Option<ExpressionId>,
        inclusive: bool,
        span: Span,
    ) -> ExprKind {
        let start = match start {
            Some(start) => self.expression(start),
            None => self.push(ExprKind::Int(0), Span { end: span.start, ..span }),
        };
        match end {
            Some(end) => ExprKind::Range { start, end: self.expression(end), inclusive },
            None => ExprKind::RangeFrom(start),
        }
    }

    fn integer(&mut self, magnitude: u64, span: Span) -> ExprKind {
        match i64::try_from(magnitude) {
            Ok(value) => ExprKind::Int(value),
            Err(_) => {
                self.context.report(errors::integer_out_of_range(magnitude, span));
                ExprKind::Error
            }
        }
    }

    /// Resolves a prefix operator. A minus before a literal is part of the literal: -9223372036854775808 fits its type,
    /// 9223372036854775808 does not.
    fn unary(&mut self, operator: UnaryOperator, operand: ExpressionId) -> ExprKind {
        match (operator, self.context.ast.expression(operand)) {
            (UnaryOperator::Negate, ExpressionKind::Integer(magnitude)) if *magnitude <= 1 << 63 => {
                ExprKind::Int(0i64.wrapping_sub_unsigned(*magnitude))
            }
            (UnaryOperator::Negate, ExpressionKind::Float(value)) => ExprKind::Float(-value),
            (UnaryOperator::Negate, _) => ExprKind::Unary(UnaryOp::Negate, self.expression(operand)),
            (UnaryOperator::Not, _) => ExprKind::Unary(UnaryOp::Not, self.expression(operand)),
            (UnaryOperator::Complement, _) => ExprKind::Unary(UnaryOp::Complement, self.expression(operand)),
        }
    }

    fn string(&mut self, parts: &'a [StringPart]) -> ExprKind {
        match parts {
            [] => ExprKind::String(Arc::from("")),
            [StringPart::Text(text)] => ExprKind::String(text.clone()),
            parts => ExprKind::Interpolation(parts.iter().map(|part| self.string_part(part)).collect()),
        }
    }

    fn string_part(&mut self, part: &'a StringPart) -> Part {
        match part {
            StringPart::Text(text) => Part::Text(text.clone()),
            StringPart::Interpolation { value, format, span } => {
                let value = self.expression(*value);
                // The place of the format is between the value and the closing brace.
                let start = self.exprs[value].span.end.min(span.end);
                let place = Span { start, end: span.end.saturating_sub(1).max(start), ..*span };
                let format = format.map(|ast::Format { spec, width, precision }| {
                    let [width, precision] =
                        [width, precision].map(|value| value.map(|value| self.expression(value)));
                    Format { spec, width, precision, span: place }
                });
                Part::Value { value, format }
            }
        }
    }
}

/// A binary operator as the HIR represents it.
pub(super) enum Operation {
    Binary(BinaryOp),
    Logical(LogicalOp),
}

pub(super) fn operation(operator: BinaryOperator) -> Operation {
    let op = match operator {
        BinaryOperator::And => return Operation::Logical(LogicalOp::And),
        BinaryOperator::Or => return Operation::Logical(LogicalOp::Or),
        BinaryOperator::Multiply => BinaryOp::Multiply,
        BinaryOperator::Divide => BinaryOp::Divide,
        BinaryOperator::Remainder => BinaryOp::Remainder,
        BinaryOperator::WrappingMultiply => BinaryOp::WrappingMultiply,
        BinaryOperator::Add => BinaryOp::Add,
        BinaryOperator::Subtract => BinaryOp::Subtract,
        BinaryOperator::WrappingAdd => BinaryOp::WrappingAdd,
        BinaryOperator::WrappingSubtract => BinaryOp::WrappingSubtract,
        BinaryOperator::ShiftLeft => BinaryOp::ShiftLeft,
        BinaryOperator::ShiftRight => BinaryOp::ShiftRight,
        BinaryOperator::ShiftRightLogical => BinaryOp::ShiftRightLogical,
        BinaryOperator::BitAnd => BinaryOp::And,
        BinaryOperator::BitXor => BinaryOp::Xor,
        BinaryOperator::BitOr => BinaryOp::Or,
        BinaryOperator::Equal => BinaryOp::Equal,
        BinaryOperator::NotEqual => BinaryOp::NotEqual,
        BinaryOperator::Less => BinaryOp::Less,
        BinaryOperator::LessEqual => BinaryOp::LessEqual,
        BinaryOperator::Greater => BinaryOp::Greater,
        BinaryOperator::GreaterEqual => BinaryOp::GreaterEqual,
    };
    Operation::Binary(op)
}
