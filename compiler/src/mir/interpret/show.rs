//! Values as text, for people: short, and with the names of variants and fields.
//!
//! ```text
//!   Point { x: 1, y: 2 }     Some([1, 2, 3])     Chan 1     Mutex 2 (17)     thread 3
//! ```
//!
//! A wait list has a number, and whatever is built on it is shown by this number.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::text;
use super::value::{GeneratorState, List, Object, State, Value};
use crate::arena::Id;
use crate::mir::{FunctionId, Program};
use crate::types::{Type, TypeId};

/// The nesting up to which the parts of a value are shown.
const DEPTH: usize = 4;
/// The number of elements of an array that are shown.
const ELEMENTS: usize = 12;
/// The length of a value's text, in bytes, after which its further parts are left out.
const LENGTH: usize = 240;

/// The types of the library that are built on a wait list, which is in their first field.
const SHARED: [&str; 9] =
    ["Barrier", "Chan", "Condition", "Lock", "Mutex", "Once", "RwLock", "Semaphore", "WaitGroup"];

/// The type on which some of them are built.
const LOCK: &str = "Lock";

/// A wait list that a shown value refers to.
pub(super) struct Found {
    pub(super) list: Rc<List>,
    /// The name of the type that is built on the list: `Chan`, `Mutex`.
    pub(super) name: String,
    /// The first type argument of that type.
    pub(super) element: Option<TypeId>,
    /// The variables that contain it.
    pub(super) variables: BTreeSet<String>,
}

/// The writer of values. It collects the wait lists that it comes across.
pub(super) struct Shower<'a> {
    program: &'a Program,
    pub(super) found: BTreeMap<u64, Found>,
}

