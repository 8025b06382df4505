//! The types of operations on wait lists.

use super::Typing;
use crate::mir::{AtomicOp, Operand, WaitOp};
use crate::types::{Type, TypeId};

impl Typing<'_> {
    /// Checks an operation on wait lists; `value` is the type of the value that is handed over. The result of
    /// `TakeWaiter` has the type `destination`, because this module does not know the library's `Option` type.
    pub(super) fn waiting(
        &mut self,
        op: WaitOp,
        value: TypeId,
        operands: &[Operand],
        destination: Option<TypeId>,
    ) -> Result<TypeId, String> {
        let [unit, bool, int] = [Type::Unit, Type::Bool, Type::Int].map(|ty| self.types.intern(ty));
        let list = self.types.intern(Type::Array(int));
        let waiter = self.types.intern(Type::Task(unit));
        let (parameters, result): (&[TypeId], TypeId) = match op {
            WaitOp::Lock | WaitOp::Unlock | WaitOp::BufferPut | WaitOp::BufferGet | WaitOp::BufferMove => {
                (&[list], unit)
            }
            WaitOp::Wait => (&[list, int], bool),
            WaitOp::TakeWaiter => (&[list, int], destination.unwrap_or(unit)),
            WaitOp::Wake => (&[waiter, bool], unit),
            WaitOp::WaitTake => (&[list, int], self.types.intern(Type::Tuple(vec![bool, value]))),
            WaitOp::WaitGive => (&[list, int, value], bool),
            WaitOp::Put => (&[waiter, value], unit),
            WaitOp::Get => (&[waiter], value),
            WaitOp::Keep => (&[list, int, self.types.intern(Type::Array(value))], unit),
            WaitOp::Kept => (&[list, int], self.types.intern(Type::Array(value))),
            WaitOp::Pause => (&[], int),
            WaitOp::LeaveScope => (&[], unit),
            WaitOp::Cancel => {
                let [task] = operands else { return Err("Cancel takes one task".to_owned()) };
                return self.of_task("Cancel", task, Type::Unit);
            }
        };
        self.arguments("operand", parameters, operands)?;
        Ok(result)
    }

    pub(super) fn atomic(&mut self, op: AtomicOp, operands: &[Operand]) -> Result<TypeId, String> {
        let int = self.types.intern(Type::Int);
        let array = self.types.intern(Type::Array(int));
        let parameters: &[TypeId] = match op {
            AtomicOp::Get => &[array],
            AtomicOp::Swap | AtomicOp::Add | AtomicOp::Subtract => &[array, int],
            AtomicOp::CompareExchange => &[array, int, int],
        };
        self.arguments("operand", parameters, operands)?;
        Ok(int)
    }
}
