//! The scalars of an enum's value: which variant it is, and slots that the variants share.
//!
//! Slots hold one class of scalars each (references, floats, and the rest as words), so that a collector knows which
//! places in memory are references whatever the variant is. A slot that a variant does not use holds zero bits.

use std::rc::Rc;

use super::scalar::{Scalar, Shape};

/// How an enum that is kept by value is made of scalars; a struct is one with a single variant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnumLayout {
    /// How one sees which variant a value is of.
    pub tag: Tag,
    /// The scalars of a value: the tag, if there is one, then slots for references, for words and for floats. With
    /// [`Tag::Single`] and [`Tag::Niche`], where nothing is shared, just the fields' scalars in order.
    pub scalars: Rc<[Scalar]>,
    /// For each variant, and in it for each scalar of its fields in order, where it lies.
    pub variants: Vec<Vec<Slot>>,
    /// The first of `scalars` that is a reference and never null.
    never_null: Option<usize>,
}

/// How one sees which variant a value is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tag {
    /// There is only one.
    Single,
    /// There are two. If the reference `scalar` is null it is `empty`, which has no scalars, otherwise `full`.
    Niche {
        /// The variant without scalars.
        empty: usize,
        /// The other.
        full: usize,
        /// Which of the value's scalars tells.
        scalar: usize,
    },
    /// The first scalar is the variant's number.
    Tagged,
}

/// Where a scalar of a variant lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// Which of the value's scalars.
    pub index: usize,
    /// What the variant has there. If it is a `Bool`, `Byte` or `Char` and the slot an `Int`, it is zero-extended.
    pub scalar: Scalar,
}

impl EnumLayout {
    /// The layout for variants whose fields have those scalars.
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

    /// Only one variant has scalars: they are the value's.
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

/// What a slot holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SlotClass {
    Reference,
    Word,
    Float,
}

impl SlotClass {
    /// In the order of the slots.
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
