//! Runs the benchmark runner itself.

use std::process::{Command, Output};

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weft-bench")).args(arguments).output().expect("the runner starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn without_weft_the_report_says_so_and_the_run_fails() {
    let json = std::env::temp_dir().join(format!("weft-bench-{}.json", std::process::id()));
    let file = json.to_str().expect("a temporary directory in UTF-8");
    let output = bench(&["--quick", "--no-install", "--only", "fib", "--weft", "/no/weft", "--json", file]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let markdown = text(&output.stdout);
    assert!(markdown.contains("| fib(30) | **Weft** | absent | /no/weft does not start"), "{markdown}");
    // The report names the commit, or `unknown` without `git`.
    assert!(markdown.lines().any(|line| line.starts_with("- commit: ") && line.len() > 10), "{markdown}");
    let written = std::fs::read_to_string(&json).expect("the JSON is written");
    std::fs::remove_file(&json).expect("the JSON can be removed");
    let report: serde_json::Value = serde_json::from_str(&written).expect("it is JSON");
    assert_eq!(report["figures"][0]["rows"][0]["result"], "absent");
    assert!(report["figures"][0]["rows"][0]["median"].is_null());
}

/// Peers may be absent, but every contestant that takes part must print the right result.
#[test]
fn every_row_runs() {
    let json = std::env::temp_dir().join(format!("weft-bench-all-{}.json", std::process::id()));
    let file = json.to_str().expect("a temporary directory in UTF-8");
    let output = bench(&["--quick", "--no-install", "--rounds", "1", "--json", file]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let written = std::fs::read_to_string(&json).expect("the JSON is written");
    std::fs::remove_file(&json).expect("the JSON can be removed");
    let report: serde_json::Value = serde_json::from_str(&written).expect("it is JSON");
    for figure in report["figures"].as_array().expect("a list") {
        for row in figure["rows"].as_array().expect("a list") {
            let contestant = row["contestant"].as_str().expect("a name");
            let is_fine =
                row["result"] == "measured" || row["result"] == "absent" && !contestant.starts_with("Weft");
            assert!(is_fine, "{}: {row}", figure["name"]);
        }
    }
}

#[test]
fn a_name_that_nothing_has_is_wrong_usage() {
    assert_eq!(bench(&["--only", "nothing"]).status.code(), Some(2));
    assert_eq!(bench(&["--frobnicate"]).status.code(), Some(2));
    assert!(text(&bench(&["--list"]).stdout).lines().any(|line| line == "yield-1000000"));
}
