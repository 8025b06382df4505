//! The inlining plan: which fast paths are inlined and which are outlined.

use super::*;

/// A number of yields that exceeds the budget of one function.
const TOO_MANY: usize = 300;

const INLINED: &str = "call void @swapstack(";
const CALLED: &str = "@\"weft.yield (shared)\"(";

/// Builds many yields in a row, then an endless loop that yields.
fn many_and_a_loop(f: &mut FunctionBuilder<'_>) {
    for _ in 0..TOO_MANY {
        f.effect(Rvalue::Yield);
    }
    let head = f.block();
    f.goto(head);
    f.at(head);
    f.effect(Rvalue::Yield);
    f.goto(head);
}

#[test]
fn a_function_holds_few_copies_of_a_hot_path_and_calls_the_rest() {
    let mut program = ProgramBuilder::new();
    program.function("main", &[], Type::Unit, many_and_a_loop);
    let ir = ir(&program.finish());
    let main = body_of(&ir, "main");
    let (inlined, called) = (main.matches(INLINED).count(), main.matches(CALLED).count());
    assert_eq!(inlined + called, TOO_MANY + 1);
    assert!((10..100).contains(&inlined), "{inlined} are inlined");
}

#[test]
fn a_loop_comes_first() {
    let mut program = ProgramBuilder::new();
    program.function("main", &[], Type::Unit, many_and_a_loop);
    let ir = ir(&program.finish());
    let last = body_of(&ir, "main").rsplit("\nbb1:").next().expect("there is a loop").to_owned();
    assert!(last.contains(INLINED) && !last.contains(CALLED), "{last}");
}

#[test]
fn what_a_loop_calls_comes_before_what_is_called_once() {
    let mut program = ProgramBuilder::new();
    let once: Vec<FunctionId> = (0..20)
        .map(|number| {
            program.function(&format!("once{number}"), &[], Type::Unit, |f| {
                (0..40).for_each(|_| f.effect(Rvalue::Yield));
                f.ret(Operand::Unit);
            })
        })
        .collect();
    let often = program.function("often", &[], Type::Unit, |f| {
        f.effect(Rvalue::Yield);
        f.ret(Operand::Unit);
    });
    program.function("main", &[], Type::Unit, |f| {
        once.iter().for_each(|&function| f.effect(Rvalue::Call(function, vec![])));
        let head = f.block();
        f.goto(head);
        f.at(head);
        f.effect(Rvalue::Call(often, vec![]));
        f.goto(head);
    });
    let ir = ir(&program.finish());
    assert!(body_of(&ir, "often").contains(INLINED));
    let all: usize = (0..20).map(|n| body_of(&ir, &format!("once{n}")).matches(INLINED).count()).sum();
    assert!((50..200).contains(&all), "{all} of 800 are inlined");
}
