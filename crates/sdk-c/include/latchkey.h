/* Latchkey: may this product run?
 *
 * Generated from the sources by `cargo xtask docs`. Don't edit.
 *
 * Threads: every function may be called from any thread.
 *
 * Strings: all strings are UTF-8 and end with a NUL. A `const char *` that a function returns
 * belongs to the handle it was read from. A `char *` that is stored through a parameter belongs to
 * the caller, who frees it with `latchkey_string_free`.
 *
 * Errors: a function that can fail returns a `latchkey_result`, which is LATCHKEY_OK or the number
 * of an error. Its last parameter, `error`, may be NULL. Otherwise `*error` is set to NULL on
 * success and to a new error on failure, which the caller frees with `latchkey_error_free`. The
 * number of an error is never reused for another one. Each function lists its most common errors;
 * any of them may also fail with LATCHKEY_E_SDK_ARGUMENT or LATCHKEY_E_SDK_INTERNAL.
 *
 * Forks: the process may fork at any time, even in a callback. The child may use the licences that
 * it inherits or open its own. Background checks, and callbacks that another thread was about to
 * run, stay with the parent. Once a process has read the keyring of a Linux desktop, checks in its
 * children that need the keyring fail with LATCHKEY_E_STORE_FORKED.
 */

#ifndef LATCHKEY_H
#define LATCHKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version of this header. `latchkey_version` returns that of the library. */
#define LATCHKEY_VERSION "0.1.0"
#define LATCHKEY_VERSION_MAJOR 0
#define LATCHKEY_VERSION_MINOR 1
#define LATCHKEY_VERSION_PATCH 0

/* The numbers of errors and verdicts. docs/errors.md explains what each of them means
 * and what to do about it. */
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
#define LATCHKEY_E_TEXT_CODES_UNREAD 1055
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
#define LATCHKEY_E_ACTIVATION_CODE_PLACEHOLDER 1113
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
#define LATCHKEY_E_STORE_FORKED 3111
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
#define LATCHKEY_E_STORE_WINDOWS_PATH 3132
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
#define LATCHKEY_E_CONFIG_OTHER_FILE 4005
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

/**
 * Each user of the computer has a licence of their own.
 */
#define LATCHKEY_SCOPE_USER 0

/**
 * All users of the computer share one licence.
 */
#define LATCHKEY_SCOPE_MACHINE 1

/**
 * The licence is stored in the keyring. A user without a keyring may choose a file.
 */
#define LATCHKEY_STORE_KEYRING 0

/**
 * The licence is stored in a file.
 */
#define LATCHKEY_STORE_FILE 1

/**
 * The licence is stored in the keyring and nowhere else.
 */
#define LATCHKEY_STORE_KEYRING_ONLY 2

/**
 * The lease is valid.
 */
#define LATCHKEY_ACTIVE 1

/**
 * The lease has expired, but its grace period hasn't: the product may run.
 */
#define LATCHKEY_IN_GRACE 2

/**
 * The lease and its grace period have expired.
 */
#define LATCHKEY_EXPIRED 3

/**
 * There is no licence on this computer.
 */
#define LATCHKEY_NOT_ACTIVATED 4

/**
 * The computer's clock contradicts what is known about the time. Whether the product may run is
 * decided by the later of the two times; see `latchkey_verdict_may_run`.
 */
#define LATCHKEY_CLOCK_SUSPECT 5

/**
 * The computer's hardware has changed too much since the licence was granted.
 */
#define LATCHKEY_HARDWARE_CHANGED 6

/**
 * The store that holds the licence can't be used.
 */
#define LATCHKEY_STORE_UNAVAILABLE 7

/**
 * The stored licence is damaged, or wasn't issued by the vendor for this computer.
 */
#define LATCHKEY_TAMPERED 8

/**
 * The user wants to see the licence.
 */
#define LATCHKEY_REASON_ASKED 0

/**
 * There is no licence, or a new one has to be requested.
 */
#define LATCHKEY_REASON_ACTIVATE 1

