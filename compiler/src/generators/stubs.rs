//! The functions that run if a generator is resumed while it already runs.

use std::collections::HashMap;

use weft_abi::library::NONE;

use crate::arena::{Arena, Id};
use crate::generators::Form;
use crate::generators::editor::Editor;
use crate::mir::{
    Element, Function, FunctionId, Inlining, Local, LocalId, MachineOp, Operand, Program, Rvalue,
    TerminatorKind,
};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// The functions that are called if a thread has entered the generator and not left it: they panic, or return `None` if
/// the body has ended by a panic or a cancellation. They count as functions of the library. Stack traces omit such
/// functions, so the panic is reported for the code that resumes the generator. If generators have stacks of their own,
/// `next` and `close` call these functions when the generator is not suspended.
pub(super) struct Stubs {
    /// The functions made so far, by the type of the result.
    made: HashMap<TypeId, FunctionId>,
    /// A position in the library.
    span: Span,
    form: Form,
}

impl Stubs {
    pub fn new(span: Span, form: Form) -> Stubs {
        Stubs { made: HashMap::new(), span, form }
    }

    /// The function for generators of these elements.
    pub fn of(&mut self, program: &mut Program, element: Element) -> FunctionId {
        if let Some(&known) = self.made.get(&element.option) {
            return known;
        }
        let made = self.make(program, element);
        self.made.insert(element.option, made);
        made
    }

    fn make(&self, program: &mut Program, element: Element) -> FunctionId {
        let ty = program.types.intern(Type::Generator(element.ty));
        let mut function = Function {
            name: format!("Gen[{}].running", program.types.display(element.ty)),
            span: self.span,
            parameter_count: 1,
            result: element.option,
            locals: [Local { ty, name: None }].into_iter().collect(),
            blocks: Arena::new(),
            element: None,
            frame: None,
            inlined: Arena::new(),
            library: true,
            inlining: Inlining::Never,
        };
        let generator = || Operand::Local(LocalId::new(0));
        let mut editor = Editor { function: &mut function, span: self.span, inlined: None };
        let block = editor.block();
        editor.operate(block, MachineOp::CheckEnded, vec![generator()]);
        // A generator with a stack of its own needs no state: it has ended if it has no stack.
        if self.form != Form::Stack {
            editor.operate(block, MachineOp::SetState, vec![generator(), Operand::Int(0)]);
            editor.operate(block, MachineOp::Leave, vec![generator()]);
        }
        let result = editor.local(element.option);
        editor.push(block, Some(result), Rvalue::Construct(element.option, NONE, Vec::new()));
        editor.end(block, TerminatorKind::Return(Operand::Local(result)));
        program.functions.push(function)
    }
}
