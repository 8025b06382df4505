//! Effect analysis: whether a call can do more than return a value. The result is a fixed point over the call graph.
//!
//! ```text
//! xs.sort()      on an array: creates an array and fills it, changes nothing that existed before: no effect
//! v.pop()        on a Vec: `self.length = ..` changes the receiver
//! xs.map(f)      has the effects of the function value `f`
//! c.recv()       waits: an operation of the runtime that is not known to be without effect
//! ```
//!
//! Each parameter is a place. Each variable has the set of places from which its value may have come; an assignment
//! through the variable changes these places. An object that the function creates belongs to no place: changing it is
//! no effect. A call that may have an effect counts as having one: a missing warning is better than a wrong warning.
//! Functions of `Show`, `Eq`, `Ord` and `Hash` count as having no effect, whatever an `impl` does.
//!
//! A function of the program also counts as having an effect if it calls itself, or if its body has a loop, an index, a
//! division, a shift, a `panic` or an assertion, because a program may call it for its running time or its panic.
//! Library functions are called only for their values.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::{Found, field_types};
use crate::hir::{
    BinaryOp, Body, Builtin, Effect, ExprId, ExprKind, FunctionBody, FunctionId, LocalId, Owner, PatternId,
    PatternKind, Statement,
};
use crate::source::Span;
use crate::types::{Type, TypeId, TypeTable};

use super::super::tables::{BodyTypes, Callee, Indexing, Iteration};

/// A set of places: bit `n` is parameter `n`. A function with 64 parameters or more counts as having all effects.
type Places = u64;

const ANYWHERE: Places = Places::MAX;

/// The effects that a call may have besides returning a value.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Effects {
    /// Whether the call may wait, may change an object that existed before the call and belongs to no parameter, or may
    /// serve only to spend time or to panic.
    outside: bool,
    /// Whether the call may call function values. The call then also has the effects of these values.
    values: bool,
    /// The parameters whose values the call may change.
    changed: Places,
}

impl Effects {
    const ANY: Effects = Effects { outside: true, values: true, changed: ANYWHERE };

    fn join(&mut self, other: Effects) {
        self.outside |= other.outside;
        self.values |= other.values;
        self.changed |= other.changed;
    }
}

/// The effects of functions, computed on demand.
pub(super) struct Effectful<'a> {
    found: Found<'a>,
    known: RefCell<HashMap<FunctionId, Effects>>,
}

/// The part of a body that is analysed.
#[derive(Clone, Copy)]
enum Part {
    /// A whole function, whose parameters are places.
    Function,
    /// A lambda at this span. The values of its variables may have come from anywhere.
    Lambda(Span),
}

