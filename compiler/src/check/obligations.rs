//! Obligations: checks that wait for a type which is not known yet. They are tried again when an unknown type is
//! needed, and at the end of the body.
//!
//! ```text
//! let x = Vec.new()       // x: Vec[?1]
//! assert(x[0] == x[1])    // obligation: ?1 implements `Eq`
//! x.push("a")             // ?1 = String: the obligation holds
//! ```

use super::body_state::{Cause, Closure, Instance, Obligation};
use super::bounds::{Answer, Refusal};
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{Expr, ExprId, ExprKind, LocalId, PatternKind, Statement, TraitId};
use crate::source::Span;
use crate::types::ParameterId;

impl Checker<'_> {
    /// Requires that a type implements a trait. The check is made now, or when the type is known.
    pub fn require(&mut self, ty: Term, of: TraitId, arguments: Vec<Term>, cause: Cause) {
        self.decide_or_defer(Obligation::Bound { ty, of, arguments, cause });
    }

    /// Decides an obligation now, or defers it.
    pub fn decide_or_defer(&mut self, obligation: Obligation) {
        if !self.attempt(&obligation) {
            self.obligations.push(obligation);
        }
    }

    /// Requires the bounds of all type parameters in a substitution. Errors are reported at `used`.
    pub fn require_bounds(&mut self, substitution: &[(ParameterId, Term)], used: Span) {
        for &(parameter, ty) in substitution {
            let bounds = &self.hir.parameters[parameter].bounds;
            for bound in bounds {
                let arguments = bound
                    .arguments
                    .iter()
                    .map(|&of| self.terms.instantiate(Some(of), substitution))
                    .collect();
                self.require(ty, bound.id, arguments, Cause::Bound { span: used, bound: bound.span });
            }
        }
    }

    /// Instantiates a function with fresh variables for its type parameters, and requires their bounds.
    pub fn instance(&mut self, function: crate::hir::FunctionId, used: Span) -> Instance {
        let substitution = self.terms.fresh(&self.hir.functions[function].generics);
        self.require_bounds(&substitution, used);
        Instance { function, substitution }
    }

    /// The shape of a term. If the shape is unknown, tries the deferred obligations first.
    pub fn known_shape(&mut self, term: Term) -> Shape {
        if self.terms.is_variable(term) {
            self.solve();
        }
        self.terms.shape(term)
    }

    /// Tries the deferred obligations again until no further obligation can be decided.
    pub fn solve(&mut self) {
        loop {
            let obligations = std::mem::take(&mut self.obligations);
            let before = obligations.len();
            for each in obligations {
                self.decide_or_defer(each);
            }
            if self.obligations.len() == before || self.obligations.is_empty() {
                return;
            }
        }
    }

    /// Tries to decide an obligation, and reports an error if it fails. Returns whether it was decided.
    fn attempt(&mut self, obligation: &Obligation) -> bool {
        match obligation {
            Obligation::Bound { ty, of, arguments, cause } => match self.terms.holds(*ty, *of, arguments) {
                Answer::Yes => true,
                Answer::Unknown => false,
                Answer::No(refusal) => {
                    let repeated =
                        matches!(cause, Cause::Bound { .. }) && !self.is_new_refusal(*ty, &refusal);
                    if repeated {
                        return true;
                    }
                    let cause = self.cause_in_thread(*cause);
                    let error = errors::not_implemented(&self.terms, *ty, &refusal, cause);
                    self.report(error);
                    true
                }
            },
            Obligation::Binary { op, ty, span } => self.operator_takes(*op, *ty, *span),
            Obligation::Unary { op, ty, span, operand } => self.unary_takes(*op, *ty, *span, *operand),
            Obligation::Identity { ty, span } => self.has_identity(*ty, *span),
            Obligation::Format { format, ty } => self.format_fits(format, *ty),
        }
    }

    /// Whether the type is refused for this reason for the first time. An error about a type in a declaration or an
    /// annotation is not repeated where the type is used.
    fn is_new_refusal(&mut self, ty: Term, refusal: &Refusal) -> bool {
        let refused = self.terms.refused(ty, refusal);
        !self.declared_refusals.contains(&refused) && self.refusals.insert(refused)
    }

    /// Moves the span of an error about a captured variable to the variable's use in the thread.
    fn cause_in_thread(&self, cause: Cause) -> Cause {
        match cause {
            Cause::Spawned { local, value, spawn } if value == spawn => {
                let used = self.body.exprs.iter().find(|expr| expr.kind == ExprKind::Local(local));
                Cause::Spawned { local, value: used.map_or(value, |expr| expr.span), spawn }
            }
            _ => cause,
        }
    }

    /// Decides the deferred obligations and unknown types at the end of the body, or reports them.
    pub fn decide(&mut self) {
        self.solve();
        let unit = self.terms.unit;
        for given in std::mem::take(&mut self.never_given) {
            self.terms.default(given, unit);
        }
        self.solve();
        self.decide_closures();
        self.terms.closures_decided = true;
        self.solve();
        self.report_undecided();
        self.solve();
        debug_assert!(self.obligations.is_empty(), "BUG: all types are known and something is still put off");
    }

    /// Decides for each lambda whether it is an `fn` or a `share fn`. Lambdas whose types were unified all become `fn`s
    /// if one of them captures a value that is not shareable. Then lambdas that capture such an `fn` become `fn`s, too.
    fn decide_closures(&mut self) {
        let closures = std::mem::take(&mut self.closures);
        loop {
            let mut plain: Vec<Term> = Vec::new();
            for closure in &closures {
                if self.terms.is_closure(closure.ty) && !self.is_shareable(closure) {
                    plain.push(closure.ty);
                }
            }
            if plain.is_empty() {
                break;
            }
            plain.into_iter().for_each(|ty| self.terms.decide_closure(ty, false));
        }
        for closure in &closures {
            self.terms.decide_closure(closure.ty, true);
            let shape = self.terms.shape(closure.ty);
            if matches!(shape, Shape::Type(crate::types::Type::Function { share: true, .. })) {
                self.require_shareable_captures(&closure.captures, closure.lambda);
            }
        }
    }

    fn is_shareable(&mut self, closure: &Closure) -> bool {
        let share = self.hir.lang_items.share;
        closure.captures.iter().all(|&(local, _)| {
            let ty = self.local(local);
            !self.body.locals[local].mutable && !matches!(self.terms.holds(ty, share, &[]), Answer::No(_))
        })
    }

    /// Requires that a lambda can be a `share fn`: it captures no `var`, and only shareable values.
    pub fn require_shareable_captures(&mut self, captures: &[(LocalId, Span)], lambda: Span) {
        for &(local, capture) in captures {
            let bound = &self.body.locals[local];
            if bound.mutable {
                let error = errors::shared_variable(&bound.name, capture, lambda);
                self.report(error);
            } else {
                let ty = self.local(local);
                let cause = Cause::Captured { capture, lambda };
                self.require(ty, self.hir.lang_items.share, Vec::new(), cause);
            }
        }
    }

    /// Reports every type that is still undecided. Reports nothing if the body has another error, which may be the
    /// cause.
    fn report_undecided(&mut self) {
        let silent = self.is_faulty() || self.body.exprs.iter().any(|expr| expr.kind == ExprKind::Error);
        for local in self.body.locals.ids() {
            let ty = self.local(local);
            if !self.terms.settle(ty) {
                if !silent {
                    let text = self.terms.text(ty);
                    let name = &self.body.locals[local].name;
                    let error = errors::unknown_variable_type(name, &text, self.is_plain_let(local));
                    self.report(error);
                }
                self.leave_undecided(ty);
            }
        }
        for expr in self.body.exprs.ids() {
            self.report_undecided_expr(expr, silent);
        }
        let rest = self.patterns.iter().chain(self.threads.iter()).chain(self.lambdas.iter());
        for term in rest.copied().collect::<Vec<_>>() {
            self.leave_undecided(term);
        }
    }

    /// Whether the variable is bound by a `let` or `var` without a type.
    fn is_plain_let(&self, local: LocalId) -> bool {
        let is_block = |expr: &Expr| match &expr.kind {
            ExprKind::Block(block) => block.statements.iter().any(|statement| match statement {
                Statement::Let { pattern, ty: None, .. } => {
                    self.body.patterns[*pattern].kind == PatternKind::Bind(local)
                }
                Statement::Let { .. } | Statement::Defer(_) | Statement::Expr(_) => false,
            }),
            _ => false,
        };
        self.body.exprs.iter().any(is_block)
    }

    fn report_undecided_expr(&mut self, expr: ExprId, silent: bool) {
        let ty = self.exprs[expr];
        if !self.terms.settle(ty) {
            if !silent {
                let text = self.terms.text(ty);
                let error = errors::unknown_type(self.span(expr), &text);
                self.report(error);
            }
            self.leave_undecided(ty);
        }
        // A function's type arguments may be unknown even if its result type is known.
        let Some(instance) = self.calls.get(&expr).cloned() else { return };
        for (parameter, argument) in instance.substitution {
            if !self.terms.settle(argument) {
                if !silent {
                    let (name, function) =
                        (&self.hir.parameters[parameter].name, &self.hir.functions[instance.function].name);
                    let error = errors::unknown_type_argument(self.span(expr), name, function);
                    self.report(error);
                }
                self.leave_undecided(argument);
            }
        }
    }

    /// Sets the undecided variables in a type to the error type.
    fn leave_undecided(&mut self, ty: Term) {
        let error = self.terms.error;
        while let Some(variable) = self.terms.undecided(ty) {
            self.terms.default(variable, error);
        }
        self.terms.settle(ty);
    }
}
