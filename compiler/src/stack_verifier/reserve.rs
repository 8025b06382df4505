//! The depth of functions below the stack limit, all of which must fit into the reserve.
//!
//! A prologue finds that `rsp`, or for a large frame its lower end, is above the limit. Below that address the function
//! still puts frames of less than 256 bytes, outgoing arguments, return addresses, and the words that a switch pushes,
//! none of which LLVM checks; and again the same of functions that it calls and that check nothing. A thunk needs no
//! more of this stack than its return address.

use iced_x86::FlowControl;
use weft_abi::stack::USABLE_RESERVE;

use super::code::{Callee, Code};
use super::flow::{Flow, State, WORD, moves_rsp};
use super::report::{Rule, Violation};

/// The depth that counts as endless: functions that check nothing and call each other in a cycle have no deepest call.
const BOUND: i64 = 4 * USABLE_RESERVE as i64;

/// The depth of an instruction.
struct Point {
    /// The instruction.
    index: usize,
    /// The lowest address that it touches, or that is its callee's entry.
    lowest: i64,
    /// The lowest address that was checked.
    granted: Option<i64>,
    /// The code that goes on from there.
    callee: Below,
}

/// The code that runs below a point.
#[derive(Clone, Copy)]
enum Below {
    /// Nothing on this stack.
    Nothing,
    /// This function of green code.
    Green(usize),
    /// Any function: a call or jump through a register.
    Any,
}

/// Finds the functions that need more than the reserve; returns the greatest need, and the number of its function.
pub(super) fn check(green: &[Code<'_>], flows: &[Flow], violations: &mut Vec<Violation>) -> (u64, usize) {
    let points: Vec<Vec<Point>> = green.iter().zip(flows).map(|(code, flow)| points(code, flow)).collect();
    let unchecked = Unchecked::of(&points);
    let mut deepest = (0, 0);
    for (number, (code, points)) in green.iter().zip(&points).enumerate() {
        // `max_by_key` gives the last of equal ones, but the first is the outermost function and tells more.
        let Some(point) = points.iter().rev().max_by_key(|point| unchecked.depth(point)) else { continue };
        let depth = unchecked.depth(point).max(0) as u64;
        if depth > USABLE_RESERVE as u64 {
            violations.push(code.violation(&code.instructions[point.index], Rule::TooDeep(depth)));
        }
        deepest = deepest.max((depth, number));
    }
    deepest
}

/// The depth of each function below its entry before it or its callees check anything.
struct Unchecked {
    depths: Vec<i64>,
    deepest: i64,
}

impl Unchecked {
    fn of(points: &[Vec<Point>]) -> Unchecked {
        let mut found = Unchecked { depths: vec![0; points.len()], deepest: 0 };
        let mut changed = true;
        while changed {
            changed = false;
            for (number, points) in points.iter().enumerate() {
                let unchecked = points.iter().filter(|point| point.granted.is_none());
                let depth = unchecked.map(|point| found.depth(point)).max().unwrap_or(0).min(BOUND);
                changed |= depth > found.depths[number];
                found.depths[number] = found.depths[number].max(depth);
            }
            found.deepest = found.depths.iter().copied().max().unwrap_or(0);
        }
        found
    }

    /// The depth below the granted address from a point on.
    fn depth(&self, point: &Point) -> i64 {
        let below = match point.callee {
            Below::Nothing => 0,
            Below::Green(callee) => self.depths[callee],
            Below::Any => self.deepest,
        };
        point.granted.unwrap_or(0) - point.lowest + below
    }
}

fn points(code: &Code<'_>, flow: &Flow) -> Vec<Point> {
    let reached = flow.states.iter().enumerate().filter_map(|(index, state)| Some((index, (*state)?)));
    reached.map(|(index, state)| point(code, index, state)).collect()
}

fn point(code: &Code<'_>, index: usize, State { rsp, granted }: State) -> Point {
    let callee = match code.targets.get(&index) {
        Some(Callee::Green(callee)) => Below::Green(*callee),
        Some(Callee::Thunk(_) | Callee::Unknown) | None => Below::Nothing,
    };
    let instruction = &code.instructions[index];
    let (lowest, callee) = match instruction.flow_control() {
        FlowControl::Call => (rsp - WORD, callee),
        FlowControl::IndirectCall => (rsp - WORD, Below::Any),
        FlowControl::IndirectBranch => (rsp, Below::Any),
        _ => (rsp.min(rsp + moves_rsp(instruction)), callee),
    };
    Point { index, lowest, granted, callee }
}
