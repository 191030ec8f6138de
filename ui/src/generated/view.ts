// Written from src-tauri/src/view.rs by `cargo test -p latchkey-wizard`. Don't edit.

export type Problem = { 
/**
 * Stable name, such as `token.truncated`.
 */
code: string, 
/**
 * The same as a number.
 */
number: number, 
/**
 * What happened.
 */
message: string, 
/**
 * What to do next.
 */
action: string, 
/**
 * The values that the sentences were made with, by name.
 */
details: { [key in string]: string }, };

export type AppView = { 
/**
 * Version of the wizard.
 */
version: string, 
/**
 * The language that is spoken: the name of its folder among the catalogues.
 */
language: string, 
/**
 * The vendor's configuration, or why it can't be used.
 */
config: ConfigView, 
/**
 * Text of the token files that the wizard was started with.
 */
opened: OpenedView | null, 
/**
 * Why the product has opened the wizard.
 */
reason: ReasonView | null, };

export type ReasonView = "activate" | "refresh" | "deactivate";

export type ConfigView = { "is": "ready", 
/**
 * What it says.
 */
product: ProductView, } | { "is": "broken", 
/**
 * Why.
 */
problem: Problem, 
/**
 * The file that was looked for.
 */
file: string, 
/**
 * The line that is to blame, counted from 1.
 */
line: number | null, 
/**
 * What stands in that line.
 */
text: string | null, };

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
 * Address of the End User Portal.
 */
portal: string | null, 
/**
 * Where help is: an address of any kind.
 */
help: string | null, 
/**
 * The vendor's colour, `#rrggbb`.
 */
accent: string | null, 
/**
 * The vendor's logo as a `data:` address.
 */
logo: string | null, 
/**
 * The computer's own name: the suggestion for the seat's name.
 */
computer_name: string, 
/**
 * Codes of the errors against which a file instead of the keyring helps; none where the vendor forbids it.
 */
file_helps_against: Array<string>, 
/**
 * Most bytes a seat name has in UTF-8.
 */
max_seat_name_bytes: number, };

export type TextView = { 
/**
 * That of all that can be used, one after another.
 */
text: string, 
/**
 * What is wrong with the others, each by its name.
 */
skipped: Problem | null, };

export type OpenedView = { "is": "text", 
/**
 * The text.
 */
text: string, 
/**
 * What is wrong with other files.
 */
skipped: Problem | null, } | { "is": "unreadable", 
/**
 * Why.
 */
problem: Problem, };

export type NewsView = { "is": "opened", 
/**
 * Their text.
 */
opened: OpenedView, } | { "is": "closing" };

export type StateView = "not_activated" | "active" | "lease_expired";

export type StatusView = { 
/**
 * The time by which this was judged.
 */
now: string, 
/**
 * The state.
 */
state: StateView, 
/**
 * The lease has run out but the product still runs.
 */
in_grace: boolean, 
/**
 * The seat, while there is a licence.
 */
seat: SeatView | null, 
/**
 * Requests that a response would be accepted for.
 */
pending_requests: number, 
/**
 * The newest of them.
 */
pending: PendingView | null, 
/**
 * Deactivations that haven't been handed in.
 */
outbox: Array<OutboxView>, 
/**
 * There is room in the outbox for one more deactivation.
 */
outbox_has_room: boolean, 
/**
 * A request may be made, as far as the licence is concerned.
 */
may_request: boolean, 
/**
 * How the computer's clock goes with what was seen or signed.
 */
clock: ClockView, 
/**
 * The licence doesn't run because of a clock that has jumped ahead, and for no other reason.
 */
over_by_clock: boolean, 
/**
 * Whether this is still the computer that was activated, while there is a licence.
 */
hardware: HardwareView | null, 
/**
 * What the wizard runs in.
 */
surroundings: SurroundingsView, };

export type ClockView = "right" | "behind" | "ahead";

export type HardwareView = { 
/**
 * The verdict.
 */
verdict: HardwareVerdictView, 
/**
 * Why the product doesn't run, where it is the hardware.
 */
reason: HardwareReasonView | null, 
/**
 * Until when the product runs, or ran, although too much has changed.
 */
until: string | null, 
/**
 * Names of the traits that aren't what they were, in words.
 */
changed: Array<string>, };

export type HardwareReasonView = "grace_ended" | "other_computer" | "not_recorded";