/**
 * The lease has expired or is about to.
 */
#define LATCHKEY_REASON_REFRESH 2

/**
 * The user wants to release the seat.
 */
#define LATCHKEY_REASON_DEACTIVATE 3

/**
 * Why a call failed. Free it with `latchkey_error_free`.
 */
typedef struct latchkey_error latchkey_error;

/**
 * A product's view of its licence. Open it once and keep it; any number of threads may use it at
 * the same time. Close it with `latchkey_close`.
 *
 * It is a number in the guise of a pointer, and no number is used twice: every function that gets
 * a closed licence fails with `LATCHKEY_E_SDK_ARGUMENT`, and closing it again does nothing.
 */
typedef struct latchkey_licence latchkey_licence;

/**
 * The result of a check. Free it with `latchkey_verdict_free`. Any number of threads may read it
 * at the same time.
 */
typedef struct latchkey_verdict latchkey_verdict;

/**
 * The result of a call that can fail: `LATCHKEY_OK`, or the number of an error
 * (`LATCHKEY_E_…`).
 */
typedef uint32_t latchkey_result;

/**
 * A function that is called when a check finds a different verdict, or different terms, than the
 * check before it. The verdict belongs to the library and is valid until the function returns.
 */
typedef void (*latchkey_change_callback)(void *user, const struct latchkey_verdict *verdict);

/**
 * A product: the facts that are compiled in and never read from a file.
 */
typedef struct latchkey_product {
  /**
   * `sizeof(latchkey_product)`. Later versions may add fields at the end.
   */
  size_t size;
  /**
   * The vendor's id.
   */
  uint8_t vendor_id[8];
  /**
   * The product's number.
   */
  uint32_t number;
  /**
   * One of `LATCHKEY_SCOPE_…`.
   */
  uint32_t scope;
  /**
   * One of `LATCHKEY_STORE_…`.
   */
  uint32_t store;
  /**
   * The number of keys in `vendor_keys`.
   */
  uint32_t vendor_key_count;
  /**
   * The vendor's public keys, 64 bytes each, the active one first.
   */
  const uint8_t (*vendor_keys)[64];
  /**
   * The vendor's name (UTF-8), for display only. May be NULL.
   */
  const char *vendor_name;
  /**
   * The product's name (UTF-8), for display only. May be NULL.
   */
  const char *name;
} latchkey_product;

/**
 * Success.
 */
#define LATCHKEY_OK 0

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Frees a string that this library returned through a `char **` parameter.
 *
 * Parameters:
 * - `string`: the string. NULL is a no-op.
 *
 * Ownership:
 * Takes the string; it must not be used afterwards.
 */
void latchkey_string_free(char *string);

/**
 * The version of the library that is loaded. `LATCHKEY_VERSION` is that of the header.
 *
 * Returns:
 * The version, such as "0.1.0".
 *
 * Ownership:
 * The string is static. Don't free it.
 */
const char *latchkey_version(void);

/**
 * Registers a callback that runs when a check's verdict differs from the previous one. It stays
 * registered until the licence is closed.
 *
 * The callback runs on the thread that checks, and at most one callback of a licence runs at a
 * time. Changes that are found meanwhile, by another thread or by the callback itself, are
 * reported after it returns, on its thread; of several changes only the last is reported. A
 * callback may check and close its own licence and any other one.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `callback`: the function to call.
 * - `user`: a pointer that is passed to the callback. May be NULL.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open or the callback is NULL.
 *
 * Ownership:
 * `callback` and `user` remain the caller's and must stay valid until `latchkey_close` has
 * returned.
 */
latchkey_result latchkey_on_change(const struct latchkey_licence *licence,
                                   latchkey_change_callback callback,
                                   void *user,
                                   struct latchkey_error **error);

/**
 * Checks in the background at a regular interval, so that callbacks run without a call of
 * `latchkey_check`. It lasts until the licence is closed or this function is called again.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `every`: the interval in seconds. 0 stops the background checks.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open; `LATCHKEY_E_SDK_INTERNAL`
 * if no thread can be started.
 *
 * Ownership:
 * The licence remains the caller's.
 */
