//! Cases about emitted forms of a program. `// --- emit asm --raw -O2` names a form, which LLVM's FileCheck compares
//! with the case's `// CHECK` lines. If a case names several forms, each form has its own prefix instead of `CHECK`:
//! `// --- emit asm --raw -O0 prefix=O0`.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;

use super::case::{Case, Section, root};
use super::process;

/// Emits each form that the case names and checks it.
pub fn test(case: &Case) -> Result<(), Failed> {
    let mut forms = case.settings.iter().filter(|section| section.key == "emit").peekable();
    if forms.peek().is_none() {
        return Err("the case has no `// --- emit` line".into());
    }
    forms.try_for_each(|form| check(case, form))
}

fn check(case: &Case, form: &Section) -> Result<(), Failed> {
    let folder = case.unpack()?;
    let (options, prefixes): (Vec<&str>, Vec<&str>) =
        form.value.split_whitespace().partition(|word| !word.starts_with("prefix="));
    let prefix = prefixes.first().map_or("CHECK", |prefix| &prefix["prefix=".len()..]);
    let mut emit = process::weft();
    let emitted = process::finish(emit.current_dir(&folder).arg("emit").args(&options).arg(&case.path), "")?;
    if emitted.status != 0 {
        return Err(format!("weft emit {options:?}: status {}\n{}", emitted.status, emitted.stderr).into());
    }
    let mut filecheck = Command::new(llvm_tool("FileCheck"));
    filecheck.arg(root().join(&case.path)).arg(format!("--check-prefix={prefix}"));
    // FileCheck's message shows only a few lines, so the whole form is kept in this file.
    let whole = folder.join(format!("{prefix}.txt"));
    std::fs::write(&whole, &emitted.stdout)?;
    let checked = process::finish(filecheck.arg("--input-file").arg(&whole), "")?;
    if checked.status != 0 {
        return Err(format!("weft emit {options:?}:\n{}", checked.stderr).into());
    }
    Ok(())
}

/// The path of a tool of the LLVM with which the compiler is built.
pub fn llvm_tool(name: &str) -> PathBuf {
    let prefix = std::env::var_os("LLVM_SYS_221_PREFIX").map(PathBuf::from);
    let prefixes = prefix.into_iter().chain([Path::new("/usr/lib/llvm-22").to_owned()]);
    let tools = prefixes.map(|prefix| prefix.join("bin").join(name));
    tools.into_iter().find(|tool| tool.is_file()).unwrap_or_else(|| Path::new(name).to_owned())
}
