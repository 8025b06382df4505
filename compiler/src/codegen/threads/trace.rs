//! Events of a trace that have no fast path of their own, and the table of spawns. `weft_abi::trace` describes both.

use inkwell::GlobalVisibility;
use inkwell::values::{BasicValueEnum, PointerValue};
use weft_abi::TraceKind;
use weft_abi::trace::{TRACE_SPAWNS_SYMBOL, TraceEvent, TraceSpawn, TraceSpawns};

use crate::codegen::cx::fast_paths::TracePaths;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::mir::{FunctionId, Operand};

// The code below writes a table of two words for each row, row 0 included, behind one word.
const _: () = assert!(size_of::<TraceSpawns>() == 8 && size_of::<TraceSpawn>() == 16);

/// The number of the last row of the table: the number has 16 bits in an event.
const LAST_ROW: usize = u16::MAX as usize;

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Records an event of the buffer of a channel.
    pub(super) fn buffer(&mut self, kind: TraceKind, operands: &[Operand]) {
        let Some(trace) = self.cx.fast_paths.trace else { return };
        let list = self.list_of(&operands[0]);
        let head = self.cx.types.word.const_int(TraceEvent::head_of(kind, 0, 0), false);
        let worker = self.cx.current_worker();
        self.cx.builder.call(trace.buffer, &[worker.into(), list.into(), head.into()], "");
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Starts a thread as `start_thread` does, and records its spawn.
    pub(super) fn start_traced(
        &mut self,
        trace: TracePaths<'ctx>,
        site: PointerValue<'ctx>,
        function: FunctionId,
        entry: BasicValueEnum<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> BasicValueEnum<'ctx> {
        let name = self.string(&self.input.program.functions[function].name);
        let row = self.row(site, name);
        let row = self.types.int(row).into();
        let worker = self.current_worker().into();
        let (task, sp) = self.new_thread(worker, site.into(), entry, arguments);
        self.builder.call(trace.spawn, &[worker, task, row], "");
        self.builder.call(self.fast_paths.ready, &[worker, sp], "");
        task
    }

    /// The row of the table of spawns for a site and the name of a function; 0 if the table is full.
    fn row(&mut self, site: PointerValue<'ctx>, name: PointerValue<'ctx>) -> usize {
        let rows = &mut self.spawns.rows;
        if let Some(known) = rows.iter().position(|row| *row == [site, name]) {
            return known + 1;
        }
        if rows.len() == LAST_ROW {
            return 0;
        }
        rows.push([site, name]);
        rows.len()
    }

    /// Defines the table of spawns, in a program that is compiled for tracing.
    pub(in crate::codegen) fn define_spawns(&self) {
        if self.fast_paths.trace.is_none() {
            return;
        }
        let none = self.types.pointer.const_null();
        let rows = [[none, none]].into_iter().chain(self.spawns.rows.iter().copied());
        let pointers: Vec<_> = rows.flatten().collect();
        let count = self.types.int(pointers.len() / 2);
        let table = self.types.pointer.const_array(&pointers);
        let value = self.context.const_struct(&[count.into(), table.into()], false);
        let global = self.module.add_global(value.get_type(), None, TRACE_SPAWNS_SYMBOL);
        global.set_initializer(&value);
        global.set_constant(true);
        global.set_visibility(GlobalVisibility::Hidden);
        global.set_alignment(8);
    }
}
