/* Latchkey: may this product run?
 *
 * Written from the sources by `cargo xtask docs`; don't edit.
 *
 * Every function may be called from any thread. Strings are UTF-8. A `const char *` belongs to the handle that it was
 * asked of and lives as long; what else is given out says how it is given back. Calls that can fail give 0 or the
 * number of an error, and the error itself to whoever passes a place for it (`error` may be NULL). Numbers are never
 * used again for something else.
 *
 * The process may fork at any time, also in a callback, and the child may use the licences that it has from its parent
 * or open its own. A watch, and a callback that another thread was to make, stay with the parent.
 */

#ifndef LATCHKEY_H
#define LATCHKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Success.
#define LATCHKEY_OK 0

// The licence is that of whoever is logged in.
#define LATCHKEY_SCOPE_USER 0

// The licence is everybody's on the computer.
#define LATCHKEY_SCOPE_MACHINE 1

// The licence is in the keyring, and a person without one may choose a file.
#define LATCHKEY_STORE_KEYRING 0

// The licence is in a file.
#define LATCHKEY_STORE_FILE 1

// The licence is in the keyring and nowhere else.
#define LATCHKEY_STORE_KEYRING_ONLY 2

// The lease runs.
#define LATCHKEY_ACTIVE 1

// The lease is over and its grace isn't: the product runs.
#define LATCHKEY_IN_GRACE 2

// Lease and grace are over.
#define LATCHKEY_EXPIRED 3

// There is no licence on this computer.
#define LATCHKEY_NOT_ACTIVATED 4

// The computer's clock doesn't go with what is known of the time. The product runs as long as the lease does by the
// later of both; ask `latchkey_verdict_may_run`.
#define LATCHKEY_CLOCK_SUSPECT 5

// The computer has changed too much since the licence was granted.
#define LATCHKEY_HARDWARE_CHANGED 6

// The place where the licence is kept can't be used.
#define LATCHKEY_STORE_UNAVAILABLE 7

// What is kept there isn't the vendor's word to this computer, or was damaged.
#define LATCHKEY_TAMPERED 8

// The person wants to see the licence.
#define LATCHKEY_REASON_ASKED 0

// There is no licence, or it has to be requested anew.
#define LATCHKEY_REASON_ACTIVATE 1

// The lease is over or soon will be.
#define LATCHKEY_REASON_REFRESH 2

// The person wants to give the seat back.
#define LATCHKEY_REASON_DEACTIVATE 3

// Why a call failed. Give it back with `latchkey_error_free`.
typedef struct latchkey_error latchkey_error;

// A product's view of its licence. Open one and keep it; any number of threads may use it at once.
//
// It is a number that only looks like a pointer, and none is used twice: a licence that was closed is an error
// (`LATCHKEY_E_SDK_ARGUMENT`) in every function, and closing it again does nothing.
typedef struct latchkey_licence latchkey_licence;

// What a check said. Give it back with `latchkey_verdict_free`. Any number of threads may read it.
typedef struct latchkey_verdict latchkey_verdict;

// Is called when a check finds another verdict, or other terms, than the check before. The verdict is the library's:
// it lives until the function returns.
typedef void (*latchkey_change_callback)(void *user, const struct latchkey_verdict *verdict);

// A product: what it believes, and never takes from a file.
typedef struct latchkey_product {
  // `sizeof(latchkey_product)`: later versions may add fields at the end.
  size_t size;
  // The vendor's id.
  uint8_t vendor_id[8];
  // The product's number.
  uint32_t number;
  // `LATCHKEY_SCOPE_…`
  uint32_t scope;
  // `LATCHKEY_STORE_…`
  uint32_t store;
  // How many keys there are.
  uint32_t vendor_key_count;
  // The vendor's public keys, 64 bytes each, the active one first.
  const uint8_t (*vendor_keys)[64];
  // The vendor's name (UTF-8). Only shown; may be NULL.
  const char *vendor_name;
  // The product's name (UTF-8). Only shown; may be NULL.
  const char *name;
} latchkey_product;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Gives back a string that the library gave for keeps. NULL is fine.
void latchkey_string_free(char *string);

// The library's version, such as "0.1.0". The string lives for ever.
const char *latchkey_version(void);

