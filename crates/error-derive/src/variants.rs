//! What both derive macros need of a type: its variants (a struct counts as one), their attributes,
//! and patterns that bind every field.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, Ident, Result};

/// A variant of an enum, or a whole struct.
pub(crate) struct Variant<'i> {
    pub(crate) ident: &'i Ident,
    pub(crate) attributes: &'i [Attribute],
    pub(crate) fields: Vec<VariantField<'i>>,
    /// `Self::Variant { a, b }`, which binds each field.
    pub(crate) pattern: TokenStream,
}

/// A field, and the name that it is bound to: its own, or `_0`, `_1` and so on.
pub(crate) struct VariantField<'i> {
    pub(crate) field: &'i Field,
    pub(crate) binding: Ident,
}

impl Variant<'_> {
    /// The one unnamed field of a variant that only wraps another error.
    pub(crate) fn wrapped_field(&self, attribute: &Attribute) -> Result<&Ident> {
        match self.fields.as_slice() {
            [VariantField { field, binding }] if field.ident.is_none() => Ok(binding),
            _ => Err(Error::new_spanned(
                attribute,
                "`transparent` needs exactly one field, without a name: the wrapped error",
            )),
        }
    }
}

/// The variants of an enum, or the one of a struct.
pub(crate) fn variants(input: &DeriveInput) -> Result<Vec<Variant<'_>>> {
    match &input.data {
        Data::Struct(data) => {
            Ok(vec![variant(&input.ident, quote!(Self), &input.attrs, &data.fields)])
        }
        Data::Enum(data) => Ok(data
            .variants
            .iter()
            .map(|found| {
                let ident = &found.ident;
                variant(ident, quote!(Self::#ident), &found.attrs, &found.fields)
            })
            .collect()),
        Data::Union(data) => Err(Error::new_spanned(data.union_token, "a union isn't an error")),
    }
}

fn variant<'i>(
    ident: &'i Ident,
    path: TokenStream,
    attributes: &'i [Attribute],
    fields: &'i Fields,
) -> Variant<'i> {
    let bound: Vec<_> = fields
        .iter()
        .enumerate()
        .map(|(index, field)| VariantField {
            field,
            binding: field
                .ident
                .clone()
                .unwrap_or_else(|| format_ident!("_{index}", span = Span::call_site())),
        })
        .collect();
    let names = bound.iter().map(|field| &field.binding);
    let pattern = match fields {
        Fields::Named(_) => quote!(#path { #(#names),* }),
        Fields::Unnamed(_) => quote!(#path(#(#names),*)),
        Fields::Unit => path,
    };
    Variant { ident, attributes, fields: bound, pattern }
}

/// The one attribute of this name, if there is one.
pub(crate) fn single_attribute<'i>(
    attributes: &'i [Attribute],
    name: &str,
) -> Result<Option<&'i Attribute>> {
    let mut found = attributes.iter().filter(|attribute| attribute.path().is_ident(name));
    let first = found.next();
    match found.next() {
        Some(second) => Err(Error::new_spanned(second, format!("a second `#[{name}(…)]`"))),
        None => Ok(first),
    }
}
