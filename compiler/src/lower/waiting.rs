//! Waits of the running thread that involve no wait list.

use weft_abi::{ParkReason, RuntimeFunction};

use super::instances::Instances;
use crate::mir::{Operand, Rvalue, WaitOp};
use crate::types::Type;

impl Instances<'_> {
    /// A wait operation without operands, which concerns only the running thread.
    pub fn of_thread(&mut self, op: WaitOp) -> Rvalue {
        Rvalue::Waiting(op, self.intern(Type::Unit), Vec::new())
    }
}

/// Begins a multi-wait. After this operation the arms of the wait may fire; [`WaitOp::Pause`] then parks the running
/// thread and returns the number of the arm that fired.
pub(super) fn begin_pause(reason: ParkReason) -> Rvalue {
    Rvalue::Runtime(RuntimeFunction::MultiWaitBegin, vec![Operand::Int(reason as i64)])
}
