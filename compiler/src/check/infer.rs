//! Type inference: terms with variables, made equal by unification.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::fmt;

use super::declarations::Declarations;
use crate::arena::Arena;
use crate::define_id;
use crate::hir::{Hir, NamedType};
use crate::types::{ParameterId, Type, TypeId};

define_id! {
    /// A type that may not be known yet.
    Term "?";
}

#[derive(Clone, Debug)]
enum Node {
    /// Not known yet.
    Variable,
    /// A link: the same type as another term.
    Same(Term),
    /// The error type: the type of an expression with a reported error. It can be unified with every type.
    Error,
    /// A type constructor whose parts are terms.
    Type(Type<Term>),
    /// The type of a lambda, or of a function that is used as a value. It counts as a `share fn` until it is decided
    /// whether it is an `fn` or a `share fn`.
    Closure(Vec<Term>, Term),
}

/// The outermost layer of a term.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Shape {
    Variable,
    Error,
    Type(Type<Term>),
}

/// Type arguments by parameter: a list, because a declaration has few type parameters.
pub(super) type Substitution = Vec<(ParameterId, Term)>;

/// The terms of one body.
pub(super) struct Terms<'a> {
    pub hir: &'a Hir,
    pub declarations: &'a Declarations,
    nodes: Arena<Term, Node>,
    named: HashMap<TypeId, Term>,
    /// Whether a type contains type parameters.
    open: HashMap<TypeId, bool>,
    /// The previous nodes of terms that were bound, so that a failed unification can be undone.
    trail: Vec<(Term, Node)>,
    /// Terms that contain no variables; searches for variables skip them.
    settled: HashSet<Term>,
    /// Whether every lambda has been decided to be an `fn` or a `share fn`.
    pub closures_decided: bool,
    pub unit: Term,
    pub bool: Term,
    pub int: Term,
    pub float: Term,
    pub char: Term,
    pub byte: Term,
    pub string: Term,
    pub never: Term,
    pub error: Term,
}

