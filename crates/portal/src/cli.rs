//! The command line as clap reads it. Values that have rules of their own are only taken as text here, so that
//! their errors come with a code.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use latchkey_console::{exit_statuses, path};

use crate::listen::Listen;

/// The vendor's side of Latchkey: products, entitlements, seats, and the tokens that people hand in.
///
/// Standard output carries what was asked for: tokens, one a line and nothing beside them, or the table or the report of
/// a command that only looks. What is said beside that, and every error, is on standard error. With --json there is one
/// document on standard output, and an error is a document on standard error.
///
/// Wherever a path is asked for, ~ at its front is the home folder. A variable that is empty isn't set.
#[derive(Debug, Parser)]
#[command(name = "latchkey-server", version, after_help = exit_statuses())]
pub(crate) struct Arguments {
    /// Folder of the vendor's data.
    #[arg(
        long,
        global = true,
        env = "LATCHKEY_DATA",
        default_value = "latchkey-data",
        value_name = "DIR",
        value_parser = path()
    )]
    pub(crate) data: PathBuf,
    /// Answer with one JSON document.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// File whose first line is the passphrase of the signing keys. Without it, the variable LATCHKEY_PASSPHRASE
    /// counts.
    #[arg(long, global = true, env = "LATCHKEY_PASSPHRASE_FILE", value_name = "FILE", value_parser = path())]
    pub(crate) passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Which version this is, as --version says it.
    Version,
    /// Set up a vendor in the data folder.
    Init {
        /// The name that customers know.
        #[arg(long)]
        vendor: String,
    },
    /// Products.
    #[command(subcommand)]
    Product(ProductCommand),
    /// Entitlements: what a customer bought.
    #[command(subcommand)]
    Entitlement(EntitlementCommand),
    /// Activation codes.
    #[command(subcommand)]
    Code(CodeCommand),
    /// Write what goes beside the product's installer and into its source: latchkey.toml, feature constants,
    /// public keys.
    Kit {
        /// Number of the product.
        #[arg(long, value_name = "N")]
        product: u32,
        /// Folder to write to.
        #[arg(long, value_name = "DIR", value_parser = path())]
        out: PathBuf,
        /// Address of the licence portal, which QR pictures and print sheets lead to: at most 200 bytes, without user,
        /// query and fragment.
        #[arg(long, value_name = "URL")]
        portal: Option<String>,
        #[command(flatten)]
        store: Store,
    },
    /// Answer request tokens, found in any text, with response tokens.
    Activate {
        /// Files with the text, or the text of a token itself; standard input without one, or for -.
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
        /// The seat that this computer had before it was reinstalled. The installation that has it now can't
        /// be refreshed any more.
        #[arg(long, value_name = "SEAT")]
        take_over: Option<String>,
        /// The activation code that counts for this one request, in the place of its own: where that isn't known, is disabled,
        /// or is for another product. The computer needs no other request. - reads it from standard input.
        #[arg(long, allow_hyphen_values = true)]
        code: Option<String>,
    },
    /// Prolong a seat's lease, or several seats': gives a refresh token for each.
    Refresh {
        /// Id of the seat. With several, one that is refused doesn't hold up the others.
        #[arg(required = true, value_name = "SEAT")]
        seats: Vec<String>,
    },
    /// Take deactivation tokens in, found in any text: their seats are free then.
    Deactivate {
        /// Files with the text, or the text of a token itself; standard input without one, or for -.
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// Say what is in a text, and do nothing.
    Inspect {
        /// Files with the text, or the text of a token itself; standard input without one, or for -.
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// List seats.
    Seats {
        /// Only those of this activation code's entitlement; - reads it from standard input.
        #[arg(long, allow_hyphen_values = true)]
        code: Option<String>,
    },
    /// One seat.
    #[command(subcommand)]
    Seat(SeatCommand),
    /// List everything that was granted, refused and changed.
    Audit,
    /// Notices: that a computer is gone, from people who know its activation code; that an entitlement's seats were
    /// given back early more often than it has seats.
    #[command(subcommand)]
    Notice(NoticeCommand),
    /// Show how often seats may be given back early, or change it.
    Policy {
        /// How many deactivations before the end of their leases free one seat at once, within 365 days. After that the
        /// seat counts as taken until lease expiry and grace are over.
        #[arg(long, value_name = "N")]
        early_returns: Option<u32>,
    },
    /// Compare this machine's clock with the newest record and the machine's running time. While it is in doubt
    /// nothing is granted.
    Clock {
        #[command(subcommand)]
        what: Option<ClockCommand>,
    },
    /// The vendor's signing keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Who may use the vendor's pages.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Copy the whole data folder into a new folder, while others work with it.
    Backup {
        /// Folder to make.
        #[arg(long, value_name = "DIR", value_parser = path())]
        out: PathBuf,
    },
    /// Put a backup into the data folder, where nothing is yet.
    Restore {
        /// Folder with the backup.
        #[arg(long, value_name = "DIR", value_parser = path())]
        from: PathBuf,
    },
    /// Serve the licence portal: web pages where people hand tokens in and get others back.
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen. A port alone is one of this machine itself, 127.0.0.1; 0.0.0.0:8080 or [::]:8080 is every
    /// address of it. Pages are served without TLS: put a proxy in front that speaks it.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "[ADDRESS:]PORT")]
    pub(crate) listen: Listen,
    /// A latchkey.toml whose vendor's name, help address, colour, logo and languages the pages take, and whose portal
    /// address says below which path they are.
    #[arg(long, value_name = "FILE", value_parser = path())]
    pub(crate) look: Option<PathBuf>,
    /// Believe X-Forwarded-For (or Forwarded, where that is missing) about where requests come from: only behind a proxy
    /// that sets it. With the proxy's address, only the proxy is believed.
    #[arg(long, value_name = "ADDRESS", require_equals = true)]
    pub(crate) behind_proxy: Option<Option<IpAddr>>,
}

/// Where licences may be kept. It binds the wizard and, compiled in, the product.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Store {
    /// Whose licence it is.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) scope: Scope,
    /// Where it is kept.
    #[arg(long = "store", value_enum, default_value_t)]
    pub(crate) default: DefaultStore,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// That of the user who is logged in.
    #[default]
    User,
    /// Everybody's on the computer, in a file that an administrator writes.
    Machine,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DefaultStore {
    /// In the keyring; a person without one may choose a file.
    #[default]
    Keyring,
    /// In a file.
    File,
    /// In the keyring and nowhere else.
    KeyringOnly,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProductCommand {
    /// Add a product.
    Add {
        /// Its name.
        #[arg(long)]
        name: String,
        /// A feature and its type: bool (included or not), pool (so many at a time) or count (so many in all).
        /// Features are numbered in the order given.
        #[arg(long, value_name = "KEY=bool|pool|count")]
        feature: Vec<String>,
    },
    /// List products and their features.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EntitlementCommand {
    /// Add an entitlement. Without --code it gets a code that is generated.
    Add {
        /// Number of the product.
        #[arg(long, value_name = "N")]
        product: u32,
        /// How many seats.
        #[arg(long, value_name = "N")]
        seats: u32,
        #[command(flatten)]
        terms: Terms,
    },
    /// Change an entitlement: only what is given changes; --code adds. Leases stay as they are until their next
    /// refresh.
    Set {
        /// Id of the entitlement.
        id: String,
        /// How many seats.
        #[arg(long, value_name = "N")]
        seats: Option<u32>,
        #[command(flatten)]
        terms: Terms,
    },
    /// End an entitlement for good.
    End {
        /// Id of the entitlement.
        id: String,
    },
    /// List entitlements with their activation codes.
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// How long an offline lease is: 15m, 12h, 30d, 2w, 1mo, 1y, or "30 days". Without it nothing is granted offline; "none"
    /// takes it away.
    #[arg(long, value_name = "INTERVAL")]
    pub(crate) offline_lease: Option<String>,
    /// No lease goes beyond this time: 2027-03-31 is the end of that day in UTC, 2027-03-31T12:00:00+02:00 (RFC 3339) a
    /// moment of it, 1y a year from now; "none" takes it away.
    #[arg(long, value_name = "DATE|TIME|INTERVAL")]
    pub(crate) subscription_end: Option<String>,
    /// How long the product runs on after lease expiry; "none" takes it away.
    #[arg(long, value_name = "INTERVAL")]
    pub(crate) grace: Option<String>,
    /// Each N-th renewal of a seat needs a request from its computer instead of a refresh, so that a copy of its licence
    /// is noticed; 1: every renewal does. Without it none does; "none" takes it away.
    #[arg(long, value_name = "N")]
    pub(crate) request_every: Option<String>,
    /// How many seats beyond the number of seats.
    #[arg(long, value_name = "N")]
    pub(crate) overdraft: Option<u32>,
    /// Whose it is; "none" takes it away.
    #[arg(long, value_name = "TEXT")]
    pub(crate) customer: Option<String>,
    /// An activation code of your own choice, A to Z, 0 to 9 and dashes; - reads it from standard input.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) code: Vec<String>,
    /// What the licence includes: true or false, or a whole number; "none" takes the feature out.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) feature: Vec<String>,
    /// Free text for the product; KEY= takes the attribute out.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) attribute: Vec<String>,
    /// Take a code of fewer than 16 symbols, which can be guessed.
    #[arg(long)]
    pub(crate) allow_weak_code: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CodeCommand {
    /// Add an activation code to an entitlement; without CODE one is generated.
    Add {
        /// Id of the entitlement.
        entitlement: String,
        /// The code; - reads it from standard input.
        #[arg(allow_hyphen_values = true)]
        code: Option<String>,
        /// Take a code of fewer than 16 symbols, which can be guessed.
        #[arg(long)]
        allow_weak_code: bool,
    },
    /// Disable an activation code: no new activations with it.
    Disable {
        /// The code; - reads it from standard input.
        #[arg(allow_hyphen_values = true)]
        code: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SeatCommand {
    /// Take a seat back ("the machine is gone"). Its lease may still run, so it counts as taken until lease
    /// expiry and grace are over.
    Release {
        /// Id of the seat.
        seat: String,
        /// Free at once, even if its lease still runs.
        #[arg(long)]
        now: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum NoticeCommand {
    /// List the notices that are open. Releasing a seat settles its notice.
    List,
    /// Put a notice aside without releasing the seat.
    Dismiss {
        /// Id of the seat.
        #[arg(required_unless_present = "entitlement")]
        seat: Option<String>,
        /// Id of an entitlement whose seats were given back early more often than it has seats.
        #[arg(long, value_name = "ID", conflicts_with = "seat")]
        entitlement: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Show the comparison.
    Status,
    /// Say that the clock is right, even if it is below the newest record. Look at it first.
    Confirm,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys, and which of them are on this machine.
    List,
    /// Make the spare key the active one, and a new spare.
    Rotate,
    /// Seal every key on this machine with a passphrase, in place of the one before or of none.
    Seal {
        /// File whose first line is the new passphrase; - reads standard input. A terminal asks for it twice and doesn't
        /// show it.
        #[arg(long, value_name = "FILE", value_parser = path())]
        new_passphrase_file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Add somebody.
    Add {
        /// The name to sign in with.
        name: String,
        /// File whose first line is the person's passphrase, of at least 12 characters. For - it is read from standard
        /// input; a terminal asks for it twice and doesn't show it.
        #[arg(long, value_name = "FILE", default_value = "-", value_parser = path())]
        from: PathBuf,
    },
    /// Give somebody another passphrase; that ends a lock too.
    Passphrase {
        /// The name.
        name: String,
        /// File whose first line is the person's passphrase, of at least 12 characters. For - it is read from standard
        /// input; a terminal asks for it twice and doesn't show it.
        #[arg(long, value_name = "FILE", default_value = "-", value_parser = path())]
        from: PathBuf,
    },
    /// Ask somebody for a second factor too, and print the address for the person's app, once.
    SecondFactor {
        /// The name.
        name: String,
        /// Ask for none any more.
        #[arg(long)]
        off: bool,
    },
    /// Take somebody's access away.
    Remove {
        /// The name.
        name: String,
    },
    /// List everybody.
    List,
}
