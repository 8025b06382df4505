use super::*;
use crate::arena::Id;
use crate::mir::Representation;
use crate::mir::build::ProgramBuilder;
use crate::mir::{Field, Nominal, Variant};
use crate::types::{NominalId, Type, TypeId, TypeTable};

use Representation::{Object, Value};
use Scalar::{Bool, Byte, Char, Float, Int, Reference};

/// A program that contains only types.
struct Types {
    builder: ProgramBuilder,
}

impl Types {
    fn new() -> Types {
        Types { builder: ProgramBuilder::new() }
    }

    fn tuple(&mut self, parts: &[Type]) -> Type {
        Type::Tuple(parts.iter().map(|part| self.builder.ty(part.clone())).collect())
    }

    fn value(&mut self, name: &str, variants: &[&[Type]]) -> Type {
        let variants: Vec<_> = variants.iter().map(|fields| ("V", *fields)).collect();
        self.builder.nominal(name, Value, &variants)
    }

    fn option(&mut self, of: Type) -> Type {
        self.value("Option", &[&[of], &[]])
    }

    fn scalars(&mut self, ty: Type) -> Vec<Scalar> {
        let id = self.builder.ty(ty);
        Layouts::new(self.builder.program()).scalars(id).to_vec()
    }

    fn layout(&mut self, ty: Type) -> EnumLayout {
        let id = self.builder.ty(ty);
        EnumLayout::clone(&Layouts::new(self.builder.program()).enum_layout(id))
    }
}

fn slots(slots: &[(usize, Scalar)]) -> Vec<Slot> {
    slots.iter().map(|&(index, scalar)| Slot { index, scalar }).collect()
}

#[test]
fn parts_follow_each_other() {
    let mut types = Types::new();
    let unit = types.tuple(&[Type::Unit, Type::Unit]);
    assert_eq!(types.scalars(unit), []);
    let inner = types.tuple(&[Type::Char, Type::String]);
    let point = types.value("Point", &[&[Type::Float, Type::Bool]]);
    let counter = types.builder.nominal("Counter", Object, &[("Counter", &[Type::Int, Type::Int])]);
    let outer = types.tuple(&[Type::Byte, inner, Type::Unit, point, counter]);
    assert_eq!(types.scalars(outer.clone()), [Byte, Char, Reference, Float, Bool, Reference]);
    let id = types.builder.ty(outer);
    let layouts = Layouts::new(types.builder.program());
    assert_eq!([0, 1, 2, 3, 4].map(|field| layouts.field(id, 0, field)), [0..1, 1..3, 3..3, 3..5, 5..6]);
}

#[test]
fn null_stands_for_the_variant_without_scalars() {
    let mut types = Types::new();
    let option = types.option(Type::String);
    let layout = types.layout(option.clone());
    assert_eq!(layout.tag, Tag::Niche { empty: 1, full: 0, scalar: 0 });
    assert_eq!(
        (&*layout.scalars, layout.variants),
        (&[Reference][..], vec![slots(&[(0, Reference)]), vec![]])
    );
    let nested = types.option(option.clone());
    let layout = types.layout(nested.clone());
    assert_eq!((layout.tag, &*layout.scalars), (Tag::Tagged, &[Int, Reference][..]));
    let nested = types.option(nested);
    assert_eq!(types.scalars(nested), [Int, Reference, Int]);
    let pair = types.tuple(&[Type::Bool, option, Type::String]);
    let empty_first = types.value("First", &[&[Type::Unit], &[pair]]);
    let layout = types.layout(empty_first.clone());
    assert_eq!(layout.tag, Tag::Niche { empty: 0, full: 1, scalar: 2 });
    assert_eq!(&*layout.scalars, [Bool, Reference, Reference]);
    let around = types.option(empty_first);
    assert_eq!(types.layout(around).tag, Tag::Tagged);
}

#[test]
fn variants_share_slots_of_their_class() {
    let mut types = Types::new();
    let ordering = types.value("Ordering", &[&[], &[], &[]]);
    assert_eq!(types.scalars(ordering), [Int]);
    let option = types.option(Type::Unit);
    assert_eq!(types.scalars(option), [Int]);
    let shape =
        types.value("Shape", &[&[Type::Char, Type::Float, Type::String], &[Type::Int, Type::Bool], &[]]);
    let layout = types.layout(shape);
    assert_eq!(layout.tag, Tag::Tagged);
    assert_eq!(&*layout.scalars, [Int, Reference, Int, Int, Float]);
    assert_eq!(layout.variants[0], slots(&[(2, Char), (4, Float), (1, Reference)]));
    assert_eq!(layout.variants[1], slots(&[(2, Int), (3, Bool)]));
    assert_eq!(layout.variants[2], slots(&[]));
    let only = types.value("Only", &[&[Type::Bool, Type::Float]]);
    let layout = types.layout(only);
    assert_eq!((layout.tag, &*layout.scalars), (Tag::Single, &[Bool, Float][..]));
    assert_eq!(layout.variants, [slots(&[(0, Bool), (1, Float)])]);
}

