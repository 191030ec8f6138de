//! The command line as clap parses it. Values that have rules of their own are only taken as text
//! here, so that their errors carry an error code.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use latchkey_console::{exit_statuses, path};
use latchkey_kit::{DefaultStore, KitScope, KitStorePolicy};

use crate::listen::Listen;

/// The vendor's licensing server: manages products, entitlements and seats, and answers tokens.
///
/// Standard output carries only the result: tokens, one per line, or the table or report of a
/// command that changes nothing. All other messages and every error go to standard error. With
/// --json, standard output carries one JSON document, and an error is a JSON document on standard
/// error.
///
/// A leading ~ in a path means the home folder. A blank environment variable counts as unset,
/// except LATCHKEY_PASSPHRASE, which may consist of spaces.
#[derive(Debug, Parser)]
#[command(
    name = "latchkey-server",
    version = latchkey_console::VERSION,
    after_help = exit_statuses()
)]
pub(crate) struct Arguments {
    /// Folder with the vendor's data.
    #[arg(
        long,
        global = true,
        env = "LATCHKEY_DATA",
        default_value = "latchkey-data",
        value_name = "DIR",
        value_parser = path()
    )]
    pub(crate) data: PathBuf,
    /// Print the result as one JSON document.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// File whose first line is the passphrase of the signing keys. Without this option, the
    /// variable LATCHKEY_PASSPHRASE is used.
    #[arg(long, global = true, env = "LATCHKEY_PASSPHRASE_FILE", value_name = "FILE", value_parser = path())]
    pub(crate) passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the version, like --version.
    Version,
    /// Create a vendor in the data folder.
    Init {
        /// The vendor's name, as customers know it.
        #[arg(long)]
        vendor: String,
    },
    /// Manage products.
    #[command(subcommand)]
    Product(ProductCommand),
    /// Manage entitlements: what customers have bought.
    #[command(subcommand)]
    Entitlement(EntitlementCommand),
    /// Manage activation codes.
    #[command(subcommand)]
    Code(CodeCommand),
    /// Write the kit of a product: latchkey.toml for its installer, and the feature constants and
    /// public keys for its source code.
    Kit {
        /// The product's number.
        #[arg(long, value_name = "N")]
        product: u32,
        /// Folder to write to.
        #[arg(long, value_name = "DIR", value_parser = path())]
        out: PathBuf,
        /// URL of the licence portal, to which QR codes and print sheets point: at most 200 bytes,
        /// without user information, query and fragment.
        #[arg(long, value_name = "URL")]
        portal: Option<String>,
        #[command(flatten)]
        store: Store,
    },
    /// Make your own packages of the wizard and the command line for a product: from its kit, with
    /// package.toml, and from the prebuilt archives of a release. Needs neither data nor network.
    Package(PackageArguments),
    /// Write the completions and manual pages of this program.
    #[command(hide = true)]
    Documents {
        /// Folder to write to.
        #[arg(long, value_name = "DIR", value_parser = path())]
        out: PathBuf,
    },
    /// Issue response tokens for the request tokens in a text.
    Activate {
        /// Files that contain tokens, or the text of a token itself. Without one, or with -,
        /// standard input is read.
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
        /// The seat that this computer had before it was reinstalled. The installation that holds
        /// the seat now can no longer be refreshed.
        #[arg(long, value_name = "SEAT")]
        take_over: Option<String>,
        /// Activation code to use for this one request instead of its own, for example because that
        /// one is unknown, disabled, or for another product. The computer doesn't need to make
        /// another request. - reads the code from standard input.
        #[arg(long, allow_hyphen_values = true)]
        code: Option<String>,
    },
    /// Extend the leases of seats: issues a refresh token for each.
    Refresh {
        /// ID of the seat. If several are given, a refused seat doesn't affect the others.
        #[arg(required = true, value_name = "SEAT")]
        seats: Vec<String>,
    },
    /// Release the seats named by the deactivation tokens in a text.
    Deactivate {
        /// Files that contain tokens, or the text of a token itself. Without one, or with -,
        /// standard input is read.
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// Describe the tokens in a text without changing anything.
    Inspect {
        /// Files that contain tokens, or the text of a token itself. Without one, or with -,
        /// standard input is read.
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// List seats.
    Seats {
        /// List only the seats of this activation code's entitlement; - reads the code from
        /// standard input.
        #[arg(long, allow_hyphen_values = true)]
        code: Option<String>,
    },
    /// Manage a single seat.
    #[command(subcommand)]
    Seat(SeatCommand),
    /// List the audit log: everything that was granted, refused and changed.
    Audit,
    /// Manage notices: computers that customers have reported lost, and entitlements whose seats
    /// were returned early more often than they have seats.
    #[command(subcommand)]
    Notice(NoticeCommand),
    /// Show or change how often seats may be returned early.
    Policy {
        /// How many early deactivations within 365 days free a seat immediately. After that, the
        /// seat counts as taken until its lease and grace period have ended.
        #[arg(long, value_name = "N")]
        early_returns: Option<u32>,
    },
    /// Compare this machine's clock with the newest record and the machine's uptime. While the
    /// clock is in doubt, nothing is granted.
    Clock {
        #[command(subcommand)]
        what: Option<ClockCommand>,
    },
    /// Manage the vendor's signing keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Manage operators: the people who may use the admin pages.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Copy the whole data folder into a new folder, even while the server is running.
    Backup {
        /// Folder to create.
        #[arg(long, value_name = "DIR", value_parser = path())]
        out: PathBuf,
    },
    /// Restore a backup into the data folder, which must not contain data yet.
    Restore {
        /// Folder with the backup.
        #[arg(long, value_name = "DIR", value_parser = path())]
        from: PathBuf,
    },
    /// Serve the End User Portal, where customers exchange tokens, and the admin pages.
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on. A port alone means 127.0.0.1; 0.0.0.0:8080 or [::]:8080 means every
    /// address of this machine. Pages are served without TLS: put a TLS-terminating proxy in front.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "[ADDRESS:]PORT")]
    pub(crate) listen: Listen,
    /// A latchkey.toml that provides the vendor's name, help address, colour, logo and languages
    /// for the pages, and the path under which they are served (from its portal URL).
    #[arg(long, value_name = "FILE", value_parser = path())]
    pub(crate) look: Option<PathBuf>,
    /// Trust X-Forwarded-For (or else Forwarded) for client addresses. Use this only behind a
    /// proxy that sets the header. If an address is given, the header is trusted only from it.
    #[arg(long, value_name = "ADDRESS", require_equals = true)]
    pub(crate) behind_proxy: Option<Option<IpAddr>>,
}

/// Where licences may be stored. This binds the wizard and, compiled in, the product.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Store {
    /// Whom a licence is for.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) scope: KitScope,
    /// Where a licence is stored.
    #[arg(long = "store", value_enum, default_value_t)]
    pub(crate) default: DefaultStore,
}

