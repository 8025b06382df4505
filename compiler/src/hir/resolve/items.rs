//! Items: signatures, fields, bounds and constants; `body` resolves the function bodies.

use std::collections::HashMap;

use super::declare::{
    Declarations, DeclaredFunction, DeclaredImpl, Definition, FunctionSource, NominalSource,
};
use super::scope::AroundFunction;
use super::{Context, body};
use crate::arena::Arena;
use crate::hir::body::Body;
use crate::hir::ids::{ConstantId, FunctionId, ImplId, NamedType, TraitId};
use crate::hir::intrinsics::Intrinsic;
use crate::hir::tree::{
    Constant, Function, FunctionBody, Impl, Nominal, NominalKind, Owner, Parameter, StructField, Trait,
    TypeParameter, Variant,
};
use crate::hir::{errors, lints};
use crate::source::Span;
use crate::syntax::ast::{self, Name, PatternKind, Symbol, TypeNodeId};
use crate::types::{NominalId, ParameterId, Type};

/// The resolved declarations that the resolution of functions needs: structs, enums, traits and `impl`s.
pub(super) struct Headers {
    pub nominals: Arena<NominalId, Nominal>,
    pub traits: Arena<TraitId, Trait>,
    pub impls: Arena<ImplId, Impl>,
}

impl<'a> Context<'a> {
    /// Resolves all structs, enums, traits and `impl`s, without their functions.
    pub fn headers(&mut self) -> Headers {
        let items: &'a Declarations<'a> = self.items;
        let nominals = items.nominals.ids().map(|id| self.nominal(id)).collect();
        let mut traits: Arena<TraitId, Trait> =
            items.traits.ids().map(|id| self.declared_trait(id)).collect();
        self.break_cycles(&mut traits);
        Headers {
            nominals,
            traits,
            impls: items.impls.iter().map(|declared| self.implementation(declared)).collect(),
        }
    }

    /// Creates type parameters and brings them into scope. Their bounds are resolved later, because a bound may name
    /// any of the parameters.
    pub fn declare_generics(&mut self, generics: &[ast::TypeParameter]) -> Vec<ParameterId> {
        let mut ids = Vec::with_capacity(generics.len());
        for generic in generics {
            if let Some(&first) = self.generics.get(&generic.name.text) {
                let place = self.parameters[first].name.span;
                self.report(errors::duplicate_type_parameter(&generic.name, place));
                ids.push(first);
                continue;
            }
            let id = self.type_parameter(&generic.name);
            self.generics.insert(generic.name.text.clone(), id);
            ids.push(id);
        }
        ids
    }

    fn type_parameter(&mut self, name: &Name) -> ParameterId {
        self.types.names.parameters.push(name.text.to_string());
        self.parameters.push(TypeParameter { name: name.clone(), bounds: Vec::new() })
    }

    /// Resolves the bounds of type parameters.
    pub fn resolve_bounds(&mut self, generics: &[ast::TypeParameter], ids: &[ParameterId]) {
        for (generic, &id) in generics.iter().zip(ids) {
            let bounds = generic.bounds.iter().filter_map(|&bound| self.trait_reference(bound)).collect();
            self.parameters[id].bounds = bounds;
            if self.parameters[id].bounds.len() < generic.bounds.len() {
                self.unbounded.insert(id);
            }
        }
    }

    fn generics(&mut self, generics: &[ast::TypeParameter]) -> Vec<ParameterId> {
        let ids = self.declare_generics(generics);
        self.resolve_bounds(generics, &ids);
        ids
    }

    /// Brings existing type parameters into scope again.
    fn reenter(&mut self, ids: &[ParameterId]) {
        for &id in ids {
            self.generics.insert(self.parameters[id].name.text.clone(), id);
        }
    }

    fn type_span(&self, node: TypeNodeId) -> Span {
        self.ast.types[node].span
    }

