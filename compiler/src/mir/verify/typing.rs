//! The types of statements and ways out.

use weft_abi::RuntimeFunction;

use super::{Faults, Step, steps};
use crate::mir::{
    BinaryOp, Function, FunctionId, Operand, Program, Rvalue, Statement, TerminatorKind, UnaryOp,
    runtime_signature,
};
use crate::types::{Type, TypeId, TypeTable};

/// Checks one function; `types` is a copy of the program's, to which the types of values are added.
pub(super) fn check(faults: &mut Faults<'_>, types: &mut TypeTable, id: FunctionId) {
    let function = &faults.program.functions[id];
    let mut typing = Typing { program: faults.program, function, types };
    for (block, step) in steps(function) {
        let checked = match step {
            Step::Statement(statement) => typing.statement(statement),
            Step::Terminator(kind) => typing.terminator(kind),
        };
        if let Err(message) = checked {
            faults.at(id, block, step, message);
        }
    }
}

/// One function among the others. Every id it names exists.
struct Typing<'a> {
    program: &'a Program,
    function: &'a Function,
    types: &'a mut TypeTable,
}

impl Typing<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), String> {
        let value = self.value(&statement.value)?;
        match statement.destination {
            Some(destination) => self.expect("the destination", self.function.locals[destination].ty, value),
            None => Ok(()),
        }
    }

    fn terminator(&mut self, kind: &TerminatorKind) -> Result<(), String> {
        let result = self.function.result;
        match kind {
            TerminatorKind::Branch { condition, .. } => self.demand(condition, Type::Bool),
            TerminatorKind::Return(value) => {
                let value = self.operand(value);
                self.expect("the function", result, value)
            }
            TerminatorKind::TailCall(callee, arguments) => {
                let called = self.call(*callee, arguments)?;
                self.expect("the function", result, called)
            }
            TerminatorKind::Diverge(function, arguments) => {
                let given = self.runtime_call(*function, arguments)?;
                match *self.types.get(given) == Type::Never {
                    true => Ok(()),
                    false => Err(format!("it returns, with {}", self.types.display(given))),
                }
            }
            TerminatorKind::Goto(_) | TerminatorKind::Panic(_) | TerminatorKind::Unreachable => Ok(()),
        }
    }

    fn value(&mut self, value: &Rvalue) -> Result<TypeId, String> {
        match value {
            Rvalue::Use(operand) => Ok(self.operand(operand)),
            Rvalue::Unary(op, operand) => self.unary(*op, operand),
            Rvalue::Binary(op, left, right) => self.binary(*op, left, right),
            Rvalue::Call(callee, arguments) => self.call(*callee, arguments),
            Rvalue::Runtime(function, arguments) => {
                let result = self.runtime_call(*function, arguments)?;
                match *self.types.get(result) == Type::Never {
                    true => Err("it does not return, so it belongs at the block's end".to_owned()),
                    false => Ok(result),
                }
            }
            Rvalue::Index(array, index) => {
                self.demand(index, Type::Int)?;
                let array = self.operand(array);
                self.element(array).ok_or_else(|| self.refuse("Index", array))
            }
            Rvalue::Length(operand) => {
                let ty = self.operand(operand);
                match self.element(ty).is_some() || *self.types.get(ty) == Type::String {
                    true => Ok(self.types.intern(Type::Int)),
                    false => Err(self.refuse("Length", ty)),
                }
            }
            Rvalue::Spawn(callee, arguments) => {
                let result = self.call(*callee, arguments)?;
                Ok(self.types.intern(Type::Task(result)))
            }
            Rvalue::Join(task) => self.task_result("Join", task),
            Rvalue::IsDone(task) => {
                self.task_result("IsDone", task)?;
                Ok(self.types.intern(Type::Bool))
            }
            Rvalue::TaskId(task) => {
                self.task_result("TaskId", task)?;
                Ok(self.types.intern(Type::Int))
            }
            Rvalue::Yield => Ok(self.types.intern(Type::Unit)),
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &Operand) -> Result<TypeId, String> {
        let id = self.operand(operand);
        let ty = self.types.get(id);
        let (fits, result) = match op {
            UnaryOp::Negate => (is_number(ty), ty.clone()),
            UnaryOp::Not => (*ty == Type::Bool, Type::Bool),
            UnaryOp::Complement => (*ty == Type::Int, Type::Int),
            UnaryOp::IntToFloat => (*ty == Type::Int, Type::Float),
            UnaryOp::FloatToInt => (*ty == Type::Float, Type::Int),
        };
        if fits { Ok(self.types.intern(result)) } else { Err(self.refuse(&format!("{op:?}"), id)) }
    }

    fn binary(&mut self, op: BinaryOp, left: &Operand, right: &Operand) -> Result<TypeId, String> {
        let (left, right) = (self.operand(left), self.operand(right));
        if left != right {
            let (left, right) = (self.types.display(left), self.types.display(right));
            return Err(format!("the operands have the types {left} and {right}"));
        }
        let ty = self.types.get(left);
        let (fits, result) = match op {
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                (is_number(ty), ty.clone())
            }
            BinaryOp::Remainder
            | BinaryOp::WrappingAdd
            | BinaryOp::WrappingSubtract
            | BinaryOp::WrappingMultiply
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => (*ty == Type::Int, Type::Int),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => (is_bits(ty), ty.clone()),
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => (is_number(ty) || is_bits(ty), Type::Bool),
        };
        if fits { Ok(self.types.intern(result)) } else { Err(self.refuse(&format!("{op:?}"), left)) }
    }

    fn call(&mut self, callee: FunctionId, arguments: &[Operand]) -> Result<TypeId, String> {
        let callee = &self.program.functions[callee];
        let parameters: Vec<_> =
            callee.locals.iter().take(callee.parameter_count).map(|local| local.ty).collect();
        self.arguments(&parameters, arguments)?;
        Ok(callee.result)
    }

    fn runtime_call(&mut self, function: RuntimeFunction, arguments: &[Operand]) -> Result<TypeId, String> {
        let Some(signature) = runtime_signature(function) else {
            return Err("MIR may not call this function".to_owned());
        };
        let parameters: Vec<_> =
            signature.parameters.iter().map(|parameter| parameter.intern(self.types)).collect();
        self.arguments(&parameters, arguments)?;
        Ok(signature.result.intern(self.types))
    }

    fn arguments(&mut self, parameters: &[TypeId], arguments: &[Operand]) -> Result<(), String> {
        if arguments.len() != parameters.len() {
            return Err(format!("{} arguments for {} parameters", arguments.len(), parameters.len()));
        }
        for (index, (parameter, argument)) in parameters.iter().zip(arguments).enumerate() {
            let given = self.operand(argument);
            self.expect(&format!("parameter {index}"), *parameter, given)?;
        }
        Ok(())
    }

    fn element(&self, array: TypeId) -> Option<TypeId> {
        match self.types.get(array) {
            Type::Array(element) => Some(*element),
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::String
            | Type::Task(_)
            | Type::Never => None,
        }
    }

    fn task_result(&mut self, what: &str, operand: &Operand) -> Result<TypeId, String> {
        let ty = self.operand(operand);
        match self.types.get(ty) {
            Type::Task(result) => Ok(*result),
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::String
            | Type::Array(_)
            | Type::Never => Err(self.refuse(what, ty)),
        }
    }

    fn operand(&mut self, operand: &Operand) -> TypeId {
        match operand {
            Operand::Local(local) => self.function.locals[*local].ty,
            Operand::Unit => self.types.intern(Type::Unit),
            Operand::Bool(_) => self.types.intern(Type::Bool),
            Operand::Int(_) => self.types.intern(Type::Int),
            Operand::Float(_) => self.types.intern(Type::Float),
            Operand::String(_) => self.types.intern(Type::String),
        }
    }

    fn demand(&mut self, operand: &Operand, wanted: Type) -> Result<(), String> {
        let (given, wanted) = (self.operand(operand), self.types.intern(wanted));
        self.expect("the operand", wanted, given)
    }

    fn expect(&self, what: &str, wanted: TypeId, given: TypeId) -> Result<(), String> {
        if wanted == given {
            return Ok(());
        }
        let (wanted, given) = (self.types.display(wanted), self.types.display(given));
        Err(format!("{what} has to have the type {wanted}, not {given}"))
    }

    fn refuse(&self, what: &str, ty: TypeId) -> String {
        format!("{what} does not take {}", self.types.display(ty))
    }
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Float)
}

fn is_bits(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Bool)
}
