//! `#[derive(HasErrorCode)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Error, Expr, Ident, LitStr, Result, Token};

use crate::variants::{Variant, VariantField, single_attribute, variants};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let mut codes = Vec::new();
    let mut details = Vec::new();
    for variant in variants(input)? {
        let (code, list) = arms(&variant)?;
        let pattern = &variant.pattern;
        codes.push(quote!(#pattern => #code,));
        details.push(quote!(#pattern => #list,));
    }
    let name = &input.ident;
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_variables, clippy::used_underscore_binding)]
        impl #impl_generics ::latchkey_token::HasErrorCode for #name #type_generics #bounds {
            fn code(&self) -> ::latchkey_token::ErrorCode {
                match self { #(#codes)* }
            }

            fn details(&self) -> ::std::vec::Vec<(&'static str, ::latchkey_token::ErrorArg)> {
                match self { #(#details)* }
            }
        }
    })
}

/// The code of a variant and the list of its details, as expressions in which its fields are bound.
fn arms(variant: &Variant<'_>) -> Result<(TokenStream, TokenStream)> {
    let Some(attribute) = single_attribute(variant.attributes, "code")? else {
        let message = format!(
            "`{}` has no code: add `#[code(codes::…)]`, or `#[code(transparent)]` if it wraps an error",
            variant.ident
        );
        return Err(Error::new_spanned(variant.ident, message));
    };
    let arguments: CodeArguments = attribute.parse_args()?;
    let extras = arguments.details.iter();
    match arguments.code {
        Code::Transparent => {
            let inner = variant.wrapped_field(attribute)?;
            if let Some(extra) = extras.into_iter().next() {
                return Err(Error::new_spanned(&extra.name, "`transparent` gives all details"));
            }
            refuse_options(variant, "`transparent` gives all details")?;
            Ok((
                quote!(::latchkey_token::HasErrorCode::code(#inner)),
                quote!(::latchkey_token::HasErrorCode::details(#inner)),
            ))
        }
        Code::Value(code) => {
            if let [Extra { name, value }] = arguments.details.as_slice()
                && name == "details"
            {
                refuse_options(variant, "`details` replaces all other details")?;
                return Ok((quote!(#code), quote!(#value)));
            }
            let mut list = Details::default();
            for field in &variant.fields {
                list.add_field(field)?;
            }
            for Extra { name, value } in extras {
                if name == "details" {
                    return Err(Error::new_spanned(name, "`details` replaces all other details"));
                }
                list.add(&name.unraw().to_string(), &quote!(&(#value)));
            }
            Ok((quote!(#code), list.into_expression()))
        }
    }
}

/// Refuses `#[detail(…)]` where no field gives a detail.
fn refuse_options(variant: &Variant<'_>, reason: &str) -> Result<()> {
    let mut attributes = variant.fields.iter().flat_map(|field| &field.field.attrs);
    match attributes.find(|attribute| attribute.path().is_ident("detail")) {
        Some(attribute) => Err(Error::new_spanned(attribute, reason)),
        None => Ok(()),
    }
}

/// `transparent`, or a code and details of its own: `codes::NAME, limit = MAX_NAME`.
struct CodeArguments {
    code: Code,
    details: Vec<Extra>,
}

enum Code {
    Transparent,
    Value(Box<Expr>),
}

/// `limit = MAX_NAME`; `details = …` for a list of all of them.
struct Extra {
    name: Ident,
    value: Expr,
}

impl Parse for CodeArguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let code = match input.parse()? {
            Expr::Path(path) if path.path.is_ident("transparent") => Code::Transparent,
            Expr::Assign(assignment) => {
                return Err(Error::new_spanned(assignment, "the code comes first"));
            }
            code => Code::Value(Box::new(code)),
        };
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let details = Punctuated::<Extra, Token![,]>::parse_terminated(input)?;
        Ok(Self { code, details: details.into_iter().collect() })
    }
}

impl Parse for Extra {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok(Self { name, value: input.parse()? })
    }
}

/// What `#[detail(…)]` changes about a field.
#[derive(Default)]
struct FieldOptions {
    skip: bool,
    name: Option<String>,
    display: bool,
    time: bool,
    flatten: bool,
    /// The name of a detail that has the number of elements.
    len: Option<String>,
}

impl FieldOptions {
    fn of(field: &VariantField<'_>) -> Result<Self> {
        let mut options = Self::default();
        let Some(attribute) = single_attribute(&field.field.attrs, "detail")? else {
            options.skip = field.field.ident.is_none();
            return Ok(options);
        };
        attribute.parse_nested_meta(|meta| {
            let known = |name: &str| meta.path.is_ident(name);
            if known("skip") {
                options.skip = true;
            } else if known("display") {
                options.display = true;
            } else if known("time") {
                options.time = true;
            } else if known("flatten") {
                options.flatten = true;
            } else if known("name") {
                options.name = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if known("len") {
                options.len = Some(meta.value()?.parse::<LitStr>()?.value());
            } else {
                let known = "`skip`, `name = \"…\"`, `display`, `time`, `len = \"…\"` or `flatten`";
                return Err(meta.error(format!("expected {known}")));
            }
            Ok(())
        })?;
        let ways = [options.skip, options.display, options.time, options.flatten];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            let message = "only one of `skip`, `display`, `time` and `flatten`";
            return Err(Error::new_spanned(attribute, message));
        }
        if (options.skip || options.flatten) && (options.name.is_some() || options.len.is_some()) {
            let message = "`skip` and `flatten` give no detail that could have a name";
            return Err(Error::new_spanned(attribute, message));
        }
        if field.field.ident.is_none()
            && options.name.is_none()
            && !options.skip
            && !options.flatten
        {
            let message = "a field without a name needs `name = \"…\"` to become a detail";
            return Err(Error::new_spanned(attribute, message));
        }
        Ok(options)
    }
}

/// The list of a variant's details while it is written.
#[derive(Default)]
struct Details {
    /// Lists of `(name, value)` that come one after the other.
    lists: Vec<TokenStream>,
    /// Entries of the list at the end.
    entries: Vec<TokenStream>,
}

impl Details {
    /// Adds a value by `ToErrorArg`. `reference` is a reference to it.
    fn add(&mut self, name: &str, reference: &TokenStream) {
        self.entries.push(quote!((#name, ::latchkey_token::ToErrorArg::to_error_arg(#reference))));
    }

    fn add_field(&mut self, field: &VariantField<'_>) -> Result<()> {
        let options = FieldOptions::of(field)?;
        let binding = &field.binding;
        if options.skip {
            return Ok(());
        }
        if options.flatten {
            self.close_list();
            self.lists.push(quote!(#binding.details()));
            return Ok(());
        }
        let name = options.name.unwrap_or_else(|| binding.unraw().to_string());
        if options.time {
            let time = quote!(::latchkey_token::ErrorArg::Time(#binding.timestamp()));
            self.entries.push(quote!((#name, #time)));
        } else if options.display {
            self.add(&name, &quote!(&::std::string::ToString::to_string(#binding)));
        } else {
            self.add(&name, &quote!(#binding));
        }
        if let Some(len) = options.len {
            self.add(&len, &quote!(&#binding.len()));
        }
        Ok(())
    }

    fn close_list(&mut self) {
        let entries = std::mem::take(&mut self.entries);
        if !entries.is_empty() {
            self.lists.push(quote!(::std::vec![#(#entries),*]));
        }
    }

    fn into_expression(mut self) -> TokenStream {
        self.close_list();
        let lists = self.lists;
        match lists.as_slice() {
            [] => quote!(::std::vec::Vec::new()),
            [list] => list.clone(),
            lists => quote!([#(#lists),*].concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn expanded(input: &DeriveInput) -> String {
        expand(input).unwrap().to_string().replace(' ', "")
    }

    fn message(input: &DeriveInput) -> String {
        expand(input).unwrap_err().to_string()
    }

    #[test]
    fn named_fields_become_details_and_unnamed_ones_don_t() {
        let expanded = expanded(&parse_quote! {
            enum TextError {
                #[code(codes::TOO_LARGE)]
                TooLarge { bytes: usize, #[detail(name = "most")] limit: usize },
                #[code(codes::SEAT)]
                Seat(SeatId),
            }
        });
        let value = |field: &str| format!("::latchkey_token::ToErrorArg::to_error_arg({field})");
        let (bytes, limit) = (value("bytes"), value("limit"));
        for arm in [
            "Self::TooLarge{bytes,limit}=>codes::TOO_LARGE,".to_owned(),
            format!(r#"=>::std::vec![("bytes",{bytes}),("most",{limit})]"#),
            "Self::Seat(_0)=>::std::vec::Vec::new()".to_owned(),
        ] {
            assert!(expanded.contains(&arm), "{arm} is missing in {expanded}");
        }
    }

    #[test]
    fn details_of_the_variant_come_after_its_fields_or_replace_them() {
        let expanded = expanded(&parse_quote! {
            enum NameError {
                #[code(codes::NAME, limit = MAX_NAME)]
                Name { name: String },
                #[code(codes::FULL, details = seats(in_use))]
                Full { in_use: Vec<Seat> },
            }
        });
        let name = expanded.find(r#"vec![("name","#).unwrap();
        assert!(
            expanded[name..]
                .contains(r#",("limit",::latchkey_token::ToErrorArg::to_error_arg(&(MAX_NAME)))]"#)
        );
        assert!(expanded.contains("Self::Full{in_use}=>seats(in_use),"));
    }

    #[test]
    fn a_struct_is_one_variant() {
        let expanded = expanded(&parse_quote! {
            #[code(codes::NO_WINDOW)]
            struct NoWindow { reason: String }
        });
        assert!(expanded.contains("Self{reason}=>codes::NO_WINDOW,"), "{expanded}");
    }

    #[test]
    fn a_variant_without_a_code_is_named() {
        let missing = message(&parse_quote! { enum NameError { Taken } });
        assert!(missing.starts_with("`Taken` has no code"), "{missing}");
    }

    #[test]
    fn contradictions_are_refused_with_the_reason() {
        for (input, reason) in [
            (
                parse_quote! { enum E { #[code(transparent)] A { inner: B } } },
                "`transparent` needs exactly one field, without a name: the wrapped error",
            ),
            (
                parse_quote! { enum E { #[code(transparent, limit = 3)] A(B) } },
                "`transparent` gives all details",
            ),
            (
                parse_quote! { enum E { #[code(codes::A, details = list(), limit = 3)] A } },
                "`details` replaces all other details",
            ),
            (
                parse_quote! { enum E { #[code(codes::A, details = list())] A { #[detail(skip)] b: B } } },
                "`details` replaces all other details",
            ),
            (
                parse_quote! { enum E { #[code(transparent)] A(#[detail(time)] B) } },
                "`transparent` gives all details",
            ),
            (
                parse_quote! { enum E { #[code(codes::A)] A { #[detail(skip, time)] at: Time } } },
                "only one of `skip`, `display`, `time` and `flatten`",
            ),
            (
                parse_quote! { enum E { #[code(codes::A)] A(#[detail(time)] Time) } },
                "a field without a name needs `name = \"…\"` to become a detail",
            ),
            (
                parse_quote! { enum E { #[code(codes::A)] A { #[detail(len)] rows: Vec<usize> } } },
                "expected `=`",
            ),
            (
                parse_quote! { enum E { #[code(codes::A)] #[code(codes::B)] A } },
                "a second `#[code(…)]`",
            ),
            (parse_quote! { union E { a: u32 } }, "a union isn't an error"),
        ] {
            assert_eq!(message(&input), reason);
        }
    }
}
