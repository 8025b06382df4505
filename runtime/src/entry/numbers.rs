//! Functions of floats for which there is no instruction. They call the C library, which expects a large stack, so they
//! run on the worker's own stack.

pub(super) extern "C" fn weft_float_remainder(left: f64, right: f64) -> f64 {
    left % right
}

pub(super) extern "C" fn weft_float_sin(x: f64) -> f64 {
    x.sin()
}

pub(super) extern "C" fn weft_float_cos(x: f64) -> f64 {
    x.cos()
}

pub(super) extern "C" fn weft_float_tan(x: f64) -> f64 {
    x.tan()
}

pub(super) extern "C" fn weft_float_exp(x: f64) -> f64 {
    x.exp()
}

pub(super) extern "C" fn weft_float_ln(x: f64) -> f64 {
    x.ln()
}

pub(super) extern "C" fn weft_float_pow(x: f64, y: f64) -> f64 {
    x.powf(y)
}

pub(super) extern "C" fn weft_float_floor(x: f64) -> f64 {
    x.floor()
}

pub(super) extern "C" fn weft_float_ceil(x: f64) -> f64 {
    x.ceil()
}

pub(super) extern "C" fn weft_float_round(x: f64) -> f64 {
    x.round()
}

pub(super) extern "C" fn weft_float_asin(x: f64) -> f64 {
    x.asin()
}

pub(super) extern "C" fn weft_float_acos(x: f64) -> f64 {
    x.acos()
}

pub(super) extern "C" fn weft_float_atan(x: f64) -> f64 {
    x.atan()
}

pub(super) extern "C" fn weft_float_sinh(x: f64) -> f64 {
    x.sinh()
}

pub(super) extern "C" fn weft_float_cosh(x: f64) -> f64 {
    x.cosh()
}

pub(super) extern "C" fn weft_float_tanh(x: f64) -> f64 {
    x.tanh()
}

pub(super) extern "C" fn weft_float_log10(x: f64) -> f64 {
    x.log10()
}

pub(super) extern "C" fn weft_float_log2(x: f64) -> f64 {
    x.log2()
}

pub(super) extern "C" fn weft_float_cbrt(x: f64) -> f64 {
    x.cbrt()
}

pub(super) extern "C" fn weft_float_atan2(x: f64, y: f64) -> f64 {
    x.atan2(y)
}

pub(super) extern "C" fn weft_float_hypot(x: f64, y: f64) -> f64 {
    x.hypot(y)
}

pub(super) extern "C" fn weft_float_of_bits(bits: i64) -> f64 {
    f64::from_bits(bits as u64)
}
