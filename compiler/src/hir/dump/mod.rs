//! The HIR as text, for `weft emit hir`: similar to the source, with unique names of variables, and with the type of
//! each expression if it is known. The library is left out.

/// Patterns, each on one line.
mod pattern;
/// Expressions, one node per line.
mod expression;

use std::fmt::{self, Write as _};

use super::body::Body;
use super::ids::{ExprId, FunctionId, LocalId, NamedType};
use super::tree::{
    Function, FunctionBody, Hir, Impl, Nominal, NominalKind, Owner, Parameter, Trait, TraitReference,
};
use crate::modules::ModuleId;
use crate::types::ParameterId;

/// Returns the text that [`dump`] writes after an expression of a function: the type, if the checker has inferred it.
pub type Annotation<'a> = &'a dyn Fn(FunctionId, ExprId) -> Option<String>;

/// Returns the whole program as text.
pub fn dump(hir: &Hir, annotation: Annotation<'_>) -> String {
    let mut printer = Printer { hir, annotation, indent: 0, out: String::new() };
    printer.program().expect("BUG: a String takes any text");
    printer.out
}

struct Printer<'a> {
    hir: &'a Hir,
    annotation: Annotation<'a>,
    indent: usize,
    out: String,
}

/// A body and its function. For the value of a constant `function` is `None`, and the dump has no annotations.
#[derive(Clone, Copy)]
struct Place<'a> {
    function: Option<FunctionId>,
    body: &'a Body,
}

impl Place<'_> {
    fn local(&self, local: LocalId) -> String {
        format!("{}{local}", self.body.locals[local].name)
    }
}

impl<'a> Printer<'a> {
    fn program(&mut self) -> fmt::Result {
        let hir = self.hir;
        let own = |module: ModuleId| !hir.modules[module].library;
        for nominal in hir.nominals.iter().filter(|nominal| own(nominal.module)) {
            self.nominal(nominal)?;
        }
        for constant in hir.constants.iter().filter(|constant| own(constant.module)) {
            writeln!(self.out, "const {}: {} =", constant.name, self.ty(constant.ty))?;
            self.body(Place { function: None, body: &constant.value })?;
        }
        for (id, function) in hir.functions.iter_enumerated() {
            if own(function.module) && function.owner == Owner::Module {
                self.function(id, function)?;
            }
        }
        for declared in hir.traits.iter().filter(|declared| own(declared.module)) {
            self.declared_trait(declared)?;
        }
        for implementation in hir.impls.iter().filter(|implementation| own(implementation.module)) {
            self.implementation(implementation)?;
        }
        Ok(())
    }

    fn ty(&self, ty: NamedType) -> String {
        ty.map_or_else(|| "?".to_string(), |ty| self.hir.types.display(ty).to_string())
    }

    fn types(&self, types: impl IntoIterator<Item = NamedType>) -> String {
        types.into_iter().map(|ty| self.ty(ty)).collect::<Vec<_>>().join(", ")
    }

    fn bound(&self, bound: &TraitReference) -> String {
        let name = &self.hir.traits[bound.id].name;
        match bound.arguments.is_empty() {
            true => name.to_string(),
            false => format!("{name}[{}]", self.types(bound.arguments.iter().map(|&ty| Some(ty)))),
        }
    }

    /// `[T: Ord + Show, U]`
    fn generics(&self, parameters: &[ParameterId]) -> String {
        let one = |&id: &ParameterId| {
            let parameter = &self.hir.parameters[id];
            let bounds: Vec<String> = parameter.bounds.iter().map(|bound| self.bound(bound)).collect();
            match bounds.is_empty() {
                true => parameter.name.to_string(),
                false => format!("{}: {}", parameter.name, bounds.join(" + ")),
            }
        };
        match parameters.is_empty() {
            true => String::new(),
            false => format!("[{}]", parameters.iter().map(one).collect::<Vec<_>>().join(", ")),
        }
    }

    fn margin(&mut self) -> fmt::Result {
        write!(self.out, "{:1$}", "", self.indent * 2)
    }