export type HardwareVerdictView = "passes" | "key_only" | "in_grace" | "over";

export type SurroundingsView = { 
/**
 * `computer`, `virtual_machine` or `container`.
 */
kind: string, 
/**
 * Whose virtual machine or container it is; `none` where that isn't known.
 */
by: string, };

export type SeatView = { 
/**
 * 16 hex digits.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * When it was activated.
 */
activated_at: string, 
/**
 * When the present lease began: activation or the newest refresh.
 */
lease_start: string, 
/**
 * When the present lease ends.
 */
lease_expiry: string, 
/**
 * Until when the product runs after that.
 */
grace_end: string | null, 
/**
 * The features that are switched on.
 */
features: Array<FeatureView>, };

export type FeatureView = { 
/**
 * Its key in the kit, or its number where the kit has none.
 */
key: string, 
/**
 * How many, for pools and counts.
 */
count: number | null, };

export type PendingView = { 
/**
 * The seat name in it.
 */
seat_name: string, 
/**
 * When it was made.
 */
created_at: string, };

export type RequestView = { 
/**
 * The token's text.
 */
token: string, 
/**
 * The licence as it is now.
 */
status: StatusView, };

export type OutboxView = { 
/**
 * 16 hex digits.
 */
id: string, 
/**
 * The seat that it gives back.
 */
seat_id: string, 
/**
 * When the licence was taken off this computer.
 */
created_at: string, 
/**
 * The token's text.
 */
token: string, };

export type DeactivatedView = { 
/**
 * Its place in the outbox.
 */
id: string, 
/**
 * The licence as it is now.
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
 * Wrong characters that were repaired.
 */
repaired: number, 
/**
 * Tokens in the text, this one included.
 */
tokens: number, } | { "outcome": "already_applied", 
/**
 * Response or refresh.
 */
kind: KindView, } | { "outcome": "error", 
/**
 * Why, and what to do.
 */
problem: Problem, 
/**
 * The kind of token, as far as it can be told.
 */
kind: KindView | null, };

export type AppliedView = { 
/**
 * What happened.
 */
did: DidView, 
/**
 * The licence as it is now.
 */
status: StatusView, };

export type DidView = "activated" | "refreshed" | "already_applied";

export type CopiedView = { 
/**
 * Characters that were read back.
 */
characters: number, 
/**
 * It stays there when the wizard is closed.
 */
outlives_window: boolean, };

export type PictureView = { 
/**
 * The picture as a `data:` address, its light margin included.
 */
address: string, 
/**
 * Modules on each side. Shown at a whole number of pixels for each it is sharp.
 */
side: number, };

export type WorksheetView = { 
/**
 * What it will be, once line 0 is right.
 */
kind: KindView | null, 
/**
 * Line 0, and the rows once that is right.
 */
lines: Array<LineView>, 
/**
 * Rows that are right, line 0 not counted.
 */
right: number, 
/**
 * The token, once every line is right.
 */
token: string | null, 
/**
 * What is wrong with the whole.
 */
problem: Problem | null, 
/**
 * It is still there when the window is closed.
 */
kept: boolean, };

export type LineView = { 
/**
 * Its number on the paper.
 */
number: number, 
/**
 * Symbols that it has.
 */
length: number | null, 
/**
 * What was typed.
 */
typed: string, 
/**
 * How it stands.
 */
state: LineStateView, 
/**
 * What is to be said about it.
 */
said: string | null, 
/**
 * What to do, where that isn't plain.
 */
how: string | null, 
/**
 * What it probably is. Only a person may take it.
 */
offered: string | null, 
/**
 * What was typed, in words for reading aloud, group by group.
 */
aloud: Array<string>, };

export type LineStateView = "empty" | "unfinished" | "right" | "wrong";

export type DetailView = { 
/**
 * Which group it belongs to.
 */
group: DetailGroupView, 
/**
 * What it is: `wizard-detail-…` of the catalogue.
 */
key: string, 
/**
 * Its value. None: there is none.
 */
value: DetailValueView | null, };

export type DetailGroupView = "licence" | "computer" | "programme";

export type DetailValueView = { "is": "text", 
/**
 * The text.
 */
text: string, } | { "is": "time", 
/**
 * RFC 3339 in UTC.
 */
time: string, } | { "is": "word", 
/**
 * The word's end of the message id.
 */
word: string, };
