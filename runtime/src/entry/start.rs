//! The start of the process: settings, the first worker, the main green thread.

use weft_abi::TypeDescriptor;

use crate::arch::{self, valgrind};
use crate::gc;
use crate::io::leaks;
use crate::os;
use crate::sched::{monitor, panics};
use crate::stack::{grow, pool};
use crate::text::hash;
use crate::timeline;
use crate::workers::{inbox, random_schedule, registry, sigquit, worker};

/// Reads the settings in the environment.
fn settings() -> Result<gc::Settings, String> {
    let setting = |name| std::env::var_os(name).map(|text| text.to_string_lossy().into_owned());
    grow::set_max(setting("WEFT_STACK_MAX").as_deref())?;
    leaks::set(setting("WEFT_DEBUG").as_deref())?;
    hash::set_seed(setting("WEFT_SEED").as_deref())?;
    random_schedule::set(setting("WEFT_SCHEDULE").as_deref(), hash::is_given())?;
    let trace = setting("WEFT_TRACE").filter(|path| !path.is_empty());
    // The trace of a run with a seed shall be the same each time, and only schedules of a single worker repeat.
    let single = (trace.is_some() && hash::is_given()).then(|| "1".to_owned());
    registry::set_wanted(setting("WEFT_WORKERS").or(single).as_deref())?;
    let repeats = hash::is_given() && registry::is_single();
    monitor::set_time_slice(setting("WEFT_PREEMPT").as_deref(), repeats)?;
    let settings =
        gc::Settings::parse(setting("WEFT_GC_LOG").as_deref(), setting("WEFT_GC_STRESS").as_deref())?;
    timeline::start(trace.as_deref(), setting("WEFT_TRACE_EVENTS").as_deref(), repeats)?;
    Ok(settings)
}

/// The C entry point.
#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    unsafe extern "C" {
        // The symbol `weft_abi::layout::MAIN_SYMBOL`.
        fn weft_main();
        // The symbol `weft_abi::object::DESCRIPTORS_SYMBOL`.
        #[link_name = "weft_descriptors"]
        static DESCRIPTORS: TypeDescriptor;
    }
    if let Err(error) = os::open_standard_streams() {
        os::die(&format!("the runtime cannot start: /dev/null: {error}"));
    }
    valgrind::look();
    let settings = match settings() {
        Ok(settings) => settings,
        Err(message) => {
            eprintln!("weft: {message}");
            return 2;
        }
    };
    let started = os::report_faults(panics::fault)
        .and_then(|()| pool::reserve())
        .and_then(|()| sigquit::start())
        .and_then(|()| {
            // SAFETY: the table is a constant that the compiler writes for all objects of the program.
            unsafe { gc::start(&raw const DESCRIPTORS, settings)? };
            let current = worker::create()?;
            registry::add(current, inbox::own());
            random_schedule::start(current);
            Ok((current, worker::create_main(current, weft_main as *const u8)?))
        });
    match started {
        // SAFETY: the main thread was just created, and its stack pointer is in no queue.
        Ok((current, sp)) => unsafe { arch::enter(current.worker(), sp) },
        Err(error) => os::die(&format!("the runtime cannot start: {error}")),
    }
}
