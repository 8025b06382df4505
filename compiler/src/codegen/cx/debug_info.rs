//! Line tables: the function, file, line and column that an instruction comes from.
//!
//! Stack traces need a location on every call, the names of functions as in MIR, and inlined calls as separate frames.
//! Types are not described, and variables only on request.

use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::debug_info::{
    AsDIScope, DIBasicType, DICompileUnit, DIFile, DIFlags, DIFlagsConstants, DILocation, DISubprogram,
    DISubroutineType, DWARFEmissionKind, DWARFSourceLanguage, DebugInfoBuilder, debug_metadata_version,
};
use inkwell::module::{FlagBehavior, Module};
use inkwell::values::{FunctionValue, PointerValue};

use crate::arena::Id;
use crate::codegen::cx::input::{Input, Level};
use crate::source::{SourceMap, Span};

/// DWARF's `DW_ATE_unsigned`.
const UNSIGNED: u32 = 7;

/// The debug information of a program.
pub(in crate::codegen) struct DebugInfo<'ctx> {
    context: &'ctx Context,
    builder: DebugInfoBuilder<'ctx>,
    unit: DICompileUnit<'ctx>,
    files: Vec<DIFile<'ctx>>,
    no_file: DIFile<'ctx>,
    untyped: DISubroutineType<'ctx>,
    /// The type that variables are described with.
    word: DIBasicType<'ctx>,
    is_optimised: bool,
}

impl<'ctx> DebugInfo<'ctx> {
    /// Begins the debug information of `module`.
    pub(in crate::codegen) fn new(
        context: &'ctx Context,
        module: &Module<'ctx>,
        input: &Input<'_>,
        level: Level,
    ) -> DebugInfo<'ctx> {
        if module.get_flag("Debug Info Version").is_none() {
            let version = context.i32_type().const_int(debug_metadata_version().into(), false);
            module.add_basic_value_flag("Debug Info Version", FlagBehavior::Warning, version);
        }
        let name = file_name(input.sources, input.program.functions[input.program.main].span);
        module.set_source_file_name(name);
        let is_optimised = level != Level::O0;
        let (builder, unit) = module.create_debug_info_builder(
            true,
            // DWARF has no number for Weft. Stack traces only distinguish Rust, the language of the runtime, from all
            // other languages.
            DWARFSourceLanguage::C99,
            name,
            input.folder,
            "weft",
            is_optimised,
            "",
            0,
            "",
            // With line tables only, LLVM would describe only functions that contain inlined calls. Stack traces would
            // lack all other functions.
            DWARFEmissionKind::Full,
            0,
            true,
            false,
            "",
            "",
        );
        let files =
            input.sources.files().map(|(_, file)| builder.create_file(&file.name, input.folder)).collect();
        let no_file = unit.get_file();
        let untyped = builder.create_subroutine_type(no_file, None, &[], DIFlags::ZERO);
        let word = builder.create_basic_type("word", 64, UNSIGNED, DIFlags::ZERO);
        let word = word.expect("BUG: the type has a name");
        DebugInfo { context, builder, unit, files, no_file, untyped, word, is_optimised }
    }

    /// Describes a function that is declared at `span`; [`DebugInfo::location`] takes the result.
    pub(in crate::codegen) fn describe(
        &self,
        function: FunctionValue<'ctx>,
        name: &str,
        span: Span,
        sources: &SourceMap,
    ) -> DISubprogram<'ctx> {
        let subprogram = self.declared(name, span, sources);
        function.set_subprogram(subprogram);
        subprogram
    }

    /// The description of a function of the source. Inlined copies of the function refer to the description, too.
    pub(in crate::codegen) fn declared(
        &self,
        name: &str,
        span: Span,
        sources: &SourceMap,
    ) -> DISubprogram<'ctx> {
        let file = *self.files.get(span.file.raw()).unwrap_or(&self.no_file);
        let line = line_and_column(sources, span).0;
        self.builder.create_function(
            self.unit.get_file().as_debug_info_scope(),
            name,
            None,
            file,
            line,
            self.untyped,
            true,
            true,
            line,
            DIFlags::ZERO,
            self.is_optimised,
        )
    }

    /// The location of the start of `span`, in a function that is declared in the same file. If the code is an inlined
    /// copy of that function, `call` is the location of the call.
    pub(in crate::codegen) fn location(
        &self,
        function: DISubprogram<'ctx>,
        span: Span,
        call: Option<DILocation<'ctx>>,
        sources: &SourceMap,
    ) -> DILocation<'ctx> {
        let (line, column) = line_and_column(sources, span);
        let scope = function.as_debug_info_scope();
        self.builder.create_debug_location(self.context, line, column, scope, call)
    }

    /// Describes the variable whose value is at `slot`, for a location in its scope; `block` has no terminator yet.
    pub(in crate::codegen) fn variable(
        &self,
        name: &str,
        slot: PointerValue<'ctx>,
        scope: DISubprogram<'ctx>,
        location: DILocation<'ctx>,
        block: BasicBlock<'ctx>,
    ) {
        let scope = scope.as_debug_info_scope();
        let always = false;
        let variable = self.builder.create_auto_variable(
            scope,
            name,
            self.no_file,
            0,
            self.word.as_type(),
            always,
            DIFlags::ZERO,
            0,
        );
        self.builder.insert_declare_at_end(slot, Some(variable), None, location, block);
    }

    /// Completes the debug information; nothing may be added afterwards.
    pub(in crate::codegen) fn finish(&self) {
        self.builder.finalize();
    }
}

fn file_name(sources: &SourceMap, span: Span) -> &str {
    if sources.contains(span.file) { &sources.file(span.file).name } else { "<generated>" }
}

/// The line and the column of a span; zeros mean "nowhere in the source" in DWARF.
fn line_and_column(sources: &SourceMap, span: Span) -> (u32, u32) {
    if !sources.contains(span.file) {
        return (0, 0);
    }
    let position = sources.position(span);
    (position.line, position.column)
}