impl<'a> Terms<'a> {
    pub fn new(hir: &'a Hir, declarations: &'a Declarations) -> Terms<'a> {
        let mut nodes = Arena::new();
        let mut constant = |ty| nodes.push(Node::Type(ty));
        let (unit, bool, int) = (constant(Type::Unit), constant(Type::Bool), constant(Type::Int));
        let (float, char, byte) = (constant(Type::Float), constant(Type::Char), constant(Type::Byte));
        let (string, never) = (constant(Type::String), constant(Type::Never));
        let error = nodes.push(Node::Error);
        let (named, open, trail) = (HashMap::new(), HashMap::new(), Vec::new());
        Terms {
            hir,
            declarations,
            nodes,
            named,
            open,
            trail,
            settled: HashSet::new(),
            closures_decided: false,
            unit,
            bool,
            int,
            float,
            char,
            byte,
            string,
            never,
            error,
        }
    }

    /// A new variable.
    pub fn variable(&mut self) -> Term {
        self.nodes.push(Node::Variable)
    }

    /// The term for a type whose parts are terms.
    pub fn of(&mut self, ty: Type<Term>) -> Term {
        match ty {
            Type::Unit => self.unit,
            Type::Bool => self.bool,
            Type::Int => self.int,
            Type::Float => self.float,
            Type::Char => self.char,
            Type::Byte => self.byte,
            Type::String => self.string,
            Type::Never => self.never,
            Type::Tuple(_)
            | Type::Array(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Nominal(..)
            | Type::Parameter(_)
            | Type::Cell(_) => self.nodes.push(Node::Type(ty)),
        }
    }

    /// A new term for the type of a lambda, or of a function that is used as a value.
    pub fn closure(&mut self, parameters: Vec<Term>, result: Term) -> Term {
        self.nodes.push(Node::Closure(parameters, result))
    }

    /// The term for a type in the source; the error term if an error in the type was reported.
    pub fn named(&mut self, ty: NamedType) -> Term {
        let Some(ty) = ty else { return self.error };
        if let Some(&term) = self.named.get(&ty) {
            return term;
        }
        let layer = self.hir.types.get(ty).map(|part| self.named(Some(part)));
        let term = self.of(layer);
        self.named.insert(ty, term);
        term
    }

    /// The term for a type in a declaration, with its type parameters replaced by their arguments in `substitution`.
    pub fn instantiate(&mut self, ty: NamedType, substitution: &[(ParameterId, Term)]) -> Term {
        let Some(ty) = ty else { return self.error };
        if substitution.is_empty() || !self.is_open(ty) {
            return self.named(Some(ty));
        }
        if let Type::Parameter(parameter) = self.hir.types.get(ty) {
            let argument = substitution.iter().find(|(known, _)| known == parameter);
            return argument.map_or_else(|| self.named(Some(ty)), |&(_, argument)| argument);
        }
        let layer = self.hir.types.get(ty).map(|part| self.instantiate(Some(part), substitution));
        self.of(layer)
    }

    fn is_open(&mut self, ty: TypeId) -> bool {
        if let Some(&open) = self.open.get(&ty) {
            return open;
        }
        let open = match self.hir.types.get(ty) {
            Type::Parameter(_) => true,
            layer => layer.parts().into_iter().any(|part| self.is_open(part)),
        };
        self.open.insert(ty, open);
        open
    }

    /// A fresh variable for each parameter.
    pub fn fresh(&mut self, parameters: &[ParameterId]) -> Substitution {
        parameters.iter().map(|&parameter| (parameter, self.variable())).collect()
    }

    /// The representative of a term: the end of its chain of links.
    pub fn find(&self, mut term: Term) -> Term {
        while let Node::Same(next) = self.nodes[term] {
            term = next;
        }
        term
    }

    /// The shape of a term, as far as it is known.
    pub fn shape(&self, term: Term) -> Shape {
        match &self.nodes[self.find(term)] {
            Node::Variable => Shape::Variable,
            Node::Error => Shape::Error,
            Node::Type(ty) => Shape::Type(ty.clone()),
            Node::Closure(parameters, result) => {
                Shape::Type(Type::Function { share: true, parameters: parameters.clone(), result: *result })
            }
            Node::Same(_) => unreachable!("BUG: find stops at no link"),
        }
    }

    /// Whether a term is the type of a lambda that may still become a plain `fn`.
    pub fn is_closure(&self, term: Term) -> bool {
        matches!(self.nodes[self.find(term)], Node::Closure(..))
    }

    pub fn is_never(&self, term: Term) -> bool {
        matches!(self.nodes[self.find(term)], Node::Type(Type::Never))
    }

    pub fn is_unit(&self, term: Term) -> bool {
        matches!(self.nodes[self.find(term)], Node::Type(Type::Unit))
    }

    pub fn is_error(&self, term: Term) -> bool {
        matches!(self.nodes[self.find(term)], Node::Error)
    }

    pub fn is_variable(&self, term: Term) -> bool {
        matches!(self.nodes[self.find(term)], Node::Variable)
    }

    /// Links a term to `otherwise` if it is still a variable.
    pub fn default(&mut self, term: Term, otherwise: Term) {
        let term = self.find(term);
        if self.is_variable(term) {
            self.set(term, Node::Same(otherwise));
        }
    }

    /// Makes the type of a lambda a `share fn` if `share` is true, otherwise an `fn`, unless that is already decided.
    pub fn decide_closure(&mut self, term: Term, share: bool) {
        let term = self.find(term);
        if let Node::Closure(parameters, result) = self.nodes[term].clone() {
            self.set(term, Node::Type(Type::Function { share, parameters, result }));
        }
    }

    fn set(&mut self, term: Term, node: Node) {
        let before = std::mem::replace(&mut self.nodes[term], node);
        self.trail.push((term, before));
    }

    /// A mark in the trail; [`Terms::undo`] undoes the bindings made after it.
    pub fn mark(&self) -> usize {
        self.trail.len()
    }

    /// Undoes all bindings since `mark`.
    pub fn undo(&mut self, mark: usize) {
        while self.trail.len() > mark {
            let (term, before) = self.trail.pop().expect("BUG: the trail is shorter than its length");
            self.nodes[term] = before;
        }
    }

    /// Makes two terms equal and returns whether that succeeded; if not, nothing changes. The error type is equal to
    /// every type.
    #[must_use]
    pub fn unify(&mut self, left: Term, right: Term) -> bool {
        let mark = self.mark();
        let unified = self.unify_pairs(vec![(left, right)]);
        if !unified {
            self.undo(mark);
        }
        unified
    }

    /// Like [`Terms::unify`], but accepts a `share fn` where an `fn` is wanted. If `wanted` is a variable, the variable
    /// can still become an `fn` later: it may be the type of several branches, and a later branch may be an `fn`.
    #[must_use]
    pub fn unify_coercing(&mut self, actual: Term, wanted: Term) -> bool {
        let Shape::Type(Type::Function { share: true, parameters, result }) = self.shape(actual) else {
            return self.unify(actual, wanted);
        };
        let is_open = self.is_closure(actual);
        match self.nodes[self.find(wanted)].clone() {
            Node::Type(Type::Function { share: false, parameters: of_wanted, result: wanted_result }) => {
                self.unify_signatures((parameters, result), (of_wanted, wanted_result))
            }
            Node::Closure(of_wanted, wanted_result) if !is_open => {
                self.unify_signatures((parameters, result), (of_wanted, wanted_result))
            }
            Node::Variable if !is_open => {
                let open = self.closure(parameters, result);
                self.unify(open, wanted)
            }
            _ => self.unify(actual, wanted),
        }
    }

    fn unify_signatures(&mut self, left: (Vec<Term>, Term), right: (Vec<Term>, Term)) -> bool {
        let mark = self.mark();
        let same_length = left.0.len() == right.0.len();
        let mut pairs = vec![(left.1, right.1)];
        pairs.extend(left.0.into_iter().zip(right.0));
        let unified = same_length && self.unify_pairs(pairs);
        if !unified {
            self.undo(mark);
        }
        unified
    }

    /// Whether [`Terms::unify`] would succeed; nothing changes.
    pub fn can_unify(&mut self, left: Term, right: Term) -> bool {
        self.can_unify_all(vec![(left, right)])
    }

    /// Whether all pairs can be unified at the same time.
    pub fn can_unify_all(&mut self, pairs: Vec<(Term, Term)>) -> bool {
        let mark = self.mark();
        let unified = self.unify_pairs(pairs);
        self.undo(mark);
        unified
    }

    /// Unifies pairs from a worklist. Types may be nested as deeply as a program is long, so recursion could overflow
    /// the stack.
    fn unify_pairs(&mut self, mut pairs: Vec<(Term, Term)>) -> bool {
        while let Some((left, right)) = pairs.pop() {
            let (left, right) = (self.find(left), self.find(right));
            if left != right && !self.unify_nodes(left, right, &mut pairs) {
                return false;
            }
        }
        true
    }

    /// Unifies two terms that are not links. Adds to `pairs` the pairs of parts that must be equal, too.
    fn unify_nodes(&mut self, left: Term, right: Term, pairs: &mut Vec<(Term, Term)>) -> bool {
        match (self.nodes[left].clone(), self.nodes[right].clone()) {
            (Node::Error, _) => self.blame(right),
            (_, Node::Error) => self.blame(left),
            (Node::Variable, _) => self.bind(left, right),
            (_, Node::Variable) => self.bind(right, left),
            (Node::Type(of_left), Node::Type(of_right)) => {
                let same = of_left.map(|_| ()) == of_right.map(|_| ());
                // Types share parts: without the link, comparing the same parts again would take exponential time.
                if same && !of_left.parts().is_empty() {
                    self.set(left, Node::Same(right));
                    pairs.extend(of_left.parts().into_iter().zip(of_right.parts()));
                }
                same
            }
            (Node::Closure(parameters, result), other) => {
                self.unify_closure(left, (parameters, result), (right, other), pairs)
            }
            (other, Node::Closure(parameters, result)) => {
                self.unify_closure(right, (parameters, result), (left, other), pairs)
            }
            (Node::Same(_), _) | (_, Node::Same(_)) => unreachable!("BUG: find stops at no link"),
        }
    }

    /// Links a lambda's type to the function type with which it is unified.
    fn unify_closure(
        &mut self,
        closure: Term,
        (parameters, result): (Vec<Term>, Term),
        (other, node): (Term, Node),
        pairs: &mut Vec<(Term, Term)>,
    ) -> bool {
        let (Node::Type(Type::Function { parameters: wanted, result: wanted_result, .. })
        | Node::Closure(wanted, wanted_result)) = node
        else {
            return false;
        };
        self.set(closure, Node::Same(other));
        pairs.push((result, wanted_result));
        let fits = parameters.len() == wanted.len();
        pairs.extend(parameters.into_iter().zip(wanted));
        fits
    }

    /// Sets all variables in a term to the error type, because the term is unified with the error type.
    fn blame(&mut self, term: Term) -> bool {
        while let Some(variable) = self.undecided(term) {
            self.set(variable, Node::Same(self.error));
        }
        true
    }

    fn bind(&mut self, variable: Term, term: Term) -> bool {
        if self.occurs(variable, term) {
            return false;
        }
        self.set(variable, Node::Same(term));
        true
    }

    /// Whether `variable` occurs in `term`. If so, binding `variable` to `term` would make an infinite type.
    pub fn occurs(&self, variable: Term, term: Term) -> bool {
        let variable = self.find(variable);
        self.search(term, &|part| part == variable, &mut HashSet::new()).is_some()
    }

    /// The first variable in a type.
    pub fn undecided(&self, term: Term) -> Option<Term> {
        self.search(term, &|part| self.is_variable(part), &mut HashSet::new())
    }

    /// Whether a type has no variables. If it has none, this result is cached permanently, so the caller must not undo
    /// a binding inside the type later.
    pub fn settle(&mut self, term: Term) -> bool {
        let mut seen = HashSet::new();
        let settled = self.search(term, &|part| self.is_variable(part), &mut seen).is_none();
        if settled {
            self.settled.extend(seen);
        }
        settled
    }

    /// The first part of a type for which `wanted` holds. Adds the visited parts to `seen`.
    fn search(&self, term: Term, wanted: &dyn Fn(Term) -> bool, seen: &mut HashSet<Term>) -> Option<Term> {
        let mut left = vec![term];
        while let Some(term) = left.pop() {
            let term = self.find(term);
            if wanted(term) {
                return Some(term);
            }
            let parts = match &self.nodes[term] {
                Node::Variable | Node::Error | Node::Same(_) => continue,
                Node::Type(ty) => ty.parts(),
                Node::Closure(parameters, result) => parameters.iter().chain([result]).copied().collect(),
            };
            // Types share parts: each part is visited once.
            if !parts.is_empty() && !self.settled.contains(&term) && seen.insert(term) {
                left.extend(parts.into_iter().rev());
            }
        }
        None
    }

    /// Whether two types cannot be unified because one of the types would have to contain itself.
    pub fn is_endless(&self, left: Term, right: Term) -> bool {
        self.is_endless_within(left, right, WRITTEN_PARTS)
    }

    fn is_endless_within(&self, left: Term, right: Term, depth: usize) -> bool {
        match (self.shape(left), self.shape(right)) {
            (Shape::Variable, Shape::Type(_)) => self.occurs(left, right),
            (Shape::Type(_), Shape::Variable) => self.occurs(right, left),
            (Shape::Type(left), Shape::Type(right)) if depth > 0 && left.map(|_| ()) == right.map(|_| ()) => {
                let mut parts = left.parts().into_iter().zip(right.parts());
                parts.any(|(left, right)| self.is_endless_within(left, right, depth - 1))
            }
            (Shape::Type(_), Shape::Type(_)) => false,
            (Shape::Variable, Shape::Variable) | (Shape::Error, _) | (_, Shape::Error) => false,
        }
    }

    /// The type as in the source, with `_` for unknown parts.
    pub fn text(&self, term: Term) -> String {
        DisplayTerm { terms: self, term, left: &Cell::new(WRITTEN_PARTS) }.to_string()
    }
}

