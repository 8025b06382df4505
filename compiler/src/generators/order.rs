//! The order of the bodies of `gen fn`s: a body comes after the bodies whose generators it makes, except within a cycle
//! of bodies.
//!
//! ```text
//!   gen fn walk(t: Tree) -> Int { .. yield from forest(t.children) .. }      one component, nested in each other
//!   gen fn forest(ts: [Tree]) -> Int { for t in ts { yield from walk(t) } }
//!   gen fn twice(t: Tree) -> Int { yield from walk(t); yield from walk(t) }  comes after them
//! ```

use std::collections::{HashMap, HashSet};

use crate::arena::Id;
use crate::generators::delegate::nested_in;
use crate::mir::{FunctionId, GeneratorOp, Program, Rvalue};

type Edges = HashMap<FunctionId, Vec<FunctionId>>;

/// The bodies in order.
pub(super) struct Order {
    pub bodies: Vec<FunctionId>,
    /// The bodies that make generators of themselves, directly or through other bodies.
    pub recursive: HashSet<FunctionId>,
    /// The strongly connected components of bodies that delegate by `yield from` in a cycle, including a body that
    /// delegates to itself.
    pub nested: Vec<Vec<FunctionId>>,
}

impl Order {
    /// Finds the strongly connected components of the bodies.
    pub fn of(program: &Program) -> Order {
        let bodies = || program.functions.ids().filter(|&id| program.functions[id].element.is_some());
        let makes: Edges = bodies().map(|id| (id, generators_of(program, id))).collect();
        let nests: Edges = bodies().map(|id| (id, nested_in(&program.functions[id]))).collect();
        let components = components(&makes);
        let recursive =
            components.iter().filter(|component| is_cyclic(&makes, component)).flatten().copied().collect();
        let nested = self::components(&nests).into_iter();
        let nested = nested.filter(|component| is_cyclic(&nests, component)).collect();
        Order { bodies: components.into_iter().flatten().collect(), recursive, nested }
    }
}

/// The `gen fn`s of which a body makes generators.
fn generators_of(program: &Program, body: FunctionId) -> Vec<FunctionId> {
    let statements = program.functions[body].blocks.iter().flat_map(|block| &block.statements);
    let mut made = Vec::new();
    for statement in statements {
        if let Rvalue::Generator(GeneratorOp::New(body), _) = statement.value {
            made.push(body);
        }
    }
    made
}

fn is_cyclic(edges: &Edges, component: &[FunctionId]) -> bool {
    component.len() > 1 || edges[&component[0]].contains(&component[0])
}

/// The strongly connected components, found by Tarjan's algorithm. Each comes after the components to which its edges
/// lead.
fn components(edges: &Edges) -> Vec<Vec<FunctionId>> {
    let mut roots: Vec<FunctionId> = edges.keys().copied().collect();
    roots.sort_by_key(|id| id.raw());
    let mut search = Search {
        edges,
        numbers: HashMap::new(),
        lowest: HashMap::new(),
        open: Vec::new(),
        components: Vec::new(),
    };
    for root in roots {
        search.visit(root);
    }
    search.components
}

struct Search<'a> {
    edges: &'a Edges,
    /// The order of discovery.
    numbers: HashMap<FunctionId, usize>,
    /// For each body, the lowest number of a body that it is known to reach within its component: Tarjan's lowlink.
    lowest: HashMap<FunctionId, usize>,
    /// The bodies whose component is not complete.
    open: Vec<FunctionId>,
    components: Vec<Vec<FunctionId>>,
}

impl Search<'_> {
    /// Visits the bodies that are reachable from `root`. The path is a vector, since it may be long.
    fn visit(&mut self, root: FunctionId) {
        if self.numbers.contains_key(&root) {
            return;
        }
        let mut path = vec![(root, 0)];
        self.begin(root);
        while let Some((body, next)) = path.last_mut() {
            let body = *body;
            if let Some(&target) = self.edges[&body].get(*next) {
                *next += 1;
                if !self.numbers.contains_key(&target) {
                    self.begin(target);
                    path.push((target, 0));
                } else if self.open.contains(&target) {
                    self.reach(body, self.numbers[&target]);
                }
                continue;
            }
            path.pop();
            if let Some(&(below, _)) = path.last() {
                self.reach(below, self.lowest[&body]);
            }
            if self.lowest[&body] == self.numbers[&body] {
                let place = self.open.iter().position(|&open| open == body);
                let place = place.expect("BUG: a component without its root");
                self.components.push(self.open.split_off(place));
            }
        }
    }

    fn begin(&mut self, body: FunctionId) {
        let number = self.numbers.len();
        self.numbers.insert(body, number);
        self.lowest.insert(body, number);
        self.open.push(body);
    }

    fn reach(&mut self, body: FunctionId, number: usize) {
        let lowest = self.lowest.get_mut(&body).expect("BUG: a body that was not visited");
        *lowest = (*lowest).min(number);
    }
}
