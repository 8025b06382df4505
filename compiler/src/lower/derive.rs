//! Derived `Show`, `Eq`, `Ord` and `Hash` for tuples, structs and enums without an `impl`: field by field, in the order
//! of the declaration. If `Eq` or `Ord` calls a function for the last field, this call is a tail call. So a comparison
//! of two long linked lists needs little stack.

use weft_abi::RuntimeFunction;
use weft_abi::library::{EQUAL, GREATER, LESS};

use super::body_state::Computed;
use super::closure::with_parameters;
use super::graph::Graph;
use super::impls::Derived;
use super::instances::{Instances, Source};
use super::operators::{self, Kind};
use super::text::{Piece, Standing, Writer};
use crate::hir::NominalKind;
use crate::mir::{BinaryOp, BlockId, Field, Function, Operand, Rvalue, TerminatorKind, UnaryOp, Variant};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// Derives a function of a built-in trait for a type.
pub(super) fn function(instances: &mut Instances<'_>, derived: Derived, ty: TypeId) -> Function {
    let name = format!("{}.{}", instances.table.display(ty), derived.function_name());
    let name = instances.unique_name(name);
    let span = match *instances.ty(ty) {
        Type::Nominal(id, _) => instances.hir.nominals[id].name.span,
        _ => instances.hir.functions[instances.hir.traits[instances.hir.lang_items.show].functions[0]].span,
    };
    let types = match derived {
        Derived::Show | Derived::Hash => vec![ty],
        Derived::ShowInto => vec![ty, instances.nominal(instances.hir.lang_items.shown.shown, Vec::new())],
        Derived::Eq | Derived::Ord => vec![ty, ty],
    };
    let (graph, parameters) = with_parameters(instances, &types);
    let result = match derived {
        Derived::ShowInto => instances.intern(Type::Unit),
        Derived::Show => instances.intern(Type::String),
        Derived::Eq => instances.intern(Type::Bool),
        Derived::Ord => instances.ordering(),
        Derived::Hash => instances.intern(Type::Int),
    };
    let mut derivation = Derivation { instances, graph, span, result };
    match derived {
        Derived::Show => derivation.show(ty, parameters[0].clone()),
        Derived::ShowInto => derivation.show_into(ty, parameters[0].clone(), &parameters[1]),
        Derived::Eq => derivation.eq(ty, [parameters[0].clone(), parameters[1].clone()]),
        Derived::Ord => derivation.cmp(ty, [parameters[0].clone(), parameters[1].clone()]),
        Derived::Hash => derivation.hash(ty, parameters[0].clone()),
    }
    derivation.graph.finish(name, span, types.len(), result)
}

/// The state of the derivation of one function.
struct Derivation<'p, 'a> {
    instances: &'p mut Instances<'a>,
    graph: Graph,
    span: Span,
    result: TypeId,
}