impl<'a> Effectful<'a> {
    pub fn new(found: Found<'a>) -> Effectful<'a> {
        Effectful { found, known: RefCell::default() }
    }

    /// Whether the call at `expr` has no effect besides returning a value.
    pub fn is_pure_call(&self, body: &Body, types: &BodyTypes, expr: ExprId) -> bool {
        let Some(callee) = types.callee(expr) else { return false };
        if self.panics_itself(callee.function) {
            return false;
        }
        let effects = self.of(callee.function);
        let holds_function = |&argument: &ExprId| self.may_have_effect_when_called(body, types, argument);
        let arguments = arguments(&body.exprs[expr].kind);
        !effects.outside && effects.changed == 0 && !(effects.values && arguments.iter().any(holds_function))
    }

    /// Whether a function's own body calls `panic`, `assert` or `assert_eq`. Such a function may be called for the
    /// panic, like `unwrap`.
    fn panics_itself(&self, function: FunctionId) -> bool {
        let is_panic = |kind: &ExprKind| {
            matches!(kind, ExprKind::CallBuiltin(Builtin::Panic | Builtin::Assert | Builtin::AssertEq, _))
        };
        match self.found.hir.functions[function].body.weft() {
            Some(body) => body.exprs.iter().any(|expr| is_panic(&expr.kind)),
            None => false,
        }
    }

    /// Whether calling the function values in an argument may have an effect.
    fn may_have_effect_when_called(&self, body: &Body, types: &BodyTypes, argument: ExprId) -> bool {
        match &body.exprs[argument].kind {
            ExprKind::Lambda(id) => {
                let part = Part::Lambda(body.lambdas[*id].span);
                self.effects_in(body, types, false, part) != Effects::default()
            }
            ExprKind::Function(function) => self.of(*function) != Effects::default(),
            _ => types.exprs[argument].is_none_or(|ty| self.holds_function(ty, &mut HashSet::new())),
        }
    }

    fn holds_function(&self, ty: TypeId, seen: &mut HashSet<TypeId>) -> bool {
        if !seen.insert(ty) {
            return false;
        }
        let shape = self.found.table.get(ty);
        let fields = match shape {
            Type::Function { .. } | Type::Parameter(_) => return true,
            Type::Nominal(nominal, _) => field_types(&self.found.hir.nominals[*nominal]),
            _ => Vec::new(),
        };
        // For a field whose type is a type parameter, the type argument is examined: it is in `parts`.
        let is_open = |ty: &TypeId| !matches!(self.found.table.get(*ty), Type::Parameter(_));
        shape
            .parts()
            .into_iter()
            .chain(fields.into_iter().filter(is_open))
            .any(|ty| self.holds_function(ty, seen))
    }

    /// Returns the effects that a call of the function may have.
    fn of(&self, function: FunctionId) -> Effects {
        if let Some(&known) = self.known.borrow().get(&function) {
            return known;
        }
        // The function and the functions that it may call start without effects. They gain effects until a round over
        // all of them changes nothing.
        let mut reached = Vec::new();
        self.reach(function, &mut Vec::new(), &mut reached);
        loop {
            let mut settled = true;
            for &id in &reached {
                let effects = self.of_body(id);
                let before = self.known.borrow_mut().insert(id, effects);
                settled &= before == Some(effects);
            }
            if settled {
                return self.known.borrow()[&function];
            }
        }
    }

    /// Adds to `reached` a function and the functions that it may call, callees first. A function of the program that
    /// calls itself counts as having effects.
    fn reach(&self, function: FunctionId, path: &mut Vec<FunctionId>, reached: &mut Vec<FunctionId>) {
        /// The length of a chain of calls beyond which a call counts as having effects.
        const DEEPEST: usize = 200;
        let is_library = self.is_library(function);
        let mut known = self.known.borrow_mut();
        let is_known = known.contains_key(&function);
        let calls_itself = is_known && path.contains(&function) && !is_library;
        if calls_itself || (!is_known && path.len() > DEEPEST) {
            known.insert(function, Effects::ANY);
            return;
        }
        if is_known {
            return;
        }
        known.insert(function, Effects::default());
        drop(known);
        path.push(function);
        if let Some(types) = &self.found.functions[function] {
            let mut callees: Vec<FunctionId> = types.calls.values().map(|callee| callee.function).collect();
            let iterated = types.iterations.values().flat_map(|iteration| match iteration {
                Iteration::Range | Iteration::Array | Iteration::Vec => vec![],
                Iteration::Next(next) => vec![next.function],
                Iteration::Iter(iter, next) => vec![iter.function, next.function],
            });
            callees.extend(iterated);
            callees.sort();
            callees.dedup();
            callees.into_iter().for_each(|callee| self.reach(callee, path, reached));
        }
        path.pop();
        reached.push(function);
    }

    fn is_library(&self, function: FunctionId) -> bool {
        self.found.hir.modules[self.found.hir.functions[function].module].library
    }

    /// Computes a function's effects from the effects of its callees that are known so far.
    fn of_body(&self, id: FunctionId) -> Effects {
        let hir = self.found.hir;
        let function = &hir.functions[id];
        let so_far = self.known.borrow().get(&id).copied().unwrap_or_default();
        match &function.body {
            FunctionBody::Intrinsic(intrinsic) => match intrinsic.effect() {
                Effect::Reads => Effects::default(),
                Effect::Fills => Effects { changed: 1, ..Effects::default() },
                Effect::Acts => Effects::ANY,
            },
            FunctionBody::Foreign(_) => Effects::ANY,
            FunctionBody::Required => self.of_trait_function(id),
            FunctionBody::Weft(_) if function.parameters.len() >= Places::BITS as usize => Effects::ANY,
            FunctionBody::Weft(body) => match &self.found.functions[id] {
                Some(types) if so_far != Effects::ANY => {
                    let mut effects = so_far;
                    effects.join(self.effects_in(body, types, self.is_library(id), Part::Function));
                    effects
                }
                Some(_) | None => Effects::ANY,
            },
        }
    }

    /// Returns the effects of a trait's function, which are the same for every `impl`. `next` of `Iter` changes its
    /// receiver and may call function values. Functions of `Show`, `Eq`, `Ord` and `Hash` have no effect. Functions of
    /// other library traits may call function values. Functions of the program's traits count as having all effects.
    fn of_trait_function(&self, id: FunctionId) -> Effects {
        let items = &self.found.hir.lang_items;
        match self.found.hir.functions[id].owner {
            Owner::Trait(of) if of == items.iter => Effects { values: true, changed: 1, outside: false },
            Owner::Trait(of) if [items.show, items.eq, items.ord, items.hash].contains(&of) => {
                Effects::default()
            }
            Owner::Trait(_) if self.is_library(id) => Effects { values: true, ..Effects::default() },
            Owner::Trait(_) | Owner::Module | Owner::Impl(_) => Effects::ANY,
        }
    }

    fn effects_in(&self, body: &Body, types: &BodyTypes, library: bool, part: Part) -> Effects {
        let aliases = match part {
            Part::Function => Aliases::new(body, types, self.found.table),
            Part::Lambda(_) => Aliases { body, types, table: self.found.table, places: HashMap::new() },
        };
        let mut effects = Effects::default();
        for (id, expr) in body.exprs.iter_enumerated() {
            let looked_at = match part {
                Part::Function => true,
                Part::Lambda(span) => span.start <= expr.span.start && expr.span.end <= span.end,
            };
            if looked_at {
                effects.join(self.of_expr((body, types), library, &aliases, id));
            }
        }
        effects
    }

    fn of_expr(
        &self,
        (body, types): (&Body, &BodyTypes),
        library: bool,
        aliases: &Aliases<'_>,
        id: ExprId,
    ) -> Effects {
        let changes = |target: ExprId| Effects { changed: aliases.of(target), ..Effects::default() };
        // A loop or a panic counts as an effect of the program's own functions, because the program may call them for
        // their running time or their panic. In a library function, neither a loop nor a panic counts as an effect.
        let own = |is_effect: bool| if is_effect && !library { Effects::ANY } else { Effects::default() };
        match &body.exprs[id].kind {
            ExprKind::Assign { target, .. } => match &body.exprs[*target].kind {
                ExprKind::Field(base, _) | ExprKind::Index(base, _) => changes(*base),
                // In a function every assigned local is in `places`, and assigning it is not an effect. In a lambda
                // `places` is empty, because the local may belong to the code around the lambda.
                ExprKind::Local(local) if !aliases.places.contains_key(local) => Effects::ANY,
                _ => Effects::default(),
            },
            ExprKind::Call(..) | ExprKind::CallMethod { .. } | ExprKind::CallAssociated { .. } => {
                match types.callee(id) {
                    Some(callee) => self.of_call(aliases, callee, arguments(&body.exprs[id].kind)),
                    None if library => Effects { values: true, ..Effects::default() },
                    None => Effects::ANY,
                }
            }
            ExprKind::CallValue(..) if library => Effects { values: true, ..Effects::default() },
            ExprKind::CallBuiltin(builtin, _) => of_builtin(*builtin, own(true)),
            ExprKind::For { id, iterable, .. } => {
                let mut effects = own(true);
                match types.iterations.get(id) {
                    Some(Iteration::Next(next)) => effects.join(self.of_call(aliases, next, vec![*iterable])),
                    Some(Iteration::Iter(..)) => effects.values = true,
                    Some(Iteration::Range | Iteration::Array | Iteration::Vec) => {}
                    None => effects = Effects::ANY,
                }
                effects
            }
            ExprKind::Loop(..) => own(true),
            ExprKind::Index(base, index) => match types.indexing.get(&id) {
                Some(Indexing::Update(..)) => Effects::ANY,
                Some(Indexing::Method(method)) if library => {
                    self.of_call(aliases, method, vec![*base, *index])
                }
                Some(Indexing::Method(_) | Indexing::Array | Indexing::Vec | Indexing::Rest(..)) | None => {
                    own(true)
                }
            },
            ExprKind::Try(value) => match types.callee(id) {
                Some(callee) => self.of_call(aliases, callee, vec![*value]),
                None => Effects::default(),
            },
            ExprKind::Binary(..) | ExprKind::Unary(..) if calls_operator(&self.found, body, types, id) => {
                Effects::ANY
            }
            ExprKind::Binary(op, ..) => own(checks_right_operand(*op)),
            ExprKind::CallValue(..)
            | ExprKind::Select(_)
            | ExprKind::Scope(_)
            | ExprKind::Spawn(_)
            | ExprKind::Yield
            | ExprKind::YieldValue(_)
            | ExprKind::YieldFrom(_)
            | ExprKind::Error => Effects::ANY,
            _ => Effects::default(),
        }
    }

    fn of_call(&self, aliases: &Aliases<'_>, callee: &Callee, arguments: Vec<ExprId>) -> Effects {
        let known = self.known.borrow().get(&callee.function).copied();
        let effects = known.unwrap_or_else(|| self.of(callee.function));
        let changed =
            arguments.iter().enumerate().filter(|(at, _)| effects.changed & (1 << at.min(&63)) != 0);
        let changed = changed.map(|(_, &argument)| aliases.of(argument)).fold(0, |all, places| all | places);
        Effects { changed, ..effects }
    }
}

/// Whether the expression is an operator that may call the function of an operator's trait, which may have effects.
pub(super) fn calls_operator(found: &Found<'_>, body: &Body, types: &BodyTypes, expr: ExprId) -> bool {
    let operators = &found.hir.lang_items.operators;
    let is_called = |operand: ExprId, is_built_in: &dyn Fn(&Type<TypeId>) -> bool| {
        types.exprs[operand].is_some_and(|ty| !is_built_in(found.table.get(ty)))
    };
    match body.exprs[expr].kind {
        ExprKind::Binary(op, left, _) => {
            operators.of_binary(op).is_some() && is_called(left, &|ty| op.is_built_in(ty))
        }
        ExprKind::Unary(op, operand) => {
            operators.of_unary(op).is_some() && is_called(operand, &|ty| op.is_built_in(ty))
        }
        _ => false,
    }
}

/// The arguments of a call, including the receiver.
fn arguments(call: &ExprKind) -> Vec<ExprId> {
    match call {
        ExprKind::Call(_, arguments) | ExprKind::CallAssociated { arguments, .. } => arguments.clone(),
        ExprKind::CallMethod { receiver, arguments, .. } => {
            std::iter::once(*receiver).chain(arguments.iter().copied()).collect()
        }
        _ => Vec::new(),
    }
}

/// The places from which the values of variables may have come.
struct Aliases<'b> {
    body: &'b Body,
    types: &'b BodyTypes,
    table: &'b TypeTable,
    /// The places by variable; the value of a variable without an entry may have come from anywhere.
    places: HashMap<LocalId, Places>,
}