latchkey_result latchkey_watch(const struct latchkey_licence *licence,
                               uint32_t every,
                               struct latchkey_error **error);

/**
 * The number of an error.
 *
 * Parameters:
 * - `error`: an error, or NULL.
 *
 * Returns:
 * One of the `LATCHKEY_E_…` constants; `LATCHKEY_OK` for NULL.
 *
 * Ownership:
 * The error remains the caller's.
 */
latchkey_result latchkey_error_number(const struct latchkey_error *error);

/**
 * The stable name of an error, such as "store.locked".
 *
 * Parameters:
 * - `error`: an error, or NULL.
 *
 * Returns:
 * The name; NULL for NULL.
 *
 * Ownership:
 * The string belongs to the error and is valid as long as it is.
 */
const char *latchkey_error_name(const struct latchkey_error *error);

/**
 * What happened, as a sentence for the end user, in the licence's language.
 *
 * Parameters:
 * - `error`: an error, or NULL.
 *
 * Returns:
 * The message (UTF-8); NULL for NULL.
 *
 * Ownership:
 * The string belongs to the error and is valid as long as it is.
 */
const char *latchkey_error_message(const struct latchkey_error *error);

/**
 * What the end user can do next, in the licence's language.
 *
 * Parameters:
 * - `error`: an error, or NULL.
 *
 * Returns:
 * The advice (UTF-8); NULL for NULL.
 *
 * Ownership:
 * The string belongs to the error and is valid as long as it is.
 */
const char *latchkey_error_action(const struct latchkey_error *error);

/**
 * Frees an error and its strings.
 *
 * Parameters:
 * - `error`: the error. NULL is a no-op.
 *
 * Ownership:
 * Takes the error; neither it nor its strings may be used afterwards.
 */
void latchkey_error_free(struct latchkey_error *error);

/**
 * Checks the licence and tells whether the product may run with a feature.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `feature`: the feature's number, a constant of the kit.
 *
 * Returns:
 * Whether the product may run and its licence includes the feature. False if the licence isn't
 * open.
 *
 * Ownership:
 * The licence remains the caller's.
 */
bool latchkey_has_feature(const struct latchkey_licence *licence, uint32_t feature);

/**
 * Checks the licence and returns the limit of a feature.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `feature`: the feature's number, a constant of the kit.
 *
 * Returns:
 * The number of elements or uses that the licence includes. 0 if the product may not run or the
 * licence isn't open.
 *
 * Ownership:
 * The licence remains the caller's.
 */
uint64_t latchkey_limit(const struct latchkey_licence *licence, uint32_t feature);

/**
 * Checks elements out of a pool, or uses up part of a usage count. An offline lease, which is the
 * only kind of lease today, can't do that: it needs a Local License Server, as the error says.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `feature`: the feature's number, a constant of the kit.
 * - `count`: how many elements or uses to check out.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_E_FEATURE_OFFLINE`; before that `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open,
 * the verdict's number if the product may not run, and `LATCHKEY_E_FEATURE_NOT_INCLUDED`.
 *
 * Ownership:
 * The licence remains the caller's.
 */
latchkey_result latchkey_checkout_feature(const struct latchkey_licence *licence,
                                          uint32_t feature,
                                          uint64_t count,
                                          struct latchkey_error **error);

/**
 * Returns elements to a pool. With an offline lease it fails like `latchkey_checkout_feature`.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `feature`: the feature's number, a constant of the kit.
 * - `count`: how many elements to return.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * The errors of `latchkey_checkout_feature`.
 *
 * Ownership:
 * The licence remains the caller's.
 */
latchkey_result latchkey_return_feature(const struct latchkey_licence *licence,
                                        uint32_t feature,
                                        uint64_t count,
                                        struct latchkey_error **error);

