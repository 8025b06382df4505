//! Values as text. The pieces of a text go to a buffer of the worker, which holds one text at a time. So all values are
//! computed before the first piece is written, and no other code runs until the text is finished.

use weft_abi::{Notation, RuntimeFunction};

use super::body::Lowering;
use super::body_state::{Computed, UNIT};
use super::graph::Graph;
use super::impls::{Derived, Instance, Resolved};
use super::instances::{Instances, Source};
use crate::hir::{self, ExprId, Format, NominalKind, Part};
use crate::mir::{FunctionId, Operand, Rvalue};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// A piece of a text.
pub(super) enum Piece {
    Literal(String),
    /// A computed value, and the runtime function that writes the literal before the value and then the value, in a
    /// packed format if there is one.
    Value {
        value: Operand,
        writer: RuntimeFunction,
        format: Option<Operand>,
    },
}

/// The position of a value that is shown: alone, or inside another value, where strings and chars have quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Alone,
    Inside,
}

/// The maximum number of parts of a tuple that an interpolated string writes one by one, without a call. A larger limit
/// makes the code of each such string larger. With a smaller limit, more tuple types need a function of their own,
/// which LLVM has to compile and mostly inlines again.
const SMALL_TUPLE: usize = 6;

/// A writer of pieces: a value that the runtime cannot write becomes a string first.
pub(super) struct Writer<'w, 'a> {
    pub instances: &'w mut Instances<'a>,
    pub graph: &'w mut Graph,
    pub span: Span,
}

impl Instances<'_> {
    /// The function that appends the text of a value to another text; `None` for types that are written in one step,
    /// and for types with their own `Show`.
    pub fn show_into(&mut self, ty: TypeId) -> Option<FunctionId> {
        let is_compound = match *self.ty(ty) {
            Type::Tuple(_) | Type::Array(_) => true,
            // An enum without variants has no values, so its text is never needed.
            Type::Nominal(id, _) => match &self.hir.nominals[id].kind {
                NominalKind::Struct(_) => true,
                NominalKind::Enum(variants) => !variants.is_empty(),
            },
            _ => false,
        };
        if !is_compound {
            return None;
        }
        let items = &self.hir.lang_items;
        let [show, show_into] =
            [items.show, items.shown.show_into].map(|id| self.hir.traits[id].functions[0]);
        let mut resolve = |function| self.resolve(Instance { function, arguments: vec![ty] });
        let source = match (resolve(show_into), resolve(show)) {
            (Resolved::Function(instance), _) => Source::Function(instance),
            (Resolved::Derived(..), Resolved::Function(_)) => return None,
            (Resolved::Derived(derived, ty), Resolved::Derived(..)) => Source::Derived(derived, ty),
        };
        Some(self.function(source))
    }

    /// The types of the parts of a tuple that an interpolated string writes part by part, without a call; `None` for
    /// all other types.
    fn parts_of_small_tuple(&mut self, ty: TypeId) -> Option<Vec<TypeId>> {
        let Type::Tuple(parts) = self.ty(ty).clone() else { return None };
        let is_written = |&part: &TypeId| {
            matches!(
                self.ty(part),
                Type::Int | Type::Float | Type::Bool | Type::Char | Type::Byte | Type::String
            )
        };
        if parts.len() > SMALL_TUPLE || !parts.iter().all(is_written) {
            return None;
        }
        let function = self.hir.traits[self.hir.lang_items.show].functions[0];
        let resolved = self.resolve(Instance { function, arguments: vec![ty] });
        matches!(resolved, Resolved::Derived(..)).then_some(parts)
    }

    /// A function of the library that is not generic.
    pub fn known_function(&mut self, function: hir::FunctionId) -> FunctionId {
        self.function(Source::Function(Instance { function, arguments: Vec::new() }))
    }
}