impl<'a> Shower<'a> {
    pub(super) fn new(program: &'a Program) -> Shower<'a> {
        Shower { program, found: BTreeMap::new() }
    }

    /// The text of a value.
    pub(super) fn show(&mut self, value: &Value, ty: TypeId) -> String {
        let mut text = String::new();
        self.write(&mut text, value, ty, DEPTH);
        text
    }

    /// The subject of a variable, `list 1` or `thread 2`; `None` if its value is neither.
    pub(super) fn subject(&mut self, variable: &str, value: &Value, ty: TypeId) -> Option<String> {
        if let Value::Task(task) = value {
            return Some(format!("thread {}", task.number));
        }
        let Value::Data(object) = value else { return None };
        let nominal = self.program.nominals.get(&ty)?;
        let is_shared = nominal.library && SHARED.contains(&nominal.name.as_str());
        let list = is_shared.then(|| list_of(object.parts.borrow().first()?)).flatten()?;
        if let Some(found) = self.found.get_mut(&list.number) {
            found.variables.insert(variable.to_owned());
        }
        Some(format!("list {}", list.number))
    }

    fn write(&mut self, out: &mut String, value: &Value, ty: TypeId, depth: usize) {
        if depth == 0 || out.len() > LENGTH {
            return out.push('…');
        }
        match value {
            Value::Unit => out.push_str("()"),
            Value::Bool(value) => *out += &value.to_string(),
            Value::Int(value) => *out += &value.to_string(),
            Value::Float(value) => *out += &text::shortest(*value),
            Value::Char(value) => *out += &text::quoted(&value.to_string(), '\''),
            Value::Byte(value) => *out += &value.to_string(),
            Value::String(value) => *out += &quoted(value),
            Value::Data(object) => self.data(out, object, ty, depth),
            Value::Array(object) => {
                let element = self.element_of(ty);
                let elements = object.parts.borrow();
                self.elements(out, &elements, element, depth);
            }
            Value::Cell(object) => {
                if let Type::Cell(inner) = *self.program.types.get(ty) {
                    self.write(out, &object.part(0), inner, depth);
                } else {
                    out.push('…');
                }
            }
            Value::Function(object) => {
                *out += "fn ";
                *out += &self.program.functions[FunctionId::new(object.number as usize)].name;
            }
            Value::Task(task) => *out += &format!("thread {}", task.number),
            Value::Generator(generator) => {
                let state = match &*generator.state.borrow() {
                    GeneratorState::Suspended(state) if state.begun => "suspended",
                    GeneratorState::Suspended(_) => "not begun",
                    GeneratorState::Running => "runs",
                    GeneratorState::Ended => "has ended",
                };
                *out += &format!("{} ({state})", self.program.functions[generator.body].name);
            }
            Value::List(list) => *out += &format!("list {}", list.number),
            Value::Waiter(waiter) => *out += &format!("thread {}, which waits", waiter.task.number),
            Value::Continuation(continuation) => {
                *out += match &*continuation.state.borrow() {
                    State::Host => "the code below",
                    State::New(_) => "not begun",
                    State::Suspended(_) => "suspended",
                    State::Taken => "runs or has ended",
                    State::Closed => "closed",
                };
            }
            Value::Null => out.push('–'),
        }
    }

    /// A tuple, a struct or an enum.
    fn data(&mut self, out: &mut String, object: &Rc<Object>, ty: TypeId, depth: usize) {
        if let Type::Tuple(types) = self.program.types.get(ty) {
            let parts = object.parts.borrow();
            out.push('(');
            self.list(out, parts.iter().zip(types.iter().copied()), depth);
            return out.push(')');
        }
        let Some(nominal) = self.program.nominals.get(&ty) else { return out.push('…') };
        let (name, parts) = (nominal.name.as_str(), object.parts.borrow());
        if nominal.library && self.of_library(out, name, &parts, ty, depth) {
            return;
        }
        let variant = &nominal.variants[object.number as usize];
        *out += &variant.name;
        if variant.fields.is_empty() {
            return;
        }
        let is_struct = variant.fields[0].name.is_some();
        *out += if is_struct { " { " } else { "(" };
        for (at, (field, part)) in variant.fields.iter().zip(parts.iter()).enumerate() {
            *out += if at > 0 { ", " } else { "" };
            if let Some(name) = &field.name {
                *out += &format!("{name}: ");
            }
            self.write(out, part, field.ty, depth - 1);
        }
        *out += if is_struct { " }" } else { ")" };
    }

    /// Writes a value of a type of the library that people know by its contents. Returns whether it is one.
    fn of_library(
        &mut self,
        out: &mut String,
        name: &str,
        parts: &[Value],
        ty: TypeId,
        depth: usize,
    ) -> bool {
        let field = |at: usize| self.program.nominals[&ty].variants[0].fields[at].ty;
        match (name, parts) {
            (name, [first, rest @ ..]) if SHARED.contains(&name) => {
                let Some(list) = list_of(first) else { return false };
                let inner = rest.first().filter(|_| name == "Mutex").map(|value| (value, field(1)));
                self.find(&list, name, ty);
                *out += &format!("{name} {}", list.number);
                if let Some((value, ty)) = inner {
                    *out += " (";
                    self.write(out, value, ty, depth - 1);
                    out.push(')');
                }
            }
            ("Vec", [Value::Array(items), Value::Int(length)]) => {
                let element = self.element_of(field(0));
                let items = items.parts.borrow();
                self.elements(out, &items[..items.len().min(*length as usize)], element, depth);
            }
            ("Map", [_, Value::Array(hashes), Value::Array(keys), Value::Array(values), ..]) => {
                let types = [field(2), field(3)].map(|array| self.element_of(array));
                let (hashes, keys, values) =
                    (hashes.parts.borrow(), keys.parts.borrow(), values.parts.borrow());
                let Some(Value::Int(used)) = parts.get(4) else { return false };
                let is_live = |at: &usize| matches!(hashes[*at], Value::Int(hash) if hash >= 0);
                out.push('{');
                for (at, entry) in (0..*used as usize).filter(is_live).take(ELEMENTS).enumerate() {
                    *out += if at > 0 { ", " } else { "" };
                    self.write(out, &keys[entry], types[0], depth - 1);
                    if !matches!(self.program.types.get(types[1]), Type::Unit) {
                        *out += ": ";
                        self.write(out, &values[entry], types[1], depth - 1);
                    }
                }
                *out += if *used as usize > ELEMENTS { ", …}" } else { "}" };
            }
            ("Set", [entries]) => {
                let ty = field(0);
                self.write(out, entries, ty, depth);
            }
            ("Cont" | "Stack", [continuation @ Value::Continuation(_), ..]) => {
                self.write(out, continuation, ty, depth);
            }
            _ => return false,
        }
        true
    }

    fn element_of(&self, array: TypeId) -> TypeId {
        if let Type::Array(element) = *self.program.types.get(array) { element } else { array }
    }

    fn elements(&mut self, out: &mut String, elements: &[Value], element: TypeId, depth: usize) {
        out.push('[');
        self.list(out, elements.iter().take(ELEMENTS).map(|value| (value, element)), depth);
        if elements.len() > ELEMENTS {
            *out += &format!(", … {} more", elements.len() - ELEMENTS);
        }
        out.push(']');
    }

    fn list<'v>(&mut self, out: &mut String, parts: impl Iterator<Item = (&'v Value, TypeId)>, depth: usize) {
        for (at, (value, ty)) in parts.enumerate() {
            *out += if at > 0 { ", " } else { "" };
            self.write(out, value, ty, depth - 1);
        }
    }

    /// Notes a list that the program made, with the type that is built on it.
    fn find(&mut self, list: &Rc<List>, name: &str, ty: TypeId) {
        let is_nominal = matches!(self.program.types.get(ty), Type::Nominal(..));
        let element = self.program.types.get(ty).parts().first().copied().filter(|_| is_nominal);
        let found = self.found.entry(list.number).or_insert_with(|| Found {
            list: Rc::clone(list),
            name: name.to_owned(),
            element,
            variables: BTreeSet::new(),
        });
        // Other types are built on a `Lock`. The program knows only these.
        if found.name == LOCK {
            name.clone_into(&mut found.name);
        }
    }
}

/// The wait list on which a value of one of the types [`SHARED`] is built: `value` is the type's first field.
fn list_of(value: &Value) -> Option<Rc<List>> {
    if let Value::Data(object) = value {
        return list_of(object.parts.borrow().first()?);
    }
    let Value::List(list) = value else { return None };
    (list.number > 0).then(|| Rc::clone(list))
}

/// The literal of a string, shortened.
fn quoted(value: &str) -> String {
    match value.char_indices().nth(80) {
        Some((end, _)) => text::quoted(&value[..end], '"') + "…",
        None => text::quoted(value, '"'),
    }
}