impl<'a> Derivation<'_, 'a> {
    fn local(&mut self, ty: TypeId, value: Rvalue) -> Operand {
        if self.instances.is_nothing(ty) {
            self.graph.push(None, value, self.span);
            return Operand::Unit;
        }
        let local = self.graph.local(ty, None);
        self.graph.push(Some(local), value, self.span);
        Operand::Local(local)
    }

    fn temporary(&mut self, ty: Type, value: Rvalue) -> Operand {
        let ty = self.instances.intern(ty);
        self.local(ty, value)
    }

    fn give(&mut self, value: Operand) {
        self.graph.end(TerminatorKind::Return(value), self.span);
    }

    fn branch(&mut self, condition: Operand) -> [BlockId; 2] {
        let [then_block, else_block] = [self.graph.block(), self.graph.block()];
        self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, self.span);
        [then_block, else_block]
    }

    /// The variants of an enum, or the single variant of a struct or tuple; `None` for any other type.
    fn variants(&mut self, ty: TypeId) -> Option<Vec<Variant>> {
        match self.instances.ty(ty).clone() {
            Type::Tuple(parts) => {
                let fields = parts.into_iter().map(|ty| Field { name: None, ty, is_length: false }).collect();
                Some(vec![Variant { name: String::new(), fields }])
            }
            Type::Nominal(..) => Some(self.instances.nominal_of(ty).variants),
            _ => None,
        }
    }

    /// Branches on the variant of a value; returns a block for each variant.
    fn switch(&mut self, value: Operand, variants: usize) -> Vec<BlockId> {
        let blocks: Vec<BlockId> = (0..variants).map(|_| self.graph.block()).collect();
        let Some((&last, others)) = blocks.split_last() else {
            self.graph.end(TerminatorKind::Unreachable, self.span);
            return blocks;
        };
        if others.is_empty() {
            self.graph.goto(last, self.span);
            return blocks;
        }
        let value = self.temporary(Type::Int, Rvalue::Variant(value));
        let targets = others.iter().enumerate().map(|(at, &block)| (at as i64, block)).collect();
        self.graph.end(TerminatorKind::Switch { value, targets, otherwise: last }, self.span);
        blocks
    }

    fn field(&mut self, value: &Operand, variant: usize, index: usize, ty: TypeId) -> Operand {
        self.local(ty, Rvalue::Field(value.clone(), variant, index))
    }

    fn show(&mut self, ty: TypeId, value: Operand) {
        let Some(variants) = self.variants(ty) else {
            let mut writer = Writer { instances: self.instances, graph: &mut self.graph, span: self.span };
            let text = writer.string(value, ty, Standing::Alone);
            return self.give(text);
        };
        let is_flat = |variant: &Variant| {
            variant.fields.iter().all(|field| self.instances.show_into(field.ty).is_none())
        };
        if !variants.iter().all(is_flat) {
            return self.show_in_one_text(ty, value);
        }
        let is_struct = self.is_struct(ty);
        let blocks = self.switch(value.clone(), variants.len());
        for (number, (variant, block)) in variants.iter().zip(blocks).enumerate() {
            self.graph.enter(block);
            let fields: Vec<Operand> = (0..variant.fields.len())
                .map(|index| self.field(&value, number, index, variant.fields[index].ty))
                .collect();
            let mut writer = Writer { instances: self.instances, graph: &mut self.graph, span: self.span };
            let [open, close] = brackets(variant, is_struct);
            let mut pieces = vec![Piece::Literal(format!("{}{open}", variant.name))];
            for (index, (value, field)) in fields.into_iter().zip(&variant.fields).enumerate() {
                pieces.extend(label(index, field).map(Piece::Literal));
                pieces.push(writer.piece(value, field.ty, None, Standing::Inside));
            }
            if !close.is_empty() {
                pieces.push(Piece::Literal(close.into()));
            }
            let written = writer.write(pieces);
            let text = self.local(self.result, written);
            self.give(text);
        }
    }

    fn is_struct(&self, ty: TypeId) -> bool {
        matches!(*self.instances.ty(ty), Type::Nominal(id, _)
            if matches!(self.instances.hir.nominals[id].kind, NominalKind::Struct(_)))
    }

    /// Whether a value may contain itself: true for a struct with a field that can change.
    fn is_mutable(&self, ty: TypeId) -> bool {
        let Type::Nominal(id, _) = *self.instances.ty(ty) else { return false };
        match &self.instances.hir.nominals[id].kind {
            NominalKind::Struct(fields) => fields.iter().any(|field| field.mutable),
            NominalKind::Enum(_) => false,
        }
    }

    /// Returns the text of a value. The value and all values nested in it append to one buffer, which becomes the text.
    fn show_in_one_text(&mut self, ty: TypeId, value: Operand) {
        let items = self.instances.hir.lang_items.shown;
        let shown = self.instances.nominal(items.shown, Vec::new());
        let [begin, finish] = [items.begin, items.finish].map(|known| self.instances.known_function(known));
        let show_into = self.instances.function(Source::Derived(Derived::ShowInto, ty));
        let out = self.local(shown, Rvalue::Call(begin, Vec::new()));
        self.graph.push(None, Rvalue::Call(show_into, vec![value, out.clone()]), self.span);
        let text = self.local(self.result, Rvalue::Call(finish, vec![out]));
        self.give(text);
    }

    /// Appends the value's text to `out`, piece by piece in order. So the time is linear in the length of the text: no
    /// text of an inner value is copied again for each value around it.
    fn show_into(&mut self, ty: TypeId, value: Operand, out: &Operand) {
        let items = self.instances.hir.lang_items.shown;
        let variants = self.variants(ty).expect("BUG: a text of fields of a type that has none");
        let is_struct = self.is_struct(ty);
        // The address is an `Int`, but it is live until the call of `leave`, and the collector scans stacks
        // conservatively. So the object stays alive, and no other object gets its address in the meantime.
        let address = self.is_mutable(ty).then(|| {
            let address = self.temporary(Type::Int, Rvalue::Unary(UnaryOp::Address, value.clone()));
            let enter = self.instances.known_function(items.enter);
            let enter = Rvalue::Call(enter, vec![out.clone(), address.clone()]);
            let is_new = self.temporary(Type::Bool, enter);
            let [new, met] = self.branch(is_new);
            self.graph.enter(met);
            self.give(Operand::Unit);
            self.graph.enter(new);
            address
        });
        let blocks = self.switch(value.clone(), variants.len());
        for (number, (variant, block)) in variants.iter().zip(blocks).enumerate() {
            self.graph.enter(block);
            let [open, close] = brackets(variant, is_struct);
            let mut pieces = vec![Piece::Literal(format!("{}{open}", variant.name))];
            for (index, field) in variant.fields.iter().enumerate() {
                pieces.extend(label(index, field).map(Piece::Literal));
                let part = self.field(&value, number, index, field.ty);
                self.writer().append(&mut pieces, part, field.ty, out);
            }
            if !close.is_empty() {
                pieces.push(Piece::Literal(close.into()));
            }
            self.writer().flush(&mut pieces, out);
            if let Some(address) = &address {
                let leave = self.instances.known_function(items.leave);
                self.graph.push(None, Rvalue::Call(leave, vec![out.clone(), address.clone()]), self.span);
            }
            self.give(Operand::Unit);
        }
    }

    fn writer(&mut self) -> Writer<'_, 'a> {
        Writer { instances: self.instances, graph: &mut self.graph, span: self.span }
    }

    fn eq(&mut self, ty: TypeId, [left, right]: [Operand; 2]) {
        let Some(variants) = self.variants(ty) else {
            let equal = operators::equal(self.instances, ty, [left, right]);
            return self.give_computed(equal);
        };
        self.same_variant([&left, &right], variants.len(), Answer::Unequal);
        // All paths with the same answer share a return: LLVM takes time quadratic in the number of identical returns.
        let [mut equal_end, mut unequal_end] = [None, None];
        let blocks = self.switch(left.clone(), variants.len());
        for (number, (variant, block)) in variants.iter().zip(blocks).enumerate() {
            self.graph.enter(block);
            let Some((last, others)) = variant.fields.split_last() else {
                self.graph.meet(&mut equal_end, self.span);
                continue;
            };
            for (index, field) in others.iter().enumerate() {
                let pair = [&left, &right].map(|value| self.field(value, number, index, field.ty));
                let equal = match operators::equal(self.instances, field.ty, pair) {
                    Computed::Operand(_) => continue,
                    Computed::Rvalue(equal) => self.local(self.result, equal),
                };
                let [same, different] = self.branch(equal);
                self.graph.enter(different);
                self.graph.meet(&mut unequal_end, self.span);
                self.graph.enter(same);
            }
            let pair = [&left, &right].map(|value| self.field(value, number, others.len(), last.ty));
            let equal = operators::equal(self.instances, last.ty, pair);
            self.give_computed(equal);
        }
        for (end, answer) in [(equal_end, true), (unequal_end, false)] {
            self.graph.enter_meeting(end);
            self.give(Operand::Bool(answer));
        }
    }

    /// Compares the variants of two values, and enters the block that runs if the variants are the same. If they
    /// differ, the derived function returns the answer.
    fn same_variant(&mut self, [left, right]: [&Operand; 2], variants: usize, answer: Answer) {
        if variants < 2 {
            return;
        }
        let [one, two] = [left, right].map(|value| self.temporary(Type::Int, Rvalue::Variant(value.clone())));
        let same = Rvalue::Binary(BinaryOp::Equal, one.clone(), two.clone());
        let same = self.temporary(Type::Bool, same);
        let [same, different] = self.branch(same);
        self.graph.enter(different);
        match answer {
            Answer::Unequal => self.give(Operand::Bool(false)),
            Answer::Order => self.order_of([one, two]),
        }
        self.graph.enter(same);
    }

    /// Returns a computed value. A call becomes a tail call.
    fn give_computed(&mut self, value: Computed) {
        match value {
            Computed::Operand(value) => self.give(value),
            Computed::Rvalue(Rvalue::Call(function, arguments)) => {
                self.graph.end(TerminatorKind::TailCall(function, arguments), self.span);
            }
            Computed::Rvalue(value) => {
                let value = self.local(self.result, value);
                self.give(value);
            }
        }
    }

    fn cmp(&mut self, ty: TypeId, [left, right]: [Operand; 2]) {
        match (self.instances.kind(ty), self.instances.ty(ty)) {
            (Kind::Nothing, _) => {
                let equal = self.ordering(EQUAL);
                return self.give(equal);
            }
            (Kind::Scalar, Type::Float) => return self.order_of_floats([left, right]),
            (Kind::Scalar, _) => return self.order_of([left, right]),
            (Kind::String, _) => {
                let order = Rvalue::Runtime(RuntimeFunction::StringCompare, vec![left, right]);
                let order = self.temporary(Type::Int, order);
                return self.order_of([order, Operand::Int(0)]);
            }
            (Kind::Other, _) => {}
        }
        let variants = self.variants(ty).expect("BUG: the order of a type that has none");
        self.same_variant([&left, &right], variants.len(), Answer::Order);
        let mut equal_end = None;
        let blocks = self.switch(left.clone(), variants.len());
        for (number, (variant, block)) in variants.iter().zip(blocks).enumerate() {
            self.graph.enter(block);
            let Some((last, others)) = variant.fields.split_last() else {
                self.graph.meet(&mut equal_end, self.span);
                continue;
            };
            for (index, field) in others.iter().enumerate() {
                let pair = [&left, &right].map(|value| self.field(value, number, index, field.ty));
                let compare = self.instances.trait_function(Derived::Ord, field.ty);
                let order = self.local(self.result, Rvalue::Call(compare, pair.to_vec()));
                let which = self.temporary(Type::Int, Rvalue::Variant(order.clone()));
                let is_equal = self.temporary(
                    Type::Bool,
                    Rvalue::Binary(BinaryOp::Equal, which, Operand::Int(EQUAL as i64)),
                );
                let [same, different] = self.branch(is_equal);
                self.graph.enter(different);
                self.give(order);
                self.graph.enter(same);
            }
            let pair = [&left, &right].map(|value| self.field(value, number, others.len(), last.ty));
            let compare = self.instances.trait_function(Derived::Ord, last.ty);
            self.give_computed(Computed::Rvalue(Rvalue::Call(compare, pair.to_vec())));
        }
        self.graph.enter_meeting(equal_end);
        if self.graph.is_reachable() {
            let equal = self.ordering(EQUAL);
            self.give(equal);
        }
    }

    /// A value of `Ordering`: `Less`, `Equal` or `Greater`.
    fn ordering(&mut self, variant: usize) -> Operand {
        self.local(self.result, Rvalue::Construct(self.result, variant, Vec::new()))
    }

    fn order_of(&mut self, [left, right]: [Operand; 2]) {
        for (op, variant) in [(BinaryOp::Less, LESS), (BinaryOp::Greater, GREATER)] {
            let holds = self.temporary(Type::Bool, Rvalue::Binary(op, left.clone(), right.clone()));
            let [yes, no] = self.branch(holds);
            self.graph.enter(yes);
            let order = self.ordering(variant);
            self.give(order);
            self.graph.enter(no);
        }
        let equal = self.ordering(EQUAL);
        self.give(equal);
    }

    /// Returns the total order of two floats: NaN comes last, and is equal to itself.
    fn order_of_floats(&mut self, [left, right]: [Operand; 2]) {
        for (op, variant) in [(BinaryOp::Less, LESS), (BinaryOp::Greater, GREATER), (BinaryOp::Equal, EQUAL)]
        {
            let holds = self.temporary(Type::Bool, Rvalue::Binary(op, left.clone(), right.clone()));
            let [yes, no] = self.branch(holds);
            self.graph.enter(yes);
            let order = self.ordering(variant);
            self.give(order);
            self.graph.enter(no);
        }
        // At least one of the two is NaN, the only float that differs from itself.
        let numbers = [left, right].map(|value| {
            let is_nan = Rvalue::Binary(BinaryOp::NotEqual, value.clone(), value);
            self.temporary(Type::Bool, is_nan)
        });
        self.order_of(numbers);
    }

    fn hash(&mut self, ty: TypeId, value: Operand) {
        let of_int = self.instances.known_function(self.instances.hir.lang_items.hash_of_int);
        let number = match self.instances.ty(ty).clone() {
            Type::Unit | Type::Never => Operand::Int(0),
            Type::Int => value,
            Type::Bool => return self.hash_of_bool(value, of_int),
            Type::Byte => self.temporary(Type::Int, Rvalue::Unary(UnaryOp::ByteToInt, value)),
            Type::Char => self.temporary(Type::Int, Rvalue::Unary(UnaryOp::CharToInt, value)),
            Type::Float => {
                // Adding zero turns -0.0 into 0.0: the two are equal, so their hashes must be, too.
                let sum = Rvalue::Binary(BinaryOp::Add, value, Operand::Float(0.0));
                let sum = self.temporary(Type::Float, sum);
                self.temporary(Type::Int, Rvalue::Unary(UnaryOp::FloatBits, sum))
            }
            Type::String => {
                let hash = Rvalue::Runtime(RuntimeFunction::StringHash, vec![value]);
                let hash = self.temporary(Type::Int, hash);
                return self.give(hash);
            }
            Type::Task(_) => self.temporary(Type::Int, Rvalue::TaskId(value)),
            _ => return self.hash_of_fields(ty, value),
        };
        self.give_computed(Computed::Rvalue(Rvalue::Call(of_int, vec![number])));
    }

    fn hash_of_bool(&mut self, value: Operand, of_int: crate::mir::FunctionId) {
        let [yes, no] = self.branch(value);
        for (block, number) in [(yes, 1), (no, 0)] {
            self.graph.enter(block);
            self.give_computed(Computed::Rvalue(Rvalue::Call(of_int, vec![Operand::Int(number)])));
        }
    }

    fn hash_of_fields(&mut self, ty: TypeId, value: Operand) {
        let combine = self.instances.known_function(self.instances.hir.lang_items.hash_combine);
        let variants = self.variants(ty).expect("BUG: the hash of a type that has none");
        let blocks = self.switch(value.clone(), variants.len());
        for (number, (variant, block)) in variants.iter().zip(blocks).enumerate() {
            self.graph.enter(block);
            let mut hash = Operand::Int(number as i64);
            for (index, field) in variant.fields.iter().enumerate() {
                let part = self.field(&value, number, index, field.ty);
                let of_part = self.instances.trait_function(Derived::Hash, field.ty);
                let part = self.local(self.result, Rvalue::Call(of_part, vec![part]));
                hash = self.local(self.result, Rvalue::Call(combine, vec![hash, part]));
            }
            self.give(hash);
        }
    }
}

/// The brackets around the fields of a variant. A struct without fields has brackets, too, as in its literal.
fn brackets(variant: &Variant, is_struct: bool) -> [&'static str; 2] {
    match variant.fields.is_empty() && !variant.name.is_empty() && !is_struct {
        true => ["", ""],
        false => ["(", ")"],
    }
}

/// The text before a field's value.
fn label(index: usize, field: &Field) -> Option<String> {
    let separator = if index == 0 { "" } else { ", " };
    let label = field.name.as_ref().map_or(String::new(), |name| format!("{name}: "));
    Some(format!("{separator}{label}")).filter(|text| !text.is_empty())
}

/// The result for two values of different variants.
enum Answer {
    Unequal,
    Order,
}
