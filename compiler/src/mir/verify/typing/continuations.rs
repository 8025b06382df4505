//! The types of operations on continuations.

use super::Typing;
use crate::mir::{ContinuationOp, Operand, Representation};
use crate::types::{Type, TypeId};

impl Typing<'_> {
    /// Checks an operation on continuations whose result has the type `result`.
    pub(super) fn continuation(
        &mut self,
        op: ContinuationOp,
        result: TypeId,
        operands: &[Operand],
    ) -> Result<TypeId, String> {
        let types: Vec<TypeId> = operands.iter().map(|operand| self.operand(operand)).collect();
        match (op, &types[..]) {
            (ContinuationOp::New, [body]) => {
                let Type::Function { parameters, .. } = self.types.get(*body) else {
                    return Err(self.refuse("New", *body));
                };
                let [suspender, _] = parameters[..] else { return Err(self.refuse("New", *body)) };
                if self.fields_of_struct(suspender) != Some(vec![result]) {
                    return Err(self.refuse("New", *body));
                }
                self.stack(result)?;
            }
            (ContinuationOp::Resume, [cont, _]) => {
                self.cont(*cont)?;
                self.step(result, *cont)?;
            }
            (ContinuationOp::Suspend, [stack, _]) => self.stack(*stack)?,
            (ContinuationOp::Close, [cont]) => {
                self.cont(*cont)?;
                let int = self.types.intern(Type::Int);
                self.expect_equal("the number of deferred blocks", int, result)?;
            }
            (ContinuationOp::TakeDeferred, []) => {
                let unit = self.types.intern(Type::Unit);
                let is_block = matches!(
                    self.types.get(result),
                    Type::Function { parameters, result, .. } if parameters.is_empty() && *result == unit
                );
                if !is_block {
                    return Err(self.refuse("TakeDeferred", result));
                }
            }
            (ContinuationOp::NewSymmetric, [body]) => {
                let Type::Function { parameters, result: pair, .. } = self.types.get(*body).clone() else {
                    return Err(self.refuse("NewSymmetric", *body));
                };
                self.pair(pair, &parameters)?;
                self.stack(result)?;
            }
            (ContinuationOp::Swap, &[target, value]) => self.pair(result, &[target, value])?,
            (op, _) => return Err(format!("{op:?} has the wrong number of operands")),
        }
        Ok(result)
    }

    /// Checks that a type is a struct of a continuation (called a stack in the library) and a revision.
    fn cont(&mut self, ty: TypeId) -> Result<(), String> {
        let fields = self.fields_of_struct(ty).filter(|fields| fields.len() == 2);
        let Some(&[stack, revision]) = fields.as_deref() else {
            return Err(self.refuse("an operation on continuations", ty));
        };
        let int = self.types.intern(Type::Int);
        self.expect_equal("the revision", int, revision)?;
        self.stack(stack)
    }

    /// Checks that a type is a tuple of the two `parts`, the first of which is a struct of a continuation and a
    /// revision.
    fn pair(&mut self, ty: TypeId, parts: &[TypeId]) -> Result<(), String> {
        match (self.types.get(ty), parts) {
            (Type::Tuple(fields), &[target, _]) if fields == parts => self.cont(target),
            _ => Err(self.refuse("a swap", ty)),
        }
    }

    /// Checks that a type is an enum of the variants `Suspended(cont, B)` and `Done(R)`.
    fn step(&self, ty: TypeId, cont: TypeId) -> Result<(), String> {
        let nominal = self.program.nominals.get(&ty);
        let fields = nominal.map(|nominal| nominal.variants.iter().map(|variant| &variant.fields[..]));
        match fields.map(Iterator::collect::<Vec<_>>).as_deref() {
            Some([[suspended, _], [_]]) if suspended.ty == cont => Ok(()),
            _ => Err(self.refuse("Resume", ty)),
        }
    }

    /// Checks that a type is the library's type of a continuation: a struct that is an object, with an `Int` as its
    /// only field.
    fn stack(&mut self, ty: TypeId) -> Result<(), String> {
        let int = self.types.intern(Type::Int);
        let is_object = self.program.nominals.get(&ty).map(|nominal| nominal.representation)
            == Some(Representation::Object);
        match self.fields_of_struct(ty).as_deref() {
            Some(&[revision]) if revision == int && is_object => Ok(()),
            _ => Err(self.refuse("an operation on continuations", ty)),
        }
    }

    /// The types of a struct's fields.
    fn fields_of_struct(&self, ty: TypeId) -> Option<Vec<TypeId>> {
        let nominal = self.program.nominals.get(&ty)?;
        let [only] = &nominal.variants[..] else { return None };
        Some(only.fields.iter().map(|field| field.ty).collect())
    }
}
