//! Values as text: which types can be shown, and which formats fit them.

use weft_abi::Radix;

use super::errors;
use super::expect::Expected;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{ExprId, Format, Part, not_supported};
use crate::types::Type;

impl Checker<'_> {
    pub fn interpolation(&mut self, parts: &[Part]) -> Term {
        for part in parts {
            if let Part::Value { value, format } = part {
                let ty = self.expr(*value, Expected::Anything);
                if self.shown(*value, ty)
                    && let Some(format) = format
                {
                    self.format(format, ty);
                }
            }
        }
        self.terms.string
    }

    /// Whether values of the type can be made text; reports it if not.
    pub fn shown(&mut self, value: ExprId, ty: Term) -> bool {
        match self.terms.shape(ty) {
            Shape::Type(Type::Unit | Type::Bool | Type::Int | Type::Float | Type::String) => true,
            Shape::Type(Type::Never) | Shape::Error | Shape::Variable => false,
            Shape::Type(Type::Array(_) | Type::Task(_)) => {
                let what = format!("showing a value of type `{}`", self.terms.display(ty));
                self.report(not_supported(&what, self.span(value)));
                false
            }
        }
    }

    fn format(&mut self, format: &Format, ty: Term) {
        let Shape::Type(shape) = self.terms.shape(ty) else { return };
        let spec = format.spec;
        let wrong = if spec.precision.is_some() && shape != Type::Float {
            Some(("digits after the point are", "`Float`"))
        } else if spec.radix != Radix::Decimal && shape != Type::Int {
            Some(("`x` and `b` are", "`Int`"))
        } else if spec.zero && !matches!(shape, Type::Int | Type::Float) {
            Some(("zeros before a value are", "`Int` and `Float`"))
        } else {
            None
        };
        if let Some((what, fits)) = wrong {
            let found = self.terms.display(ty).to_string();
            self.report(errors::format_misfit(format.span, &found, what, fits));
        }
    }
}
