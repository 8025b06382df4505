//! The types of operations on generators.

use weft_abi::library::SOME;

use super::Typing;
use crate::mir::{FrameForm, FrameId, FunctionId, GeneratorOp, MachineOp, Operand};
use crate::types::{Type, TypeId};

impl Typing<'_> {
    pub(super) fn generator(&mut self, op: GeneratorOp, operands: &[Operand]) -> Result<TypeId, String> {
        match op {
            GeneratorOp::New(body) => self.new_generator(body, operands),
            GeneratorOp::Next(option) => self.resumed(operands, option).map(|()| option),
            GeneratorOp::Close(option) => {
                self.resumed(operands, option)?;
                Ok(self.types.intern(Type::Unit))
            }
            GeneratorOp::Yield => {
                let element = self.own_element()?;
                self.arguments("operand", &[element], operands)?;
                Ok(self.types.intern(Type::Bool))
            }
            GeneratorOp::YieldFrom => {
                let element = self.own_element()?;
                let generator = self.types.intern(Type::Generator(element));
                self.arguments("operand", &[generator], operands)?;
                Ok(self.types.intern(Type::Bool))
            }
        }
    }

    pub(super) fn machine(&mut self, op: MachineOp, operands: &[Operand]) -> Result<TypeId, String> {
        if op == MachineOp::Begin {
            self.arguments("operand", &[], operands)?;
            let element = self.own_element()?;
            return Ok(self.types.intern(Type::Generator(element)));
        }
        let Some((generator, rest)) = operands.split_first() else {
            return Err(format!("{op:?} needs a generator"));
        };
        let element = self.element_of_generator(generator)?;
        let [unit, int, bool] = [Type::Unit, Type::Int, Type::Bool].map(|ty| self.types.intern(ty));
        let (parameters, result): (&[TypeId], TypeId) = match op {
            MachineOp::State | MachineOp::Pop => (&[], int),
            MachineOp::IsEntered => (&[], bool),
            MachineOp::SetState | MachineOp::Push(..) => (&[int], unit),
            MachineOp::Get(frame, slot) => (&[], self.slot(frame, slot)?),
            MachineOp::Set(frame, slot) => (&[self.slot(frame, slot)?], unit),
            MachineOp::Clear(frame, slot) => {
                self.slot(frame, slot)?;
                (&[], unit)
            }
            MachineOp::Enter
            | MachineOp::Leave
            | MachineOp::CheckEnded
            | MachineOp::Replace(_)
            | MachineOp::Release
            | MachineOp::Begin
            | MachineOp::Suspend
            | MachineOp::Resume => (&[], unit),
            MachineOp::IsSuspended => (&[], bool),
            MachineOp::Switch(option) => (&[bool], self.option_of(element, option)?),
            MachineOp::Start(_, option) => (&[], self.option_of(element, option)?),
            MachineOp::Give => (&[element], bool),
        };
        self.arguments("operand", parameters, rest)?;
        Ok(result)
    }

    fn new_generator(&mut self, body: FunctionId, operands: &[Operand]) -> Result<TypeId, String> {
        let function = &self.program.functions[body];
        let Some(element) = function.element else {
            return Err(format!("{} is not the body of a `gen fn`", function.name));
        };
        let frame = function.frame.map(|frame| &self.program.frames[frame]);
        let parameters: Vec<TypeId> = match frame {
            Some(frame) if frame.form != FrameForm::Coroutine => {
                frame.slots[..frame.parameter_count].to_vec()
            }
            Some(_) | None => {
                let parameters = function.locals.iter().take(function.parameter_count);
                parameters.map(|local| local.ty).collect()
            }
        };
        self.arguments("argument", &parameters, operands)?;
        Ok(self.types.intern(Type::Generator(element.ty)))
    }

    /// The type of the elements of the function, which must be the body of a `gen fn`.
    fn own_element(&self) -> Result<TypeId, String> {
        let element = self.function.element.ok_or("an element is given outside of the body of a `gen fn`")?;
        Ok(element.ty)
    }

    /// The type of the elements of a generator.
    fn element_of_generator(&mut self, operand: &Operand) -> Result<TypeId, String> {
        let ty = self.operand(operand);
        let Type::Generator(element) = *self.types.get(ty) else {
            return Err(self.refuse("an operation on generators", ty));
        };
        Ok(element)
    }

    fn slot(&self, frame: FrameId, slot: usize) -> Result<TypeId, String> {
        let slots = &self.program.frames[frame].slots;
        slots.get(slot).copied().ok_or_else(|| format!("there is no slot {slot}"))
    }

    /// Checks a `next` or a `close`: the only operand must be a generator, and `option`, the type of the result of
    /// `next`, must be an `Option` of the generator's element type.
    fn resumed(&mut self, operands: &[Operand], option: TypeId) -> Result<(), String> {
        let [generator] = operands else { return Err(format!("{} generators", operands.len())) };
        let element = self.element_of_generator(generator)?;
        self.option_of(element, option).map(|_| ())
    }

    /// Checks that the type `option` is an `Option` of the type `element`; returns `option`.
    fn option_of(&self, element: TypeId, option: TypeId) -> Result<TypeId, String> {
        let variants = self.program.nominals.get(&option).map(|nominal| &nominal.variants[..]);
        let fields = variants.and_then(|variants| variants.get(SOME)).map(|some| &some.fields[..]);
        match fields {
            Some([field]) if field.ty == element => Ok(option),
            _ => Err(format!("{} is no option of the element", self.types.display(option))),
        }
    }
}
