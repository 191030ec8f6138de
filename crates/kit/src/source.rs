//! Generates the product's definition and its feature constants as source code, one file for each
//! language with an SDK. The product trusts only these compiled-in values, never a file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use latchkey_issuer::{Feature, Product, Vendor};

use crate::store_policy::{DefaultStore, KitScope, KitStorePolicy};

/// The data from which the source files of a kit are generated.
pub(super) struct ProductSource<'d> {
    pub(super) vendor: &'d Vendor,
    pub(super) product: &'d Product,
    pub(super) store: KitStorePolicy,
}

const BEGINNING: &str =
    "Written by `latchkey-server kit`. Compiled in, this is what the product believes.";

impl ProductSource<'_> {
    /// Every file's name in the kit, and what is in it.
    pub(super) fn files(&self) -> [(&'static str, String); 5] {
        [
            ("latchkey_product.rs", self.rust()),
            ("latchkey_product.h", self.c()),
            ("latchkey_product.py", self.python()),
            ("LatchkeyProduct.cs", self.csharp()),
            ("latchkey_product.go", self.go()),
        ]
    }

    fn rust(&self) -> String {
        let (default, file_allowed) = match self.store.default {
            DefaultStore::Keyring => ("Keyring", true),
            DefaultStore::File => ("File", true),
            DefaultStore::KeyringOnly => ("Keyring", false),
        };
        let scope = match self.store.scope {
            KitScope::User => "User",
            KitScope::Machine => "Machine",
        };
        let mut text = format!(
            "// {BEGINNING} For `include!`.\n\n\
             /// The product.\n\
             pub const PRODUCT: latchkey_sdk::Product<'static> = latchkey_sdk::Product {{\n    \
             vendor_id: [{}],\n    number: {},\n    vendor_keys: &VENDOR_KEYS,\n    vendor_name: {},\n    \
             name: {},\n    store: latchkey_sdk::StorePolicy {{\n        \
             scope: latchkey_sdk::Scope::{scope},\n        default: latchkey_sdk::StoreKind::{default},\n        \
             file_allowed: {file_allowed},\n    }},\n}};\n\n\
             /// The vendor's public keys, the active one first, then the spare. Only leases that \
             one of them signed are valid.\n\
             pub const VENDOR_KEYS: [[u8; 64]; {}] = [\n",
            bytes(self.vendor.id.as_bytes()),
            self.product.number,
            quote(&self.vendor.name),
            quote(&self.product.name),
            self.vendor.keys.len(),
        );
        self.keys(&mut text, "    [", "    ],");
        text.push_str("];\n\n");
        for (name, feature) in self.features() {
            let _ = writeln!(
                text,
                "/// {}\npub const FEATURE_{name}: u32 = {};",
                feature_comment(feature),
                feature.number
            );
        }
        text
    }

    fn c(&self) -> String {
        let store = match self.store.default {
            DefaultStore::Keyring => "LATCHKEY_STORE_KEYRING",
            DefaultStore::File => "LATCHKEY_STORE_FILE",
            DefaultStore::KeyringOnly => "LATCHKEY_STORE_KEYRING_ONLY",
        };
        let scope = match self.store.scope {
            KitScope::User => "LATCHKEY_SCOPE_USER",
            KitScope::Machine => "LATCHKEY_SCOPE_MACHINE",
        };
        let count = self.vendor.keys.len();
        let mut text = format!(
            "/* {BEGINNING} */\n\n#ifndef LATCHKEY_PRODUCT_H\n#define LATCHKEY_PRODUCT_H\n\n\
             #include \"latchkey.h\"\n\n\
             /* The vendor's public keys, the active one first, then the spare. Only leases that \
             one of them signed are valid. */\n\
             static const uint8_t LATCHKEY_VENDOR_KEYS[{count}][64] = {{\n",
        );
        self.keys(&mut text, "    {", "    },");
        let trigraphs = |text: &str| quote(text).replace('?', "\\?");
        let _ = write!(
            text,
            "}};\n\n/* The product. */\nstatic const latchkey_product LATCHKEY_PRODUCT = {{\n    \
             sizeof(latchkey_product),\n    {{{}}},\n    {},\n    {scope},\n    {store},\n    {count},\n    \
             LATCHKEY_VENDOR_KEYS,\n    {},\n    {},\n}};\n\n",
            bytes(self.vendor.id.as_bytes()),
            self.product.number,
            trigraphs(&self.vendor.name),
            trigraphs(&self.product.name),
        );
        for (name, feature) in self.features() {
            let _ = writeln!(
                text,
                "/* {} */\n#define FEATURE_{name} {}u",
                feature_comment(feature),
                feature.number
            );
        }
        text.push_str("\n#endif\n");
        text
    }

    fn python(&self) -> String {
        let store = match self.store.default {
            DefaultStore::Keyring => "KEYRING",
            DefaultStore::File => "FILE",
            DefaultStore::KeyringOnly => "KEYRING_ONLY",
        };
        let scope = match self.store.scope {
            KitScope::User => "USER",
            KitScope::Machine => "MACHINE",
        };
        let mut text = format!(
            "\"\"\"{BEGINNING}\"\"\"\n\nfrom latchkey import Product, Scope, Store\n\nPRODUCT = Product(\n    \
             vendor_id=bytes.fromhex(\"{}\"),\n    number={},\n    vendor_keys=(\n",
            self.vendor.id, self.product.number,
        );
        for keys in &self.vendor.keys {
            let _ = writeln!(text, "        bytes.fromhex(\"{}\"),", keys.to_hex());
        }
        let _ = write!(
            text,
            "    ),\n    vendor_name={},\n    name={},\n    scope=Scope.{scope},\n    store=Store.{store},\n)\n\n",
            quote(&self.vendor.name),
            quote(&self.product.name),
        );
        for (name, feature) in self.features() {
            let _ = writeln!(
                text,
                "#: {}\nFEATURE_{name} = {}",
                feature_comment(feature),
                feature.number
            );
        }
        text
    }

    fn csharp(&self) -> String {
        let store = match self.store.default {
            DefaultStore::Keyring => "Keyring",
            DefaultStore::File => "File",
            DefaultStore::KeyringOnly => "KeyringOnly",
        };
        let scope = match self.store.scope {
            KitScope::User => "User",
            KitScope::Machine => "Machine",
        };
        let mut text = format!(
            "// {BEGINNING}\n\nnamespace Latchkey\n{{\n    internal static class LatchkeyProduct\n    {{\n        \
             public static readonly Product Product = new Product\n        {{\n            \
             VendorId = \"{}\",\n            Number = {},\n            VendorKeys = new[]\n            {{\n",
            self.vendor.id, self.product.number,
        );
        for keys in &self.vendor.keys {
            let _ = writeln!(text, "                \"{}\",", keys.to_hex());
        }
        let _ = write!(
            text,
            "            }},\n            VendorName = {},\n            Name = {},\n            \
             Scope = Scope.{scope},\n            Store = Store.{store},\n        }};\n\n",
            quote(&self.vendor.name),
            quote(&self.product.name),
        );
        for (name, feature) in self.features() {
            let _ = writeln!(
                text,
                "        /// <summary>{}</summary>\n        public const uint Feature{} = {};",
                feature_comment(feature).replace('<', "&lt;"),
                pascal_case(&name),
                feature.number
            );
        }
        text.push_str("    }\n}\n");
        text
    }

    fn go(&self) -> String {
        let store = match self.store.default {
            DefaultStore::Keyring => "StoreKeyring",
            DefaultStore::File => "StoreFile",
            DefaultStore::KeyringOnly => "StoreKeyringOnly",
        };
        let scope = match self.store.scope {
            KitScope::User => "ScopeUser",
            KitScope::Machine => "ScopeMachine",
        };
        let mut text = format!(
            "// {BEGINNING}\n// Call the package as your own.\n\npackage main\n\nimport \"latchkey\"\n\n\
             // Product is the product.\nvar Product = latchkey.Product{{\n\tVendorID: [8]byte{{{}}},\n\t\
             Number: {},\n\t\
             VendorKeys: [][64]byte{{\n",
            bytes(self.vendor.id.as_bytes()),
            self.product.number,
        );
        self.keys(&mut text, "\t\t{", "\t\t},");
        let _ = write!(
            text,
            "\t}},\n\tVendorName: {},\n\tName: {},\n\tScope: latchkey.{scope},\n\tStore: latchkey.{store},\n}}\n\n",
            quote(&self.vendor.name),
            quote(&self.product.name),
        );
        for (name, feature) in self.features() {
            let name = pascal_case(&name);
            let _ = writeln!(
                text,
                "// Feature{name} is {}\nconst Feature{name} uint32 = {}",
                feature_comment(feature),
                feature.number
            );
        }
        text
    }

    fn keys(&self, text: &mut String, before: &str, after: &str) {
        for keys in &self.vendor.keys {
            let _ = writeln!(text, "{before}");
            for row in keys.to_bytes().chunks(16) {
                let _ = writeln!(text, "        {},", bytes(row));
            }
            let _ = writeln!(text, "{after}");
        }
    }

    /// The features by names that are constants' in every language. Keys that differ by less than
    /// that get their number.
    fn features(&self) -> Vec<(String, &Feature)> {
        let mut taken = BTreeSet::new();
        let name = |feature: &Feature| feature.key.to_ascii_uppercase().replace('-', "_");
        self.product
            .features
            .iter()
            .map(|feature| {
                let mut own = name(feature);
                if !taken.insert(pascal_case(&own)) {
                    let _ = write!(own, "_N{}", feature.number);
                    taken.insert(pascal_case(&own));
                }
                (own, feature)
            })
            .collect()
    }
}

/// `RENDER_NODES` as `RenderNodes`.
fn pascal_case(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words.map(|word| format!("{}{}", &word[..1], word[1..].to_ascii_lowercase())).collect()
}

fn feature_comment(feature: &Feature) -> String {
    format!("`{}`, of type `{}`.", feature.key, feature.kind.name())
}

fn bytes(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    bytes.join(", ")
}

/// A literal as all five languages write it.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for symbol in text.chars() {
        match symbol {
            '"' | '\\' => quoted.extend(['\\', symbol]),
            // An older database may still hold them.
            _ if latchkey_issuer::is_unfit(symbol) => quoted.push(' '),
            _ => quoted.push(symbol),
        }
    }
    quoted.push('"');
    quoted
}
