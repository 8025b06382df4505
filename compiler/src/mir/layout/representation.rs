//! The representation of structs and enums. A struct with `var` fields is always an object. Recursive types are
//! objects, too, and so are large types; this file finds both.

use std::collections::HashMap;

use super::parts::{Class, Nominals, class, contained, parts_first};
use super::scalar::Scalar;
use crate::mir::program::{Field, Nominal, Representation};
use crate::types::{TypeId, TypeTable};

/// The maximum number of scalars of a struct or an enum that is represented by value. It trades copies of the words, in
/// registers or on the stack, against an allocation and a load for each use.
pub const MANY_SCALARS: usize = 8;

/// The recursive structs and enums, which contain themselves other than behind a reference, in ascending order. The
/// library's `Option` is never among them: a cycle through `Option` contains another type, too, and once that type is
/// an object, the `Option` needs no allocation.
///
/// Types that contain each other are a strongly connected component of the graph of containment. The search is the
/// algorithm of Tarjan ("Depth-first search and linear graph algorithms", 1972), without recursion.
pub fn recursive(types: &TypeTable, nominals: &Nominals, is_option: impl Fn(TypeId) -> bool) -> Vec<TypeId> {
    let mut search = Search { types, nominals, visits: HashMap::new(), open: Vec::new(), found: Vec::new() };
    for &ty in nominals.keys() {
        search.from(ty);
    }
    let mut found = search.found;
    found.retain(|ty| nominals.contains_key(ty) && !is_option(*ty));
    found.sort_unstable();
    found
}

struct Search<'a> {
    types: &'a TypeTable,
    nominals: &'a Nominals,
    visits: HashMap<TypeId, Visit>,
    /// Visited types whose component is not complete.
    open: Vec<TypeId>,
    /// The types of components with a cycle.
    found: Vec<TypeId>,
}

/// A visited type.
struct Visit {
    number: usize,
    /// The low link of Tarjan's algorithm: the least number of an open type that was reached from this type.
    least: usize,
    is_open: bool,
}

/// A type whose parts are being visited.
struct Step {
    ty: TypeId,
    parts: Vec<TypeId>,
    holds_itself: bool,
}

impl Search<'_> {
    fn from(&mut self, root: TypeId) {
        let mut steps: Vec<Step> = self.enter(root).into_iter().collect();
        while let Some(step) = steps.last_mut() {
            let ty = step.ty;
            let Some(part) = step.parts.pop() else {
                let step = steps.pop().expect("BUG: just seen");
                self.leave(&step);
                if let Some(outer) = steps.last() {
                    self.reaches(outer.ty, self.visits[&ty].least);
                }
                continue;
            };
            step.holds_itself |= part == ty;
            match self.visits.get(&part) {
                Some(visit) if visit.is_open => self.reaches(ty, visit.number),
                Some(_) => {}
                None => steps.extend(self.enter(part)),
            }
        }
    }

    fn enter(&mut self, ty: TypeId) -> Option<Step> {
        let number = self.visits.len();
        if self.visits.contains_key(&ty) {
            return None;
        }
        self.visits.insert(ty, Visit { number, least: number, is_open: true });
        self.open.push(ty);
        let parts = contained(self.types, self.nominals, ty);
        Some(Step { ty, parts, holds_itself: false })
    }

    fn reaches(&mut self, ty: TypeId, number: usize) {
        let visit = self.visits.get_mut(&ty).expect("BUG: only visited types are steps");
        visit.least = visit.least.min(number);
    }

    fn leave(&mut self, step: &Step) {
        let visit = &self.visits[&step.ty];
        if visit.least != visit.number {
            return;
        }
        let start = self.open.iter().rposition(|ty| *ty == step.ty).expect("BUG: a step is not open");
        let component = self.open.split_off(start);
        for ty in &component {
            self.visits.get_mut(ty).expect("BUG: only visited types are open").is_open = false;
        }
        if component.len() > 1 || step.holds_itself {
            self.found.extend(component);
        }
    }
}

