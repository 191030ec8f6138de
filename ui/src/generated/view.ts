// Generated from src-tauri/src/view.rs by `cargo test -p latchkey-wizard`. Don't edit.

export type Problem = { 
/**
 * Stable name, such as `token.truncated`.
 */
code: string, 
/**
 * The code as a number.
 */
number: number, 
/**
 * What happened.
 */
message: string, 
/**
 * The next step.
 */
action: string, 
/**
 * The values that were inserted into the message, by name.
 */
details: { [key in string]: string }, };

export type CatalogueView = { 
/**
 * The language's BCP 47 tag.
 */
language: string, 
/**
 * Its messages, in Fluent's syntax.
 */
messages: string, 
/**
 * What programs and files are called in them.
 */
names: NamesView, };

export type NamesView = { 
/**
 * The wizard.
 */
program: string, 
/**
 * The command line, in the catalogue's messages.
 */
command_line: string, 
/**
 * The configuration, in the catalogue's messages.
 */
config_file: string, };

export type AppView = { 
/**
 * Version of the wizard.
 */
version: string, 
/**
 * The vendor's configuration, or why it can't be used.
 */
config: ConfigView, 
/**
 * The token files that were named on the command line.
 */
opened_files: OpenedFiles | null, 
/**
 * Why the product has opened the wizard.
 */
reason: ReasonView | null, };

export type FirstView = { 
/**
 * The product.
 */
app: AppView, 
/**
 * The status of the licence, if the store has answered already.
 */
status: StatusView | null, };

export type ReasonView = "activate" | "refresh" | "deactivate";

export type ConfigView = { "type": "ready", 
/**
 * Its content.
 */
product: ProductView, } | { "type": "broken", 
/**
 * Why.
 */
problem: Problem, 
/**
 * The path of the file.
 */
file: string, 
/**
 * The invalid line, counted from 1.
 */
line: number | null, 
/**
 * The text of that line.
 */
text: string | null, };

export type AccentPaletteView = { 
/**
 * The accent of the light theme.
 */
light: AccentView, 
/**
 * The accent of the dark theme.
 */
dark: AccentView, };

export type AccentView = { 
/**
 * The colour of buttons and of the ring.
 */
fill: string, 
/**
 * The colour of text on the fill.
 */
on: string, };

export type ProductView = { 
/**
 * The vendor's name.
 */
vendor: string, 
/**
 * The product's name.
 */
name: string, 
/**
 * The URL of the End User Portal.
 */
portal: string | null, 
/**
 * Where to get help: a URL, a mail address or a phone number.
 */
help: string | null, 
/**
 * The accent colours of both themes.
 */
accent: AccentPaletteView, 
/**
 * The vendor's logo as a `data:` URL.
 */
logo: string | null, 
/**
 * The device's own name: the suggestion for the seat name.
 */
computer_name: string, 
/**
 * The codes of the errors that are solved by a file store instead of the keyring; empty if the
 * vendor forbids file stores.
 */
file_store_solves: Array<string>, 
/**
 * The largest length of a seat name in UTF-8, in bytes.
 */
max_seat_name_bytes: number, };

export type TextView = { 
/**
 * The text of all files that can be used, one after another.
 */
text: string, 
/**
 * What is wrong with the other files, each by its name.
 */
skipped: Problem | null, };

export type DroppedView = { 
/**
 * The text of all files that can be used, one after another.
 */
text: string, 
/**
 * What is wrong with the other files, each by its name.
 */
skipped: Problem | null, 
/**
 * What the text contains. `None` if that can't be determined without the store.
 */
inspection: InspectionView | null, };

export type OpenedFiles = { "type": "text", 
/**
 * The files' text, one after another.
 */
text: string, 
/**
 * What is wrong with the other files.
 */
skipped: Problem | null, } | { "type": "unreadable", 
/**
 * Why.
 */
problem: Problem, };

export type BackendEvent = { "type": "files_opened", 
/**
 * The files.
 */
files: OpenedFiles, } | { "type": "close_requested" };

export type StateView = "not_activated" | "active" | "lease_expired";

export type StatusView = { 
/**
 * The effective time for which this status was computed.
 */
now: string, 
/**
 * The state.
 */
state: StateView, 
/**
 * Whether the lease has expired but the product still runs.
 */
in_grace: boolean, 
/**
 * The seat, while there is a licence.
 */
seat: SeatView | null, 
/**
 * The number of requests to which a response would be accepted.
 */
pending_requests: number, 
/**
 * The newest of them.
 */
pending: PendingView | null, 
/**
 * Deactivations that weren't confirmed as delivered.
 */
outbox: Array<OutboxView>, 
/**
 * Whether the outbox has room for one more deactivation.
 */
outbox_has_room: boolean, 
/**
 * Whether the state of the licence allows a request.
 */
may_request: boolean, 
/**
 * Whether the device's clock agrees with the effective time.
 */
clock: ClockView, 
/**
 * Whether the licence is invalid only because the clock has jumped ahead.
 */
over_by_clock: boolean, 
/**
 * Whether this is still the device that was activated, while there is a licence.
 */
hardware: HardwareView | null, 
/**
 * What the wizard runs in.
 */
environment: EnvironmentView, };

export type ClockView = "right" | "behind" | "ahead";

