//! Objects: building, reading and changing tuples, structs, enums, cells and arrays.

use std::collections::HashMap;
use std::rc::Rc;

use super::thread::Stop;
use super::value::Value;
use crate::mir::layout::{self, Layouts, Tag};
use crate::mir::{AtomicOp, Program, Representation};
use crate::types::{Type, TypeId};

/// The initial elements of arrays, by type: values of zero bits.
pub(super) struct Zeros<'a> {
    program: &'a Program,
    layouts: Layouts<'a>,
    known: HashMap<TypeId, Value>,
}

impl<'a> Zeros<'a> {
    pub(super) fn new(program: &'a Program) -> Zeros<'a> {
        Zeros { program, layouts: Layouts::new(program), known: HashMap::new() }
    }

    /// The zero value of the elements of the given array type.
    pub(super) fn of_element(&mut self, array: TypeId) -> Value {
        let Type::Array(element) = *self.program.types.get(array) else { panic!("BUG: {array} is no array") };
        let order = layout::parts_first(&self.program.types, &self.program.nominals, element, |ty| {
            self.known.contains_key(&ty)
        });
        for ty in order {
            let zero = self.of_parts(ty);
            self.known.insert(ty, zero);
        }
        self.known[&element].clone()
    }

    /// The zero value of a type whose parts have known zero values.
    fn of_parts(&self, ty: TypeId) -> Value {
        match self.program.types.get(ty) {
            Type::Unit | Type::Never => Value::Unit,
            Type::Bool => Value::Bool(false),
            Type::Int => Value::Int(0),
            Type::Float => Value::Float(0.0),
            Type::Char => Value::Char('\0'),
            Type::Byte => Value::Byte(0),
            Type::String
            | Type::Array(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Cell(_) => Value::Null,
            Type::Tuple(_) => self.of_variant(ty, 0),
            Type::Nominal(..) => match self.program.nominals[&ty].representation {
                Representation::Object => Value::Null,
                Representation::Value => match self.layouts.enum_layout(ty).tag {
                    Tag::Single | Tag::Tagged => self.of_variant(ty, 0),
                    Tag::Niche { empty, .. } => self.of_variant(ty, empty),
                },
            },
            Type::Parameter(_) => panic!("BUG: {ty} is a parameter"),
        }
    }

    fn of_variant(&self, ty: TypeId, variant: usize) -> Value {
        let fields = layout::field_types(&self.program.types, &self.program.nominals, ty, variant);
        // An enum without variants has no fields and no values, so its zero value is never read.
        let fields = fields.unwrap_or_default();
        Value::data(variant, fields.iter().map(|field| self.known[field].clone()).collect())
    }
}

/// The least length that is too large for an array; code generation has the same limit.
const ELEMENTS_END: i64 = 1 << 36;

pub(super) fn allocate_array(length: i64, zero: &Value) -> Result<Value, Stop> {
    if length < 0 {
        return Err(Stop::Panics(format!("an array cannot have {length} elements")));
    }
    let mut elements = Vec::new();
    let wanted = usize::try_from(length).ok().filter(|_| length < ELEMENTS_END);
    let Some(wanted) = wanted.filter(|wanted| elements.try_reserve_exact(*wanted).is_ok()) else {
        return Err(Stop::Panics(format!("no memory for an array of {length} elements")));
    };
    elements.resize(wanted, zero.clone());
    Ok(Value::array(elements))
}

pub(super) fn length(value: &Value) -> Value {
    let length = match value {
        Value::String(text) => text.len(),
        Value::Unit
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Char(_)
        | Value::Byte(_)
        | Value::Data(_)
        | Value::Array(_)
        | Value::Cell(_)
        | Value::Function(_)
        | Value::Task(_)
        | Value::Generator(_)
        | Value::List(_)
        | Value::Waiter(_)
        | Value::Continuation(_)
        | Value::Null => value.as_array().parts.borrow().len(),
    };
    Value::Int(length as i64)
}

pub(super) fn check_index(index: i64, length: i64) -> Result<Value, Stop> {
    match (0..length).contains(&index) {
        true => Ok(Value::Unit),
        false => Err(Stop::Panics(format!("index {index} is out of bounds: the length is {length}"))),
    }
}

pub(super) fn element(value: &Value, index: usize) -> Value {
    match value {
        Value::String(text) => Value::Byte(text.as_bytes()[index]),
        Value::List(list) => list.word(index),
        Value::Unit
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Char(_)
        | Value::Byte(_)
        | Value::Data(_)
        | Value::Array(_)
        | Value::Cell(_)
        | Value::Function(_)
        | Value::Task(_)
        | Value::Generator(_)
        | Value::Waiter(_)
        | Value::Continuation(_)
        | Value::Null => value.as_array().part(index),
    }
}

/// Stores a field of an object; returns `()`.
pub(super) fn set_field(object: &Value, index: usize, value: Value) -> Value {
    object.as_data().set_part(index, value);
    Value::Unit
}

/// Stores an element; returns `()`.
pub(super) fn set_element(array: &Value, index: usize, value: Value) -> Value {
    if let Value::List(list) = array {
        list.set_word(index, value);
    } else {
        array.as_array().set_part(index, value);
    }
    Value::Unit
}

/// Copies `count` elements `from[start..]` to `to[at..]`; returns `()`.
pub(super) fn copy_elements(to: &Value, at: usize, from: &Value, start: usize, count: usize) -> Value {
    let copied = from.as_array().parts.borrow()[start..start + count].to_vec();
    replace_elements(to, at, copied);
    Value::Unit
}

pub(super) fn clear_elements(array: &Value, first: usize, count: usize, zero: &Value) {
    replace_elements(array, first, vec![zero.clone(); count]);
}

/// Stores elements. The old values are dropped only after the borrow ends.
fn replace_elements(array: &Value, at: usize, mut elements: Vec<Value>) {
    let count = elements.len();
    array.as_array().parts.borrow_mut()[at..at + count].swap_with_slice(&mut elements);
}

/// Whether two references refer to the same object.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Data(left), Value::Data(right))
        | (Value::Array(left), Value::Array(right))
        | (Value::Cell(left), Value::Cell(right)) => Rc::ptr_eq(left, right),
        (Value::Task(left), Value::Task(right)) => Rc::ptr_eq(left, right),
        (Value::List(left), Value::List(right)) => Rc::ptr_eq(left, right),
        _ => panic!("BUG: {left:?} and {right:?} are not compared by identity"),
    }
}

