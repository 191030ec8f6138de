//! The one text of a token, and the check symbols of what people type (sections 5.3 and 6 of the
//! specification). It is written and read here as it is; what people and programs make of it is
//! read in `recover`.

pub(crate) mod activation_code;
pub(crate) mod code_check;
pub(crate) mod frames;
pub(crate) mod layout;
pub(crate) mod lines;
pub(crate) mod placeholder;
pub(crate) mod read;
pub(crate) mod reed_solomon;
mod write;
