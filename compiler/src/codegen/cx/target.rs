//! The target machine: assembly and object files.

use std::ffi::{CStr, CString, c_char};
use std::ptr::null;
use std::sync::Once;

use inkwell::OptimizationLevel;
use inkwell::llvm_sys::support::LLVMParseCommandLineOptions;
use inkwell::module::Module;
use inkwell::passes::PassBuilderOptions;
use inkwell::support::LLVMString;
use inkwell::support::error_handling::install_fatal_error_handler;
use inkwell::targets::{
    CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine, TargetTriple,
};

use crate::codegen::{Level, attributes};

const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// LLVM has no attributes for these.
const LLVM_OPTIONS: [&str; 6] = [
    "weft",
    // Outgoing stack arguments are stored into the caller's frame and not pushed: the prologue asks for room for the
    // frame, and what is pushed later would come on top.
    "-no-x86-call-frame-opt",
    // No variables are described to debuggers, so the quickest way to look for them will do: the usual one follows
    // every value through all registers.
    "-experimental-debug-variable-locations=false",
    // What a loop addresses stays an object and an index. This pass makes of them addresses that may lie outside of the
    // object, by which the collector does not find it, and instructions for the clocks of polls.
    "-disable-lsr",
    // What a poll leads to lies behind the loop.
    "-force-loop-cold-block",
    "-loop-to-cold-block-ratio=1000",
];

/// Sets up what is global in LLVM, once.
pub(super) fn initialise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        Target::initialize_x86(&InitializationConfig {
            asm_parser: true, // for inline assembly
            asm_printer: true,
            base: true,
            disassembler: false,
            info: true,
            machine_code: true,
        });
        let options = LLVM_OPTIONS.map(|option| CString::new(option).expect("BUG: a zero in an option"));
        let pointers = options.each_ref().map(|option| option.as_ptr());
        // SAFETY: the strings end in zeros and LLVM copies them; `Once` keeps this to one thread.
        unsafe { LLVMParseCommandLineOptions(pointers.len() as i32, pointers.as_ptr(), null()) };
        // SAFETY: the handler does not return to LLVM, which could not go on.
        unsafe { install_fatal_error_handler(give_up) };
    });
}

/// LLVM calls this for what it cannot compile, and would end the process in its own words otherwise.
extern "C" fn give_up(message: *const c_char) {
    // SAFETY: LLVM passes a string that ends in zero.
    let message = unsafe { CStr::from_ptr(message) };
    panic!("BUG: LLVM gives up: {}", message.to_string_lossy());
}

/// Generates machine code for one level.
pub(super) struct Machine {
    target: TargetMachine,
}

impl Machine {
    /// # Panics
    /// With `BUG:` if LLVM was built without x86.
    pub(super) fn new(level: Level) -> Machine {
        let triple = TargetTriple::create(TRIPLE);
        let target = Target::from_triple(&triple).unwrap_or_else(|error| panic!("BUG: {TRIPLE}: {error}"));
        let level = match level {
            Level::O0 => OptimizationLevel::None,
            Level::O2 => OptimizationLevel::Default,
            Level::O3 => OptimizationLevel::Aggressive,
        };
        let target = target
            .create_target_machine(&triple, attributes::CPU, "", level, RelocMode::PIC, CodeModel::Default)
            .unwrap_or_else(|| panic!("BUG: {TRIPLE} has no target machine"));
        target.set_asm_verbosity(true);
        Machine { target }
    }

    /// Tells a module what it will run on.
    pub(super) fn describe_to(&self, module: &Module<'_>) {
        module.set_triple(&self.target.get_triple());
        module.set_data_layout(&self.target.get_target_data().get_data_layout());
    }

    pub(super) fn run_passes(
        &self,
        module: &Module<'_>,
        passes: &str,
        options: PassBuilderOptions,
    ) -> Result<(), LLVMString> {
        module.run_passes(passes, &self.target, options)
    }
}

/// A program as LLVM IR that is ready for emission.
pub struct OptimisedModule<'s> {
    module: Module<'s>,
    machine: Machine,
}

impl<'s> OptimisedModule<'s> {
    pub(super) fn new(module: Module<'s>, machine: Machine) -> OptimisedModule<'s> {
        OptimisedModule { module, machine }
    }

    /// The IR as text.
    pub fn ir(&self) -> String {
        self.module.print_to_string().to_string()
    }

    /// The machine code as AT&T assembly.
    pub fn assembly(&self) -> String {
        String::from_utf8_lossy(&self.emit(FileType::Assembly)).into_owned()
    }

    /// A relocatable ELF object. It defines `weft_abi::layout::MAIN_SYMBOL` and leaves the runtime's symbols undefined.
    pub fn object(&self) -> Vec<u8> {
        self.emit(FileType::Object)
    }

    fn emit(&self, kind: FileType) -> Vec<u8> {
        let buffer = self.machine.target.write_to_memory_buffer(&self.module, kind);
        buffer.unwrap_or_else(|error| panic!("BUG: LLVM emits nothing: {error}")).as_slice().to_vec()
    }
}