    fn nominal(&mut self, id: NominalId) -> Nominal {
        let declared = &self.items.nominals[id];
        self.enter_module(declared.module);
        let name = declared.source.name();
        self.warn(lints::camel_case(name));
        let parameters = self.generics(declared.source.generics());
        let kind = match declared.source {
            NominalSource::Struct(source) => {
                NominalKind::Struct(source.fields.iter().map(|field| self.field(field)).collect())
            }
            NominalSource::Enum(source) => NominalKind::Enum(
                source.variants.iter().map(|variant| self.variant_fields(variant)).collect(),
            ),
        };
        let (module, public) = (declared.module, declared.public);
        Nominal { name: name.clone(), module, public, parameters, kind }
    }

    fn field(&mut self, field: &ast::StructField) -> StructField {
        self.warn(lints::snake_case(&field.name));
        StructField {
            name: field.name.clone(),
            ty: self.named_type(field.ty),
            ty_span: self.type_span(field.ty),
            public: field.public,
            mutable: field.mutable,
        }
    }

    fn variant_fields(&mut self, variant: &ast::Variant) -> Variant {
        self.warn(lints::camel_case(&variant.name));
        let given = || variant.fields.iter().filter_map(|field| field.label.as_ref());
        let mut first: HashMap<&Symbol, Span> = HashMap::new();
        for label in given() {
            self.warn(lints::snake_case(label));
            if let Some(earlier) = first.insert(&label.text, label.span) {
                self.report(errors::duplicate_member("fields", label, earlier));
            }
        }
        let labels = variant.labels().unwrap_or_default().into_iter().cloned().collect();
        if let Some(label) = given().next().filter(|_| variant.labels().is_none()) {
            self.report(errors::partly_labelled(&variant.name, label));
        }
        let fields = variant.fields.iter();
        let fields = fields.map(|field| (self.named_type(field.ty), self.type_span(field.ty))).collect();
        Variant { name: variant.name.clone(), fields, labels }
    }

    fn declared_trait(&mut self, id: TraitId) -> Trait {
        let declared = &self.items.traits[id];
        let source = declared.source;
        self.enter_module(declared.module);
        self.warn(lints::camel_case(&source.name));
        let self_name = Name { text: Symbol::new("Self"), span: source.name.span };
        let self_parameter = self.type_parameter(&self_name);
        self.self_type = Some(Some(self.types.intern(Type::Parameter(self_parameter))));
        let parameters = self.generics(&source.generics);
        let arguments = parameters.iter().map(|&id| self.types.intern(Type::Parameter(id))).collect();
        // `Self` implements the trait, so the trait's functions can be called on `self`.
        let bound = crate::hir::tree::TraitReference { id, arguments, span: source.name.span };
        self.parameters[self_parameter].bounds.push(bound);
        let supertraits = source.supertraits.iter().filter_map(|&of| self.trait_reference(of)).collect();
        Trait {
            name: source.name.clone(),
            module: declared.module,
            public: declared.public,
            self_parameter,
            parameters,
            supertraits,
            functions: declared.functions.clone(),
        }
    }

    fn implementation(&mut self, declared: &DeclaredImpl<'a>) -> Impl {
        let source = declared.source;
        self.enter_module(declared.module);
        let mut generics = source.generics.clone();
        generics.retain(|generic| match self.lookup_quietly(&generic.name) {
            // `impl Stack[Int]`: a name that is a type is no type parameter.
            Some(found) => {
                if !generic.bounds.is_empty() {
                    self.report(errors::bounds_of_type(&generic.name, found));
                }
                false
            }
            None => true,
        });
        let parameters = self.declare_generics(&generics);
        let target = self.named_type(source.target);
        self.self_type = Some(target);
        self.resolve_bounds(&generics, &parameters);
        let implemented = source.implemented.map(|node| self.trait_reference(node));
        Impl {
            module: declared.module,
            span: declared.span,
            parameters,
            implemented,
            target,
            target_span: self.type_span(source.target),
            functions: declared.functions.clone(),
            constants: declared.constants.clone(),
        }
    }