impl Writer<'_, '_> {
    /// The piece that writes a value, in the packed `format` if there is one. A value of a type that the runtime cannot
    /// write becomes a string first.
    pub fn piece(
        &mut self,
        value: Operand,
        ty: TypeId,
        format: Option<Operand>,
        standing: Standing,
    ) -> Piece {
        let writer = match (self.instances.ty(ty), &format) {
            (Type::Int, None) => RuntimeFunction::TextInt,
            (Type::Int, Some(_)) => RuntimeFunction::TextIntAs,
            (Type::Byte, None) => RuntimeFunction::TextByte,
            (Type::Byte, Some(_)) => RuntimeFunction::TextByteAs,
            (Type::Float, None) => RuntimeFunction::TextFloat,
            (Type::Float, Some(_)) => RuntimeFunction::TextFloatAs,
            (Type::Bool, None) => RuntimeFunction::TextBool,
            (Type::Char, None) if standing == Standing::Alone => RuntimeFunction::TextChar,
            (Type::Char, None) => RuntimeFunction::TextCharQuoted,
            (Type::Char, Some(_)) => RuntimeFunction::TextCharAs,
            (Type::String, None) if standing == Standing::Inside => RuntimeFunction::TextStringQuoted,
            (_, None) => RuntimeFunction::TextString,
            (_, Some(_)) => RuntimeFunction::TextStringAs,
        };
        let value = match writer {
            RuntimeFunction::TextString | RuntimeFunction::TextStringAs => self.string(value, ty, standing),
            _ => value,
        };
        Piece::Value { value, writer, format }
    }

    /// A value as a string.
    pub fn string(&mut self, value: Operand, ty: TypeId, standing: Standing) -> Operand {
        let shown = match self.instances.ty(ty) {
            Type::String if standing == Standing::Alone => return value,
            Type::Unit | Type::Never => return self.instances.string("()"),
            Type::Bool | Type::Int | Type::Float | Type::Byte | Type::Char | Type::String => {
                let piece = self.piece(value, ty, None, standing);
                self.write(vec![piece])
            }
            Type::Function { .. } => return self.instances.string("<fn>"),
            Type::Generator(_) => return self.instances.string("<gen>"),
            Type::Task(_) => return self.task(value),
            Type::Tuple(_) | Type::Array(_) | Type::Nominal(..) | Type::Parameter(_) | Type::Cell(_) => {
                let function = self.instances.trait_function(Derived::Show, ty);
                Rvalue::Call(function, vec![value])
            }
        };
        self.temporary(Type::String, shown)
    }

    /// `Task(7)`
    fn task(&mut self, task: Operand) -> Operand {
        let number = self.temporary(Type::Int, Rvalue::TaskId(task));
        let number = Piece::Value { value: number, writer: RuntimeFunction::TextInt, format: None };
        let pieces = vec![Piece::Literal("Task(".into()), number, Piece::Literal(")".into())];
        let shown = self.write(pieces);
        self.temporary(Type::String, shown)
    }

    /// Writes the pieces; returns the operation that makes a string of them.
    pub fn write(&mut self, pieces: Vec<Piece>) -> Rvalue {
        if let [Piece::Value { value, writer: RuntimeFunction::TextString, format: None }] = &pieces[..] {
            return Rvalue::Use(value.clone());
        }
        let mut has_values = false;
        let mut before = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(text) => before.push_str(&text),
                Piece::Value { value, writer, format } => {
                    let before = self.instances.string(&std::mem::take(&mut before));
                    let arguments = [before, value].into_iter().chain(format).collect();
                    self.graph.push(None, Rvalue::Runtime(writer, arguments), self.span);
                    has_values = true;
                }
            }
        }
        let after = self.instances.string(&before);
        if has_values {
            Rvalue::Runtime(RuntimeFunction::TextFinish, vec![after])
        } else {
            Rvalue::Use(after)
        }
    }

    /// Adds the text of a value that is part of another value. If a call has to append this text to `out`, first writes
    /// `pieces`, the pieces before the value, to `out`. Otherwise adds a piece to `pieces`, to be written later.
    pub fn append(&mut self, pieces: &mut Vec<Piece>, value: Operand, ty: TypeId, out: &Operand) {
        match self.instances.show_into(ty) {
            Some(function) => {
                self.flush(pieces, out);
                let call = Rvalue::Call(function, vec![value, out.clone()]);
                self.graph.push(None, call, self.span);
            }
            None => pieces.push(self.piece(value, ty, None, Standing::Inside)),
        }
    }

    /// Adds the parts of a tuple to the pieces.
    fn push_tuple(&mut self, pieces: &mut Vec<Piece>, tuple: &Operand, parts: &[TypeId]) {
        let mut before = "(";
        for (index, &ty) in parts.iter().enumerate() {
            pieces.push(Piece::Literal(before.into()));
            let part = self.graph.local(ty, None);
            self.graph.push(Some(part), Rvalue::Field(tuple.clone(), 0, index), self.span);
            pieces.push(self.piece(Operand::Local(part), ty, None, Standing::Inside));
            before = ", ";
        }
        pieces.push(Piece::Literal(")".into()));
    }

    /// Appends the pieces that are not written yet to `out`.
    pub fn flush(&mut self, pieces: &mut Vec<Piece>, out: &Operand) {
        if pieces.is_empty() {
            return;
        }
        let text = match self.write(std::mem::take(pieces)) {
            Rvalue::Use(text) => text,
            written => self.temporary(Type::String, written),
        };
        let push = self.instances.known_function(self.instances.hir.lang_items.shown.push);
        self.graph.push(None, Rvalue::Call(push, vec![out.clone(), text]), self.span);
    }

    fn temporary(&mut self, ty: Type, value: Rvalue) -> Operand {
        let ty = self.instances.intern(ty);
        let local = self.graph.local(ty, None);
        self.graph.push(Some(local), value, self.span);
        Operand::Local(local)
    }
}