/**
 * Opens a product's licence. Nothing is read until the first check.
 *
 * Parameters:
 * - `product`: the product's definition, usually the one from the vendor's kit.
 * - `licence`: where to store the licence.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the definition is invalid;
 * `LATCHKEY_E_SDK_NO_KEY` or a `LATCHKEY_E_KEY_…` if its keys are; a `LATCHKEY_E_STORE_…` if
 * this computer has no place for a licence.
 *
 * Ownership:
 * The caller owns `*licence` and closes it with `latchkey_close`. It is NULL if the call fails.
 * `product` remains the caller's and isn't used after the call.
 */
latchkey_result latchkey_open(const struct latchkey_product *product,
                              struct latchkey_licence **licence,
                              struct latchkey_error **error);

/**
 * Opens a product's licence in a file of its own, which is useful in the product's tests.
 *
 * Parameters:
 * - `product`: the product's definition.
 * - `file`: the path of the file (UTF-8). It doesn't have to exist.
 * - `licence`: where to store the licence.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_STORE_FILE_FORBIDDEN` if the product's store policy forbids files;
 * otherwise the errors of `latchkey_open`.
 *
 * Ownership:
 * As for `latchkey_open`. `file` remains the caller's.
 */
latchkey_result latchkey_open_file(const struct latchkey_product *product,
                                   const char *file,
                                   struct latchkey_licence **licence,
                                   struct latchkey_error **error);

/**
 * Closes the licence handle and frees it. From now on none of its callbacks starts. When this
 * function returns, none of them is running on another thread any more, even if that thread is
 * closing the licence at the same moment. Calls that other threads are in the middle of complete
 * normally.
 *
 * A callback may close any licence. It doesn't wait for itself. If two callbacks close each
 * other's licence (A's callback closes B while B's callback closes A), the second of the two
 * calls returns at once, and the data of the first one's callback must stay valid until that
 * callback returns.
 *
 * Parameters:
 * - `licence`: the licence. NULL and a licence that is closed already are no-ops.
 *
 * Ownership:
 * Takes the licence. Verdicts that were returned for it stay valid.
 */
void latchkey_close(struct latchkey_licence *licence);

/**
 * Sets the language of a licence's messages. By default the environment decides.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `tag`: a language tag such as "de" or "de-AT". An unsupported language means English.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open or the tag isn't a string.
 *
 * Ownership:
 * `tag` remains the caller's.
 */
latchkey_result latchkey_set_language(const struct latchkey_licence *licence,
                                      const char *tag,
                                      struct latchkey_error **error);

/**
 * Stores the licence in a file instead of the keyring, starting with the next request. Call it
 * when a user who has no keyring agrees to it.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_STORE_FILE_FORBIDDEN` if the product's store policy forbids files;
 * `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
 *
 * Ownership:
 * The licence remains the caller's.
 */
latchkey_result latchkey_keep_in_file(const struct latchkey_licence *licence,
                                      struct latchkey_error **error);

/**
 * Checks the licence and returns a verdict. The vendor's signatures are verified with the keys
 * that are compiled in. There is always a verdict unless an argument is invalid. A keyring is
 * waited for at most ten seconds.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `verdict`: where to store the verdict.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`, whatever the verdict is; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open or
 * `verdict` is NULL.
 *
 * Ownership:
 * The caller owns `*verdict` and frees it with `latchkey_verdict_free`. It is NULL if the call
 * fails.
 */
latchkey_result latchkey_check(const struct latchkey_licence *licence,
                               struct latchkey_verdict **verdict,
                               struct latchkey_error **error);

/**
 * Returns the verdict of the last check without checking again. It takes less than a
 * microsecond.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `verdict`: where to store the verdict.
 * - `age`: where to store the verdict's age in nanoseconds, or NULL.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_SDK_NOT_CHECKED` before the first check; `LATCHKEY_E_SDK_ARGUMENT`
 * if the licence isn't open or `verdict` is NULL.
 *
 * Ownership:
 * The caller owns `*verdict` and frees it with `latchkey_verdict_free`. It is NULL if the call
 * fails.
 */