/// The maximum number of parts of a type that a message shows. Types share parts, so the full text of a type may be
/// larger than memory.
const WRITTEN_PARTS: usize = 100;

struct DisplayTerm<'t, 'a> {
    terms: &'t Terms<'a>,
    term: Term,
    left: &'t Cell<usize>,
}

impl fmt::Display for DisplayTerm<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DisplayTerm { terms, term, left } = *self;
        if left.get() == 0 {
            return f.write_str("...");
        }
        left.set(left.get() - 1);
        match terms.shape(term) {
            Shape::Variable | Shape::Error => f.write_str("_"),
            Shape::Type(Type::Nominal(option, parts)) if option == terms.hir.lang_items.option => {
                let inner = DisplayTerm { terms, term: parts[0], left };
                match terms.shape(parts[0]) {
                    Shape::Type(Type::Function { .. }) => write!(f, "Option[{inner}]"),
                    Shape::Type(_) | Shape::Variable | Shape::Error => write!(f, "{inner}?"),
                }
            }
            Shape::Type(mut ty) => {
                // The type of a lambda is written with `share` only after it is decided that the lambda is a `share
                // fn`.
                if let Type::Function { share, .. } = &mut ty {
                    *share &= !terms.is_closure(term);
                }
                ty.write(f, &terms.hir.types.names, |f, part| {
                    write!(f, "{}", DisplayTerm { terms, term: part, left })
                })
            }
        }
    }
}