/// Makes an object of every struct and enum whose values would have more than [`MANY_SCALARS`] scalars. Requires that
/// every type contains itself only behind references, if at all.
pub fn box_large(types: &TypeTable, nominals: &mut Nominals) {
    let mut sizes: HashMap<TypeId, Size> = HashMap::new();
    let all: Vec<TypeId> = nominals.keys().copied().collect();
    for ty in all {
        for ty in parts_first(types, nominals, ty, |ty| sizes.contains_key(&ty)) {
            let size = size_of_parts(types, nominals, &sizes, ty);
            let boxed = nominals.get_mut(&ty).filter(|_| size.total() > MANY_SCALARS);
            let size = match boxed {
                Some(nominal) => {
                    nominal.representation = Representation::Object;
                    Size::of_scalar(Scalar::Reference)
                }
                None => size,
            };
            sizes.insert(ty, size);
        }
    }
}

/// Whether values of the type, which may be a tuple, have more than [`MANY_SCALARS`] scalars. Counts the scalars
/// without listing them.
pub fn is_large(types: &TypeTable, nominals: &Nominals, ty: TypeId) -> bool {
    let mut sizes = HashMap::new();
    for ty in parts_first(types, nominals, ty, |_| false) {
        let size = size_of_parts(types, nominals, &sizes, ty);
        sizes.insert(ty, size);
    }
    sizes[&ty].total() > MANY_SCALARS
}

/// The numbers of scalars of each class, saturating.
#[derive(Clone, Copy, Default)]
struct Size {
    references: usize,
    words: usize,
    floats: usize,
    /// Whether one of the references is never null.
    has_never_null: bool,
}

impl Size {
    fn of_scalar(scalar: Scalar) -> Size {
        let none = Size::default();
        match scalar {
            Scalar::Reference => Size { references: 1, has_never_null: true, ..none },
            Scalar::Float => Size { floats: 1, ..none },
            Scalar::Bool | Scalar::Byte | Scalar::Char | Scalar::Int => Size { words: 1, ..none },
        }
    }

    fn total(self) -> usize {
        self.references.saturating_add(self.words).saturating_add(self.floats)
    }

    fn joined(parts: impl Iterator<Item = Size>) -> Size {
        parts.fold(Size::default(), |sum, part| Size {
            references: sum.references.saturating_add(part.references),
            words: sum.words.saturating_add(part.words),
            floats: sum.floats.saturating_add(part.floats),
            has_never_null: sum.has_never_null || part.has_never_null,
        })
    }

    /// The size of a value with these variants, as `EnumLayout` lays it out.
    fn of_variants(variants: &[Size]) -> Size {
        match variants {
            [only] => *only,
            [full, empty] | [empty, full] if empty.total() == 0 && full.has_never_null => {
                Size { has_never_null: false, ..*full }
            }
            _ => {
                let most = |count: fn(&Size) -> usize| variants.iter().map(count).max().unwrap_or(0);
                Size {
                    references: most(|size| size.references),
                    words: most(|size| size.words).saturating_add(1),
                    floats: most(|size| size.floats),
                    has_never_null: false,
                }
            }
        }
    }
}

/// The size of a type whose parts have known sizes.
fn size_of_parts(types: &TypeTable, nominals: &Nominals, sizes: &HashMap<TypeId, Size>, ty: TypeId) -> Size {
    match class(types, nominals, ty) {
        Class::Nothing => Size::default(),
        Class::Scalar(scalar) => Size::of_scalar(scalar),
        Class::Tuple(parts) => Size::joined(parts.iter().map(|part| sizes[part])),
        Class::Nominal(Nominal { variants, .. }) => {
            let variant = |fields: &[Field]| Size::joined(fields.iter().map(|field| sizes[&field.ty]));
            let variants: Vec<Size> = variants.iter().map(|of| variant(&of.fields)).collect();
            Size::of_variants(&variants)
        }
    }
}
