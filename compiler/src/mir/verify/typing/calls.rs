//! The types of calls: of functions, function values, the runtime and C.

use weft_abi::RuntimeFunction;

use super::Typing;
use crate::mir::{
    CleanupOp, ForeignId, ForeignType, FunctionId, Operand, Representation, runtime_signature, runtime_type,
};
use crate::types::{Type, TypeId};

impl Typing<'_> {
    pub(super) fn call(&mut self, callee: FunctionId, arguments: &[Operand]) -> Result<TypeId, String> {
        let parameters = self.parameters(callee);
        self.arguments("parameter", &parameters, arguments)?;
        Ok(self.program.functions[callee].result)
    }

    fn parameters(&self, callee: FunctionId) -> Vec<TypeId> {
        let callee = &self.program.functions[callee];
        callee.locals.iter().take(callee.parameter_count).map(|local| local.ty).collect()
    }

    pub(super) fn call_value(&mut self, callee: &Operand, arguments: &[Operand]) -> Result<TypeId, String> {
        let ty = self.operand(callee);
        let Type::Function { parameters, result, .. } = self.types.get(ty).clone() else {
            return Err(self.refuse("CallValue", ty));
        };
        self.arguments("parameter", &parameters, arguments)?;
        Ok(result)
    }

    /// Checks a closure: the callee's parameters must be the captures, followed by the function type's parameters.
    pub(super) fn closure(
        &mut self,
        ty: TypeId,
        callee: FunctionId,
        captures: &[Operand],
    ) -> Result<TypeId, String> {
        let Type::Function { parameters, result, .. } = self.types.get(ty).clone() else {
            return Err(self.refuse("Closure", ty));
        };
        let taken = self.parameters(callee);
        if captures.len() + parameters.len() != taken.len() {
            let (captures, parameters, taken) = (captures.len(), parameters.len(), taken.len());
            return Err(format!("{captures} captures and {parameters} arguments for {taken} parameters"));
        }
        let (captured, given) = taken.split_at(captures.len());
        self.arguments("capture", captured, captures)?;
        for (index, (parameter, wanted)) in given.iter().zip(&parameters).enumerate() {
            self.expect_equal(&format!("argument {index}"), *wanted, *parameter)?;
        }
        self.expect_equal("the result", result, self.program.functions[callee].result)?;
        Ok(ty)
    }

    /// Checks a deferred block, which returns `()`.
    pub(super) fn deferred(&mut self, callee: FunctionId) -> Result<TypeId, String> {
        let unit = self.types.intern(Type::Unit);
        self.expect_equal("the result", unit, self.program.functions[callee].result)?;
        Ok(self.deferred_type())
    }

    /// Checks a registration: a deferred block takes only its captures.
    pub(super) fn register(
        &mut self,
        callee: FunctionId,
        deferred: &Operand,
        captures: &[Operand],
    ) -> Result<TypeId, String> {
        let wanted = self.deferred_type();
        let given = self.operand(deferred);
        self.expect_equal("the deferred block", wanted, given)?;
        self.call(callee, captures)
    }

    pub(super) fn cleanup(&mut self, op: CleanupOp, operands: &[Operand]) -> Result<TypeId, String> {
        let deferred = self.deferred_type();
        let parameters: &[TypeId] = match op {
            CleanupOp::Pop => &[deferred],
            CleanupOp::Shield | CleanupOp::Unshield => &[],
        };
        self.arguments("operand", parameters, operands)?;
        Ok(self.types.intern(Type::Unit))
    }

    fn deferred_type(&mut self) -> TypeId {
        let result = self.types.intern(Type::Unit);
        self.types.intern(Type::Function { share: false, parameters: Vec::new(), result })
    }

    pub(super) fn runtime_call(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Operand],
    ) -> Result<TypeId, String> {
        let Some(signature) = runtime_signature(function) else {
            return Err("MIR may not call this function".to_owned());
        };
        let parameters: Vec<_> =
            signature.parameters.iter().map(|&parameter| runtime_type(parameter, self.types)).collect();
        self.arguments("parameter", &parameters, arguments)?;
        Ok(runtime_type(signature.result, self.types))
    }

    /// Checks a call of a runtime function that returns. `blocking` is true for `Rvalue::Blocking`, false for
    /// `Rvalue::Runtime`.
    pub(super) fn returning_runtime_call(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Operand],
        blocking: bool,
    ) -> Result<TypeId, String> {
        let result = self.runtime_call(function, arguments)?;
        if *self.types.get(result) == Type::Never {
            return Err("it does not return, so it belongs at the block's end".to_owned());
        }
        match runtime_signature(function).is_some_and(|signature| signature.blocking.is_some()) {
            given if given == blocking => Ok(result),
            true => Err("it may take long, so it has to be called as blocking".to_owned()),
            false => Err("it runs on the worker only, so it cannot be called as blocking".to_owned()),
        }
    }

    /// Checks a call of a C function. The C type of the result does not determine the type of the result in MIR: a C
    /// pointer can become any struct of one `Int`. So the call takes the type of the statement's destination, if values
    /// of the C type can be converted to it.
    pub(super) fn foreign_call(
        &mut self,
        foreign: ForeignId,
        arguments: &[Operand],
        destination: Option<TypeId>,
    ) -> Result<TypeId, String> {
        let foreign = &self.program.foreigns[foreign];
        self.count("parameter", foreign.parameters.len(), arguments)?;
        for (index, (parameter, argument)) in foreign.parameters.iter().zip(arguments).enumerate() {
            let given = self.operand(argument);
            self.stands_for(*parameter, given).map_err(|fault| format!("parameter {index} {fault}"))?;
        }
        match destination {
            Some(destination) => {
                self.stands_for(foreign.result, destination)
                    .map_err(|fault| format!("the destination {fault}"))?;
                Ok(destination)
            }
            None => Ok(self.types.intern(Type::Unit)),
        }
    }

    /// Checks that values of the type `given` can be converted to and from a C type.
    fn stands_for(&self, foreign: ForeignType, given: TypeId) -> Result<(), String> {
        let ty = self.types.get(given);
        let stands = match foreign {
            ForeignType::Unit => *ty == Type::Unit,
            ForeignType::Bool => *ty == Type::Bool,
            ForeignType::Byte => *ty == Type::Byte,
            ForeignType::CInt | ForeignType::Int | ForeignType::CSize => *ty == Type::Int,
            ForeignType::Float => *ty == Type::Float,
            ForeignType::CString => *ty == Type::String,
            ForeignType::CPtr => self.is_one_int(given),
        };
        match stands {
            true => Ok(()),
            false => Err(format!("is a {foreign:?}, for which {} does not stand", self.types.display(given))),
        }
    }

    /// Whether the type is a struct of one `Int` that is represented by value.
    fn is_one_int(&self, ty: TypeId) -> bool {
        let Some(nominal) = self.program.nominals.get(&ty) else { return false };
        match nominal.variants.as_slice() {
            [only] if nominal.representation == Representation::Value => {
                only.fields.len() == 1 && *self.types.get(only.fields[0].ty) == Type::Int
            }
            _ => false,
        }
    }

    /// Checks the number and the types of arguments; `what` names the parameters in messages.
    pub(super) fn arguments(
        &mut self,
        what: &str,
        wanted: &[TypeId],
        arguments: &[Operand],
    ) -> Result<(), String> {
        self.count(what, wanted.len(), arguments)?;
        for (index, (wanted, argument)) in wanted.iter().zip(arguments).enumerate() {
            let given = self.operand(argument);
            self.expect(&format!("{what} {index}"), *wanted, given)?;
        }
        Ok(())
    }

    fn count(&self, what: &str, wanted: usize, arguments: &[Operand]) -> Result<(), String> {
        match arguments.len() {
            given if given == wanted => Ok(()),
            given => Err(format!("{given} arguments for {wanted} {what}s")),
        }
    }
}
