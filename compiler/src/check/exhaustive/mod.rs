//! Exhaustiveness: whether the arms of each `match` cover all values, whether every arm can be reached, and whether the
//! patterns of `let`, `for` and parameters match every value.
//!
//! The algorithm follows Luc Maranget, "Warnings for pattern matching" (JFP 17, 2007), in the form that examines all
//! rows at once: a matrix of patterns is specialised column by column, by the constructors in its first column. A row
//! is useful if it is the first row that matches some value; a value that no row matches is a witness.
//!
//! ```text
//!   match pair {           The type is `(Bool, Bool)`, so the tuple pattern of each row becomes two columns.
//!     (true, true) => 1    For `true` in the first column only row 1 is left, with the pattern `true` in the second
//!     (false, _) => 2      column. No row has `false` there, so `(true, false)` is a witness.
//!   }                      For `false` in the first column only row 2 is left. It matches everything.
//! ```

/// Errors in patterns.
mod errors;
/// Constructors: variants, literals, ranges and lengths.
mod constructor;
/// Types without values.
mod impossible;
/// The matrix of patterns, specialised column by column.
mod matrix;

use std::collections::HashMap;

use self::constructor::{Context, Pattern};
use self::matrix::{Outcome, Row};
use super::tables::{BodyTypes, ConstantTypes};
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::hir::{Arm, Block, Body, ConstantId, ExprKind, Hir, PatternId, Statement};
use crate::source::Span;
use crate::types::{Type, TypeId, TypeTable};

/// Checks all patterns of a body, after its types have been inferred. Patterns that are part of an error are skipped.
pub(super) fn check(
    hir: &Hir,
    constants: &Arena<ConstantId, ConstantTypes>,
    body: &Body,
    types: &BodyTypes,
    table: &mut TypeTable,
) -> Vec<Diagnostic> {
    let mut checker = Checker {
        context: Context { hir, constants, body, types, table, impossible: HashMap::new() },
        diagnostics: Vec::new(),
    };
    for &parameter in &body.parameters {
        checker.must_match(parameter, errors::Binder::Parameter);
    }
    for lambda in body.lambdas.iter() {
        for &(parameter, _) in &lambda.parameters {
            checker.must_match(parameter, errors::Binder::Parameter);
        }
    }
    for expr in body.exprs.iter() {
        match &expr.kind {
            ExprKind::Match { scrutinee, arms } => checker.arms(types.exprs[*scrutinee], arms, expr.span),
            ExprKind::For { pattern, .. } => checker.must_match(*pattern, errors::Binder::For),
            ExprKind::Block(Block { statements, .. }) => {
                for statement in statements {
                    match statement {
                        Statement::Let { pattern, otherwise: None, .. } => {
                            checker.must_match(*pattern, errors::Binder::Let);
                        }
                        Statement::Let { pattern, otherwise: Some(block), .. } => {
                            checker.may_fail(*pattern, body.exprs[*block].span);
                        }
                        Statement::Defer(_) | Statement::Expr(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
    checker.diagnostics
}

struct Checker<'a> {
    context: Context<'a>,
    diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    /// Checks that every value matches an arm, and that every arm matches a value that no earlier arm matches.
    fn arms(&mut self, ty: Option<TypeId>, arms: &[Arm], span: Span) {
        let Some(ty) = ty.filter(|&ty| *self.context.table.get(ty) != Type::Never) else { return };
        let mut rows = Vec::with_capacity(arms.len());
        for arm in arms {
            let Some(pattern) = self.context.pattern(arm.pattern) else { return };
            rows.push(Row { patterns: vec![pattern], guarded: arm.guard.is_some(), arm: rows.len() });
        }
        match matrix::examine(&mut self.context, rows, ty) {
            Outcome::TooComplex => self.diagnostics.push(errors::too_complex(span)),
            Outcome::Examined { useful, witnesses } => {
                let unreachable = arms.iter().zip(&useful).filter(|(_, useful)| !**useful);
                for (arm, _) in unreachable {
                    let pattern = self.context.body.patterns[arm.pattern].span;
                    self.diagnostics.push(errors::unreachable_arm(pattern));
                }
                if !witnesses.is_empty() {
                    let guarded = arms.iter().any(|arm| arm.guard.is_some());
                    self.diagnostics.push(errors::not_exhaustive(span, &witnesses, guarded));
                }
            }
        }
    }

    /// Checks that a pattern matches every value.
    fn must_match(&mut self, id: PatternId, binder: errors::Binder) {
        if let Some(Some(witness)) = self.unmatched(id) {
            let span = self.context.body.patterns[id].span;
            self.diagnostics.push(errors::refutable(span, &witness, binder));
        }
    }

    /// Checks that there is a value that the pattern of a `let` does not match, so that the `else` block can run.
    fn may_fail(&mut self, id: PatternId, block: Span) {
        if let Some(None) = self.unmatched(id) {
            let span = self.context.body.patterns[id].span;
            self.diagnostics.push(errors::unreachable_else(block, span));
        }
    }

    /// A value that the pattern does not match, `Some(None)` if it matches every value, and `None` if that is unknown.
    fn unmatched(&mut self, id: PatternId) -> Option<Option<String>> {
        let ty = self.context.types.patterns[id]?;
        let pattern = self.context.pattern(id)?;
        if matches!(pattern, Pattern::Any) {
            return Some(None);
        }
        let row = Row { patterns: vec![pattern], guarded: false, arm: 0 };
        match matrix::examine(&mut self.context, vec![row], ty) {
            Outcome::TooComplex => {
                self.diagnostics.push(errors::too_complex(self.context.body.patterns[id].span));
                None
            }
            Outcome::Examined { witnesses, .. } => Some(witnesses.into_iter().next()),
        }
    }
}
