//! Checks all crates on which `weft`, its tests and the benchmarks depend: their licences, and that they come from the
//! registry. Cargo itself rejects a lock file whose checksums differ from the checksums in the registry.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

/// Licences that permit anyone to distribute an executable, and require a notice at most.
const ALLOWED: [&str; 7] =
    ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "Unicode-3.0"];

/// The packages of a workspace with their dependencies on this platform.
fn packages(manifest: &str) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu", "--manifest-path"])
        .arg(root.join(manifest))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    metadata["packages"].as_array().expect("there are packages").clone()
}

fn is_allowed(licence: &str) -> bool {
    let expression = Expression::parse_mode(licence, ParseMode::LAX);
    expression.is_ok_and(|expression| {
        expression.evaluate(|asked| asked.license.id().is_some_and(|id| ALLOWED.contains(&id.name)))
    })
}

/// The reason why a package is not acceptable, if there is one.
fn fault(package: &Value) -> Option<String> {
    let name = package["name"].as_str().expect("a package has a name");
    let licence = package["license"].as_str().unwrap_or("none");
    // A crate of this project has no `source` field.
    let source = package["source"].as_str().unwrap_or("registry+here");
    if !is_allowed(licence) {
        Some(format!("{name} has the licence {licence}"))
    } else if !source.starts_with("registry+") {
        Some(format!("{name} is from {source}, not from the registry"))
    } else {
        None
    }
}

#[test]
fn dependencies_are_from_the_registry_with_licences_that_allow_distribution() {
    let faults: Vec<String> = ["Cargo.toml", "bench/Cargo.toml"]
        .iter()
        .flat_map(|manifest| packages(manifest))
        .filter_map(|package| fault(&package))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn other_licences_and_sources_are_refused() {
    let package =
        |licence: &str, source: &str| serde_json::json!({"name": "x", "license": licence, "source": source});
    let registry = "registry+https://example.org";
    assert_eq!(fault(&package("GPL-3.0-only OR MIT", registry)), None);
    assert_eq!(
        fault(&package("GPL-3.0-only AND MIT", registry)).unwrap(),
        "x has the licence GPL-3.0-only AND MIT"
    );
    assert_eq!(fault(&serde_json::json!({"name": "x"})).unwrap(), "x has the licence none");
    let source = "git+https://example.org/x";
    assert_eq!(fault(&package("MIT", source)).unwrap(), format!("x is from {source}, not from the registry"));
}