impl Store {
    pub(crate) fn policy(self) -> KitStorePolicy {
        KitStorePolicy { scope: self.scope, default: self.default }
    }
}

/// What packages are made from.
#[derive(Debug, Args)]
pub(crate) struct PackageArguments {
    /// Folder with latchkey.toml, package.toml and the pictures that they name.
    #[arg(long, value_name = "DIR", value_parser = path())]
    pub(crate) kit: PathBuf,
    /// Folder with the archives and SHA256SUMS.
    #[arg(long = "from", value_name = "DIR", value_parser = path())]
    pub(crate) archives: PathBuf,
    /// Folder to write to.
    #[arg(long, value_name = "DIR", value_parser = path())]
    pub(crate) out: PathBuf,
    /// File with the releaser's public key. SHA256SUMS must be signed with it (minisign).
    #[arg(long, value_name = "FILE", value_parser = path())]
    pub(crate) release_key: Option<PathBuf>,
    /// Don't make the installer for Windows, which needs the program makensis (NSIS).
    #[arg(long)]
    pub(crate) no_installer: bool,
    /// File with a certificate and its key (PKCS #12), with which the programs for Windows and the
    /// installer are signed, by the program osslsigncode. Overrides package.toml.
    #[arg(long, value_name = "FILE", value_parser = path())]
    pub(crate) certificate: Option<PathBuf>,
    /// File with the passphrase of the certificate.
    #[arg(long, value_name = "FILE", value_parser = path())]
    pub(crate) certificate_passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProductCommand {
    /// Add a product.
    Add {
        /// The product's name.
        #[arg(long)]
        name: String,
        /// A feature and its type: bool (included or not), pool (a number at a time) or count (a
        /// total number). Features are numbered in the order given.
        #[arg(long, value_name = "KEY=bool|pool|count")]
        feature: Vec<String>,
    },
    /// List products and their features.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EntitlementCommand {
    /// Add an entitlement. Without --code, an activation code is generated.
    Add {
        /// The product's number.
        #[arg(long, value_name = "N")]
        product: u32,
        /// The number of seats.
        #[arg(long, value_name = "N")]
        seats: u32,
        #[command(flatten)]
        terms: Terms,
    },
    /// Change the given terms of an entitlement; --code adds a code. Current leases keep their
    /// terms until their next refresh.
    Set {
        /// ID of the entitlement.
        id: String,
        /// The number of seats.
        #[arg(long, value_name = "N")]
        seats: Option<u32>,
        #[command(flatten)]
        terms: Terms,
    },
    /// End an entitlement permanently.
    End {
        /// ID of the entitlement.
        id: String,
    },
    /// List entitlements with their activation codes.
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// Length of an offline lease: 15m, 12h, 30d, 2w, 1mo, 1y, or "30 days". Without it, nothing is
    /// granted offline; "none" removes it.
    #[arg(long, value_name = "INTERVAL")]
    pub(crate) offline_lease: Option<String>,
    /// No lease extends beyond this time: 2027-03-31 means the end of that day in UTC,
    /// 2027-03-31T12:00:00+02:00 (RFC 3339) an exact time, 1y a year from now; "none" removes it.
    #[arg(long, value_name = "DATE|TIME|INTERVAL")]
    pub(crate) subscription_end: Option<String>,
    /// How long the product keeps running after its lease expires; "none" removes it.
    #[arg(long, value_name = "INTERVAL")]
    pub(crate) grace: Option<String>,
    /// Every N-th renewal of a seat needs a request from its computer instead of a refresh, so that
    /// a copied licence is detected; 1 means every renewal. Without it, no renewal needs a request;
    /// "none" removes it.
    #[arg(long, value_name = "N")]
    pub(crate) request_every: Option<String>,
    /// How many seats may be used beyond the number of seats.
    #[arg(long, value_name = "N")]
    pub(crate) overdraft: Option<u32>,
    /// The customer; "none" removes it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) customer: Option<String>,
    /// An activation code of your own choice, with A to Z, 0 to 9 and dashes; - reads it from
    /// standard input.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) code: Vec<String>,
    /// A feature of the licence: true, false, or a whole number; "none" removes the feature.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) feature: Vec<String>,
    /// Free text for the product; KEY= removes the attribute.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) attribute: Vec<String>,
    /// Accept a code of fewer than 16 symbols, which can be guessed.
    #[arg(long)]
    pub(crate) allow_weak_code: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CodeCommand {
    /// Add an activation code to an entitlement. Without CODE, one is generated.
    Add {
        /// ID of the entitlement.
        entitlement: String,
        /// The code; - reads it from standard input.
        #[arg(allow_hyphen_values = true)]
        code: Option<String>,
        /// Accept a code of fewer than 16 symbols, which can be guessed.
        #[arg(long)]
        allow_weak_code: bool,
    },
    /// Disable an activation code, so that it activates no further computers.
    Disable {
        /// The code; - reads it from standard input.
        #[arg(allow_hyphen_values = true)]
        code: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SeatCommand {
    /// Release a seat whose computer is lost. Its lease may still be running, so the seat counts as
    /// taken until its lease and grace period have ended.
    Release {
        /// ID of the seat.
        seat: String,
        /// Free the seat immediately, even if its lease is still running.
        #[arg(long)]
        now: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum NoticeCommand {
    /// List open notices. Releasing a seat closes its notice.
    List,
    /// Dismiss a notice without releasing the seat.
    Dismiss {
        /// ID of the seat.
        #[arg(required_unless_present = "entitlement")]
        seat: Option<String>,
        /// ID of an entitlement whose seats were returned early more often than it has seats.
        #[arg(long, value_name = "ID", conflicts_with = "seat")]
        entitlement: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Show the comparison.
    Status,
    /// Confirm that the clock is right, even if it is earlier than the newest record. Check the
    /// clock first.
    Confirm,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys and show which of them are on this machine.
    List,
    /// Make the spare key the active one and generate a new spare key.
    Rotate,
    /// Seal every key on this machine with a new passphrase, which replaces the current one.
    Seal {
        /// File whose first line is the new passphrase; - reads it from standard input. On a
        /// terminal it is asked for twice and not shown.
        #[arg(long, value_name = "FILE", value_parser = path())]
        new_passphrase_file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Add an operator.
    Add {
        /// The name with which the operator signs in.
        name: String,
        /// File whose first line is the passphrase, of at least 12 characters; - reads it from
        /// standard input. On a terminal it is asked for twice and not shown.
        #[arg(long, value_name = "FILE", default_value = "-", value_parser = path())]
        from: PathBuf,
    },
    /// Change an operator's passphrase. This also unlocks a locked account.
    Passphrase {
        /// The operator's name.
        name: String,
        /// File whose first line is the passphrase, of at least 12 characters; - reads it from
        /// standard input. On a terminal it is asked for twice and not shown.
        #[arg(long, value_name = "FILE", default_value = "-", value_parser = path())]
        from: PathBuf,
    },
    /// Require a second factor of an operator, and print the URI for an authenticator app once.
    SecondFactor {
        /// The operator's name.
        name: String,
        /// Stop requiring a second factor.
        #[arg(long)]
        off: bool,
    },
    /// Remove an operator.
    Remove {
        /// The operator's name.
        name: String,
    },
    /// List the operators.
    List,
}