/// A number that identifies the object that a reference refers to.
pub(super) fn address(value: &Value) -> i64 {
    match value {
        Value::Data(object) | Value::Array(object) | Value::Cell(object) => Rc::as_ptr(object).addr() as i64,
        Value::Task(task) => Rc::as_ptr(task).addr() as i64,
        Value::Generator(generator) => Rc::as_ptr(generator).addr() as i64,
        Value::Unit
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Char(_)
        | Value::Byte(_)
        | Value::String(_)
        | Value::Function(_)
        | Value::List(_)
        | Value::Waiter(_)
        | Value::Continuation(_)
        | Value::Null => panic!("BUG: {value:?} has no identity"),
    }
}

/// An atomic operation on the first element of an array; returns the old element.
pub(super) fn atomic(op: AtomicOp, array: &Value, operands: &[Value]) -> Value {
    let array = array.as_array();
    let before = array.part(0).as_int();
    let after = match op {
        AtomicOp::Get => before,
        AtomicOp::Swap => operands[0].as_int(),
        AtomicOp::Add => before.wrapping_add(operands[0].as_int()),
        AtomicOp::Subtract => before.wrapping_sub(operands[0].as_int()),
        AtomicOp::CompareExchange if before == operands[0].as_int() => operands[1].as_int(),
        AtomicOp::CompareExchange => before,
    };
    array.set_part(0, Value::Int(after));
    Value::Int(before)
}
