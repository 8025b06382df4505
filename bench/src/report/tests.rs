use super::*;
use crate::benchmarks;
use crate::benchmarks::{Contestant, Figure as Asked};
use crate::toolchains::Language;

fn contestant(label: &'static str, language: Language) -> Contestant {
    Contestant { label, language, variant: "", workers: 1 }
}

fn measured(weft: Outcome, go: Outcome, bars: Vec<Bar>) -> Measured {
    let figure = Asked { name: "x".into(), title: "an x".into(), quantity: Quantity::Seconds, bars };
    Measured {
        figure,
        rows: vec![(contestant("Weft", Language::Weft), weft), (contestant("Go", Language::Go), go)],
    }
}

fn took(seconds: f64) -> Outcome {
    Outcome::Measured(Distribution::of(vec![seconds]))
}

fn report(results: Vec<Measured>) -> Report {
    Report::new(Machine { facts: vec![("CPU", "one".into())] }, Scale::Full, 1, results)
}

#[test]
fn bars_are_judged_by_the_medians() {
    const GO: Contestant = Contestant { label: "Go", language: Language::Go, variant: "", workers: 1 };
    let judged = |weft, bar| {
        let results = judge(&measured(took(weft), took(1.0), vec![bar]));
        (results[0].verdict, results[0].measured.clone())
    };
    assert_eq!(judged(0.2, Bar::Times(&[GO], 0.25)), (Verdict::Met, "0.200 x".into()));
    assert_eq!(judged(0.3, Bar::Times(&[GO], 0.25)), (Verdict::Missed, "0.300 x".into()));
    assert_eq!(judged(0.3, Bar::AtMost(0.25)), (Verdict::Missed, "300 ms".into()));
    assert_eq!(judged(0.3, Bar::Works), (Verdict::Met, "works".into()));
}

#[test]
fn what_is_absent_is_no_number() {
    let absent = || Outcome::Absent("no go".into());
    const GO: Contestant = Contestant { label: "Go", language: Language::Go, variant: "", workers: 1 };
    let report = report(vec![measured(took(1.0), absent(), vec![Bar::Times(&[GO], 0.25)])]);
    assert_eq!(report.bars[0].verdict, Verdict::Unknown);
    assert!(report.markdown().contains("|  | Go | absent | no go |  |"), "{}", report.markdown());
    assert!(report.json().contains(r#""result": "absent""#), "{}", report.json());
    assert!(report.weft_is_complete());
    assert!(!self::report(vec![measured(absent(), took(1.0), vec![])]).weft_is_complete());
}

#[test]
fn amounts_have_three_digits() {
    assert_eq!(amount(1.234e-9, "seconds"), "1.23 ns");
    assert_eq!(amount(0.25, "seconds"), "250 ms");
    assert_eq!(amount(2688.0, "bytes"), "2688 B");
    assert_eq!(amount(3.0 * 1024.0 * 1024.0, "bytes"), "3.00 MiB");
}

#[test]
fn quick_runs_are_not_judged() {
    let results = vec![measured(took(1.0), took(1.0), vec![Bar::AtMost(0.1)])];
    let report = Report::new(Machine { facts: vec![] }, Scale::Quick, 1, results);
    assert!(report.bars.is_empty());
    assert!(benchmarks::all(Scale::Quick).len() >= 9);
}
