//! Fields and elements: reads and assignments.

use super::body_state::{Cause, Expected, Indexed, Instance, Reason};
use super::bounds::Answer;
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use super::method::Lookup;
use crate::hir::{BinaryOp, ExprId, ExprKind, NominalKind, StructField, TraitId};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::{NominalId, Type};

/// The kind of access to an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    /// `xs[i] = v`
    Assign,
    /// `xs[i] += v`
    Update,
}

impl Checker<'_> {
    pub fn field(&mut self, expr: ExprId, base: ExprId, name: &Name) -> Term {
        let ty = self.expr(base, Expected::Anything);
        match self.known_shape(ty) {
            Shape::Type(Type::Never) => return ty,
            Shape::Type(_) => {}
            Shape::Error => return self.terms.error,
            Shape::Variable => {
                let error = errors::unknown_receiver(self.span(base), name);
                self.report(error);
                return self.terms.error;
            }
        }
        if let Some((at, field)) = self.field_of(ty, name) {
            self.fields.insert(expr, at);
            return field;
        }
        let text = self.terms.text(ty);
        let before = self.obligations.len();
        let error = match self.look_up(ty, name.as_str(), name.span) {
            Lookup::Function(_) | Lookup::Ambiguous(_) => errors::method_not_called(name),
            Lookup::Constant(_) | Lookup::Undecided | Lookup::Nothing => {
                let suggestion = self.closest_member(ty, name);
                errors::unknown_field(name, self.span(expr), &text, suggestion.as_deref())
            }
        };
        self.obligations.truncate(before);
        if self.unknown_members.insert((text, name.text.clone())) {
            self.report(error);
        }
        self.terms.error
    }

    /// Looks up a field of a struct by name. Returns its index and type; reports a private field.
    pub fn field_of(&mut self, ty: Term, name: &Name) -> Option<(usize, Term)> {
        let Shape::Type(Type::Nominal(nominal, arguments)) = self.terms.shape(ty) else { return None };
        let declared = &self.hir.nominals[nominal];
        let NominalKind::Struct(fields) = &declared.kind else { return None };
        let at = fields.iter().position(|field| field.name.text == name.text)?;
        let substitution: Vec<_> = declared.parameters.iter().copied().zip(arguments).collect();
        self.private_field(nominal, at, name.span);
        Some((at, self.terms.instantiate(fields[at].ty, &substitution)))
    }

    fn struct_field(&self, nominal: NominalId, at: usize) -> Option<&StructField> {
        match &self.hir.nominals[nominal].kind {
            NominalKind::Struct(fields) => fields.get(at),
            NominalKind::Enum(_) => None,
        }
    }

    /// Reports a field that this module may not name.
    pub fn private_field(&mut self, nominal: NominalId, at: usize, used: Span) {
        if self.is_private_field(nominal, at)
            && let Some(field) = self.struct_field(nominal, at)
        {
            let declared = &self.hir.nominals[nominal];
            let in_library = self.hir.modules[declared.module].library;
            let error = errors::private_field(&field.name, &declared.name, used, in_library);
            self.report(error);
        }
    }

    /// Whether a field is private to another module, so that this module may not name it. Library modules may name each
    /// other's private fields.
    pub fn is_private_field(&self, nominal: NominalId, at: usize) -> bool {
        let declared = &self.hir.nominals[nominal];
        let both_in_library =
            [declared.module, self.module].iter().all(|&module| self.hir.modules[module].library);
        // The use of a private type is reported where the type is named, so no error about its fields is reported.
        let is_visible = declared.module == self.module || both_in_library || !declared.public;
        !is_visible && self.struct_field(nominal, at).is_some_and(|field| !field.public)
    }

    pub fn tuple_field(&mut self, base: ExprId, at: usize, span: Span) -> Term {
        let ty = self.expr(base, Expected::Anything);
        match self.known_shape(ty) {
            Shape::Type(Type::Tuple(parts)) if at < parts.len() => parts[at],
            Shape::Type(Type::Never) => ty,
            Shape::Error => self.terms.error,
            Shape::Variable => {
                let error = errors::unknown_type(self.span(base), "_");
                self.report(error);
                self.terms.error
            }
            Shape::Type(shape) => {
                let length = match &shape {
                    Type::Tuple(parts) => Some(parts.len()),
                    _ => None,
                };
                let error = errors::unknown_tuple_field(at, span, &self.terms.text(ty), length);
                self.report(error);
                self.terms.error
            }
        }
    }

    pub fn index(&mut self, expr: ExprId, base: ExprId, index: ExprId) -> Term {
        self.element_at(expr, (base, index), Access::Read)
    }

    /// Checks `x[i]`: an element, or the result of a method.
    fn element_at(&mut self, expr: ExprId, (base, index): (ExprId, ExprId), access: Access) -> Term {
        let items = &self.hir.lang_items;
        let ty = self.expr(base, Expected::Anything);
        let shape = match self.known_shape(ty) {
            Shape::Type(shape) => shape,
            Shape::Error => return self.unknown_call(&[index]),
            Shape::Variable => {
                let error = errors::unknown_type(self.span(base), "_");
                self.report(error);
                return self.unknown_call(&[index]);
            }
        };
        let (element, indexed) = match &shape {
            Type::Never => {
                self.any(&[index]);
                return ty;
            }
            Type::Nominal(map, arguments) if *map == items.map => {
                let (key, value) = (arguments[0], arguments[1]);
                self.expr(index, Expected::Type(key, Reason::Index));
                if let ExprKind::RangeFrom(_) = self.body.exprs[index].kind
                    && self.arguments_of(key, self.hir.lang_items.range).is_some()
                {
                    self.report(errors::range_without_end(self.span(index)));
                }
                return self.entry(expr, ty, value, access);
            }
            Type::Array(element) => (Some(*element), Indexed::Array),
            Type::Nominal(vec, arguments) if *vec == items.vec => (Some(arguments[0]), Indexed::Vec),
            Type::String => (None, Indexed::Array),
            Type::Nominal(bytes, _) if *bytes == items.bytes => (Some(self.terms.byte), Indexed::Array),
            _ => return self.element_by_trait(expr, (base, ty), index, access),
        };
        let index_type = self.expr(index, Expected::Anything);
        if self.arguments_of(index_type, items.range).is_some() {
            return self.slice(expr, (base, index), ty, access);
        }
        let int = Expected::Type(self.terms.int, Reason::Index);
        self.coerce(index, index_type, int);
        let Some(element) = element else {
            let error = errors::not_indexable(self.span(base), &self.terms, ty, &shape);
            self.report(error);
            return self.terms.error;
        };
        if matches!(shape, Type::Nominal(bytes, _) if bytes == items.bytes) {
            return self.byte_at(expr, (base, ty), access);
        }
        if access != Access::Read && matches!(shape, Type::Array(_)) {
            let error = errors::assigned_array(self.span(base), self.span(expr));
            self.report(error);
            return element;
        }
        self.indexing.insert(expr, indexed);
        element
    }

    /// Checks `b[i]`, a byte of a byte string. Other types with `Index` have no slices.
    fn byte_at(&mut self, expr: ExprId, (base, ty): (ExprId, Term), access: Access) -> Term {
        if access != Access::Read {
            self.report(errors::assigned_byte(self.span(base), self.span(expr)));
        }
        if let Some((method, ..)) = self.method_signature(ty, "index", self.span(expr)) {
            self.indexing.insert(expr, Indexed::Method(method));
        }
        self.terms.byte
    }

    /// Checks `x[k]` for a type with `Index`, and with `IndexAssign` if it is assigned to.
    fn element_by_trait(
        &mut self,
        expr: ExprId,
        (base, ty): (ExprId, Term),
        index: ExprId,
        access: Access,
    ) -> Term {
        let of = self.hir.lang_items.operators.index;
        let [key, value] = [self.terms.variable(), self.terms.variable()];
        if let Answer::No(refusal) = self.terms.holds(ty, of, &[key, value]) {
            self.any(&[index]);
            let Shape::Type(shape) = self.terms.shape(ty) else { return self.terms.error };
            let error = match self.terms.find(refusal.ty) == self.terms.find(ty) {
                true => errors::not_indexable(self.span(base), &self.terms, ty, &shape),
                false => {
                    let cause = Cause::Operand { op: "[]", who: "this is", span: self.span(base) };
                    errors::not_implemented(&self.terms, ty, &refusal, cause)
                }
            };
            self.report(error);
            return self.terms.error;
        }
        self.expr(index, Expected::Type(key, Reason::Index));
        if let ExprKind::RangeFrom(_) = self.body.exprs[index].kind {
            self.report(errors::range_without_end(self.span(index)));
        }
        let assign = self.hir.lang_items.operators.index_assign;
        if access != Access::Read
            && let Answer::No(_) = self.terms.holds(ty, assign, &[key, value])
        {
            let error = errors::assigned_element(self.span(base), &self.terms.text(ty), self.span(expr));
            self.report(error);
            return self.terms.error;
        }
        let mut method = |of: TraitId| {
            let method = self.hir.traits[of].functions[0];
            self.of_trait_with(ty, of, &[key, value], method, self.span(expr))
        };
        let indexed = match access {
            Access::Read => Indexed::Method(method(of)),
            Access::Assign => Indexed::Method(method(assign)),
            Access::Update => Indexed::Update(method(of), method(assign)),
        };
        self.indexing.insert(expr, indexed);
        value
    }

    /// Checks `xs[i..j]`.
    fn slice(&mut self, expr: ExprId, (base, index): (ExprId, ExprId), ty: Term, access: Access) -> Term {
        if access != Access::Read {
            let error = errors::assigned_slice(self.span(expr));
            self.report(error);
            return self.terms.error;
        }
        match self.method_signature(ty, "slice", self.span(expr)) {
            Some((method, _, result)) => {
                let length = match self.body.exprs[index].kind {
                    ExprKind::RangeFrom(_) => self.method_of_no_arguments(ty, "len", self.span(expr)),
                    _ => None,
                };
                self.indexing.insert(
                    expr,
                    match length {
                        Some((length, _)) => Indexed::Rest(method, length),
                        None => Indexed::Method(method),
                    },
                );
                result
            }
            None => {
                let Shape::Type(shape) = self.terms.shape(ty) else { return self.terms.error };
                let error = errors::not_indexable(self.span(base), &self.terms, ty, &shape);
                self.report(error);
                self.terms.error
            }
        }
    }

    /// Checks `m[k]`, an entry of a map.
    fn entry(&mut self, expr: ExprId, map: Term, value: Term, access: Access) -> Term {
        let span = self.span(expr);
        let mut method = |name: &str| -> Option<Instance> {
            self.method_signature(map, name, span).map(|(instance, ..)| instance)
        };
        let indexed = match access {
            Access::Read => method("at").map(Indexed::Method),
            Access::Assign => method("insert").map(Indexed::Method),
            Access::Update => method("at").zip(method("insert")).map(|(get, set)| Indexed::Update(get, set)),
        };
        if let Some(indexed) = indexed {
            self.indexing.insert(expr, indexed);
        }
        value
    }

    /// Checks an assignment: `x = v`, `p.x += v`, `xs[i] = v`.
    pub fn assign(&mut self, target: ExprId, operator: Option<BinaryOp>, value: ExprId) -> Term {
        let (place, declared) = self.target(target, operator.is_some());
        self.exprs[target] = place;
        match operator {
            None => {
                self.expr(value, Expected::Type(place, Reason::Variable(declared)));
            }
            Some(operator) => {
                let result = self.binary(operator, (target, place), value);
                if !self.terms.is_never(result) && !self.terms.unify(result, place) {
                    // Reached only if the target never completes, as in `panic("no").x += 1`: the result then has the
                    // type of `value`. A comparison would give another type, too, but the parser accepts none here.
                    let error = self.terms.error;
                    self.exprs[target] = error;
                }
            }
        }
        self.terms.unit
    }

    /// The type of the target of an assignment, and the span that explains the type.
    fn target(&mut self, target: ExprId, is_update: bool) -> (Term, Span) {
        let span = self.span(target);
        match &self.body.exprs[target].kind {
            ExprKind::Local(local) => (self.local(*local), self.body.locals[*local].name.span),
            ExprKind::Field(base, name) => {
                let ty = self.field(target, *base, name);
                let place = self.assigned_field(target, *base).unwrap_or(span);
                (ty, place)
            }
            ExprKind::Index(base, index) => {
                let access = if is_update { Access::Update } else { Access::Assign };
                (self.element_at(target, (*base, *index), access), self.span(*base))
            }
            ExprKind::TupleField(..) => {
                let ty = self.expr(target, Expected::Anything);
                if !self.terms.is_error(ty) {
                    self.report(errors::assigned_tuple(span));
                }
                (ty, span)
            }
            _ => (self.expr(target, Expected::Anything), span),
        }
    }

    /// Reports a field that may not be assigned to. Returns the span of the field's type.
    fn assigned_field(&mut self, target: ExprId, base: ExprId) -> Option<Span> {
        let at = *self.fields.get(&target)?;
        let Shape::Type(Type::Nominal(nominal, _)) = self.terms.shape(self.exprs[base]) else { return None };
        let field = self.struct_field(nominal, at)?;
        let span = field.ty_span;
        if !field.mutable {
            let in_library = self.hir.modules[self.hir.nominals[nominal].module].library;
            let error = errors::assigned_field(&field.name, self.span(target), in_library);
            self.report(error);
        }
        Some(span)
    }
}
