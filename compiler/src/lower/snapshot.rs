//! Snapshots: the parts of a matched value that guards may change, read before the first test.
//!
//! ```text
//! match c {                                 // struct Cell { flag: Bool, var p: P }
//!   Cell(flag: true, p: C(_)) => "c"
//!   Cell(..) if change(c) => "never"        // assigns c.p
//!   Cell(p: A(s), ..) => s                  // sees `p` as it was when the match began
//!   Cell(p: B(_), ..) => "b"
//! }
//! ```
//!
//! A match sees its value as it was when the match began. So a `var` field that an arm after the first guard tests or
//! binds is read once, before the first test. Everything else cannot change and is read where it is needed. A part that
//! exists only in one variant, or in arrays of some length, is read only where a test finds that it exists, and is kept
//! as an `Option`, because a local needs a value on every path.
//!
//! The parts form a tree, as patterns do. `Snapshots::of` maps each local that holds a part with parts below it to the
//! part's node in the tree. It never maps the local of a variable of the program.

use std::collections::BTreeMap;

use weft_abi::library::{NONE, SOME};

use super::body::Lowering;
use super::body_state::{Computed, Kept, Part, PartId};
use super::decision::Step;
use super::pattern::ArrayPattern;
use crate::hir::{Arm, NominalKind, PatternId, PatternKind};
use crate::mir::{BinaryOp, BlockId, Operand, Rvalue};
use crate::source::Span;
use crate::types::{NominalId, Type, TypeId};

/// The condition under which a value has a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Always,
    Variant(usize),
    /// The array has at least this many elements.
    Length(usize),
}

impl Lowering<'_, '_> {
    /// Reads the parts that guards may change and that `arms`, the arms after the first guard, test or bind. Returns
    /// the value to be matched, and whether any part was read.
    pub fn snapshot(&mut self, arms: &[Arm], value: Operand, ty: TypeId, span: Span) -> (Operand, bool) {
        let root = self.seen(ty);
        for arm in arms {
            self.see(arm.pattern, root);
        }
        if !self.snapshots.parts[root].can_change {
            return (value, false);
        }
        // The root part gets a local of its own, because the local of a variable of the program is never mapped.
        let value = self.copied(value, ty, span);
        self.make_room(root, false, span);
        self.read_below(root, &value, span);
        (value, true)
    }

    fn seen(&mut self, ty: TypeId) -> PartId {
        let part = Part { ty, below: BTreeMap::new(), can_change: false, kept: Kept::Nowhere };
        self.snapshots.parts.push(part)
    }

    /// Adds the parts below `part` that a pattern tests or binds.
    fn see(&mut self, pattern: PatternId, part: PartId) {
        let body = self.body;
        match &body.patterns[self.types.chosen_pattern(pattern)].kind {
            PatternKind::As(inner, _) => self.see(*inner, part),
            PatternKind::Or(alternatives) => {
                alternatives.iter().for_each(|&alternative| self.see(alternative, part));
            }
            PatternKind::Tuple(fields) => {
                let fields: Vec<_> = fields.iter().copied().enumerate().collect();
                self.see_fields(&fields, part, 0, |_| false);
            }
            PatternKind::Variant(_, variant, fields) => {
                let fields: Vec<_> = fields.iter().copied().enumerate().collect();
                self.see_fields(&fields, part, *variant, |_| false);
            }
            PatternKind::Struct(nominal, fields) => {
                let mutable = self.mutable_fields(*nominal);
                self.see_fields(fields, part, 0, |field| mutable[field]);
            }
            PatternKind::Array { before, rest, after } => {
                let span = body.patterns[self.types.chosen_pattern(pattern)].span;
                self.see_elements(&ArrayPattern { before, rest: *rest, after, span }, part);
            }
            PatternKind::Error
            | PatternKind::Shared(_)
            | PatternKind::Misfit(_)
            | PatternKind::Wildcard
            | PatternKind::Bind(_)
            | PatternKind::Unit
            | PatternKind::Literal(_)
            | PatternKind::Constant(_)
            | PatternKind::Range { .. } => {}
        }
    }

    fn mutable_fields(&self, nominal: NominalId) -> Vec<bool> {
        match &self.instances.hir.nominals[nominal].kind {
            NominalKind::Struct(fields) => fields.iter().map(|field| field.mutable).collect(),
            NominalKind::Enum(_) => panic!("BUG: the pattern of a struct for an enum"),
        }
    }

    fn see_fields(
        &mut self,
        fields: &[(usize, PatternId)],
        part: PartId,
        variant: usize,
        is_mutable: impl Fn(usize) -> bool,
    ) {
        let types = self.instances.field_types(self.snapshots.parts[part].ty, variant);
        for &(field, pattern) in fields {
            self.see_part(pattern, part, (Step::Field { variant, field }, types[field]), is_mutable(field));
        }
    }

    fn see_elements(&mut self, pattern: &ArrayPattern<'_>, part: PartId) {
        let ty = self.elements_of(self.snapshots.parts[part].ty);
        for (step, element) in pattern.elements() {
            self.see_part(element, part, (step, ty), false);
        }
    }

    fn see_part(&mut self, pattern: PatternId, of: PartId, (step, ty): (Step, TypeId), is_mutable: bool) {
        // A wildcard tests and binds nothing, and a value of type `()` or `Never` is never read.
        if matches!(self.body.patterns[self.types.chosen_pattern(pattern)].kind, PatternKind::Wildcard)
            || self.instances.is_nothing(ty)
        {
            return;
        }
        let part = match self.snapshots.parts[of].below.get(&step) {
            Some(&known) => known,
            None => {
                let new = self.seen(ty);
                self.snapshots.parts[of].below.insert(step, new);
                new
            }
        };
        self.see(pattern, part);
        self.snapshots.parts[part].can_change |= is_mutable;
        self.snapshots.parts[of].can_change |= self.snapshots.parts[part].can_change;
    }