// Has a function called whenever a check finds something else than the one before, until the licence is closed.
//
// It is called on the thread that checks, and one call at a time for each licence: what is found while a call runs, by
// another thread or by the callback itself, is told after that call, on its thread, and of several findings the last. A
// callback may check and close its own licence and any other one.
uint32_t latchkey_on_change(const struct latchkey_licence *licence,
                            latchkey_change_callback callback,
                            void *user,
                            struct latchkey_error **error);

// Checks in the background every so many seconds, from now on until the licence is closed or this is called again; so
// that callbacks come without the program asking. 0 ends it.
uint32_t latchkey_watch(const struct latchkey_licence *licence,
                        uint32_t every,
                        struct latchkey_error **error);

// The error's number, one of the `LATCHKEY_E_…` below. 0 for NULL.
uint32_t latchkey_error_number(const struct latchkey_error *error);

// The error's stable name, such as "store.locked". Lives as long as the error.
const char *latchkey_error_name(const struct latchkey_error *error);

// What happened, as a sentence for the person (UTF-8). Lives as long as the error.
const char *latchkey_error_message(const struct latchkey_error *error);

// What the person can do next (UTF-8). Lives as long as the error.
const char *latchkey_error_action(const struct latchkey_error *error);

// Gives an error back. NULL is fine.
void latchkey_error_free(struct latchkey_error *error);

// Checks, and says whether the product may run and its licence includes a feature.
bool latchkey_has_feature(const struct latchkey_licence *licence, uint32_t feature);

// Checks, and says how many elements or uses the licence includes of a feature; 0 where the product may not run.
uint64_t latchkey_limit(const struct latchkey_licence *licence,
                        uint32_t feature);

// Would take elements out of a pool, or use up some of a usage count. Under an offline lease, and there is no other, it
// fails with `LATCHKEY_E_FEATURE_OFFLINE`, whose message names the Local License Server.
uint32_t latchkey_checkout_feature(const struct latchkey_licence *licence,
                                   uint32_t feature,
                                   uint64_t count,
                                   struct latchkey_error **error);

// Would give elements of a pool back; fails like `latchkey_checkout_feature`.
uint32_t latchkey_return_feature(const struct latchkey_licence *licence,
                                 uint32_t feature,
                                 uint64_t count,
                                 struct latchkey_error **error);

// Knows where the product's licence is. Nothing is read yet.
uint32_t latchkey_open(const struct latchkey_product *product,
                       struct latchkey_licence **licence,
                       struct latchkey_error **error);

// The same with the licence in a file of its own (a path in UTF-8): for tests of the product. Where the product's store
// policy forbids files it fails.
uint32_t latchkey_open_file(const struct latchkey_product *product,
                            const char *file,
                            struct latchkey_licence **licence,
                            struct latchkey_error **error);

// Closes it. NULL is fine, and so is a licence that was closed before. No callback of it begins any more; when this
// returns, none runs any more on another thread, also when it is another thread that closes it just now. Calls that
// other threads are in the middle of are done as usual.
//
// A callback may close any licence. It doesn't wait for itself; and if it closes another licence whose callback waits for
// this one in turn (A's callback closes B while B's callback closes A), the second of the two returns at once, and what
// the first one's callback uses has to live until that returns.
void latchkey_close(struct latchkey_licence *licence);

// Chooses the language of its sentences by a tag like "de" or "de-AT"; without it the environment does. English where a
// language isn't spoken.
uint32_t latchkey_set_language(const struct latchkey_licence *licence,
                               const char *tag,
                               struct latchkey_error **error);

// Says that a person without a keyring wants the licence to be kept in a file, from the next request on. Where the
// product's store policy forbids files it fails.
uint32_t latchkey_keep_in_file(const struct latchkey_licence *licence,
                               struct latchkey_error **error);

// Asks how it stands: verifies the vendor's signatures with the compiled-in keys. There is always a verdict, unless an
// argument is wrong; a keyring is waited for at most ten seconds. Give the verdict back with `latchkey_verdict_free`.
uint32_t latchkey_check(const struct latchkey_licence *licence,
                        struct latchkey_verdict **verdict,
                        struct latchkey_error **error);

