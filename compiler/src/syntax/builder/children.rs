//! The nodes directly below an expression.

use crate::syntax::ast::*;

/// A node directly below an expression: an expression, a pattern or a type.
#[derive(Clone, Copy)]
pub(super) enum Child {
    Expression(ExpressionId),
    Pattern(PatternId),
    Type(TypeNodeId),
}

/// Calls `visit` for every node directly below an expression, in source order.
pub(super) fn for_each_child(kind: &ExpressionKind, visit: &mut impl FnMut(Child)) {
    use ExpressionKind::*;
    match kind {
        Integer(_) | Float(_) | Char(_) | Byte(_) | Bytes(_) | Bool(_) | Name(_) | Receiver | Continue(_)
        | Yield | Error => {}
        String(parts) => parts.iter().for_each(|part| string_part(part, visit)),
        Tuple(elements) | Array(elements) => expressions(elements, visit),
        Call { callee, arguments } => {
            expressions(&[*callee], visit);
            arguments.iter().for_each(|argument| visit(Child::Expression(argument.value())));
        }
        Field { base, .. } | TupleField { base, .. } => expressions(&[*base], visit),
        Index { base, index } => expressions(&[*base, *index], visit),
        Try(inner) | Spawn(inner) | Scope(inner) | YieldValue(inner) | YieldFrom(inner) => {
            expressions(&[*inner], visit);
        }
        Unary { operand, .. } => expressions(&[*operand], visit),
        Binary { left, right, .. } => expressions(&[*left, *right], visit),
        Range { start, end, .. } => {
            expressions(start.as_slice(), visit);
            expressions(end.as_slice(), visit);
        }
        Assign { target, value, .. } => expressions(&[*target, *value], visit),
        Block(block) => {
            block.statements.iter().for_each(|statement| statement_children(statement, visit));
            expressions(block.value.as_slice(), visit);
        }
        If { branches, otherwise } => {
            for branch in branches {
                branch.conditions.iter().for_each(|test| condition(test, visit));
                expressions(&[branch.body], visit);
            }
            expressions(otherwise.as_slice(), visit);
        }
        Match { scrutinee, arms } => {
            expressions(&[*scrutinee], visit);
            for arm in arms {
                visit(Child::Pattern(arm.pattern));
                expressions(arm.guard.as_slice(), visit);
                expressions(&[arm.body], visit);
            }
        }
        While { conditions, body, .. } => {
            conditions.iter().for_each(|test| condition(test, visit));
            expressions(&[*body], visit);
        }
        Loop { body, .. } => expressions(&[*body], visit),
        For { pattern, iterable, body, .. } => {
            visit(Child::Pattern(*pattern));
            expressions(&[*iterable, *body], visit);
        }
        Lambda { parameters, body } => {
            for parameter in parameters {
                visit(Child::Pattern(parameter.pattern));
                parameter.ty.into_iter().for_each(|ty| visit(Child::Type(ty)));
            }
            expressions(&[*body], visit);
        }
        Select(arms) => arms.iter().for_each(|arm| {
            event(&arm.event, visit);
            expressions(&[arm.body], visit);
        }),
        Return(value) | Break { value, .. } => expressions(value.as_slice(), visit),
    }
}

fn expressions(ids: &[ExpressionId], visit: &mut impl FnMut(Child)) {
    ids.iter().for_each(|&id| visit(Child::Expression(id)));
}

fn string_part(part: &StringPart, visit: &mut impl FnMut(Child)) {
    match part {
        StringPart::Text(_) => {}
        StringPart::Interpolation { value, format, .. } => {
            visit(Child::Expression(*value));
            let computed = format.iter().flat_map(|format| [format.width, format.precision]).flatten();
            computed.for_each(|value| visit(Child::Expression(value)));
        }
    }
}

fn condition(condition: &Condition, visit: &mut impl FnMut(Child)) {
    match condition {
        Condition::Expression(test) => visit(Child::Expression(*test)),
        Condition::Let { pattern, value } => {
            visit(Child::Pattern(*pattern));
            visit(Child::Expression(*value));
        }
    }
}

fn event(event: &SelectEvent, visit: &mut impl FnMut(Child)) {
    match event {
        SelectEvent::Operation { binding, operation } => {
            binding.iter().for_each(|&pattern| visit(Child::Pattern(pattern)));
            visit(Child::Expression(*operation));
        }
        SelectEvent::After(time) => visit(Child::Expression(*time)),
        SelectEvent::Else => {}
    }
}

fn statement_children(statement: &Statement, visit: &mut impl FnMut(Child)) {
    match statement {
        Statement::Let(binding) => {
            visit(Child::Pattern(binding.pattern));
            binding.ty.into_iter().for_each(|ty| visit(Child::Type(ty)));
            visit(Child::Expression(binding.value));
            expressions(binding.otherwise.as_slice(), visit);
        }
        Statement::Defer(defer) => visit(Child::Expression(defer.body)),
        Statement::Function(_) => {}
        Statement::Expression(id) => visit(Child::Expression(*id)),
    }
}
