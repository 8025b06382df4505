//! Misleading concurrency: calls that run before a `spawn` instead of in the thread, and locks that are acquired twice.

use super::errors;
use super::{Cx, contains};
use crate::hir::{ExprId, ExprKind, LambdaId, LocalId, NominalKind, Owner};
use crate::source::Span;
use crate::syntax::ast::Symbol;
use crate::types::{NominalId, Type};

/// A place whose value never changes: an immutable variable, or a path of immutable fields that begins at such a
/// variable.
#[derive(Clone, PartialEq, Eq)]
struct FixedPlace {
    local: LocalId,
    fields: Vec<Symbol>,
}

/// A call that holds a lock while it runs a closure.
struct Held {
    place: FixedPlace,
    call: ExprId,
    /// The span of the call up to the method's name.
    head: Span,
    closure: LambdaId,
    /// Whether several threads may hold the lock at a time in the mode of this call: true for `read` of an `RwLock`.
    shared: bool,
}

impl Cx<'_> {
    /// Warns about `spawn f(x).g()`: the thread runs `g`, but `f(x)` is evaluated before the thread starts.
    pub fn spawned_receivers(&mut self) {
        for spawn in self.body.spawns.iter() {
            let first = match self.kind(spawn.body) {
                ExprKind::CallMethod { receiver, .. } => *receiver,
                ExprKind::CallValue(function, _) => *function,
                _ => continue,
            };
            let ExprKind::Local(local) = self.kind(first) else { continue };
            let given = spawn.arguments.iter().find(|(argument, _)| argument == local);
            let before = given.and_then(|&(_, value)| self.acts_before(value));
            if let Some((call, name)) = before {
                let whole = self.span(spawn.body);
                self.diagnostics.push(errors::runs_before_thread(self.span(call), &name, whole, spawn.span));
            }
        }
    }

    /// In a chain of calls and fields, the last call that may have an effect, and the name of its callee.
    fn acts_before(&self, mut value: ExprId) -> Option<(ExprId, String)> {
        loop {
            let next = match self.kind(value) {
                ExprKind::CallMethod { receiver, .. } => Some(*receiver),
                ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) => {
                    value = *base;
                    continue;
                }
                ExprKind::Call(..) | ExprKind::CallAssociated { .. } => None,
                _ => return None,
            };
            let callee = self.callee(value)?;
            // A call of one of the program's own functions always counts. A call of a method, an associated function or
            // a library function counts only if it may have an effect.
            let is_own = matches!(self.kind(value), ExprKind::Call(..))
                && !self.found.hir.modules[callee.module].library;
            if is_own || !self.effects.is_pure_call(self.body, self.types, value) {
                return Some((value, callee.name.to_string()));
            }
            value = next?;
        }
    }

    /// Warns about `m.with(|v| m.with(..))`: the inner call waits for the outer call.
    pub fn locked_twice(&mut self) {
        let held: Vec<Held> = self.body.exprs.ids().filter_map(|expr| self.held(expr)).collect();
        for outer in &held {
            let closure = self.body.lambdas[outer.closure].span;
            for inner in &held {
                let again = inner.place == outer.place && !(inner.shared && outer.shared);
                let span = self.span(inner.call);
                if again && inner.call != outer.call && contains(closure, span) && self.runs_in(closure, span)
                {
                    let what = self.written(&outer.place);
                    self.diagnostics.push(errors::locked_twice(&what, inner.head, outer.head));
                }
            }
        }
    }

    fn held(&self, call: ExprId) -> Option<Held> {
        let ExprKind::CallMethod { receiver, method, arguments } = self.kind(call) else { return None };
        let Some(Type::Nominal(lock, _)) = self.ty(*receiver) else { return None };
        let shared = self.locks(*lock, method.as_str())?;
        let &[closure] = arguments.as_slice() else { return None };
        let ExprKind::Lambda(closure) = *self.kind(closure) else { return None };
        let place = self.fixed_place(*receiver)?;
        let head = Span { end: method.span.end, ..self.span(call) };
        Some(Held { place, call, head, closure, shared })
    }

    /// Whether several threads may hold the lock at a time in the method's mode; `None` if the method does not hold a
    /// lock while it runs a closure.
    fn locks(&self, lock: NominalId, method: &str) -> Option<bool> {
        match method {
            "with" if self.is_of_library(lock, "std.mutex", "Mutex") => Some(false),
            "write" if self.is_of_library(lock, "std.sync", "RwLock") => Some(false),
            "read" if self.is_of_library(lock, "std.sync", "RwLock") => Some(true),
            _ => None,
        }
    }

    fn fixed_place(&self, expr: ExprId) -> Option<FixedPlace> {
        match self.kind(expr) {
            ExprKind::Local(local) if !self.body.locals[*local].mutable => {
                Some(FixedPlace { local: *local, fields: Vec::new() })
            }
            ExprKind::Field(base, name) => {
                let Some(Type::Nominal(nominal, _)) = self.ty(*base) else { return None };
                let NominalKind::Struct(fields) = &self.found.hir.nominals[*nominal].kind else {
                    return None;
                };
                let field = fields.iter().find(|field| field.name.text == name.text)?;
                let mut place = self.fixed_place(*base).filter(|_| !field.mutable)?;
                place.fields.push(name.text.clone());
                Some(place)
            }
            _ => None,
        }
    }

    /// Whether the code at `span` runs during a call of the lambda at `closure`, which contains the code. Code in a
    /// spawned thread, or in an inner lambda that may be called later, does not.
    fn runs_in(&self, closure: Span, span: Span) -> bool {
        let detaches = |inner: Span| inner != closure && contains(closure, inner) && contains(inner, span);
        let in_thread = self.body.spawns.iter().any(|spawn| detaches(self.span(spawn.body)));
        let later = self.body.exprs.ids().any(|expr| match self.kind(expr) {
            ExprKind::Lambda(id) => detaches(self.body.lambdas[*id].span) && !self.is_called_at_once(expr),
            _ => false,
        });
        !in_thread && !later
    }

    /// Whether a lambda is passed to a library function that calls the lambda and does not keep it.
    fn is_called_at_once(&self, lambda: ExprId) -> bool {
        self.body.exprs.ids().any(|call| match self.kind(call) {
            ExprKind::CallMethod { arguments, .. } => {
                let at = arguments.iter().position(|&argument| argument == lambda);
                at.is_some_and(|at| self.held(call).is_some() || self.calls_at_once(call, at + 1))
            }
            _ => false,
        })
    }

    fn calls_at_once(&self, call: ExprId, parameter: usize) -> bool {
        let Some(callee) = self.callee(call).filter(|_| self.is_in_library(call)) else { return false };
        let hir = self.found.hir;
        let is_kept = match callee.owner {
            Owner::Impl(id) => match hir.impls[id].target.map(|target| hir.types.get(target)) {
                Some(Type::Nominal(nominal, _)) => self.is_of_library(*nominal, "std.iterator", "Iterator"),
                _ => false,
            },
            Owner::Module | Owner::Trait(_) => true,
        };
        let ty = callee.parameters.get(parameter).and_then(|parameter| parameter.ty);
        !is_kept && ty.is_some_and(|ty| matches!(hir.types.get(ty), Type::Function { share: false, .. }))
    }

    fn written(&self, place: &FixedPlace) -> String {
        let fields = place.fields.iter().map(Symbol::as_str);
        let names: Vec<&str> =
            std::iter::once(self.body.locals[place.local].name.as_str()).chain(fields).collect();
        format!("`{}`", names.join("."))
    }
}