#[test]
fn memory() {
    let element = |scalars: &[Scalar]| {
        let layout = MemoryLayout::element(scalars);
        (layout.size, layout.offsets, layout.references)
    };
    assert_eq!(element(&[]), (0, vec![], vec![]));
    assert_eq!(element(&[Bool]), (1, vec![0], vec![]));
    assert_eq!(element(&[Byte]), (1, vec![0], vec![]));
    assert_eq!(element(&[Char]), (4, vec![0], vec![]));
    assert_eq!(element(&[Reference]), (8, vec![0], vec![0]));
    assert_eq!(element(&[Byte, Reference, Char, Reference]), (32, vec![0, 8, 16, 24], vec![8, 24]));
    let mut types = Types::new();
    let list = types.builder.nominal("List", Object, &[("Cons", &[Type::Bool, Type::String]), ("Nil", &[])]);
    assert_eq!(types.scalars(list.clone()), [Reference]);
    let id = types.builder.ty(list);
    let layouts = Layouts::new(types.builder.program());
    let cons = MemoryLayout { offsets: vec![8, 16], size: 24, references: vec![16] };
    assert_eq!(layouts.object(id, 0), cons);
    assert_eq!(layouts.object(id, 1), MemoryLayout { offsets: vec![], size: 8, references: vec![] });
    assert_eq!(layouts.element(id), MemoryLayout { offsets: vec![0], size: 8, references: vec![0] });
}

/// Structs and enums that are declared before their fields are known.
#[derive(Default)]
struct Declared {
    types: TypeTable,
    nominals: Nominals,
}

impl Declared {
    fn declare(&mut self, name: &str) -> TypeId {
        let id: NominalId = self.types.names.nominals.push(name.to_owned());
        self.types.intern(Type::Nominal(id, Vec::new()))
    }

    fn define(&mut self, ty: TypeId, representation: Representation, variants: &[&[TypeId]]) {
        let field = |&ty: &TypeId| Field { name: None, ty, is_length: false };
        let variant =
            |fields: &&[TypeId]| Variant { name: "V".to_owned(), fields: fields.iter().map(field).collect() };
        let variants = variants.iter().map(variant).collect();
        self.nominals.insert(ty, Nominal { name: "T".to_owned(), library: false, representation, variants });
    }
}

#[test]
fn what_contains_itself_is_found() {
    let mut declared = Declared::default();
    let names = ["list", "option", "tree", "forest", "array", "through", "mutable", "outside"];
    let ids = names.map(|name| declared.declare(name));
    let [list, option, tree, forest, array, through, mutable, outside] = ids;
    let int = declared.types.intern(Type::Int);
    let tuple = declared.types.intern(Type::Tuple(vec![int, option]));
    let trees = declared.types.intern(Type::Array(array));
    declared.define(list, Value, &[&[tuple]]);
    declared.define(option, Value, &[&[list], &[]]);
    declared.define(tree, Value, &[&[int, forest], &[]]);
    declared.define(forest, Value, &[&[tree, tree]]);
    declared.define(array, Value, &[&[trees]]);
    declared.define(through, Value, &[&[mutable]]);
    declared.define(mutable, Object, &[&[through]]);
    declared.define(outside, Value, &[&[list, tree]]);
    let found = recursive(&declared.types, &declared.nominals, |ty| ty == option);
    assert_eq!(found, [list, tree, forest]);
    let itself = declared.declare("itself");
    declared.define(itself, Value, &[&[itself], &[]]);
    let found = recursive(&declared.types, &declared.nominals, |ty| ty == option);
    assert_eq!(found, [list, tree, forest, itself]);
}

#[test]
fn what_is_large_is_an_object() {
    let mut declared = Declared::default();
    let [nine, eight, both, spread] = ["nine", "eight", "both", "spread"].map(|name| declared.declare(name));
    let [int, string] = [Type::Int, Type::String].map(|ty| declared.types.intern(ty));
    let pair = declared.types.intern(Type::Tuple(vec![eight, nine]));
    declared.define(both, Value, &[&[pair], &[]]);
    declared.define(nine, Value, &[&[int; 9]]);
    declared.define(eight, Value, &[&[int; 8]]);
    declared.define(spread, Value, &[&[int, int, int, string, string, string, string], &[int]]);
    box_large(&declared.types, &mut declared.nominals);
    let kept = |ty| declared.nominals[&ty].representation;
    // `both` has nine scalars: the eight scalars of `eight`, and the reference to `nine`. Null in that reference
    // encodes the second variant of `both`, so `both` has no tag.
    assert_eq!([nine, eight, both, spread].map(kept), [Object, Value, Object, Value]);
    assert!(is_large(&declared.types, &declared.nominals, pair));
    assert!(!is_large(&declared.types, &declared.nominals, spread));
}

#[test]
fn counting_doubled_tuples_and_long_chains_takes_no_long() {
    let mut declared = Declared::default();
    let int = declared.types.intern(Type::Int);
    let doubled = (0..200).fold(int, |ty, _| declared.types.intern(Type::Tuple(vec![ty, ty])));
    assert!(is_large(&declared.types, &declared.nominals, doubled));
    let mut last = int;
    for number in 0..20_000 {
        let next = declared.declare(&number.to_string());
        declared.define(next, Value, &[&[last]]);
        last = next;
    }
    assert_eq!(recursive(&declared.types, &declared.nominals, |_| false), []);
    box_large(&declared.types, &mut declared.nominals);
    let Declared { types, nominals } = declared;
    let mut program = ProgramBuilder::new().finish();
    (program.types, program.nominals) = (types, nominals);
    assert_eq!(*Layouts::new(&program).scalars(last), [Int]);
}

#[test]
#[should_panic(expected = "BUG: endless contains itself")]
fn no_layout_is_endless() {
    let mut declared = Declared::default();
    let endless = declared.declare("endless");
    declared.define(endless, Value, &[&[endless], &[]]);
    is_large(&declared.types, &declared.nominals, TypeId::new(endless.raw()));
}
