//! Where LLVM must not make a loop of a recursion.
//!
//! LLVM's pass `tailcallelim` also makes loops of `n + f(n - 1)`, and of calls of `f` whose result `f` ignores. It
//! then changes what every other `ret` of `f` gives, with an instruction in front of it; also where that `ret` belongs
//! to a tail call of another function, which is no tail call any more, and LLVM stops at the next look (LLVM 22). So
//! the pass leaves alone those functions that have a tail call of another and may also call themselves in another way,
//! if need be after inlining. What is called as a value may be any function that is a value somewhere.

use crate::arena::{Arena, Id};
use crate::define_id;
use crate::mir::{FunctionId, Program, Rvalue, TerminatorKind};

/// The functions of which `tailcallelim` might break a tail call, in order. Linear in the size of the program.
pub fn not_to_be_loops(program: &Program) -> Vec<FunctionId> {
    let calls = Calls::of(program);
    let ring = calls.rings();
    let mut recursive: Arena<Node, bool> = calls.plain.iter().map(|_| false).collect();
    for (caller, callees) in calls.plain.iter_enumerated() {
        if callees.iter().any(|callee| ring[*callee] == ring[caller]) {
            recursive[ring[caller]] = true;
        }
    }
    let has_tail_call = |caller: &Node| calls.tail[*caller].iter().any(|callee| callee != caller);
    let is_found = |id: &FunctionId| {
        let node = Node::new(id.raw());
        recursive[ring[node]] && has_tail_call(&node)
    };
    program.functions.ids().filter(is_found).collect()
}

define_id! {
    /// A function of the program, by its number, or behind them all what is called as a value.
    Node "node";
}

/// Who calls whom.
struct Calls {
    plain: Arena<Node, Vec<Node>>,
    tail: Arena<Node, Vec<Node>>,
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
                    match &statement.value {
                        Rvalue::Call(callee, _) => calls.add(node(caller), node(*callee)),
                        Rvalue::CallValue(..) => calls.add(node(caller), any_value),
                        Rvalue::Closure(_, callee, _) => calls.add(any_value, node(*callee)),
                        _ => {}
                    }
                }
                match &block.terminator.kind {
                    TerminatorKind::TailCall(callee, _) => calls.add_tail(node(caller), node(*callee)),
                    TerminatorKind::TailCallValue(..) => calls.add_tail(node(caller), any_value),
                    _ => {}
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

    /// For each function one that stands for all those that call each other, itself included: the strongly connected
    /// components, by the algorithm of Kosaraju and Sharir.
    fn rings(&self) -> Arena<Node, Node> {
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
        let mut ring: Arena<Node, Option<Node>> = self.plain.iter().map(|_| None).collect();
        for &root in finished.iter().rev() {
            let mut ahead = vec![root];
            while let Some(function) = ahead.pop() {
                if ring[function].is_none() {
                    ring[function] = Some(root);
                    ahead.extend(&self.callers[function]);
                }
            }
        }
        ring.iter().map(|root| root.expect("BUG: a function in no ring")).collect()
    }
}
