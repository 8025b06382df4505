//! Names and member accesses: `a.b.c` begins with a path to a declaration or variable; the names after it are members.

use super::body::Resolver;
use super::declare::Definition;
use super::scope::{Binding, Bound, FrameKind};
use crate::hir::body::{ExprKind, TypeBase};
use crate::hir::errors::{self, NameHints};
use crate::hir::ids::{ExprId, LocalId, NamedType};
use crate::hir::prelude::Primitive;
use crate::source::Span;
use crate::syntax::ast::{ExpressionId, ExpressionKind, Name};
use crate::types::Type;

/// The resolved form of an expression before it is known whether the expression is a callee.
pub(super) enum Reference {
    /// A value.
    Value(ExprKind),
    /// `area`, `geometry.area`, `Shape.Circle`
    Item(Definition),
    /// `Int.MAX`, `Point.origin`
    Associated(TypeBase, Name),
    /// `x.name`
    Member(ExprId, Name),
}

impl<'a> Resolver<'_, 'a> {
    /// Resolves an expression that may be a callee.
    pub fn reference(&mut self, id: ExpressionId) -> Reference {
        match self.context.ast.expression(id) {
            ExpressionKind::Name(name) => self.name(name),
            ExpressionKind::Field { base, name } => self.member(*base, name),
            ExpressionKind::Receiver => Reference::Value(self.receiver(self.span(id))),
            _ => Reference::Value(self.operand(id)),
        }
    }

    /// Resolves a name in an expression.
    pub fn name(&mut self, name: &Name) -> Reference {
        match self.scopes.get(&name.text) {
            Some(Bound::Variable(binding)) => {
                return Reference::Value(match self.variable(name, binding) {
                    Some(local) => {
                        self.usage[local].read = true;
                        ExprKind::Local(local)
                    }
                    None => ExprKind::Error,
                });
            }
            Some(Bound::Function(function)) => return Reference::Item(Definition::Function(function)),
            None => {}
        }
        if let Some(found) = self.context.lookup(name) {
            return Reference::Item(found);
        }
        if self.reported.insert(name.text.clone()) {
            let error = match self.around.variables.contains(&name.text) {
                true => errors::variable_outside_function(name),
                false => errors::unknown_name(name, &self.hints(&name.text)),
            };
            self.context.report(error);
        }
        Reference::Item(Definition::Failed)
    }

    /// Hints for an unknown name. The hint is the first of these that exists: a field of `self`, the Weft name for a
    /// name from another language, a method of that name, a name with a similar spelling.
    fn hints(&self, name: &str) -> NameHints {
        let items = self.context.items;
        let library = crate::modules::PUBLIC.contains(&name);
        let field = self.scopes.get("self").is_some()
            && self
                .context
                .nominal_of(Definition::SelfType)
                .is_some_and(|nominal| !items.is_enum(nominal) && items.member(nominal, name).is_some());
        let method = errors::elsewhere::method_of(name).filter(|_| !library);
        let suggestion = match errors::elsewhere::value_of(name) {
            _ if field => Some(format!("self.{name}")),
            Some(value) => Some(value.to_string()),
            None if method.is_some() => None,
            None => {
                let candidates = self.scopes.names().chain(self.context.known_names());
                items.suggest(name, candidates).map(str::to_owned)
            }
        };
        let method = method.filter(|_| suggestion.is_none());
        NameHints { suggestion, library, method }
    }

    /// Resolves `self`.
    fn receiver(&mut self, span: Span) -> ExprKind {
        let name = Name { text: crate::syntax::ast::Symbol::new("self"), span };
        let Some(Bound::Variable(binding)) = self.scopes.get("self") else {
            self.lacks_self = true;
            if self.reported.insert(name.text.clone()) {
                let in_impl = self.context.self_type.is_some();
                self.context.report(errors::self_outside(span, self.function.filter(|_| in_impl)));
            }
            return ExprKind::Error;
        };
        match self.variable(&name, binding) {
            Some(local) => ExprKind::Local(local),
            None => ExprKind::Error,
        }
    }

    /// Resolves `base.name`.
    fn member(&mut self, base: ExpressionId, name: &Name) -> Reference {
        if let Some(reference) = self.type_with_arguments(base) {
            return reference;
        }
        let span = self.span(base);
        let found = match self.base_of_member(base) {
            Reference::Item(found) => found,
            other => {
                let kind = self.value(other, span);
                return Reference::Member(self.push(kind, span), name.clone());
            }
        };
        if let Definition::Module(module) = found {
            return Reference::Item(self.context.member_of_module(module, name));
        }
        if let Some(nominal) = self.context.nominal_of(found)
            && self.context.items.is_enum(nominal)
        {
            let capital = name.text.starts_with(|first: char| first.is_ascii_uppercase());
            if capital || self.context.items.member(nominal, &name.text).is_some() {
                return Reference::Item(self.context.variant_of(nominal, name));
            }
        }
        match self.type_base(found, span) {
            Some(Some(base)) => Reference::Associated(base, name.clone()),
            Some(None) => Reference::Item(Definition::Failed),
            None => {
                let kind = self.item_value(found, span);
                Reference::Member(self.push(kind, span), name.clone())
            }
        }
    }

    /// Resolves the expression before a dot. A variant does not hide a type of the same name there.
    fn base_of_member(&mut self, base: ExpressionId) -> Reference {
        if let ExpressionKind::Name(name) = self.context.ast.expression(base)
            && self.scopes.get(&name.text).is_none()
            && self.context.is_type(&name.text)
            && let Some(found) = self.context.lookup_type(name)
        {
            return Reference::Item(found);
        }
        self.reference(base)
    }

    /// Reports `Vec[Int]` before a dot: type arguments are always inferred there.
    fn type_with_arguments(&mut self, base: ExpressionId) -> Option<Reference> {
        let ast = self.context.ast;
        let ExpressionKind::Index { base: indexed, .. } = ast.expression(base) else { return None };
        let ExpressionKind::Name(name) = ast.expression(*indexed) else { return None };
        if self.scopes.get(&name.text).is_some() || !self.context.is_type(&name.text) {
            return None;
        }
        self.context.report(errors::type_arguments_in_value(name, self.span(base)));
        Some(Reference::Item(Definition::Failed))
    }

    /// The type before the dot of an associated function or constant. Returns `None` if `found` is no type, and
    /// `Some(None)` if an error in the type was reported.
    fn type_base(&mut self, found: Definition, span: Span) -> Option<Option<TypeBase>> {
        let known = |ty: NamedType| Some(ty.map(TypeBase::Type));
        match found {
            Definition::Nominal(nominal) => Some(Some(TypeBase::Nominal(nominal))),
            Definition::Parameter(parameter) => Some(Some(TypeBase::Parameter(parameter))),
            Definition::SelfType => match self.context.self_type {
                Some(ty) => known(ty),
                None => {
                    let name = Name { text: crate::syntax::ast::Symbol::new("Self"), span };
                    self.context.report(errors::self_type_outside(&name));
                    Some(None)
                }
            },
            Definition::Alias(alias) => {
                let generic = !self.context.aliases[alias].parameters.is_empty();
                match self.context.nominal_of(found).filter(|_| generic) {
                    Some(nominal) => Some(Some(TypeBase::Nominal(nominal))),
                    None => known(self.context.aliases[alias].ty),
                }
            }
            Definition::Primitive(Primitive::Array) => Some(Some(TypeBase::Array)),
            Definition::Primitive(Primitive::Task) => Some(Some(TypeBase::Task)),
            Definition::Primitive(Primitive::Gen) => Some(Some(TypeBase::Generator)),
            Definition::Primitive(primitive) => Some(Some(TypeBase::Type(self.primitive_type(primitive)))),
            Definition::Failed => Some(None),
            Definition::Module(_)
            | Definition::Function(_)
            | Definition::Constant(_)
            | Definition::Variant(..)
            | Definition::Shared(_)
            | Definition::Trait(_)
            | Definition::Builtin(_) => None,
        }
    }

    fn primitive_type(&mut self, primitive: Primitive) -> crate::types::TypeId {
        let ty = match primitive {
            Primitive::Int | Primitive::CInt | Primitive::CLong | Primitive::CSize => Type::Int,
            Primitive::Float => Type::Float,
            Primitive::Bool => Type::Bool,
            Primitive::Char => Type::Char,
            Primitive::Byte => Type::Byte,
            Primitive::String | Primitive::CString => Type::String,
            Primitive::Array | Primitive::Task | Primitive::Gen => {
                panic!("BUG: a generic type without its arguments")
            }
        };
        self.context.types.intern(ty)
    }

    /// Turns a reference that is not called into a value.
    pub fn value(&mut self, reference: Reference, span: Span) -> ExprKind {
        match reference {
            Reference::Value(kind) => kind,
            Reference::Item(found) => self.item_value(found, span),
            Reference::Associated(of, name) => ExprKind::Associated { of, name },
            Reference::Member(base, name) => ExprKind::Field(base, name),
        }
    }

    fn item_value(&mut self, found: Definition, span: Span) -> ExprKind {
        match found {
            Definition::Function(function) => ExprKind::Function(function),
            Definition::Constant(constant) => ExprKind::Constant(constant),
            Definition::Builtin(builtin) => ExprKind::BuiltinFunction(builtin),
            Definition::Variant(nominal, variant) => self.variant_value(nominal, variant),
            Definition::Shared(shared) => self
                .shared(shared, span, |resolver, nominal, variant| resolver.variant_value(nominal, variant)),
            Definition::Failed => ExprKind::Error,
            Definition::Module(_)
            | Definition::Nominal(_)
            | Definition::Alias(_)
            | Definition::Trait(_)
            | Definition::Parameter(_)
            | Definition::SelfType
            | Definition::Primitive(_) => {
                let what = self.context.describe(found);
                let built = self.context.nominal_of(found).is_some_and(|of| !self.context.items.is_enum(of));
                let text = self.written(found);
                self.context.report(errors::type_as_value(&text, what, built, span));
                ExprKind::Error
            }
        }
    }

    /// The name of a declaration, for messages.
    pub fn written(&self, found: Definition) -> String {
        let items = self.context.items;
        match found {
            Definition::Module(module) => items.modules.arena[module].name.clone(),
            Definition::Nominal(nominal) => items.nominals[nominal].source.name().to_string(),
            Definition::Alias(alias) => items.aliases[alias].source.name.to_string(),
            Definition::Trait(id) => items.traits[id].source.name.to_string(),
            Definition::Parameter(parameter) => self.context.parameters[parameter].name.to_string(),
            Definition::SelfType => "Self".to_string(),
            Definition::Primitive(primitive) => primitive.name().to_string(),
            Definition::Builtin(builtin) => builtin.name().to_string(),
            Definition::Constant(constant) => items.constants[constant].source.name.to_string(),
            Definition::Function(function) => {
                let source = items.functions[function].source.function();
                source.expect("BUG: a test has a name in scope").name.to_string()
            }
            Definition::Variant(nominal, variant) => self.variant_name(nominal, variant).to_string(),
            Definition::Shared(shared) => self.context.shared[shared].name.to_string(),
            Definition::Failed => String::new(),
        }
    }

    /// Resolves the use of a variable. Every lambda between the variable and its use captures the variable; every
    /// spawned thread between them gets a copy of its own. Reports a `var` that a thread would share.
    pub fn variable(&mut self, name: &Name, binding: Binding) -> Option<LocalId> {
        let mut local = binding.local;
        for depth in binding.depth..self.frames.len() {
            let is_var = self.locals[local].mutable;
            match &mut self.frames[depth].kind {
                FrameKind::Lambda { captures, captured, .. } => {
                    if captured.insert(local) {
                        captures.push((local, name.span));
                    }
                    self.locals[local].in_cell |= is_var;
                }
                FrameKind::Thread { .. } => {
                    self.usage[local].read = true;
                    if is_var {
                        if self.reported.insert(name.text.clone()) {
                            let bound = self.locals[local].name.span;
                            self.context.report(errors::captured_var(name, bound, self.frames[depth].span));
                        }
                        return None;
                    }
                    local = self.copied(local, depth);
                }
            }
        }
        Some(local)
    }

    /// The variable of the spawned thread at `depth` that is initialised with the value of `outer`.
    fn copied(&mut self, outer: LocalId, depth: usize) -> LocalId {
        let span = self.frames[depth].span;
        if let FrameKind::Thread { captured, .. } = &self.frames[depth].kind
            && let Some(&inner) = captured.get(&outer)
        {
            return inner;
        }
        let name = self.locals[outer].name.clone();
        let inner = self.local(&name, super::body::Origin::Argument);
        let value = self.push(ExprKind::Local(outer), span);
        if let FrameKind::Thread { arguments, captured } = &mut self.frames[depth].kind {
            captured.insert(outer, inner);
            arguments.push((inner, value));
        }
        inner
    }
}
