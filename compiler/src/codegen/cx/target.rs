//! The target machine: x86-64 Linux, from a module to assembly or an object file.

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

use crate::codegen::cx::attributes;
use crate::codegen::cx::input::Level;

const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// LLVM options without an equivalent attribute. The first word stands for the program's name.
const LLVM_OPTIONS: [&str; 6] = [
    "weft",
    // Stores outgoing stack arguments into the caller's frame instead of pushing them. The prologue checks only the
    // frame, and pushed arguments would need room below it.
    "-no-x86-call-frame-opt",
    // Locates variables by the fastest method. The default method tracks every value through all registers, in vain,
    // since no variables are described to debuggers; the report on switches needs only spilled ones.
    "-experimental-debug-variable-locations=false",
    // Keeps addresses in loops as an object and an index. Loop strength reduction would replace the two by one address,
    // which may lie outside the object, so that the collector would not find the object. It would also replace the
    // induction variable that decides when a loop polls, which costs instructions in every iteration.
    "-disable-lsr",
    // Moves the blocks that call `weft_poll` out of the loop's code, to a place after it.
    "-force-loop-cold-block",
    "-loop-to-cold-block-ratio=1000",
];

/// Initialises LLVM's global state, once.
pub(in crate::codegen) fn initialise() {
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
        // SAFETY: each pointer refers to a zero-terminated string that lives until the call returns, and LLVM copies
        // the strings. `Once` ensures that no other OS thread calls this function at the same time.
        unsafe { LLVMParseCommandLineOptions(pointers.len() as i32, pointers.as_ptr(), null()) };
        // SAFETY: the handler has the signature that LLVM calls, and it panics, so LLVM does not continue after its
        // error.
        unsafe { install_fatal_error_handler(give_up) };
    });
}

/// Panics with LLVM's message. LLVM calls this handler for code that it cannot compile; LLVM's own handler would end
/// the process.
extern "C" fn give_up(message: *const c_char) {
    // SAFETY: LLVM passes a zero-terminated string that lives until this function returns.
    let message = unsafe { CStr::from_ptr(message) };
    panic!("BUG: LLVM gives up: {}", message.to_string_lossy());
}

/// The target machine for one level.
pub(in crate::codegen) struct Machine {
    target: TargetMachine,
}

impl Machine {
    /// Creates the target machine for a level.
    ///
    /// # Panics
    /// With `BUG:` if LLVM was built without x86.
    pub(in crate::codegen) fn new(level: Level) -> Machine {
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

    /// Gives a module the triple and the data layout of the machine.
    pub(in crate::codegen) fn describe_to(&self, module: &Module<'_>) {
        module.set_triple(&self.target.get_triple());
        module.set_data_layout(&self.target.get_target_data().get_data_layout());
    }

    pub(in crate::codegen) fn run_passes(
        &self,
        module: &Module<'_>,
        passes: &str,
        options: PassBuilderOptions,
    ) -> Result<(), LLVMString> {
        module.run_passes(passes, &self.target, options)
    }

    /// Emits a module that all passes have processed.
    pub(in crate::codegen) fn emit(&self, module: &Module<'_>, kind: FileType) -> Vec<u8> {
        let buffer = self.target.write_to_memory_buffer(module, kind);
        buffer.unwrap_or_else(|error| panic!("BUG: LLVM emits nothing: {error}")).as_slice().to_vec()
    }
}
