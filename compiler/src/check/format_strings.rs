//! Interpolation: values of every type can be shown; a format fits only certain types.

use weft_abi::Notation;

use super::body_state::{Expected, Obligation, Reason};
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
                    let number = Expected::Type(self.terms.int, Reason::Format);
                    for value in [format.width, format.precision].into_iter().flatten() {
                        self.expr(value, number);
                    }
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
        let is_integer = matches!(shape, Type::Int | Type::Byte);
        let is_number = is_integer || shape == Type::Float;
        let misfit = match spec.notation {
            Notation::Hexadecimal | Notation::UpperHexadecimal | Notation::Binary if !is_integer => {
                Some(("`x`, `X` and `b` are", "`Int` and `Byte`"))
            }
            Notation::Exponent if shape != Type::Float => Some(("`e` is", "`Float`")),
            _ => None,
        };
        let wrong = if spec.precision.is_some() && shape != Type::Float {
            Some(("digits after the point are", "`Float`"))
        } else if misfit.is_some() {
            misfit
        } else if spec.zero && !is_number {
            Some(("zeros before a value are", "numbers"))
        } else if spec.plus && !is_number {
            Some(("the sign `+` is", "numbers"))
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