    /// The kind of type, in words, if the name in the target of an `impl` is an existing type. Reports nothing.
    fn lookup_quietly(&self, name: &Name) -> Option<&'static str> {
        let scopes = [self.module, self.items.modules.prelude()].map(|module| &self.items.scopes[module]);
        let entry = scopes.iter().find_map(|scope| scope.names.get(&name.text));
        let found = match entry {
            Some(entry) => entry.definition,
            None => Definition::Primitive(crate::hir::prelude::Primitive::named(&name.text)?),
        };
        match found {
            Definition::Nominal(_) | Definition::Alias(_) | Definition::Primitive(_) => {
                Some(self.describe(found))
            }
            _ => None,
        }
    }

    /// Resolves all constants.
    pub fn constants(&mut self, headers: &Headers) -> Arena<ConstantId, Constant> {
        let items = self.items;
        let constant = |declared: &super::declare::DeclaredConstant<'a>| {
            self.enter_owner(declared.module, declared.owner, headers);
            let source = declared.source;
            self.warn(lints::upper_case(&source.name));
            let ty = self.named_type(source.ty);
            let ty_span = self.type_span(source.ty);
            let value = body::resolve_value(self, source.value);
            let public = declared.public || self.owner_is_public(declared.owner, headers);
            Constant { name: source.name.clone(), module: declared.module, public, ty, ty_span, value }
        };
        items.constants.iter().map(constant).collect()
    }

    /// Resolves all functions with their bodies.
    pub fn functions(&mut self, headers: &Headers) -> Arena<FunctionId, Function> {
        let items = self.items;
        let all = items.functions.iter_enumerated();
        all.map(|(id, declared)| self.function((id, declared), headers)).collect()
    }

    /// Makes the names of a module the current scope, with the type parameters and `Self` of the `impl` or trait, if
    /// any.
    fn enter_owner(&mut self, module: crate::modules::ModuleId, owner: Owner, headers: &Headers) {
        self.enter_module(module);
        match owner {
            Owner::Module => {}
            Owner::Impl(id) => {
                self.reenter(&headers.impls[id].parameters);
                self.self_type = Some(headers.impls[id].target);
            }
            Owner::Trait(id) => {
                let declared = &headers.traits[id];
                self.reenter(&declared.parameters);
                self.self_type = Some(Some(self.types.intern(Type::Parameter(declared.self_parameter))));
            }
        }
    }

    /// Whether the `impl`'s type or the trait is public. The functions of the `impl` or trait are then public, too.
    fn owner_is_public(&self, owner: Owner, headers: &Headers) -> bool {
        match owner {
            Owner::Module => false,
            Owner::Trait(id) => headers.traits[id].public,
            Owner::Impl(id) => match headers.impls[id].target.map(|target| self.types.get(target)) {
                Some(Type::Nominal(nominal, _)) => headers.nominals[*nominal].public,
                _ => true,
            },
        }
    }

    fn function(
        &mut self,
        (id, declared): (FunctionId, &DeclaredFunction<'a>),
        headers: &Headers,
    ) -> Function {
        let around = self.around_functions.remove(&id).unwrap_or_default();
        self.enter_owner(declared.module, declared.owner, headers);
        match declared.source {
            FunctionSource::Test(test) => self.test(declared, test),
            FunctionSource::Weft(source) => self.weft_function(declared, source, headers, around),
            FunctionSource::Foreign { function, blocking } => {
                let foreign = self.foreign(function, blocking);
                self.without_body(declared, function, FunctionBody::Foreign(foreign))
            }
            FunctionSource::Intrinsic(function) => {
                let intrinsic = Intrinsic::named(&function.name.text)
                    .unwrap_or_else(|| panic!("BUG: the library declares no operation `{}`", function.name));
                self.without_body(declared, function, FunctionBody::Intrinsic(intrinsic))
            }
        }
    }

    fn test(&mut self, declared: &DeclaredFunction<'a>, test: &'a ast::Test) -> Function {
        let name = Name { text: Symbol::new(&format!("test {:?}", test.name)), span: test.name_span };
        Function {
            name,
            span: declared.span,
            module: declared.module,
            public: false,
            owner: Owner::Module,
            generics: Vec::new(),
            has_receiver: false,
            parameters: Vec::new(),
            result: Some(self.types.intern(Type::Unit)),
            element: None,
            result_span: None,
            body: FunctionBody::Weft(body::resolve_value(self, test.body)),
        }
    }

    fn without_body(
        &mut self,
        declared: &DeclaredFunction<'a>,
        source: &'a ast::Function,
        body: FunctionBody,
    ) -> Function {
        let generics = self.generics(&source.generics);
        let parameters = self.parameters(source);
        self.finish(declared, source, generics, parameters, body, declared.public)
    }

    fn weft_function(
        &mut self,
        declared: &DeclaredFunction<'a>,
        source: &'a ast::Function,
        headers: &Headers,
        around: AroundFunction,
    ) -> Function {
        self.warn(lints::snake_case(&source.name));
        let mut generics = match declared.owner {
            Owner::Module => Vec::new(),
            Owner::Impl(id) => headers.impls[id].parameters.clone(),
            Owner::Trait(id) => {
                let declared = &headers.traits[id];
                std::iter::once(declared.self_parameter).chain(declared.parameters.iter().copied()).collect()
            }
        };
        let own = self.generics(&source.generics);
        // A type parameter with an erroneous bound is left out. Types that name it count as erroneous, so calls could
        // not infer a type argument for it, and each call would cause another error.
        generics.extend(own.into_iter().filter(|parameter| !self.unbounded.contains(parameter)));
        let parameters = self.parameters(source);
        let body = match source.body {
            Some(body) => FunctionBody::Weft(body::resolve_function(self, source, body, around)),
            None if matches!(declared.owner, Owner::Trait(_)) => FunctionBody::Required,
            // The parser has reported the missing body.
            None => FunctionBody::Weft(Body::reported(source.name.span)),
        };
        let public = declared.public || self.owner_is_public(declared.owner, headers);
        self.finish(declared, source, generics, parameters, body, public)
    }

    fn finish(
        &mut self,
        declared: &DeclaredFunction<'a>,
        source: &'a ast::Function,
        generics: Vec<ParameterId>,
        parameters: Vec<Parameter>,
        body: FunctionBody,
        public: bool,
    ) -> Function {
        let written = match source.result {
            Some(node) => self.named_type(node),
            None if source.generator => {
                self.report(errors::generator_without_element(&source.name));
                None
            }
            None => Some(self.types.intern(Type::Unit)),
        };
        let result = match source.generator {
            true => written.map(|element| self.types.intern(Type::Generator(element))),
            false => written,
        };
        Function {
            name: source.name.clone(),
            span: declared.span,
            module: declared.module,
            public,
            owner: declared.owner,
            generics,
            has_receiver: source.receiver.is_some(),
            parameters,
            result,
            element: source.generator.then_some(written),
            result_span: source.result.map(|node| self.type_span(node)),
            body,
        }
    }

    /// Resolves the types of the parameters, `self` first.
    fn parameters(&mut self, source: &'a ast::Function) -> Vec<Parameter> {
        let own: NamedType = self.self_type.flatten();
        let receiver =
            source.receiver.map(|span| Parameter { name: Symbol::new("self"), ty: own, ty_span: span });
        let mut parameters: Vec<Parameter> = receiver.into_iter().collect();
        for parameter in &source.parameters {
            let name = match &self.ast.patterns[parameter.pattern].kind {
                PatternKind::Name(name) => name.text.clone(),
                _ => Symbol::new("_"),
            };
            let Some(node) = parameter.ty else { continue };
            let (ty, ty_span) = (self.named_type(node), self.type_span(node));
            parameters.push(Parameter { name, ty, ty_span });
        }
        parameters
    }
}
