//! Generators: their elements, their frames, and the operations on them.

use crate::mir::ids::{FrameId, FunctionId};
use crate::types::TypeId;

/// The elements of a generator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Element {
    /// The type of an element, `T`.
    pub ty: TypeId,
    /// The type of the result of `next`, `Option[T]`.
    pub option: TypeId,
}

/// A generator's frame: the values that live across a `yield` of an element, each in a slot.
#[derive(Clone, PartialEq, Debug)]
pub struct Frame {
    /// The types of the slots. The first slots are the parameters of the `gen fn`, except in a coroutine.
    pub slots: Vec<TypeId>,
    /// The number of parameters of the `gen fn`.
    pub parameter_count: usize,
    /// The function that continues the body; for [`FrameForm::Stack`], the body itself.
    pub code: FunctionId,
    /// The state of a generator whose body has not begun.
    pub start: i64,
    /// The place of the slots.
    pub form: FrameForm,
}

/// The place of the slots of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameForm {
    /// In the generator.
    Flat,
    /// In a record on the generator's own stack of frames, because the `gen fn` is recursive: by `yield from`, directly
    /// or through other `gen fn`s, it enters its own body again.
    Nested,
    /// In the generator: a single slot, for the last element. The body is a coroutine of LLVM, which keeps all other
    /// values in a frame that LLVM lays out.
    Coroutine,
    /// On the generator's own stack, on which the body runs. Only the parameters have slots.
    Stack,
}

/// An operation on a generator. `Yield` and `YieldFrom` are only in the bodies of `gen fn`s; the pass `generators`
/// replaces them by operations of [`MachineOp`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeneratorOp {
    /// `(arguments) -> Gen[T]`: a new generator for the body of a `gen fn`; the body has not begun
    New(FunctionId),
    /// `(Gen[T]) -> Option[T]`: the next element; the type is that of the result
    Next(TypeId),
    /// `(Gen[T])`: ends the generator, and runs the deferred blocks that are open in it; the type is `Option[T]`
    Close(TypeId),
    /// `(T) -> Bool`: gives an element and waits for the next `Next` or `Close`; returns whether it is a `Close`.
    /// Without a destination, a `Close` ends the generator here
    Yield,
    /// `(Gen[T]) -> Bool`: gives the remaining elements of another generator; otherwise like `Yield`. A `Close` also
    /// closes the other generator
    YieldFrom,
}

/// An operation on the object behind a generator whose body is a state machine, is a coroutine, or runs on a stack of
/// its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MachineOp {
    /// `(Gen[T]) -> Int`: the generator's state, which is the number of the place where it resumes, negative if it is
    /// being closed
    State,
    /// `(Gen[T], Int)`: sets the state
    SetState,
    /// `(Gen[T]) -> Bool`: whether a thread has entered the generator and not left it
    IsEntered,
    /// `(Gen[T])`: records that the running thread resumes the generator
    Enter,
    /// `(Gen[T])`: records that no thread resumes the generator any more
    Leave,
    /// `(Gen[T]) -> U`: the value in a slot
    Get(FrameId, usize),
    /// `(Gen[T], U)`: stores a value in a slot
    Set(FrameId, usize),
    /// `(Gen[T])`: overwrites the references in a slot, so that their objects do not stay alive
    Clear(FrameId, usize),
    /// `(Gen[T])`: called for a generator that is entered. Panics if the body still runs; otherwise a panic or a
    /// cancellation has ended the body
    CheckEnded,
    /// `(Gen[T], Int)`: puts a record for the second frame on the generator's stack of frames, above the record of the
    /// first frame. The `Int` is the state in which the body of the first frame continues
    Push(FrameId, FrameId),
    /// `(Gen[T])`: makes room for a record of the frame in place of the topmost record
    Replace(FrameId),
    /// `(Gen[T]) -> Int`: removes the topmost record; returns the state in which the body of the record below
    /// continues, or 0 if there is no such record
    Pop,
    /// `(Gen[T])`: drops the stack of frames
    Release,
    /// `() -> Gen[T]`: begins a coroutine; returns its generator. The code that follows runs when the coroutine is
    /// resumed for the first time
    Begin,
    /// `(Gen[T])`: suspends the coroutine of the generator, in its own body
    Suspend,
    /// `(Gen[T])`: resumes the coroutine of the generator, until it is suspended
    Resume,
    /// `(Gen[T]) -> Bool`: whether the generator has a stack, and does not run on it
    IsSuspended,
    /// `(Gen[T], Bool) -> Option[T]`: switches to the stack of the generator, until the body gives an element or ends.
    /// The second operand tells the body whether the generator is closed. The type is that of the result
    Switch(TypeId),
    /// `(Gen[T]) -> Option[T]`: like `Switch`, for a generator that was made just before: the body is entered directly
    Start(FunctionId, TypeId),
    /// `(Gen[T], T) -> Bool`: in the body of the generator, gives an element to the resumer and switches back to it;
    /// at the next resumption, returns whether the generator is closed
    Give,
}