impl<'a> Lowering<'_, 'a> {
    fn writer(&mut self, span: Span) -> Writer<'_, 'a> {
        Writer { instances: self.instances, graph: &mut self.graph, span }
    }

    /// Lowers an interpolated string. A value that the runtime cannot write becomes a string before the next expression
    /// is evaluated, because that expression may change the objects that the value refers to. Numbers are copied, and
    /// written at the end.
    pub fn interpolation(&mut self, expr: ExprId, parts: &[Part]) -> Computed {
        let span = self.span(expr);
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Part::Text(text) => pieces.push(Piece::Literal(text.to_string())),
                Part::Value { value, format } => {
                    let ty = self.type_of(*value);
                    let operand = self.stable_value(*value);
                    if !self.graph.is_reachable() {
                        return UNIT;
                    }
                    if let Some(format) = format {
                        pieces.push(self.formatted((operand, ty), *format, span));
                        continue;
                    }
                    match self.instances.parts_of_small_tuple(ty) {
                        Some(parts) => self.writer(span).push_tuple(&mut pieces, &operand, &parts),
                        None => pieces.push(self.writer(span).piece(operand, ty, None, Standing::Alone)),
                    }
                }
            }
        }
        Computed::Rvalue(self.writer(span).write(pieces))
    }

    /// The piece that writes a value in a format.
    fn formatted(&mut self, (mut value, mut ty): (Operand, TypeId), format: Format, span: Span) -> Piece {
        let mut spec = format.spec;
        let mut standing = Standing::Alone;
        if spec.notation == Notation::Inside {
            (spec.notation, standing) = (Notation::Plain, Standing::Inside);
        }
        let is_number = matches!(self.instances.ty(ty), Type::Int | Type::Byte | Type::Float);
        let is_computed = format.width.or(format.precision).is_some();
        if !is_number && (is_computed || standing == Standing::Inside) {
            // The value becomes a string before the width is evaluated.
            value = self.writer(span).string(value, ty, standing);
            (ty, standing) = (self.instances.intern(Type::String), Standing::Alone);
        }
        let mut packed = Operand::Int(spec.pack());
        let shown = self.instances.hir.lang_items.shown;
        for (number, set) in [(format.width, shown.format_width), (format.precision, shown.format_precision)]
        {
            let Some(number) = number else { continue };
            let number = self.value(number);
            if self.graph.is_reachable() {
                let set = self.instances.known_function(set);
                packed = self.temporary(Type::Int, Rvalue::Call(set, vec![packed, number]), span);
            }
        }
        self.writer(span).piece(value, ty, Some(packed), standing)
    }

    /// A value as a string.
    pub fn text(&mut self, value: Operand, ty: TypeId, span: Span) -> Operand {
        self.writer(span).string(value, ty, Standing::Alone)
    }
}
