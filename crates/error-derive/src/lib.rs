//! Derive macros for errors that have a stable code. `latchkey-token` and `latchkey-issuer` export
//! them beside the traits of the same names, and their documentation is there; no other crate
//! depends on this one.

mod class;
mod code;
mod variants;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `latchkey_token::HasErrorCode`; see there.
#[proc_macro_derive(HasErrorCode, attributes(code, detail))]
pub fn derive_has_error_code(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    code::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `latchkey_issuer::ClassifiedError`; see there.
#[proc_macro_derive(ClassifiedError, attributes(class))]
pub fn derive_classified_error(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    class::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
