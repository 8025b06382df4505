//! The code of generators that run or have ended.

use std::collections::HashMap;

use weft_abi::library::NONE;

use crate::arena::Arena;
use crate::generators::editor::Editor;
use crate::mir::{
    Element, Function, FunctionId, Local, LocalId, MachineOp, Operand, Program, Rvalue, TerminatorKind,
};
use crate::source::Span;
use crate::types::Type;

/// The stubs made so far: by the type of the result, the code of running generators and of ended ones.
pub(super) struct Stubs {
    made: HashMap<crate::types::TypeId, (FunctionId, FunctionId)>,
    /// A position in the library: a panic in a stub is reported for the caller.
    span: Span,
}

impl Stubs {
    pub fn new(span: Span) -> Stubs {
        Stubs { made: HashMap::new(), span }
    }

    /// The code of running generators, which panics or returns `None`, and that of ended ones, which returns `None`.
    pub fn of(&mut self, program: &mut Program, element: Element) -> (FunctionId, FunctionId) {
        if let Some(&known) = self.made.get(&element.option) {
            return known;
        }
        let made = (self.make(program, element, "running"), self.make(program, element, "ended"));
        self.made.insert(element.option, made);
        made
    }

    fn make(&self, program: &mut Program, element: Element, what: &str) -> FunctionId {
        let ty = program.types.intern(Type::Generator(element.ty));
        let name = format!("Gen[{}].{what}", program.types.display(element.ty));
        let mut function = Function {
            name,
            span: self.span,
            parameter_count: 1,
            result: element.option,
            locals: [Local { ty, name: None }].into_iter().collect(),
            blocks: Arena::new(),
            element: None,
            frame: None,
            inlined: Arena::new(),
            library: true,
            always_inline: false,
        };
        let generator: LocalId = crate::arena::Id::new(0);
        let mut editor = Editor { function: &mut function, span: self.span, inlined: None };
        let block = editor.block();
        if what == "running" {
            editor.operate(block, MachineOp::CheckEnded, vec![Operand::Local(generator)]);
        }
        let result = editor.local(element.option);
        editor.push(block, Some(result), Rvalue::Construct(element.option, NONE, Vec::new()));
        editor.end(block, TerminatorKind::Return(Operand::Local(result)));
        program.functions.push(function)
    }
}
