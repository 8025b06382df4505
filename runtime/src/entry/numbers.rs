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
