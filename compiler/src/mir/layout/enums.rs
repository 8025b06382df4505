//! The scalars of an enum value: a tag for the variant, and slots that the variants share.
//!
//! ```text
//!   enum E { A(Int, String), B(Float), C(String, String) }
//!
//!              tag   reference   reference   word   float
//!   A(1, s)    0     s           0           1      0
//!   B(2.5)     1     0           0           0      2.5
//!   C(s, t)    2     s           t           0      0
//! ```
//!
//! A slot contains one class of scalars (references, floats, or all other scalars as words), so the collector knows
//! where references are without looking at the variant. A slot that a variant does not use contains zero bits.

use std::rc::Rc;

use super::scalar::{Scalar, Shape};

/// The scalars of an enum that is represented by value; a struct counts as an enum of a single variant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnumLayout {
    /// The encoding of the variant.
    pub tag: Tag,
    /// The scalars of a value. With [`Tag::Tagged`]: the tag, then slots for references, for words and for floats. With
    /// [`Tag::Single`] and [`Tag::Niche`]: the scalars of the only variant that has scalars, in the order of its
    /// fields.
    pub scalars: Rc<[Scalar]>,
    /// For each variant, the slot of each scalar of its fields, in order.
    pub variants: Vec<Vec<Slot>>,
    /// The index in `scalars` of the first reference that is never null.
    never_null: Option<usize>,
}

/// The encoding of the variant of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tag {
    /// There is only one variant.
    Single,
    /// There are two variants. If the reference at index `scalar` is null, the value has the variant `empty`, which has
    /// no scalars; otherwise the value has the variant `full`.
    Niche {
        /// The variant without scalars.
        empty: usize,
        /// The variant with scalars.
        full: usize,
        /// The index of the reference in the value's scalars.
        scalar: usize,
    },
    /// The first scalar is the variant's number.
    Tagged,
}

/// The place of one scalar of a variant among the scalars of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// The index of the slot in the value's scalars.
    pub index: usize,
    /// The scalar that the variant stores in the slot. A `Bool`, `Byte` or `Char` in a slot for words is zero-extended.
    pub scalar: Scalar,
}

impl EnumLayout {
    /// The layout for variants whose fields have these shapes.
    pub(super) fn of(variants: &[Shape]) -> EnumLayout {
        match variants {
            [only] => EnumLayout::plain(Tag::Single, variants, only, only.never_null),
            [full, empty] | [empty, full] if empty.scalars.is_empty() && full.never_null.is_some() => {
                let scalar = full.never_null.expect("BUG: just seen");
                let at = usize::from(variants[0].scalars.is_empty());
                EnumLayout::plain(Tag::Niche { empty: 1 - at, full: at, scalar }, variants, full, None)
            }
            _ => EnumLayout::tagged(variants),
        }
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { scalars: Rc::clone(&self.scalars), never_null: self.never_null }
    }

    /// The layout for variants of which only `full` may have scalars. The value has the same scalars as `full`.
    fn plain(tag: Tag, variants: &[Shape], full: &Shape, never_null: Option<usize>) -> EnumLayout {
        let slots = |variant: &Shape| {
            variant.scalars.iter().enumerate().map(|(index, &scalar)| Slot { index, scalar }).collect()
        };
        let variants = variants.iter().map(slots).collect();
        EnumLayout { tag, scalars: Rc::clone(&full.scalars), variants, never_null }
    }

    fn tagged(variants: &[Shape]) -> EnumLayout {
        let count = |variant: &Shape, class| {
            variant.scalars.iter().filter(|scalar| SlotClass::of(**scalar) == class).count()
        };
        let most = |class| variants.iter().map(|variant| count(variant, class)).max().unwrap_or(0);
        let mut scalars = vec![Scalar::Int];
        let starts = SlotClass::ALL.map(|class| {
            let start = scalars.len();
            scalars.resize(start + most(class), class.scalar());
            start
        });
        let slots = |variant: &Shape| {
            let mut next = starts;
            let slot = |&scalar: &Scalar| {
                let next = &mut next[SlotClass::of(scalar) as usize];
                *next += 1;
                Slot { index: *next - 1, scalar }
            };
            variant.scalars.iter().map(slot).collect()
        };
        let variants = variants.iter().map(slots).collect();
        EnumLayout { tag: Tag::Tagged, scalars: scalars.into(), variants, never_null: None }
    }
}

/// The class of scalars that a slot contains.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SlotClass {
    Reference,
    Word,
    Float,
}

impl SlotClass {
    /// All classes, in the order of the slots.
    const ALL: [SlotClass; 3] = [SlotClass::Reference, SlotClass::Word, SlotClass::Float];

    fn of(scalar: Scalar) -> SlotClass {
        match scalar {
            Scalar::Reference => SlotClass::Reference,
            Scalar::Bool | Scalar::Byte | Scalar::Char | Scalar::Int => SlotClass::Word,
            Scalar::Float => SlotClass::Float,
        }
    }

    fn scalar(self) -> Scalar {
        match self {
            SlotClass::Reference => Scalar::Reference,
            SlotClass::Word => Scalar::Int,
            SlotClass::Float => Scalar::Float,
        }
    }
}
