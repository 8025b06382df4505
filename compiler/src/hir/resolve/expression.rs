//! Expressions by kind: literals, strings and operators here, the rest in `call` and `control`.

use std::sync::Arc;

use super::body::Resolver;
use super::keyword;
use crate::hir::errors;
use crate::hir::operators::{BinaryOp, LogicalOp, UnaryOp};
use crate::hir::tree::{ExprId, ExprKind, Format, Part};
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, ExpressionId, ExpressionKind, StringPart, UnaryOperator};

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
        let span = ast.expressions[at].span;
        let kind = self.operand(at, span);
        let mut value = self.push(kind, span);
        for (operator, right, span) in chain.into_iter().rev() {
            let right = self.expression(right);
            value = self.push(operation(operator, value, right), span);
        }
        value
    }

    /// Anything but a binary operator.
    fn operand(&mut self, id: ExpressionId, span: Span) -> ExprKind {
        match self.context.ast.expression(id) {
            ExpressionKind::Integer(magnitude) => self.integer(*magnitude, span),
            ExpressionKind::Float(value) => ExprKind::Float(*value),
            ExpressionKind::Bool(value) => ExprKind::Bool(*value),
            ExpressionKind::String(parts) => self.string(parts),
            ExpressionKind::Tuple(elements) if elements.is_empty() => ExprKind::Unit,
            ExpressionKind::Name(name) => self.name(name),
            ExpressionKind::Call { callee, arguments } => self.call(*callee, arguments),
            ExpressionKind::Field { base, name } => self.field(*base, name, span),
            ExpressionKind::Index { base, index } => self.index(*base, *index, span),
            ExpressionKind::Unary { operator, operand } => self.unary(*operator, *operand),
            ExpressionKind::Assign { target, operator, value, .. } => {
                self.assign(*target, *operator, *value, span)
            }
            ExpressionKind::Block(block) => ExprKind::Block(self.block(block)),
            ExpressionKind::If { branches, otherwise } => self.if_chain(branches, *otherwise, span),
            ExpressionKind::While { label, condition, body } => {
                self.while_loop(label.as_ref(), condition, *body, span)
            }
            ExpressionKind::Loop { label, body } => self.plain_loop(label.as_ref(), *body, span),
            ExpressionKind::For { label, pattern, iterable, body } => {
                self.for_loop(label.as_ref(), *pattern, *iterable, *body, span)
            }
            ExpressionKind::Spawn(operand) => self.spawn(*operand, span),
            ExpressionKind::Return(value) => ExprKind::Return(value.map(|value| self.expression(value))),
            ExpressionKind::Break { label, value } => self.break_out(label.as_ref(), *value, span),
            ExpressionKind::Continue(label) => self.continue_with(label.as_ref(), span),
            ExpressionKind::Yield => ExprKind::Yield,
            ExpressionKind::Error => ExprKind::Error,
            ExpressionKind::Binary { .. } => unreachable!("BUG: a chain's first operand is an operator"),
            ExpressionKind::Char(_) => self.not_supported("a `Char`", span),
            ExpressionKind::Byte(_) => self.not_supported("a `Byte`", span),
            ExpressionKind::Receiver => self.not_supported("`self`", span),
            ExpressionKind::Tuple(_) => self.not_supported("a tuple", span),
            ExpressionKind::Array(_) => self.not_supported("an array literal", span),
            ExpressionKind::TupleField { index_span, .. } => {
                self.not_supported("a tuple's field", *index_span)
            }
            ExpressionKind::Try(_) => self.not_supported("`?`", Span { start: span.end - 1, ..span }),
            ExpressionKind::Range { .. } => self.not_supported("a range outside of `for`", span),
            ExpressionKind::Match { .. } => self.not_supported("`match`", keyword(span, "match")),
            ExpressionKind::Lambda { .. } => self.not_supported("a lambda", span),
            ExpressionKind::Scope(_) => self.not_supported("`scope`", keyword(span, "scope")),
            ExpressionKind::Select(_) => self.not_supported("`select`", keyword(span, "select")),
            ExpressionKind::YieldValue(_) => self.not_supported("`yield` with a value", span),
            ExpressionKind::YieldFrom(_) => self.not_supported("`yield from`", span),
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

    /// A minus belongs to the literal that follows: -9223372036854775808 fits, 9223372036854775808 does not.
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
                // The format stands between the value and the closing brace.
                let start = self.exprs[value].span.end.min(span.end);
                let place = Span { start, end: span.end.saturating_sub(1).max(start), ..*span };
                Part::Value { value, format: format.map(|spec| Format { spec, span: place }) }
            }
        }
    }
}

/// An operator of the source on two operands.
pub(super) fn operation(operator: BinaryOperator, left: ExprId, right: ExprId) -> ExprKind {
    let op = match operator {
        BinaryOperator::And => return ExprKind::Logical(LogicalOp::And, left, right),
        BinaryOperator::Or => return ExprKind::Logical(LogicalOp::Or, left, right),
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
    ExprKind::Binary(op, left, right)
}