export type HardwareView = { 
/**
 * The verdict.
 */
verdict: HardwareVerdictView, 
/**
 * Why the product doesn't run, if the hardware is the reason.
 */
reason: HardwareReasonView | null, 
/**
 * The end of the hardware grace period, or the time since which the product doesn't run here.
 */
until: string | null, 
/**
 * The names of the hardware traits that have changed, in the user's language.
 */
changed: Array<string>, };

export type HardwareReasonView = "grace_ended" | "other_computer" | "not_recorded";

export type HardwareVerdictView = "passes" | "key_only" | "in_grace" | "over";

export type EnvironmentView = { 
/**
 * `computer`, `virtual_machine` or `container`.
 */
kind: string, 
/**
 * The name of the virtual machine or container software; `none` if it is unknown.
 */
by: string, };

export type SeatView = { 
/**
 * 16 hex digits.
 */
id: string, 
/**
 * The seat name.
 */
name: string, 
/**
 * When it was activated.
 */
activated_at: string, 
/**
 * When the current lease began: the activation or the newest refresh.
 */
lease_start: string, 
/**
 * When the current lease ends.
 */
lease_expiry: string, 
/**
 * When the product stops running after that.
 */
grace_end: string | null, 
/**
 * The features that are switched on.
 */
features: Array<FeatureView>, };

export type FeatureView = { 
/**
 * The feature's key in the kit, or its number if the kit doesn't contain it.
 */
key: string, 
/**
 * The number, for pools and counts.
 */
count: number | null, };

export type PendingView = { 
/**
 * The seat name in the request.
 */
seat_name: string, 
/**
 * When the request was created.
 */
created_at: string, };

export type RequestView = { 
/**
 * The token's text.
 */
token: string, 
/**
 * The licence after the operation.
 */
status: StatusView, };

export type OutboxView = { 
/**
 * 16 hex digits.
 */
id: string, 
/**
 * The seat that the deactivation gives back.
 */
seat_id: string, 
/**
 * When the licence was removed from this device.
 */
created_at: string, 
/**
 * The token's text.
 */
token: string, };

export type DeactivatedView = { 
/**
 * The id of its outbox entry.
 */
id: string, 
/**
 * The licence after the operation.
 */
status: StatusView, };

export type KindView = "request" | "response" | "refresh" | "deactivation";

export type InspectionView = { "outcome": "ready", 
/**
 * Response or refresh.
 */
kind: KindView, 
/**
 * When the lease would end.
 */
lease_expiry: string | null, 
/**
 * The number of mistyped characters that were repaired.
 */
repaired: number, 
/**
 * The number of tokens in the text, including this one.
 */
tokens: number, 
/**
 * Whether a part of another token is in the text as well.
 */
has_part: boolean, } | { "outcome": "already_applied", 
/**
 * Response or refresh.
 */
kind: KindView, 
/**
 * Whether a part of another token is in the text as well.
 */
has_part: boolean, } | { "outcome": "error", 
/**
 * Why, and the next step.
 */
problem: Problem, 
/**
 * The kind of the token, if it is known.
 */
kind: KindView | null, };

export type AppliedView = { 
/**
 * What happened.
 */
outcome: ApplyOutcomeView, 
/**
 * The licence after the operation.
 */
status: StatusView, };

export type ApplyOutcomeView = "activated" | "refreshed" | "already_applied";

export type CopiedView = { 
/**
 * The number of characters that were read back.
 */
characters: number, 
/**
 * Whether the text stays on the clipboard when the wizard is closed.
 */
outlives_window: boolean, };

export type QrCodeView = { 
/**
 * The picture as a `data:` URL, including its light margin.
 */
url: string, 
/**
 * The number of modules on each side. The picture is sharp at a whole number of pixels per
 * module.
 */
modules: number, };

export type EntrySheetView = { 
/**
 * The kind of the token, once line 0 is right.
 */
kind: KindView | null, 
/**
 * Line 0, and the other rows once line 0 is right.
 */
lines: Array<LineView>, 
/**
 * The number of rows that are right, without line 0.
 */
right: number, 
/**
 * The token, once every line is right.
 */
token: string | null, 
/**
 * What is wrong with the token as a whole.
 */
problem: Problem | null, 
/**
 * Whether the draft is saved and survives closing the window.
 */
saved: boolean, };

export type LineView = { 
/**
 * The line's number on the paper.
 */
number: number, 
/**
 * The number of symbols that the line must have, if it is known.
 */
length: number | null, 
/**
 * What was typed.
 */
typed: string, 
/**
 * Whether the line is right.
 */
state: LineStateView, 
/**
 * What is wrong with the line.
 */
message: string | null, 
/**
 * What to do, if that isn't obvious.
 */
hint: string | null, 
/**
 * The likely correction. It is used only if the user accepts it.
 */
suggestion: string | null, 
/**
 * What was typed, spelled for reading aloud, group by group.
 */
spelling: Array<string>, };

export type LineStateView = "empty" | "unfinished" | "right" | "wrong";

export type DetailView = { 
/**
 * The group to which it belongs.
 */
group: DetailGroupView, 
/**
 * The row's label: the end of the message id `wizard-detail-<key>`.
 */
key: string, 
/**
 * The value, if there is one.
 */
value: DetailValueView | null, };

export type DetailGroupView = "licence" | "computer" | "programme";

export type DetailValueView = { "type": "text", 
/**
 * The text.
 */
text: string, } | { "type": "time", 
/**
 * RFC 3339 in UTC.
 */
time: string, } | { "type": "word", 
/**
 * The end of the message id.
 */
word: string, };
