//! Finds the lang items by name. The library is part of the compiler, so a missing lang item is a bug of the compiler.

use weft_abi::library;

use super::declare::{Declarations, Definition, FunctionSource};
use crate::hir::ids::{FunctionId, TraitId};
use crate::hir::lang_items::{LangItems, OperatorItems, SelectItems, ShownItems};
use crate::hir::tree::{Hir, NominalKind, Test};
use crate::types::NominalId;

impl Declarations<'_> {
    pub fn lang_items(&self) -> LangItems {
        LangItems {
            option: self.known_nominal("option", "Option"),
            result: self.known_nominal("result", "Result"),
            ordering: self.known_nominal("order", "Ordering"),
            range: self.known_nominal("range", "Range"),
            bytes: self.known_nominal("bytes", "Bytes"),
            vec: self.known_nominal("vec", "Vec"),
            map: self.known_nominal("map", "Map"),
            set: self.known_nominal("set", "Set"),
            c_ptr: self.known_nominal("foreign", "CPtr"),
            chan: self.known_nominal("chan", "Chan"),
            show: self.known_trait("show", "Show"),
            eq: self.known_trait("order", "Eq"),
            ord: self.known_trait("order", "Ord"),
            hash: self.known_trait("hash", "Hash"),
            iter: self.known_trait("iterator", "Iter"),
            share: self.known_trait("share", "Share"),
            operators: OperatorItems {
                add: self.known_trait("operators", "Add"),
                sub: self.known_trait("operators", "Sub"),
                mul: self.known_trait("operators", "Mul"),
                div: self.known_trait("operators", "Div"),
                rem: self.known_trait("operators", "Rem"),
                neg: self.known_trait("operators", "Neg"),
                index: self.known_trait("operators", "Index"),
                index_assign: self.known_trait("operators", "IndexAssign"),
            },
            from: self.known_trait("result", "From"),
            shown: ShownItems {
                show_into: self.known_trait("shown", "ShowInto"),
                shown: self.known_nominal("shown", "Shown"),
                begin: self.known_function("shown", "begin"),
                push: self.known_function("shown", "push"),
                enter: self.known_function("shown", "enter"),
                leave: self.known_function("shown", "leave"),
                finish: self.known_function("shown", "finish"),
                format_width: self.known_function("shown", "format_width"),
                format_precision: self.known_function("shown", "format_precision"),
            },
            hash_combine: self.known_function("hash", "combine"),
            hash_of_int: self.known_function("hash", "of_int"),
            range_step: self.known_function("range", "step"),
            test_run: self.known_function("test", "run"),
            close_generator: self.known_function("generator", "close_generator"),
            select: SelectItems {
                try_receive: self.known_function("chan", "select_try_receive"),
                try_send: self.known_function("chan", "select_try_send"),
                receive: self.known_function("chan", "select_receive"),
                send: self.known_function("chan", "select_send"),
                after: self.known_function("time", "select_after"),
                leave: self.known_function("chan", "select_leave"),
                received: self.known_function("chan", "select_received"),
                sent: self.known_function("chan", "select_sent"),
            },
        }
    }

    fn known_definition(&self, module: &str, name: &str) -> Option<Definition> {
        let module = self.modules.library(module)?;
        Some(self.scopes[module].names.get(name)?.definition)
    }

    fn known_nominal(&self, module: &str, name: &str) -> NominalId {
        match self.known_definition(module, name) {
            Some(Definition::Nominal(nominal)) => nominal,
            _ => panic!("BUG: `std.{module}` declares no type `{name}`"),
        }
    }

    fn known_trait(&self, module: &str, name: &str) -> TraitId {
        match self.known_definition(module, name) {
            Some(Definition::Trait(id)) => id,
            _ => panic!("BUG: `std.{module}` declares no trait `{name}`"),
        }
    }

    fn known_function(&self, module: &str, name: &str) -> FunctionId {
        match self.known_definition(module, name) {
            Some(Definition::Function(function)) => function,
            _ => panic!("BUG: `std.{module}` declares no function `{name}`"),
        }
    }

    /// The function `main` of the program's file; an imported `main` does not count.
    pub fn main(&self) -> Option<FunctionId> {
        let entry = self.scopes[self.modules.root()].names.get("main")?;
        match entry.definition {
            Definition::Function(function) if entry.import.is_none() => Some(function),
            _ => None,
        }
    }

    /// The tests of the program's own modules.
    pub fn tests(&self) -> Vec<Test> {
        let test = |(function, declared): (FunctionId, &super::declare::DeclaredFunction<'_>)| {
            let FunctionSource::Test(test) = declared.source else { return None };
            let own = !self.modules.arena[declared.module].library;
            own.then(|| Test { name: test.name.clone(), span: test.name_span, function })
        };
        self.functions.iter_enumerated().filter_map(test).collect()
    }
}

/// Checks that the library declares variants and fields in the order that the compiler and the runtime rely on.
///
/// # Panics
/// If the order differs.
pub(super) fn check_order(hir: &Hir) {
    let items = &hir.lang_items;
    let orders: [(NominalId, &[&str]); 4] = [
        (items.option, &library::OPTION),
        (items.result, &library::RESULT),
        (items.ordering, &library::ORDERING),
        (items.vec, &library::VEC),
    ];
    for (id, wanted) in orders {
        let nominal = &hir.nominals[id];
        let declared: Vec<&str> = match &nominal.kind {
            NominalKind::Enum(variants) => variants.iter().map(|variant| variant.name.as_str()).collect(),
            NominalKind::Struct(fields) => fields.iter().map(|field| field.name.as_str()).collect(),
        };
        let name = &nominal.name;
        assert!(
            declared == wanted,
            "BUG: the library declares `{name}` with {declared:?}, `weft_abi::library` has {wanted:?}"
        );
    }
}