// What the last check said, without looking at anything, and how many nanoseconds ago that was. Fails with
// `LATCHKEY_E_SDK_NOT_CHECKED` before the first check. Takes less than a microsecond.
uint32_t latchkey_last_verdict(const struct latchkey_licence *licence,
                               struct latchkey_verdict **verdict,
                               uint64_t *age,
                               struct latchkey_error **error);

// Says whether an activation code looks mistyped, so that the person can compare it before the way to the portal: the
// code is like a generated one, and its check shows a slip. The error says where. A request can be made with the code all
// the same, because a vendor's own code may look like that as well.
uint32_t latchkey_compare_activation_code(const struct latchkey_licence *licence,
                                          const char *code,
                                          struct latchkey_error **error);

// Makes a request token, which the person takes to the licence portal. It can be made again any number of times until a
// response has been applied. The seat name may be NULL. Give the token back with `latchkey_string_free`.
uint32_t latchkey_generate_offline_activation_request_token(const struct latchkey_licence *licence,
                                                            const char *code,
                                                            const char *seat_name,
                                                            char **token,
                                                            struct latchkey_error **error);

// The newest request that waits for its response, to show it again; NULL when there is none. Give it back with
// `latchkey_string_free`.
uint32_t latchkey_pending_request_token(const struct latchkey_licence *licence,
                                        char **token,
                                        struct latchkey_error **error);

// Applies the response token in a text, whatever else the text holds. Success means that the stored licence was read
// back and verified.
uint32_t latchkey_activate_offline(const struct latchkey_licence *licence,
                                   const char *response,
                                   struct latchkey_error **error);

// Applies the refresh token in a text, which prolongs the lease.
uint32_t latchkey_refresh_lease_offline(const struct latchkey_licence *licence,
                                        const char *refresh,
                                        struct latchkey_error **error);

// Gives the seat back: the licence is gone in the same instant. The token is to be taken to the licence portal; it stays
// among the undelivered ones until `latchkey_confirm_delivered`. Give it back with `latchkey_string_free`.
uint32_t latchkey_deactivate_offline(const struct latchkey_licence *licence,
                                     char **token,
                                     struct latchkey_error **error);

// A deactivation that hasn't been confirmed as delivered, the oldest first (0): its id and its token, both to be given
// back with `latchkey_string_free`. Both are NULL from the first index on that there isn't.
uint32_t latchkey_undelivered_deactivation(const struct latchkey_licence *licence,
                                           size_t index,
                                           char **id,
                                           char **token,
                                           struct latchkey_error **error);

// The person says that the licence portal has this deactivation: it isn't kept any longer.
uint32_t latchkey_confirm_delivered(const struct latchkey_licence *licence,
                                    const char *id,
                                    struct latchkey_error **error);

// Which verdict it is: `LATCHKEY_ACTIVE` and so on. 0 for NULL.
uint32_t latchkey_verdict_kind(const struct latchkey_verdict *verdict);

// Whether the product may run. False for NULL.
bool latchkey_verdict_may_run(const struct latchkey_verdict *verdict);

// The number of the verdict's sentence: one of the `LATCHKEY_E_…` below; for `LATCHKEY_STORE_UNAVAILABLE` and
// `LATCHKEY_TAMPERED` that of what is wrong with the store. 0 for NULL.
uint32_t latchkey_verdict_number(const struct latchkey_verdict *verdict);

// The stable name of that number, such as "verdict.expired".
const char *latchkey_verdict_name(const struct latchkey_verdict *verdict);

// How it stands, as a sentence for the person (UTF-8).
const char *latchkey_verdict_message(const struct latchkey_verdict *verdict);

// What the person can do next (UTF-8).
const char *latchkey_verdict_action(const struct latchkey_verdict *verdict);

// Why to open the wizard after this verdict: `LATCHKEY_REASON_…`.
uint32_t latchkey_verdict_reason(const struct latchkey_verdict *verdict);

// The seat's id, 16 hex digits; empty without a licence.
const char *latchkey_verdict_seat(const struct latchkey_verdict *verdict);

// The seat's name (UTF-8); may be empty.
const char *latchkey_verdict_seat_name(const struct latchkey_verdict *verdict);

// When the lease ends, in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
int64_t latchkey_verdict_lease_expiry(const struct latchkey_verdict *verdict);

