//! Values as text. The parts of a text go to a buffer of the worker, so all values are there before the first part is
//! written, and nothing but parts comes between the first and the end.

use weft_abi::{FormatSpec, RuntimeFunction};

use super::body::{Computed, Lowering};
use crate::hir::{ExprId, Part};
use crate::mir::{Operand, Rvalue};
use crate::source::Span;
use crate::types::Type;

/// A value in an interpolation, evaluated.
struct Shown {
    value: Operand,
    writer: RuntimeFunction,
    spec: Option<FormatSpec>,
}

impl Lowering<'_, '_> {
    pub fn interpolation(&mut self, expr: ExprId, parts: &[Part]) -> Computed {
        let span = self.span(expr);
        let values: Vec<ExprId> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(_) => None,
                Part::Value { value, .. } => Some(*value),
            })
            .collect();
        let mut operands = self.values(&values).into_iter();
        if !self.graph.is_reachable() {
            return Computed::Operand(Operand::Unit);
        }
        let mut shown = Vec::with_capacity(parts.len());
        for part in parts {
            shown.push(match part {
                Part::Text(text) => {
                    let value = self.programme.string(text);
                    Shown { value, writer: RuntimeFunction::TextString, spec: None }
                }
                Part::Value { value, format } => {
                    let operand = operands.next().expect("BUG: a value that was not evaluated");
                    self.shown(operand, *value, format.map(|format| format.spec))
                }
            });
        }
        for Shown { value, writer, spec } in shown {
            let spec = spec.map(|spec| Operand::Int(spec.pack()));
            let arguments = std::iter::once(value).chain(spec).collect();
            self.graph.push(None, Rvalue::Runtime(writer, arguments), span);
        }
        Computed::Rvalue(Rvalue::Runtime(RuntimeFunction::TextFinish, Vec::new()))
    }

    /// Which function writes a value. Formats are written for strings and numbers; what is neither becomes a string.
    fn shown(&mut self, value: Operand, expr: ExprId, spec: Option<FormatSpec>) -> Shown {
        let writer = match (self.ty(expr), spec) {
            (Type::Int, None) => RuntimeFunction::TextInt,
            (Type::Int, Some(_)) => RuntimeFunction::TextIntAs,
            (Type::Float, None) => RuntimeFunction::TextFloat,
            (Type::Float, Some(_)) => RuntimeFunction::TextFloatAs,
            (Type::Bool, None) => RuntimeFunction::TextBool,
            (_, None) => RuntimeFunction::TextString,
            (_, Some(_)) => RuntimeFunction::TextStringAs,
        };
        let value = match writer {
            RuntimeFunction::TextString | RuntimeFunction::TextStringAs => {
                self.text(value, expr, self.span(expr))
            }
            _ => value,
        };
        Shown { value, writer, spec }
    }

    /// A value of the type of `expr` as a string.
    pub fn text(&mut self, value: Operand, expr: ExprId, span: Span) -> Operand {
        let writer = match self.ty(expr) {
            Type::String => return value,
            Type::Unit => return self.programme.string("()"),
            Type::Int => RuntimeFunction::TextInt,
            Type::Float => RuntimeFunction::TextFloat,
            Type::Bool => RuntimeFunction::TextBool,
            Type::Task(_) | Type::Array(_) | Type::Never => {
                panic!("BUG: a value of a type that is not shown")
            }
        };
        self.graph.push(None, Rvalue::Runtime(writer, vec![value]), span);
        self.temporary(Type::String, Rvalue::Runtime(RuntimeFunction::TextFinish, Vec::new()), span)
    }
}