    fn nominal(&mut self, nominal: &Nominal) -> fmt::Result {
        let public = if nominal.public { "pub " } else { "" };
        let (word, generics) = match nominal.kind {
            NominalKind::Struct(_) => ("struct", self.generics(&nominal.parameters)),
            NominalKind::Enum(_) => ("enum", self.generics(&nominal.parameters)),
        };
        writeln!(self.out, "{public}{word} {}{generics} {{", nominal.name)?;
        match &nominal.kind {
            NominalKind::Struct(fields) => {
                for field in fields {
                    let public = if field.public { "pub " } else { "" };
                    let mutable = if field.mutable { "var " } else { "" };
                    writeln!(self.out, "  {public}{mutable}{}: {}", field.name, self.ty(field.ty))?;
                }
            }
            NominalKind::Enum(variants) => {
                for variant in variants {
                    let fields = self.types(variant.fields.iter().map(|&(ty, _)| ty));
                    writeln!(self.out, "  {}({fields})", variant.name)?;
                }
            }
        }
        writeln!(self.out, "}}")
    }

    fn declared_trait(&mut self, declared: &Trait) -> fmt::Result {
        let public = if declared.public { "pub " } else { "" };
        let supertraits: Vec<String> = declared.supertraits.iter().map(|of| self.bound(of)).collect();
        let supertraits = match supertraits.as_slice() {
            [] => String::new(),
            some => format!(": {}", some.join(" + ")),
        };
        let generics = self.generics(&declared.parameters);
        writeln!(self.out, "{public}trait {}{generics}{supertraits} {{", declared.name)?;
        self.members(&declared.functions)
    }

    fn implementation(&mut self, implementation: &Impl) -> fmt::Result {
        let of = match &implementation.implemented {
            None => String::new(),
            Some(None) => "? for ".to_string(),
            Some(Some(bound)) => format!("{} for ", self.bound(bound)),
        };
        let generics = self.generics(&implementation.parameters);
        writeln!(self.out, "impl{generics} {of}{} {{", self.ty(implementation.target))?;
        self.members(&implementation.functions)
    }

    fn members(&mut self, functions: &[FunctionId]) -> fmt::Result {
        self.indent += 1;
        for &id in functions {
            self.function(id, &self.hir.functions[id])?;
        }
        self.indent -= 1;
        writeln!(self.out, "}}")
    }

    fn function(&mut self, id: FunctionId, function: &'a Function) -> fmt::Result {
        let parameter = |at: usize, parameter: &Parameter| {
            let name = match function.body.weft().and_then(|body| Some((body, *body.parameters.get(at)?))) {
                Some((body, pattern)) => self.pattern(Place { function: Some(id), body }, pattern),
                None => parameter.name.to_string(),
            };
            format!("{name}: {}", self.ty(parameter.ty))
        };
        let parameters = function.parameters.iter().enumerate();
        let parameters: Vec<String> = parameters.map(|(at, of)| parameter(at, of)).collect();
        let public = if function.public { "pub " } else { "" };
        let head = format!(
            "{public}fn {}{}({}) -> {}",
            function.name,
            self.generics(&function.generics),
            parameters.join(", "),
            self.ty(function.result)
        );
        self.margin()?;
        match &function.body {
            FunctionBody::Weft(body) => {
                writeln!(self.out, "{head} {{")?;
                self.body(Place { function: Some(id), body })?;
                self.margin()?;
                writeln!(self.out, "}}")
            }
            FunctionBody::Foreign(foreign) => writeln!(self.out, "{head} in C: {foreign:?}"),
            FunctionBody::Intrinsic(intrinsic) => writeln!(self.out, "{head} = {intrinsic:?}"),
            FunctionBody::Required => writeln!(self.out, "{head}"),
        }
    }

    fn body(&mut self, place: Place<'a>) -> fmt::Result {
        self.indent += 1;
        self.line(place, place.body.root)?;
        self.indent -= 1;
        Ok(())
    }
}