// When the product stops, grace included, in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
int64_t latchkey_verdict_runs_until(const struct latchkey_verdict *verdict);

// When the subscription ends, in seconds since 1970-01-01T00:00:00Z; 0 where there is none.
int64_t latchkey_verdict_subscription_end(const struct latchkey_verdict *verdict);

// The time that all of this was judged by, in seconds since 1970-01-01T00:00:00Z: the later of the computer's clock
// and of what is remembered of the time; 0 without a licence.
int64_t latchkey_verdict_effective_now(const struct latchkey_verdict *verdict);

// Days until the lease ends, as a person counts them: 30 on the first day of a lease of thirty days, 1 within its last
// 24 hours, 0 once it is over.
uint32_t latchkey_verdict_days_left(const struct latchkey_verdict *verdict);

// Days until the product stops, grace included, counted in the same way.
uint32_t latchkey_verdict_days_until_stop(const struct latchkey_verdict *verdict);

// Whether the product may run and the licence includes this feature, by its constant in the kit.
bool latchkey_verdict_has_feature(const struct latchkey_verdict *verdict, uint32_t feature);

// How many elements or uses the licence includes of a feature, if the product may run; 0 otherwise.
uint64_t latchkey_verdict_limit(const struct latchkey_verdict *verdict, uint32_t feature);

// The value of an attribute (UTF-8), or NULL.
const char *latchkey_verdict_attribute(const struct latchkey_verdict *verdict, const char *key);

// The key of an attribute by its index, or NULL from the first index on that there isn't.
const char *latchkey_verdict_attribute_key(const struct latchkey_verdict *verdict, size_t index);

// The name of a hardware trait that has changed ("system-disk"), or NULL from the first index on that there isn't.
const char *latchkey_verdict_changed_trait(const struct latchkey_verdict *verdict,
                                           size_t index);

// Gives a verdict back, and its strings with it. NULL is fine, and one that a callback was called with stays as it is.
void latchkey_verdict_free(struct latchkey_verdict *verdict);

