//! The schema: every field of `latchkey.toml`, where it belongs, and the values that it accepts.

use latchkey_token::{ErrorArg, ToErrorArg};

/// A field of `latchkey.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRule {
    /// Its section with a dot after it, or empty. A `*` stands for a name that the vendor chooses.
    pub section: &'static str,
    /// Its name.
    pub key: &'static str,
    /// The values that it accepts.
    pub expected: Expected,
    /// Whether its section requires it.
    pub needed: bool,
    /// Its purpose, in Markdown.
    pub about: &'static str,
    /// What happens if an optional field is missing, in Markdown.
    pub default: &'static str,
    /// Its value in the example, in TOML. Empty if the example shows it in another way.
    pub example: &'static str,
}

/// All fields, in the order in which a person would write them. Any other field is refused.
#[rustfmt::skip]
pub const FIELDS: &[FieldRule] = &[
    required("", "format", Expected::Number, "The version of this file's format. This version reads 1.", "1"),
    required("", "vendor", Expected::Section, "The company that sells the product.", ""),
    required("vendor.", "id", Expected::Id, "The vendor's id, from the kit.", "\"3f1c9a5e7b204d68\""),
    required("vendor.", "name", Expected::Text, "The vendor's name as people know it.", "\"Acme\""),
    required("vendor.", "key", Expected::Keys, "The vendor's public keys, the active one first, then the spare one, each in a section of its own.", ""),
    required("vendor.key.", "public", Expected::PublicKey, "A public key from the kit.", ""),
    required("", "product", Expected::Section, "What is licensed.", ""),
    required("product.", "number", Expected::Number, "The product's number at the vendor.", "1"),
    required("product.", "name", Expected::Text, "The product's name, which is shown in the window's title and in the sentences.", "\"Acme CAD\""),
    optional("product.", "features", Expected::Section, "The features' names for people. Tokens contain only their numbers.", "features are shown by their numbers", ""),
    required("product.features.*.", "number", Expected::Number, "The feature's number, which is different for each feature.", "1"),
    required("product.features.*.", "type", Expected::FeatureKind, "`bool` is on or off, `pool` is checked out and returned, `count` only counts up.", "\"bool\""),
    optional("", "portal", Expected::Section, "The End User Portal.", "", ""),
    optional("portal.", "url", Expected::Address, "Its address, which is shown wherever a token has to be submitted there.", "the vendor's name is shown instead", "\"https://licence.acme.example\""),
    optional("", "help", Expected::Section, "Where people get help.", "", ""),
    optional("help.", "url", Expected::Text, "A web address, an e-mail address or a telephone number, which is shown on the help screen.", "none is shown", "\"support@acme.example\""),
    optional("", "look", Expected::Section, "The appearance and the languages of the wizard.", "", ""),
    optional("look.", "accent", Expected::Colour, "The colour of the buttons and of the ring. If its contrast is too low, the wizard moves it towards black (light theme) or white (dark theme) until it has a contrast of at least 4.5:1 with the background and with the text on it.", "a calm blue", "\"#3b5bdb\""),
    optional("look.", "logo", Expected::FileName, "An SVG or PNG file in the folder of this file, at most 512 KiB. It is shown as an image: scripts and links in it have no effect.", "the first letter of the product's name", "\"logo.svg\""),
    optional("look.", "languages", Expected::Languages, "The languages that are offered to this product's users, of those that the wizard has (`en`, `de`). The first one is used where the system prefers none of them.", "every available language; English where the system prefers another one", "[\"en\", \"de\"]"),
    optional("", "app", Expected::Section, "The wizard as an application of the desktop.", "", ""),
    optional("app.", "id", Expected::AppId, "The application's id: the class of its window, and the name of the folder with the window's own data. `latchkey-server package` writes it.", "the wizard's own", "\"com.acme.cad.licence\""),
    optional("", "store", Expected::Section, "Where the licence is kept.", "", ""),
    optional("store.", "scope", Expected::Scope, "Whose licence it is: the user's, or that of everyone on this computer (then it is a file that an administrator writes).", "`\"user\"`", "\"user\""),
    optional("store.", "default", Expected::StoreKind, "The computer's keyring, or a file that only this user on this computer can use.", "`\"keyring\"`", "\"keyring\""),
    optional("store.", "file", Expected::Permission, "Whether a file is offered to people whose keyring can't be used. It can't be forbidden if it is the default, or with the scope `\"machine\"`.", "`\"allowed\"`", "\"allowed\""),
];

const fn required(
    section: &'static str,
    key: &'static str,
    expected: Expected,
    about: &'static str,
    example: &'static str,
) -> FieldRule {
    FieldRule { section, key, expected, needed: true, about, default: "", example }
}

const fn optional(
    section: &'static str,
    key: &'static str,
    expected: Expected,
    about: &'static str,
    default: &'static str,
    example: &'static str,
) -> FieldRule {
    FieldRule { section, key, expected, needed: false, about, default, example }
}

/// The values that a field accepts; the variant's name selects the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// Non-empty text in quotes.
    Text,
    /// A section, or a table in braces.
    Section,
    /// One or more `[[vendor.key]]` sections.
    Keys,
    /// A whole number from 1 to 4294967295.
    Number,
    /// 16 hex digits.
    Id,
    /// 128 hex digits that are two public keys.
    PublicKey,
    /// A key that occurs only once.
    Unique,
    /// `"bool"`, `"pool"` or `"count"`.
    FeatureKind,
    /// `"user"` or `"machine"`.
    Scope,
    /// `"keyring"` or `"file"`.
    StoreKind,
    /// `"allowed"` or `"forbidden"`.
    Permission,
    /// `#` and six hex digits.
    Colour,
    /// A URL that begins with `https://` or `http://`.
    Address,
    /// The name of a file next to the configuration, without a path.
    FileName,
    /// A list of languages, such as `["en", "de"]`.
    Languages,
    /// A reverse domain name, such as `com.acme.cad`.
    AppId,
}

impl Expected {
    /// Returns the stable lower-case name, which the catalogue selects on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Section => "section",
            Self::Keys => "keys",
            Self::Number => "number",
            Self::Id => "id",
            Self::PublicKey => "public_key",
            Self::Unique => "unique",
            Self::FeatureKind => "feature_kind",
            Self::Scope => "scope",
            Self::StoreKind => "store_kind",
            Self::Permission => "permission",
            Self::Colour => "colour",
            Self::Address => "address",
            Self::FileName => "file_name",
            Self::Languages => "languages",
            Self::AppId => "app_id",
        }
    }
}

impl ToErrorArg for Expected {
    fn to_error_arg(&self) -> ErrorArg {
        self.name().to_error_arg()
    }
}
