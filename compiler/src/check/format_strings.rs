//! Interpolation: values of every type can be shown; a format fits only certain types.

use weft_abi::Radix;

use super::body_state::{Expected, Obligation};
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{Format, Part};
use crate::types::Type;

impl Checker<'_> {
    pub fn interpolation(&mut self, parts: &[Part]) -> Term {
        for part in parts {
            if let Part::Value { value, format } = part {
                let ty = self.expr(*value, Expected::Anything);
                if let Some(format) = *format {
                    self.decide_or_defer(Obligation::Format { format, ty });
                }
            }
        }
        self.terms.string
    }

    /// Requires that the format fits the type, and reports an error if not. Returns `false` if the type is not known
    /// yet.
    pub fn format_fits(&mut self, format: &Format, ty: Term) -> bool {
        let shape = match self.terms.shape(ty) {
            Shape::Variable => return false,
            Shape::Error | Shape::Type(Type::Never) => return true,
            Shape::Type(shape) => shape,
        };
        let spec = format.spec;
        let wrong = if spec.precision.is_some() && shape != Type::Float {
            Some(("digits after the point are", "`Float`"))
        } else if spec.radix != Radix::Decimal && !matches!(shape, Type::Int | Type::Byte) {
            Some(("`x` and `b` are", "`Int` and `Byte`"))
        } else if spec.zero && !matches!(shape, Type::Int | Type::Byte | Type::Float) {
            Some(("zeros before a value are", "numbers"))
        } else {
            None
        };
        if let Some((what, fits)) = wrong {
            let found = self.terms.text(ty);
            let error = errors::format_misfit(format.span, &found, what, fits);
            self.report(error);
        }
        true
    }
}