// Opens the wizard in a folder (UTF-8), or, for NULL, the one beside this program; else the one on the search path.
// It begins where the reason (`LATCHKEY_REASON_…`) is put right; `latchkey_verdict_reason` says what a verdict needs.
// Doesn't wait for it.
uint32_t latchkey_open_wizard(const char *folder,
                              uint32_t reason,
                              struct latchkey_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LATCHKEY_H */

/* The numbers of errors and verdicts. docs/errors.md says what each of them means and what to do. */
#define LATCHKEY_E_TEXT_TOO_LARGE 1001
#define LATCHKEY_E_TEXT_TOO_MANY_TOKENS 1002
#define LATCHKEY_E_TOKEN_NONE_FOUND 1003
#define LATCHKEY_E_TOKEN_NO_BEGINNING 1004
#define LATCHKEY_E_TOKEN_RUN_TOGETHER 1009
#define LATCHKEY_E_TOKEN_BEGINNING_DAMAGED 1010
#define LATCHKEY_E_TOKEN_LENGTH 1011
#define LATCHKEY_E_TOKEN_DAMAGED 1012
#define LATCHKEY_E_TOKEN_TRUNCATED 1013
#define LATCHKEY_E_TOKEN_DIGEST 1014
#define LATCHKEY_E_TOKEN_SYMBOLS_MISSING 1015
#define LATCHKEY_E_TOKEN_SYMBOLS_ADDED 1016
#define LATCHKEY_E_TOKEN_ROWS_MISSING 1017
#define LATCHKEY_E_TOKEN_DAMAGED_AND_MISSING 1018
#define LATCHKEY_E_TOKEN_FRAMES_MISSING 1019
#define LATCHKEY_E_TOKEN_SUITE 1020
#define LATCHKEY_E_TOKEN_TYPE 1021
#define LATCHKEY_E_TOKEN_PREFIX_MISMATCH 1022
#define LATCHKEY_E_TOKEN_WRONG_KIND 1030
#define LATCHKEY_E_TOKEN_OTHER_RECIPIENT 1031
#define LATCHKEY_E_TOKEN_DECRYPTION 1032
#define LATCHKEY_E_TOKEN_ENCODING 1033
#define LATCHKEY_E_TOKEN_FIELD 1034
#define LATCHKEY_E_TOKEN_CRITICAL_FIELD 1035
#define LATCHKEY_E_TOKEN_UNKNOWN_SIGNER 1036
#define LATCHKEY_E_TOKEN_WEAK_KEY 1037
#define LATCHKEY_E_TOKEN_SIGNATURE 1038
#define LATCHKEY_E_TOKEN_TOO_LONG 1040
#define LATCHKEY_E_TOKEN_ENCRYPTION 1041
#define LATCHKEY_E_TEXT_TOO_MUCH_WORK 1042
#define LATCHKEY_E_TEXT_EMPTY 1043
#define LATCHKEY_E_TEXT_PICTURE 1044
#define LATCHKEY_E_TEXT_ARCHIVE 1045
#define LATCHKEY_E_TEXT_DOCUMENT 1046
#define LATCHKEY_E_TEXT_PROGRAM 1047
#define LATCHKEY_E_TEXT_BINARY 1048
#define LATCHKEY_E_TEXT_PICTURE_PARTS 1049
#define LATCHKEY_E_TEXT_ENCRYPTED 1050
#define LATCHKEY_E_TEXT_ATTACHED 1051
#define LATCHKEY_E_TEXT_OTHER_CODE 1052
#define LATCHKEY_E_TEXT_CODE_INSTEAD 1053
#define LATCHKEY_E_TEXT_CODE_PARTS 1054
#define LATCHKEY_E_ACTIVATION_CODE_EMPTY 1101
#define LATCHKEY_E_ACTIVATION_CODE_TOO_LONG 1102
#define LATCHKEY_E_ACTIVATION_CODE_SYMBOL 1103
#define LATCHKEY_E_ACTIVATION_CODE_UNCLEAR 1104
#define LATCHKEY_E_ACTIVATION_CODE_GROUPS 1105
#define LATCHKEY_E_ACTIVATION_CODE_MISSING 1106
#define LATCHKEY_E_ACTIVATION_CODE_ADDED 1107
#define LATCHKEY_E_ACTIVATION_CODE_SENTENCE 1108
#define LATCHKEY_E_ACTIVATION_CODE_BEGINS_LIKE_TOKEN 1109
#define LATCHKEY_E_ACTIVATION_CODE_TOKEN 1110
#define LATCHKEY_E_SEAT_NAME_TOO_LONG 1111
#define LATCHKEY_E_SEAT_NAME_CONTROL 1112
#define LATCHKEY_E_SYSTEM_RANDOMNESS 1201
#define LATCHKEY_E_KEY_MALFORMED 1211
#define LATCHKEY_E_KEY_WEAK 1212
#define LATCHKEY_E_KEY_SIGNATURE 1213
#define LATCHKEY_E_ID_NOT_HEX 1221
#define LATCHKEY_E_INTERVAL_MALFORMED 2001
#define LATCHKEY_E_INTERVAL_OUT_OF_RANGE 2002
#define LATCHKEY_E_INTERVAL_CALENDAR 2003
#define LATCHKEY_E_LEASE_ALTERED 2010
#define LATCHKEY_E_LEASE_OTHER_SEAT 2011
#define LATCHKEY_E_LEASE_TRAITS_ALTERED 2012
#define LATCHKEY_E_LEASE_ACTIVE 3001
#define LATCHKEY_E_LEASE_NOT_ACTIVATED 3002
#define LATCHKEY_E_LEASE_ALREADY_OVER 3003
#define LATCHKEY_E_LEASE_NOTHING_TO_RENEW 3004
#define LATCHKEY_E_RESPONSE_NOT_PENDING 3010
#define LATCHKEY_E_RESPONSE_OLDER 3011
#define LATCHKEY_E_REFRESH_OLDER 3020
#define LATCHKEY_E_REFRESH_OTHER_SEAT 3021
#define LATCHKEY_E_REFRESH_NOT_ACTIVATED 3022
#define LATCHKEY_E_TOKEN_OTHER_COMPUTER 3030
#define LATCHKEY_E_TOKEN_OTHER_PRODUCT 3031
#define LATCHKEY_E_TOKEN_OTHER_VENDOR 3032
#define LATCHKEY_E_OUTBOX_FULL 3040
#define LATCHKEY_E_OUTBOX_NO_SUCH_ENTRY 3041
#define LATCHKEY_E_STORE_NO_SESSION 3101
#define LATCHKEY_E_STORE_NO_SERVICE 3102
#define LATCHKEY_E_STORE_NOT_INITIALISED 3103
#define LATCHKEY_E_STORE_LOCKED 3104
#define LATCHKEY_E_STORE_DENIED 3105
#define LATCHKEY_E_STORE_TOO_LARGE 3106
#define LATCHKEY_E_STORE_KEYRING 3107
#define LATCHKEY_E_STORE_UNSUPPORTED 3108
#define LATCHKEY_E_STORE_SESSION_ONLY 3109
#define LATCHKEY_E_STORE_NO_ANSWER 3110
#define LATCHKEY_E_STORE_FILE_FORBIDDEN 3120
#define LATCHKEY_E_STORE_NO_FOLDER 3121
#define LATCHKEY_E_STORE_NO_MACHINE_ID 3122
#define LATCHKEY_E_STORE_OTHER_MACHINE 3123
#define LATCHKEY_E_STORE_READ_ONLY 3124
#define LATCHKEY_E_STORE_FULL 3125
#define LATCHKEY_E_STORE_PERMISSION 3126
#define LATCHKEY_E_STORE_FILE 3127
#define LATCHKEY_E_STORE_NO_KEY 3128
#define LATCHKEY_E_STORE_LINK 3129
#define LATCHKEY_E_STORE_OTHER_OWNER 3130
#define LATCHKEY_E_STORE_OPEN_TO_OTHERS 3131
#define LATCHKEY_E_STORE_DAMAGED 3140
#define LATCHKEY_E_STORE_NEWER 3141
#define LATCHKEY_E_STORE_OTHER_PRODUCT 3142
#define LATCHKEY_E_STORE_BUSY 3143
#define LATCHKEY_E_STORE_NOT_READ_BACK 3144
#define LATCHKEY_E_STORE_EMPTY 3145
#define LATCHKEY_E_CONFIG_NOT_FOUND 4001
#define LATCHKEY_E_CONFIG_NOT_READ 4002
#define LATCHKEY_E_CONFIG_TOO_LARGE 4003
#define LATCHKEY_E_CONFIG_NOT_TEXT 4004
#define LATCHKEY_E_CONFIG_SYNTAX 4010
#define LATCHKEY_E_CONFIG_UNKNOWN_FIELD 4011
#define LATCHKEY_E_CONFIG_MISSING_FIELD 4012
#define LATCHKEY_E_CONFIG_VALUE 4013
#define LATCHKEY_E_CONFIG_FORMAT 4014
#define LATCHKEY_E_CONFIG_CONFLICT 4015
#define LATCHKEY_E_CONFIG_NO_VENDOR_KEY 4016
#define LATCHKEY_E_VERDICT_ACTIVE 7001
#define LATCHKEY_E_VERDICT_IN_GRACE 7002
#define LATCHKEY_E_VERDICT_EXPIRED 7003
#define LATCHKEY_E_VERDICT_NOT_ACTIVATED 7004
#define LATCHKEY_E_VERDICT_CLOCK_BEHIND 7005
#define LATCHKEY_E_VERDICT_CLOCK_AHEAD 7006
#define LATCHKEY_E_VERDICT_HARDWARE_CHANGED 7007
#define LATCHKEY_E_VERDICT_OTHER_HARDWARE 7008
#define LATCHKEY_E_VERDICT_OVER_BY_CLOCK 7009
#define LATCHKEY_E_VERDICT_OTHER_COMPUTER 7011
#define LATCHKEY_E_VERDICT_HARDWARE_UNRECORDED 7012
#define LATCHKEY_E_SDK_NO_KEY 7101
#define LATCHKEY_E_SDK_NO_WIZARD 7102
#define LATCHKEY_E_SDK_WIZARD_FAILED 7103
#define LATCHKEY_E_SDK_ARGUMENT 7110
#define LATCHKEY_E_SDK_INTERNAL 7111
#define LATCHKEY_E_SDK_NOT_CHECKED 7112
#define LATCHKEY_E_FEATURE_OFFLINE 7201
#define LATCHKEY_E_FEATURE_NOT_INCLUDED 7202
