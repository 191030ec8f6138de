//! `#[derive(ClassifiedError)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Expr, Result};

use crate::variants::{Variant, single_attribute, variants};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let default = match input.data {
        Data::Enum(_) => single_attribute(&input.attrs, "class")?,
        _ => None,
    };
    let mut arms = Vec::new();
    for variant in variants(input)? {
        let class = match single_attribute(variant.attributes, "class")?.or(default) {
            Some(attribute) => class(attribute, &variant)?,
            None => {
                let message = format!(
                    "`{}` has no class: add `#[class(…)]` to it, or to the enum for all variants",
                    variant.ident
                );
                return Err(Error::new_spanned(variant.ident, message));
            }
        };
        let pattern = &variant.pattern;
        arms.push(quote!(#pattern => #class,));
    }
    let name = &input.ident;
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_variables)]
        impl #impl_generics ::latchkey_issuer::ClassifiedError for #name #type_generics #bounds {
            fn class(&self) -> ::latchkey_issuer::ErrorClass {
                match self { #(#arms)* }
            }
        }
    })
}

/// `Conflict`, `transparent`, or an expression in which the variant's fields are bound.
fn class(attribute: &Attribute, variant: &Variant<'_>) -> Result<TokenStream> {
    let class: Expr = attribute.parse_args()?;
    Ok(match &class {
        Expr::Path(path) if path.path.is_ident("transparent") => {
            let inner = variant.wrapped_field(attribute)?;
            quote!(::latchkey_issuer::ClassifiedError::class(#inner))
        }
        Expr::Path(path) if path.path.get_ident().is_some() => {
            quote!(::latchkey_issuer::ErrorClass::#path)
        }
        other => quote!(#other),
    })
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn message(input: &DeriveInput) -> String {
        expand(input).unwrap_err().to_string()
    }

    #[test]
    fn a_variant_has_its_own_class_or_inherits_one() {
        let expanded = expand(&parse_quote! {
            #[class(Conflict)]
            enum SeatError {
                Taken,
                #[class(InvalidInput)]
                Name { name: String },
                #[class(transparent)]
                Database(DatabaseError),
            }
        });
        let expanded = expanded.unwrap().to_string();
        for arm in [
            "Self :: Taken => :: latchkey_issuer :: ErrorClass :: Conflict",
            "Self :: Name { name } => :: latchkey_issuer :: ErrorClass :: InvalidInput",
            "Self :: Database (_0) => :: latchkey_issuer :: ClassifiedError :: class (_0)",
        ] {
            assert!(expanded.contains(arm), "{arm} is missing in {expanded}");
        }
    }

    #[test]
    fn a_variant_without_a_class_is_named() {
        let missing = message(&parse_quote! { enum SeatError { Taken } });
        assert!(missing.starts_with("`Taken` has no class"), "{missing}");
    }

    #[test]
    fn a_transparent_variant_must_wrap_an_error() {
        let named = message(&parse_quote! {
            enum SeatError { #[class(transparent)] Taken { name: String } }
        });
        assert!(named.contains("exactly one field"), "{named}");
    }
}
