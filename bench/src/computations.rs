//! Programs that only compute: their sizes, and the output that they must print.
//!
//! Life, nbody, queens, quicksort and Takeuchi's function are the programs with which Farvardin and Reppy compared code
//! generators ("Compiling with continuations and LLVM", ML Family Workshop 2016). Collatz is a loop of a few
//! instructions: its extra time over C and Go is the price of the checks in an iteration. The other programs are from
//! the Computer Language Benchmarks Game. The expected outputs are published by the Benchmarks Game, or are the
//! output on which C and Go agree. Mandelbrot prints only a checksum. For the argument 1,000, the bitmap that the C
//! program writes has the published MD5 sum, `9beadc69396d01081a98cf5dc057ce89`.

/// A run of a program.
pub struct Run {
    /// The arguments.
    pub arguments: &'static [u64],
    /// The expected output, without the last newline; `[..]` matches any text within a line, and a line `...` any
    /// number of lines.
    pub output: &'static str,
}

/// A program and its sizes.
pub struct Computation {
    /// The file name without extension.
    pub program: &'static str,
    /// The run whose cost is subtracted: it contains little more than the program's start and end.
    pub small: Run,
    /// The run that is measured.
    pub large: Run,
    /// The run that is measured by `--quick`.
    pub quick: Run,
    /// Whether C takes part: false for programs that compare garbage collectors, because C has no collector.
    pub in_c: bool,
}

/// The five computations that have bars relative to unchecked C; their geometric mean has a bar relative to Go.
pub const FIVE: [&str; 5] = ["nbody", "queens", "spectral-norm", "fannkuch", "mandelbrot"];

impl Run {
    /// The arguments as the report shows them: `(10, 1,000)`.
    pub fn shown(&self) -> String {
        let arguments: Vec<String> = self.arguments.iter().map(|number| grouped(*number)).collect();
        format!("({})", arguments.join(", "))
    }
}

/// Makes a run from its arguments and its expected output.
pub const fn run(arguments: &'static [u64], output: &'static str) -> Run {
    Run { arguments, output }
}

/// The computations, in the order of the report.
pub static ALL: [Computation; 10] = [
    Computation {
        program: "life",
        small: run(&[1], "6"),
        large: run(&[1_103], "116"),
        quick: run(&[100], "121"),
        in_c: true,
    },
    Computation {
        program: "nbody",
        small: run(&[1], "-0.169075164\n-0.169074954"),
        large: run(&[5_000_000], "-0.169075164\n-0.169083134"),
        quick: run(&[10_000], "-0.169075164\n-0.169016441"),
        in_c: true,
    },
    Computation {
        program: "queens",
        small: run(&[1], "1"),
        large: run(&[11], "2680"),
        quick: run(&[8], "92"),
        in_c: true,
    },
    Computation {
        program: "quicksort",
        small: run(&[1], "0"),
        large: run(&[10_000_000], "5053553919281686167"),
        quick: run(&[1_000], "1447278783565031"),
        in_c: true,
    },
    Computation {
        program: "takeuchi",
        small: run(&[1, 1, 1], "1"),
        large: run(&[32, 22, 12], "13"),
        quick: run(&[18, 12, 6], "7"),
        in_c: true,
    },
    Computation {
        program: "spectral_norm",
        small: run(&[2], "1.183350177"),
        large: run(&[2_000], "1.274224152"),
        quick: run(&[100], "1.274219991"),
        in_c: true,
    },
    Computation {
        program: "fannkuch",
        small: run(&[3], "2\nPfannkuchen(3) = 2"),
        large: run(&[10], "73196\nPfannkuchen(10) = 38"),
        quick: run(&[7], "228\nPfannkuchen(7) = 16"),
        in_c: true,
    },
    Computation {
        program: "mandelbrot",
        small: run(&[8], "1405099380"),
        large: run(&[1_000], "1573666636"),
        quick: run(&[200], "3419197333"),
        in_c: true,
    },
    Computation {
        program: "collatz",
        small: run(&[1], "0"),
        large: run(&[3_000_000], "428343355"),
        quick: run(&[10_000], "849637"),
        in_c: true,
    },
    Computation {
        program: "binary_trees",
        small: run(&[6], BINARY_TREES_6),
        large: run(&[18], BINARY_TREES_18),
        quick: run(&[10], BINARY_TREES_10),
        in_c: false,
    },
];

const BINARY_TREES_6: &str = "\
stretch tree of depth 7\t check: 255\n\
64\t trees of depth 4\t check: 1984\n\
16\t trees of depth 6\t check: 2032\n\
long lived tree of depth 6\t check: 127";

const BINARY_TREES_10: &str = "\
stretch tree of depth 11\t check: 4095\n\
1024\t trees of depth 4\t check: 31744\n\
256\t trees of depth 6\t check: 32512\n\
64\t trees of depth 8\t check: 32704\n\
16\t trees of depth 10\t check: 32752\n\
long lived tree of depth 10\t check: 2047";

const BINARY_TREES_18: &str = "\
stretch tree of depth 19\t check: 1048575\n\
262144\t trees of depth 4\t check: 8126464\n\
65536\t trees of depth 6\t check: 8323072\n\
16384\t trees of depth 8\t check: 8372224\n\
4096\t trees of depth 10\t check: 8384512\n\
1024\t trees of depth 12\t check: 8387584\n\
256\t trees of depth 14\t check: 8388352\n\
64\t trees of depth 16\t check: 8388544\n\
16\t trees of depth 18\t check: 8388592\n\
long lived tree of depth 18\t check: 524287";

/// A number with separators: `1000000` as `1,000,000`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three_digits() {
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(grouped(100), "100");
        assert_eq!(run(&[10, 1_000], "").shown(), "(10, 1,000)");
    }
}