    /// The parts directly below `part` that can change, grouped by the condition under which they exist.
    fn changeable(&self, part: PartId) -> Vec<(Condition, Vec<(Step, PartId)>)> {
        let Part { ty, ref below, .. } = self.snapshots.parts[part];
        let mut groups: Vec<(Condition, Vec<(Step, PartId)>)> = Vec::new();
        for (&step, &below) in below.iter().filter(|(_, part)| self.snapshots.parts[**part].can_change) {
            let condition = match step {
                Step::Field { .. } if self.variants_of(ty) == 1 => Condition::Always,
                Step::Field { variant, .. } => Condition::Variant(variant),
                Step::Element(at) => Condition::Length(at + 1),
                Step::FromEnd(at) => Condition::Length(at),
            };
            match groups.last_mut() {
                Some((last, parts)) if *last == condition => parts.push((step, below)),
                _ => groups.push((condition, vec![(step, below)])),
            }
        }
        groups
    }

    /// Declares a local of an `Option` type, initially `None`, for each part below `part` that can change and may be
    /// missing.
    fn make_room(&mut self, part: PartId, may_be_missing: bool, span: Span) {
        for (condition, parts) in self.changeable(part) {
            let may_be_missing = may_be_missing || condition != Condition::Always;
            for (_, part) in parts {
                if may_be_missing {
                    let option = self.instances.hir.lang_items.option;
                    let option = self.instances.nominal(option, vec![self.snapshots.parts[part].ty]);
                    let local = self.graph.local(option, None);
                    self.graph.push(Some(local), Rvalue::Construct(option, NONE, Vec::new()), span);
                    self.snapshots.parts[part].kept = Kept::Perhaps(local, option);
                }
                self.make_room(part, may_be_missing, span);
            }
        }
    }

    /// Reads the parts below `part` that can change; `value` is the value of `part`.
    fn read_below(&mut self, part: PartId, value: &Operand, span: Span) {
        for (condition, parts) in self.changeable(part) {
            let after = self.has_parts(condition, value, span);
            for (step, part) in parts {
                let ty = self.snapshots.parts[part].ty;
                let read = self.read_part(value, step, ty, span);
                match self.snapshots.parts[part].kept {
                    Kept::Perhaps(local, option) => {
                        let some = Rvalue::Construct(option, SOME, vec![read.clone()]);
                        self.graph.push(Some(local), some, span);
                    }
                    Kept::Nowhere | Kept::At(_) => self.snapshots.parts[part].kept = Kept::At(read.clone()),
                }
                self.read_below(part, &read, span);
            }
            if let Some(after) = after {
                self.graph.goto(after, span);
                self.graph.enter(after);
            }
        }
        self.is_part(value, part);
    }

    /// Tests the condition, and enters the block that runs if it holds. Returns the block where this path and the path
    /// without the part meet. If the condition always holds, builds no test and returns `None`.
    fn has_parts(&mut self, condition: Condition, value: &Operand, span: Span) -> Option<BlockId> {
        let (number, op, wanted) = match condition {
            Condition::Always => return None,
            Condition::Variant(variant) => (Rvalue::Variant(value.clone()), BinaryOp::Equal, variant),
            Condition::Length(length) => (Rvalue::Length(value.clone()), BinaryOp::GreaterEqual, length),
        };
        let number = self.temporary(Type::Int, number, span);
        let [has, after] = [self.graph.block(), self.graph.block()];
        self.branch(Rvalue::Binary(op, number, Operand::Int(wanted as i64)), has, after, span);
        self.graph.enter(has);
        Some(after)
    }

    fn is_part(&mut self, value: &Operand, part: PartId) {
        if let Operand::Local(local) = value {
            self.snapshots.of.insert(*local, part);
        }
    }

    /// A part of a value as the match sees it. The value is known to have the part.
    pub fn part_of(&mut self, value: &Operand, step: Step, ty: TypeId, span: Span) -> Operand {
        let of = match value {
            Operand::Local(local) => self.snapshots.of.get(local),
            _ => None,
        };
        let part = of.and_then(|&of| self.snapshots.parts[of].below.get(&step).copied());
        let Some(part) = part else { return self.read_part(value, step, ty, span) };
        match self.snapshots.parts[part].kept.clone() {
            Kept::Nowhere => self.read_part(value, step, ty, span),
            Kept::At(kept) => kept,
            Kept::Perhaps(option, _) => {
                let some = Computed::Rvalue(Rvalue::Field(Operand::Local(option), SOME, 0));
                let kept = self.settle(some, ty, span);
                self.is_part(&kept, part);
                kept
            }
        }
    }

    /// Reads a part of a value as it is now.
    fn read_part(&mut self, value: &Operand, step: Step, ty: TypeId, span: Span) -> Operand {
        let part = match step {
            Step::Field { variant, field } => Rvalue::Field(value.clone(), variant, field),
            Step::Element(at) => Rvalue::Element(value.clone(), Operand::Int(at as i64)),
            Step::FromEnd(at) => {
                let length = self.temporary(Type::Int, Rvalue::Length(value.clone()), span);
                let at = self.back_from(&length, at, span);
                Rvalue::Element(value.clone(), at)
            }
        };
        self.settle(Computed::Rvalue(part), ty, span)
    }
}