latchkey_result latchkey_last_verdict(const struct latchkey_licence *licence,
                                      struct latchkey_verdict **verdict,
                                      uint64_t *age,
                                      struct latchkey_error **error);

/**
 * Checks an activation code for typing errors, so that the user can compare it before they go to
 * the portal. A request can be made with a doubtful code all the same, because a vendor may have
 * chosen a code that looks mistyped.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `code`: the activation code as the user typed it (UTF-8).
 * - `error`: where to store the error, or NULL. Its message names the doubtful part of the code.
 *
 * Returns:
 * `LATCHKEY_OK`; a `LATCHKEY_E_ACTIVATION_CODE_…` if the code looks mistyped or isn't an
 * activation code; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
 *
 * Ownership:
 * `code` remains the caller's.
 */
latchkey_result latchkey_compare_activation_code(const struct latchkey_licence *licence,
                                                 const char *code,
                                                 struct latchkey_error **error);

/**
 * Makes a request token, which the user takes to the licence portal. It can be made any number of
 * times until a response has been applied.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `code`: the activation code (UTF-8).
 * - `seat_name`: a name for the seat (UTF-8), or NULL.
 * - `token`: where to store the token.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_LEASE_ACTIVE` while the licence is active; a
 * `LATCHKEY_E_ACTIVATION_CODE_…` or `LATCHKEY_E_SEAT_NAME_…` if an argument isn't accepted; a
 * `LATCHKEY_E_STORE_…` if the request can't be stored.
 *
 * Ownership:
 * The caller owns `*token` and frees it with `latchkey_string_free`. It is NULL if the call
 * fails.
 */
latchkey_result latchkey_generate_offline_activation_request_token(const struct latchkey_licence *licence,
                                                                   const char *code,
                                                                   const char *seat_name,
                                                                   char **token,
                                                                   struct latchkey_error **error);

/**
 * Returns the newest request token that still waits for its response, to show it again.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `token`: where to store the token.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`, even if no request is pending; a `LATCHKEY_E_STORE_…` if the store can't be
 * read; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
 *
 * Ownership:
 * The caller owns `*token` and frees it with `latchkey_string_free`. It is NULL if no request is
 * pending or the call fails.
 */
latchkey_result latchkey_pending_request_token(const struct latchkey_licence *licence,
                                               char **token,
                                               struct latchkey_error **error);

/**
 * Applies a response token. Success means that the stored licence was read back and verified.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `response`: a text that contains the response token (UTF-8). Other text around it is ignored.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; a `LATCHKEY_E_TEXT_…`, `LATCHKEY_E_TOKEN_…` or `LATCHKEY_E_RESPONSE_…` if the
 * text has no token that can be applied; a `LATCHKEY_E_STORE_…` if the licence can't be stored.
 * Nothing has changed if the call fails.
 *
 * Ownership:
 * `response` remains the caller's.
 */
latchkey_result latchkey_activate_offline(const struct latchkey_licence *licence,
                                          const char *response,
                                          struct latchkey_error **error);

/**
 * Applies a refresh token, which extends the lease.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `refresh`: a text that contains the refresh token (UTF-8). Other text around it is ignored.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; a `LATCHKEY_E_REFRESH_…` if the token is older or for another seat; otherwise
 * the errors of `latchkey_activate_offline`.
 *
 * Ownership:
 * `refresh` remains the caller's.
 */
latchkey_result latchkey_refresh_lease_offline(const struct latchkey_licence *licence,
                                               const char *refresh,
                                               struct latchkey_error **error);

/**
 * Releases the seat. The licence is removed from this computer at once, and the user takes the
 * deactivation token to the licence portal. The token is kept as an undelivered deactivation until
 * `latchkey_confirm_delivered` is called.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `token`: where to store the deactivation token.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_LEASE_NOT_ACTIVATED` if there is no licence; a `LATCHKEY_E_STORE_…`
 * if the store can't be written.
 *
 * Ownership:
 * The caller owns `*token` and frees it with `latchkey_string_free`. It is NULL if the call
 * fails.
 */
