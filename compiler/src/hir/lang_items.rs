//! Lang items: the declarations of the library that the compiler itself uses. `resolve` finds them by name.

use super::ids::{FunctionId, TraitId};
use super::operators::{BinaryOp, UnaryOp};
use crate::types::NominalId;

/// All lang items.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is the declaration of that name")]
pub struct LangItems {
    pub option: NominalId,
    pub result: NominalId,
    pub ordering: NominalId,
    pub range: NominalId,
    pub bytes: NominalId,
    pub vec: NominalId,
    pub map: NominalId,
    pub set: NominalId,
    pub c_ptr: NominalId,
    pub chan: NominalId,
    pub show: TraitId,
    pub eq: TraitId,
    pub ord: TraitId,
    pub hash: TraitId,
    pub iter: TraitId,
    pub share: TraitId,
    /// The traits of the operators.
    pub operators: OperatorItems,
    pub from: TraitId,
    /// The items that convert compound values to text.
    pub shown: ShownItems,
    /// `std.hash.combine(hash: Int, next: Int) -> Int`
    pub hash_combine: FunctionId,
    /// `std.hash.of_int(n: Int) -> Int`
    pub hash_of_int: FunctionId,
    /// `std.range.step(k: Int) -> Int`: panics if `k` is not positive, otherwise returns it
    pub range_step: FunctionId,
    /// `std.test.run(names: [String], bodies: [share fn() -> ()]) -> Int`: runs the tests; returns the exit status
    pub test_run: FunctionId,
    /// `std.generator.close_generator[T](g: Gen[T])`: calls `close`; `for` defers it
    pub close_generator: FunctionId,
    /// The functions that `select` calls.
    pub select: SelectItems,
}

/// The traits of the operators, in `std.operators`.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is the declaration of that name")]
pub struct OperatorItems {
    pub add: TraitId,
    pub sub: TraitId,
    pub mul: TraitId,
    pub div: TraitId,
    pub rem: TraitId,
    pub neg: TraitId,
    pub index: TraitId,
    pub index_assign: TraitId,
}

impl OperatorItems {
    /// The trait of an arithmetic operator. `None` for operators that no `impl` can define, and for comparisons, whose
    /// traits are `Eq` and `Ord`.
    pub fn of_binary(&self, op: BinaryOp) -> Option<TraitId> {
        match op {
            BinaryOp::Add => Some(self.add),
            BinaryOp::Subtract => Some(self.sub),
            BinaryOp::Multiply => Some(self.mul),
            BinaryOp::Divide => Some(self.div),
            BinaryOp::Remainder => Some(self.rem),
            BinaryOp::WrappingAdd
            | BinaryOp::WrappingSubtract
            | BinaryOp::WrappingMultiply
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Xor
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight
            | BinaryOp::ShiftRightLogical
            | BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => None,
        }
    }

    /// The trait of a unary operator. `None` for operators that no `impl` can define.
    pub fn of_unary(&self, op: UnaryOp) -> Option<TraitId> {
        match op {
            UnaryOp::Negate => Some(self.neg),
            UnaryOp::Not | UnaryOp::Complement => None,
        }
    }
}

impl LangItems {
    /// Whether a type may implement a trait several times, with different type arguments of the trait. An
    /// `impl From[A] for E` serves only for values of the type `A`, whereas a type has only one `Iter`.
    pub fn is_chosen_by_arguments(&self, of: TraitId) -> bool {
        of == self.from
    }
}

/// The lang items that convert compound values to text, in `std.shown`.
#[derive(Clone, Copy, Debug)]
pub struct ShownItems {
    /// `trait ShowInto { fn show_into(self, out: Shown) }`: appends the text of a value to `out`, whereas `Show`
    /// returns a new string; only the library implements this trait
    pub show_into: TraitId,
    /// `struct Shown`: a text buffer
    pub shown: NominalId,
    /// `begin() -> Shown`
    pub begin: FunctionId,
    /// `push(out: Shown, text: String)`
    pub push: FunctionId,
    /// `enter(out: Shown, address: Int) -> Bool`: begins an object; if the object is already being shown, because it
    /// contains itself, appends `...` and returns false
    pub enter: FunctionId,
    /// `leave(out: Shown, address: Int)`: ends the object that `enter` began
    pub leave: FunctionId,
    /// `finish(out: Shown) -> String`
    pub finish: FunctionId,
    /// `format_width(format: Int, width: Int) -> Int`: sets the width of a packed format
    pub format_width: FunctionId,
    /// `format_precision(format: Int, digits: Int) -> Int`: sets the precision of a packed format
    pub format_precision: FunctionId,
}

impl ShownItems {
    /// All functions.
    pub fn functions(&self) -> [FunctionId; 7] {
        let ShownItems {
            show_into: _,
            shown: _,
            begin,
            push,
            enter,
            leave,
            finish,
            format_width,
            format_precision,
        } = *self;
        [begin, push, enter, leave, finish, format_width, format_precision]
    }
}

/// The lang items of `select`, in `std.chan` and `std.time`.
#[derive(Clone, Copy, Debug)]
pub struct SelectItems {
    /// `select_try_receive[T](c: Chan[T]) -> Option[T?]`: receives without waiting; `None` if that is not possible,
    /// `Some(None)` if the channel is closed
    pub try_receive: FunctionId,
    /// `select_try_send[T](c: Chan[T], value: T) -> Bool`: sends the value if that needs no waiting; returns whether
    /// the value was sent
    pub try_send: FunctionId,
    /// `select_receive[T](c: Chan[T], arm: Int) -> Waiter?`: begins to wait; `None` if a value can be received now
    pub receive: FunctionId,
    /// `select_send[T](c: Chan[T], value: T, arm: Int) -> Waiter?`: begins to wait; `None` if the value can be sent now
    pub send: FunctionId,
    /// `select_after(ms: Int, arm: Int)`: chooses the arm after `ms` milliseconds, unless another arm is chosen first
    pub after: FunctionId,
    /// `select_leave(waiting: Waiter?)`: ends a wait
    pub leave: FunctionId,
    /// `select_received[T](waiting: Waiter?) -> T?`: the value that the chosen arm received; `None` if the channel was
    /// closed
    pub received: FunctionId,
    /// `select_sent(waiting: Waiter?)`: panics if the channel was closed
    pub sent: FunctionId,
}

impl SelectItems {
    /// All functions.
    pub fn functions(&self) -> [FunctionId; 8] {
        let SelectItems { try_receive, try_send, receive, send, after, leave, received, sent } = *self;
        [try_receive, try_send, receive, send, after, leave, received, sent]
    }
}
