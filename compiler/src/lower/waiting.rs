//! The library's operations on lists of waiting threads, and on numbers that threads share.

use weft_abi::{ParkReason, RuntimeFunction};

use super::instances::Instances;
use super::intrinsics::At;
use crate::hir::Intrinsic;
use crate::mir::{AtomicOp, Operand, Rvalue, WaitOp};
use crate::types::{Type, TypeId};

impl At<'_, '_> {
    /// The operation on those values; `types` are the type arguments.
    pub fn waiting(&mut self, intrinsic: Intrinsic, types: &[TypeId], values: Vec<Operand>) -> Rvalue {
        if let Some(op) = atomic(intrinsic) {
            return Rvalue::Atomic(op, values);
        }
        let op = match intrinsic {
            Intrinsic::AtomicNew => {
                let int = self.instances.intern(Type::Int);
                let array = self.instances.intern(Type::Array(int));
                return Rvalue::NewArray(array, values);
            }
            Intrinsic::SleepFor => {
                self.graph.push(None, begin_pause(ParkReason::Sleep), self.span);
                let arm = Operand::Int(0);
                let values = values.into_iter().chain([arm]).collect();
                self.graph.push(None, Rvalue::Runtime(RuntimeFunction::SelectTimer, values), self.span);
                let wait = self.instances.of_thread(WaitOp::Pause);
                self.graph.push(None, wait, self.span);
                return Rvalue::Use(Operand::Unit);
            }
            Intrinsic::TaskCancel => WaitOp::Cancel,
            Intrinsic::LockList => WaitOp::Lock,
            Intrinsic::UnlockList => WaitOp::Unlock,
            Intrinsic::TakeWaiter => WaitOp::TakeWaiter,
            Intrinsic::WaitPlain => WaitOp::Wait,
            Intrinsic::WaitTake => WaitOp::WaitTake,
            Intrinsic::WaitGive => WaitOp::WaitGive,
            Intrinsic::WaiterPut => WaitOp::Put,
            Intrinsic::WaiterGet => WaitOp::Get,
            Intrinsic::Wake => WaitOp::Wake,
            Intrinsic::ListKeep => WaitOp::Keep,
            Intrinsic::ListKept => WaitOp::Kept,
            other => panic!("BUG: {other:?} has no operation"),
        };
        let is_typed = match op {
            WaitOp::WaitTake | WaitOp::WaitGive | WaitOp::Put | WaitOp::Get | WaitOp::Keep | WaitOp::Kept => {
                true
            }
            WaitOp::Lock
            | WaitOp::Unlock
            | WaitOp::TakeWaiter
            | WaitOp::Wake
            | WaitOp::Wait
            | WaitOp::Pause
            | WaitOp::LeaveScope
            | WaitOp::Cancel => false,
        };
        let ty = if is_typed { types[0] } else { self.instances.intern(Type::Unit) };
        Rvalue::Waiting(op, ty, values)
    }
}

impl Instances<'_> {
    /// An operation that concerns the running thread alone.
    pub fn of_thread(&mut self, op: WaitOp) -> Rvalue {
        Rvalue::Waiting(op, self.intern(Type::Unit), Vec::new())
    }
}

/// From now on the running thread may be chosen for something, until it asks for what by [`WaitOp::Pause`].
pub(super) fn begin_pause(pause: ParkReason) -> Rvalue {
    Rvalue::Runtime(RuntimeFunction::MultiWaitBegin, vec![Operand::Int(pause as i64)])
}

fn atomic(intrinsic: Intrinsic) -> Option<AtomicOp> {
    Some(match intrinsic {
        Intrinsic::AtomicGet => AtomicOp::Get,
        Intrinsic::AtomicSet | Intrinsic::AtomicSwap => AtomicOp::Swap,
        Intrinsic::AtomicAdd => AtomicOp::Add,
        Intrinsic::AtomicSub => AtomicOp::Subtract,
        Intrinsic::AtomicCompareExchange => AtomicOp::CompareExchange,
        _ => return None,
    })
}