latchkey_result latchkey_deactivate_offline(const struct latchkey_licence *licence,
                                            char **token,
                                            struct latchkey_error **error);

/**
 * Returns one of the deactivations that haven't been confirmed as delivered. To list them all,
 * count the index up from 0, the oldest one, until `*id` is NULL.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `index`: the index of the deactivation.
 * - `id`: where to store its id, which `latchkey_confirm_delivered` takes.
 * - `token`: where to store its token.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`, even if the index is out of range; a `LATCHKEY_E_STORE_…` if the store can't be
 * read; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
 *
 * Ownership:
 * The caller owns `*id` and `*token` and frees both with `latchkey_string_free`. They are NULL if
 * the index is out of range or the call fails.
 */
latchkey_result latchkey_undelivered_deactivation(const struct latchkey_licence *licence,
                                                  size_t index,
                                                  char **id,
                                                  char **token,
                                                  struct latchkey_error **error);

/**
 * Records that the licence portal has received a deactivation, which isn't kept any longer. Call
 * it when the user confirms it.
 *
 * Parameters:
 * - `licence`: an open licence.
 * - `id`: the deactivation's id, from `latchkey_undelivered_deactivation`.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_OUTBOX_NO_SUCH_ENTRY` if no deactivation has this id; a
 * `LATCHKEY_E_STORE_…` if the store can't be written.
 *
 * Ownership:
 * `id` remains the caller's.
 */
latchkey_result latchkey_confirm_delivered(const struct latchkey_licence *licence,
                                           const char *id,
                                           struct latchkey_error **error);

/**
 * Which verdict it is.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * `LATCHKEY_ACTIVE` or another one of those constants; 0 for NULL.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
uint32_t latchkey_verdict_kind(const struct latchkey_verdict *verdict);

/**
 * Whether the product may run. Decide by this function, not by the kind of verdict.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * Whether the product may run; false for NULL.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
bool latchkey_verdict_may_run(const struct latchkey_verdict *verdict);

/**
 * The number of the verdict's message.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * One of the `LATCHKEY_E_…` constants; for `LATCHKEY_STORE_UNAVAILABLE` and `LATCHKEY_TAMPERED`
 * that of the error that caused it; 0 for NULL.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
uint32_t latchkey_verdict_number(const struct latchkey_verdict *verdict);

/**
 * The stable name of the number that `latchkey_verdict_number` returns.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The name, such as "verdict.expired"; NULL for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is.
 */
const char *latchkey_verdict_name(const struct latchkey_verdict *verdict);

/**
 * The licence's status, as a sentence for the end user, in the licence's language.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The message (UTF-8); NULL for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is.
 */
const char *latchkey_verdict_message(const struct latchkey_verdict *verdict);

/**
 * What the end user can do next, in the licence's language.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The advice (UTF-8); NULL for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is.
 */
const char *latchkey_verdict_action(const struct latchkey_verdict *verdict);

/**
 * The reason to pass to `latchkey_open_wizard` after this verdict.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * One of `LATCHKEY_REASON_…`; `LATCHKEY_REASON_ASKED` for NULL.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
uint32_t latchkey_verdict_reason(const struct latchkey_verdict *verdict);

/**
 * The id of the seat.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * 16 hex digits; an empty string without a licence; NULL for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is.
 */
const char *latchkey_verdict_seat(const struct latchkey_verdict *verdict);

/**
 * The name of the seat.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The name (UTF-8), which may be empty; NULL for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is.
 */
const char *latchkey_verdict_seat_name(const struct latchkey_verdict *verdict);

