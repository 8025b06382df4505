//! Tests of the readers of LLVM's texts.

use super::{assembly, llvm_ir};

const ASSEMBLY: &str = "\t.type\tweft.f,@function
weft.f:                                 # @weft.f
.Lfunc_begin0:
# %bb.0:
\t.loc\t1 4 0 prologue_end             # p.weft:4:0
\tcmpq\t%fs:112, %rsp
.LBB0_2:                                # %entry
\t.loc\t2 13 5                          # std/task.weft:13:5 @[ p.weft:6:29 @[ p.weft:7:1 ] ]
\tmovq\t%rdi, (%rsp)                    # 8-byte Spill
\t.loc\t1 0 3 is_stmt 0                 # p.weft:0:3
\tjmp\t.LBB0_2
.Lfunc_end0:
\t.size\tweft.f, .Lfunc_end0-weft.f
                                        # -- End function
";

#[test]
fn instructions_have_their_positions() {
    let functions = assembly::parse(ASSEMBLY);
    assert_eq!(functions.len(), 1);
    let items: Vec<(&str, usize)> =
        functions[0].items.iter().map(|item| (item.text.as_str(), item.chain.len())).collect();
    let spill = "movq\t%rdi, (%rsp)";
    assert_eq!(items, [("cmpq\t%fs:112, %rsp", 1), (".LBB0_2", 1), (spill, 3), ("jmp\t.LBB0_2", 3)]);
    let at = &functions[0].items[2].chain;
    assert_eq!(at[0], ("std/task.weft".to_owned(), 13, 5));
    assert_eq!(at[2], ("p.weft".to_owned(), 7, 1));
}

#[test]
fn functions_of_ir_have_their_lines() {
    let text = "define void @\"weft.A[B].f\"() !dbg !4 {\n  ret void, !dbg !2\n}\n\n!0 = !DIFile(filename: \"p.weft\", \
                directory: \"/\")\n!1 = distinct !DISubprogram(name: \"f\", file: !0, line: 1)\n\
                !2 = !DILocation(line: 3, column: 1, scope: !1, inlinedAt: !3)\n\
                !3 = !DILocation(line: 9, column: 1, scope: !1)\n";
    let functions = llvm_ir::functions(text);
    assert_eq!(functions[0].symbol, "weft.A[B].f");
    let places = llvm_ir::Positions::of(text).in_function(functions[0].text);
    assert_eq!(places.into_iter().collect::<Vec<_>>(), [("p.weft".to_owned(), 3), ("p.weft".to_owned(), 9)]);
}
