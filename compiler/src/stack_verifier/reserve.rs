//! The depth that functions reach below the stack limit, which must fit into the reserve.
//!
//! A prologue checks that `rsp`, or for a large frame the frame's lower end, is above the limit. Below that address the
//! function may still need a frame of less than 256 bytes, outgoing arguments, return addresses, and the words that a
//! switch pushes. LLVM checks none of these. A callee that makes no check goes further down by as much as it needs. A
//! thunk needs only its return address on the thread's stack.

use iced_x86::FlowControl;
use weft_abi::stack::USABLE_RESERVE;

use super::code::{Callee, Code, WORD};
use super::flow::{Flow, State, moves_rsp};
use super::report::{Rule, Violation};

/// The depth at which the search stops: functions that check nothing and call each other in a cycle go deeper with
/// every call.
const BOUND: i64 = 4 * USABLE_RESERVE as i64;

/// The state of the stack at an instruction. Addresses are relative to `rsp` at the function's entry.
struct Point {
    /// The index of the instruction.
    index: usize,
    /// The lowest `rsp` during the instruction; for a call, `rsp` at the callee's entry.
    lowest: i64,
    /// The lowest address that the last check has granted; `None` if there was no check yet.
    granted: Option<i64>,
    /// The code whose frames lie below `rsp` while this instruction runs.
    callee: Below,
}

/// The code that the instruction of a [`Point`] calls or jumps to, and whose frames lie below `rsp` on the same stack.
#[derive(Clone, Copy)]
enum Below {
    /// No code, or only code on another stack.
    Nothing,
    /// A function of green code, by its index.
    Green(usize),
    /// Any function, for a call or jump through a register.
    Any,
}

/// Finds the functions that go deeper than the reserve; returns the greatest depth and the index of its function.
pub(super) fn check(green: &[Code<'_>], flows: &[Flow], violations: &mut Vec<Violation>) -> (u64, usize) {
    let points: Vec<Vec<Point>> = green.iter().zip(flows).map(|(code, flow)| points(code, flow)).collect();
    let unchecked = Unchecked::of(&points);
    let mut deepest = (0, 0);
    for (number, (code, points)) in green.iter().zip(&points).enumerate() {
        // `max_by_key` returns the last of equal elements. So the order is reversed, and the result is the first of the
        // deepest instructions.
        let Some(point) = points.iter().rev().max_by_key(|point| unchecked.depth(point)) else { continue };
        let depth = unchecked.depth(point).max(0) as u64;
        if depth > USABLE_RESERVE as u64 {
            violations.push(code.violation(&code.instructions[point.index], Rule::TooDeep(depth)));
        }
        deepest = deepest.max((depth, number));
    }
    deepest
}

/// For each function, how far `rsp` can fall below its value at the function's entry before the function or a callee
/// checks the limit.
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

    /// The depth at a point: how far `rsp` falls, there or in a callee that makes no check, below the granted address.
    /// If no check was made yet, the depth counts from `rsp` at the function's entry.
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
        FlowControl::IndirectBranch if code.returns_by_jump(index) => (rsp, Below::Nothing),
        FlowControl::IndirectBranch => (rsp, Below::Any),
        _ => (rsp.min(rsp + moves_rsp(instruction)), callee),
    };
    Point { index, lowest, granted, callee }
}
