//! Types while they are inferred: terms with variables, made equal by unification.

use std::collections::HashMap;
use std::fmt;

use crate::arena::Arena;
use crate::define_id;
use crate::types::{Type, TypeId, TypeTable};

define_id! {
    /// A type that may not be known yet.
    Term "?";
}

#[derive(Clone, Debug)]
enum Node {
    /// Not decided.
    Variable,
    /// Decided: the same as another term.
    Same(Term),
    /// Of something that was reported; it fits everywhere.
    Error,
    /// A constructor, its parts terms.
    Type(Type<Term>),
}

/// What a term has turned out to be.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Shape {
    Variable,
    Error,
    Type(Type<Term>),
}

/// The terms of one function.
pub(super) struct Terms {
    nodes: Arena<Term, Node>,
    known: HashMap<TypeId, Term>,
    pub unit: Term,
    pub bool: Term,
    pub int: Term,
    pub float: Term,
    pub string: Term,
    pub never: Term,
    pub error: Term,
}

impl Terms {
    pub fn new() -> Terms {
        let mut nodes = Arena::new();
        let mut constant = |ty| nodes.push(Node::Type(ty));
        let unit = constant(Type::Unit);
        let bool = constant(Type::Bool);
        let int = constant(Type::Int);
        let float = constant(Type::Float);
        let string = constant(Type::String);
        let never = constant(Type::Never);
        let error = nodes.push(Node::Error);
        Terms { nodes, known: HashMap::new(), unit, bool, int, float, string, never, error }
    }

    /// A new variable.
    pub fn variable(&mut self) -> Term {
        self.nodes.push(Node::Variable)
    }

    /// A type of these parts.
    pub fn of(&mut self, ty: Type<Term>) -> Term {
        match ty {
            Type::Unit => self.unit,
            Type::Bool => self.bool,
            Type::Int => self.int,
            Type::Float => self.float,
            Type::String => self.string,
            Type::Never => self.never,
            Type::Task(_) | Type::Array(_) => self.nodes.push(Node::Type(ty)),
        }
    }

    /// The term of a type that the source names; an unknown one is an error that was reported.
    pub fn named(&mut self, ty: Option<TypeId>, table: &TypeTable) -> Term {
        let Some(ty) = ty else { return self.error };
        if let Some(&term) = self.known.get(&ty) {
            return term;
        }
        let layer = table.get(ty).map(|part| self.named(Some(part), table));
        let term = self.of(layer);
        self.known.insert(ty, term);
        term
    }

    /// The last of a chain of equal terms.
    fn find(&self, mut term: Term) -> Term {
        while let Node::Same(next) = self.nodes[term] {
            term = next;
        }
        term
    }

    /// What is known of a term by now.
    pub fn shape(&self, term: Term) -> Shape {
        match &self.nodes[self.find(term)] {
            Node::Variable => Shape::Variable,
            Node::Error => Shape::Error,
            Node::Type(ty) => Shape::Type(ty.clone()),
            Node::Same(_) => unreachable!("BUG: find stops at no link"),
        }
    }

    pub fn is_never(&self, term: Term) -> bool {
        self.shape(term) == Shape::Type(Type::Never)
    }

    pub fn is_unit(&self, term: Term) -> bool {
        self.shape(term) == Shape::Type(Type::Unit)
    }

    pub fn is_error(&self, term: Term) -> bool {
        self.shape(term) == Shape::Error
    }

    /// Decides a variable that nothing has decided.
    pub fn default(&mut self, term: Term, otherwise: Term) {
        let term = self.find(term);
        if let Node::Variable = self.nodes[term] {
            self.nodes[term] = Node::Same(otherwise);
        }
    }

    /// Makes two terms equal, if they can be. An error is equal to everything.
    #[must_use]
    pub fn unify(&mut self, left: Term, right: Term) -> bool {
        let (left, right) = (self.find(left), self.find(right));
        if left == right {
            return true;
        }
        match (self.nodes[left].clone(), self.nodes[right].clone()) {
            (Node::Error, _) | (_, Node::Error) => true,
            (Node::Variable, _) => self.bind(left, right),
            (_, Node::Variable) => self.bind(right, left),
            (Node::Type(left), Node::Type(right)) => {
                let same = left.map(|_| ()) == right.map(|_| ());
                same && left
                    .parts()
                    .into_iter()
                    .zip(right.parts())
                    .all(|(left, right)| self.unify(left, right))
            }
            (Node::Same(_), _) | (_, Node::Same(_)) => unreachable!("BUG: find stops at no link"),
        }
    }

    fn bind(&mut self, variable: Term, term: Term) -> bool {
        if self.occurs(variable, term) {
            return false;
        }
        self.nodes[variable] = Node::Same(term);
        true
    }

    /// Whether `variable` is a part of `term`; such a type would have no end.
    fn occurs(&self, variable: Term, term: Term) -> bool {
        let term = self.find(term);
        match &self.nodes[term] {
            Node::Variable => term == variable,
            Node::Error | Node::Same(_) => false,
            Node::Type(ty) => ty.parts().into_iter().any(|part| self.occurs(variable, part)),
        }
    }

    /// The finished type; `None` if it has an error in it.
    pub fn finish(&self, term: Term, table: &mut TypeTable) -> Option<TypeId> {
        match self.shape(term) {
            Shape::Variable => panic!("BUG: nothing has decided the type {term}"),
            Shape::Error => None,
            Shape::Type(ty) => {
                let mut whole = true;
                let unit = table.intern(Type::Unit);
                let layer = ty.map(|part| {
                    self.finish(part, table).unwrap_or_else(|| {
                        whole = false;
                        unit
                    })
                });
                whole.then(|| table.intern(layer))
            }
        }
    }

    /// The type as a reader would write it; `_` for what is not known.
    pub fn display(&self, term: Term) -> impl fmt::Display + '_ {
        DisplayTerm { terms: self, term }
    }
}

struct DisplayTerm<'a> {
    terms: &'a Terms,
    term: Term,
}

impl fmt::Display for DisplayTerm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.terms.shape(self.term) {
            Shape::Variable | Shape::Error => f.write_str("_"),
            Shape::Type(ty) => ty.write(f, |f, part| write!(f, "{}", self.terms.display(part))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unification_reaches_into_parts_and_refuses_endless_types() {
        let mut terms = Terms::new();
        let (a, b) = (terms.variable(), terms.variable());
        let (task_a, task_int) = (terms.of(Type::Task(a)), terms.of(Type::Task(terms.int)));
        assert!(terms.unify(task_a, task_int));
        assert_eq!(terms.display(a).to_string(), "Int");
        assert!(!terms.unify(a, terms.bool));
        let array_b = terms.of(Type::Array(b));
        assert!(!terms.unify(task_a, array_b));
        assert!(!terms.unify(b, array_b));
        let error = terms.error;
        assert!(terms.unify(error, array_b));
        assert_eq!(terms.display(array_b).to_string(), "[_]");
    }
}
