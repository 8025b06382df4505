//! The call graph of a program and its strongly connected components, which determine which recursion LLVM must not
//! turn into a loop.
//!
//! ```text
//!   fn sum(n: Int) -> Int {
//!     if n < 0 { return fail(n) }       a tail call of another function
//!     n + sum(n - 1)                    a recursion that LLVM would turn into a loop, with the sum in a variable
//!   }
//! ```
//!
//! LLVM's pass `tailcallelim` turns recursions such as `n + sum(n - 1)`, and recursive calls whose result is ignored,
//! into loops. Before every other `ret` of the function, the pass then inserts an instruction that changes the returned
//! value; in the example the instruction adds the sum. If such a `ret` belongs to a tail call, like `return fail(n)`,
//! the call is no longer a tail call, and LLVM's verifier (LLVM 22) rejects the function.
//!
//! So the pass must not change a function that has a tail call of another function and that may also call itself.
//! Inlining can turn a call of any function of the same component into a call of itself. So a function is kept
//! recursive if it has such a tail call and its component contains an ordinary call. A call of a function value may
//! call any function that is used as a value.

use crate::arena::{Arena, Id};
use crate::define_id;
use crate::mir::{Effect, FunctionId, Program};

/// The functions whose recursion must not become a loop, in ascending order. Takes time linear in the size of the
/// program.
pub fn keep_recursive(program: &Program) -> Vec<FunctionId> {
    let calls = Calls::of(program);
    let component = calls.components();
    let mut recursive: Arena<Node, bool> = calls.plain.iter().map(|_| false).collect();
    for (caller, callees) in calls.plain.iter_enumerated() {
        if callees.iter().any(|callee| component[*callee] == component[caller]) {
            recursive[component[caller]] = true;
        }
    }
    let has_tail_call = |caller: &Node| calls.tail[*caller].iter().any(|callee| callee != caller);
    let is_found = |id: &FunctionId| {
        let node = Node::new(id.raw());
        recursive[component[node]] && has_tail_call(&node)
    };
    program.functions.ids().filter(is_found).collect()
}

define_id! {
    /// A node of the call graph: a function of the program, by its number, or, as the last node, the unknown callee of
    /// calls of function values.
    Node "node";
}

/// The call graph.
struct Calls {
    /// The callees of ordinary calls.
    plain: Arena<Node, Vec<Node>>,
    /// The callees of tail calls.
    tail: Arena<Node, Vec<Node>>,
    /// The callers of each node, through ordinary calls and tail calls.
    callers: Arena<Node, Vec<Node>>,
}

impl Calls {
    fn of(program: &Program) -> Calls {
        let none = || (0..=program.functions.len()).map(|_| Vec::new()).collect();
        let mut calls = Calls { plain: none(), tail: none(), callers: none() };
        let node = |function: FunctionId| Node::new(function.raw());
        let any_value = Node::new(program.functions.len());
        for (caller, function) in program.functions.iter_enumerated() {
            for block in function.blocks.iter() {
                for statement in &block.statements {
                    match statement.value.effect(program) {
                        Effect::Calls(callee) => calls.add(node(caller), node(callee)),
                        Effect::CallsValue => calls.add(node(caller), any_value),
                        Effect::Names(callee) => calls.add(any_value, node(callee)),
                        Effect::Spawns(_)
                        | Effect::Yields
                        | Effect::Waits
                        | Effect::WaitList(_)
                        | Effect::None => {}
                    }
                }
                match block.terminator.kind.effect() {
                    Effect::Calls(callee) => calls.add_tail(node(caller), node(callee)),
                    Effect::CallsValue => calls.add_tail(node(caller), any_value),
                    Effect::Names(_)
                    | Effect::Spawns(_)
                    | Effect::Yields
                    | Effect::Waits
                    | Effect::WaitList(_)
                    | Effect::None => {}
                }
            }
        }
        calls
    }

    fn add(&mut self, caller: Node, callee: Node) {
        self.plain[caller].push(callee);
        self.callers[callee].push(caller);
    }

    fn add_tail(&mut self, caller: Node, callee: Node) {
        self.tail[caller].push(callee);
        self.callers[callee].push(caller);
    }

    fn callee(&self, caller: Node, index: usize) -> Option<Node> {
        let plain = &self.plain[caller];
        plain.get(index).or_else(|| self.tail[caller].get(index - plain.len())).copied()
    }

    /// The strongly connected component of each node, represented by a node of the component. Uses the algorithm of
    /// Kosaraju and Sharir.
    fn components(&self) -> Arena<Node, Node> {
        let mut seen: Arena<Node, bool> = self.plain.iter().map(|_| false).collect();
        let mut finished = Vec::new();
        for root in self.plain.ids() {
            let mut path = Vec::new();
            if !std::mem::replace(&mut seen[root], true) {
                path.push((root, 0));
            }
            while let Some((caller, next)) = path.last_mut() {
                match self.callee(*caller, *next) {
                    Some(callee) => {
                        *next += 1;
                        if !std::mem::replace(&mut seen[callee], true) {
                            path.push((callee, 0));
                        }
                    }
                    None => {
                        finished.push(*caller);
                        path.pop();
                    }
                }
            }
        }
        let mut component: Arena<Node, Option<Node>> = self.plain.iter().map(|_| None).collect();
        for &root in finished.iter().rev() {
            let mut ahead = vec![root];
            while let Some(function) = ahead.pop() {
                if component[function].is_none() {
                    component[function] = Some(root);
                    ahead.extend(&self.callers[function]);
                }
            }
        }
        component.iter().map(|root| root.expect("BUG: a function in no component")).collect()
    }
}