/**
 * When the lease expires.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The time in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
int64_t latchkey_verdict_lease_expiry(const struct latchkey_verdict *verdict);

/**
 * Until when the product may run, grace included.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The time in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
int64_t latchkey_verdict_runs_until(const struct latchkey_verdict *verdict);

/**
 * When the subscription ends.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The time in seconds since 1970-01-01T00:00:00Z; 0 if the licence has no subscription end or
 * there is no licence.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
int64_t latchkey_verdict_subscription_end(const struct latchkey_verdict *verdict);

/**
 * The time that the verdict is based on: the later of the computer's clock and the latest time
 * that is known to have passed.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The time in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
int64_t latchkey_verdict_effective_now(const struct latchkey_verdict *verdict);

/**
 * The days until the lease expires, as people count them.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * 30 on the first day of a lease of thirty days, 1 within its last 24 hours, 0 once it has
 * expired; 0 without a licence.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
uint32_t latchkey_verdict_days_left(const struct latchkey_verdict *verdict);

/**
 * The days until the product may no longer run, grace included.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 *
 * Returns:
 * The days, counted as by `latchkey_verdict_days_left`; 0 without a licence.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
uint32_t latchkey_verdict_days_until_stop(const struct latchkey_verdict *verdict);

/**
 * Whether the product may run with a feature.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 * - `feature`: the feature's number, a constant of the kit.
 *
 * Returns:
 * Whether the product may run and its licence includes the feature; false for NULL.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
bool latchkey_verdict_has_feature(const struct latchkey_verdict *verdict, uint32_t feature);

/**
 * The limit of a feature.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 * - `feature`: the feature's number, a constant of the kit.
 *
 * Returns:
 * The number of elements or uses that the licence includes; 0 if the product may not run, and for
 * NULL.
 *
 * Ownership:
 * The verdict remains the caller's.
 */
uint64_t latchkey_verdict_limit(const struct latchkey_verdict *verdict, uint32_t feature);

/**
 * The value of an attribute of the licence.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 * - `key`: the attribute's key (UTF-8).
 *
 * Returns:
 * The value (UTF-8); NULL if the licence has no such attribute, and for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is. `key` remains the caller's.
 */
const char *latchkey_verdict_attribute(const struct latchkey_verdict *verdict, const char *key);

/**
 * The key of one of the licence's attributes. To list them all, count the index up from 0.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 * - `index`: the index of the attribute, counted from 0.
 *
 * Returns:
 * The key (UTF-8); NULL if the index is out of range, and for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is.
 */
const char *latchkey_verdict_attribute_key(const struct latchkey_verdict *verdict, size_t index);

/**
 * The name of one of the hardware traits that have changed. To list them all, count the index up
 * from 0.
 *
 * Parameters:
 * - `verdict`: a verdict, or NULL.
 * - `index`: the index of the trait, counted from 0.
 *
 * Returns:
 * The name, such as "system-disk"; NULL if the index is out of range, and for NULL.
 *
 * Ownership:
 * The string belongs to the verdict and is valid as long as it is.
 */
const char *latchkey_verdict_changed_trait(const struct latchkey_verdict *verdict, size_t index);

/**
 * Frees a verdict and its strings.
 *
 * Parameters:
 * - `verdict`: the verdict. NULL is a no-op, and so is a verdict that was passed to a callback.
 *
 * Ownership:
 * Takes the verdict; neither it nor its strings may be used afterwards.
 */
void latchkey_verdict_free(struct latchkey_verdict *verdict);

/**
 * Starts the wizard and returns without waiting for it.
 *
 * Parameters:
 * - `folder`: the path of the wizard's program, or of the folder with `latchkey-wizard` in it
 *   (UTF-8), or NULL for this program's own folder. The search path isn't used.
 * - `reason`: `LATCHKEY_REASON_…`, which decides the screen that the wizard starts with.
 *   `latchkey_verdict_reason` returns the reason that fits a verdict.
 * - `error`: where to store the error, or NULL.
 *
 * Returns:
 * `LATCHKEY_OK`; `LATCHKEY_E_SDK_NO_WIZARD` if the wizard isn't found;
 * `LATCHKEY_E_SDK_WIZARD_FAILED` if it can't be started; `LATCHKEY_E_SDK_ARGUMENT` if the reason
 * is unknown.
 *
 * Ownership:
 * `folder` remains the caller's.
 */
latchkey_result latchkey_open_wizard(const char *folder,
                                     uint32_t reason,
                                     struct latchkey_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LATCHKEY_H */
