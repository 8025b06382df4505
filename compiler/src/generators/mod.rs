//! The lowering of generators. By default, every `gen fn` becomes a state machine, or is inlined where its generators
//! are consumed; [`Form`] has the alternatives.
//!
//! ```text
//!   gen fn upto(n: Int) -> Int { for i in 0..n { yield i } }
//!
//!   for v in upto(9) { .. }       a loop over 0..9: the body of `upto` is inlined, nothing of the generator is left
//!   let g = upto(9); f(g)         an object with the fields `i` and `n`; `next` calls the state machine `upto`
//! ```

#![warn(clippy::wildcard_enum_match_arm)]

/// Additions to a function.
mod editor;
/// The library's functions that only perform an operation on a generator: afterwards no function calls them.
mod wrappers;
/// `yield from`: afterwards each is a loop, or passes control to another body of the same component.
mod delegate;
/// The order of the bodies.
mod order;
/// The body of a `gen fn`, cut at the places where it gives elements.
mod machine;
/// The locals that live across the suspensions of a body.
mod liveness;
/// Generators that one function makes and consumes: afterwards nothing of these generators is left.
mod inline;
/// Yields at which a close has nothing to do: afterwards they do not tell the body whether the generator is closed.
mod plain_yields;
/// The functions that run if a generator is resumed while it already runs.
mod stubs;
/// The state machine of a body.
mod state_machine;
/// The body of a `gen fn` as a coroutine of LLVM.
mod coroutine;
/// The first `next` after the creation of a generator with a stack of its own.
mod direct;
/// The body of a `gen fn` on a stack of the generator's own.
mod stack;

use std::collections::HashMap;

use crate::generators::delegate::Types;
use crate::generators::machine::Machine;
use crate::generators::order::Order;
use crate::generators::stubs::Stubs;
use crate::mir::{FunctionId, Program};
use crate::source::Span;
use crate::types::Type;

/// A way to lower generators. Programs behave the same in each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// State machines, inlined where possible.
    Stackless,
    /// Stacks of their own, to which `next` switches.
    Stack,
    /// Coroutines of LLVM.
    Llvm,
}

/// Lowers all generators of a program; returns whether the program has a `gen fn`. Added functions get the source
/// position `library`, a span in the library.
pub fn lower(program: &mut Program, form: Form, library: Span) -> bool {
    let Order { bodies, recursive, nested } = Order::of(program);
    if bodies.is_empty() {
        return false;
    }
    let wrappers = wrappers::expose(program);
    let [int, bool] = [Type::Int, Type::Bool].map(|ty| program.types.intern(ty));
    let types = Types { int, bool };
    let mut stubs = Stubs::new(library, form);
    if form == Form::Stack {
        stack::lower(program, &bodies, types, &mut stubs);
        return true;
    }
    if form == Form::Llvm {
        for &id in &bodies {
            delegate::expand(&mut program.functions[id], types, &[], |_| true);
            coroutine::build(program, id, (types, &mut stubs));
        }
        return true;
    }
    let mut machines: HashMap<FunctionId, Machine> = HashMap::new();
    let mut inlinable: HashMap<FunctionId, Machine> = HashMap::new();
    for &id in &bodies {
        let component =
            nested.iter().find(|component| component.contains(&id)).map_or(&[][..], |found| found);
        let body = &mut program.functions[id];
        let needs_close = |other| machines.get(&other).is_none_or(Machine::needs_close);
        delegate::expand(body, types, component, needs_close);
        inline::inline(body, &inlinable, &wrappers, types);
        plain_yields::simplify(body);
        let machine = Machine::of(body);
        if !recursive.contains(&id) {
            inlinable.insert(id, machine.clone());
        }
        machines.insert(id, machine);
    }
    for id in program.functions.ids() {
        let function = &mut program.functions[id];
        if function.element.is_none() {
            inline::inline(function, &inlinable, &wrappers, types);
        }
    }
    let alone = bodies.iter().filter(|id| !nested.iter().any(|component| component.contains(id)));
    for id in alone {
        state_machine::build(program, &[*id], &machines, false, (types, &mut stubs));
    }
    for component in &nested {
        state_machine::build(program, component, &machines, true, (types, &mut stubs));
    }
    true
}
