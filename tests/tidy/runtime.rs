//! Rules of the runtime: hot code has no loops, statics or thread-local storage, and `SAFETY` comments give reasons.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::{assert_none, is_test_file, rust_sources, sources, without_tests};

/// The parts of a file that hot code must not have, with their lines.
#[derive(Default)]
struct Forbidden(Vec<(usize, &'static str)>);

impl Forbidden {
    fn add(&mut self, part: &impl Spanned, what: &'static str) {
        self.0.push((part.span().start().line, what));
    }
}

impl<'ast> Visit<'ast> for Forbidden {
    fn visit_expr_loop(&mut self, part: &'ast syn::ExprLoop) {
        self.add(part, "a loop");
        visit::visit_expr_loop(self, part);
    }

    fn visit_expr_while(&mut self, part: &'ast syn::ExprWhile) {
        self.add(part, "a loop");
        visit::visit_expr_while(self, part);
    }

    fn visit_expr_for_loop(&mut self, part: &'ast syn::ExprForLoop) {
        self.add(part, "a loop");
        visit::visit_expr_for_loop(self, part);
    }

    fn visit_macro(&mut self, part: &'ast syn::Macro) {
        if part.path.is_ident("thread_local") {
            self.add(part, "thread-local storage");
        }
        visit::visit_macro(self, part);
    }

    fn visit_item_static(&mut self, part: &'ast syn::ItemStatic) {
        self.add(part, "a static");
        visit::visit_item_static(self, part);
    }
}

fn forbidden(file: &syn::File) -> Vec<(usize, &'static str)> {
    let mut found = Forbidden::default();
    found.visit_file(file);
    found.0
}

/// Hot code must have no loops: the compiler would insert a poll into a loop, and so a safepoint into the middle of a
/// change of the runtime's state. It must have no thread-local variables: LLVM may keep the address of such a variable
/// over a switch, after which the green thread may run on another OS thread.
#[test]
fn hot_code_has_no_loops_and_no_storage_of_its_own() {
    let mut faults = Vec::new();
    for (path, file) in rust_sources() {
        if path.starts_with("runtime/hot/src") {
            let found = forbidden(&file);
            faults.extend(found.iter().map(|(line, what)| format!("{path}:{line}: {what} in the hot code")));
        }
    }
    assert_none(faults);
}

#[test]
fn loops_and_storage_are_found() {
    let text = "static A: u8 = 0; thread_local! { static B: u8 = 0; } fn f() { loop { while g() { for _ in h {} } } }";
    let file = syn::parse_file(text).expect("it is Rust");
    let found: Vec<&str> = forbidden(&file).into_iter().map(|(_, what)| what).collect();
    assert_eq!(found, ["a static", "thread-local storage", "a loop", "a loop", "a loop"]);
}

/// A `SAFETY` comment must do more than pass the duty on to the caller. A promise that many functions need should be a
/// type, such as `Current` or `LockedList`.
#[test]
fn safety_comments_of_the_runtime_argue() {
    let mut faults = Vec::new();
    for (path, text) in sources(&[".rs"]) {
        let is_checked = path.starts_with("runtime/") && !is_test_file(&path);
        for (number, line) in text.lines().enumerate().filter(|_| is_checked) {
            if line.trim_start().starts_with("// SAFETY: as the caller promises") {
                faults.push(format!(
                    "{path}:{}: say which fact makes this sound, and why it holds",
                    number + 1
                ));
            }
        }
    }
    assert_none(faults);
}

/// The token of a running worker, `Current`, is made only by the code that makes the worker, and by functions to which
/// assembly passes the worker.
#[test]
fn tokens_of_the_running_worker_are_made_in_few_places() {
    const MAKERS: [&str; 5] = [
        "runtime/src/arch/current.rs",
        "runtime/src/entry/slow_paths.rs",
        "runtime/src/entry/values.rs",
        "runtime/src/sched/run_loop.rs",
        "runtime/src/workers/worker.rs",
    ];
    let mut faults = Vec::new();
    for (path, file) in rust_sources() {
        if !path.starts_with("runtime/src") || is_test_file(&path) || MAKERS.contains(&path.as_str()) {
            continue;
        }
        let text = without_tests(&file).into_token_stream().to_string();
        if text.contains("Current :: of (") || text.contains("Current :: here (") {
            faults.push(format!("{path}: makes a token of the running worker; take it from the caller"));
        }
    }
    assert_none(faults);
}