impl<'b> Aliases<'b> {
    fn new(body: &'b Body, types: &'b BodyTypes, table: &'b TypeTable) -> Aliases<'b> {
        let mut aliases = Aliases { body, types, table, places: HashMap::new() };
        for (at, &pattern) in body.parameters.iter().enumerate() {
            if let Some(local) = bound(body, pattern) {
                aliases.places.insert(local, 1 << at.min(63));
            }
        }
        let mut flows: Vec<(LocalId, ExprId)> = Vec::new();
        for expr in body.exprs.iter() {
            match &expr.kind {
                ExprKind::Block(block) => {
                    let lets = block.statements.iter().filter_map(|statement| match statement {
                        Statement::Let { pattern, value, .. } => Some((bound(body, *pattern)?, *value)),
                        Statement::Expr(_) | Statement::Defer(_) => None,
                    });
                    flows.extend(lets);
                }
                ExprKind::Assign { target, value, .. } => {
                    if let ExprKind::Local(local) = body.exprs[*target].kind {
                        flows.push((local, *value));
                    }
                }
                _ => {}
            }
        }
        for &(local, _) in &flows {
            aliases.places.entry(local).or_default();
        }
        loop {
            let mut settled = true;
            for &(local, value) in &flows {
                let more = aliases.of(value);
                let places = aliases.places.entry(local).or_default();
                settled &= *places | more == *places;
                *places |= more;
            }
            if settled {
                return aliases;
            }
        }
    }

    /// The places from which an expression's value may have come: none for numbers and strings.
    fn of(&self, expr: ExprId) -> Places {
        if self.types.exprs[expr].is_some_and(|ty| is_scalar(self.table.get(ty))) {
            return 0;
        }
        let all = |parts: &[ExprId]| parts.iter().fold(0, |all, &part| all | self.of(part));
        match &self.body.exprs[expr].kind {
            ExprKind::Local(local) => self.places.get(local).copied().unwrap_or(ANYWHERE),
            ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Try(base) => self.of(*base),
            ExprKind::Index(base, _) => self.of(*base),
            ExprKind::Tuple(parts) | ExprKind::Array(parts) => all(parts),
            ExprKind::Variant { arguments, .. } => {
                arguments.iter().fold(0, |all, &(_, value)| all | self.of(value))
            }
            ExprKind::Shared(_) => self.of(self.types.chosen(expr)),
            ExprKind::Struct { fields, rest, .. } => {
                let fields: Vec<ExprId> = fields.iter().map(|&(_, value)| value).chain(*rest).collect();
                all(&fields)
            }
            call @ (ExprKind::Call(..) | ExprKind::CallMethod { .. } | ExprKind::CallAssociated { .. }) => {
                all(&arguments(call))
            }
            // A string, an array or a range that an operator returns is a new object.
            ExprKind::Binary(..) | ExprKind::Range { .. } | ExprKind::RangeFrom(_) => 0,
            _ => ANYWHERE,
        }
    }
}

fn is_scalar(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Char
            | Type::Byte
            | Type::String
            | Type::Never
    )
}

/// The variable that a pattern binds, if the pattern is a plain name.
fn bound(body: &Body, pattern: PatternId) -> Option<LocalId> {
    match body.patterns[pattern].kind {
        PatternKind::Bind(local) => Some(local),
        _ => None,
    }
}

/// Whether the operator panics for some right operands, whatever the left operand is.
fn checks_right_operand(op: BinaryOp) -> bool {
    let divides = matches!(op, BinaryOp::Divide | BinaryOp::Remainder);
    divides || matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::ShiftRightLogical)
}

/// The effects of a call of a builtin; `panics` are those of a panic.
fn of_builtin(builtin: Builtin, panics: Effects) -> Effects {
    match builtin {
        Builtin::Same | Builtin::Args => Effects::default(),
        Builtin::Panic | Builtin::Assert | Builtin::AssertEq => panics,
        Builtin::Print | Builtin::PrintLine | Builtin::Eprint | Builtin::EprintLine | Builtin::Exit => {
            Effects::ANY
        }
    }
}
