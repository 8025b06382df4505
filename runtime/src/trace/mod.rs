//! Stack traces of green threads: the active calls, innermost first.
//!
//! The walk finds frames with the unwind tables that every executable has (gimli). The names and positions of the
//! frames come from the executable's debug information (addr2line), which is read when the first trace is printed. This
//! module runs only for reports.
//!
//! The walk does not use the crate framehop, for two reasons. Where the tables have no entry, framehop follows frame
//! pointers, which Weft code does not have. And the walk needs the unwind rules of only one register, which take less
//! code than adapters to framehop.

/// The running executable in memory: its unwind tables.
mod image;
/// Call sites, and the step from each to its caller.
mod sites;
/// Stack walks: from the innermost frame to the outermost.
mod walk;
/// Symbols: function, file, line and column of an address.
mod symbols;

#[cfg(test)]
mod tests;

pub use symbols::{Call, Origin, symbolise};
pub use walk::{Frame, GLANCE, Glances, StackSlice, Walk, walk};

/// The number of calls that a trace shows from each end of the stack: together they fit on a screen.
pub const SHOWN: usize = 10;

/// The number of frames that are kept from each end. It is larger than [`SHOWN`], since frames of the runtime and the
/// library are not shown.
const KEPT: usize = 2 * SHOWN;

/// The position of the call that returns to `pc`, as text: `FILE:LINE:COLUMN`. If the call is inlined library code, the
/// position is that of the program's call of the library.
pub fn program_position(pc: u64) -> Option<String> {
    let calls = symbolise(Frame::of_return_address(pc));
    let call = calls.iter().find(|call| call.origin == Origin::Program && !call.is_in_library())?;
    Some(format!("{}:{}:{}", call.file.as_ref()?, call.line?, call.column?))
}

/// The calls of a green thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// The innermost calls, innermost first.
    pub first: Vec<Call>,
    /// The number of calls that are omitted between `first` and `last`.
    pub omitted: u64,
    /// The outermost calls, the very first call at the end.
    pub last: Vec<Call>,
    /// Whether the walk reached the bottom of the stack.
    pub complete: bool,
}

impl Trace {
    /// The active calls of a stack: all, or [`SHOWN`] from each end.
    ///
    /// # Safety
    /// Memory from `start.sp` to `start.top` is readable and does not change during the call.
    pub unsafe fn of_stack(start: &StackSlice) -> Trace {
        // SAFETY: the caller guarantees that the memory is readable and does not change.
        let walk = unsafe { walk(start, KEPT, KEPT) };
        Trace::of_walk(&walk, symbolise)
    }

    /// The trace of a walk. Calls of the runtime are not shown. Calls without debug information are not shown either,
    /// if any call is known to be a call of the program. In a stripped executable all calls have an unknown origin, and
    /// all are shown.
    fn of_walk(walk: &Walk, symbolise: impl Fn(Frame) -> Vec<Call>) -> Trace {
        let symbolise_all =
            |frames: &[Frame]| frames.iter().flat_map(|frame| symbolise(*frame)).collect::<Vec<Call>>();
        let (first, last) = (symbolise_all(&walk.first), symbolise_all(&walk.last));
        let is_program = |call: &Call| call.origin == Origin::Program;
        let is_described = first.iter().chain(&last).any(is_program);
        let is_shown = |call: &Call| match call.origin {
            Origin::Program => true,
            Origin::Runtime => false,
            Origin::Unknown => !is_described,
        };
        let calls_at = |frame: Frame| symbolise(frame).iter().filter(|call| is_shown(call)).count() as u64;
        let mut trace = Trace {
            first: first.into_iter().filter(is_shown).collect(),
            omitted: walk.omitted.iter().map(|(frame, count)| calls_at(*frame) * count).sum(),
            last: last.into_iter().filter(is_shown).collect(),
            complete: walk.complete,
        };
        trace.enter_program();
        trace.shorten();
        trace
    }

    /// Removes the innermost calls inside the library, so that the trace begins at the program's call of the library.
    /// Library calls further out stay, since calls of the program are inside them.
    fn enter_program(&mut self) {
        if let Some(inside) = self.first.iter().position(|call| !call.is_in_library()) {
            self.first.drain(..inside);
        }
    }

    /// Removes the calls beyond [`SHOWN`]: more frames are kept than shown, and a frame may stand for several inlined
    /// calls.
    fn shorten(&mut self) {
        if self.omitted == 0 {
            self.first.append(&mut self.last);
            if self.first.len() <= 2 * SHOWN {
                return;
            }
            self.last = self.first.split_off(SHOWN);
        }
        let inner_surplus = self.first.len().saturating_sub(SHOWN);
        let outer_surplus = self.last.len().saturating_sub(SHOWN);
        self.first.truncate(SHOWN);
        self.last.drain(..outer_surplus);
        self.omitted += (inner_surplus + outer_surplus) as u64;
    }
}
